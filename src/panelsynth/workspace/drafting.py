"""Drafting: review files become panels and comparisons, with everything that code says of them computed anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Literal

from ..comparison import Comparison, compare
from ..grounding import ground, panel_flags
from ..panel import Missing, Panel
from ..tool import Tool
from ..verdict import Provenance, Verdict
from .comparison_file import ComparisonFile
from .review_file import ReviewFile
from .reviews import Review


def draft_panel(tool: Tool, reviews: Iterable[Review]) -> Panel:
    """Make a tool's panel from its review files; a reviewer without a file is shown as one without a vote."""
    verdicts: list[Verdict] = []
    missing: list[Missing] = []
    for review in reviews:
        if review.file is not None:
            verdicts.append(_verdict(review, review.file))
            continue
        missing.append(_missing(review))
    flags = panel_flags(tool, verdicts)
    return Panel(tool=tool, verdicts=tuple(verdicts), missing=tuple(missing), flags=flags)


def draft_comparison(page: ComparisonFile, panels: Sequence[Panel], reviewers: Sequence[str]) -> Comparison:
    """Put a page's panels side by side, with the editor's title and intro."""
    first, second, *more = panels
    made = compare(first, second, *more, title=page.title or "", reviewers=reviewers)
    return made.model_copy(update={"intro": page.intro or ""})


def _missing(review: Review) -> Missing:
    missing = partial(Missing, reviewer=review.persona.id, title=review.persona.title)
    if review.state == "broken":
        return missing(state="failed", cause="unreadable", message=review.reason.partition("\n")[0])
    if review.state == "failed":
        cause, _, message = review.reason.partition(": ")
        state: Literal["abstained", "failed"] = "abstained" if cause == "samples-tied" else "failed"
        return missing(state=state, cause=cause, message=message)
    message = "Nobody has been asked yet: panelsynth review"
    return missing(state="not-tried", cause="not-asked", message=message)


def _verdict(review: Review, file: ReviewFile) -> Verdict:
    answer = file.answer
    usage = file.provenance.usage if file.provenance else None
    evidence, flags = ground(answer, review.tool, banned=review.persona.banned, usage=usage)
    nobody = Provenance(
        key="", model="", answered_by=file.by or "an editor", source="person", answered_at="", prompt_version=""
    )
    return Verdict(
        reviewer=review.persona.id,
        title=review.persona.title,
        evidence=evidence,
        flags=flags,
        edit=file.edit(review.original) if file.is_edited else None,
        samples=file.samples,
        kept=review.reason if review.state == "kept" else "",
        provenance=file.provenance or nobody,
        **answer.model_dump(exclude={"evidence"}),
    )
