"""The site around the comparisons: every list is counted from what is shown, every link leads somewhere, no script."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise, permutations
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest
from filled import document
from random_panels import panel
from sites import PERSONAS, URL, example, is_noindex, links, many, page, shown, site, without_url, words

from panelsynth.pages.site import Site, render_path, render_site
from panelsynth.pages.site.redirects import find_redirects

EXAMPLE = dict(render_site(example()))
HTML = {path: text for path, text in EXAMPLE.items() if path.endswith(".html")}
REDIRECTS = {path for path, text in HTML.items() if 'http-equiv="refresh"' in text}
AROUND = sorted(path for path in {*HTML} - REDIRECTS if not path.startswith("compare/"))
every_page = pytest.mark.parametrize("path", AROUND)


def titles(text: str) -> list[str]:
    return [words(node) for node in document(text).iter("h3")]


# Every page


def test_a_site_has_these_files() -> None:
    compared = ["acme-vs-bolt", "three-for-writers", "bolt-vs-cask", "acme-vs-dune", "cask-vs-echo"]
    led = ["acme-or-bolt", "bolt-vs-acme", "cask-vs-bolt", "dune-vs-acme", "echo-vs-cask"]
    expected = {f"compare/{name}.html" for name in [*compared, *led]}
    expected |= {f"tools/{name}.html" for name in ("index", "acme", "bolt", "cask", "dune", "echo")}
    expected |= {f"reviewers/{name}.html" for name in ("index", *(persona.id for persona in PERSONAS))}
    assert {*EXAMPLE} == expected | {"index.html", "404.html", "sitemap.xml", "robots.txt", "atom.xml", "feed.json"}


@every_page
def test_a_page_is_valid_and_its_parts_can_be_found_by_ear(path: str) -> None:
    root = document(HTML[path])
    [_], [_] = root.iter("main"), root.iter("h1")
    levels = [
        int(node.tag[1]) for node in root.iter() if isinstance(node.tag, str) and re.fullmatch("h[1-6]", node.tag)
    ]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(node.get("scope") in {"col", "row"} for node in root.iter("th"))
    assert all(node.get("aria-label") for node in root.iter("nav"))
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len({*ids})
    labels = {node.get("for") for node in root.iter("label")}
    assert {node.get("id") for node in root.iter("input")} <= labels
    assert next(root.iter("html")).get("lang") == "en"


@every_page
def test_a_page_allows_its_own_style_and_asks_nobody_for_anything(path: str) -> None:
    root = document(HTML[path])
    [style] = root.iter("style")
    [policy] = [
        node.get("content") for node in root.iter("meta") if node.get("http-equiv") == "Content-Security-Policy"
    ]
    digest = b64encode(sha256((style.text or "").encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"
    assert not re.search(r"url\(|@import", style.text or "")
    assert all(node.get("type") == "application/ld+json" for node in root.iter("script"))
    assert not any(node.get("src") or node.get("style") for node in root.iter())


@every_page
def test_a_page_says_what_it_is_to_those_who_link_to_it(path: str) -> None:
    root = document(HTML[path])
    said = {node.get("name") or node.get("property"): node.get("content") for node in root.iter("meta")}
    [title] = root.iter("title")
    assert said["og:title"]
    assert said["og:title"] in words(title)
    assert said["og:site_name"] == "Acme reviews"
    if path != "404.html":
        assert said["description"]
        assert said["og:url"] == URL + ("" if path == "index.html" else path)


@pytest.mark.parametrize("path", sorted(HTML))
def test_every_link_within_the_site_leads_to_a_page(path: str) -> None:
    for href in links(HTML[path]):
        if href.startswith(("https://", "#")):
            continue
        place = href.removeprefix("/blog/") if path == "404.html" else normpath(join(dirname(path), href))
        assert place.partition("#")[0] in EXAMPLE, href


@pytest.mark.parametrize("made", [example(), without_url(example()), site()], ids=["addressed", "bare", "empty"])
def test_a_page_alone_is_the_page_among_all_and_the_same_each_time(made: Site) -> None:
    files = dict(render_site(made))
    assert dict(render_site(made)) == files
    assert {path: render_path(made, path) for path in files} == files
    assert render_path(made, "compare/none.html") is None
    assert render_path(made, "../index.html") is None


def test_the_order_of_pages_changes_the_lists_order_and_nothing_else() -> None:
    made = example()
    for pages in [*permutations(made.pages)][::17]:
        turned = dict(render_site(replace(made, pages=pages, past=made.past[::-1])))
        assert {*turned} == {*EXAMPLE}
        same = [path for path in EXAMPLE if path != "index.html" and not path.startswith("tools/")]
        assert {path: turned[path] for path in same} == {path: EXAMPLE[path] for path in same}
        for path in ("index.html", *(path for path in EXAMPLE if path.startswith("tools/"))):
            assert sorted(shown(turned[path]).split()) == sorted(shown(EXAMPLE[path]).split())


# The index


def test_the_index_lists_what_is_kept_up_in_the_sites_order_with_its_counts() -> None:
    text = shown(EXAMPLE["index.html"])
    assert titles(EXAMPLE["index.html"]) == ["Acme vs Bolt", "Acme vs Cask vs Bolt", "Bolt vs Cask", "Acme vs Dune"]
    assert "Acme vs Bolt Update waiting" in text
    assert "Acme vs Dune Draft" in text
    assert "nobody tested these tools. Read and approved by an editor." in text
    assert "Acme 75% (3 of 4) ship Bolt 33% · 1 of 3 ship, 1 of 4 missing (25-50%) Approved 2026-11-20" in text
    assert "Echo" not in text
    assert "4 tools 4 reviewer roles" in text


def chosen(text: str, number: int) -> list[str]:
    """Say which entries `filter.css` leaves when a category's button is pressed."""
    root = document(text)
    [style] = root.iter("style")
    assert f".listing:has(#category-{number}:checked) .entry:not(.in-{number})" in (style.text or "")
    found = [node for node in root.iter("li") if f"in-{number}" in (node.get("class") or "").split()]
    return [titles for node in found for titles in [words(next(node.iter("h3")))]]


