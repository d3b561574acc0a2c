"""Pages: what every form shows, and what no text handed to it can do."""

from __future__ import annotations

import html
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from itertools import pairwise
from typing import Any
from unicodedata import category, east_asian_width
from xml.etree.ElementTree import Element

import html5lib  # type: ignore[import-untyped]
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from panelsynth.comparison import Comparison, compare
from panelsynth.errors import InputError
from panelsynth.grounding import fold, is_verbatim
from panelsynth.pages import FORMS, render
from panelsynth.pages.direction import isolate
from panelsynth.pages.markdown import escape
from panelsynth.pages.plain import line, paragraphs
from panelsynth.pages.text import wrap
from panelsynth.panel import Missing, Panel
from panelsynth.tool import Fact, Plan, Pricing, Tool, Votes
from panelsynth.verdict import Evidence, Flag, Provenance, Usage, Verdict

TITLES = {"developer": "Builder", "skeptic": "Skeptic", "futurist": "Futurist", "business": "Business"}
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)> ' onmouseover='x",
    "</style></title></textarea><svg onload=alert(1)>",
    "<!-- ]]> &lt;b&gt; &amp;amp; &#60;",
    "{{ 7 * 7 }} {% include 'x' %} {# gone #} ${1}",
    "[x](javascript:alert(1)) ![y](https://evil.example/y.png) <https://evil.example>",
    "# heading | cell `code` ~~gone~~ *em* __strong__ \\",
    "1. one - two + three > four === [^1]: https://evil.example www.evil.example",
    "import x from 'y'",
    "--- title: stolen ---",
    "שלום (עולם) 100% — 日本語のテキスト",
)


def verdict(reviewer: str, decision: Any, text: str = "", **over: Any) -> Verdict:
    def say(what: str) -> str:
        return text or f"The {what} of {reviewer}, who would {decision} it."

    fields = {
        "reviewer": reviewer,
        "title": text or TITLES[reviewer],
        "decision": decision,
        "score": 71,
        "review": say("review"),
        "rubric": {"dx_bet": say("bet"), "moment_of_truth": say("moment")},
        "evidence": [Evidence(quote=say("quote"), verbatim=False)],
        "counter_case": say("counter-case"),
        "would_change": say("change of mind"),
        "flags": [Flag(kind="vendor-echo", severity="soft", text=say("flag"), span=text)],
        "provenance": Provenance(
            key="0" * 64,
            model=text or "asked",
            answered_by=text or "answering",
            source="live",
            answered_at="2026-11-23T10:00:00Z",
            prompt_version=text or "a1b2c3d4e5f6",
            usage=Usage(input=1000, output=500),
        ),
    }
    return Verdict(**{**fields, **over})


