"""Echo: how much of a review is the vendor's own wording."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .quoting import SPACELESS, fold

WORDS = 8
"""Shared words in a row from which a review echoes its vendor."""
SHARE = 0.15
"""The same in scripts without spaces: a share of the review's characters in one run."""
_LEAST = 12

_WORD = re.compile(r"\w+(?:['-]\w+)*")


def find_echoes(text: str, source: str) -> Iterator[str]:
    """Go through the longest runs of words that a text shares with a source.

    Example:
        >>> source = "It runs locally, in an editor or in CI, and its rules are plain text files."
        >>> [*find_echoes("A linter that runs locally, in an editor or in CI, and more.", source)]
        ['runs locally, in an editor or in CI, and']
    """
    if SPACELESS.search(text):
        yield from _runs_of_signs(text, source)
    theirs = [fold(found[0]) for found in _WORD.finditer(source)]
    known = {tuple(theirs[at : at + WORDS]) for at in range(len(theirs) - WORDS + 1)}
    mine = [*_WORD.finditer(text)]
    folded = [fold(found[0]) for found in mine]
    at = 0
    while at <= len(mine) - WORDS:
        end = at
        while end <= len(mine) - WORDS and tuple(folded[end : end + WORDS]) in known:
            end += 1
        if end > at:
            last = end + WORDS - 2
            yield text[mine[at].start() : mine[last].end()]
            at = last + 1
        else:
            at += 1


def _runs_of_signs(text: str, source: str) -> Iterator[str]:
    """Find the longest run of characters that both hold, where it is a good part of the text."""
    bare, theirs = re.sub(r"\s", "", text), re.sub(r"\s", "", source)
    least = max(_LEAST, int(len(bare) * SHARE) + 1)
    known = {theirs[at : at + least] for at in range(len(theirs) - least + 1)}
    for at in range(len(bare) - least + 1):
        if bare[at : at + least] in known and SPACELESS.search(bare[at : at + least]):
            end = at + least
            while end < len(bare) and bare[at : end + 1] in theirs:
                end += 1
            yield bare[at:end]
            return
