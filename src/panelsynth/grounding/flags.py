"""Flags: what an editor should look at in a verdict, or in a panel as a whole; each says why and how to resolve it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

from ..tool import Tool
from ..verdict import Answer, Evidence, Flag, Usage, Verdict
from .conflicts import find_conflicts
from .echo import find_echoes
from .figures import Figure, find_figures
from .names import find_names
from .orders import find_orders
from .quoting import SPACELESS, fold, is_verbatim
from .stance import score_contradicts, stated_decision
from .wording import find_banned, find_experience, length_fault

KINDS: dict[str, tuple[Literal["loud", "soft"], str]] = {
    "quote-not-verbatim": (
        "loud",
        "Not found word for word in the tool's data, or too short to look up: mend or remove it.",
    ),
    "unsupported-figure": (
        "loud",
        "This figure stands nowhere in the tool's data: remove it, or add its source as a fact to the tool.",
    ),
    "experience-claim": (
        "loud",
        "Nobody used or tested the tool, and no reviewer has a career: say what follows from the description instead.",
    ),
    "decision-mismatch": ("loud", "The decision says otherwise than {}: make the two agree, and say why in 'reason:'."),
    "instruction-like-text": (
        "loud",
        "The tool's text speaks to its reader as to a model: take it out, or judge whether the votes followed it.",
    ),
    "input-truncated": (
        "loud",
        (
            "The server read {} tokens, and the tool's data alone take at least {}: part of them was not seen. Ask"
            " again with a longer context."
        ),
    ),
    "unsupported-name": (
        "soft",
        "This name is not in the tool's data, so it is the model's own knowledge: check that it exists and fits.",
    ),
    "vendor-echo": (
        "soft",
        "These are the vendor's own words in a row: say it in the reviewer's, or quote it as evidence.",
    ),
    "banned-phrase": ("soft", "This reviewer's file bans the phrase: say it plainly."),
    "length": ("soft", "The review {}: cut or fill it."),
    "reviewer-conflict": (
        "soft",
        "{} says {} and {} says {} of what seems to be the same thing: check which is right.",
    ),
    "price-missing": ("soft", "The tool's file gives no pricing: add it, with the day on which it was true."),
    "price-undated": ("soft", "The pricing has no day: add 'as_of:' to it."),
    "price-stale": ("soft", "The pricing is of {}, more than {} days before the verdicts: look it up again."),
}
"""Every kind of flag, stable: its severity, and why it matters with the way to resolve it."""

STALE_AFTER = 180
"""Days after which a price is stale."""

_STALE = timedelta(days=STALE_AFTER)


def ground(
    answer: Answer,
    tool: Tool,
    *,
    banned: Sequence[str] = (),
    usage: Usage | None = None,
) -> tuple[tuple[Evidence, ...], tuple[Flag, ...]]:
    """Mark each quote as verbatim or not, and say what an editor should look at; the review stays as it is.

    Args:
        answer: what the reviewer wrote.
        tool: what it was shown.
        banned: phrases that its persona does not write.
        usage: tokens of the reply, as the server counted them.
    """
    data, source = tool.data, fold(tool.data)
    evidence = tuple(Evidence(quote=quote, verbatim=is_verbatim(quote, source)) for quote in answer.evidence)
    flags = [
        *(_flag("quote-not-verbatim", item.quote) for item in evidence if not item.verbatim),
        *_of_decision(answer),
        *_of_texts(answer, data, banned),
        *_of_input(usage, data),
    ]
    return evidence, tuple(dict.fromkeys(flags))


def panel_flags(tool: Tool, verdicts: Sequence[Verdict]) -> tuple[Flag, ...]:
    """Say what an editor should look at in a panel as a whole: orders in the description, prices, conflicts."""
    told = "\n".join(filter(None, [tool.name, tool.tagline, tool.category, tool.description, *_further(tool)]))
    flags = [_flag("instruction-like-text", span) for span in find_orders(told)]
    flags += _of_price(tool, max((verdict.provenance.answered_at[:10] for verdict in verdicts), default=""))
    for first, mine, second, theirs in find_conflicts({verdict.reviewer: written(verdict) for verdict in verdicts}):
        flags.append(_flag("reviewer-conflict", mine, first, mine, second, theirs))
    return tuple(dict.fromkeys(flags))


def written(answer: Answer | Verdict) -> str:
    """Put together what a reviewer wrote itself: everything but its quotes."""
    return "\n\n".join(filter(None, [answer.review, *answer.rubric.values(), answer.counter_case, answer.would_change]))


def _flag(kind: str, span: str = "", *details: object) -> Flag:
    severity, text = KINDS[kind]
    return Flag(kind=kind, severity=severity, text=text.format(*details), span=span)


def _further(tool: Tool) -> list[str]:
    terms = tool.pricing.terms if tool.pricing else None
    return [*(fact.claim for fact in tool.facts), *([terms] if terms else [])]


def _of_texts(answer: Answer, data: str, banned: Sequence[str]) -> Iterator[Flag]:
    text = written(answer)
    known = find_figures(data)
    for figure in find_figures(text):
        if not _is_supported(figure, known):
            yield _flag("unsupported-figure", figure.span)
    yield from (_flag("experience-claim", span) for span in find_experience(text))
    yield from (_flag("unsupported-name", name) for name in find_names(text, data))
    for part in (answer.review, *answer.rubric.values(), answer.counter_case, answer.would_change):
        yield from (_flag("vendor-echo", span) for span in find_echoes(part, data))
    yield from (_flag("banned-phrase", phrase) for phrase in find_banned(text, banned))
    if fault := length_fault(answer.review):
        yield _flag("length", "", fault)


def _is_supported(figure: Figure, known: Sequence[Figure]) -> bool:
    """Tell whether a source holds a figure of the same kind and value; money in the same currency."""
    return any(
        figure.kind == other.kind
        and figure.values & other.values
        and (figure.kind != "money" or figure.unit == other.unit or "cent" in {figure.unit, other.unit})
        for other in known
    )


def _of_decision(answer: Answer) -> Iterator[Flag]:
    stated = stated_decision(answer.review)
    if stated not in {None, answer.decision}:
        yield _flag("decision-mismatch", "", f"the prose, which says {stated}")
    if score_contradicts(answer.decision, answer.score):
        yield _flag("decision-mismatch", "", f"the score of {answer.score}")


def _of_input(usage: Usage | None, data: str) -> Iterator[Flag]:
    """Tell a prompt that was cut: every tokenizer takes at least a token per word; English takes 1.3.

    Only the tool's data count: what comes before them in a prompt, some servers leave out of their count when cached.
    """
    signs = len(SPACELESS.findall(data))  # a token holds three of them at the most
    words = len(SPACELESS.sub("", data).split()) * 3 // 4 + signs // 3
    if usage and 0 < usage.input < words:
        yield _flag("input-truncated", "", f"{usage.input:,}", f"{words:,}")


def _of_price(tool: Tool, day: str) -> Iterator[Flag]:
    pricing = tool.pricing
    if pricing is None or not (pricing.plans or pricing.summary or pricing.entry):
        yield _flag("price-missing")
    elif pricing.as_of is None:
        yield _flag("price-undated", pricing.summary or "")
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", day) and date.fromisoformat(day) - pricing.as_of > _STALE:
        yield _flag("price-stale", str(pricing.as_of), pricing.as_of, STALE_AFTER)
