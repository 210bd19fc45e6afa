"""Endpoints prove themselves before a run begins: by one real request, in the form of the run's.

What a run needs and an endpoint lacks is told here, and not by a thousand errors.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evaluator.client.dialects import words
from evaluator.client.endpoint import Endpoint, ask_alone, remember, spare
from evaluator.client.pool import Pool
from evaluator.engine.form import ECHO, Form, optional_fields
from evaluator.errors import EvaluatorError, RequestError, ServerError, Transient, UsageError
from evaluator.judging.panel import SAMPLING
from evaluator.locale import N_, labels
from evaluator.options.dataset_args import DatasetArgs
from evaluator.options.settings import Settings
from evaluator.report.tables import Cells
from evaluator.runs.binding import protocol_of
from evaluator.runs.capabilities import adapter, context_length, engine, refused
from evaluator.runs.choice import choose, form
from evaluator.runs.questions import HELLO, SCORED, SENTENCE, TOOL
from evaluator.runs.sampling import given_sampling, usual_sampling
from evaluator.types import Params, Request, Response

TRIES = 4  # of one question, where it fails for now
LENGTHS = ("max_tokens", "max_completion_tokens")
# Said by a model that answers, although not in one token.
ANSWERED = words(r"output limit was reached|filtered by the provider")
NEEDED = {
    "logprobs": N_(
        "--mode logprobs needs top_logprobs, which {url} does not give: {reason}; "
        "use --mode generate"
    ),
    "tools": N_(
        "--protocol tools needs tool calls, which {url} does not give: {reason}; start vLLM "
        "with --enable-auto-tool-choice --tool-call-parser NAME, as `launch` does, or give "
        "--protocol react"
    ),
    "echo": N_(
        "--mode likelihood needs /v1/completions with echo and logprobs, which {url} does not "
        "give: {reason}; use --mode logprobs or generate"
    ),
}
UNSEEN = N_(
    "{url} takes tools, but its chat template never shows them to the model: a prompt has "
    "{tokens} tokens with and without them; give --protocol react, or start the server with "
    "--chat-template FILE, one that shows tools"
)


@dataclass(frozen=True, slots=True)
class Capability:
    """Something that a run needs of an endpoint, and the request that shows whether it is there."""

    what: str  # chat, completions, tools, logprobs or echo
    request: Request

    @property
    def short(self) -> Request:
        """The same with a reply of one token."""
        body = self.request.body
        ones = {name: 1 for name in LENGTHS if (body.get(name) or 0) > 1}
        return replace(self.request, body={**body, **ones})


@dataclass(frozen=True, slots=True)
class Proof:
    """What an endpoint has shown. `seconds`: how long one token took."""

    role: str
    endpoint: Endpoint
    engine: str
    shown: Sequence[str]
    seconds: float


async def prove(
    pools: Mapping[str, Pool], settings: Settings, earlier: Sequence[Proof] = ()
) -> list[Proof]:
    """What each endpoint shows of what the run needs of it.

    An endpoint that has shown it `earlier`, over another connection, is not asked again.
    Raises UsageError where it lacks something, ServerError where it does not answer.
    """
    shown = {(each.role, each.endpoint.transport.url): each for each in earlier}
    needs = {
        role: needed(role, pool.model, settings)
        for role, pool in pools.items()
        if any(endpoint.transport.url for endpoint in pool.endpoints)
    }
    proofs = (
        shown_again(endpoint, proof)
        if (proof := shown.get((role, endpoint.transport.url)))
        else prove_one(role, pools[role], endpoint, wanted)
        for role, wanted in needs.items()
        for endpoint in pools[role].endpoints
        if endpoint.up
    )
    return await asyncio.gather(*proofs)


def needed(role: str, model: str, settings: Settings) -> list[Capability]:
    """What a role's model is asked, each form of it once."""
    if role != "model":
        return [plain(Form(), model, {**SAMPLING, **settings.judge.sampling})]
    found: dict[tuple[str, ...], Capability] = {}
    for benchmark in choose(settings):
        how = form(settings, settings.dataset_args.get(benchmark.name, DatasetArgs()))
        fields = {**usual_sampling(benchmark, settings.mode), **given_sampling(benchmark, settings)}
        if protocol_of(benchmark, settings) == "tools":
            fields = {**fields, "tools": [TOOL], "tool_choice": "auto"}
        for one in in_form(how, model, fields, settings.mode):
            found.setdefault((one.what, *sorted(one.request.body)), one)
    return list(found.values())


def in_form(how: Form, model: str, fields: Params, mode: str) -> Iterator[Capability]:
    """What the mode asks: an echo, or a plain question, and what it needs beyond the reply."""
    if mode == "likelihood":
        body = {"model": model, "prompt": SENTENCE, **ECHO}
        yield Capability("echo", Request("proof", "1", "model", body, scored=len(SCORED)))
        return
    yield plain(how, model, {k: v for k, v in fields.items() if "logprobs" not in k})
    if mode == "logprobs":
        yield replace(plain(how, model, fields), what="logprobs")


