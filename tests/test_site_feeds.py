"""Feeds and sitemap: approved pages alone, stable ids, moments from approvals, and readers that take them."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import feedparser  # type: ignore[import-untyped]
import pytest
from filled import article, outline, site_of, token, with_text
from hostile import HOSTILE
from random_panels import panel
from sites import PERSONAS, URL, example, page, site, without_url

from panelsynth.pages.plain import line
from panelsynth.pages.site import Site, render_path, render_site

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ONLINE = ["acme-vs-bolt", "three-for-writers", "bolt-vs-cask"]
every_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


def file(made: Site, path: str) -> str:
    text = render_path(made, path)
    assert text is not None
    return text


def atom(made: Site) -> Any:
    read = feedparser.parse(file(made, "atom.xml"), sanitize_html=False, resolve_relative_uris=False)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    return read


def json_feed(made: Site) -> dict[str, Any]:
    """Read a JSON Feed and hold its fields against version 1.1."""
    feed: dict[str, Any] = json.loads(file(made, "feed.json"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    known = {"version", "title", "home_page_url", "feed_url", "description", "language", "authors", "items"}
    assert {"version", "title", "items"} <= {*feed} <= known
    assert all(isinstance(feed[name], str) and feed[name] for name in known - {"authors", "items"} if name in feed)
    assert all({*author} == {"name"} for author in feed["authors"])
    for item in feed["items"]:
        assert {"id", "content_html"} <= {*item}
        fields = {"id", "url", "title", "summary", "content_html", "date_published", "date_modified"}
        assert {*item} <= fields | {"tags"}
        assert all(isinstance(item[name], str) and item[name] for name in fields)
        assert all(isinstance(tag, str) and tag for tag in item.get("tags", ["none"]))
    return feed


def locations(made: Site) -> dict[str, str | None]:
    root = ET.fromstring(file(made, "sitemap.xml"))  # noqa: S314 - our own
    assert root.tag == f"{SITEMAP}urlset"
    return {str(entry.findtext(f"{SITEMAP}loc")): entry.findtext(f"{SITEMAP}lastmod") for entry in root}


def test_without_the_sites_address_there_is_neither_feed_nor_sitemap() -> None:
    assert not {"sitemap.xml", "robots.txt", "atom.xml", "feed.json"} & {*dict(render_site(without_url(example())))}


def test_the_sitemap_lists_what_readers_are_meant_to_find() -> None:
    found = locations(example())
    compared = {f"{URL}compare/{slug}.html" for slug in ONLINE}
    tools = {f"{URL}tools/{name}.html" for name in ("index", "acme", "bolt", "cask")}
    reviewers = {f"{URL}reviewers/{name}.html" for name in ("index", *(persona.id for persona in PERSONAS))}
    assert {*found} == {URL} | compared | tools | reviewers
    assert found[f"{URL}compare/bolt-vs-cask.html"] == "2026-11-10T10:00:00Z"
    assert found[URL] == found[f"{URL}tools/acme.html"] == "2026-11-20T10:00:00Z"


def test_no_page_of_the_sitemap_keeps_search_engines_out_and_each_calls_itself_by_that_address() -> None:
    files = dict(render_site(example()))
    for address in locations(example()):
        text = files[address.removeprefix(URL) or "index.html"]
        assert "noindex" not in text
        assert f'<link rel="canonical" href="{address}">' in text


def test_robots_are_told_where_the_sitemap_is() -> None:
    assert file(example(), "robots.txt") == f"User-agent: *\nAllow: /\n\nSitemap: {URL}sitemap.xml\n"


def test_a_site_without_approved_pages_has_an_empty_sitemap_and_empty_feeds() -> None:
    for made in (site(), site(page("a", [panel("Acme"), panel("Bolt")]))):
        assert locations(made) == {}
        assert atom(made).entries == []
        assert atom(made).feed.updated == "1970-01-01T00:00:00Z"
        assert json_feed(made)["items"] == []


def test_both_feeds_tell_the_approved_pages_newest_first_with_their_shares() -> None:
    read, feed = atom(example()), json_feed(example())
    assert read.feed.id == read.feed.link == feed["home_page_url"] == URL
    assert read.feed.title == feed["title"] == "Acme reviews"
    assert read.feed.author == feed["authors"][0]["name"] == "Acme Media"
    assert read.feed.updated == "2026-11-20T10:00:00Z"
    assert [link.href for link in read.feed.links if link.rel == "self"] == [f"{URL}atom.xml"]
    addresses = [f"{URL}compare/{slug}.html" for slug in ONLINE]
    assert [entry.id for entry in read.entries] == [item["id"] for item in feed["items"]] == addresses
    first, item = read.entries[0], feed["items"][0]
    assert first.link == item["url"] == addresses[0]
    assert first.updated == item["date_modified"] == "2026-11-20T10:00:00Z"
    assert first.published == item["date_published"] == "2026-11-01T10:00:00Z"
    assert first.summary == item["summary"]
    assert item["summary"].startswith("Acme: 75% (3 of 4) ship; Bolt: 33% · 1 of 3 ship, 1 of 4 missing (25-50%)")
    assert [tag.term for tag in first.tags] == item["tags"] == ["Writing", "Data"]
    assert first.content[0].value == item["content_html"]
    assert "nobody tested these tools" in item["content_html"]


def test_a_new_approval_keeps_an_entrys_id_and_moves_its_moment() -> None:
    acme, bolt = panel("Acme"), panel("Bolt")
    before, after = page("a", [acme, bolt], "2026-11-01"), page("a", [acme, bolt], "2026-11-09")
    then, now = atom(site(before)).entries[0], atom(site(after, past=[before])).entries[0]
    assert now.id == then.id
    assert (now.published, now.updated) == (then.published, "2026-11-09T10:00:00Z")


def test_a_feed_holds_the_newest_fifty() -> None:
    panels = [panel("Acme"), panel("Bolt")]
    pages = [page(f"page-{day:03}", panels, f"2026-{1 + day // 28:02}-{1 + day % 28:02}") for day in range(60)]
    found = [entry.id for entry in atom(site(*pages)).entries]
    assert found == [f"{URL}compare/page-{day:03}.html" for day in range(59, 9, -1)]


def test_a_page_whose_moment_is_none_stays_out_of_the_feeds() -> None:
    made = site(page("a", [panel("Acme"), panel("Bolt")], "2026-11-01", approved_at="yesterday"))
    assert atom(made).entries == []
    assert locations(made) == {}


@every_text
def test_the_atom_feed_is_the_harmless_one_with_the_text_in_its_place(text: str) -> None:
    read, harmless = (ET.fromstring(file(site_of(said), "atom.xml")) for said in (text, token(text)))  # noqa: S314
    contents = [[node.text or "" for node in root.iter(f"{ATOM}content")] for root in (read, harmless)]
    for content, expected in zip(*contents, strict=True):
        assert outline(article(content)) == with_text(outline(article(expected)), text)
    told, foretold = (
        [(node.tag, node.attrib, node.text or "") for node in root.iter() if node.tag != f"{ATOM}content"]
        for root in (read, harmless)
    )
    for (tag, fields, said), (tag_too, fields_too, expected) in zip(told, foretold, strict=True):
        assert tag == tag_too
        assert said == expected.replace(token(text), line(text))
        assert fields == {name: value.replace(token(text), line(text)) for name, value in fields_too.items()}
    assert atom(site_of(text)).feed.id == "https://site.example/"


@every_text
def test_the_json_feed_is_the_harmless_one_with_the_text_in_its_place(text: str) -> None:
    feed, harmless = (json_feed(site_of(said)) for said in (text, token(text)))
    [item], [expected] = (one.pop("items") for one in (feed, harmless))
    contents = [one.pop("content_html") for one in (item, expected)]
    assert outline(article(contents[0])) == with_text(outline(article(contents[1])), text)
    for read, foretold in ((feed, harmless), (item, expected)):
        assert (
            json.loads(json.dumps(foretold).replace(json.dumps(token(text))[1:-1], json.dumps(line(text))[1:-1]))
            == read
        )
