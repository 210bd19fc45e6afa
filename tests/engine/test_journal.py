import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluator.errors import JournalError, UsageError
from evaluator.journal import Journal
from evaluator.journal.lines import picked, records, timings
from evaluator.types import Request, Response


def request(sample: str = "1", text: str = "what?", nth: int = 0) -> Request:
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    return Request("gsm8k", sample, "model", body, nth)


def response(asked: Request, text: str = "that") -> Response:
    return Response(asked.key, text, reasoning="因为", top_logprobs=({"A": -0.5},), latency=1.5)


def test_the_key_names_what_is_asked_whatever_the_order_of_the_body() -> None:
    one = Request("b", "1", "model", {"x": 1, "y": 2})
    other = Request("b", "1", "model", {"y": 2, "x": 1})

    assert one.key == other.key
    assert len({one.key, request().key, request("2").key, request(nth=1).key}) == 4


def test_a_response_comes_back_as_it_was(tmp_path: Path) -> None:
    with Journal(tmp_path / "r.jsonl") as journal:
        journal.add(request(), response(request()))
    with Journal(tmp_path / "r.jsonl") as journal:
        found = journal.get(request())

    assert found is not None
    assert (found.text, found.reasoning, found.latency) == ("that", "因为", 1.5)
    assert list(found.top_logprobs) == [{"A": -0.5}]


def test_a_reply_longer_than_one_read_comes_back_whole(tmp_path: Path) -> None:
    with Journal(tmp_path / "r.jsonl") as journal:
        journal.add(request(), response(request(), "长" * 400_000))
        journal.add(request("2"), response(request("2"), "short"))

        assert [len(journal.get(request(s)).text) for s in "12"] == [400_000, 5]  # type: ignore[union-attr]


def test_what_was_never_asked_is_not_found(tmp_path: Path) -> None:
    with Journal(tmp_path / "r.jsonl") as journal:
        journal.add(request(), response(request()))

        assert journal.get(request(text="something else")) is None


@pytest.mark.parametrize("torn", [b"{", b'{"key":"abc', b'{"key":"' + b"0" * 200_000])
def test_a_torn_last_line_is_cut_off_and_the_rest_kept(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "r.jsonl"
    with Journal(path) as journal:
        journal.add(request(), response(request()))
    with path.open("ab") as file:
        file.write(torn)

    with Journal(path) as journal:
        journal.add(request("2"), response(request("2")))

    assert [record["sample_id"] for record in records(path)] == ["1", "2"]


def test_a_line_that_is_no_record_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"key":"this is not hexadecimal, it is damaged"}\nwords\n\n')

    with Journal(path) as journal:
        journal.add(request(), response(request()))

        assert journal.get(request()) is not None
        assert len(journal) == 1


def windows(lines: bytes) -> bytes:
    return b"\xef\xbb\xbf" + lines.replace(b"\n", b"\r\n")


def spaced(lines: bytes) -> bytes:
    return b"".join(
        json.dumps(dict(sorted(json.loads(line).items()))).encode() + b"\n"
        for line in lines.splitlines()
    )


@pytest.mark.parametrize("edited", [windows, spaced])
def test_a_journal_that_another_program_saved_is_read(
    tmp_path: Path, edited: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "r.jsonl"
    with Journal(path) as journal:
        for sample in "12":
            journal.add(request(sample), response(request(sample)))
    path.write_bytes(edited(path.read_bytes()))

    with Journal(path) as journal:
        journal.add(request("3"), response(request("3")))
        assert [journal.get(request(sample)) is not None for sample in "123"] == [True] * 3
    assert len(list(records(path))) == len(list(picked(path, {request(s).key for s in "123"}))) == 3
    assert None not in list(timings(path))


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b'"text":"that"', b'"text":7'),
        (b'"reasoning":"', b'"reasoning":null,"r":"'),
        (b'"tool_calls":[]', b'"tool_calls":3'),
        (b'"prompt_tokens":0', b'"prompt_tokens":"0"'),
        (b'"sent_at":0.0', b'"sent_at":null'),
        (b'"latency":1.5', b'"latency":[1.5]'),
        (b'"attempts":1', b'"attempts":1.5'),
        (b'"ttft":null', b'"ttft":"soon"'),
        (b'"endpoint":""', b'"endpoint":{}'),
        (b'{"key"', b'[{"key"'),
    ],
)
def test_a_line_with_a_value_of_a_wrong_type_is_damaged_for_every_reader(
    tmp_path: Path, written: bytes, instead: bytes
) -> None:
    path = tmp_path / "r.jsonl"
    with Journal(path) as journal:
        journal.add(request(), response(request()))
    assert written in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(written, instead, 1))

    with Journal(path) as journal:
        assert journal.get(request()) is None
    assert list(records(path)) == list(picked(path, {request().key})) == []
    assert list(timings(path)) == [None]


