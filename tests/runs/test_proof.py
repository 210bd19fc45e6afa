"""What an endpoint can do is known before the first sample, by one request for each thing."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evaluator.errors import ServerError, UsageError
from evaluator.options.given import checked, several, unserved
from evaluator.results.report import RunReport
from evaluator.runs.run import run
from tests.stub import Fault, Reply, StubServer

LETTER = Reply("B", top_logprobs=[{"B": -0.2, "A": -1.0}])
NO_LOGPROBS = "logprobs is not supported for models created with logits_all=False"
NEGATIVE = "[{'loc': ['body', 'top_k'], 'msg': 'Input should be at least 0', 'input': -1}]"
Body = dict[str, Any]


def measured(stub: StubServer, out: Path, **keys: Any) -> tuple[RunReport, str]:
    """The report of a run, and what it showed."""
    basics = {"benchmarks": ["arc"], "model": "stub", "base_url": [stub.base_url], "limit": 8}
    screen = StringIO()
    settings = checked({"data": "builtin", "progress": "plain", **basics, "out": out, **keys})
    return run(settings, Console(file=screen, width=160)), screen.getvalue()


def refusing(
    stub: StubServer, refuses: Callable[[Body], bool], status: int = 400, message: str = ""
) -> list[Body]:
    """Has the stub refuse some bodies; returns the list of those it refused."""
    refused: list[Body] = []

    def decide(body: Body) -> Fault | None:
        if not refuses(body):
            return None
        refused.append(body)
        return Fault(status, message=message)

    stub.refuses = decide
    return refused


def bodies(stub: StubServer) -> list[Body]:
    return [received.body for received in (*stub.proven, *stub.requests)]


def test_a_table_shows_what_was_found(stub: StubServer, tmp_path: Path) -> None:
    stub.version = "0.32.0"
    _, screen = measured(stub, tmp_path / "r")

    row = next(line for line in screen.splitlines() if stub.base_url in line)
    assert all(word in row for word in ("model", "vllm 0.32.0", "32,768 tokens", "chat", "none"))
    assert len(stub.proven) == 1


@pytest.mark.parametrize(
    ("status", "message"), [(400, ""), (500, NO_LOGPROBS), (501, ""), (422, "logprobs: extra")]
)
def test_a_mode_that_the_server_lacks_ends_in_a_line(
    stub: StubServer, tmp_path: Path, status: int, message: str
) -> None:
    refusing(stub, lambda body: bool(body.get("logprobs")), status, message)

    with pytest.raises(UsageError, match=rf"^--mode logprobs needs top_logprobs.*{message}"):
        measured(stub, tmp_path / "a", mode="logprobs")
    with pytest.raises(UsageError, match=r"^--mode likelihood needs /v1/completions with echo"):
        measured(stub, tmp_path / "b", mode="likelihood")
    assert stub.count == 0


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_a_field_that_is_named_costs_one_request(
    stub: StubServer, tmp_path: Path, status: int
) -> None:
    refused = refusing(stub, lambda body: body.get("top_k") == -1, status, NEGATIVE)
    report, screen = measured(stub, tmp_path / "r")

    assert len(refused) == 1
    assert list(report.serving.refused[stub.base_url]) == ["top_k"]
    assert report.serving.faults == {}
    assert report.benchmarks["arc"].scored == 8
    assert "top_k" in next(line for line in screen.splitlines() if stub.base_url in line)
    assert all("min_p" in received.body for received in stub.requests)


def test_a_question_that_is_refused_ends_the_run(stub: StubServer, tmp_path: Path) -> None:
    stub.models, stub.models_fault = ["right"], 404

    with pytest.raises(UsageError, match=r"refuses a first question to 'stub' \(chat\).*`stub`"):
        measured(stub, tmp_path / "r")
    stub.models = None
    refusing(stub, lambda body: True, 503)
    with pytest.raises(ServerError, match="does not answer one question to 'stub': status 503"):
        measured(stub, tmp_path / "r")
    assert not any(received.body for received in stub.requests)  # what looks for the API is empty


def test_a_short_reply_that_is_refused_is_asked_for_whole(stub: StubServer, tmp_path: Path) -> None:
    refused = refusing(stub, lambda body: body["max_tokens"] == 1)
    report, _ = measured(stub, tmp_path / "r")

    assert report.benchmarks["arc"].scored == 8
    assert {body["max_tokens"] for body in refused} == {1}


def test_a_judge_proves_itself_too(stub: StubServer, tmp_path: Path) -> None:
    stub.models = ["stub", "judge"]
    judge = {"judge_model": ["judge"], "judge_base_url": [stub.base_url]}
    refusing(stub, lambda body: body["model"] == "judge", 404)

    with pytest.raises(UsageError, match="refuses a first question to 'judge'"):
        measured(stub, tmp_path / "r", benchmarks=["alignbench"], **judge)
    assert stub.count == 0


@pytest.mark.parametrize("fault", [500, 403, "reset", "hang", "html"])
def test_a_list_of_models_is_a_courtesy(
    stub: StubServer, tmp_path: Path, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluator.client.transport.PATIENCE", 0.2)
    stub.models_fault, stub.metrics = fault, False

    assert measured(stub, tmp_path / "r")[0].benchmarks["arc"].scored == 8


def test_the_users_number_of_logprobs_holds(stub: StubServer, tmp_path: Path) -> None:
    stub.reply = LETTER
    report, _ = measured(
        stub, tmp_path / "r", mode="logprobs", param={"top_logprobs": 3, "temperature": None}
    )

    asked = [body for body in bodies(stub) if body.get("logprobs")]
    assert report.benchmarks["arc"].scored == 8
    assert {body["top_logprobs"] for body in asked} == {3}
    assert not any("temperature" in body for body in bodies(stub))


@pytest.mark.parametrize("api", ["chat", "completions"])
@pytest.mark.parametrize(
    ("most", "message"),
    [
        (5, "top_logprobs must be between 0 and 5"),
        (8, "Requested sample logprobs of 20, which is greater than max allowed: 8"),
        (5, "too many logprobs"),
    ],
)
def test_a_cap_on_logprobs_is_learnt_once(
    stub: StubServer, tmp_path: Path, api: str, most: int, message: str
) -> None:
    stub.reply = LETTER
    name = "top_logprobs" if api == "chat" else "logprobs"
    refused = refusing(stub, lambda body: int(body.get(name) or 0) > most, 400, message)
    report, _ = measured(stub, tmp_path / "r", mode="logprobs", api=api)

    assert len(refused) == 1
    assert {received.body[name] for received in stub.requests} == {most}
    assert report.serving.adapted[stub.base_url] == {name: f"at most {most}"}
    assert report.benchmarks["arc"].scored == 8


@pytest.mark.parametrize(("status", "message"), [(500, ""), (400, "max_tokens must be at least 1")])
def test_an_echo_of_a_server_that_must_generate_is_the_same(
    stub: StubServer, tmp_path: Path, status: int, message: str
) -> None:
    whole, _ = measured(stub, tmp_path / "a", mode="likelihood")
    refused = refusing(stub, lambda body: body.get("max_tokens") == 0, status, message)
    stub.reply = " It"
    cut, _ = measured(stub, tmp_path / "b", mode="likelihood")

    values = [
        {name: pytest.approx(of.value) for name, of in report.benchmarks["arc"].dimensions.items()}
        for report in (cut, whole)
    ]
    assert {name: of.expected for name, of in values[0].items()} == values[1]
    assert len(refused) == 1
    assert {received.body["max_tokens"] for received in stub.requests[-8:]} == {1}


def test_only_vllm_is_asked_for_no_token_behind_an_echo(stub: StubServer, tmp_path: Path) -> None:
    stub.models_fault = 500
    report, _ = measured(stub, tmp_path / "r", mode="likelihood")

    echoes = [body for body in bodies(stub) if body.get("echo")]
    assert report.benchmarks["arc"].scored == 8
    assert {body["max_tokens"] for body in echoes} == {1}


def test_null_leaves_a_field_out_everywhere(stub: StubServer, tmp_path: Path) -> None:
    stub.reply, stub.models = "[[7]]", ["stub", "judge"]
    left_out = {"temperature": None, "max_tokens": None, "top_k": None}
    measured(
        stub,
        tmp_path / "r",
        benchmarks=["alignbench"],
        limit=2,
        param=left_out,
        judge_param=left_out,
        judge_model=["judge"],
        judge_base_url=[stub.base_url],
    )

    assert {body["model"] for body in bodies(stub)} == {"stub", "judge"}
    assert not any(left_out.keys() & body.keys() for body in bodies(stub))


def test_the_model_comes_before_the_data(
    stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    stub.models, stub.models_fault = ["right"], 404

    with pytest.raises(UsageError, match="refuses a first question to 'stub'"):
        measured(stub, tmp_path / "r", data="hub")
    with pytest.raises(UsageError, match="--mode logprobs is for multiple choice"):
        measured(stub, tmp_path / "r", data="hub", benchmarks=["gsm8k"], mode="logprobs")


def test_a_wrong_value_comes_before_a_missing_server() -> None:
    with pytest.raises(UsageError, match="--limit 'x'"):
        unserved({"benchmarks": ["gsm8k"], "limit": "x"})
    with pytest.raises(UsageError, match="no endpoint"):
        several({"benchmarks": ["gsm8k"], "limit": "3"})
