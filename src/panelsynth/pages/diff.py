"""Diff: two runs side by side as one HTML page."""

from __future__ import annotations

from typing import cast

from ..catalogue.causes import Moved
from ..catalogue.diff import Diff, Flips, SeatDiff, ToolDiff
from ..catalogue.wording import NOTHING, cause_words, count_words, summary, vote_words
from .html import render_page
from .plain import line, mapped
from .setting import Setting
from .templating import SHEETS

_SHEETS = (*SHEETS, "site/site.css", "catalogue/diff.css")


def render_diff(found: Diff, setting: Setting | None = None) -> str:
    """Write a diff as a self-contained page; old and new texts stand side by side."""
    view = {
        "title": "What moved between two runs",
        "summary": [*summary(found)],
        "nothing": NOTHING if found.is_empty else "",
        "totals": [_total(flips) for flips in found.reviewers],
        "tools": [_tool(tool) for tool in found.tools],
        "only_old": [*found.only_old],
        "only_new": [*found.only_new],
    }
    clean = cast("dict[str, object]", mapped(view, line))
    return render_page("catalogue/diff.html.j2", {**clean, "noindex": True}, setting or Setting(), _SHEETS)


def _total(flips: Flips) -> dict[str, object]:
    same = f"{flips.same_request_flipped} of {flips.same_request}" if flips.same_request else "—"
    counts = {"to_ship": flips.to_ship, "to_skip": flips.to_skip, "gained": flips.gained, "lost": flips.lost}
    return {"name": flips.reviewer, "turned": count_words(flips), "same": same, **counts}


def _tool(tool: ToolDiff) -> dict[str, object]:
    return {
        "id": tool.tool,
        "name": tool.name,
        "old": {"label": tool.old.label, "share": tool.old_share},
        "new": {"label": tool.new.label, "share": tool.new_share},
        "read": [_moved(moved) for moved in tool.read],
        "unread": [_moved(moved) for moved in tool.unread],
        "seats": [_seat(seat) for seat in tool.reviewers],
        "only_old": [*tool.only_old],
        "only_new": [*tool.only_new],
    }


def _seat(seat: SeatDiff) -> dict[str, object]:
    return {
        "name": seat.title or seat.reviewer,
        "change": seat.change,
        "vote": vote_words(seat).replace("->", "→"),
        "causes": cause_words(seat),
        "moved": [_moved(moved) for moved in seat.moved],
    }


def _moved(moved: Moved) -> dict[str, object]:
    # Lines are kept apart: a list of quotes has one on each.
    return {"field": moved.field, "old": moved.old.splitlines(), "new": moved.new.splitlines()}
