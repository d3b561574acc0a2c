"""Pages of tools and reviewers: the newest approved panel, its history, and track records that are counted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from filled import document
from random_panels import panel, signed
from sites import PERSONAS, URL, described, example, is_noindex, links, page, rows, shown, site

from panelsynth.pages import Signup
from panelsynth.pages.site import render_site
from panelsynth.pages.site.reviewers import track_record
from panelsynth.pages.site.survey import Survey

EXAMPLE = dict(render_site(example()))


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
