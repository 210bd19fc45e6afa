"""The figures of a run as a table and lines of text, for a screen of 80 columns or a log."""

from collections.abc import Iterator, Mapping
from time import monotonic

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from evaluator.dashboard.meter import BenchmarkProgress, Meter
from evaluator.locale import N_, joined, labels, said
from evaluator.report.tables import UNCOUNTED, ci, score
from evaluator.report.terminal import plain_text

BAR_WIDTH = 16  # characters, at most
LONGEST_REASON = 100  # characters of a failure
LONGEST_NAME = 20  # characters; a longer name of a benchmark takes several lines


def compact(meter: Meter) -> RenderableType:
    """The table and the lines."""
    shown = (
        *client_lines(meter),
        *role_lines(meter),
        budget_line(meter),
        server_line(meter),
        fault_line(meter),
    )
    lines = [plain_text(line, "dim") for line in shown if line]
    lines += [plain_text(line, "bold red") for line in alarm_lines(meter)]
    return Group(benchmark_table(meter.rows), *lines)


def benchmark_table(rows: Mapping[str, BenchmarkProgress], expand: bool = False) -> Table:
    """One row for each benchmark: bar, count, running score with its interval, and failures."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), expand=expand)
    table.add_column(said(N_("benchmark")), no_wrap=max(map(len, rows), default=0) <= LONGEST_NAME)
    # what a narrow screen takes from, and a wide one gives to
    table.add_column("", ratio=int(expand) or None, max_width=None if expand else BAR_WIDTH)
    for title in labels("done", "score", "95 % interval", "unparsed", "truncated", "errors"):
        table.add_column(said(title), justify="right", no_wrap=True)
    for name, row in rows.items():
        table.add_row(
            plain_text(name, "bold"),
            ProgressBar(total=max(row.total, 1), completed=row.done),
            f"{row.done}/{row.total}",
            *score_cells(row),
            count_cell(row.unparsed, "yellow"),
            count_cell(row.truncated, "yellow"),
            count_cell(row.errors, "bold red"),
        )
    return table


def score_cells(row: BenchmarkProgress) -> tuple[str, str]:
    """The running mean and its interval."""
    if row.score.mean is None:
        return "-", "-"
    return score(row.score.mean, row.scale), ci(row.score.ci95, row.scale)


def count_cell(count: int, style: str) -> Text:
    """A count, highlighted if it is not 0."""
    return Text(str(count), style=style if count else "dim")


def client_lines(meter: Meter) -> tuple[str, str]:
    """Requests in flight and their rates; retries, and the time elapsed and left.

    Two, so that neither is wider than 80 columns.
    """
    requests, tokens = meter.rates()
    rates = N_("{n:.1f} requests/s", n=requests), token_rate(tokens)
    return (
        joined(" · ", (in_flight(meter), *rates)),
        joined(" · ", (retries(meter), times(meter))),
    )


def in_flight(meter: Meter) -> str:
    """How many requests are under way, and from how many processes."""
    processes = meter.check.processes
    by = N_(" by {n} clients", n=processes) if processes > 1 else ""
    figures = {"n": meter.in_flight, "slots": meter.slots, "by": by}
    if meter.in_flight > meter.slots:  # --concurrency auto took slots away that are still busy
        return N_("{n} in flight{by}, to become {slots}", **figures)
    return N_("{n} of {slots} in flight{by}", **figures)


def retries(meter: Meter) -> str:
    """How often something was asked again."""
    return N_("{n:,} {n:retry|retries}", n=meter.retries)


def times(meter: Meter) -> str:
    """How long it took so far, and how long it may still take."""
    elapsed = clock(meter.elapsed)
    if meter.remaining is None:
        return N_("{time} elapsed", time=elapsed)
    return N_("{time} elapsed, {left} left", time=elapsed, left=clock(meter.remaining))


def token_rate(tokens: float | None) -> str:
    """Output tokens per second, where the server counts them."""
    return UNCOUNTED if tokens is None else N_("{n:.0f} tokens/s", n=tokens)


def role_lines(meter: Meter) -> Iterator[str]:
    """Requests in flight and waiting of each other role, such as a judge."""
    for role, pool in meter.others.items():
        yield N_(
            "{role} {model}: {n} of {slots} in flight, {waiting} waiting · {replies} "
            "{replies:reply|replies}",
            role=N_(role),
            model=pool.model,
            n=pool.in_flight,
            slots=pool.all_slots,
            waiting=pool.queued,
            replies=pool.replies,
        )


def budget_line(meter: Meter) -> str:
    """What the run has spent, of what it may spend; empty where nothing is counted."""
    if (budget := meter.budget) is None:
        return ""
    spent, limits = budget.ledger.spent, budget.limits
    parts = []
    if limits.requests is not None:
        of_requests = {"n": spent.requests, "most": limits.requests}
        parts.append(N_("{n:,} of {most:,} {most:request|requests}", **of_requests))
    if limits.tokens is not None:
        of_tokens = {"n": spent.tokens, "most": limits.tokens}
        parts.append(N_("{n:,} of {most:,} {most:token|tokens}", **of_tokens))
    if budget.prices:
        most = "" if limits.cost is None else N_(" of {cost:g}", cost=limits.cost)
        money = {"cost": spent.cost, "most": most, "currency": budget.currency}
        parts.append(N_("{cost:.4f}{most} {currency}", **money))
    return N_("spent: {parts}", parts=joined(" · ", parts))


def server_line(meter: Meter) -> str:
    """What the server tells of itself; empty where that is nothing."""
    parts = []
    if server := meter.server:
        busy = {"running": server.running, "waiting": server.waiting}
        parts.append(N_("{running} running, {waiting} waiting", **busy))
        parts.append(N_("KV cache {share:.0%}", share=server.kv_cache_use))
    if (rate := meter.prefix_hit_rate) is not None:
        parts.append(N_("prefix hits {share:.0%}", share=rate))
    return N_("server: {parts}", parts=joined(" · ", parts)) if parts else ""


def alarm_lines(meter: Meter) -> Iterator[str]:
    """What keeps the run from going on as it should."""
    for endpoint in meter.down:
        seconds = clock(monotonic() - endpoint.down_since)
        yield N_(
            "{url} has not answered for {time}: {reason}",
            url=endpoint.transport.url,
            time=seconds,
            reason=endpoint.down_for,
        )
    if meter.check.bound:
        yield bottleneck_line(meter)


def fault_line(meter: Meter) -> str:
    """Why a request was last asked again; empty where none was."""
    reason = one_line(meter.last_fault, LONGEST_REASON)
    return N_("last retry: {reason}", reason=reason) if reason else ""


def one_line(text: str, longest: int) -> str:
    """The beginning of a text, without its line breaks."""
    return " ".join(text.split())[:longest]


def bottleneck_line(meter: Meter) -> str:
    """The warning that the client itself limits the rates."""
    check = meter.check
    return N_(
        "the client is the bottleneck: {cpu:.0%} of a core, {ms:.0f} ms behind its clock",
        cpu=check.cpu,
        ms=check.lag * 1000,
    )


def plain_line(meter: Meter) -> str:
    """The same numbers in one line, for a log."""
    rows = (
        f"{name} {row.done}/{row.total}"
        + (f" {score(row.score.mean, row.scale)}" if row.score.n else "")
        + (said(N_(" ({n} {n:error|errors})", n=row.errors)) if row.errors else "")
        for name, row in meter.rows.items()
    )
    figures = (
        joined(" · ", client_lines(meter)),
        *role_lines(meter),
        budget_line(meter),
        server_line(meter),
        fault_line(meter),
        *alarm_lines(meter),
    )
    return joined(" | ", filter(None, (*rows, *figures)))


def clock(seconds: float) -> str:
    """1:02:03, or 2:03 under an hour."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
