"""Hostile texts on a site: its pages, feeds and digest are those of a harmless text, with that text in its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from filled import Part, article, document, outline, reader, site_of, squashed, strings, token, with_text
from hostile import HOSTILE
from test_hostile import every_text, steers

from panelsynth.pages.plain import line
from panelsynth.pages.site import render_site
from panelsynth.pages.site.digest import digest

PAGES = (
    "index.html",
    "404.html",
    "tools/index.html",
    "tools/acme.html",
    "tools/bolt.html",
    "reviewers/index.html",
    "reviewers/reader.html",
    "compare/acme-vs-bolt.html",
    "compare/bolt-vs-acme.html",
)
FEEDS = ("atom.xml", "sitemap.xml")


@lru_cache(maxsize=400)
def files(text: str) -> dict[str, str]:
    return dict(render_site(site_of(text)))


@every_text
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_the_harmless_one_with_the_text_in_its_place(text: str, path: str) -> None:
    page, harmless = files(text)[path], files(token(text))[path]
    assert outline(document(page)) == with_text(outline(document(harmless)), text)
    assert steers(page) == []


@every_text
@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_the_harmless_one_with_the_text_in_its_place(text: str, path: str) -> None:
    feed, harmless = files(text)[path], files(token(text))[path]
    assert outline(ET.fromstring(feed)) == with_text(outline(ET.fromstring(harmless)), text)  # noqa: S314 - our own
    assert steers(feed) == []


@every_text
def test_the_feed_in_json_is_the_harmless_one_with_the_text_in_its_place(text: str) -> None:
    feed, harmless = files(text)["feed.json"], files(token(text))["feed.json"]
    assert [*strings(json.loads(feed))] == [
        said.replace(token(text), line(text)) for said in strings(json.loads(harmless))
    ]
    assert steers(feed) == []


@every_text
def test_a_site_has_no_file_that_a_text_has_named(text: str) -> None:
    assert {*files(text)} == {*files(token(text))} == {*PAGES, *FEEDS, "feed.json", "robots.txt"}


@every_text
def test_a_digest_is_the_harmless_one_with_the_text_in_its_place(text: str) -> None:
    read: dict[str, Callable[[str], Any]] = {
        "html": lambda mail: outline(document(mail)),
        "md": lambda mail: outline(article(reader(links=True).render(mail))),
    }
    mail, harmless = (digest(site_of(said), "2026-11-01") for said in (text, token(text)))
    for form, parse in read.items():
        parts: list[Part] = parse(harmless[form])
        assert parse(mail[form]) == with_text(parts, text)
    assert squashed(mail["txt"]) == squashed(harmless["txt"]).replace(token(text), squashed(line(text)))
    assert [steers(written) for written in mail.values()] == [[], [], []]


def test_every_hostile_text_is_on_the_tools_page() -> None:
    for text in HOSTILE.values():
        assert squashed(line(text)) in squashed("".join(document(files(text)["tools/acme.html"]).itertext()))
