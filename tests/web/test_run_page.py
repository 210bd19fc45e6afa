"""The page of a run, opened as a file, as a person uses it."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Page, Route, expect

from evaluator.results.samples import SampleLine
from evaluator.runs.reporting import write_report
from tests.pages.test_run_page import HOSTILE
from tests.stub import StubServer
from tests.written_runs import Said, outcome, write_lines, write_run

pytestmark = pytest.mark.web
ALL = 90  # samples of the run


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a run whose replies are hostile."""
    folder = tmp_path_factory.mktemp("web")

    def reply(body: dict[str, object]) -> str:
        return HOSTILE if "?" in str(body["messages"]) else "{{ 1 }} Answer: A"

    with StubServer(reply=reply, models=["<i>m</i>"]) as server:
        words = ["run", "arc", "ceval", "gsm8k", "--data", "builtin", "--model", "<i>m</i>"]
        words += ["--base-url", server.base_url, "--out", "run", "--progress", "none"]
        command = [sys.executable, "-m", "evaluator", *words]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "run" / "report.html").as_uri()


def test_charts_are_drawn_without_a_network(tab: Page, address: str) -> None:
    tab.goto(address)
    places = tab.locator("[data-chart]")
    expect(tab.locator("[data-chart] svg.marks")).to_have_count(places.count())
    assert places.count() >= 5
    expect(tab.get_by_role("heading", level=1)).to_have_text("<i>m</i>")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_have_the_colours_of_the_page(tab: Page, address: str, scheme: str) -> None:
    tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    tab.goto(address)
    label = tab.locator("[data-chart=scores] .role-axis-label text").first
    soft = "rgb(93, 102, 120)" if scheme == "light" else "rgb(152, 162, 181)"
    expect(label).to_have_css("fill", soft)


def test_samples_are_filtered(tab: Page, address: str) -> None:
    tab.goto(address)
    count = tab.locator(".filters output")
    expect(count).to_contain_text(f"{ALL} of {ALL} samples")

    tab.get_by_label("benchmark", exact=True).select_option("arc")
    expect(count).to_contain_text(f"30 of {ALL}")
    tab.get_by_label("what became of it").select_option("right")
    right = count.inner_text()
    tab.get_by_label("answer", exact=True).fill("nothing is read so")
    expect(count).to_contain_text(f"0 of {ALL}")
    expect(tab.locator(".sample")).to_contain_text("No sample is like that")
    tab.get_by_label("answer", exact=True).fill("")
    expect(count).to_have_text(right)
    tab.get_by_label("what became of it").select_option("")
    tab.get_by_label("benchmark", exact=True).select_option("")
    tab.get_by_label("text", exact=True).fill("JAVASCRIPT:alert")
    expect(count).not_to_contain_text(f"{ALL} of {ALL}")
    expect(tab.locator(".sample")).to_contain_text("javascript:alert(3)")


def test_keys_go_from_sample_to_sample_and_a_link_leads_to_one(tab: Page, address: str) -> None:
    tab.goto(address)
    tab.get_by_label("benchmark", exact=True).select_option("gsm8k")
    tab.locator(".list").focus()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("j")
    tab.keyboard.press("k")
    chosen = tab.locator('.row[aria-selected="true"]')
    expect(chosen).to_have_count(1)
    title = chosen.get_attribute("title")
    assert title
    assert tab.url.split("#")[1].startswith("sample=gsm8k%2F")

    link = tab.url
    tab.goto("about:blank")
    tab.goto(link)
    expect(tab.locator('.row[aria-selected="true"]')).to_have_attribute("title", title)
    expect(tab.locator("#samples")).to_be_in_viewport()


def test_a_hostile_reply_is_shown_as_text(tab: Page, address: str) -> None:
    tab.goto(address)
    tab.get_by_label("text", exact=True).fill("onerror")
    tab.get_by_label("what became of it").select_option("right")
    reply = tab.locator(".sample")
    expect(reply).to_contain_text("</script><script>alert(1)</script>")
    expect(reply).to_contain_text("{{ 7 * 7 }}")
    expect(reply.locator("img, script")).to_have_count(0)
    expect(reply.locator("mark")).to_have_text("B")
    assert "\x1b" not in reply.inner_text()
    assert "\u202e" not in reply.inner_text()


