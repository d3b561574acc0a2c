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
    owner = [0] * len(text)
    for number, flag in enumerate(flags, 1):
        for start, end in _places(text, line(flag.span)):
            if not any(owner[start:end]):
                owner[start:end] = [number] * (end - start)
    if not any(owner):
        return []
    edges = [at for at in range(1, len(text)) if owner[at] != owner[at - 1]]
    return [
        {"start": start, "end": end, "flag": owner[start], "severity": flags[owner[start] - 1].severity}
        for start, end in zip([0, *edges], [*edges, len(text)], strict=True)
    ]


def _places(text: str, span: str) -> list[tuple[int, int]]:
    """Find a span as whole words, whatever the case."""
    if not span:
        return []
    before, after = (r"(?<!\w)" if span[0].isalnum() else ""), (r"(?!\w)" if span[-1].isalnum() else "")
    return [found.span() for found in re.finditer(before + re.escape(span) + after, text, re.IGNORECASE)]