def panel(name: str = "Acme", words: str = "ship ship ship skip", text: str = "", **tool: Any) -> Panel:
    """Build a panel from decisions as words, `fail` for a reviewer without one; `text` fills every field there is."""
    decisions = dict(zip(TITLES, words.split(), strict=False))
    described = {"description": f"{name} is a tool."} | (_filled(text) if text else {}) | tool
    made = Tool(id=line(re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")), name=text or name, **described)
    quotes = (text or made.description[:200], text or "Words that nobody gave.")
    evidence = [Evidence(quote=quote, verbatim=is_verbatim(quote, fold(made.data))) for quote in quotes]
    return Panel(
        tool=made,
        verdicts=tuple(
            verdict(who, word, text, evidence=evidence) for who, word in decisions.items() if word != "fail"
        ),
        missing=tuple(
            Missing(
                reviewer=who, title=TITLES[who], state="failed", cause="timeout", message=text or "No answer in 120 s."
            )
            for who, word in decisions.items()
            if word == "fail"
        ),
        flags=(Flag(kind="price-stale", severity="loud", text=text or "The price is old."),),
    )


def _filled(text: str) -> dict[str, Any]:
    pricing = Pricing(summary=text, entry=text, source=text, plans=(Plan(kind="usage", name=text, unit=text),))
    fact = Fact(claim=text, source=text)
    return {
        "description": text,
        "tagline": text,
        "category": text,
        "best_for": text,
        "pricing": pricing,
        "facts": (fact,),
    }


def authored(one: Panel) -> Panel:
    """Copy a panel as if its replies had been written by hand."""
    by_hand = {"source": "authored"}
    return one.model_copy(
        update={
            "verdicts": tuple(
                v.model_copy(update={"provenance": v.provenance.model_copy(update=by_hand)}) for v in one.verdicts
            )
        }
    )


def pair(**over: Any) -> Comparison:
    return compare(panel("Acme", "ship ship ship ship", **over), panel("Bolt", "ship ship ship skip", **over))


def tree(page: str) -> Element:
    root: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    return root


def texts(page: str) -> set[str]:
    return {line("".join(element.itertext())) for element in tree(page).iter()}


def body_of(markdown: str) -> str:
    return markdown.split("\n---\n", 1)[1]


def shown(form: str, page: str) -> str:
    """Give what a reader sees of a page, its white space folded."""
    if form == "html":
        root = tree(page)
        for header in root.iter("header"):
            for contents in header.findall("nav"):
                header.remove(contents)  # names what follows
        return line("".join(root[1].itertext()))
    if form == "md":
        return line("".join(tree(f"<!doctype html><title>x</title>{reader().render(body_of(page))}").itertext()))
    return line(re.sub(r"\s+", " ", page))


def reader() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


READABLE = [form for form in FORMS if form != "json"]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_comparison_gives_the_same_bytes_also_after_loading(form: str) -> None:
    page = render(pair(), form)
    assert page == render(pair(), form)
    assert page == render(Comparison.model_validate_json(render(pair(), "json")), form)


@pytest.mark.parametrize("form", FORMS)
def test_a_page_ends_in_exactly_one_line_end(form: str) -> None:
    page = render(pair(), form)
    assert page.endswith("\n")
    assert not page.endswith("\n\n")
    assert not page.startswith("\n")


def test_an_unknown_form_is_an_error_that_lists_the_forms() -> None:
    with pytest.raises(InputError, match="html, md, json, txt"):
        render(pair(), "pdf")


def test_json_loads_back_and_keeps_its_letters() -> None:
    comparison = compare(panel("Acme", description="日本語 — naïve"), panel("Bolt"))
    page = render(comparison, "json")
    assert Comparison.model_validate_json(page) == comparison
    assert "日本語 — naïve" in page


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "a\x9b31mb\x7f\x85", "a\u202eb\u2066\u200f\u061c", "a\u2028\u2029b"])
def test_json_steers_no_terminal_and_is_equal_when_read(text: str) -> None:
    said = verdict("developer", "ship", review=text, evidence=[])
    comparison = compare(panel("Acme").model_copy(update={"verdicts": (said,)}), panel("Bolt"))
    page = render(comparison, "json")
    assert [sign for sign in page if category(sign) in {"Cc", "Cf", "Zl", "Zp"} and sign != "\n"] == []
    assert Comparison.model_validate_json(page) == comparison


@pytest.mark.parametrize("form", READABLE)
def test_only_a_quote_that_was_found_is_called_verbatim(form: str) -> None:
    untrue = verdict("developer", "ship", evidence=[Evidence(quote="A linter.", verbatim=False)])
    one = panel("Acme", "fail").model_copy(update={"verdicts": (untrue,), "missing": ()})
    page = shown(form, render(compare(one, panel("Bolt", "fail fail")), form))
    assert "not verbatim" in page
    assert "verbatim in the tool's data" not in page


@pytest.mark.parametrize("form", READABLE)
@pytest.mark.parametrize(
    "votes", ["ship ship skip skip", "ship fail skip ship", "fail fail fail ship", "fail fail fail fail"]
)
def test_every_text_of_every_verdict_is_on_the_page(form: str, votes: str) -> None:
    comparison = compare(panel("Acme", votes), panel("Bolt"))
    page = shown(form, render(comparison, form))
    for one in comparison.panels:
        for v in one.verdicts:
            said = [
                v.title,
                v.review,
                v.counter_case,
                v.would_change,
                *v.rubric.values(),
                *(e.quote for e in v.evidence),
            ]
            assert [text for text in said if text not in page] == []
        assert one.tool.description in page


@pytest.mark.parametrize("form", READABLE)
def test_a_reviewer_without_a_vote_is_shown_with_cause_and_range(form: str) -> None:
    page = shown(form, render(compare(panel("Acme", "ship ship skip fail"), panel("Bolt")), form))
    for part in ("2 of 3 ship, 1 of 4 missing (50-75%)", "67%", "failed: timeout", "No answer in 120 s."):
        assert part in page
    assert "no vote" in page


@pytest.mark.parametrize("form", READABLE)
def test_below_quorum_the_percent_is_a_dash(form: str) -> None:
    comparison = compare(panel("Acme", "ship fail fail fail"), panel("Bolt", "fail fail fail fail"))
    page = shown(form, render(comparison, form))
    assert "%" not in page
    for part in ("Acme: —", "1 of 1 ship, 3 of 4 missing (no quorum)", "Incomplete"):
        assert part in page