def plain(how: Form, model: str, fields: Params) -> Capability:
    """A question in the form of the run's own."""
    body, optional = how.body(model, HELLO, fields), optional_fields(HELLO, {}, fields)
    what = "tools" if "tools" in fields else how.api
    return Capability(what, Request("proof", "1", "model", body, optional=optional))


async def prove_one(
    role: str, pool: Pool, endpoint: Endpoint, needs: Sequence[Capability]
) -> Proof:
    """What one endpoint shows.  Raises UsageError or ServerError."""
    if any(wanted.what == "echo" for wanted in needs):
        spare(endpoint)
    replies = [await reply(pool, endpoint, wanted) for wanted in needs]
    shown = dict.fromkeys(map(in_words, needs, replies))
    told = await engine(endpoint.transport, endpoint.card)
    return Proof(role, endpoint, told, [*shown], min(each.latency for each in replies))


async def shown_again(endpoint: Endpoint, earlier: Proof) -> Proof:
    """The same proof for another connection, which knows from now on what was learnt by it."""
    remember(endpoint, earlier.endpoint)
    return replace(earlier, endpoint=endpoint)


def in_words(wanted: Capability, response: Response) -> str:
    """What was shown, and how far a stream tells what a run wants to know."""
    if response.ttft is None:
        return wanted.what
    return f"{wanted.what} {'streamed' if response.output_tokens else 'streamed without usage'}"


async def reply(pool: Pool, endpoint: Endpoint, wanted: Capability) -> Response:
    """The reply that shows what is needed.  Raises UsageError or ServerError."""
    try:
        response = await short_or_whole(pool, endpoint, wanted)
    except RequestError as error:
        if ANSWERED.search(str(error)):
            return Response("", "")
        raise lacking(pool, endpoint, wanted, error) from error
    if wanted.what == "logprobs" and not any(response.top_logprobs):
        said = endpoint.taught.get("logprobs", "there are none in its reply")
        raise lacking(pool, endpoint, wanted, said)
    if wanted.what == "tools":
        await require_shown(pool, endpoint, wanted, response)
    return response


async def require_shown(
    pool: Pool, endpoint: Endpoint, wanted: Capability, with_tools: Response
) -> None:
    """Raises UsageError where tools make a prompt no longer, so that the model never sees them."""
    body = {k: v for k, v in wanted.request.body.items() if not k.startswith("tool")}
    plain = Capability("chat", replace(wanted.request, body=body))
    tokens = (await short_or_whole(pool, endpoint, plain)).prompt_tokens
    if 0 < tokens == with_tools.prompt_tokens:
        raise UsageError(N_(UNSEEN, url=endpoint.transport.url, tokens=tokens))


async def short_or_whole(pool: Pool, endpoint: Endpoint, wanted: Capability) -> Response:
    """The reply of one token; where that is refused, one as long as the run's."""
    try:
        return await ask_alone(endpoint, wanted.short, pool.rates, TRIES)
    except Transient:
        raise
    except RequestError:
        if wanted.short.body == wanted.request.body:
            raise
        return await ask_alone(endpoint, wanted.request, pool.rates, TRIES)


def lacking(
    pool: Pool, endpoint: Endpoint, wanted: Capability, reason: RequestError | str
) -> EvaluatorError:
    """The line for what an endpoint did not show."""
    url = endpoint.transport.url
    told = reason.message if isinstance(reason, RequestError) else reason
    if wanted.what in NEEDED:
        return UsageError(N_(NEEDED[wanted.what], url=url, reason=told))
    if isinstance(reason, Transient):
        return ServerError(
            N_(
                "{url} does not answer one question to {model!r}: {reason}; is the server up, "
                "and the URL right?",
                url=url,
                model=pool.model,
                reason=told,
            )
        )
    return UsageError(
        N_(
            "{url} refuses a first question to {model!r} ({what}): {reason}",
            url=url,
            model=pool.model,
            what=wanted.what,
            reason=told,
        )
    )


def cells(proofs: Sequence[Proof]) -> Cells:
    """A row for each endpoint."""
    columns = labels("", "endpoint", "server", "context", "answers", "one token", "refuses")
    rows = [
        [
            N_(each.role),
            each.endpoint.transport.url,
            ", ".join(filter(None, (each.engine, adapter(each.endpoint.card)))),
            context_length(each.endpoint.card),
            ", ".join(each.shown),
            f"{each.seconds * 1000:,.0f} ms" if each.seconds else "-",
            refused(each.endpoint),
        ]
        for each in proofs
    ]
    return Cells(columns, rows, frozenset(columns) - {"one token"})
