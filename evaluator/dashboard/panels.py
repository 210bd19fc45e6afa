"""The dashboard of a screen with room: a panel for each thing that a person looks for."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from time import monotonic

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from evaluator.client.endpoint import Endpoint
from evaluator.client.pool import Pool
from evaluator.dashboard.lines import (
    alarm_lines,
    benchmark_table,
    budget_line,
    clock,
    fault_line,
    in_flight,
    one_line,
    retries,
    server_line,
    times,
    token_rate,
)
from evaluator.dashboard.meter import BenchmarkProgress, Meter
from evaluator.dashboard.throughput import SECONDS, sparkline
from evaluator.locale import N_, joined, said
from evaluator.report.tables import score
from evaluator.report.terminal import plain_text
from evaluator.types import SHARE, Outcome

WIDTH, HEIGHT = 100, 30  # of the smallest screen with panels, in characters
FRAME = 2  # lines of a panel that are its border
SERVING = 6  # lines inside the panels on speed
ANSWERS = 6  # lines of last answers
ALARMS = 3  # lines of what went wrong, at most
LONGEST_ID = 36  # characters of a benchmark and its sample
LONGEST = 60  # characters of an answer that are shown


def panels(meter: Meter, height: int) -> RenderableType:
    """All of them, in at most `height` lines."""
    wrong = troubles(meter)
    left = height - (1 + FRAME) - (SERVING + FRAME) - (ANSWERS + FRAME) - len(wrong)
    return Group(
        header(meter),
        framed(benchmarks(meter, left - FRAME), N_("benchmarks")),
        side_by_side(speed(meter), endpoints(meter)),
        framed(answers(meter), N_("last answers"), ANSWERS),
        *wrong,
    )


def framed(content: RenderableType, title: str, lines: int | None = None) -> Panel:
    """A panel of its own height, or of so many lines."""
    height = None if lines is None else lines + FRAME
    return Panel(content, title=said(title), title_align="left", border_style="dim", height=height)


def side_by_side(*each: RenderableType) -> Table:
    """Panels of the same width in one row."""
    grid = Table.grid(expand=True)
    for _ in each:
        grid.add_column(ratio=1)
    grid.add_row(*each)
    return grid


def header(meter: Meter) -> Panel:
    """Who is measured, and how long it takes."""
    grid = Table.grid(expand=True)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    grid.add_column(justify="right", no_wrap=True)
    names = " · ".join(filter(None, (meter.model, meter.engine)))
    grid.add_row(plain_text(names, "bold"), plain_text(times(meter)))
    return framed(grid, "evaluator")


def benchmarks(meter: Meter, lines: int) -> RenderableType:
    """The table, or so many of its rows as fit: what is under way before what is not."""
    room = lines - 1  # for the head
    if len(meter.rows) <= room:
        return benchmark_table(meter.rows, expand=True)
    kept = set(sorted(meter.rows, key=lambda name: standing(meter.rows[name]))[: room - 1])
    rest = [row for name, row in meter.rows.items() if name not in kept]
    done = sum(row.done == row.total for row in rest)
    more = N_(
        "and {n} more: {done} done, {left} not begun or under way",
        n=len(rest),
        done=done,
        left=len(rest) - done,
    )
    rows = {name: row for name, row in meter.rows.items() if name in kept}
    return Group(benchmark_table(rows, expand=True), plain_text(more, "dim"))


def standing(row: BenchmarkProgress) -> int:
    """0 for a benchmark under way, 1 for one to come, 2 for one that is done."""
    if row.done >= row.total:
        return 2
    return 0 if row.done else 1


def speed(meter: Meter) -> Panel:
    """Requests and tokens per second, with the last minute as a picture."""
    requests, tokens = meter.rates()
    rates = meter.throughput.rates
    lines = (
        joined(" · ", (N_("{n:.1f} requests/s", n=requests), token_rate(tokens))),
        joined(" · ", (in_flight(meter), retries(meter))),
        budget_line(meter),
    )
    texts = [plain_text(each) for each in lines if each]
    curve = Curve(rates, SERVING - len(texts) - 1)
    title = N_("the last minute")
    if rates:
        title = N_("the last minute, at most {n:.1f} requests/s", n=max(rates))
    return framed(Group(*texts, Text(), curve), title, SERVING)


@dataclass(frozen=True, slots=True)
class Curve:
    """Values as a sparkline as wide as there is room."""

    values: Collection[float]
    height: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in sparkline(self.values, min(options.max_width, SECONDS), self.height):
            yield Text(line, "cyan")


def endpoints(meter: Meter) -> Panel:
    """A line for each endpoint of each role, those that are down first, and the server's own."""
    every = [
        (pool, each) for pool in dict.fromkeys(meter.pools.values()) for each in pool.endpoints
    ]
    every.sort(key=lambda pair: pair[1].up)
    own = server_line(meter)
    room = SERVING - 1 - bool(own)
    shown = every if len(every) <= room else every[: room - 1]
    grid = Table.grid(expand=True, padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    for pool, each in shown:
        grid.add_row(*endpoint_cells(pool, each))
    if rest := len(every) - len(shown):
        grid.add_row(plain_text(N_("and {n} more", n=rest), "dim"), "")
    return framed(Group(grid, plain_text(own, "dim")), N_("endpoints"), SERVING)


def endpoint_cells(pool: Pool, endpoint: Endpoint) -> tuple[Text, Text]:
    """Where it is, and what it does."""
    name = plain_text(endpoint.transport.url or pool.model)
    if not endpoint.up:
        down = N_("down for {time}", time=clock(monotonic() - endpoint.down_since))
        return name, plain_text(down, "bold red")
    return name, plain_text(N_("{n} in flight", n=endpoint.in_flight), "green")


def answers(meter: Meter) -> RenderableType:
    """The last samples that ended, the newest at the top."""
    grid = Table.grid(expand=True, padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, overflow="ellipsis", max_width=LONGEST_ID)
    grid.add_column(no_wrap=True, justify="right")
    grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for outcome in islice(reversed(meter.answers), ANSWERS):
        worth, style = verdict(outcome, meter.rows[outcome.benchmark])
        name = plain_text(f"{outcome.benchmark} {outcome.sample_id}")
        grid.add_row(name, plain_text(worth, style), plain_text(in_a_line(outcome), "dim"))
    return grid


def verdict(outcome: Outcome, row: BenchmarkProgress) -> tuple[str, str]:
    """What a sample was worth, or why it was worth nothing, and in which style that is shown."""
    if outcome.score is None or outcome.status != "scored":
        style = "bold red" if outcome.status == "error" else "yellow"
        unread = outcome.status == "judge_unparsed"
        return N_("judge unparsed") if unread else N_(outcome.status), style
    value = outcome.score.value
    if row.scale == SHARE and value in (0, 1):
        return (N_("right"), "green") if value else (N_("wrong"), "red")
    return score(value, row.scale), "cyan"


def in_a_line(outcome: Outcome) -> str:
    """What was read in the reply, and what would have been right."""
    if outcome.error:
        return one_line(outcome.error, LONGEST)
    answer = outcome.score.answer if outcome.score else None
    read = N_("nothing was read") if answer is None else one_line(answer, LONGEST)
    if not outcome.target or (outcome.score and outcome.score.value):
        return read
    target = one_line(outcome.target, LONGEST)
    return N_("{read} (ground truth: {target})", read=read, target=target)


def troubles(meter: Meter) -> list[Text]:
    """What went wrong, the worst first."""
    lines = [plain_text(line, "bold red") for line in alarm_lines(meter)]
    lines += [plain_text(line, "dim") for line in (fault_line(meter),) if line]
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return lines[:ALARMS]
