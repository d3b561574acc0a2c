"""Comparisons with one text in every field that takes a text, and what a reader's program makes of their pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from pydantic import ValidationError

from panelsynth.comparison import Comparison, Waiver
from panelsynth.pages import Setting, Signup
from panelsynth.pages.plain import line
from panelsynth.pages.site import Site, SitePage
from panelsynth.panel import Missing, Panel
from panelsynth.persona import Persona
from panelsynth.tool import Fact, Plan, Pricing, Tool
from panelsynth.verdict import Edit, Evidence, Flag, Provenance, Verdict

HOME = "https://acme.example/"
SLUG = "acme-vs-bolt"


def token(text: str) -> str:
    """Give a harmless text of the same length, which stands nowhere else on a page.

    An underscore is kept: fields of a rubric are shown with blanks in their place, so that texts with one are not put
    there.
    """
    mark = "\ue000_" if "_" in text else "\ue000"
    return mark + "z" * (len(line(text)) - len(mark))


def tool_text(text: str) -> str:
    """Give a text as a tool's file may hold it: one with control characters is refused there."""
    try:
        return Tool(id="a", name=text, description=text).description
    except ValidationError:
        return line(text)


def _tool(name: str, text: str) -> Tool:
    said = tool_text(text)
    described: dict[str, Any] = {
        "id": name,
        "name": f"{said} {name[0]}",
        "description": said,
        "tagline": said,
        "category": said,
        "best_for": said,
        "pricing": Pricing(
            summary=said, entry=said, source=said, plans=(Plan(kind="usage", name=said, unit=said), Plan(kind="free"))
        ),
        "facts": (Fact(claim=said, source=said, verified_on=date(2026, 11, 1)),),
    }
    try:
        return Tool(**described, url=f"{HOME}{said}")
    except ValidationError:
        return Tool(**described, url=HOME)


def _verdict(reviewer: str, decision: Any, text: str) -> Verdict:
    return Verdict(
        reviewer=reviewer,
        title=text,
        decision=decision,
        score=71,
        review=text,
        rubric={"dx_bet": text, **({} if "_" in text else {f"Q {text}": text})},
        evidence=(Evidence(quote=f"{text} in words of nobody", verbatim=False),),
        counter_case=text,
        would_change=text,
        flags=(Flag(kind=text, severity="soft", text=text, span=text),),
        edit=Edit(fields=("review", text), decision_was="skip" if decision == "ship" else "ship", reason=text),
        kept=text,
        provenance=Provenance(
            key=text,
            model=text,
            answered_by=text,
            source="live",
            answered_at="2026-11-23T10:00:00Z",
            prompt_version=text,
        ),
    )


def panel_of(name: str, text: str, decisions: str = "ship skip ship fail") -> Panel:
    """Make a panel whose every text is `text`; the last reviewer has failed."""
    tool = _tool(name, text)
    seats = {f"{number} {text}": word for number, word in enumerate(decisions.split(), 5)}
    return Panel(
        tool=tool,
        verdicts=tuple(_verdict(who, word, text) for who, word in seats.items() if word != "fail"),
        missing=tuple(
            Missing(reviewer=who, title=text, state="failed", cause=text, message=f"{text} (end)")
            for who, word in seats.items()
            if word == "fail"
        ),
        flags=(Flag(kind=text, severity="loud", text=text, span=text),),
    )


@lru_cache(maxsize=64)
def comparison_of(text: str, status: Any = "draft") -> Comparison:
    """Make a comparison whose every text is `text`."""
    panels = (panel_of("acme", text), panel_of("bolt", text, "ship ship ship fail"))
    return Comparison(
        title=text,
        status=status,
        intro=text,
        reviewers=tuple([v.reviewer for v in panels[0].verdicts] + [m.reviewer for m in panels[0].missing]),
        panels=panels,
        approved_by="" if status == "draft" else text,
        approved_at="" if status == "draft" else "2026-11-24T10:00:00Z",
        waivers=() if status == "draft" else (Waiver(kind=text, reason=text, by=text),),
        retired_reason=text if status == "retired" else "",
    )