@pytest.mark.parametrize("form", READABLE)
def test_a_reviewer_asked_about_one_tool_only_is_told_from_a_skip_and_withholds_the_interval(form: str) -> None:
    page = shown(form, render(compare(panel("Acme", "ship ship ship"), panel("Bolt")), form))
    assert "Not among this tool's reviewers." in page
    assert "if reviewers were independent" not in page


@pytest.mark.parametrize("form", READABLE)
def test_seven_tools_stand_on_one_page(form: str) -> None:
    names = ["Acme", "Bolt", "Cask", "Dune", "Echo", "Fern", "Gust"]
    page = shown(form, render(compare(*(panel(name) for name in names)), form))
    for name in names:
        assert f"{name} is a tool." in page
    assert "When another one wins" in page


@pytest.mark.parametrize("form", READABLE)
def test_the_page_says_in_order_what_was_counted_and_who_wrote_it(form: str) -> None:
    page = shown(form, render(pair(), form))
    order = ["First look", "Decision table", "Pricing read", "Reviewer split", "One vote apart: business."]
    order += ["Scorecard", "When the other one wins", "Provenance", "How this was made", pair().disclosure]
    places = [page.find(part) for part in order]
    assert places == sorted(places)
    assert -1 not in places
    for part in (
        "100%",
        "75%",
        "51-100% if reviewers were independent",
        "No community votes yet",
        "p = 0.125",
        "71/100 self-reported",
    ):
        assert part in page


@pytest.mark.parametrize("form", READABLE)
def test_no_page_claims_what_a_panel_cannot_show(form: str) -> None:
    page = shown(form, render(pair(), form)).lower()
    assert [
        word for word in ("better", "more accurate", "independent votes", "expert", "i tested") if word in page
    ] == []


@pytest.mark.parametrize(("skips", "said"), [(4, True), (6, False)])
def test_that_no_test_can_tell_is_said_of_small_panels_only(skips: int, *, said: bool) -> None:
    voters = tuple(verdict("developer", "skip").model_copy(update={"reviewer": f"r{n}"}) for n in range(skips))
    panels = [Panel(tool=Tool(id=name, name=name, description="x"), verdicts=voters) for name in ("a", "b")]
    assert ("no test can tell" in render(compare(*panels), "txt")) == said


@pytest.mark.parametrize("form", READABLE)
def test_votes_of_a_community_are_shown_with_their_day_apart_from_the_panel(form: str) -> None:
    votes = Votes(ship=31, skip=19, as_of=date(2026, 11, 1))
    page = shown(form, render(compare(panel("Acme", votes=votes), panel("Bolt")), form))
    for part in ("62% (31 of 50)", "48-74% if voters were independent", "as of 2026-11-01"):
        assert part in page


@pytest.mark.parametrize("form", READABLE)
def test_replies_written_by_hand_are_announced_before_the_first_tool(form: str) -> None:
    by_hand = shown(form, render(compare(authored(panel("Acme")), authored(panel("Bolt"))), form)).lower()
    mixed = shown(form, render(compare(authored(panel("Acme")), panel("Bolt")), form)).lower()
    assert by_hand.index("example: replies written by hand, no model.") < by_hand.index("acme is a tool.")
    assert mixed.index("example in part: some of the replies were written by hand") < mixed.index("acme is a tool.")
    assert "played by ai" not in by_hand
    assert "by hand" not in shown(form, render(pair(), form))


@pytest.mark.parametrize("form", READABLE)
def test_flags_and_the_draft_mark_leave_with_approval(form: str) -> None:
    draft = pair()
    approved = Comparison(title=draft.title, status="approved", reviewers=draft.reviewers, panels=draft.panels)
    for part in ("The flag of skeptic", "The price is old.", "Draft, not yet approved"):
        assert part in shown(form, render(draft, form))
        assert part not in shown(form, render(approved, form))
    assert ("noindex" in render(draft, form)) == (form == "html")
    assert "noindex" not in render(approved, form)


# HTML


def test_html_is_valid_and_fetches_nothing() -> None:
    page = render(compare(panel("Acme", "ship fail ship skip"), panel("Bolt")), "html")
    root = tree(page)
    tags = {element.tag for element in root.iter()}
    assert tags.isdisjoint({"link", "img", "iframe", "object", "base", "form"})
    assert {script.get("type") for script in root.iter("script")} == {"application/ld+json"}
    assert re.search(r"\bsrc=|url\(|@import|@font-face", page) is None


