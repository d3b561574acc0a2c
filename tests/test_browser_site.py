"""Browser: the pages around the comparisons in Debian's Chromium, held against axe-core, a validator and a filter."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sites import example
from test_browser import AXE, CHROMIUM, FLAGS, LACKING, VALIDATOR, opened, violations

from panelsynth.pages import Signup
from panelsynth.pages.site import digest, render_site

pytestmark = pytest.mark.skipif(not (CHROMIUM and AXE.is_file()), reason=LACKING)

PATHS = ("index", "tools/index", "tools/acme", "tools/dune", "reviewers/index", "reviewers/skeptic", "404")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = example()
    signup = Signup("One a week", "New panels by mail.", "https://mail.example/join")
    made = replace(made, setting=replace(made.setting, signup=signup))
    root = tmp_path_factory.mktemp("site")
    for path, text in [*render_site(made), ("digest.html", digest(made, "2026-11-01")["html"])]:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def browser(folder: Path) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        yield started
        started.close()


@pytest.mark.parametrize("name", PATHS)
def test_axe_finds_nothing_and_nothing_is_asked_for_at_any_width_in_either_scheme(
    browser: Any, folder: Path, name: str
) -> None:
    page = folder / f"{name}.html"
    tab = opened(browser, page)
    assert (tab.asked, tab.said) == ([page.as_uri()], [])
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        for width in (320, 820, 1360):
            tab.set_viewport_size({"width": width, "height": 900})
            assert tab.evaluate("document.documentElement.scrollWidth") == width
            assert (scheme, width, violations(tab)) == (scheme, width, [])
    tab.close()


def test_axe_finds_nothing_in_a_letter(browser: Any, folder: Path) -> None:
    tab = opened(browser, folder / "digest.html")
    # A letter is shown inside a page of the mail program's own, which has the landmarks.
    assert [one for one in violations(tab) if not one.startswith(("region", "landmark-one-main"))] == []
    tab.close()


def test_a_category_is_chosen_by_keyboard_and_the_others_go_without_a_script(browser: Any, folder: Path) -> None:
    tab = opened(browser, folder / "index.html")
    seen = "[...document.querySelectorAll('.entry')].filter(one => one.checkVisibility()).length"
    assert tab.evaluate(seen) == 4
    tab.locator("#category-0").focus()
    ring = "getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("document.activeElement.id") == "category-1"
    assert tab.evaluate(ring) == "solid"
    assert tab.evaluate(seen) == 3
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(seen) == 1
    tab.get_by_text("All 4").click()
    assert tab.evaluate(seen) == 4
    tab.close()


def test_a_redirect_leads_on_with_scripts_off(browser: Any, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((folder / "compare" / "bolt-vs-acme.html").as_uri())
    tab.wait_for_url("**/compare/acme-vs-bolt.html")
    context.close()


def test_every_page_of_a_site_is_valid_html(folder: Path) -> None:
    taste = dict.fromkeys(("prefer-native-element", "doctype-style", "long-title"), "off")
    rules = {"root": True, "extends": ["html-validate:recommended"], "rules": taste}
    (folder / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    files = [str(folder / f"{name}.html") for name in PATHS]
    command = ["node", str(VALIDATOR), "--config", str(folder / "rules.json"), "--formatter", "text", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)
