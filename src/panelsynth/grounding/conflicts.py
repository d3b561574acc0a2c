"""Conflicts: reviewers of one tool who state different figures for the same thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from .figures import Figure, find_figures
from .quoting import fold_word

_WORD = re.compile(r"[^\W\d_]{3,}")
_EMPTY = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "that",
        "this",
        "its",
        "it's",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "from",
        "into",
        "than",
        "then",
        "but",
        "not",
        "any",
        "per",
        "each",
        "only",
        "about",
        "around",
        "over",
        "under",
        "more",
        "less",
        "most",
        "least",
        "some",
        "such",
        "they",
        "their",
        "there",
        "which",
        "who",
        "what",
        "when",
        "where",
        "while",
        "will",
        "would",
        "can",
        "could",
        "may",
        "might",
        "says",
        "said",
        "claims",
        "claim",
        "states",
        "state",
        "reports",
        "report",
        "vendor",
        "description",
        "tool",
        "figure",
        "number",
        "roughly",
        "nearly",
        "almost",
        "ship",
        "skip",
        "percent",
    ]
)
_NEAR = 60
"""Characters around a figure in which its thing is named."""


def find_conflicts(texts: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Go through pairs of figures that two reviewers give for what seems to be the same thing.

    Args:
        texts: what each reviewer wrote.

    Returns:
        The first reviewer with its words, the second with its own.

    Example:
        >>> [*find_conflicts({"a": "Setup takes 5 minutes.", "b": "The setup takes 20 minutes."})]
        [('a', '5 minutes', 'b', '20 minutes')]
    """
    found = {who: [(figure, _about(text, figure)) for figure in find_figures(text)] for who, text in texts.items()}
    for first, second in combinations(found, 2):
        for one, about in found[first]:
            rivals = [other for other, its in found[second] if _same_thing(one, about, other, its)]
            # Where the other names the same figure as well, they agree on that one.
            if rivals and not any(one.values & other.values for other, _ in found[second] if other.kind == one.kind):
                yield first, one.span, second, rivals[0].span


def _same_thing(one: Figure, about: frozenset[str], other: Figure, its: frozenset[str]) -> bool:
    if one.kind != other.kind or one.values & other.values or (one.kind == "money" and one.unit != other.unit):
        return False
    shared = about & its
    return len(shared) >= (1 if one.kind == "count" and one.unit == other.unit else 2) or (
        bool(shared) and min(len(about), len(its)) <= 2
    )


def _about(text: str, figure: Figure) -> frozenset[str]:
    """Collect the words around a figure, within its sentence."""
    end = figure.start + len(figure.span)
    begin = max(text.rfind(mark, 0, figure.start) for mark in ".!?;\n") + 1
    stops = [at for at in (text.find(mark, end) for mark in (". ", "!", "?", ";", "\n")) if at >= 0]
    near = text[max(begin, figure.start - _NEAR) : figure.start] + " " + text[end : min([end + _NEAR, *stops])]
    words = {fold_word(word).removesuffix("s") for word in _WORD.findall(near)}
    return frozenset(words - _EMPTY - {figure.unit, figure.unit.removesuffix("s")})
