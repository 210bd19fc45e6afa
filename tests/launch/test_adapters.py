"""LoRA adapters: what the words mean, what is refused, and one server for all of them."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from launch.commands.servers import ambiguous_folders, asked_name, by_server, check_flags, names_of
from launch.commands.share_out import shared_out
from launch.errors import UsageError
from launch.options import EachOptions
from launch.server.adapter_config import check_base, max_lora_rank, read_adapter
from launch.server.adapters import Adapter, read_model
from launch.server.command_line import (
    Plan,
    check_extra,
    command_line,
    environment,
    flag_adapters,
    flag_value,
)
from launch.server.placement import Placement
from launch.server.presets import ModelSource, Preset
from tests.adapters import adapter
from tests.hub.server import Hub, Repository
from tests.launch.launching import Launch, python, timeline
from tests.launch.test_download import in_cache
from tests.launch.test_eval import QUIET, STUB_VLLM, starts

PYTHON = Path("/venv/bin/python")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("a b a", ["a", "b"]),
        ("a a+lora:x/one a+lora:y/two", ["a+lora:one=x/one+lora:two=y/two"]),
        ("a+lora:x/one b a+lora:y/two", ["a+lora:one=x/one+lora:two=y/two", "b"]),
        ("a+lora:x/v1+lora:y/v1", ["a+lora:x-v1=x/v1+lora:y-v1=y/v1"]),
        ("a+lora:x/a", ["a+lora:x-a=x/a"]),
        ("a+lora:sft=x/v1 a+lora:x/v1", ["a+lora:sft=x/v1"]),
        ("a+lora:x/v1 b+lora:y/v1", ["a+lora:x-v1=x/v1", "b+lora:y-v1=y/v1"]),
        ("a+lora:/ckpt/lr=1/v1", ["a+lora:v1=/ckpt/lr=1/v1"]),
        ("a+lora:/ckpt/lr=1", ["a+lora:lr-1=/ckpt/lr=1"]),
    ],
)
def test_a_base_and_its_adapters_share_a_server(
    words: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("launch.commands.servers.check_model", lambda *_: None)

    assert by_server(words.split()) == expected
    assert by_server(expected) == expected  # as the word passes from one command to the next


def test_names_are_those_that_the_server_answers_to() -> None:
    word = "org/a+lora:x/one+lora:sft=y/two"

    assert names_of(word) == ("org/a", "one", "sft")
    assert names_of(word, ("--served-model-name", "base")) == ("base", "one", "sft")
    assert names_of("a", ("--lora-modules", "sft=/x", "dpo=/y")) == ("a", "sft", "dpo")
    assert (asked_name(word), asked_name("org/a")) == ("sft", "org/a")
    assert ambiguous_folders(["org/a+lora:a=x/y"]) == {"org/a+lora:a=x/y": "org-a"}


def test_the_preset_of_the_base_counts_for_its_adapters(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[b]\nhf = "org/base"\ngpus = 2\ntp = 2\nflags = ["--served-model-name", "renamed"]'
    )
    fits = adapter(tmp_path / "sft", base_model_name_or_path="org/base")
    other = adapter(tmp_path / "other", base_model_name_or_path="org/other")
    (word,) = by_server([f"b+lora:{fits}"], own)
    options = EachOptions(presets=own)

    assert names_of(word, (), own) == ("renamed", "sft")
    assert (asked_name(word, (), own), asked_name("b", (), own)) == ("sft", "renamed")
    assert shared_out(options, [word, "m"], Placement(tuple("0123")), ()) == {word: 2, "m": 2}
    with pytest.raises(UsageError, match="was made for 'org/other', not for 'b'"):
        by_server([f"b+lora:{other}"], own)


def test_a_folder_of_an_adapter_alone_names_its_base(tmp_path: Path) -> None:
    folder = adapter(tmp_path / "sft", base_model_name_or_path="org/base")

    assert by_server([str(folder)]) == [f"org/base+lora:sft={folder}"]
    (folder / "config.json").write_text("{}")  # a whole model, with what it was merged from
    assert by_server([str(folder)]) == [str(folder)]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("demo+lora:{here}/none", "no adapter at '{here}/none'"),
        ("demo+lora:none", "no adapter at 'none'"),
        ("demo+lora:{here}/empty", "adapter_config.json cannot be read"),
        ("demo+lora:", "no adapter is called ''"),
        ("demo+lora:a=x/v1+lora:a=y/v1", "two models are called 'a'"),
        ("demo+lora:demo=x/v1", "two models are called 'demo'"),
        ("{here}/elsewhere", "base_model_name_or_path '/gone/base', which is not here"),
        ("{here}/baseless", "name its base: BASE+lora:{here}/baseless"),
        ("org/other+lora:{here}/sft", "was made for 'org/base', not for 'org/other'"),
    ],
)
def test_what_cannot_be_served_is_one_line(tmp_path: Path, word: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    adapter(tmp_path / "sft", base_model_name_or_path="org/base")
    adapter(tmp_path / "elsewhere", base_model_name_or_path="/gone/base")
    adapter(tmp_path / "baseless", base_model_name_or_path=None)

    with pytest.raises(UsageError) as refused:
        by_server([word.format(here=tmp_path)])

    assert message.format(here=tmp_path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"peft_type": "IA3"}, "peft_type 'IA3'"),
        ({"peft_type": None}, "peft_type None"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save ['lm_head']"),
        ({"use_dora": True}, "use_dora True"),
        ({"bias": "all"}, "bias 'all'"),
        ({"r": None}, "rank (r) None"),
        ({"r": 1024}, "ranks of 1 to 512"),
        ({"rank_pattern": {"q_proj": 0}}, "rank (r) 0"),
    ],
)
def test_what_vllm_would_refuse_is_refused(
    tmp_path: Path, config: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        read_adapter(adapter(tmp_path / "sft", **config))

    assert message in str(refused.value)
    assert "adapter_config.json" in str(refused.value)


def test_an_adapter_without_weights_is_refused(tmp_path: Path) -> None:
    folder = adapter(tmp_path / "sft")
    (folder / "adapter_model.safetensors").unlink()

    with pytest.raises(UsageError, match="no weights beside it"):
        read_adapter(folder)


@pytest.mark.parametrize(
    ("ranks", "expected"), [([8], 8), ([4, 9], 16), ([64, 8], 64), ([2], 8), ([300], 320)]
)
def test_the_rank_is_rounded_up_to_one_that_vllm_takes(ranks: list[int], expected: int) -> None:
    assert max_lora_rank(ranks) == expected


def test_the_highest_rank_of_any_layer_counts(tmp_path: Path) -> None:
    assert read_adapter(adapter(tmp_path / "sft", r=8, rank_pattern={"q_proj": 32})).rank == 32


@pytest.mark.parametrize(
    ("told", "base", "fits"),
    [
        ("org/base", Preset("org/base", hf="org/base"), True),
        ("mirror/Base", Preset("org/base", hf="org/base"), True),
        ("org/other", Preset("org/base", hf="org/base"), False),
        ("org/ms", Preset("short", hf="org/hf", modelscope="owner/ms"), True),
        ("org/other", Preset("short", hf="org/hf", modelscope="owner/ms"), False),
        ("", Preset("org/base", hf="org/base"), True),
        ("/train/base", Preset("org/base", hf="org/base"), True),  # of another machine
        ("org/other", Preset("demo"), True),  # a model without an id
        ("{here}/a", Preset("p", hf="{here}/a"), True),
        ("{here}/a", Preset("p", hf="{here}/b"), False),
        ("org/base", Preset("p", hf="{here}/b"), True),  # a copy, whatever it is called
    ],
)
def test_an_adapter_is_for_one_base(tmp_path: Path, told: str, base: Preset, fits: bool) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    config = {"base_model_name_or_path": told.format(here=tmp_path)}
    made = read_adapter(adapter(tmp_path / "sft", **config))
    named = Preset(base.name, base.hf.format(here=tmp_path), base.modelscope)

    if fits:
        check_base(made, named)
    else:
        with pytest.raises(UsageError, match="was made for"):
            check_base(made, named)


def plan(*extra: str, model: str = "org/base", adapters: tuple[Adapter, ...] = ()) -> Plan:
    source = ModelSource(model)
    placement = Placement(("0",))
    return Plan(PYTHON, source, "base", 8000, placement, extra=extra, adapters=adapters)


def test_one_server_is_told_of_all_adapters() -> None:
    two = (Adapter("one", "/x/one", 8), Adapter("two", "/lr=1/two", 12))
    words = command_line(plan("--max-loras", "1", adapters=two))
    at = words.index("--lora-modules")

    assert "--enable-lora" in words
    assert flag_value(words, "--max-lora-rank") == "16"
    assert [words.count("--max-loras"), flag_value(words, "--max-loras")] == [1, "1"]
    assert [json.loads(word) for word in words[at + 1 : at + 3]] == [
        {"name": "one", "path": "/x/one"},
        {"name": "two", "path": "/lr=1/two"},
    ]
    assert not [word for word in command_line(plan()) if "lora" in word]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--lora-modules a=/x b=org/y --seed 1", ["a=/x", "b=org/y"]),
        ("--lora_modules=a=/x", ["a=/x"]),
        ('--lora-modules {"name":"a","path":"/x,1"}', ["a=/x,1"]),
        ("--enable-lora", []),
    ],
)
def test_adapters_among_the_users_flags_are_known(words: str, expected: list[str]) -> None:
    assert list(map(str, flag_adapters(words.split()))) == expected


def test_an_adapter_of_a_hub_is_not_cut_off_by_a_local_base(tmp_path: Path) -> None:
    folder = adapter(tmp_path / "sft")
    local = plan("--lora-modules", f"a={folder}", model=str(tmp_path))
    hub = plan("--lora-modules", "a=org/adapter", model=str(tmp_path))

    assert environment(local, {})["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in environment(hub, {})


def test_adapters_are_named_in_one_way_only() -> None:
    flags = ("--lora-modules", "sft=/x")

    with pytest.raises(UsageError, match=r"name those adapters as \+lora: too"):
        check_extra(flags, read_model("a+lora:x").adapters)
    with pytest.raises(UsageError, match=r"among the flags of the preset 'a'; name those"):
        check_extra(flags, read_model("a+lora:x").adapters, "the flags of the preset 'a'")
    with pytest.raises(UsageError, match=r"BASE\+lora:sft=/x"):
        check_flags(["a", "b"], flags)
    with pytest.raises(UsageError, match="not NAME=FOLDER"):
        flag_adapters(["--lora-modules", "nonsense"])


@pytest.fixture
def stub_vllm(tmp_path: Path) -> Path:
    vllm = tmp_path / ".venv-vllm/bin/python"
    vllm.parent.mkdir(parents=True)
    vllm.write_text(STUB_VLLM, encoding="utf-8")
    vllm.chmod(0o755)
    return vllm


def report(folder: Path) -> Any:
    return json.loads((folder / "report.json").read_text())


def test_a_base_and_its_adapters_are_served_once_measured_and_compared(
    launch: Launch, stub_vllm: Path, tmp_path: Path
) -> None:
    one = adapter(tmp_path / "one", base_model_name_or_path="org/base")
    two = adapter(tmp_path / "two", base_model_name_or_path="org/base")
    words = ("eval", f"--models={one} org/base+lora:sft={two}", "--benchmarks=arc", "--limit=3")
    process = launch(*words, f"--args={QUIET}")
    shown, messages = process.communicate(timeout=120)
    again = launch(*words, f"--args={QUIET}", "--install=false")
    repeated, _ = again.communicate(timeout=120)

    assert (process.returncode, again.returncode) == (0, 0), messages
    assert starts(tmp_path) == 1
    models = {name: report(tmp_path / "runs" / name)["model"] for name in ("base", "one", "sft")}
    assert models == {"base": "org/base", "one": "one", "sft": "sft"}
    assert (tmp_path / "runs/compare-base-one-sft").is_dir()
    assert shown.count("comparison in") == repeated.count("comparison in") == 1
    assert "failed" not in shown  # the first try, before the server was there, is not shown
    (start,) = (tmp_path / "starts").read_text().splitlines()
    assert start.startswith("start")


def test_an_adapter_that_joins_later_is_all_that_is_asked(
    launch: Launch, stub_vllm: Path, tmp_path: Path
) -> None:
    words = ("eval", "--benchmarks=arc", "--limit=3", f"--args={QUIET}")
    one, two = (adapter(tmp_path / name, base_model_name_or_path="b") for name in ("one", "two"))
    first = launch(*words, f"--models=b+lora:{one}")
    first.communicate(timeout=120)
    second = launch(*words, f"--models=b+lora:{one} b+lora:{two}")
    shown, messages = second.communicate(timeout=120)

    assert (first.returncode, second.returncode) == (0, 0), messages
    requests = [report(tmp_path / "runs" / name)["serving"]["requests"] for name in ("b", "two")]
    assert requests == [0, 3]
    assert "failed" not in shown


def test_a_mistaken_adapter_is_told_before_anything_is_installed(
    launch: Launch, tmp_path: Path
) -> None:
    folder = adapter(tmp_path / "sft", peft_type="IA3")
    install = ("--install", f'{sys.executable} -c \'open("prepared", "w")\'')
    process = launch("eval", f"--model=base+lora:{folder}", "--benchmarks=arc", *install)
    _, messages = process.communicate()

    assert process.returncode == 2
    assert "'IA3'" in messages
    assert len(messages.splitlines()) == 1
    assert not (tmp_path / "prepared").exists()


NAMES = """
import json, os
entries = json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]
print([(entry["role"], entry["model"]) for entry in entries])
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--model", "b+lora:{here}/sft"), [("model", "b"), ("model", "sft")]),
        (("--model", "b+lora:{here}/sft", "--role", "judge"), [("judge", "sft")]),
        (
            ("--model", "b", "--", "--enable-lora", "--lora-modules", "x={here}/sft"),
            [("model", "b"), ("model", "x")],
        ),
    ],
)
def test_command_finds_the_adapters_as_models(
    launch: Launch, tmp_path: Path, words: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    adapter(tmp_path / "sft", base_model_name_or_path="b")
    here = [word.format(here=tmp_path) for word in words]
    process = launch("with", "--vllm-python", str(tmp_path / "fake-python"), *here, *python(NAMES))
    shown, messages = process.communicate()

    assert process.returncode == 0, messages
    assert shown.strip() == str(expected)
    assert len([event for event in timeline(tmp_path) if event[0] == "start"]) == 1


FETCHES = (  # with the real script, in place of none
    ' or sys.argv[1].endswith("hub_snapshot.py"):',
    """:
    sys.exit(0)
if sys.argv[1].endswith("hub_snapshot.py"):
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
if False:""",
)


def test_an_adapter_of_a_hub_is_fetched_with_its_base(
    launch: Launch, stub_vllm: Path, tmp_path: Path
) -> None:
    files = {
        path.name: path.read_bytes()
        for path in adapter(tmp_path / "made", r=20, base_model_name_or_path="x/base").iterdir()
    }
    base = {"config.json": b"{}", "model.safetensors": b"x"}
    stub_vllm.write_text(STUB_VLLM.replace(*FETCHES))
    command = ("--", sys.executable, "-c", NAMES)
    with Hub({"x/m": Repository({"main": files}), "x/base": Repository({"main": base})}) as hub:
        variables = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hub"), "HF_TOKEN": ""}
        both = launch("with", "--model", "x/base+lora:x/m", *command, **variables)
        shown, messages = both.communicate()
        alone = launch("with", "--model", "x/m", *command, **variables)
        _, refused = alone.communicate()

    assert both.returncode == 0, messages
    assert "('model', 'm')" in shown
    assert in_cache(tmp_path / "hub") == {*files}
    assert alone.returncode == 2
    assert "'x/m' is an adapter; name its base: BASE+lora:x/m" in refused
