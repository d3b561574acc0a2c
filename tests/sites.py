"""Sites for tests: comparisons in every state, of tools that stand on several pages and have changed since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

from filled import document
from random_panels import panel

from panelsynth.comparison import Comparison, compare
from panelsynth.pages import Setting
from panelsynth.pages.site import Site, SitePage
from panelsynth.panel import Panel
from panelsynth.persona import read_personas

URL = "https://acme.example/blog/"
PERSONAS = tuple(read_personas())


def page(slug: str, panels: Sequence[Panel], day: str = "", **fields: Any) -> SitePage:
    """Make a page, approved on a day, or a draft without one; `fields` are of the page or of its comparison."""
    own = {name: fields.pop(name) for name in ("aliases", "is_behind") if name in fields}
    stamp = {"status": "approved", "approved_by": "Jane", "approved_at": f"{day}T10:00:00Z"} if day else {}
    return SitePage(slug, approved(compare(*panels), **{**stamp, **fields}), **own)


def approved(made: Comparison, **fields: Any) -> Comparison:
    """Change what an editor decides about a comparison."""
    return Comparison.model_validate({**{name: getattr(made, name) for name in Comparison.model_fields}, **fields})


def site(*pages: SitePage, past: Sequence[SitePage] = (), **setting: Any) -> Site:
    """Make a site with an address, of pages in the order given."""
    around = {"site": "Acme reviews", "publisher": "Acme Media", "url": URL, "on_site": True, **setting}
    return Site(Setting(**around), pages, PERSONAS, tuple(past), "Panels look at tools for writers.")


def example() -> Site:
    """Make a site of six pages: three approved, one of them behind its files, a draft, a retired one, and a past."""
    acme = panel(
        "Acme", "ship ship ship skip", category="Writing", votes={"ship": 31, "skip": 19, "as_of": "2026-11-01"}
    )
    before = panel("Acme", "ship skip ship skip", category="Writing", tagline="Reads prose twice")
    bolt = panel("Bolt", "skip skip ship fail", category="Data", url="https://bolt.example/")
    cask = panel("Cask", "skip skip skip skip", category="Writing", pricing="Free, Apache-2.0")
    dune = panel("Dune", "ship fail fail fail", category="Voice")
    echo = panel("Echo", "ship ship ship ship", category="Voice")
    return site(
        page("acme-vs-bolt", [acme, bolt], "2026-11-20", aliases=("acme-or-bolt",), is_behind=True),
        page("three-for-writers", [acme, cask, bolt], "2026-11-18"),
        page("bolt-vs-cask", [bolt, cask], "2026-11-10"),
        page("acme-vs-dune", [acme, dune]),
        page("cask-vs-echo", [cask, echo], "2026-10-01", status="retired", retired_reason="Echo is gone."),
        past=(
            page("three-for-writers", [before, cask, bolt], "2026-11-11"),
            page("acme-vs-bolt", [before, bolt], "2026-11-01"),
        ),
    )


def many(tools: int, size: int = 5) -> Site:
    """Make a site of many tools, `size` to a page, each page with the next one's first tool."""
    panels = [
        panel(
            f"Tool {number:04}",
            " ".join("skip" if (number >> bit) & 1 else "ship" for bit in range(4)),
            category=f"Kind {number % 60}",
        )
        for number in range(tools)
    ]
    groups = [panels[at : at + size + 1] for at in range(0, tools, size)]
    return site(*(page(f"page-{at:04}", group, "2026-11-20") for at, group in enumerate(groups) if len(group) > 1))


def without_url(made: Site) -> Site:
    """Take a site's address away."""
    return replace(made, setting=replace(made.setting, url=""))


# What is shown


def words(node: Element) -> str:
    return " ".join("".join(node.itertext()).split())


def shown(text: str, tag: str = "main") -> str:
    [node] = document(text).iter(tag)
    return words(node)


def rows(text: str) -> list[list[str]]:
    return [[words(cell) for cell in row] for row in document(text).iter("tr")]


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
