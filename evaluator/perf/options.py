"""What a throughput run is asked to do: the options of `evaluator perf`, read and checked.

Every mistake is a UsageError in one line that names the option and its value.
"""

from functools import partial
from math import inf
from pathlib import Path
from typing import Annotated

from annotated_types import Gt, Le
from pydantic import BeforeValidator, ConfigDict

from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.options.access import AccessOptions, without_effect
from evaluator.options.complaints import read
from evaluator.options.declared import GivenOptions, Help
from evaluator.options.language import LanguageOption
from evaluator.options.many_servers import Clients
from evaluator.options.parts import (
    ApiKey,
    Count,
    DataSource,
    EndpointOptions,
    Positive,
    ProgressOption,
    Timeout,
    Whole,
)
from evaluator.perf.load.generator import Load
from evaluator.perf.option_values import (
    TokenRange,
    listed,
    read_concurrency,
    read_rate,
    read_slo,
    span,
)

LONGEST = 86_400.0  # seconds of a point
FIRST_LOADS = (1, 8, 32)  # at once, where nothing is asked for
ASKED = "What to ask"  # a panel of --help


class SweepOptions(AccessOptions, EndpointOptions, ApiKey, DataSource):
    """Every option of `evaluator perf`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    panel = "Load"

    model: Annotated[
        str | None,
        Help("Name under which the model is served.", "NAME", "the first listed", "Server"),
    ] = None
    concurrency: Annotated[
        list[int],
        BeforeValidator(listed(read_concurrency)),
        Help("Requests in flight, a point each, such as 1,8,32 (closed loop).", "N,...", "1,8,32"),
    ] = []
    rate: Annotated[
        list[float],
        BeforeValidator(listed(read_rate)),
        Help(
            "Requests sent per second, a point each, such as 2,4,inf (open loop). inf sends all "
            "at once.",
            "N,...",
        ),
    ] = []
    burstiness: Annotated[
        Annotated[float, Gt(0)],
        Help("Gaps of --rate: 1 is Poisson, less is burstier, inf is even.", "N"),
    ] = 1.0
    requests: Annotated[
        Count | None, Help("Requests of each point.", "N", "8 for each in flight")
    ] = None
    seconds: Annotated[
        Annotated[Positive, Le(LONGEST)] | None,
        Help("Length of each point in seconds, in place of --requests.", "SECONDS"),
    ] = None
    warmup: Annotated[
        Whole | None,
        Help("Requests before each point that are not counted.", "N", "1 for each in flight"),
    ] = None
    slo: Annotated[
        dict[str, float],
        BeforeValidator(read_slo),
        Help(
            "Limits in milliseconds that a good request keeps: ttft:300,tpot:50,latency:9000.",
            "NAME:MS,...",
        ),
    ] = {}
    find_knee: Annotated[
        bool, Help("Search the highest concurrency that keeps the limits of --slo.")
    ] = False
    repeats: Annotated[Count, Help("Times that every point is measured.", "N")] = 3
    prompt_tokens: Annotated[
        TokenRange | None,
        BeforeValidator(partial(span, "--prompt-tokens")),
        Help("Length of synthetic prompts in tokens: N or LOW-HIGH.", "N", "256", ASKED),
    ] = None
    output_tokens: Annotated[
        TokenRange | None,
        BeforeValidator(partial(span, "--output-tokens")),
        Help("Length of replies in tokens: N or LOW-HIGH.", "N", "128", ASKED),
    ] = None
    benchmark: Annotated[
        str | None, Help("Take the prompts of this benchmark.", "NAME", panel=ASKED)
    ] = None
    workload: Annotated[
        Path | None,
        Help("Take the prompts of this file: ShareGPT's format, or JSONL.", "FILE", panel=ASKED),
    ] = None
    with_accuracy: Annotated[
        str | None,
        Help(
            "Take the prompts of this benchmark, and give its score beside the speed.",
            "NAME",
            panel=ASKED,
        ),
    ] = None
    seed: Annotated[Whole, Help("Seed of synthetic prompts and of gaps.", "N", panel=ASKED)] = 0
    ignore_eos: Annotated[
        bool | None,
        Help(
            "Let replies go on to their full length.",
            default="on for synthetic prompts",
            panel="How to ask",
        ),
    ] = None
    clients: Clients = 1
    warm_cache: Annotated[
        bool, Help("Leave the server's prefix cache as it is between points.")
    ] = False
    against: Annotated[Path | None, Help("Earlier run to compare with.", "DIR", panel="Output")] = (
        None
    )
    timeout: Timeout = 600.0
    progress: ProgressOption = "auto"
    lang: LanguageOption = None
    out: Annotated[Path, Help("Folder of the run.", "DIR", "runs/perf-TIME", panel="Output")]
    csv: Annotated[
        Path | None, Help("Also write a line for each point to this file.", "FILE", panel="Output")
    ] = None

    @property
    def loads(self) -> list[Load]:
        """The loads asked for, in that order; a search for the knee has none of its own."""
        if self.rate:
            return [Load(rate=value, burstiness=self.burstiness) for value in self.rate]
        if self.find_knee and not self.concurrency:
            return []
        return [Load(concurrency=value) for value in self.concurrency or FIRST_LOADS]

    @property
    def name(self) -> str | None:
        """The benchmark that the prompts come from."""
        return self.with_accuracy or self.benchmark


def options(given: GivenOptions) -> SweepOptions:
    """The options, each in its bounds and all of them together possible."""
    made = read(SweepOptions, dict(given))
    for wrong, words in contradictions(made):
        if wrong:
            raise UsageError(words)
    return made


def contradictions(o: SweepOptions) -> list[tuple[bool, str]]:
    """What cannot be asked for together."""
    prompts = [o.benchmark, o.workload, o.with_accuracy, o.prompt_tokens]
    finite = o.benchmark or o.workload or o.with_accuracy
    return [
        (bool(o.concurrency and o.rate), N_("--concurrency or --rate: a load is one or the other")),
        (
            bool(o.requests and o.seconds),
            N_("--requests or --seconds: a point ends by one of them"),
        ),
        (
            bool(o.data and o.data_dir),
            N_(
                "--data {data} and --data-dir {data_dir!r}: the data comes from one of them",
                data=o.data,
                data_dir=str(o.data_dir),
            ),
        ),
        (
            bool((o.data or o.data_dir) and not o.name),
            N_("--data and --data-dir are for --benchmark and --with-accuracy: give one of them"),
        ),
        (
            bool(o.output_tokens and "max_tokens" in o.sampling),
            N_("--output-tokens and --param max_tokens: the length of a reply is one or the other"),
        ),
        (
            bool(o.with_accuracy and o.seed and not o.rate),
            N_("--seed: --with-accuracy asks the same questions in their order; it shapes --rate"),
        ),
        (
            o.burstiness != 1.0 and set(o.rate) == {inf},
            N_("--burstiness: --rate inf sends all at once, without gaps"),
        ),
        *((True, line) for line in without_effect(o, o.base_url, o.given())),
        (
            o.clients != "auto" and o.clients > most_clients(o),
            N_(
                "--clients {clients}: at most {most:.0f} {most:request is|requests are} in flight, "
                "one for each client; give --clients {most:.0f}",
                clients=o.clients,
                most=most_clients(o),
            ),
        ),
        (inf in o.rate and bool(o.seconds), N_("--rate inf sends all at once: give --requests")),
        (
            o.burstiness != 1.0 and not o.rate,
            N_("--burstiness shapes the gaps of --rate: give one"),
        ),
        (o.find_knee and not o.slo, N_("--find-knee needs an --slo such as ttft:300,tpot:50")),
        (o.find_knee and bool(o.rate), N_("--find-knee searches over --concurrency, not --rate")),
        (
            sum(each is not None for each in prompts) > 1,
            N_(
                "prompts come from one of --prompt-tokens, --benchmark, --workload, --with-accuracy"
            ),
        ),
        (
            bool(o.with_accuracy and o.seconds),
            N_("--with-accuracy asks the same questions at every point: give --requests"),
        ),
        (
            bool(finite and o.seconds and o.warm_cache),
            N_("--seconds with --warm-cache: prompts would run out; give --requests"),
        ),
    ]


def most_clients(options: SweepOptions) -> float:
    """Clients that can take part, each with a request; where loads differ, in the largest."""
    open_loop = options.rate or options.find_knee
    return inf if open_loop else max(load.concurrency or 0 for load in options.loads)
