"""Data sets that are on no hub: their authors' files over HTTP, in the form published there."""

from pathlib import Path
from typing import cast

import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.data import BUILTIN, Builtin, Source, samples, source
from evaluator.data.table import DataSet, GitHubFile, table
from evaluator.types import Sample
from tests.hub import Hub
from tests.hub.layouts import HUB, as_published, git_sha1

ALONE = {"toolcall"}  # whose rows are the project's own, and nowhere else
OWN = sorted(
    name for name, of in BENCHMARKS.items() if (known := table().get(of.data_set)) and known.own
)


def published(dataset: str, part: str) -> bytes | None:
    """What the built-in rows of a part look like in the authors' repository."""
    found = next((BUILTIN / dataset).glob(f"{part}.*"), None)
    return list(as_published(dataset, found))[-1] if found else None


def load(name: str, read: Source) -> list[Sample]:
    return list(samples(BENCHMARKS[name], read, 0))


def test_every_benchmark_is_read_from_a_hub_or_its_authors_files_in_these_tests() -> None:
    on_a_hub = {name for name, of in BENCHMARKS.items() if of.data_set in HUB}

    assert {*BENCHMARKS} == {*OWN, *on_a_hub, *ALONE}


@pytest.mark.parametrize("name", OWN)
def test_the_authors_files_give_the_built_in_samples(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dataset = BENCHMARKS[name].data_set
    known = table()[dataset]
    assert known.own
    contents = {part: published(dataset, part) for part in known.own.files}
    files = {
        part: GitHubFile(path=known.own.files[part].path, sha1=git_sha1(content))
        for part, content in contents.items()
        if content is not None
    }
    there = known.own.model_copy(update={"files": files})
    tables = cast("dict[str, DataSet]", table())
    monkeypatch.setitem(tables, dataset, known.model_copy(update={"own": there}))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    raw = {f"{there.id}/{there.commit}/{file.path}": contents[part] for part, file in files.items()}
    with Hub(raw=raw) as hub:
        monkeypatch.setenv("GITHUB_RAW", hub.url)

        assert load(name, source(name="hub")) == load(name, Builtin())
