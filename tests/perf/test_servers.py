"""What servers offer: prefix caches, token counts, pages that are missing or odd."""

from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.errors import UsageError
from evaluator.perf.report.render import markdown
from evaluator.results.figures import Unmeasured
from evaluator.results.perf_point import Lengths
from tests.stub import Fault, Reply, StubServer
from tests.stub.replies import words

from .measuring import Measured, bodies


def test_a_warm_cache_is_only_left_so_when_asked(measured: Measured, server: StubServer) -> None:
    data = measured(concurrency="1", requests=2, repeats=1, warm_cache=True)

    assert "cache_salt" not in bodies(server)[0]
    assert "prefix cache: left as it is" in markdown(data)


def test_a_cache_that_stays_warm_is_said_where_prompts_come_again(
    measured: Measured, server: StubServer, tmp_path: Path
) -> None:
    (tmp_path / "w.jsonl").write_text('{"prompt": "One?"}\n{"prompt": "Two?"}')
    given = {"concurrency": "1", "requests": 2, "repeats": 1}
    cold = markdown(measured(workload=tmp_path / "w.jsonl", **given))
    server.metrics = False
    warm = markdown(measured(workload=tmp_path / "w.jsonl", out=tmp_path / "w", **given))
    unique = markdown(measured(out=tmp_path / "s", **given))

    warning = "can be neither emptied nor salted here, and every point draws from the same prompts"
    assert [warning in said for said in (cold, warm, unique)] == [False, True, False]
    promise = "no prompt is sent twice in a run"
    assert [promise in said for said in (cold, warm, unique)] == [False, False, True]


def test_a_server_without_usage_is_said_and_nothing_is_guessed(
    measured: Measured, server: StubServer, tmp_path: Path
) -> None:
    server.reply = Reply("a b c d", prompt_tokens=0, output_tokens=0)
    data = measured(concurrency="1", requests=4, repeats=1)

    (point,) = data.points
    assert point.output_tokens_per_s is None and point.tpot == Unmeasured()
    assert point.requests_per_s > 0 and point.itl.p50 >= 0
    assert "does not count tokens (no usage)" in markdown(data)
    with pytest.raises(UsageError, match="--find-knee: stub does not count tokens"):
        measured(slo="tpot:50", find_knee=True, requests=2, repeats=1, out=tmp_path / "k")


HTML = b"<!doctype html><title>Nothing here</title>"


@pytest.mark.parametrize("page", [HTML, b"[]", b'"no"', b'{"tokens": 4}', b'{"count": null}'])
def test_prompts_are_counted_by_usage_where_tokenize_has_no_count(
    measured: Measured, server: StubServer, page: bytes
) -> None:
    server.pages = {"/tokenize": page}
    data = measured(concurrency="1", requests=2, repeats=1)

    assert data.points[0].prompt_tokens == Lengths(mean=20.0, min=20, max=20)
    assert any(body["max_tokens"] == 1 for body in bodies(server))


@pytest.mark.parametrize(
    ("page", "cache"),
    [
        (b"", "reset"),
        (b'{"success": true}', "reset"),
        (b'{"success": false}', "salt"),
        (HTML, "salt"),
        (b"[]", "salt"),
    ],
)
def test_a_cache_is_emptied_only_where_the_server_says_that_it_does(
    measured: Measured, server: StubServer, page: bytes, cache: str
) -> None:
    server.pages = {"/reset_prefix_cache": page}
    data = measured(concurrency="1", requests=2, repeats=1)

    assert {point.cache for point in data.points} == {cache}


class Everything(dict[str, bytes]):
    """An empty page for every path."""

    def __contains__(self, path: object) -> bool:
        return True

    def __missing__(self, path: str) -> bytes:
        return b""


def test_a_server_that_says_yes_to_any_path_has_not_emptied_its_cache(
    measured: Measured, server: StubServer
) -> None:
    server.pages = Everything()
    data = measured(concurrency="1", requests=2, repeats=1)

    assert {point.cache for point in data.points} == {"unique"}
    assert "emptied before" not in markdown(data)


