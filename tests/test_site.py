"""The site around the comparisons: every list is counted from what is shown, every link leads somewhere, no script."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise, permutations
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from filled import document
from random_panels import panel, signed
from sites import PERSONAS, URL, example, many, page, site, without_url

from panelsynth.pages import Signup
from panelsynth.pages.site import Site, render_path, render_site
from panelsynth.pages.site.redirects import find_redirects
from panelsynth.pages.site.reviewers import track_record
from panelsynth.pages.site.survey import Survey

EXAMPLE = dict(render_site(example()))
HTML = {path: text for path, text in EXAMPLE.items() if path.endswith(".html")}
REDIRECTS = {path for path, text in HTML.items() if 'http-equiv="refresh"' in text}
AROUND = sorted(path for path in {*HTML} - REDIRECTS if not path.startswith("compare/"))
every_page = pytest.mark.parametrize("path", AROUND)


def words(node: Element) -> str:
    return " ".join("".join(node.itertext()).split())


def shown(text: str, tag: str = "main") -> str:
    [node] = document(text).iter(tag)
    return words(node)


def rows(text: str) -> list[list[str]]:
    return [[words(cell) for cell in row] for row in document(text).iter("tr")]


def titles(text: str) -> list[str]:
    return [words(node).removesuffix(" Draft").removesuffix(" Update waiting") for node in document(text).iter("h3")]


def links(text: str) -> Iterator[str]:
    yield from (node.get("href") or "" for node in document(text).iter("a"))


def described(text: str) -> dict[str, Any] | None:
    found = [node for node in document(text).iter("script") if node.get("type") == "application/ld+json"]
    assert len(found) <= 1
    return json.loads(found[0].text or "") if found else None


def is_noindex(text: str) -> bool:
    return any(
        node.get("name") == "robots" and node.get("content") == "noindex" for node in document(text).iter("meta")
    )


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
    assert chosen(text, 2) == ["Acme vs Dune Draft"]
    assert chosen(text, 1) == ["Acme vs Bolt Update waiting", "Acme vs Cask vs Bolt", "Bolt vs Cask"]
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


# Tools


def test_a_tool_is_shown_with_its_newest_approved_panel() -> None:
    acme = EXAMPLE["tools/acme.html"]
    assert "75% Ship 3 of 4 ship" in shown(acme)
    assert "62% (31 of 50) 48-74% if voters were independent as of 2026-11-01" in shown(acme)
    assert "Approved 2026-11-20" in shown(acme)
    assert not is_noindex(acme)
    old, new = panel("Acme", "skip skip skip skip"), panel("Acme")
    made = site(page("b", [old, panel("Bolt")], "2026-11-01"), page("a", [new, panel("Cask")], "2026-11-02"))
    for turned in (made, replace(made, pages=made.pages[::-1])):
        assert Survey(turned).tools["acme"].current.panel == new


def test_a_tool_of_drafts_alone_is_marked_and_kept_from_search_engines() -> None:
    dune = EXAMPLE["tools/dune.html"]
    assert is_noindex(dune)
    assert "Draft, not yet approved by an editor" in shown(dune)
    assert described(dune) is None
    assert "Dune Draft" in shown(EXAMPLE["tools/index.html"])
    newer = site(
        page("a", [panel("Acme", "skip skip"), panel("Bolt")]), page("b", [panel("Acme"), panel("Cask")], "2026-11-01")
    )
    assert Survey(newer).tools["acme"].current.status == "approved"


def test_a_tool_of_retired_pages_alone_keeps_its_address_and_leaves_the_lists() -> None:
    echo = EXAMPLE["tools/echo.html"]
    assert is_noindex(echo)
    assert "No longer kept up" in shown(echo)
    assert "Echo" not in shown(EXAMPLE["tools/index.html"])
    assert "Echo" not in shown(EXAMPLE["reviewers/skeptic.html"])


def test_a_retired_page_stays_at_its_address_and_is_kept_from_search_engines() -> None:
    assert is_noindex(EXAMPLE["compare/cask-vs-echo.html"])
    assert is_noindex(EXAMPLE["compare/acme-vs-dune.html"])
    assert not is_noindex(EXAMPLE["compare/acme-vs-bolt.html"])


def test_a_sign_up_block_stands_on_the_index_too() -> None:
    asked = Signup("One a week", "New panels by mail.", "https://mail.example/join")
    text = dict(render_site(site(signup=asked)))["index.html"]
    assert [node.get("action") for node in document(text).iter("form")] == ["https://mail.example/join"]


def test_the_list_of_tools_is_by_name_and_counts_the_comparisons_kept_up() -> None:
    assert rows(EXAMPLE["tools/index.html"])[1:] == [
        ["Acme", "75% (3 of 4) ship", "Writing", "3"],
        ["Bolt", "33% · 1 of 3 ship, 1 of 4 missing (25-50%)", "Data", "3"],
        ["Cask", "0% (0 of 4) ship", "Writing", "2"],
        ["Dune Draft", "— · 1 of 1 ship, 3 of 4 missing (no quorum)", "Voice", "1"],
    ]


def test_the_history_names_who_changed_and_joins_versions_that_show_the_same() -> None:
    assert rows(EXAMPLE["tools/acme.html"])[1:] == [
        [
            "2026-11-18",
            "75% (3 of 4) ship",
            "Skeptic: ship (was skip)",
            "tagline, community votes",
            "Acme vs Cask vs Bolt Acme vs Bolt",
        ],
        ["2026-11-01", "50% (2 of 4) ship", "—", "first approved", "Acme vs Bolt Acme vs Cask vs Bolt"],
    ]
    assert rows(EXAMPLE["tools/dune.html"]) == []


def test_the_history_tells_who_came_who_went_and_whose_words_changed() -> None:
    then, now = panel("Acme", "ship ship fail"), panel("Acme", "ship ship skip skip")
    now = now.model_copy(update={"verdicts": tuple(v.model_copy(update={"review": "New."}) for v in now.verdicts)})
    bolt = panel("Bolt", "ship ship ship")
    made = site(page("a", [now, panel("Bolt")], "2026-11-02"), past=[page("a", [then, bolt], "2026-11-01")])
    assert rows(dict(render_site(made))["tools/acme.html"])[1][2:4] == [
        "Futurist: skip (was no vote) Business: skip (new on the panel)",
        "words of Developer, Skeptic",
    ]
    back = site(page("a", [then, bolt], "2026-11-03"), past=[made.pages[0]])
    assert "Business: no longer on the panel (was skip)" in rows(dict(render_site(back))["tools/acme.html"])[1][2]


def test_flags_and_new_stamps_are_no_history() -> None:
    acme, bolt = panel("Acme"), panel("Bolt")
    again = signed(acme, answered_at="2026-11-30T10:00:00Z")
    made = site(page("a", [again, bolt], "2026-12-01"), past=[page("a", [acme, bolt], "2026-11-24")])
    assert len(rows(dict(render_site(made))["tools/acme.html"])[1:]) == 1


def test_only_the_communitys_votes_make_a_rating() -> None:
    about = described(EXAMPLE["tools/acme.html"])
    assert about
    assert about["@type"] == "SoftwareApplication"
    rating = {"@type": "AggregateRating", "ratingValue": 62, "worstRating": 0, "bestRating": 100, "ratingCount": 50}
    assert about["aggregateRating"] == rating
    assert about["mainEntityOfPage"] == f"{URL}tools/acme.html"
    bolt = described(EXAMPLE["tools/bolt.html"])
    assert bolt
    assert "aggregateRating" not in bolt
    assert bolt["url"] == "https://bolt.example/"


def test_replies_written_by_hand_are_said_to_be_wherever_they_count() -> None:
    acme, bolt = signed(panel("Acme"), source="authored"), panel("Bolt")
    files = dict(render_site(site(page("a", [acme, bolt], "2026-11-01"))))
    assert "Example in part, written by hand" in shown(files["index.html"])
    assert "Example, written by hand" in shown(files["tools/acme.html"])
    assert "Acme Example, written by hand" in shown(files["tools/index.html"])
    assert rows(files["reviewers/skeptic.html"])[1][:2] == ["Acme", "Ship written by hand, no model"]
    assert 'role="note"' not in files["tools/bolt.html"]


def test_a_tool_called_index_does_not_take_the_lists_place() -> None:
    files = dict(render_site(site(page("a", [panel("Index"), panel("Bolt")], "2026-11-01"))))
    assert shown(files["tools/index-.html"]).startswith("Acme reviews Tools Index")
    assert "tools/index-.html" in {*links(files["index.html"])}


# Reviewers


def test_a_reviewers_page_says_what_it_looks_for_and_that_it_is_nobody() -> None:
    for persona in PERSONAS:
        text = shown(EXAMPLE[f"reviewers/{persona.id}.html"])
        asked = [persona.title, persona.motto, persona.excites, persona.tires, persona.ship_when, persona.skip_when]
        for said in (*asked, *persona.rubric.values()):
            assert " ".join(said.split()) in text
        assert "A role, never a person" in text


def test_a_track_record_counts_one_verdict_for_each_tool_kept_up() -> None:
    skeptic = EXAMPLE["reviewers/skeptic.html"]
    assert "33% ships 1 of 3 tools 6-79% if its verdicts were independent" in shown(skeptic)
    assert [row[:2] for row in rows(skeptic)[1:]] == [["Acme", "Ship"], ["Bolt", "Skip"], ["Cask", "Skip"]]
    builder = rows(EXAMPLE["reviewers/developer.html"])[1:]
    assert [row[:2] for row in builder] == [
        ["Acme", "Ship"],
        ["Bolt", "Skip"],
        ["Cask", "Skip"],
        ["Dune", "Ship draft"],
    ]
    assert "Business Somebody signs for it, or nobody keeps it. 0% · ships 0 of 2 tools" in shown(
        EXAMPLE["reviewers/index.html"]
    )


@pytest.mark.parametrize(("votes", "count", "warned"), [("ship", 10, True), ("skip", 10, True), ("ship", 9, False)])
def test_a_reviewer_of_one_mind_over_ten_tools_is_warned_about(votes: str, count: int, *, warned: bool) -> None:
    panels = [panel(f"Tool {number}", f"{votes} skip ship ship") for number in range(count)]
    files = dict(render_site(site(page("all", panels, "2026-11-01"))))
    assert (f"It {votes}s every one of {count} tools" in shown(files["reviewers/developer.html"])) is warned
    mixed = [*panels[:-1], panel("Tool x", "skip ship" if votes == "ship" else "ship ship")]
    assert "Of one mind" not in shown(
        dict(render_site(site(page("all", mixed, "2026-11-01"))))["reviewers/developer.html"]
    )


def test_a_reviewer_without_verdicts_has_no_share() -> None:
    assert track_record(()) == {"share": "—", "counts": "No verdicts yet", "reach": "", "warning": ""}


def test_a_reviewer_who_is_none_of_the_sites_today_keeps_a_page_with_its_verdicts() -> None:
    files = dict(render_site(replace(example(), personas=PERSONAS[1:])))
    former = files["reviewers/developer.html"]
    assert "No longer on the panel Track record 50% ships 2 of 4 tools" in shown(former)
    assert len(rows(former)) == 5
    assert is_noindex(former)
    assert "No longer on the panel Developer: 50%, ships 2 of 4 tools" in shown(files["reviewers/index.html"])
    assert {"../reviewers/developer.html"} <= {*links(files["reviewers/index.html"])}
    assert "reviewers/developer.html" not in files["sitemap.xml"]


def test_a_reviewer_whose_id_is_none_gets_no_page_and_no_link() -> None:
    strange = panel("Acme")
    verdicts = tuple(one.model_copy(update={"reviewer": f"../{one.reviewer}"}) for one in strange.verdicts)
    files = dict(
        render_site(site(page("a", [strange.model_copy(update={"verdicts": verdicts}), panel("Bolt")], "2026-11-01")))
    )
    assert not [path for path in files if ".." in path]
    assert not [href for href in links(files["tools/acme.html"]) if "../.." in href]


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
