"""What the stub answers to a request: the endpoints, the refusals, the timing, the counters."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import orjson

from evaluator.runs.identity import QUESTIONS
from evaluator.runs.questions import HELLO, SENTENCE

from . import shapes
from .connection import Request, response
from .exchange import Places, Plan
from .faults import Fault, FaultPlan, Kind, as_fault, in_order
from .metrics import PrefixCache, exposition
from .plans import plain, spoilt, stream, struck
from .replies import Body, Replier, Reply, constant, constrained, prompt_text
from .tokens import Vocabulary, count_tokens

_UNAUTHORIZED = {"error": "Unauthorized"}  # as vLLM says it, and not an object
_GENERATION = {"/v1/chat/completions", "/v1/completions"}


def is_greeting(body: Body) -> bool:
    """Whether it is asked what it can do."""
    return prompt_text(body).strip().endswith((HELLO, SENTENCE))


@dataclass(frozen=True, slots=True)
class Received:
    """A recorded request. `received` is on the clock of time.monotonic."""

    path: str
    headers: Mapping[str, str]
    body: Any
    received: float


@dataclass(kw_only=True)
class Stub:
    """Options, counters and answers; it knows nothing of threads and sockets.

    Timing, in seconds: the first token comes after `latency` (of that request, `jitter` uniform
    around it, from the seed) + `first_token`, every further one `inter_token` later. A reply that
    is not streamed comes with its last token. `capacity` is how many are served at once.
    All but the capacity may be changed while the stub runs.

    What a run asks to learn which model this is and what the server can do, it answers at once and
    counts apart: such questions are neither in `count` nor met by faults. What it `refuses` it
    never takes, whatever is asked.
    """

    reply: str | Reply | Replier = "Answer: B"
    faults: FaultPlan | Sequence[Kind | Fault | None] = ()
    refuses: Callable[[Body], Fault | None] = lambda body: None
    latency: float = 0.0
    jitter: float = 0.0
    seed: int = 0
    first_token: float = 0.0
    inter_token: float = 0.0
    capacity: int | None = None
    models: Sequence[str] | None = None  # None serves "stub" and takes any name
    max_model_len: int = 32_768
    api_key: str | None = None
    models_fault: Kind | None = None  # what /v1/models answers instead: a status, or "html"
    metrics: bool = True
    tokenizer_delay: float = 0.0  # seconds until /tokenize or /detokenize answers
    prefix_cache: bool = True  # pretended, for the two counters of /metrics; costs with the prompt
    reasoning_field: str = "reasoning_content"  # vLLM 0.32 says "reasoning"
    record: bool = True
    root: str | None = None  # in /v1/models; None: the name again
    adapters: Mapping[str, str] = field(default_factory=dict)  # by name: the folder, as vLLM lists
    shows_tools: bool = True  # whether its chat template puts tools into the prompt
    version: str | None = None  # None: no such page
    pages: Mapping[str, bytes] = field(default_factory=dict)  # by path: any page, with status 200

    count: int = field(default=0, init=False)  # generation requests received
    requests: list[Received] = field(default_factory=list, init=False)  # the same, if recorded
    probes: list[Received] = field(default_factory=list, init=False)  # all other requests
    identified: list[Received] = field(default_factory=list, init=False)  # who it is
    proven: list[Received] = field(default_factory=list, init=False)  # what it can do
    overrides: dict[str, float] = field(default_factory=dict, init=False)  # for /metrics, by name
    failure: Exception | None = field(default=None, init=False)  # of a reply or fault callable

    def __post_init__(self) -> None:
        self.places = Places(self.capacity)
        self._vocabulary = Vocabulary()
        self._prefixes = PrefixCache()
        self._prompt_tokens = 0
        self._output_tokens = 0

    @property
    def peak_in_flight(self) -> int:
        return self.places.peak

    @property
    def in_flight(self) -> int:
        return self.places.in_flight

    @property
    def waiting(self) -> int:
        return self.places.waiting

    def latency_of(self, index: int) -> float:
        """The latency of the index-th generation request."""
        if not self.jitter:
            return self.latency
        return self.latency + Random(f"{self.seed}/{index}").uniform(-self.jitter, self.jitter)

    def answer(self, request: Request) -> Plan:
        path = request.path.partition("?")[0]
        try:
            body: Body = orjson.loads(request.body) if request.body else {}
        except orjson.JSONDecodeError as error:
            return plain(400, shapes.error(f"JSON decode error: {error}", "BadRequestError", 400))
        if path not in _GENERATION:
            self._note(self.probes, request, body)
            return self._probe(path, request, body)
        if prompt_text(body).strip() in QUESTIONS:
            self._note(self.identified, request, body)
            return self._identified(path, request, body)
        if is_greeting(body):
            self._note(self.proven, request, body)
            plan = self._refusal(request, body) or self._answer(path, 0, body)
            return Plan((b"".join(plan.parts),), probe=True)
        index, self.count = self.count, self.count + 1
        self._note(self.requests, request, body)
        try:
            return self._generate(index, path, request, body)
        except Exception as error:  # noqa: BLE001  callables of tests may raise anything
            self.failure = error
            return plain(500, shapes.error(f"the stub failed: {error!r}", "StubFailure", 500))

    def _identified(self, path: str, request: Request, body: Body) -> Plan:
        """A reply as to any other question; a test's own replies need not know these."""
        if plan := self._refusal(request, body):
            return plan
        try:
            plan = self._answer(path, 0, body)
        except Exception:  # noqa: BLE001  callables of tests may raise anything
            return plain(400, shapes.error("unknown", "BadRequestError", 400))
        return Plan((b"".join(plan.parts),), probe=True)

    def _authorized(self, request: Request) -> bool:
        sent = request.header(b"authorization")
        return self.api_key is None or sent == f"Bearer {self.api_key}".encode()

    def _note(self, log: list[Received], request: Request, body: Any) -> None:
        if self.record:
            log.append(Received(request.path, request.headers, body, time.monotonic()))

    def _probe(self, path: str, request: Request, body: Body) -> Plan:
        if path.startswith("/v1/") and not self._authorized(request):
            return plain(401, _UNAUTHORIZED)
        if path in self.pages:
            return Plan((response(200, self.pages[path]),), probe=True)
        answers: dict[tuple[str, str], Callable[[Body], Plan]] = {
            ("GET", "/v1/models"): self._models,
            ("GET", "/version"): self._version,
            ("GET", "/health"): lambda _: plain(200, b""),
            ("GET", "/metrics"): self._metrics,
            ("GET", "/stub"): self._counters,
            ("POST", "/tokenize"): self._tokenize,
            ("POST", "/detokenize"): self._detokenize,
        }
        answer = answers.get((request.method, path))
        return answer(body) if answer else plain(404, shapes.error("Not Found", "Not Found", 404))

    def _models(self, _: Body) -> Plan:
        fault = self.models_fault and struck(as_fault(self.models_fault), self.max_model_len)
        if fault:
            return fault
        return plain(200, self._listing())

    def _listing(self) -> dict[str, Any]:
        names = self.models or ("stub",)
        return shapes.models(names, self.max_model_len, self.root, self.adapters)

    def _version(self, _: Body) -> Plan:
        if self.version is None:
            return plain(404, shapes.error("Not Found", "Not Found", 404))
        return plain(200, {"version": self.version})

    def _counters(self, _: Body) -> Plan:
        counters = {"count": self.count, "peak_in_flight": self.peak_in_flight}
        counters |= {"in_flight": self.in_flight, "waiting": self.waiting}
        return plain(200, counters | {"mean_late": self.places.late / max(1, self.places.begun)})

    def _tokenize(self, body: Body) -> Plan:
        ids = self._vocabulary.encode(prompt_text(body))
        told = {"count": len(ids), "max_model_len": self.max_model_len, "tokens": ids}
        return replace(plain(200, told), first=self.tokenizer_delay)

    def _detokenize(self, body: Body) -> Plan:
        told = {"prompt": self._vocabulary.decode(body["tokens"])}
        return replace(plain(200, told), first=self.tokenizer_delay)

    def _metrics(self, _: Body) -> Plan:
        if not self.metrics:
            return plain(404, shapes.error("Not Found", "Not Found", 404))
        places = self.places
        values = {
            "vllm:num_requests_running": places.running,
            "vllm:num_requests_waiting": places.waiting,
            "vllm:kv_cache_usage_perc": places.running / self.capacity if self.capacity else 0.0,
            "vllm:prefix_cache_queries_total": self._prefixes.queries,
            "vllm:prefix_cache_hits_total": self._prefixes.hits,
            "vllm:num_preemptions_total": 0,
            "vllm:prompt_tokens_total": self._prompt_tokens,
            "vllm:generation_tokens_total": self._output_tokens,
        }
        text = exposition(values | self.overrides, (self.models or ("stub",))[0])
        whole = response(200, text, "text/plain; version=0.0.4; charset=utf-8")
        return Plan((whole,), probe=True)

    def _refusal(self, request: Request, body: Body) -> Plan | None:
        """What the request is refused with; None where it is taken."""
        if not self._authorized(request):
            return plain(401, _UNAUTHORIZED)
        if fault := self.refuses(body):
            return struck(fault, self.max_model_len)
        if self.models is not None and body.get("model") not in (*self.models, *self.adapters):
            return plain(404, shapes.no_such_model(body.get("model")))
        return None

    def _answer(self, path: str, index: int, body: Body) -> Plan:
        return self._chat(index, body) if "chat" in path else self._completion(index, body)

    def _generate(self, index: int, path: str, request: Request, body: Body) -> Plan:
        if not self._authorized(request):
            return plain(401, _UNAUTHORIZED)
        decide = self.faults if callable(self.faults) else in_order(self.faults)
        fault = decide(index, body)
        if fault and (plan := struck(fault, self.max_model_len)):
            return plan
        if refusal := self._refusal(request, body):
            return refusal
        plan = self._answer(path, index, body)
        return spoilt(plan, fault, bool(body.get("stream"))) if fault else plan

    def _chat(self, index: int, body: Body) -> Plan:
        prompt = prompt_text(body)
        reply = self._reply_to(body)
        shown = prompt + (str(body.get("tools") or "") if self.shows_tools else "")
        asked = count_tokens(shown) if reply.prompt_tokens is None else reply.prompt_tokens
        if asked > self.max_model_len:
            return plain(400, shapes.too_long(self.max_model_len, asked))
        spent = self._spend(prompt, asked, reply.spoken)
        if reply.cached_tokens is not None:
            spent["prompt_tokens_details"] = {"cached_tokens": reply.cached_tokens}
        if body.get("stream"):
            return self._stream(index, body, reply, spent)
        shape = shapes.chat(index, body, reply, spent, self.reasoning_field)
        return self._whole(index, shape, reply.spoken)

    def _reply_to(self, body: Body) -> Reply:
        replier = constant("Hello.") if is_greeting(body) else self.reply
        said = replier(body) if callable(replier) else replier
        reply = constant(said) if isinstance(said, str) else said
        choices = (body.get("structured_outputs") or {}).get("choice")
        return constrained(reply, choices) if choices else reply

    def _spend(self, prompt: str, prompt_tokens: int, output_tokens: int) -> Body:
        self._prompt_tokens += prompt_tokens
        self._output_tokens += output_tokens
        if self.prefix_cache:
            self._prefixes.look_up(prompt)
        return shapes.usage(prompt_tokens, output_tokens)

    def _whole(self, index: int, shape: Body, output_tokens: int) -> Plan:
        last = self.latency_of(index) + self.first_token
        last += self.inter_token * max(0, output_tokens - 1)
        return Plan((response(200, orjson.dumps(shape)),), last, queued=True)

    def _stream(self, index: int, body: Body, reply: Reply, spent: Body) -> Plan:
        steps = shapes.chat_chunks(index, body, reply, spent, self.reasoning_field)
        first = self.latency_of(index) + self.first_token
        return Plan(stream(steps), first, self.inter_token, queued=True)

    def _completion(self, index: int, body: Body) -> Plan:
        if body.get("stream"):
            return plain(400, shapes.error("the stub streams chat only", "BadRequestError", 400))
        bodies = [body | {"prompt": text} for text in self.prompts(body.get("prompt", ""))]
        asked = [count_tokens(each["prompt"]) for each in bodies]
        if max(asked) + max(1, body.get("max_tokens") or 0) > self.max_model_len:
            return plain(400, shapes.too_long(self.max_model_len, max(asked)))
        replies = [self._reply_to(each) for each in bodies]
        spoken = 0 if body.get("max_tokens") == 0 else sum(each.spoken for each in replies)
        spent = self._spend("\n".join(each["prompt"] for each in bodies), sum(asked), spoken)
        pairs = enumerate(zip(bodies, replies, strict=True))
        choices = [shapes.completion_choice(nth, each, reply) for nth, (each, reply) in pairs]
        return self._whole(index, shapes.completion(index, body, choices, spent), spoken)

    def prompts(self, prompt: Any) -> list[str]:
        """The prompts as texts: one or several, each a string or token ids."""
        several = isinstance(prompt, list) and not all(isinstance(each, int) for each in prompt)
        each = prompt if several else [prompt]
        return [one if isinstance(one, str) else self._vocabulary.decode(one) for one in each]
