"""Browser: pages as Debian's Chromium shows them, held against axe-core, a validator and a reader's fingers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import showcase

from panelsynth.pages import Setting, fragment_stylesheet

NODE = Path(__file__).parent / "node" / "node_modules"
AXE = NODE / "axe-core" / "axe.min.js"
VALIDATOR = NODE / "html-validate" / "bin" / "html-validate.mjs"
CHROMIUM = shutil.which("chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
NAMES = ("two", "three", "failed", "seven", "twelve", "edited", "retired", "long", "scripts")
LACKING = "there is no chromium, or no axe-core: 'make browser' installs both on Debian and runs these tests"

needs_browser = pytest.mark.skipif(not (CHROMIUM and AXE.is_file()), reason=LACKING)

pytestmark = needs_browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return showcase.write(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def browser(pages: dict[str, Path]) -> Iterator[Any]:
    """Start Chromium; the pages are written by then, since nothing can be reviewed while its event loop runs."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        yield started
        started.close()


def opened(browser: Any, page: Path, width: int = 820, scheme: str = "light") -> Any:
    """Open a page with everything unfolded; what it says to the console and what it asks for are noted on it."""
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab.asked, tab.said = [], []
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.on("console", lambda message: tab.said.append(message.text))
    tab.goto(page.as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    return tab


def violations(tab: Any) -> list[str]:
    """Ask axe what is wrong; it runs from outside, past the page's policy."""
    if tab.evaluate("typeof axe") == "undefined":
        tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)")
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_at_any_width_in_either_scheme(browser: Any, pages: dict[str, Path], name: str) -> None:
    tab = opened(browser, pages[name])
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        for width in (360, 820, 1360):
            tab.set_viewport_size({"width": width, "height": 900})
            assert (scheme, width, violations(tab)) == (scheme, width, [])
    tab.close()


def test_axe_would_notice_text_that_is_too_faint(browser: Any, pages: dict[str, Path]) -> None:
    tab = opened(browser, pages["two"])
    tab.evaluate("document.documentElement.style.setProperty('--soft', '#999')")
    assert any(one.startswith("color-contrast") for one in violations(tab))
    tab.close()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_asked_for_and_no_page_is_wider_than_its_window(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    tab = opened(browser, pages[name])
    for width in (320, 360, 820, 1360):
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate("[innerWidth, document.documentElement.scrollWidth]") == [width, width]
    assert tab.asked == [pages[name].as_uri()]
    assert tab.said == []
    tab.close()


def test_every_page_is_valid_html(pages: dict[str, Path]) -> None:
    assert sorted(pages) == sorted(NAMES)
    folder = pages["two"].parent
    taste = dict.fromkeys(("prefer-native-element", "doctype-style", "long-title"), "off")
    rules = {"root": True, "extends": ["html-validate:recommended"], "rules": taste}
    (folder / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    files = [str(page) for page in pages.values()]
    command = ["node", str(VALIDATOR), "--config", str(folder / "rules.json"), "--formatter", "text", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)


def test_a_keyboard_reaches_the_comparison_at_once_and_opens_what_is_folded(
    browser: Any, pages: dict[str, Path]
) -> None:
    tab = browser.new_page()
    tab.goto(pages["seven"].as_uri())
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "jump"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    for _ in range(60):
        tab.keyboard.press("Tab")
        outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", tab.evaluate("document.activeElement.outerHTML")
        if tab.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    assert not tab.evaluate("document.activeElement.parentElement.open")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.parentElement.open")
    tab.close()


def test_the_sign_up_form_posts_to_its_address(browser: Any, pages: dict[str, Path]) -> None:
    tab = browser.new_page()
    posted = []
    tab.on("request", lambda request: posted.append((request.url, request.post_data)))
    tab.route("https://**/*", lambda route: route.fulfill(body="Thank you."))
    tab.goto(pages["edited"].as_uri())
    tab.get_by_label("Your e-mail address").fill("a@b.example")
    tab.get_by_role("button", name="Sign up").click()
    tab.wait_for_url("https://mail.tooldesk.example/join")
    assert posted[1:] == [("https://mail.tooldesk.example/join", "email=a%40b.example")]
    tab.close()


def test_the_policy_lets_the_form_reach_no_other_host(browser: Any, pages: dict[str, Path]) -> None:
    tab = opened(browser, pages["edited"])
    tab.get_by_label("Your e-mail address").fill("a@b.example")
    with tab.expect_console_message(lambda message: "form-action" in message.text):
        tab.evaluate(
            "const form = document.querySelector('form'); form.action = 'https://evil.example/'; form.submit()"
        )
    assert tab.asked == [pages["edited"].as_uri()]
    tab.close()


def test_what_is_folded_on_a_screen_is_printed(browser: Any, pages: dict[str, Path]) -> None:
    tab = browser.new_page()
    tab.goto(pages["two"].as_uri())
    tab.emulate_media(media="print")
    assert tab.get_by_text("What would change its mind").first.is_visible()
    assert not tab.get_by_text("Evidence and answers").first.is_visible()
    tab.close()


def test_two_fragments_stand_in_an_apps_page_and_leave_its_own_styles_alone(browser: Any, tmp_path: Path) -> None:
    parts = [showcase.several(count).to_html(fragment=True, setting=Setting(heading=3)) for count in (2, 3)]
    page = tmp_path / "app.html"
    page.write_text(
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>App</title>"
        "<style>body { font-family: monospace; color: #222; background: #fff } h2 { color: #a00 }</style>"
        f"<style>{fragment_stylesheet()}</style></head>"
        f"<body><main><h1>App</h1><h2>Ours</h2>{''.join(parts)}</main></body></html>",
        encoding="utf-8",
    )
    tab = opened(browser, page, 1360)
    assert violations(tab) == []
    ids = tab.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len({*ids}) == len(ids) > 20
    assert all(one.startswith("panelsynth-") for one in ids)
    style = "getComputedStyle(document.querySelector('{}')).{}"
    assert tab.evaluate(style.format("h2", "color")) == "rgb(170, 0, 0)"
    assert tab.evaluate(style.format("h2", "fontFamily")) == "monospace"
    assert re.search("serif", tab.evaluate(style.format(".panelsynth .head", "fontFamily")))
    assert tab.evaluate(style.format(".panelsynth .head", "borderTopWidth")) == "3px"
    assert tab.evaluate(style.format(".panelsynth .cards", "display")) == "grid"
    tab.close()


def test_a_themes_colours_hold_in_their_own_scheme_only(browser: Any, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    around = showcase.setting("two", variables={"paper": "#fff8e7", "dark-link": "#ffd479", "measure": "40ch"})
    page.write_text(showcase.several(2).to_html(setting=around), encoding="utf-8")
    found = {}
    for scheme in ("light", "dark"):
        tab = opened(browser, page, 1360, scheme)
        colours = "(({backgroundColor}, link) => [backgroundColor, link.color])"
        body, link = "getComputedStyle(document.body)", "getComputedStyle(document.querySelector('dd a'))"
        found[scheme] = tab.evaluate(f"{colours}({body}, {link})")
        assert violations(tab) == []
        tab.close()
    assert found == {
        "light": ["rgb(255, 248, 231)", "rgb(11, 79, 138)"],
        "dark": ["rgb(21, 22, 24)", "rgb(255, 212, 121)"],
    }
