"""The data sets from a hub over real HTTP, through the hub's own client libraries."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from evaluator.benchmarks import BENCHMARKS
from evaluator.data import Mirror, Source, read_file, samples, source
from evaluator.data.table import table
from evaluator.errors import DataError, MissingData, UsageError
from evaluator.runs.plan import usual_shots
from evaluator.types import Sample
from tests.hub import Hub, Repository, commit_of, made
from tests.hub.layouts import HUB, MODELSCOPE, as_jsonl, as_parquet, authors_files, repositories
from tests.stub import Fault, StubServer

REAL = os.environ.get("EVALUATOR_DATA_DIR")  # read here, as tests run without it
# A mirror has answers in the rows, and not line by line, or no sign of what the authors escape.
REWRITTEN = {"acebench", "bfcl", "followbench"}
real_data = pytest.mark.skipif(not REAL, reason="EVALUATOR_DATA_DIR names no data")
has_modelscope = pytest.mark.skipif(
    importlib.util.find_spec("modelscope_hub") is None, reason="needs the extra `modelscope`"
)
ON_A_HUB = sorted(name for name, each in BENCHMARKS.items() if each.data_set in HUB)
ON_MODELSCOPE = [name for name in ON_A_HUB if BENCHMARKS[name].data_set in MODELSCOPE]

Serve = Callable[..., Hub]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Serve]:
    """Starts hubs, and points the clients and their caches at the last of them."""
    started: list[Hub] = []
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "modelscope"))
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)

    def start(repositories: dict[str, Repository] | None = None, **options: object) -> Hub:
        hub = Hub(repositories, **options).__enter__()  # type: ignore[arg-type]  # passed through
        started.append(hub)
        for name in ("HF_ENDPOINT", "MODELSCOPE_ENDPOINT", "GITHUB_RAW"):
            monkeypatch.setenv(name, hub.url)
        return hub

    yield start
    for hub in started:
        hub.__exit__()


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few rows of every config of every data set."""
    return made.mirror(tmp_path_factory.mktemp("mirror"))


def load(name: str, read: Source) -> list[Sample]:
    benchmark = BENCHMARKS[name]
    return list(samples(benchmark, read, usual_shots(benchmark, read)))


def gsm8k(rows: int = 3, **faults: object) -> dict[str, Repository]:
    files = {
        f"main/{split}-00000-of-00001.parquet": as_parquet(
            [{"question": f"{split} {i}?", "answer": f"#### {i}"} for i in range(rows)]
        )
        for split in SPLITS
    }
    return {"openai/gsm8k": Repository({"main": files}, **faults)}  # type: ignore[arg-type]  # same


SPLITS = ("train", "test")
TEST_FILE = "main/test-00000-of-00001.parquet"


@pytest.mark.parametrize("name", ON_A_HUB)
def test_the_hub_gives_the_samples_of_the_mirror(serve: Serve, mirror: Path, name: str) -> None:
    serve(repositories(mirror, HUB))

    assert load(name, source(name="hub")) == load(name, Mirror(mirror))


@has_modelscope
@pytest.mark.parametrize("name", ON_MODELSCOPE)
def test_modelscope_gives_the_samples_of_the_mirror(serve: Serve, mirror: Path, name: str) -> None:
    serve(repositories(mirror, MODELSCOPE))

    assert load(name, source(name="modelscope")) == load(name, Mirror(mirror))


@real_data
@pytest.mark.parametrize("name", sorted({*BENCHMARKS} - REWRITTEN))
def test_the_hub_gives_the_real_rows(serve: Serve, name: str) -> None:
    root = Path(REAL or "")
    layout = {id: HUB[id] for id in HUB if id == BENCHMARKS[name].data_set}
    serve(repositories(root, layout), raw=dict(authors_files(root)))

    assert load(name, source(name="hub")) == load(name, Mirror(root))


