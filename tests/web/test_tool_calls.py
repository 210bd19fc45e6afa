"""A dialogue with tools on the page of a run: checks, turns, calls and observations, as text."""

import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.pages.test_run_page import HOSTILE
from tests.stub import Reply, StubServer
from tests.stub.replies import Body

pytestmark = pytest.mark.web


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a run whose model calls a tool with a hostile argument, and then says no less."""
    folder = tmp_path_factory.mktemp("tools")

    def reply(body: Body) -> Reply:
        if any(message["role"] == "tool" for message in body["messages"]):
            return Reply(HOSTILE)
        call = {"name": "get_weather", "arguments": '{"city": "<img src=x onerror=alert(9)>"}'}
        return Reply("", tool_calls=[{"id": "1", "type": "function", "function": call}])

    with StubServer(reply=reply) as server:
        words = ["run", "toolcall", "--limit", "1", "--model", "stub", "--no-smoke"]
        words += ["--base-url", server.base_url, "--out", "run", "--progress", "none"]
        command = [sys.executable, "-m", "evaluator", *words]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "run" / "report.html").as_uri()


def test_the_whole_dialogue_is_shown_as_text(tab: Page, address: str) -> None:
    tab.goto(address)
    tab.locator(".list").focus()
    tab.keyboard.press("ArrowDown")
    shown = tab.locator(".sample")

    expect(shown.locator(".checks")).to_contain_text("✗ calls: generate_image was not called")
    expect(shown).to_contain_text('get_weather({"city": "<img src=x onerror=alert(9)>"})')
    expect(shown).to_contain_text("model was asked · tool")
    expect(shown).to_contain_text("no tool 'get_weather'")
    expect(shown.get_by_text("model was asked · user")).to_have_count(1)
    expect(shown.locator("img, script")).to_have_count(0)