def test_a_journal_that_was_deleted_is_noticed_at_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "r/responses.jsonl"
    with Journal(path) as journal:
        shutil.rmtree(path.parent)
        with pytest.raises(JournalError, match="the 1 response in it is lost"):
            journal.add(request(), response(request()))
    assert not path.parent.exists()


TEXT, NULS, FIELDLESS = b'"text":"that"', b"\0" * 13, b'"tex_":"that"'


def damaged(path: Path, damage: bytes = NULS) -> Path:
    """A journal of two responses, the first of them damaged in the middle of its line."""
    with Journal(path) as journal:
        for sample in "12":
            journal.add(request(sample), response(request(sample)))
    path.write_bytes(path.read_bytes().replace(TEXT, damage, 1))
    return path


@pytest.mark.parametrize("damage", [NULS, FIELDLESS])
def test_a_response_in_a_damaged_line_is_not_recorded(tmp_path: Path, damage: bytes) -> None:
    with Journal(damaged(tmp_path / "r.jsonl", damage)) as journal:
        found = [journal.get(request(sample)) for sample in "12"]

    assert found[0] is None
    assert found[1] is not None


def test_a_damaged_line_of_a_reused_run_is_not_copied(tmp_path: Path) -> None:
    reused = damaged(tmp_path / "old.jsonl")
    with Journal(tmp_path / "new.jsonl", [reused]) as journal:
        assert journal.get(request("1")) is None
        assert len(journal) == 0


def test_a_response_asked_for_again_takes_the_place_of_a_damaged_one(tmp_path: Path) -> None:
    path = damaged(tmp_path / "r.jsonl")
    with Journal(path) as journal:
        journal.add(request("1"), response(request("1")))

    with Journal(path) as journal:
        assert journal.get(request("1")) is not None


@pytest.mark.parametrize("damage", [NULS, FIELDLESS])
def test_readers_pass_over_a_damaged_line(tmp_path: Path, damage: bytes) -> None:
    path = damaged(tmp_path / "r.jsonl", damage)
    keys = {request(sample).key for sample in "12"}

    assert [record["sample_id"] for record in records(path)] == ["2"]
    assert [record["sample_id"] for record in picked(path, keys)] == ["2"]


def test_a_second_run_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path / "r.jsonl"), pytest.raises(UsageError, match="another run is writing"):
        Journal(tmp_path / "r.jsonl")


def test_a_reused_run_answers_and_its_response_is_copied(tmp_path: Path) -> None:
    with Journal(tmp_path / "old" / "responses.jsonl") as old:
        old.add(request(), response(request()))
    with Journal(tmp_path / "new.jsonl", [tmp_path / "old"]) as journal:
        assert journal.get(request()) is not None

    with Journal(tmp_path / "new.jsonl") as journal:
        assert journal.get(request()) is not None


def test_a_full_disk_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.symlink_to("/dev/full")

    with Journal(path) as journal, pytest.raises(JournalError, match="No space left on device"):
        journal.add(request(), response(request()))


def test_an_unwritable_place_is_the_users_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="choose another --out"):
        Journal(tmp_path / "file" / "r.jsonl")
