"""A real browser, in which an error of JavaScript or a dialog fails the test."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window; it needs no sandbox of its own for pages that we made."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def is_fault(said: ConsoleMessage) -> bool:
    """Errors, but for a file that is not there: the page says that itself."""
    return said.type == "error" and "ERR_FILE_NOT_FOUND" not in said.text


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A tab; whatever goes wrong in it is an error of the test, and so is a script that gets in."""
    faults: list[str] = []
    with browser.new_page(viewport={"width": 1240, "height": 900}) as page:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(dialog.message) or dialog.dismiss())
        page.on("console", lambda said: faults.append(said.text) if is_fault(said) else None)
        yield page
        assert not faults
