"""Fetches a model from its hub, and prints how far it is. What it leaves out, vLLM fetches itself.

    python hub_snapshot.py huggingface|modelscope ID [REVISION]

A script for vLLM's Python, which has the hubs' own libraries; `launch` takes from it only what a
model's weights are. It fails only where vLLM would too: no such model, no access, no space. All
else is left to vLLM.
"""

import shutil
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

INTERVAL = 1.0  # seconds between lines
RESERVE_GB = 1.0  # left free on the disk


class TooLarge(Exception):
    """The model does not fit on the disk."""


def weights(names: Iterable[str]) -> list[str]:
    """The files of weights that vLLM loads: one format of them."""
    top = [name for name in names if "/" not in name]
    safe = [name for name in top if name.endswith(".safetensors")]
    split = [name for name in safe if not name.startswith("consolidated")]  # the same weights twice
    return split or safe or [name for name in top if name.endswith(".bin")]


def wanted(names: Iterable[str]) -> list[str]:
    """The files that vLLM loads: the weights, and the small files beside them."""
    listed = list(names)
    small = (".json", ".txt", ".model", ".jinja", ".py", ".tiktoken")
    beside = [name for name in listed if "/" not in name and name.endswith(small)]
    return [*weights(listed), *beside]


def fetch_from_hugging_face(model: str, revision: str | None) -> str:
    """The folder that the model is in."""
    from huggingface_hub import HfApi, constants, snapshot_download, try_to_load_from_cache

    cache = Path(constants.HF_HUB_CACHE)
    try:
        info = HfApi().model_info(model, revision=revision, files_metadata=True)
        sizes = {each.rfilename: each.size or 0 for each in info.siblings or ()}
        names = wanted(sizes)
        missing = {
            name: sizes[name]
            for name in names
            if not isinstance(try_to_load_from_cache(model, name, revision=info.sha), str)
        }
        check_space(model, missing, cache)
        folder = cache / f"models--{model.replace('/', '--')}" / "blobs"
        with Counter(folder, sum(missing.values())):
            return str(snapshot_download(model, revision=revision, allow_patterns=names))
    except Exception:  # whatever the hub or the network did, a copy that is here will do
        for name in ("config.json", "adapter_config.json"):
            here = try_to_load_from_cache(model, name, revision=revision)
            if isinstance(here, str):  # then the hub is not needed
                return str(Path(here).parent)
        raise


def fetch_from_modelscope(model: str, revision: str | None) -> str:
    """The folder that the model is in."""
    from modelscope.hub.snapshot_download import snapshot_download

    return str(snapshot_download(model, revision=revision))


def check_space(model: str, missing: Mapping[str, int], cache: Path) -> None:
    existing = next(each for each in (cache, *cache.parents) if each.exists())
    free, needed = shutil.disk_usage(existing).free / 1e9, sum(missing.values()) / 1e9
    if missing and free < needed + RESERVE_GB:
        raise TooLarge(
            f"{model} needs {needed:.1f} GB more and {str(existing)!r} has {free:.1f} GB free; "
            "free some, or move the cache (HF_HOME)"
        )


class Counter(threading.Thread):
    """Prints what a folder has grown by, as long as the block takes."""

    def __init__(self, folder: Path, total: int) -> None:
        super().__init__(daemon=True)
        self.folder, self.total = folder, total
        self.before, self.done = self.size(), threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.join()

    def run(self) -> None:
        while not self.done.wait(INTERVAL):
            grown = self.size() - self.before
            print(f"{grown / 1e9:.1f} of {self.total / 1e9:.1f} GB", flush=True)  # noqa: T201

    def size(self) -> int:
        sizes = []
        for each in self.folder.glob("*"):
            try:
                sizes.append(each.stat().st_blocks * 512)
            except FileNotFoundError:  # it was renamed meanwhile
                continue
        return sum(sizes)


HUBS = {"huggingface": fetch_from_hugging_face, "modelscope": fetch_from_modelscope}
FATAL = ("GatedRepoError", "RepositoryNotFoundError", "TooLarge")  # names: the library may lack one


def main(hub: str, model: str, revision: str | None = None) -> int:
    try:
        print(f"all is in {HUBS[hub](model, revision)}", flush=True)  # noqa: T201
    except Exception as error:  # noqa: BLE001  whatever else it is, vLLM tries for itself
        print(f"{type(error).__name__}: {error}", flush=True)  # noqa: T201
        full = getattr(error, "errno", None) in (28, 122)  # no space, no quota
        return int(full or type(error).__name__ in FATAL)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
