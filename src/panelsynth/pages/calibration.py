"""Calibration: personas and the panel against people's decisions as one HTML page."""

from __future__ import annotations

from typing import cast

from ..catalogue.calibrate import Calibration, Rating
from ..catalogue.calibration_words import agreement_words, few_words, kappa_words, notes, undecided_words
from .html import render_page
from .plain import line, mapped
from .setting import Setting
from .templating import SHEETS

_SHEETS = (*SHEETS, "site/site.css", "catalogue/calibration.css")


def render_calibration(found: Calibration, setting: Setting | None = None) -> str:
    """Write a calibration as a self-contained page, each agreement with a bar for its interval."""
    view = {
        "title": "Reviewers beside people's decisions",
        "ratings": [_rating(rating) for rating in (found.panel, *found.reviewers)],
        "few": few_words(found),
        "notes": [*notes(found)],
    }
    clean = cast("dict[str, object]", mapped(view, line))
    return render_page("catalogue/calibration.html.j2", {**clean, "noindex": True}, setting or Setting(), _SHEETS)


def _rating(rating: Rating) -> dict[str, object]:
    return {
        "name": (rating.title or rating.reviewer) if rating.reviewer else "The panel",
        "agreement": agreement_words(rating),
        "at": rating.agreement,
        "bar": [*rating.interval] if rating.interval else [],
        "kappa": kappa_words(rating),
        "undecided": undecided_words(rating),
        "confusion": rating.confusion.model_dump(),
    }