def test_the_policy_names_the_one_style_sheet_by_its_hash() -> None:
    page = render(pair(), "html")
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert style
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    policy = next(e.get("content") for e in tree(page).iter("meta") if e.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"
    assert not list(tree(page).findall(".//*[@style]"))


def test_headings_descend_without_skips_and_header_cells_have_a_scope() -> None:
    root = tree(render(pair(), "html"))
    levels = [int(element.tag[1]) for element in root.iter() if re.fullmatch(r"h[1-6]", str(element.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(cell.get("scope") in {"row", "col"} for cell in root.iter("th"))
    regions = root.findall(".//div[@role='region']")
    assert len(regions) == 3
    assert all(region.get("tabindex") == "0" for region in regions)


def test_the_pages_own_words_are_english_and_a_tools_words_are_its_own() -> None:
    root = tree(render(pair(language="ja"), "html"))
    assert root.get("lang") == "en"
    quotes = root.findall(".//blockquote")
    assert [(quote.get("dir"), quote.get("lang")) for quote in quotes] == [("auto", "ja")] * 2


def test_a_link_to_the_vendor_vouches_for_nothing_and_cannot_leave_its_attribute() -> None:
    root = tree(render(pair(url='https://acme.example/" onclick="x'), "html"))
    links = [link for link in root.iter("a") if not str(link.get("href")).startswith("#")]
    assert {(link.get("href"), link.get("rel")) for link in links} == {
        ("https://acme.example/%22%20onclick=%22x", "nofollow noopener")
    }
    assert {line("".join(link.itertext())) for link in links} == {"acme.example"}


def test_blank_lines_in_a_text_make_paragraphs() -> None:
    root = tree(render(pair(description="First\nline.\n\nSecond <b>."), "html"))
    assert [line(p.text or "") for p in root.findall(".//blockquote")[0]] == ["First line.", "Second <b>."]


def test_names_in_sentences_are_isolated_longest_first_and_never_inside_words() -> None:
    assert isolate("A B ships; Alpha <skips>.", ["A", "A B"]) == "<bdi>A B</bdi> ships; Alpha &lt;skips&gt;."


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_an_element_or_attribute_of_the_html(text: str) -> None:
    page = render(
        compare(panel("Acme", "ship ship ship fail", text), panel("Bolt", "ship skip ship skip", text)), "html"
    )
    plain = tree(
        render(compare(panel("Acme", "ship ship ship fail", "x"), panel("Bolt", "ship skip ship skip", "x")), "html")
    )
    shape = [(element.tag, sorted(element.keys())) for element in plain.iter()]
    assert [(element.tag, sorted(element.keys())) for element in tree(page).iter()] == shape
    assert line(text) in texts(page)


# Markdown


def test_front_matter_loads_as_the_values_that_were_meant() -> None:
    comparison = compare(
        panel("Acme", "ship ship ship ship"), panel("Bolt", "ship fail fail fail"), title='yes: "no" # {{ x }}'
    )
    assert yaml.safe_load(render(comparison, "md").split("---\n")[1]) == {
        "title": 'yes: "no" # {{ x }}',
        "slug": "acme-vs-bolt",
        "status": "draft",
        "draft": True,
        "date": "2026-11-23",
        "tools": ["acme", "bolt"],
        "percent": {"acme": 100, "bolt": None},
        "disclosure": comparison.disclosure,
    }


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_steers_the_markdown(text: str) -> None:
    page = render(compare(panel("Acme", "ship ship ship fail", text), panel("Bolt", "ship skip ship skip", text)), "md")
    body = body_of(page)
    plain = body_of(
        render(compare(panel("Acme", "ship ship ship fail", "x"), panel("Bolt", "ship skip ship skip", "x")), "md")
    )
    assert list(shape_of(body)) == list(shape_of(plain))
    assert line(text) in shown("md", page)
    assert re.search(r"\{\{|\{%|\{#|<(?!http)|https?://evil|^(?:import|export)\b", body, re.MULTILINE) is None


def shape_of(body: str) -> Iterator[str]:
    """Give a Markdown text's structure: the kinds of its tokens, text apart."""
    for token in reader().parse(body):
        yield token.type
        yield from (child.type for child in token.children or () if child.type != "text")


@settings(max_examples=300)
@given(
    st.text(
        st.one_of(st.sampled_from("\\`*_{}[]()<>#+-.!|~&:;/=%$^\"' \n\t1ax"), st.characters(codec="utf-8")), max_size=40
    )
)
def test_escaped_text_is_shown_as_it_is_wherever_it_stands(text: str) -> None:
    said = line(text)
    places = {
        "{}": "p",
        "- {}": "li",
        "## {}": "h2",
        "> {}": "blockquote",
        "| a |\n|---|\n| {} |": "td",
        "**{}**": "strong",
    }
    for place, tag in places.items() if said else ():
        root = tree(f"<!doctype html><title>x</title>{reader().render(place.format(escape(text)))}")
        found = root.find(f".//body//{tag}")
        assert found is not None
        assert line("".join(found.itertext())).replace("@\u2060", "@") == said.replace("@\u2060", "@")
        inside = {element.tag for element in root.iter()}
        assert inside <= {"html", "head", "title", "body", "p", "ul", "li", "h2", "blockquote", "strong"} | {
            "table", "thead", "tbody", "tr", "th", "td"
        }  # fmt: skip


@pytest.mark.parametrize("text", ["a.b+c@d-e.example", "mailto:a@b.example", "xmpp:a@b.example/c", "__a@b.example"])
def test_an_address_of_mail_is_shown_and_becomes_no_link(text: str) -> None:
    """GFM looks for them when entities are read already, so that only a character between keeps it from linking."""
    shown = html.unescape(escape(text)).replace("\\", "")
    assert re.search(r"[\w.+-]@[\w-]", shown) is None
    assert shown.replace("\u2060", "") == text


@given(st.text(st.sampled_from("{}%#<>:/wimport. htps\n"), max_size=40))
def test_escaped_text_holds_no_template_tag_address_or_module(text: str) -> None:
    assert re.search(r"\{\{|\{%|\{#|[<>]|://|www\.|^(?:import|export)\b", escape(text)) is None


# Plain text


@pytest.mark.parametrize("text", [*HOSTILE, "word " * 60, "x" * 300, "長い説明文です。" * 30, "a長" * 90])
def test_plain_text_keeps_to_80_columns_and_holds_no_control_characters(text: str) -> None:
    page = render(compare(panel("Acme", "ship ship ship fail", text[:300].strip()), panel("Bolt")), "txt")
    for written in page.splitlines():
        assert sum(2 if east_asian_width(sign) in "WF" else 1 for sign in written) <= 80
        assert not any(category(sign) in {"Cc", "Cs"} for sign in written)


FORGED = (
    "- Evidence, verbatim in the tool's data: “It cures every illness.”",
    "skip · 1/100 self-reported",
    "Panel: Ship · 100% · 4 of 4 ship",
    "Scorecard",
    "---------",
)


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("pad", ["", "word " * 30])
def test_no_paragraph_of_a_text_passes_for_a_line_of_the_page(forged: str, pad: str) -> None:
    """Not even where it is wrapped: whatever others wrote stands behind a bar on every line."""
    said = [f"{pad}{forged}", "Tail."]
    plain, forging = (
        compare(
            panel("Acme", description="\n\n".join(words), tagline=words[0]).model_copy(
                update={"verdicts": (verdict("developer", "ship", review="\n\n".join(words)),)}
            ),
            panel("Bolt"),
        )
        for words in (["x", "y"], said)
    )
    lines, others = (
        [row.strip() for row in render(one, "txt").splitlines() if not row.lstrip().startswith("| ")]
        for one in (plain, forging)
    )
    best_for = {row for row in lines + others if row.startswith("Acme: ") or pad}  # the tagline, labelled
    assert [row for row in others if row not in best_for] == [row for row in lines if row not in best_for]
    barred = [row for row in render(forging, "txt").splitlines() if row.lstrip().startswith("| ")]
    assert sum("Tail." in row for row in barred) == 2


def test_wrapped_text_hangs_and_loses_nothing() -> None:
    wrapped = wrap("- " + "word " * 40, 2, 2)
    assert {re.match(r" *", written)[0] for written in wrapped.splitlines()[1:]} == {"    "}  # type: ignore[index]
    assert wrapped.split() == ["-", *["word"] * 40]


# What every string goes through


@given(st.text(st.characters(codec="utf-8")))
def test_a_clean_line_is_one_line_without_controls_and_stays_as_it_is(text: str) -> None:
    clean = line(text)
    assert len(clean.splitlines()) <= 1
    assert not any(category(sign) == "Cc" for sign in clean)
    assert line(clean) == clean


def test_controls_are_shown_as_replaced_and_forced_directions_dropped() -> None:
    assert line("a\x1b[31mb\u202ec\u2066d\ufffe\r\n e") == "a\ufffd[31mbcd\ufffd e"


def test_paragraphs_are_split_at_blank_lines_of_any_kind() -> None:
    assert paragraphs("\n\na\r\n\r\nb\n \t\nc\nd") == ["a", "b", "c\nd"]