def test_only_a_zip_archive_is_enough(serve: Serve, mirror: Path) -> None:
    there = repositories(mirror, {id: HUB[id] for id in ("ceval/ceval-exam", "haonan-li/cmmlu")})
    for repository in there.values():
        del repository.branches["refs/convert/parquet"]
    serve(there)
    read = source(name="hub")

    assert load("ceval", read) == load("ceval", Mirror(mirror))
    assert load("cmmlu", read) == load("cmmlu", Mirror(mirror))
    assert read.origin("ceval/ceval-exam").how == "ceval-exam.zip"


def test_a_repository_that_took_the_usual_layout_is_read_as_well(
    serve: Serve, mirror: Path
) -> None:
    there = repositories(mirror, {"ceval/ceval-exam": HUB["ceval/ceval-exam"]})
    converted = there["ceval/ceval-exam"].branches["refs/convert/parquet"]
    moved = {path.replace("/0000", "-00000-of-00001"): file for path, file in converted.items()}
    serve({"ceval/ceval-exam": Repository({"main": moved})})
    read = source(name="hub")

    assert load("ceval", read) == load("ceval", Mirror(mirror))
    assert read.origin("ceval/ceval-exam").how == "parquet files"


def test_a_repository_is_listed_once_and_the_cache_asks_only_for_that(
    serve: Serve, mirror: Path
) -> None:
    hub = serve(repositories(mirror, {"ceval/ceval-exam": HUB["ceval/ceval-exam"]}))

    load("ceval", source(name="hub"))
    listings = [line for line in hub.requests if "/api/datasets/" in line]
    hub.requests.clear()
    load("ceval", source(name="hub"))

    assert len(listings) == 1
    assert hub.requests == listings


