"""Margin: where in a draft's text the words stand that a flag is about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..verdict import Flag
from .plain import line


def cuts(text: str, flags: Sequence[Flag]) -> list[dict[str, object]]:
    """Cut a clean line at the words that flags name: each piece from `start` to `end`, with the number of its flag.

    Words that several flags name are marked by the first of them; what no flag names has the number 0. A text without
    any such words has no pieces.
    """
    taken: list[tuple[int, int, int]] = []
    for number, flag in enumerate(flags, 1):
        for start, end in _places(text, line(flag.span)):
            if all(end <= first or last <= start for first, last, _ in taken):
                taken.append((start, end, number))
    pieces, at = [], 0
    for start, end, number in sorted(taken):
        pieces += [(at, start, 0), (start, end, number)]
        at = end
    if taken:
        pieces.append((at, len(text), 0))
    return [
        {"start": start, "end": end, "flag": number, "severity": flags[number - 1].severity if number else ""}
        for start, end, number in pieces
        if start < end
    ]


def _places(text: str, span: str) -> list[tuple[int, int]]:
    """Find a span as whole words, whatever the case."""
    if not span:
        return []
    before, after = (r"(?<!\w)" if span[0].isalnum() else ""), (r"(?!\w)" if span[-1].isalnum() else "")
    return [found.span() for found in re.finditer(before + re.escape(span) + after, text, re.IGNORECASE)]