def test_it_fits_a_narrow_screen(tab: Page, address: str) -> None:
    tab.set_viewport_size({"width": 380, "height": 800})
    tab.goto(address)
    expect(tab.locator("[data-chart] svg.marks").first).to_be_visible()
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not tab.evaluate(wider)


def test_without_its_samples_the_page_stands(tab: Page, address: str, tmp_path: Path) -> None:
    alone = tmp_path / "report.html"
    alone.write_bytes(Path(address.removeprefix("file://")).read_bytes())
    tab.goto(alone.as_uri())
    expect(tab.locator(".sample")).to_contain_text("index.js cannot be read")


def test_it_speaks_chinese(tab: Page, address: str, tmp_path: Path) -> None:
    run = copytree(Path(address.removeprefix("file://")).parent, tmp_path / "run")
    write_report(run, lang="zh")
    tab.goto((run / "report.html").as_uri())
    expect(tab.locator("html")).to_have_attribute("lang", "zh")
    expect(tab.locator(".filters output")).to_have_text(f"{ALL} / {ALL} 个样本")
    expect(tab.get_by_role("heading", name="推理服务")).to_be_visible()
    expect(tab.locator('[data-chart="accounting"] svg.marks')).to_contain_text("正确")
    expect(tab.locator('[data-chart="serving: Latency"] svg.marks')).to_contain_text("秒")

    tab.get_by_label("结果", exact=True).select_option("错误")
    expect(tab.locator(".sample")).to_contain_text("标准答案")
    tab.get_by_label("答案", exact=True).fill("nothing is read so")
    expect(tab.locator(".sample")).to_have_text("没有符合条件的样本。")


@pytest.fixture
def large(tmp_path: Path) -> str:
    """The page of a run of 900 samples, which lie in five files."""
    said = [Said(str(i), text=f"reply number {i}") for i in range(900)]
    folder = write_run(tmp_path / "run", said)
    lines = [
        {"exchanges": [{"role": "model", "reply": each.text}], **outcome(each)} for each in said
    ]
    kept = SampleLine.__dataclass_fields__
    rows = [{name: line[name] for name in kept if name in line} for line in lines]
    write_lines(folder / "samples.jsonl", rows)
    write_report(folder)
    return (folder / "report.html").as_uri()


def test_texts_are_read_ahead_so_that_a_search_waits_for_no_file(tab: Page, large: str) -> None:
    tab.goto(large)
    files = tab.locator("head script[src]")
    expect(files).to_have_count(1 + 5)  # with the index

    tab.get_by_label("text", exact=True).fill("Number 899")
    expect(tab.locator(".filters output")).to_contain_text("1 of 900")
    expect(tab.locator(".sample mark, .sample pre").last).to_have_text("reply number 899")
    expect(files).to_have_count(1 + 5)


def test_what_a_search_finds_first_is_shown_while_it_goes_on(tab: Page, large: str) -> None:
    held: list[Route] = []
    tab.route("**/report_samples/3.js", lambda route: held.append(route))
    tab.goto(large, wait_until="commit")  # it is not loaded before that file is
    count = tab.locator(".filters output")
    expect(count).to_have_text("900 of 900 samples")

    tab.get_by_label("text", exact=True).fill("number 7")
    expect(count).to_have_text("11 of 900 samples; searching, 60 % so far")
    expect(tab.locator(".sample pre").last).to_have_text("reply number 7")
    tab.locator(".list").focus()
    tab.keyboard.press("j")
    expect(tab.locator(".sample pre").last).to_have_text("reply number 70")

    held[0].continue_()
    expect(count).to_have_text("111 of 900 samples")
    expect(tab.locator(".sample pre").last).to_have_text("reply number 70")


def test_one_sample_is_said_of_one(tab: Page, tmp_path: Path) -> None:
    only = [Said("1", text="Answer: B")]
    folder = write_run(tmp_path / "run", only)
    kept = SampleLine.__dataclass_fields__
    line = {"exchanges": [{"role": "model", "reply": only[0].text}], **outcome(only[0])}
    write_lines(folder / "samples.jsonl", [{name: line[name] for name in kept if name in line}])
    write_report(folder)
    tab.goto((folder / "report.html").as_uri())

    expect(tab.locator(".filters output")).to_have_text("1 of 1 sample")
    tab.get_by_label("text", exact=True).fill("nothing like that")
    expect(tab.locator(".filters output")).to_have_text("0 of 1 sample")
    expect(tab.locator(".cards")).to_contain_text("1 request sent")
