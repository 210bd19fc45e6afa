"""The viewer as a person uses it: a process of its own, asked by a real browser."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.processes import started
from tests.stub import StubServer
from tests.viewer.conftest import measured  # noqa: F401  # a fixture
from tests.viewer.serving import served

pytestmark = pytest.mark.web


@pytest.fixture(scope="module")
def url(measured: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # noqa: F811  # the fixture
    """A viewer of results of all kinds, one of them damaged."""
    runs = copytree(measured, tmp_path_factory.mktemp("viewed") / "runs")
    copytree(runs / "few", runs / "damaged")
    (runs / "damaged" / "report.json").write_text("{")
    with served(runs) as address:
        yield address


def names(tab: Page) -> list[str]:
    """The folders of the rows in sight, from above."""
    rows = tab.locator("#entries tbody tr:not([hidden])")
    return [str(each.get_attribute("data-name")) for each in rows.all()]


def test_the_list_is_sorted(tab: Page, url: str) -> None:
    tab.goto(url)
    heading = tab.get_by_role("columnheader", name="folder")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert names(tab) == sorted(names(tab))
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert names(tab) == sorted(names(tab), reverse=True)


def test_scores_are_sorted_by_the_benchmark_that_was_chosen(tab: Page, url: str) -> None:
    tab.goto(url)
    tab.get_by_label("kind").select_option("run")
    tab.get_by_label("benchmark", exact=True).select_option("gsm8k")
    tab.get_by_role("columnheader", name="score").get_by_role("button").click()
    scores = tab.locator("#entries tbody tr:not([hidden]) .score:not([hidden])")
    expect(scores).to_have_count(3)
    values = [float(str(each.get_attribute("data-value"))) for each in scores.all()]
    assert values == sorted(values, reverse=True)
    expect(scores.first).to_contain_text("gsm8k")


def test_the_list_is_filtered_by_tag(tab: Page, url: str) -> None:
    tab.goto(url)
    tab.get_by_label("tag").select_option("quick")
    assert names(tab) == ["few"]
    tab.goto("about:blank")
    tab.goto(f"{url}/?tag=quick")
    assert names(tab) == ["few"]


def test_the_list_is_filtered_and_its_address_says_how(tab: Page, url: str) -> None:
    tab.goto(url)
    tab.get_by_label("text").fill("TUNED")
    assert set(names(tab)) == {"tuned", "compare-base-tuned"}
    tab.get_by_label("kind").select_option("run")
    assert names(tab) == ["tuned"]
    expect(tab.locator("form output")).to_have_text("1 of 7")
    tab.goto("about:blank")
    tab.goto(f"{url}/?text=TUNED&kind=run")
    assert names(tab) == ["tuned"]


def test_a_damaged_run_is_shown_with_its_line(tab: Page, url: str) -> None:
    tab.goto(url)
    row = tab.locator('tr[data-name="damaged"]')
    expect(row.locator(".tag")).to_have_text("damaged")
    expect(row.locator(".wrong")).to_contain_text("report.json: invalid JSON")
    expect(row.get_by_role("checkbox")).to_have_count(0)


def test_two_ticked_runs_are_compared(tab: Page, url: str) -> None:
    tab.goto(url)
    button = tab.locator("#compare")
    expect(button).to_be_disabled()
    tab.get_by_label("compare tuned", exact=True).check()
    expect(button).to_have_text("base: tuned; tick another run")
    tab.get_by_label("compare base", exact=True).check()
    button.click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Compared with tuned")
    expect(tab.locator("[data-chart] svg.marks").first).to_be_visible()

    tab.get_by_role("link", name="base", exact=True).click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Compared with base")
    tab.locator("summary", has_text="Forgotten").click()
    link = tab.locator("article .turn a").first
    sample = str(link.get_attribute("href")).split("#sample=")[1]
    link.click()
    expect(tab.locator('.row[aria-selected="true"]')).to_have_count(1)
    assert tab.url.endswith(sample)

    for shown in ("Compared with base", "Compared with tuned"):
        tab.evaluate("history.back()")
        expect(tab.get_by_role("heading", level=1)).to_have_text(shown)
    tab.evaluate("history.back()")
    expect(tab.locator("#compare")).to_have_text("compare 1 with the base tuned")


def test_what_cannot_be_compared_is_said(tab: Page, url: str) -> None:
    tab.goto(url)
    tab.get_by_label("compare base", exact=True).check()
    tab.get_by_label("compare few", exact=True).check()
    tab.locator("#compare").click()
    expect(tab.locator(".alarm")).to_contain_text("cannot pair")
    tab.get_by_role("link", name="Compare them all the same").click()
    expect(tab.locator(".warning")).to_contain_text("paired by force: shots 0 and 1")


def test_it_speaks_chinese(tab: Page, measured: Path) -> None:  # noqa: F811  # the fixture
    with served(measured, "--lang", "zh") as url:
        for address, said in (("/", "结果"), ("/leaderboard", "排行榜")):
            tab.goto(url + address)
            expect(tab.get_by_role("heading", level=1)).to_have_text(said)
        tab.goto(url)
        expect(tab.locator("#compare")).to_have_text("勾选两个或更多运行进行比较")
        row = tab.locator('tr[data-name="base"]')
        expect(row).to_contain_text("请求/秒")
        expect(row).not_to_contain_text("requests/s")
        tab.locator('tr[data-name="base"] a').first.click()
        expect(tab.locator(".filters output")).to_have_text("60 / 60 个样本")


def open_run(tab: Page, url: str, name: str = "base") -> None:
    tab.goto(url)
    tab.locator(f'tr[data-name="{name}"] a').first.click()
    expect(tab.locator(".filters output")).to_contain_text("60 of 60 samples")


def test_samples_are_found_by_the_server(tab: Page, url: str) -> None:
    open_run(tab, url)
    expect(tab.locator("[data-chart] svg.marks").first).to_be_visible()
    count = tab.locator(".filters output")
    tab.get_by_label("benchmark", exact=True).select_option("gsm8k")
    expect(count).to_contain_text("30 of 60")
    tab.get_by_label("text", exact=True).fill("DO NOT KNOW")
    expect(count).not_to_contain_text("30 of 60")
    expect(tab.locator(".sample")).to_contain_text("I do not know.")
    tab.get_by_label("text", exact=True).fill("nobody said so")
    expect(tab.locator(".sample")).to_contain_text("No sample is like that")


def test_while_many_samples_are_read_the_page_says_how_far(tab: Page, url: str) -> None:
    answers = [{"reading": 0.421}, {"reading": 0.8}]
    held: list[Route] = []

    def answer(route: Route) -> None:
        if answers:
            route.fulfill(json=answers.pop(0))
        else:
            held.append(route)

    tab.route("**/choices?*", answer)
    tab.goto(url)
    tab.locator('tr[data-name="base"] a').first.click()
    expect(tab.locator(".filters output")).to_have_text("reading the samples, 80 % so far")
    held[0].continue_()
    expect(tab.locator(".filters output")).to_have_text("60 of 60 samples")


def test_a_link_leads_to_a_sample(tab: Page, url: str) -> None:
    open_run(tab, url)
    tab.locator(".list").focus()
    for _ in range(4):
        tab.keyboard.press("j")
    chosen = tab.locator('.row[aria-selected="true"]')
    expect(chosen).to_have_attribute("title", re.compile(".+"))  # its row has come
    expect(tab.locator(".sample dd").nth(1)).to_have_text(
        str(chosen.get_attribute("title")).split(":")[0].split(" ")[1]
    )
    title, link = chosen.get_attribute("title"), tab.url
    tab.goto("about:blank")
    tab.goto(link)
    expect(chosen).to_have_attribute("title", str(title))
    expect(tab.locator("#samples")).to_be_in_viewport()


def test_a_hostile_reply_does_not_run(tab: Page, url: str) -> None:
    open_run(tab, url, "deep/er/third")
    expect(tab.get_by_role("heading", level=1)).to_have_text("<img src=x onerror=alert(4)>")
    tab.get_by_label("text", exact=True).fill("onerror")
    reply = tab.locator(".sample")
    expect(reply).to_contain_text("</script><script>alert(1)</script>")
    expect(reply.locator("img, script")).to_have_count(0)
    for address in ("/", "/leaderboard"):
        tab.goto(url + address)
        expect(tab.locator("td img")).to_have_count(0)
        expect(tab.get_by_role("link", name="<img src=x").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1240])
def test_every_page_fits_its_screen(tab: Page, url: str, scheme: Any, width: int) -> None:
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto(url)
    rows = tab.locator("#entries tbody tr")
    ids = [str(each.get_attribute("data-id")) for each in rows.all()]
    for address in ("/", "/leaderboard", *(f"/result/{id}" for id in ids), f"/live/{ids[0]}"):
        tab.goto(url + address)
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not tab.evaluate(wider), address


def test_a_run_is_followed_live(tab: Page, tmp_path: Path) -> None:
    held, asked = threading.Event(), []

    def reply(body: dict[str, Any]) -> str:
        asked.append(body)
        if len(asked) > 8:
            held.wait(60)
        return "<img src=x onerror=alert(7)> Answer: B"

    words = ["run", "arc", "--data", "builtin", "--model", "m", "--no-smoke", "--concurrency", "4"]
    words += ["--progress", "none", "--out", "runs/going"]
    (tmp_path / "runs").mkdir()
    with StubServer(reply=reply, models=["m"]) as stub, served(tmp_path / "runs") as url:
        command = [sys.executable, "-m", "evaluator", *words, "--base-url", stub.base_url]
        with started(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as run:
            tag = tab.locator("a.tag.live")
            for _ in range(100):
                tab.goto(url)
                if tag.count():
                    break
                tab.wait_for_timeout(100)
            tag.click()
            expect(tab.locator("[data-figure=state]")).to_have_text("going on")
            expect(tab.locator("#last pre").first).to_contain_text("<img src=x onerror=alert(7)>")
            expect(tab.locator("[data-figure=planned]")).to_have_text("of 30 samples")
            held.set()
            expect(tab.locator("[data-figure=state]")).to_have_text("ended", timeout=30_000)
            expect(tab.locator("[data-figure=done]")).to_have_text("30")
            run.wait(30)
        tab.get_by_role("link", name="report").click()
        expect(tab.locator(".filters output")).to_contain_text("30 of 30 samples")
