"""Digest: the comparisons approved in a span of days as a letter, in HTML, plain text and Markdown. Nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from markupsafe import Markup

from ...errors import InputError
from ...reading import share
from .. import markdown
from ..plain import line, mapped
from ..templating import environment
from ..text import wrap
from .addresses import comparison_path, link
from .listing import example
from .survey import Survey
from .value import Site, SitePage

ADDRESS = "PANELSYNTH_ADDRESS"
"""Stands where the sender's postal address belongs."""
UNSUBSCRIBE = "PANELSYNTH_UNSUBSCRIBE"
"""Stands where the address belongs under which a reader unsubscribes."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ROOM = 100_000
"""Bytes for a letter's HTML: Gmail cuts a letter off at 102 KB."""
_MARKS = ("address", "unsubscribe")
_BARE = (*_MARKS, "href", "url")
"""What stands as it is; addresses are quoted already."""
_SIGNS = re.compile(r"[&<>\"'{}%|*$_\[\]#]")
_BREAKS = re.compile(r"(?<=[{<])[{%#]|(?<=[%}*\[<])[%|\[}]|(?<=\|)\*|(?<=\$)\{|(?<=PANELSYNTH)_")


def digest(site: Site, since: str, until: str = "") -> dict[str, str]:
    """Write the letter on what was approved from one day to another, both included; drafts and retired pages are not.

    `PANELSYNTH_ADDRESS` and `PANELSYNTH_UNSUBSCRIBE` stand where the sender's address and the link to unsubscribe
    belong: replace them by your newsletter's own marks. In texts of others they are broken up, as are marks that a
    newsletter's program would act on, such as `{{` and `*|`.

    Args:
        site: the site.
        since: the first day, `2026-11-18`.
        until: the last day; open when empty.

    Returns:
        The letter by its form: `html` (below 102 KB, however many pages there are), `txt` and `md`, all with the same
        pages.

    Raises:
        InputError: a day is none, or the last comes before the first.
    """
    _check("since", since)
    if until:
        _check("until", until)
        if until < since:
            raise InputError(f"--until {until} comes before --since {since}", remedy="Swap them.")
    pages = [page for page in Survey(site).approved if since <= page.comparison.approved_at[:10] <= (until or "9999")]
    entries = [cast("dict[str, Any]", mapped(_entry(site, page), line)) for page in pages]
    letter = {**_about(site, since, until, pages), "disclosures": _shared(entries)}
    kept = _fitting(letter, entries, site.setting.templates)
    letter |= {"entries": kept, "more": len(entries) - len(kept)}
    forms = {"html": _html, "txt": _text, "md": _markdown}
    return {form: write(letter, site.setting.templates) for form, write in forms.items()}


def _check(name: str, day: str) -> None:
    if not (_DAY.fullmatch(day) and _stands_in_a_calendar(day)):
        raise InputError(f"--{name} {line(day)[:40]!r} is no day", remedy="Write it as 2026-11-18.")


def _stands_in_a_calendar(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _about(site: Site, since: str, until: str, pages: Sequence[SitePage]) -> dict[str, Any]:
    name = line(site.setting.site) or "Comparisons"
    newest = max((page.comparison.approved_at[:10] for page in pages), default="")
    last = until or (newest if newest > since else "")
    span = f"{since} to {last}" if last else f"since {since}" if newest != since else since
    count = f"{len(pages)} new or updated comparison{'' if len(pages) == 1 else 's'}" if pages else "nothing new"
    return {
        "site": name,
        "language": site.setting.language,
        "publisher": line(site.setting.publisher) or name,
        "url": _quoted(site.setting.url),
        "span": span[0].upper() + span[1:],
        "title": f"{name}, {span}",
        "count": count,
        "address": ADDRESS,
        "unsubscribe": UNSUBSCRIBE,
    }


def _entry(site: Site, page: SitePage) -> dict[str, object]:
    comparison, url = page.comparison, _quoted(site.setting.url)
    return {
        "title": comparison.title,
        "href": link(comparison_path(page.slug), url) if url else "",
        "date": comparison.approved_at[:10],
        "marks": example(comparison.panels),
        "tools": [{"name": panel.tool.name, "share": share(panel)} for panel in comparison.panels],
        "disclosure": comparison.disclosure,
    }


def _quoted(url: str) -> str:
    """Leave nothing in an address that could end it, in HTML or in Markdown."""
    return quote(line(url), safe=":/?#[]@!$&'()*+,;=%~")


def _shared(entries: Sequence[dict[str, Any]]) -> list[str]:
    """Say what all pages disclose once for all; where they differ, each says its own."""
    said = [*dict.fromkeys(entry["disclosure"] for entry in entries)]
    if len(said) > 1:
        return []
    for entry in entries:
        entry["disclosure"] = ""
    return said


def _fitting(letter: dict[str, Any], entries: Sequence[dict[str, Any]], templates: Path | None) -> list[dict[str, Any]]:
    """Keep the newest pages that the letter's HTML has room for."""

    def size(*held: dict[str, Any]) -> int:
        return len(_html({**letter, "entries": held, "more": len(entries)}, templates).encode())

    kept: list[dict[str, Any]] = []
    room = _ROOM - size()
    for entry in entries:
        room -= size(entry, entry) - size(entry)
        if room < 0:
            break
        kept.append(entry)
    return kept


def _html(letter: dict[str, Any], templates: Path | None) -> str:
    return _render("digest.html.j2", mapped(_listed(letter), _inert, keep=_MARKS), templates)


def _text(letter: dict[str, Any], templates: Path | None) -> str:
    made = mapped(_listed(letter), lambda text: Markup(_broken(text)), keep=_BARE)  # noqa: S704 - plain text
    return re.sub(r"\n{3,}", "\n\n", _render("digest.txt.j2", made, templates))


def _markdown(letter: dict[str, Any], templates: Path | None) -> str:
    made = mapped(_listed(letter), _inert_markdown, keep=_BARE)
    return _render("digest.md.j2", made, templates)


def _listed(letter: dict[str, Any]) -> dict[str, Any]:
    return {**letter, "entries": [*letter["entries"]]}


def _render(name: str, values: object, templates: Path | None) -> str:
    template = environment(templates).get_template(f"site/{name}")
    return template.render(cast("dict[str, object]", values), wrap=wrap).strip("\n") + "\n"


def _inert(text: str) -> Markup:
    """Number every sign by which HTML or a newsletter's program knows its own marks."""
    return Markup(_SIGNS.sub(lambda found: f"&#{ord(found[0])};", text))  # noqa: S704 - nothing is left to escape


def _inert_markdown(text: str) -> Markup:
    """Escape a text for Markdown; a second sign of percent, which Markdown does not mind, is numbered."""
    return Markup(re.sub("(?<=%)%", "&#37;", markdown.escape(text)))  # noqa: S704 - escaped just now


def _broken(text: str) -> str:
    """Put a word joiner, which nobody sees, into marks that a newsletter's program would act on."""
    return _BREAKS.sub("\u2060\\g<0>", text)
