"""Hostile texts: whatever stands in any field comes out of every format inert, and is readable there as it is.

Each page is judged by what a parser makes of it: it must be the page of a harmless text, with that text in its place.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from unicodedata import category

import pytest
import yaml
from filled import (
    HOME,
    SLUG,
    article,
    body_of,
    comparison_of,
    document,
    outline,
    panel_of,
    reader,
    setting_of,
    site_of,
    squashed,
    token,
    with_text,
)
from hostile import HOSTILE

from panelsynth.cli.screen import show_comparison, show_panels
from panelsynth.comparison import Comparison
from panelsynth.pages import render
from panelsynth.pages.generators import generator_files
from panelsynth.pages.plain import line
from panelsynth.saving import load_saved, panel_json

every_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
WHOLE = {name: text for name, text in HOSTILE.items() if not re.search("[\ud800-\udfff]", text)}
every_whole_text = pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
STEERING = {"Cc", "Cs", "Zl", "Zp"}


def steers(written: str) -> list[str]:
    """List what could steer a terminal: controls, and signs that turn the direction of what follows."""
    turning = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    return [sign for sign in written if (category(sign) in STEERING and sign not in "\t\n") or sign in turning]


def test_there_are_over_a_hundred_hostile_texts_and_each_is_one_of_its_kind() -> None:
    assert len(HOSTILE) >= 100
    assert len({*HOSTILE.values()}) == len(HOSTILE)
    assert all(0 < len(line(text)) <= 300 for text in HOSTILE.values())


@every_text
@pytest.mark.parametrize("status", ["draft", "approved"])
def test_html_is_the_harmless_page_with_the_text_in_its_place(text: str, status: str) -> None:
    page, harmless = (render(comparison_of(said, status), "html", setting_of(said)) for said in (text, token(text)))
    assert outline(document(page)) == with_text(outline(document(harmless)), text)
    assert steers(page) == []


@every_text
def test_a_fragment_is_the_harmless_one_with_the_text_in_its_place(text: str) -> None:
    page, harmless = (render(comparison_of(said), "fragment", setting_of(said)) for said in (text, token(text)))
    assert outline(article(page)) == with_text(outline(article(harmless)), text)


@every_text
@pytest.mark.parametrize("links", [False, True])
def test_markdown_is_the_harmless_page_with_the_text_in_its_place(text: str, *, links: bool) -> None:
    page, harmless = (render(comparison_of(said), "md", setting_of(said)) for said in (text, token(text)))
    read, expected = (outline(article(reader(links=links).render(body_of(one)))) for one in (page, harmless))
    assert read == with_text(expected, text)
    assert steers(page) == []


@every_text
def test_front_matter_reads_back_the_same(text: str) -> None:
    page, harmless = (render(comparison_of(said), "md", setting_of(said)) for said in (text, token(text)))
    front, expected = (yaml.safe_load(one.split("\n---\n", 1)[0].removeprefix("---\n")) for one in (page, harmless))
    assert front == expected | {"title": line(text)}


@every_text
def test_plain_text_is_the_harmless_page_with_the_text_in_its_place(text: str) -> None:
    page, harmless = (render(comparison_of(said), "txt") for said in (text, token(text)))
    # An address is written as addresses are: on a line of its own.
    (words, links), (expected, links_too) = (
        re.subn(rf"^  Vendor: {HOME}\S*$", "", one, flags=re.MULTILINE) for one in (page, harmless)
    )
    assert squashed(words) == squashed(expected).replace(token(text), squashed(line(text)))
    assert links == links_too == 2
    assert steers(page) == []


@every_whole_text
def test_json_reads_back_the_same_and_steers_no_terminal(text: str) -> None:
    comparison = comparison_of(text)
    page = render(comparison, "json")
    assert Comparison.model_validate_json(page) == comparison
    assert json.loads(page)["title"] == text
    assert steers(page) == []


@every_whole_text
def test_a_panel_file_reads_back_the_same_and_steers_no_terminal(text: str, tmp_path: Path) -> None:
    panel = panel_of("acme", text)
    path = tmp_path / "acme.panel.json"
    path.write_text(panel_json(panel), encoding="utf-8")
    assert load_saved(path) == panel
    assert steers(panel_json(panel)) == []
    assert len(panel_json(panel, indent=None).splitlines()) == 1


@every_text
def test_the_view_in_the_terminal_is_the_harmless_one_with_the_text_in_its_place(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = []
    for said in (text, token(text)):
        show_comparison(comparison_of(said))
        show_panels(comparison_of(said).panels)
        seen.append(capsys.readouterr().out)
    assert squashed(seen[0]) == squashed(seen[1]).replace(token(text), squashed(line(text)))
    assert steers(seen[0]) == []


@every_text
@pytest.mark.parametrize("target", ["hugo", "markdown"])
def test_a_generators_file_is_the_harmless_one_with_the_text_in_its_place(text: str, target: str) -> None:
    [(path, page)], [(_, harmless)] = (generator_files(site_of(said), target) for said in (text, token(text)))
    assert path.endswith(f"compare/{SLUG}.md")
    read, expected = (outline(article(reader(links=True).render(body_of(one)))) for one in (page, harmless))
    assert read == with_text(expected, text)
    assert steers(page) == []
