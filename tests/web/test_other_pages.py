"""The pages of a comparison, a throughput run and an arena, opened as files."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from evaluator.arena.page import arena_page
from evaluator.comparison import compare
from evaluator.comparison.page import comparison_page
from evaluator.perf.report.page import perf_page
from evaluator.results.arena import ArenaReport
from evaluator.results.files import read
from evaluator.results.perf import Arm
from evaluator.results.perf import read as read_perf
from tests.pages.test_run_page import HOSTILE
from tests.written_runs import Said, write_run

pytestmark = pytest.mark.web
TESTS = Path(__file__).parents[1]
NAME = "<img src=x onerror=alert(4)> a model with a very long name, of 70 billion parameters"
PAGES = ("compare", "perf", "arena")


def compared(folder: Path) -> str:
    """A comparison of 60 subjects, whose replies are hostile."""
    groups = [f"a_subject_with_a_long_name_{i}" for i in range(60)]
    base = [Said(str(i), 1.0, group=groups[i % 60], text="Answer: B") for i in range(180)]
    other = [replace(said, value=0.0, answer="C", text=HOSTILE) for said in base]
    found = compare(write_run(folder / "base", base), [write_run(folder / "other", other)])
    return comparison_page(
        replace(found, comparisons=[replace(of, model=NAME) for of in found.comparisons])
    )


def measured() -> str:
    """A throughput run of servers with hostile names."""
    report = read_perf(TESTS / "data/perf/scored")
    arms = {name: Arm(model=NAME, base_url=HOSTILE) for name in report.arms}
    return perf_page(replace(report, arms=arms))


def judged() -> str:
    """An arena in which a player has a hostile name."""
    report = read(TESTS / "arena/earlier/arena.json", ArenaReport)
    first, *others = report.players
    matrix = {**report.matrix, NAME: report.matrix[first.name]}
    return arena_page(replace(report, players=[replace(first, name=NAME), *others], matrix=matrix))


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where each page lies."""
    folder = tmp_path_factory.mktemp("pages")
    made = {"compare": compared(folder), "perf": measured(), "arena": judged()}
    for name, text in made.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in made}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_chart_is_drawn_without_a_network(
    tab: Page, addresses: dict[str, str], name: str, scheme: str
) -> None:
    tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    tab.goto(addresses[name])
    for folded in tab.locator("main details:not(.chart details) > summary").all():
        folded.click()
    places = tab.locator("[data-chart]")

    expect(tab.locator("[data-chart] svg.marks")).to_have_count(places.count())
    assert places.count() >= 2
    label = tab.locator("[data-chart] .role-axis-label text").first
    soft = "rgb(93, 102, 120)" if scheme == "light" else "rgb(152, 162, 181)"
    expect(label).to_have_css("fill", soft)


@pytest.mark.parametrize("name", PAGES)
def test_it_fits_a_narrow_screen(tab: Page, addresses: dict[str, str], name: str) -> None:
    tab.set_viewport_size({"width": 400, "height": 800})
    tab.goto(addresses[name])
    expect(tab.locator("[data-chart] svg.marks").first).to_be_visible()

    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not tab.evaluate(wider)


@pytest.mark.parametrize("name", PAGES)
def test_a_script_that_got_into_the_page_would_not_run(
    browser: Browser, addresses: dict[str, str], name: str
) -> None:
    with browser.new_page() as page:  # in which a script that is refused is no fault
        page.goto(addresses[name])
        expect(page.locator("main img, main script")).to_have_count(0)

        assert (
            page.evaluate(
                """new Promise(done => {
                document.addEventListener("securitypolicyviolation", () => done("refused"));
                document.body.insertAdjacentHTML("beforeend", "<p onclick='window.ran = 1'>");
                document.body.lastElementChild.click();
                if (window.ran) done("ran");
            })"""
            )
            == "refused"
        )


def test_replies_stand_side_by_side_with_their_differing_words(
    tab: Page, addresses: dict[str, str]
) -> None:
    tab.goto(addresses["compare"])
    tab.get_by_text("Forgotten samples: 180; 120 of them here").click()
    item = tab.locator(".items article").first

    expect(item.locator("pre").first).to_have_text("Answer: B")
    expect(item).to_contain_text("</script><script>alert(1)</script>")
    assert "\x1b" not in item.inner_text()


def test_players_whose_long_names_begin_alike_are_told_apart(tab: Page, tmp_path: Path) -> None:
    report = read(TESTS / "arena/earlier/arena.json", ArenaReport)
    names = [f"{'an organisation with a long name, ' * 3}size {n}" for n in range(2)]
    met = next(each for row in report.matrix.values() for each in row.values())
    players = [replace(row, name=name) for row, name in zip(report.players, names, strict=False)]
    matrix = {names[0]: {names[1]: met}, names[1]: {names[0]: met}}
    page = tmp_path / "arena.html"
    page.write_text(arena_page(replace(report, players=players, matrix=matrix)), encoding="utf-8")
    tab.goto(page.as_uri())

    for chart in ("ratings", "wins"):
        labels = tab.locator(f'[data-chart="{chart}"] .role-axis-label text')
        for size in ("size 0", "size 1"):
            expect(labels.filter(has_text=size).first).to_be_visible()
