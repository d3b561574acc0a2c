"""Publication: the approved version of a page, as it was frozen, and whether today's files say otherwise."""

from __future__ import annotations

from pathlib import Path

from ..comparison import Comparison
from ..errors import InputError
from ..panel import Missing, Panel
from ..saving import load_saved

SENTENCES = ("reading", "disclosure")
"""What a frozen page says in words that code chose: said anew in today's words, from numbers that are counted again."""


def load_published(path: Path) -> Comparison:
    """Load the frozen version of a page.

    Raises:
        InputError: it is no approved comparison, or a number in it does not match its verdicts.
    """
    found = load_saved(path, without=SENTENCES, marks_anew=True)
    if not isinstance(found, Comparison) or found.status == "draft":
        what = "a panel" if isinstance(found, Panel) else "a draft"
        remedy = f"Take it away, and approve the page again: panelsynth approve {path.stem}"
        raise InputError(f"{path}: holds {what}, and no approved page", remedy=remedy)
    return found


def is_behind(published: Comparison, draft: Comparison) -> bool:
    """Tell whether readers would see something else if the page were approved today.

    The page's state, who approved it and when do not count, nor do flags: those are for editors. Nor does the cause for
    which a reviewer is missing: it stands in the store, and a clone has none.
    """
    return _shown(published) != _shown(draft)


def _shown(page: Comparison) -> tuple[object, ...]:
    return page.title, page.intro, page.reviewers, tuple(_unflagged(panel) for panel in page.panels)


def _unflagged(panel: Panel) -> Panel:
    verdicts = tuple(verdict.model_copy(update={"flags": ()}) for verdict in panel.verdicts)
    missing = tuple(_uncaused(gap) for gap in panel.missing)
    return panel.model_copy(update={"flags": (), "verdicts": verdicts, "missing": missing})


def _uncaused(gap: Missing) -> Missing:
    return gap.model_copy(update={"state": "not-tried", "cause": "", "message": ""})
