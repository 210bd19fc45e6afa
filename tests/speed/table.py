"""What a measurement found, as rows of one table."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on our figure, or on its ratio to the limit."""

    of: Literal["ours", "ratio"]
    sign: Literal["<=", ">="]
    bound: float

    def met(self, row: "Row") -> bool:
        value = row.ours if self.of == "ours" else row.ratio
        if value is None:
            return False
        return value <= self.bound if self.sign == "<=" else value >= self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.  `limit` is the best that is possible here, or what a peer takes."""

    what: str
    ours: float | None
    unit: str
    limit: float | None = None
    target: Target | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.limit if self.ours is not None and self.limit else None

    @property
    def met(self) -> bool | None:
        """None where nothing was asked."""
        return self.target.met(self) if self.target else None


def render(rows: Iterable[Row]) -> Table:
    """The table for people."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("what", overflow="fold")
    for title in ("ours", "limit", "ratio", "target", "met"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("note", style="dim", overflow="fold")
    for row in rows:
        table.add_row(
            row.what,
            figure(row.ours, row.unit),
            figure(row.limit, row.unit),
            figure(row.ratio, ""),
            target(row),
            verdict(row.met),
            row.note,
        )
    return table


def record(row: Row) -> dict[str, Any]:
    """The row for a file."""
    return asdict(row) | {"ratio": row.ratio, "met": row.met}


def figure(value: float | None, unit: str) -> str:
    """Three digits that count, and the unit."""
    if value is None:
        return ""
    digits = f"{value:,.0f}" if value >= 99.95 or value == int(value) else f"{value:#.3g}"
    return f"{digits} {unit}".rstrip()


def target(row: Row) -> str:
    """The bound in words."""
    if (wanted := row.target) is None:
        return ""
    if wanted.of == "ratio":
        return f"ratio {wanted.sign} {wanted.bound:g}"
    return f"{wanted.sign} {wanted.bound:g} {row.unit}"


def verdict(met: bool | None) -> Text:
    """yes, no, or nothing where nothing was asked."""
    if met is None:
        return Text()
    return Text("yes", style="green") if met else Text("no", style="bold red")
