"""samples.jsonl: a run that can be read, compared and judged without data set and journal."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from evaluator.arena.players import read_answers, read_players
from evaluator.arena.recorded import Conversation, conversations
from evaluator.engine.form import Form
from evaluator.transcripts.read import Transcript, transcripts
from evaluator.transcripts.write import Transcripts
from evaluator.types import Message, Outcome, Request, Response, Sample, Score
from tests.conftest import Cli
from tests.stub import Reply, StubServer
from tests.stub.replies import prompt_text

BASICS = ("--model", "stub", "--data", "builtin", "--progress", "none")


def lines(folder: Path) -> list[Any]:
    return list(map(orjson.loads, (folder / "samples.jsonl").read_bytes().splitlines()))


def asked_of(stub: StubServer) -> list[Any]:
    return sorted((each.body["messages"] for each in stub.requests), key=repr)


def ended(number: int, *bodies: Any, replies: Sequence[str] = (), **more: Any) -> Outcome:
    requests = [Request("b", str(number), "model", body, nth) for nth, body in enumerate(bodies)]
    responses = {
        request.key: Response(request.key, text)
        for request, text in zip(requests, replies, strict=False)
    }
    sample = Sample(str(number), more.pop("fields", {}), "A", "g")
    score = Score(1.0, "A")
    kept = {"sample": sample, "requests": requests, "responses": responses}
    return Outcome("b", str(number), "g", "scored", score, target="A", **kept, **more)


def again(folder: Path, made: Sequence[Outcome]) -> tuple[list[Transcript], bytes]:
    """The outcomes written and read, and what stood in the file."""
    writer = Transcripts()
    written = b"".join(map(writer.lines, made))
    (folder / "samples.jsonl").write_bytes(written)
    return list(transcripts(folder)), written


def chat(*contents: str) -> dict[str, Any]:
    roles = ("user", "assistant") * len(contents)
    turns = zip(roles, contents, strict=False)
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


EXAMPLES = "".join(f"Question {i}: what is {i} + 1?\nAnswer: {i + 1}\n\n" for i in range(60))


@pytest.mark.parametrize("first", [EXAMPLES, "", "a line without an end " * 90])
def test_what_many_prompts_begin_with_is_written_once(tmp_path: Path, first: str) -> None:
    bodies = [chat(f"{first}Question: {number} times 7?") for number in range(40)]
    read, written = again(tmp_path, [ended(i, body) for i, body in enumerate(bodies)])

    assert [each.exchanges[0].asked for each in read] == [body["messages"] for body in bodies]
    if first == EXAMPLES:
        assert written.count(EXAMPLES[:500].replace("\n", "\\n").encode()) == 2  # the first, a head
        assert read[9].question == "Question: 9 times 7?"
        assert read[0].question == f"{EXAMPLES}Question: 0 times 7?"


def test_subjects_that_take_turns_keep_their_beginnings(tmp_path: Path) -> None:
    heads = [f"Subject {name}.\n{EXAMPLES}" for name in "abcd"]
    bodies = [{"prompt": f"{heads[i // 2 % 4]}Question {i}?"} for i in range(80)]
    read, written = again(tmp_path, [ended(i, body) for i, body in enumerate(bodies)])

    assert [each.exchanges[0].asked for each in read] == [body["prompt"] for body in bodies]
    assert written.count(b"Question 7: what is") == 8


def test_a_longer_beginning_takes_the_place_of_a_shorter_one(tmp_path: Path) -> None:
    bodies = [{"prompt": f"{EXAMPLES}{i}"} for i in range(3)]
    bodies += [{"prompt": f"{EXAMPLES}{EXAMPLES}{i}"} for i in range(9)]
    read, written = again(tmp_path, [ended(i, body) for i, body in enumerate(bodies)])

    assert [each.exchanges[0].asked for each in read] == [body["prompt"] for body in bodies]
    assert len(written) < 7 * len(EXAMPLES)


def test_shared_turns_are_written_once(tmp_path: Path) -> None:
    shared: list[Message] = [{"role": "system", "content": "Be brief. " * 40}]
    shared += [*chat("1 + 1?", "2")["messages"]]
    bodies = [{"messages": [*shared, *chat(f"{i} + 1?")["messages"]]} for i in range(9)]
    read, written = again(tmp_path, [ended(i, body) for i, body in enumerate(bodies)])

    assert [each.exchanges[0].asked for each in read] == [body["messages"] for body in bodies]
    assert written.count(b"Be brief. " * 40) == 2
    assert read[5].question == "5 + 1?"


def test_a_conversation_and_a_repeat_are_written_once(tmp_path: Path) -> None:
    first, second = chat("What is 1 + 1?"), chat("What is 1 + 1?", "2", "And one more?")
    made = ended(0, first, second, first, replies=["2", "3"])
    (read,), written = again(tmp_path, [made])

    said = read.exchanges
    asked = [first["messages"], second["messages"], first["messages"]]
    assert [each.asked for each in said] == asked
    assert [each.reply for each in said] == ["2", "3", None]
    assert written.count(b"What is 1 + 1?") == 1


def test_options_and_references_are_kept(tmp_path: Path) -> None:
    choice = ended(0, fields={"labels": ("A", "B"), "options": ("red", "blue")})
    open_ended = ended(1, fields={})
    (one, other), _ = again(tmp_path, [choice, open_ended])

    assert one.options == {"A": "red", "B": "blue"}
    assert one.reference == other.reference == ["A"]
    assert other.options == {}


def test_a_run_keeps_what_was_asked_answered_and_read(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.reply = Reply("So it is B.\nAnswer: B", reasoning="Let me see.")
    words = ("run", "ceval", "gsm8k", *BASICS, "--base-url", stub.base_url, "--out", "so")
    done = cli(*words)

    kept = whole(tmp_path / "so")
    found = [each.exchanges[0].asked for each in kept.values()]
    assert done.returncode == 0, done.stderr
    assert sorted(found, key=repr) == asked_of(stub)
    one = next(each for each in kept.values() if each.benchmark == "ceval")
    assert list(one.options) == ["A", "B", "C", "D"]
    assert (one.answer, one.exchanges[0].thinking) == ("B", "Let me see.")
    assert one.value == float(one.target == "B")
    heads = [line["head"] for line in lines(tmp_path / "so") if "head" in line]
    # one a subject, of which two samples ended one after the other
    assert 5 <= len(heads) == len(set(heads)) <= 10

    (tmp_path / "so/samples.jsonl").unlink()  # a replay makes it again
    cli(*words, "--replay")
    assert whole(tmp_path / "so") == kept


def whole(folder: Path) -> dict[tuple[str, str], Transcript]:
    """The samples, without what depends on the order in which they ended: what others share."""
    return {
        (each.benchmark, each.id): replace(
            each, exchanges=[replace(one, own="") for one in each.exchanges]
        )
        for each in transcripts(folder)
    }


def test_samples_of_benchmarks_that_are_not_run_stay(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    words = (*BASICS, "--base-url", stub.base_url, "--out", "so", "--limit", 6)
    cli("run", "ceval", *words)
    before = list(transcripts(tmp_path / "so"))
    cli("run", "arc", *words)
    cli("run", "arc", *words)

    after = list(transcripts(tmp_path / "so"))
    assert after[:6] == before
    assert [each.benchmark for each in after[6:]] == ["arc"] * 6


def test_a_question_whose_request_failed_is_kept_too(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.faults = ["too_long"]
    cli("run", "gsm8k", *BASICS, "--base-url", stub.base_url, "--out", "so", "--limit", 1)

    (read,) = transcripts(tmp_path / "so")
    assert (read.status, read.value, read.exchanges[0].reply) == ("error", None, None)
    assert read.question
    assert "maximum context length" in read.error


def test_what_was_forgotten_shows_its_question_without_the_data(
    cli: Cli, stub: StubServer, tmp_path: Path
) -> None:
    stub.models = ["a", "b"]
    stub.reply = lambda body: "Answer: B" if body["model"] == "a" else "Answer: C"
    words = ("run", "arc", *BASICS[2:], "--base-url", stub.base_url, "--models", "a,b")
    assert cli(*words, "--limit", 12).returncode == 0

    figures = orjson.loads((tmp_path / "runs/compare-a-b/compare.json").read_bytes())
    (side,) = figures["comparisons"]
    asked = {prompt_text(each.body) for each in stub.requests}
    assert side["forgotten"] and side["learned"]
    assert {each["question"] for each in side["forgotten"]} <= asked
    page = (tmp_path / "runs/compare-a-b/compare.md").read_text()
    assert side["forgotten"][0]["question"] in page
    shown = cli("show", "runs/b", "--forgotten", "runs/a")
    assert shown.stdout.count("right answer: B") == len(side["forgotten"])
    assert side["forgotten"][0]["question"] in shown.stdout
    assert cli("show", "runs/a", "--forgotten", "runs/b").stdout.count("right answer: C") == len(
        side["learned"]
    )


MANNERS: list[tuple[object, ...]] = [
    (),
    ("--shots", 2),
    ("--shots", 2, "--shots-as-turns", "--system", "Be brief."),
    ("--api", "completions", "--shots", 1),
    ("--repeats", 2),
]


@pytest.mark.parametrize("manner", MANNERS, ids=str)
def test_an_arena_hears_the_same_conversations_with_and_without_the_data(
    cli: Cli, stub: StubServer, tmp_path: Path, manner: Sequence[object]
) -> None:
    judged = ("--judge-model", "self")
    for out in ("a", "b"):
        words = ("--base-url", stub.base_url, "--limit", 4, "--out", out)
        names = ("gsm8k", "mtbench") if not manner else ("gsm8k",)
        stub.reply = f"It is 3. [[5]]\nAnswer: {out}"
        done = cli("run", *names, *BASICS, *words, *manner, *(judged if not manner else ()))
        assert done.returncode == 0, done.stderr

    def heard() -> dict[tuple[str, str], Conversation]:
        player, _ = read_players([tmp_path / "a", tmp_path / "b"])
        return conversations(player, read_answers(player, ()))

    kept = heard()
    (tmp_path / "a/samples.jsonl").unlink()
    assert heard() == kept
    assert len(kept) == (4 if manner else 8)


def test_an_arena_needs_no_data_set(cli: Cli, stub: StubServer, tmp_path: Path) -> None:
    data = tmp_path / "data/openai/gsm8k/main"
    data.mkdir(parents=True)
    rows = [{"question": f"{i} + 1?", "answer": f"#### {i + 1}"} for i in range(3)]
    (data / "test.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    for out in ("a", "b"):
        stub.reply = f"{out}\nAnswer: 1"
        words = ("--base-url", stub.base_url, "--data-dir", "data", "--progress", "none")
        cli("run", "gsm8k", "--model", "stub", *words, "--out", out)
    (data / "test.jsonl").unlink()
    stub.reply = "[[A]]"
    judge = ("--judge-model", "stub", "--judge-base-url", stub.base_url, "--progress", "none")
    done = cli("arena", "a", "b", *judge)

    assert done.returncode == 0, done.stderr
    assert any("2 + 1?" in prompt_text(each.body) for each in stub.requests[-6:])


@pytest.fixture
def run(cli: Cli, stub: StubServer) -> Cli:
    """A run of some right, some wrong and some unread answers in the folder so."""

    def reply(body: Any) -> str:
        text = prompt_text(body)
        return "Answer: B" if len(text) % 3 else "\x1b[31mI like turtles.\x1b[0m"

    stub.reply = reply
    words = ("--base-url", stub.base_url, "--out", "so", "--limit", 12, "--no-smoke")
    assert cli("run", "arc", "gsm8k", *BASICS, *words).returncode == 0
    return cli


@pytest.mark.parametrize(
    ("words", "takes"),
    [
        ((), lambda each: True),
        (("--wrong",), lambda each: each.value < 1),
        (("--unparsed",), lambda each: each.answer is None),
        (("--benchmark", "arc"), lambda each: each.benchmark == "arc"),
        (("--benchmark", "arc", "--unparsed"), lambda e: e.benchmark == "arc" and e.answer is None),
        (("--id", "0", "--id", "3"), lambda each: each.id in ("0", "3")),
    ],
)
def test_show_prints_the_samples_that_are_asked_for(
    run: Cli, tmp_path: Path, words: Sequence[str], takes: Any
) -> None:
    done = run("show", "so", *words)
    wanted = [each for each in transcripts(tmp_path / "so") if takes(each)]

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("right answer: ") == len(wanted) > 0
    for each in wanted:
        assert f"{each.benchmark} {each.id}" in done.stdout
        assert each.question in done.stdout
    assert "\x1b" not in done.stdout


def test_show_stops_at_its_limit_and_says_when_there_is_nothing(run: Cli) -> None:
    assert run("show", "so", "--limit", 3).stdout.count("right answer: ") == 3
    nothing = run("show", "so", "--id", "no such")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "no such sample in so" in nothing.stderr


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("nowhere",), "no run in 'nowhere'"),
        (("so", "--benchmark", "ceval"), "has no benchmark 'ceval'; it has arc, gsm8k"),
        (("so", "--forgotten", "nowhere"), "no run in 'nowhere'"),
    ],
)
def test_show_refuses_what_is_not_there(run: Cli, words: Sequence[str], complaint: str) -> None:
    done = run("show", *words)

    assert done.returncode == 2
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_older_run_says_how_to_make_its_samples(run: Cli, tmp_path: Path) -> None:
    (tmp_path / "so/samples.jsonl").unlink()
    done = run("show", "so")

    assert done.returncode == 2
    assert "with --replay" in done.stderr


def test_a_question_is_noted_only_where_a_request_words_it_otherwise() -> None:
    turns = [{"role": "user", "content": "q"}]

    assert [Form().question(each) for each in ("q", turns)] == [None, None]
    assert Form("completions").question("q") == "q"
    assert Form("completions").question(turns) == turns