def test_the_origin_names_the_commit_and_a_moved_branch_another(serve: Serve) -> None:
    hub = serve(gsm8k(3))
    before = source(name="hub")
    assert len(load("gsm8k", before)) == 3

    files = hub.repositories["openai/gsm8k"].branches["main"]
    hub.repositories |= gsm8k(4)
    after = source(name="hub")

    assert len(load("gsm8k", after)) == 4
    assert before.origin("openai/gsm8k").revision == commit_of(files)
    assert after.origin("openai/gsm8k").revision != commit_of(files)


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_data_set_says_where_to_accept_and_takes_a_token(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    hub = serve(gsm8k(gated=status))

    with pytest.raises(MissingData, match=rf"gated.*{hub.url}/datasets/openai/gsm8k.*HF_TOKEN"):
        load("gsm8k", source(name="hub"))

    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert len(load("gsm8k", source(name="hub"))) == 3


def test_a_missing_repository_is_said(serve: Serve) -> None:
    serve({})

    with pytest.raises(MissingData, match="no data set 'openai/gsm8k' on http"):
        load("gsm8k", source(name="hub"))


def test_a_hub_that_cannot_be_reached_is_said_with_the_ways_on(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve({})
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")

    with pytest.raises(MissingData) as error:
        load("gsm8k", source(name="hub"))

    for way_on in ("HF_ENDPOINT", "--data modelscope", "data fetch", "--data builtin"):
        assert way_on in str(error.value)


def test_a_hub_that_never_answers_is_given_up(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(gsm8k(), hang=True)
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "0.3")

    with pytest.raises(MissingData, match="cannot be reached"):
        load("gsm8k", source(name="hub"))


def test_a_hub_that_is_down_is_read_from_its_cache_and_that_is_said(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(gsm8k())
    there = load("gsm8k", source(name="hub"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    read = source(name="hub")

    assert load("gsm8k", read) == there
    assert "as its cache last saw it: http://127.0.0.1:9 cannot be" in read.origin(GSM8K).how


GSM8K = "openai/gsm8k"


def test_offline_reads_the_cache_and_asks_nobody(
    serve: Serve, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = serve(repositories(mirror))
    there = load("ceval", source(name="hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub.requests.clear()

    assert load("ceval", source(name="hub")) == there
    assert hub.requests == []
    with pytest.raises(MissingData, match="HF_HUB_OFFLINE is set, and its cache"):
        load("cmmlu", source(name="hub"))


def test_a_cache_that_is_not_ours_to_write_is_read(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(gsm8k())
    there = load("gsm8k", source(name="hub"))
    (refs,) = (tmp_path / "cache").glob("datasets--openai--gsm8k/refs")
    known = (refs / "main").read_text()
    (refs / "main").unlink()
    (refs / "main").mkdir()  # cannot be written, whoever asks

    assert known
    assert load("gsm8k", source(name="hub")) == there


def test_a_file_that_is_cut_short_is_no_data(serve: Serve) -> None:
    serve(gsm8k(cut=frozenset({TEST_FILE})))

    with pytest.raises(DataError, match=r"main/test-00000-of-00001\.parquet of openai/gsm8k"):
        load("gsm8k", source(name="hub"))


def test_a_file_of_another_checksum_is_no_data(serve: Serve) -> None:
    hub = serve(gsm8k(wrong=frozenset({TEST_FILE})))

    with pytest.raises(DataError, match=r"test-00000.*is not what .* says it holds.*, twice"):
        load("gsm8k", source(name="hub"))

    hub.repositories["openai/gsm8k"].wrong = frozenset()
    assert len(load("gsm8k", source(name="hub"))) == 3


def test_a_file_that_the_cache_lost_its_bytes_of_is_fetched_again(
    serve: Serve, tmp_path: Path
) -> None:
    serve(gsm8k())
    there = load("gsm8k", source(name="hub"))
    for blob in (tmp_path / "cache").rglob("blobs/*"):
        blob.write_bytes(b"PAR1" + bytes(blob.stat().st_size - 4))

    assert load("gsm8k", source(name="hub")) == there


def test_the_authors_files_are_checked(serve: Serve) -> None:
    own = table()["THUDM/AlignBench"].own
    assert own
    base = f"THUDM/AlignBench/{own.commit}"
    serve(raw={f"{base}/{file.path}": b"{}" for file in own.files.values()})

    with pytest.raises(DataError, match="arrived damaged"):
        load("alignbench", source(name="hub"))


def run(hub: Hub | None, *words: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "evaluator", *map(str, words)]
    environment = os.environ | ({"HF_ENDPOINT": hub.url} if hub else {})
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120
    )


def test_a_run_names_the_revision_and_says_that_the_data_changed(
    serve: Serve, stub: StubServer, tmp_path: Path
) -> None:
    hub = serve(gsm8k(3))
    words = ("run", "gsm8k", "--data", "hub", "--model", "stub", "--base-url", stub.base_url)

    done = run(hub, *words, "--out", "r", cwd=tmp_path)
    row = orjson.loads((tmp_path / "r/report.json").read_bytes())["benchmarks"]["gsm8k"]
    strict = run(hub, *words, "--out", "s", "--strict-data", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    files = hub.repositories["openai/gsm8k"].branches["main"]
    assert row["origin"]["revision"] == commit_of(files)
    assert row["origin"]["source"] == "Hugging Face hub"
    assert "test has 3 rows here, where 1,319 are expected" in row["deviations"][0]
    assert "where 1,319 are expected" in done.stderr
    assert strict.returncode == 2
    assert "--strict-data" in strict.stderr
    assert not (tmp_path / "s").exists()


def test_what_the_server_shows_before_the_hub_is_asked_is_not_asked_for_again(
    serve: Serve, stub: StubServer, tmp_path: Path
) -> None:
    refused: list[dict[str, object]] = []
    hub = serve(gsm8k(3))

    def decide(body: dict[str, object]) -> Fault | None:
        if "top_k" not in body:
            return None
        refused.append(body)
        return Fault(400, message="top_k: extra fields are not permitted")

    stub.refuses = decide
    done = run(
        hub,
        *("run", "gsm8k", "--data", "hub", "--model", "stub", "--base-url", stub.base_url),
        *("--out", "r", "--transport", "wire"),
        cwd=tmp_path,
    )
    serving = orjson.loads((tmp_path / "r/report.json").read_bytes())["serving"]

    assert done.returncode == 0, done.stderr
    assert [body in refused for body in (each.body for each in stub.proven)] == [True, False]
    assert (stub.count, len(refused)) == (3, 1)
    assert "one token" in done.stderr
    assert list(serving["refused"][stub.base_url]) == ["top_k"]


def test_the_server_is_asked_before_the_hub(serve: Serve, tmp_path: Path) -> None:
    hub = serve(gsm8k())
    done = run(
        hub,
        *("run", "gsm8k", "--data", "hub", "--model", "m", "--base-url", "http://127.0.0.1:9/v1"),
        cwd=tmp_path,
    )

    assert done.returncode == 3
    assert hub.requests == []


def test_a_data_set_outside_the_table_comes_through_the_datasets_library(
    serve: Serve, tmp_path: Path
) -> None:
    rows = [{"country": "Peru", "capital": "Lima"}, {"country": "Chad", "capital": "N'Djamena"}]
    card = (
        b"---\nconfigs:\n- config_name: default\n  data_files:\n"
        b"  - split: test\n    path: places/*.jsonl\n---\n"
    )
    repository = Repository({"main": {"README.md": card, "places/a.jsonl": as_jsonl(rows)}})
    hub = serve({"me/capitals": repository})
    code = (
        "from evaluator.data import source\n"
        "print([dict(row) for row in source(name='hub').rows('me/capitals', 'default', 'test')])"
    )

    environment = os.environ | {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120
    )

    assert done.stdout.strip() == str(rows), done.stderr


def test_a_fetched_mirror_gives_what_the_hub_gives(
    serve: Serve, mirror: Path, tmp_path: Path
) -> None:
    hub = serve(repositories(mirror))
    done = run(hub, "data", "fetch", *ON_A_HUB, "--data-dir", "m", cwd=tmp_path)
    assert done.returncode == 0, done.stderr

    ours = Mirror(tmp_path / "m")
    for name in ON_A_HUB:
        assert load(name, ours) == load(name, source(name="hub"))
    assert ours.origin(GSM8K).revision == source(name="hub").origin(GSM8K).revision
    assert "fetched from Hugging Face hub" in str(ours.origin(GSM8K))


def test_fetching_goes_on_where_it_was_interrupted(
    serve: Serve, mirror: Path, tmp_path: Path
) -> None:
    hub = serve(repositories(mirror, {"ceval/ceval-exam": HUB["ceval/ceval-exam"]}))
    repository = hub.repositories["ceval/ceval-exam"]
    repository.cut = frozenset({"law/val/0000.parquet"})
    words = ("data", "fetch", "ceval", "--data-dir", "m")

    broken = run(hub, *words, cwd=tmp_path)
    first = {line.split()[1] for line in hub.requests if line.startswith("GET /datasets/")}
    repository.cut = frozenset()
    hub.requests.clear()
    mended = run(hub, *words, cwd=tmp_path)
    second = {line.split()[1] for line in hub.requests if line.startswith("GET /datasets/")}

    assert broken.returncode == 2
    assert "law/val/0000.parquet" in broken.stderr
    assert mended.returncode == 0, mended.stderr
    assert {path.rpartition("/resolve/")[2].partition("/")[2] for path in first & second} == {
        "law/val/0000.parquet"
    }


def test_a_mirror_of_another_revision_is_replaced_only_when_asked(
    serve: Serve, tmp_path: Path
) -> None:
    hub = serve(gsm8k(3))
    words = ("data", "fetch", "gsm8k", "--data-dir", "m")
    assert run(hub, *words, cwd=tmp_path).returncode == 0
    again = run(hub, *words, cwd=tmp_path)
    hub.repositories |= gsm8k(4)

    refused = run(hub, *words, cwd=tmp_path)
    kept = len(load("gsm8k", Mirror(tmp_path / "m")))
    replaced = run(hub, *words, "--update", cwd=tmp_path)

    assert "unchanged from" in again.stdout
    assert refused.returncode == 2
    assert "--update" in refused.stderr
    assert kept == 3
    assert replaced.returncode == 0
    assert len(load("gsm8k", Mirror(tmp_path / "m"))) == 4


def test_files_of_another_hand_are_not_overwritten(serve: Serve, tmp_path: Path) -> None:
    hub = serve(gsm8k(3))
    own = tmp_path / "m/openai/gsm8k/main/test.jsonl"
    own.parent.mkdir(parents=True)
    own.write_text('{"question": "mine?", "answer": "#### 1"}\n')

    done = run(hub, "data", "fetch", "gsm8k", "--data-dir", "m", cwd=tmp_path)

    assert done.returncode == 2
    assert "mine?" in own.read_text()


def test_check_finds_a_changed_byte_and_a_missing_file(serve: Serve, tmp_path: Path) -> None:
    hub = serve(gsm8k(3))
    run(hub, "data", "fetch", "gsm8k", "--data-dir", "m", cwd=tmp_path)
    path = tmp_path / "m/openai/gsm8k/main/train.jsonl"
    whole = path.read_bytes()

    path.write_bytes(whole.replace(b"0", b"1", 1))
    changed = run(hub, "data", "check", "gsm8k", "--data-dir", "m", cwd=tmp_path)
    path.unlink()
    lost = run(hub, "data", "check", "gsm8k", "--data-dir", "m", cwd=tmp_path)

    for done in (changed, lost):
        assert done.returncode == 2
        assert "main/train.jsonl" in done.stderr


@real_data
def test_check_of_the_real_rows_finds_nothing(tmp_path: Path) -> None:
    done = run(None, "data", "check", "--data-dir", Path(REAL or "").resolve(), cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    fetched = [each for each in BENCHMARKS.values() if each.data_set in table()]
    assert done.stdout.count("as expected") == len(fetched)


def test_check_names_the_rows_that_are_too_few(serve: Serve, tmp_path: Path) -> None:
    hub = serve(gsm8k(3))
    done = run(hub, "data", "check", "gsm8k", "--from", "hub", cwd=tmp_path)

    assert done.returncode == 2
    assert "train has 3 rows, where 7,473 are expected" in done.stderr


def test_an_unfinished_mirror_is_not_read(serve: Serve, tmp_path: Path) -> None:
    hub = serve(gsm8k(3))
    run(hub, "data", "fetch", "gsm8k", "--data-dir", "m", cwd=tmp_path)
    path = tmp_path / "m/openai/gsm8k/manifest.json"
    path.write_text(path.read_text().replace('"complete": true', '"complete": false'))

    with pytest.raises(DataError, match="not complete"):
        load("gsm8k", Mirror(tmp_path / "m"))


def test_parquet_json_lines_and_csv_in_an_archive_are_files_too(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(as_parquet([{"a": 1, "b": ["x"]}, {"a": 2, "b": []}]))

    assert [row for _, row in read_file(path)] == [{"a": 1, "b": ["x"]}, {"a": 2, "b": []}]
    path.write_bytes(b"no Parquet at all")
    with pytest.raises(DataError, match="not a readable Parquet file"):
        list(read_file(path))


@has_modelscope
def test_modelscope_says_what_is_missing(serve: Serve) -> None:
    hub = serve({})

    with pytest.raises(MissingData, match=rf"no data set 'AI-ModelScope/gsm8k' on {hub.url}"):
        load("gsm8k", source(name="modelscope"))


@has_modelscope
def test_modelscope_out_of_reach_is_said(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    serve({})
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://127.0.0.1:9")

    with pytest.raises(MissingData, match=r"cannot be read from http://127.0.0.1:9.*--data hub"):
        load("gsm8k", source(name="modelscope"))


def test_modelscope_without_its_client_names_the_extra(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve({})
    monkeypatch.setitem(sys.modules, "modelscope_hub", None)

    with pytest.raises(UsageError, match=r"pip install modelscope-hub"):
        load("gsm8k", source(name="modelscope"))
