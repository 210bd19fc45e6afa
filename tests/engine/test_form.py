"""How a model is asked: API, system prompt, chat template, turns, and per-benchmark options."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.client.pool import Pool
from evaluator.client.transport import Offline
from evaluator.engine.form import NEUTRAL, Form
from evaluator.errors import UsageError
from evaluator.options.given import settings
from evaluator.runs.plan import plan
from evaluator.tasks.question import Continuation
from evaluator.types import Prompt, Request, Response
from tests.conftest import Cli
from tests.stub import StubServer

BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none", "--limit", 3)
CHAT = [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "Two."}]


class Asking(Prompt):
    """A prompt as benchmarks make them."""

    cue = "Answer:"
    stop = ("\n",)
    has_examples = True

    def __str__(self) -> str:
        return "all in one"

    def turns(self) -> list[Any]:
        return CHAT

    def plain(self) -> str:
        return "Q\nAnswer:"


USER = {"role": "user", "content": "hi"}
BODIES = [  # form, what is asked, what of the body
    (Form(), "hi", {"messages": [USER]}),
    (Form(system="S"), "hi", {"messages": [{"role": "system", "content": "S"}, USER]}),
    (Form(), Asking(), {"messages": [{"role": "user", "content": "all in one"}]}),
    (Form(shots_as_turns=True), Asking(), {"messages": CHAT}),
    (Form(shots_as_turns=True), "hi", {"messages": [USER]}),
    (Form(chat_template="{{ x }}"), "hi", {"messages": [USER], "chat_template": "{{ x }}"}),
    (Form("completions"), "hi", {"prompt": "hi\n\n"}),
    (Form("completions", "S"), "hi", {"prompt": "S\n\nhi\n\n"}),
    (Form("completions"), Asking(), {"prompt": "Q\nAnswer:", "stop": ["\n"]}),
    (
        Form("completions"),
        CHAT,
        {"prompt": "User: One?\n\nAssistant: Two.\n\nAssistant:", "stop": ["\n\nUser:"]},
    ),
    (
        Form("completions", "S"),
        Continuation("Q:", " A"),
        {"prompt": "S\n\nQ: A", "echo": True, "logprobs": 1, "max_tokens": 0},
    ),
]


@pytest.mark.parametrize(("form", "asked", "expected"), BODIES)
def test_the_body_is_what_the_form_says(form: Form, asked: Any, expected: dict[str, Any]) -> None:
    assert form.body("m", asked, {"temperature": 0.0}) == {
        "model": "m",
        "temperature": 0.0,
        **expected,
    }


def test_a_stop_of_the_users_own_wins() -> None:
    assert Form("completions").body("m", Asking(), {"stop": ["X"]})["stop"] == ["X"]


def test_logprobs_have_another_shape_in_completions() -> None:
    params = {"logprobs": True, "top_logprobs": 20}

    assert Form("completions").body("m", "hi", params) == {
        "model": "m",
        "prompt": "hi\n\n",
        "logprobs": 20,
    }


def test_a_base_model_completes_the_cue() -> None:
    reply = Response("key", " B")

    assert Form("completions").read(Asking(), reply).text == "Answer: B"
    assert Form("completions").read("hi", reply).text == " B"
    assert Form().read(Asking(), reply).text == " B"


# on the command line


def sent(stub: StubServer) -> list[Any]:
    return [received.body for received in stub.requests]


def test_a_base_model_is_asked_by_text_and_read_from_the_cue_on(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = lambda body: " B" if body["prompt"].endswith((":", "：")) else "So 7."
    words = ("arc", "ceval", "gsm8k", "bbh", *BASICS, "--base-url", stub.base_url)
    done = cli("run", *words, "--api", "completions", "--system", "Be right.", "--out", "r")

    assert done.returncode == 0, done.stderr
    bodies = sent(stub)
    assert all(body["prompt"].startswith("Be right.\n\n") for body in bodies)
    assert not any("messages" in body for body in bodies)
    assert [body["stop"] for body in bodies if "\n题目：" in body.get("stop", ())]
    rows = orjson.loads((tmp_path / "r/report.json").read_bytes())["benchmarks"]
    assert {rows[name]["scored"] for name in ("arc", "ceval", "gsm8k")} == {3}
    assert rows["ceval"]["dimensions"]["in_format"]["value"] == 1.0
    assert "completions API, with a system prompt" in " ".join(done.stdout.split())


def test_worked_examples_are_turns_when_asked_for(cli: Cli, stub: StubServer) -> None:
    words = ("ceval", "gsm8k", "math500", *BASICS, "--base-url", stub.base_url)
    shots = ("--dataset-args", '{"gsm8k": {"few_shot_num": 2}}')
    done = cli("run", *words, "--shots-as-turns", *shots)

    assert done.returncode == 0, done.stderr
    roles = ["".join(turn["role"][0] for turn in body["messages"]) for body in sent(stub)]
    assert sorted(roles) == ["u"] * 3 + ["uauau"] * 3 + ["uauauauauau"] * 3
    for body in sent(stub):
        for turn in body["messages"][1::2]:
            assert turn["content"].splitlines()[-1].startswith(("Answer: ", "答案："))
        assert not any("Answer: 1\n" in turn["content"] for turn in body["messages"][::2])


def test_everything_of_the_form_is_in_the_run_and_in_what_is_asked(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    (tmp_path / "system.txt").write_text("Think in English.\n")
    (tmp_path / "t.jinja").write_text("{{ messages }}")
    words = ("gsm8k", *BASICS, "--base-url", stub.base_url, "--out")
    cli("run", *words, "plain")
    reuse = ("--reuse", "plain")  # which answers nothing that is asked in another form
    cli("run", *words, "r-1", "--system", "system.txt", *reuse)
    done = cli("run", *words, "r", "--system", "system.txt", "--chat-template", "t.jinja", *reuse)
    again = cli("run", *words, "r", "--system", "system.txt", "--chat-template", "t.jinja")

    assert (done.returncode, again.returncode, stub.count) == (0, 0, 9), done.stderr
    assert sent(stub)[-1]["chat_template"] == "{{ messages }}"
    assert sent(stub)[-1]["messages"][0] == {"role": "system", "content": "Think in English."}
    about = orjson.loads((tmp_path / "r/run.json").read_bytes())["benchmarks"]["gsm8k"]
    assert (about["system"], about["api"]) == ("Think in English.", "chat")
    assert len(about["chat_template"]) == 16


def test_all_sampling_is_named_so_that_a_servers_defaults_do_not_count(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    words = ("gsm8k", *BASICS, "--base-url", stub.base_url, "--out", "r")
    cli("run", *words, "--param", "top_p=0.8")
    body = sent(stub)[0]

    assert body["temperature"] == 0.0
    assert {key: body[key] for key in NEUTRAL} == {**NEUTRAL, "top_p": 0.8}
    about = orjson.loads((tmp_path / "r/run.json").read_bytes())
    assert about["sent_where_taken"] == NEUTRAL
    assert about["benchmarks"]["gsm8k"]["params"]["top_p"] == 0.8


def test_a_hosted_provider_is_sent_standard_fields_only() -> None:
    class Somewhere(Offline):
        def __init__(self, url: str) -> None:
            self.url = url

        async def send(self, request: Request) -> Response:
            return Response(request.key, " ".join(request.sent))

    async def fields(url: str) -> str:
        body = {"model": "m", "messages": [USER], "temperature": 0.0}
        return (await Pool("m", [Somewhere(url)]).send(request(body))).text

    def request(body: dict[str, Any]) -> Request:
        return Request("b", "1", "model", body, optional=NEUTRAL)

    assert asyncio.run(fields("https://api.openai.com/v1")) == "model messages temperature"
    assert "repetition_penalty" in asyncio.run(fields("http://host:8000/v1"))


def test_optional_fields_are_no_part_of_what_is_asked() -> None:
    body = {"model": "m", "messages": [USER], "top_p": 0.8}
    with_them = Request("b", "1", "model", body, optional=NEUTRAL)

    assert with_them.key == Request("b", "1", "model", body).key
    assert with_them.sent["top_p"] == 0.8


def test_dataset_args_are_of_single_benchmarks(cli: Cli, stub: StubServer) -> None:
    args = {
        "gsm8k": {"few_shot_num": 0, "limit": 2, "system_prompt": "Add up."},
        "ceval": {"subset_list": ["law", "logic"]},
    }
    words = ("gsm8k", "ceval", "arc", *BASICS, "--base-url", stub.base_url, "--shots", 1)
    done = cli("run", *words, "--dataset-args", orjson.dumps(args).decode())

    assert done.returncode == 0, done.stderr
    bodies = sent(stub)
    adding = [b for b in bodies if b["messages"][0] == {"role": "system", "content": "Add up."}]
    law = [b for b in bodies if "以下是“法学" in b["messages"][0]["content"]]
    logic = [b for b in bodies if "以下是“逻辑学" in b["messages"][0]["content"]]
    assert (len(bodies), len(adding), len(law) + len(logic)) == (8, 2, 3)
    assert all(b["messages"][-1]["content"].count("Question:") == 1 for b in adding)


MISTAKES = [
    ({"dataset_args": "{"}, "--dataset-args is not JSON"),
    ({"dataset_args": '{"gsm8k": 1}'}, "--dataset-args must be like"),
    (
        {"dataset_args": '{"gsm8k": {"few_shots": 1}}'},
        "unknown key 'few_shots' for gsm8k; did you mean 'few_shot_num'?",
    ),
    (
        {"dataset_args": '{"gsm8k": {"few_shot_num": -1}}'},
        "--dataset-args: gsm8k few_shot_num -1: give a whole number of 0 or more",
    ),
    ({"dataset_args": {"gsmk8": {}}}, "no benchmark 'gsmk8'; did you mean 'gsm8k'?"),
    (
        {"benchmarks": ["ceval"], "dataset_args": {"ceval": {"subset_list": ["lawn"]}}},
        "no group 'lawn' in ceval; did you mean 'law'?",
    ),
    (
        {"benchmarks": ["arc", "bbh", "ifeval"], "shots": 2},
        "no worked examples to show in bbh, ifeval; run them without --shots",
    ),
    ({"benchmarks": ["ceval"], "shots": 9}, "ceval has 5 worked examples, not 9"),
    ({"chat_template": "none.jinja"}, "--chat-template: cannot read 'none.jinja'"),
    ({"shots_as_turns": True, "api": "completions"}, "--shots-as-turns is for the chat API"),
    ({"mode": "guess"}, "--mode 'guess': give generate, logprobs or likelihood"),
    ({"api": "talk"}, "--api 'talk': give chat or completions"),
]


@pytest.mark.parametrize(("keys", "complaint"), MISTAKES)
def test_a_mistake_is_found_before_anything_is_sent(keys: dict[str, Any], complaint: str) -> None:
    basics = {"benchmarks": ["gsm8k"], "model": "m", "data": "builtin", "base_url": ["http://x"]}

    with pytest.raises(UsageError) as raised:
        plan(settings(basics | keys))

    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_dry_run_shows_the_form_and_counts_the_requests(cli: Cli, stub: StubServer) -> None:
    words = (*BASICS, "--base-url", stub.base_url, "--dry-run", "--system", "Be brief.")
    chat = cli("run", "gsm8k", *words)
    likelihood = cli("run", "ceval", *words, "--mode", "likelihood")

    assert "-- system:\nBe brief." in chat.stdout
    assert '"repetition_penalty":1.0' in chat.stdout
    assert "repetition_penalty" not in likelihood.stdout
    assert likelihood.stdout.startswith("12 requests")
    assert "-- prompt:\nBe brief.\n\n以下是" in likelihood.stdout
    assert stub.count == 0


def test_the_form_may_stand_in_a_configuration_file(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    (tmp_path / "run.toml").write_text(
        f'benchmarks = ["ceval"]\nmodel = "stub"\nbase-url = ["{stub.base_url}"]\n'
        'data = "builtin"\nprogress = "none"\nmode = "logprobs"\nsystem = "S"\n'
        "shots-as-turns = true\n[dataset-args.ceval]\nfew_shot_num = 1\nlimit = 2\n"
    )
    done = cli("run", "--config", "run.toml")

    assert done.returncode == 0, done.stderr
    assert [[t["role"] for t in body["messages"]] for body in sent(stub)] == [
        ["system", "user", "assistant", "user"]
    ] * 2
    assert {body["messages"][2]["content"] for body in sent(stub)} <= {*"ABCD"}
