"""The pictures of README and docs: `make screenshots`, made of runs that are there.

    make eval MODELS="demo demo-forgetful" BENCHMARKS="arc ceval gsm8k alignbench" JUDGE=self
    make screenshots

Takes the folder to write to, that of a run, and that of a comparison.
"""

import os
import sys
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from evaluator.client.pool import Pool
from evaluator.client.transport import NoEndpoint
from evaluator.dashboard.meter import Meter
from evaluator.dashboard.screen import Screen
from evaluator.results.outcomes import read_outcomes
from evaluator.results.report import read_report
from evaluator.types import Outcome, Score

WIDE, HIGH = 104, 34  # of the terminal, in characters
VIEW = {"width": 1200, "height": 900}  # of the browser, in pixels
DONE = 0.2  # share of the run that the dashboard shows as done
LARGEST = 300_000  # bytes of a picture in a repository
WAIT = 1500  # milliseconds in which charts are drawn


def outcomes(folder: Path) -> Iterator[Outcome]:
    """What became of a run's samples, in the order in which they ended."""
    for each in read_outcomes(folder):
        score = None if each.value is None else Score(each.value, each.answer, each.dimensions)
        given = each.benchmark, each.id, each.group, each.status, score
        yield Outcome(*given, error=each.error, target=each.target)


def halfway(folder: Path) -> Meter:
    """The figures of a run as they stood in the middle of it."""
    report = read_report(folder)
    totals = {name: of.samples for name, of in report.benchmarks.items()}
    scales = {name: of.scale for name, of in report.benchmarks.items()}
    pool = Pool(report.model, [NoEndpoint(folder)])
    meter = Meter(totals, {"model": pool}, scales)
    timeline = report.serving.timeline
    assert timeline
    seconds = int(DONE * timeline.step * len(timeline.replies_per_s))
    bins = [int(second / timeline.step) for second in range(seconds)]
    meter.started -= seconds
    meter.throughput.rates.extend(timeline.replies_per_s[each] for each in bins)
    meter.responses = round(sum(timeline.replies_per_s[each] for each in bins))
    meter.output_tokens = round(sum(timeline.output_tokens_per_s[each] for each in bins))
    pool.endpoints[0].in_flight = round(timeline.in_flight[bins[-1]])
    for outcome in islice(outcomes(folder), int(DONE * sum(totals.values()))):
        meter(outcome)
    return meter


def terminal(folder: Path) -> str:
    """The dashboard in the middle of a run, as SVG."""
    screen = Console(record=True, width=WIDE, height=HIGH, file=StringIO(), force_terminal=True)
    screen.print(Screen(halfway(folder)))
    return screen.export_svg(title="make eval")


def photograph(browser: Browser, address: str, path: Path, selector: str = "") -> None:
    """Writes what a browser shows, or one element of it.  Raises ValueError where it is large."""
    with browser.new_page(viewport=VIEW) as page:
        page.goto(address)
        page.wait_for_timeout(WAIT)
        (page.locator(selector) if selector else page).screenshot(path=path)
    if (size := path.stat().st_size) > LARGEST:
        raise ValueError(f"{path}: {size:,} bytes, more than {LARGEST:,}")


def main(out: Path, run: Path, comparison: Path) -> None:
    """Writes the three pictures."""
    out.mkdir(parents=True, exist_ok=True)
    pages = {"report": run / "report.html", "comparison": comparison / "compare.html"}
    with sync_playwright() as playwright, TemporaryDirectory() as drafts:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        drawn = Path(drafts) / "dashboard.html"
        drawn.write_text(f"<meta charset=utf-8>{terminal(run)}", encoding="utf-8")
        photograph(browser, drawn.as_uri(), out / "dashboard.png", "svg")
        for name, page in pages.items():
            photograph(browser, page.absolute().as_uri(), out / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
