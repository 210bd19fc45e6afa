"""The data sets of a mirror as repositories that are laid out as the real ones."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha1
from pathlib import Path
from typing import Any

import orjson
import pyarrow as arrow
from pyarrow import parquet

from evaluator.data.table import table
from tests.hub.server import Repository

Rows = list[dict[str, Any]]
Splits = Mapping[tuple[str, str], Rows]  # by config and split
SHARD = "{config}/{split}-00000-of-00001.parquet"
CONVERTED = "refs/convert/parquet"


def read(root: Path, dataset: str) -> dict[tuple[str, str], Rows]:
    """All splits of a mirror's data set."""
    paths = sorted((root / dataset).glob("*/*.jsonl"))
    return {(path.parent.name, path.stem): jsonl_rows(path) for path in paths}


def jsonl_rows(path: Path) -> Rows:
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]


def as_parquet(rows: Rows) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(arrow.Table.from_pylist(rows), sink)
    return sink.getvalue()


def as_jsonl(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def as_csv(rows: Rows, numbered: bool) -> bytes:
    """As CSV; `numbered`: with the row numbers under an empty name, as pandas writes them."""
    text = io.StringIO(newline="")
    names = ([""] if numbered else []) + list(rows[0])
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows({**row, **({"": i} if numbered else {})} for i, row in enumerate(rows))
    return text.getvalue().encode()


def shards(splits: Splits, pattern: str = SHARD) -> dict[str, bytes]:
    """A Parquet file for each split."""
    return {
        pattern.format(config=config, split=split): as_parquet(rows)
        for (config, split), rows in splits.items()
    }


def archive(splits: Splits, pattern: str, numbered: bool) -> bytes:
    """A zip archive with a CSV file for each split."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as file:
        for (config, split), rows in splits.items():
            file.writestr(pattern.format(config=config, split=split), as_csv(rows, numbered))
    return sink.getvalue()


def script(splits: Splits, name: str, zipped: str, pattern: str, numbered: bool) -> Repository:
    """A repository with a loading script and a zip, and the hub's conversion beside."""
    content = {name: b"# a loading script\n", zipped: archive(splits, pattern, numbered)}
    converted = shards(splits, "{config}/{split}/0000.parquet")
    return Repository({"main": content, CONVERTED: converted})


def ceval(splits: Splits) -> Repository:
    pattern = "{split}/{config}_{split}.csv"
    return script(splits, "ceval-exam.py", "ceval-exam.zip", pattern, False)


def cmmlu(splits: Splits) -> Repository:
    return script(splits, "cmmlu.py", "cmmlu_v1_0_1.zip", "{split}/{config}.csv", True)


def mmlu(splits: Splits) -> Repository:
    tests = [row for (_, split), rows in splits.items() if split == "test" for row in rows]
    everything = {"all/test-00000-of-00001.parquet": as_parquet(tests)} if tests else {}
    return Repository({"main": shards(splits) | everything})


def gsm8k(splits: Splits) -> Repository:
    socratic = {("socratic", split): rows for (_, split), rows in splits.items()}
    return Repository({"main": shards(splits) | shards(socratic)})


def plain(splits: Splits) -> Repository:
    return Repository({"main": shards(splits)})


def converted(splits: Splits) -> Repository:
    """A repository of which only the hub's conversion is of use."""
    return Repository({"main": {}, CONVERTED: shards(splits, "{config}/{split}/0000.parquet")})


def one_config(splits: Splits) -> Repository:
    """A repository whose only config is not named in its paths."""
    return Repository({"main": shards(splits, "data/{split}-00000-of-00001.parquet")})


def one_file(name: str) -> Callable[[Splits], Repository]:
    """A repository whose only split is one JSONL file."""

    def made(splits: Splits) -> Repository:
        (rows,) = splits.values()
        return Repository({"main": {"README.md": b"# a data set\n", name: as_jsonl(rows)}})

    return made


def arena_hard(splits: Splits) -> Repository:
    """A JSONL file for each version."""
    place = "data/arena-hard-{0}/{1}.jsonl"
    return Repository({"main": {place.format(*part): as_jsonl(splits[part]) for part in splits}})


HUB: dict[str, tuple[str, Callable[[Splits], Repository]]] = {  # data set -> id there, and layout
    "allenai/ai2_arc": ("allenai/ai2_arc", plain),
    "ceval/ceval-exam": ("ceval/ceval-exam", ceval),
    "haonan-li/cmmlu": ("haonan-li/cmmlu", cmmlu),
    "openai/gsm8k": ("openai/gsm8k", gsm8k),
    "cais/mmlu": ("cais/mmlu", mmlu),
    "HuggingFaceH4/MATH-500": ("HuggingFaceH4/MATH-500", one_file("test.jsonl")),
    "google/IFEval": ("google/IFEval", one_file("ifeval_input_data.jsonl")),
    "lukaemon/bbh": ("lukaemon/bbh", plain),
    "juletxara/mgsm": ("juletxara/mgsm", converted),
    "HuggingFaceH4/aime_2024": ("HuggingFaceH4/aime_2024", one_config),
    "math-ai/aime25": ("math-ai/aime25", one_file("test.jsonl")),
    "TIGER-Lab/MMLU-Pro": ("TIGER-Lab/MMLU-Pro", one_config),
    "openai/openai_humaneval": ("openai/openai_humaneval", plain),
    "google-research-datasets/mbpp": ("google-research-datasets/mbpp", plain),
    "clue/clue": ("clue/clue", plain),
    "lmarena-ai/arena-hard-auto": ("lmarena-ai/arena-hard-auto", arena_hard),
    "OpenStellarTeam/Chinese-SimpleQA": (
        "OpenStellarTeam/Chinese-SimpleQA",
        one_file("chinese_simpleqa.jsonl"),
    ),
}
ONLY_ON_THE_HUB = (
    *("HuggingFaceH4/aime_2024", "math-ai/aime25", "clue/clue"),
    *("openai/openai_humaneval", "google-research-datasets/mbpp", "lmarena-ai/arena-hard-auto"),
)
MODELSCOPE = {id: there for id, there in HUB.items() if id not in ONLY_ON_THE_HUB} | {
    "ceval/ceval-exam": ("evalscope/ceval", plain),
    "haonan-li/cmmlu": ("evalscope/cmmlu", plain),
    "openai/gsm8k": ("AI-ModelScope/gsm8k", gsm8k),
    "HuggingFaceH4/MATH-500": ("AI-ModelScope/MATH-500", one_file("test.jsonl")),
    "google/IFEval": ("opencompass/ifeval", one_file("ifeval_input_data.jsonl")),
    "lukaemon/bbh": ("evalscope/bbh", plain),
    "juletxara/mgsm": ("evalscope/mgsm", plain),
    "OpenStellarTeam/Chinese-SimpleQA": (
        "AI-ModelScope/Chinese-SimpleQA",
        one_file("chinese_simpleqa.jsonl"),
    ),
}


def repositories(
    root: Path, layouts: Mapping[str, tuple[str, Callable[[Splits], Repository]]] = HUB
) -> dict[str, Repository]:
    """Every data set of the mirror that the hub has."""
    return {
        id: layout(read(root, dataset))
        for dataset, (id, layout) in layouts.items()
        if (root / dataset).is_dir()
    }


def authors_files(root: Path) -> Iterator[tuple[str, bytes]]:
    """The files of the authors' own repositories, as GitHub serves raw ones."""
    for dataset, known in table().items():
        for part, file in (known.own.files if known.own else {}).items():
            found = next((root / dataset).glob(f"{part}.*"), None)
            if known.own and found:
                ways = list(as_published(dataset, found))
                content = next((way for way in ways if git_sha1(way) == file.sha1), ways[0])
                yield f"{known.own.id}/{known.own.commit}/{file.path}", content


LISTS = {  # published as one JSON list, with the spaces by which it is indented
    "PKU-Baichuan-MLSystemLab/CFBench": 4,
    "doolayer/LawBench": 2,
}


def as_published(dataset: str, path: Path) -> Iterator[bytes]:
    """What the file may look like in the authors' repository, of which a mirror keeps the rows."""
    yield (content := path.read_bytes())
    yield content.rstrip(b"\n")
    if dataset == "lm-sys/mt_bench":  # of which mirrors escape nothing, unlike this
        yield "".join(f"{json.dumps(row)}\n" for row in jsonl_rows(path)).encode()
    if dataset == "weitianwen/cmath" and path.parent.name == "default":
        yield "".join(f"{renamed(row)}\n" for row in jsonl_rows(path)).encode()
    if dataset == "OpenLMLab/GAOKAO-Bench":
        whole = {"keywords": path.parent.name, "example": jsonl_rows(path)}
        yield (content := json.dumps(whole, ensure_ascii=False, indent=4).encode())
        yield content + b"\n"
    if indent := LISTS.get(dataset):
        yield json.dumps(jsonl_rows(path), ensure_ascii=False, indent=indent).encode()


def renamed(row: Mapping[str, Any]) -> str:
    """A row of CMATH under the names that its authors' repository has."""
    names = {"grade": "grade", "input": "question", "golden": "answer"}
    names |= {name: name for name in ("reasoning_step", "num_digits")}
    return json.dumps({new: row.get(old) for new, old in names.items()}, ensure_ascii=False)


def git_sha1(content: bytes) -> str:
    """Git's name of a file with this content."""
    return sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()