def persona_of(text: str) -> Persona:
    """Make a persona whose every text is `text`."""
    said = tool_text(text)
    fields = {"id": "reader", "title": said if len(text) <= 60 else "Reader", "brief": said, "rubric": {"why": said}}
    names = ("motto", "excites", "tires", "ship_when", "skip_when")
    return Persona.model_validate({**fields, **dict.fromkeys(names, said), "banned": (said,)})


def setting_of(text: str) -> Setting:
    """Make a setting whose every text is `text`."""
    said = tool_text(text)
    signup = Signup(title=said, text=said, action="https://mail.example/join")
    return Setting(
        site=said, publisher=said, url="https://site.example/", path=f"compare/{SLUG}.html", on_site=True, signup=signup
    )


def site_of(*texts: str, status: Any = "approved") -> Site:
    """Make a site of one page for each text; the first fills the site's own texts, too."""
    pages = tuple(
        SitePage(f"{SLUG}-{number}" if number else SLUG, comparison_of(text, status))
        for number, text in enumerate(texts)
    )
    return Site(
        setting=setting_of(texts[0]),
        pages=pages,
        personas=(persona_of(texts[0]),),
        past=pages[:1],
        description=tool_text(texts[0]),
    )


# What is understood


def document(page: str) -> Element:
    """Parse a page as a browser would; a fault in it is an error."""
    root: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    return root


def article(html: str) -> Element:
    """Parse a part of a page."""
    return document(f"<!doctype html><html><head><title>x</title></head><body>{html}</body></html>")


def reader(*, links: bool = False) -> MarkdownIt:
    """Read Markdown with raw HTML, tables and strikethrough, as site generators do."""
    return MarkdownIt("commonmark", {"linkify": links}).enable(["table", "strikethrough"])


def body_of(markdown: str) -> str:
    """Take off the front matter."""
    return markdown.split("\n---\n", 1)[1]


Part = tuple[str, ...]
"""`("begin", tag, attribute, value ...)`, `("end", tag)` or `("text", words)`."""


def outline(root: Element) -> list[Part]:
    """Tell a tree in its order: elements with their attributes, and the words between them.

    `bdi` is left out, which changes no word, and so is the letter that stands for a logo.
    """
    told: list[Part] = []
    for kind, *said in _events(root):
        if kind == "text" and told and told[-1][0] == "text":
            told[-1] = (kind, told[-1][1] + said[0])
        else:
            told.append((kind, *said))
    spaced = [tuple(map(_spaced, part)) for part in told]
    return [part for part in spaced if part != ("text", "")]


def with_text(parts: list[Part], text: str) -> list[Part]:
    """Put a text where its harmless stand-in is."""
    said = _spaced(line(text))
    return [tuple(word.replace(token(text), said) for word in part) for part in parts]


def _events(node: Element) -> Iterator[Part]:
    shown = isinstance(node.tag, str) and node.tag != "bdi"
    if shown:
        yield ("begin", node.tag, *_attributes(node))
    if node.get("class") == "letter":
        pass
    elif node.tag == "script":
        yield from (("text", said) for said in strings(json.loads(node.text or "null")))
    elif isinstance(node.tag, str):
        yield ("text", node.text or "")
        for child in node:
            yield from _events(child)
            yield ("text", child.tail or "")
    else:
        yield ("comment", node.text or "")
    if shown:
        yield ("end", node.tag)


def _attributes(node: Element) -> Iterator[str]:
    for name, value in sorted(node.attrib.items()):
        vendor = name == "href" and value.startswith(HOME)
        yield from (name, HOME if vendor else value)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{name}: "
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    else:
        yield f"{HOME if str(value).startswith(HOME) else value}; "


def _spaced(text: str) -> str:
    return " ".join(text.replace("@\u2060", "@").split())


def squashed(text: str) -> str:
    """Take out what the breaking of lines adds: white space, and the bar before what others wrote."""
    return re.sub(r"[\s|]+", "", text)
