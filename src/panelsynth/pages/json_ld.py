"""JSON-LD: a comparison in schema.org's words, of which nothing is said that the page cannot show."""

from __future__ import annotations

from typing import Any, cast

from .setting import Setting

_SOURCES = {
    "trainedAlgorithmicMedia": "https://schema.org/TrainedAlgorithmicMediaDigitalSource",
    "compositeWithTrainedAlgorithmicMedia": "https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource",
}
"""Schema.org's names of IPTC's codes; others are named by IPTC's own address."""


def source_type(mark: str) -> str:
    """Name how a text came to be, by a code of IPTC's."""
    return _SOURCES.get(mark, f"http://cv.iptc.org/newscodes/digitalsourcetype/{mark}")


def article_ld(view: dict[str, object], setting: Setting) -> dict[str, object]:
    """Describe a comparison as an article about its tools, written by a program, as far as one has written it.

    No rating comes of the panel's votes. Reviews are told of only once a person has approved them, and never with a
    rating: a reviewer is a role, not somebody who has used the tool.
    """
    page = cast("dict[str, Any]", view)
    tools = [_tool(tool) for tool in page["tools"]]
    publisher = {"@type": "Organization", "name": setting.publisher or setting.site}
    about = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": page["title"],
        "description": f"{page['headline']} {page['disclosure']}",
        "inLanguage": setting.language,
        "creativeWorkStatus": page["status"].capitalize(),
        "digitalSourceType": source_type(page["mark"]),
        "about": tools,
    }
    if page["writers"]:
        about["creator"] = [{"@type": "SoftwareApplication", "name": name} for name in page["writers"]]
    if setting.canonical:
        about |= {"url": setting.canonical, "mainEntityOfPage": setting.canonical}
    if publisher["name"]:
        about["publisher"] = publisher
    if page["date"]:
        about["dateCreated"] = page["date"]
    if page["approved_at"] and not page["draft"]:
        about |= {"dateModified": page["approved_at"], "review": _reviews(page, setting.canonical)}
    return about


def _tool(tool: dict[str, Any]) -> dict[str, object]:
    ships, skips = tool["votes"]
    about: dict[str, object] = {"@type": "SoftwareApplication", "@id": f"#{tool['id']}", "name": tool["name"]}
    about |= {key: tool[held] for key, held in (("url", "href"), ("applicationCategory", "category")) if tool[held]}
    if ships + skips:
        about["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": tool["community_share"],
            "worstRating": 0,
            "bestRating": 100,
            "ratingCount": ships + skips,
        }
    return about


def _reviews(page: dict[str, Any], canonical: str) -> list[dict[str, object]]:
    """Name each review by its role and its place; its words stand on the page."""
    return [
        {
            "@type": "Review",
            "name": f"{row['title']}: {cell['vote']}",
            "itemReviewed": {"@id": f"#{tool['id']}"},
            "url": f"{canonical}#{cell['id']}",
        }
        | ({"creator": {"@type": "SoftwareApplication", "name": cell["writer"]}} if cell["writer"] else {})
        for row in page["scorecard"]
        for tool, cell in zip(page["tools"], row["cells"], strict=True)
        if cell["more"]
    ]