def test_without_metrics_usage_tells_how_much_was_cached(
    measured: Measured, server: StubServer
) -> None:
    server.metrics = False
    server.reply = lambda body: replace(words(body), cached_tokens=5)
    data = measured(concurrency="1", requests=4, repeats=1)

    (point,) = data.points
    assert (point.server, point.cached_share) == (None, 0.25)
    assert "25.0%" in markdown(data)
    assert "25% of the prompt tokens came from a cache that was to be cold" in markdown(data)


@pytest.mark.parametrize("said", ["unknown field: {}", "{}: Extra inputs are not permitted"])
@pytest.mark.parametrize(
    ("field", "means"),
    [
        ("ignore_eos", "replies end where the model ends them, and their lengths are its own"),
        ("stream_options", "tokens are not counted"),
        ("top_k", "the server's own default counts"),
    ],
)
def test_a_field_that_is_refused_is_left_out_and_said(
    measured: Measured, server: StubServer, field: str, means: str, said: str
) -> None:
    message = said.format(field)
    server.faults = lambda _, body: Fault(400, message=message) if field in body else None
    data = measured(concurrency="2", requests=4, repeats=1)

    (point,) = data.points
    assert (point.completed, point.failed, list(point.refused or ())) == (4, 0, [field])
    assert f"stub refuses {field}, and was asked without: {means}" in markdown(data)
    assert [field in body for body in bodies(server)].count(True) <= 2  # both slots of the warm-up


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_refusal_that_names_nothing_is_understood_in_the_warm_up(
    measured: Measured, server: StubServer, status: int
) -> None:
    server.metrics = False
    server.faults = lambda _, body: Fault(status) if "ignore_eos" in body else None
    data = measured(concurrency="2", requests=4, repeats=1)

    (point,) = data.points
    assert (point.completed, point.failed, list(point.refused or ())) == (4, 0, ["ignore_eos"])
    assert "stub refuses ignore_eos, and was asked without: replies end where" in markdown(data)


def test_a_failure_of_a_measured_request_is_no_refusal(
    measured: Measured, server: StubServer
) -> None:
    server.faults = lambda index, _: Fault(500) if index == 4 else None
    (point,) = measured(concurrency="2", requests=4, repeats=1).points

    assert (point.completed, point.failed, point.refused) == (3, 1, None)


def test_a_connection_that_was_closed_while_idle_costs_no_request(
    measured: Measured, server: StubServer
) -> None:
    server.faults = lambda index, _: Fault("reset") if index == 3 else None
    data = measured(concurrency="1", requests=4, repeats=1)

    (point,) = data.points
    assert (point.completed, point.failed, point.reconnected) == (4, 0, 1)
    assert "1 request met an idle connection that the server had closed" in markdown(data)


def test_a_server_that_has_one_page_for_every_path_is_measured(
    measured: Measured, server: StubServer
) -> None:
    server.pages = dict.fromkeys(("/reset_prefix_cache", "/tokenize", "/metrics"), HTML)
    (point,) = measured(concurrency="1", requests=2, repeats=1).points

    assert (point.cache, point.server, point.failed) == ("unique", None, 0)


def test_a_model_that_a_gateway_serves_without_listing_it_is_measured(
    measured: Measured, server: StubServer
) -> None:
    server.pages = {"/v1/models": b'{"data": [{"id": "other", "owned_by": "a gateway"}]}'}
    (point,) = measured(concurrency="1", requests=2, repeats=1).points

    assert (point.completed, point.failed) == (2, 0)


def test_a_field_that_is_left_out_is_not_told_as_neutral(
    measured: Measured, server: StubServer
) -> None:
    given = {"concurrency": "1", "requests": 2, "repeats": 1}
    measured(param=["top_k=null", "temperature=null"], **given)

    assert {name for name in ("top_k", "temperature", "top_p") if name in bodies(server)[-1]} == {
        "top_p"
    }
