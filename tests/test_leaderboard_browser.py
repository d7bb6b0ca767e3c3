"""Every page in a real browser: both themes, a phone, no error on the console, nothing that axe objects to."""

import os
import shutil
from importlib.resources import files

import pytest
from leaderboard_scene import filled, served
from test_leaderboard_entry import write_run

from leaderboard import Leaderboard

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
pytest.importorskip("uvicorn", reason="the extra web is not installed")
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

LOOKS = (
    ("light", 375),
    pytest.param("dark", 1200, marks=pytest.mark.slow),
    pytest.param("dark", 375, marks=pytest.mark.slow),
    pytest.param("light", 1200, marks=pytest.mark.slow),
)
PAGES = {
    "home": "/", "run": "/entries/1", "problem": "/entries/1/problems/0", "compare": "/compare?entry=1&entry=2",
    "curves": "/curves?entry=1&entry=2&entry=3", "filtered": "/?policy=small", "training": "/entries/1/lessons/4",
}  # fmt: skip


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    return filled(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def watched(browser, scheme, width):
    """A page, and everything that it complains about."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    return page, complaints


def check(page, name):
    source = files(axe).joinpath("axe.min.js").read_text("utf-8")
    found = page.evaluate(f"{source}; axe.run(document, {{resultTypes: ['violations']}})")["violations"]
    assert [(name, v["id"], v["nodes"][0]["html"]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    folder = os.environ.get("PMD_SCREENSHOTS")
    if folder:
        width = page.viewport_size["width"]
        scheme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
        page.screenshot(path=f"{folder}/{name}-{scheme}-{width}.png", full_page=True)


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_served_pages_look_right_and_are_accessible(board, browser, scheme, width):
    with served(board.path) as address:
        page, complaints = watched(browser, scheme, width)
        page.on("request", lambda request: request.url.startswith((address, "data:")) or complaints.append(request.url))
        own = f"/boards/{board.boards()[0].key}"
        both = f"{own}/agents/compare?agent=pmd&policy=nano&agent=sdpo&policy=nano"
        for name, path in {**PAGES, "board": own, "agents": f"{own}/agents", "two-agents": both}.items():
            assert page.goto(address + path).status == 200
            for details in page.locator("details").all():
                details.evaluate("element => { element.open = true; }")
            check(page, name)
        page.context.close()
    assert complaints == []


def test_a_page_that_is_not_there_is_accessible_too(board, browser):
    with served(board.path) as address:
        page, complaints = watched(browser, "dark", 375)
        assert page.goto(f"{address}/entries/99").status == 404
        check(page, "not-found")
        page.context.close()
    assert [text for text in complaints if "404" not in text] == []


def test_names_of_all_lengths_stay_on_the_page(browser, tmp_path):
    board, long = Leaderboard(tmp_path / "board.sqlite"), "W" * 200
    for number in range(12):  # more than the first page shows
        run = write_run(tmp_path / str(number), f"{number}{long}"[:200], suite=long, seed=number, solved=1 + number % 4)
        board.post(run)
    index = board.export(tmp_path / "site")
    page, complaints = watched(browser, "light", 375)
    for kind in ("board", "agents", "run", "compare", "problem"):
        page.goto(next((index.parent / "pages").glob(f"{kind}-*.html")).as_uri())
        for details in page.locator("details").all():
            details.evaluate("element => { element.open = true; }")
        check(page, kind)
    page.goto(index.as_uri())
    check(page, "home")
    page.context.close()
    assert complaints == []


def test_runs_are_compared_with_the_keyboard_alone(board, browser):
    with served(board.path) as address:
        page, complaints = watched(browser, "light", 1200)
        page.goto(address)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        pressed = 0
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = page.evaluate("document.activeElement.type + document.activeElement.textContent")
            if focused.startswith("checkbox") and pressed < 2:
                page.keyboard.press("Space")
                pressed += 1
            if "Compare two chosen runs" in focused:
                page.keyboard.press("Enter")
                break
        page.wait_for_url("**/compare?entry=1&entry=2")
        assert "against" in page.locator("h1").inner_text()
        page.context.close()
    assert complaints == []


@pytest.mark.slow
def test_exported_pages_work_from_their_files(board, browser, tmp_path):
    index = board.export(tmp_path / "site")
    page, complaints = watched(browser, "light", 375)
    page.goto(index.as_uri())
    assert page.locator("tr[data-policy]:visible").count() == 3
    page.select_option("#by-policy", "small")
    assert page.locator("tr[data-policy]:visible").count() == 1
    page.select_option("#by-policy", "")
    page.select_option("#by-env", "pmd/GSM8K-v0")
    assert page.locator("#found").inner_text() == "1 board"
    check(page, "exported")
    page.get_by_role("link", name="pmd-0", exact=True).click()
    check(page, "exported-run")
    page.locator("a[href^=lesson-]").first.click()
    check(page, "exported-training")
    page.go_back()
    page.locator("a[href^=problem-]").first.click()
    check(page, "exported-problem")
    page.get_by_role("link", name="board", exact=True).click()
    page.locator("a[href^=agents-]").first.click()
    check(page, "exported-agents")
    page.get_by_role("link", name="board", exact=True).click()
    page.locator("a[href^=compare-]").first.click()
    check(page, "exported-compare")
    page.context.close()
    assert complaints == []
