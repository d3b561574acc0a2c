"""Hostile texts on the pages around the comparisons: inert, and readable as they are."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from filled import HOME, Part, comparison_of, document, outline, panel_of, persona_of, site_of, token, with_text
from hostile import HOSTILE
from test_hostile import steers

from panelsynth.comparison import Comparison
from panelsynth.pages.plain import line
from panelsynth.pages.site import Site, SitePage, render_site

every_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
VOTES = {"acme": "skip skip fail ship", "bolt": "ship ship ship fail"}


def before(text: str) -> Comparison:
    """Make an earlier version, in which other reviewers had voted and no words were the same."""
    made = comparison_of(text, "approved")
    panels = tuple(panel_of(one.tool.id, text, VOTES[one.tool.id]) for one in made.panels)
    return made.model_copy(update={"panels": panels, "approved_at": "2026-11-02T10:00:00Z"})


def site(text: str) -> Site:
    """Make a site of an approved page, a draft and an earlier version, whose every text is `text`."""
    made = site_of(text)
    [first] = made.pages
    draft = SitePage(f"{first.slug}-again", comparison_of(text))
    return replace(made, pages=(first, draft), past=(SitePage(first.slug, before(text)),))


def read(page: str) -> list[Part]:
    """Tell a page, with a vendor's address in its description for machines cut short as those of links are."""
    return [
        tuple(re.sub(rf"url: {HOME}\S*", f"url: {HOME};", word) for word in part) for part in outline(document(page))
    ]


def replaced(parts: list[Part], text: str) -> list[Part]:
    """Put a text where its stand-in is; a persona's title takes sixty characters of it."""
    short, said = (" ".join(line(persona_of(one).title).split()) for one in (token(text), text))
    return [tuple(word.replace(short, said) for word in part) for part in with_text(parts, text)]


@every_text
def test_every_page_is_the_harmless_one_with_the_text_in_its_place(text: str) -> None:
    files, harmless = (dict(render_site(site(said))) for said in (text, token(text)))
    assert {*files} == {*harmless}
    for path, page in files.items():
        assert steers(page) == [], path
        if path.endswith(".html"):
            assert read(page) == replaced(read(harmless[path]), text), path


def test_the_pages_are_those_that_hold_texts() -> None:
    paths = {path for path in dict(render_site(site("x"))) if path.endswith(".html")}
    around = {f"{name}.html" for name in ("index", "404", "tools/index", "tools/acme", "tools/bolt")}
    assert around | {"reviewers/index.html", "reviewers/reader.html", "compare/bolt-vs-acme.html"} <= paths