def test_a_category_leaves_the_comparisons_of_its_tools() -> None:
    text = EXAMPLE["index.html"]
    labels = {words(node): node.get("for") for node in document(text).iter("label")}
    assert labels == {"All 4": "category-0", "Data 3": "category-1", "Voice 1": "category-2", "Writing 4": "category-3"}
    assert chosen(text, 2) == ["Acme vs Dune"]
    assert chosen(text, 1) == ["Acme vs Bolt", "Acme vs Cask vs Bolt", "Bolt vs Cask"]
    [pressed] = [node.get("id") for node in document(text).iter("input") if "checked" in node.attrib]
    assert pressed == "category-0"


def test_categories_beyond_the_filters_rules_share_the_last() -> None:
    text = dict(render_site(many(60)))["index.html"]
    labels = [words(node) for node in document(text).iter("label")]
    assert len(labels) == 25
    assert labels[-1].startswith("Other categories ")
    assert len(chosen(text, 24)) == int(labels[-1].split()[-1])
    [style] = document(text).iter("style")
    assert "#category-25" not in (style.text or "")


def test_one_category_needs_no_filter() -> None:
    made = site(page("a-vs-b", [panel("A", category="X"), panel("B", category="X")], "2026-11-20"))
    assert "<fieldset" not in dict(render_site(made))["index.html"]


def test_an_empty_site_says_what_to_do() -> None:
    text = dict(render_site(site()))["index.html"]
    assert "panelsynth approve SLUG" in shown(text)
    assert is_noindex(text)


# Redirects


@pytest.mark.parametrize("name", ["acme-or-bolt", "bolt-vs-acme"])
def test_aliases_and_the_reversed_order_lead_on_without_a_script(name: str) -> None:
    root = document(EXAMPLE[f"compare/{name}.html"])
    [refresh] = [node.get("content") for node in root.iter("meta") if node.get("http-equiv") == "refresh"]
    [canonical] = [node.get("href") for node in root.iter("link") if node.get("rel") == "canonical"]
    assert refresh == "0; url=acme-vs-bolt.html"
    assert canonical == f"{URL}compare/acme-vs-bolt.html"
    assert [*links(EXAMPLE[f"compare/{name}.html"])] == ["acme-vs-bolt.html"]
    assert is_noindex(EXAMPLE[f"compare/{name}.html"])
    assert not [*root.iter("script")]


def test_an_address_of_a_pages_own_comes_before_every_redirect_to_another() -> None:
    acme, bolt, cask = panel("Acme"), panel("Bolt"), panel("Cask")
    made = site(
        page("acme-vs-bolt", [acme, bolt], "2026-11-01", aliases=("taken", "both")),
        page("taken", [acme, cask], "2026-11-01", aliases=("bolt-vs-acme",)),
        page("again", [bolt, acme], aliases=("both",)),
    )
    for pages in permutations(made.pages):
        found = {name: page.slug for name, page in find_redirects(replace(made, pages=pages)).items()}
        expected = {"both": "acme-vs-bolt", "bolt-vs-acme": "taken", "acme-vs-cask": "taken", "cask-vs-acme": "taken"}
        assert found == expected


def test_without_an_address_a_redirect_has_no_canonical_link() -> None:
    text = dict(render_site(without_url(example())))["compare/bolt-vs-acme.html"]
    assert "canonical" not in text
    assert [*links(text)] == ["acme-vs-bolt.html"]


# What is nowhere


@pytest.mark.parametrize(
    ("url", "root"),
    [
        (URL, "/blog/"),
        ("https://acme.example/", "/"),
        ("", ""),
        ("https://acme.example//evil.example/", "/evil.example/"),
    ],
)
def test_the_page_for_what_is_nowhere_is_served_at_any_depth(url: str, root: str) -> None:
    text = dict(render_site(site(url=url)))["404.html"]
    assert f"{root}tools/index.html" in {*links(text)}
    assert all(href.startswith(root) and not href.startswith("//") for href in links(text) if href != "#main")
    assert is_noindex(text)


def test_a_theme_stands_in_for_a_page_of_the_site(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "404.html.j2").write_text(
        '{% extends "frame.html.j2" %}{% block main %}<h1>Lost in the woods</h1>{% endblock %}', encoding="utf-8"
    )
    assert "Lost in the woods" in dict(render_site(site(templates=tmp_path)))["404.html"]
