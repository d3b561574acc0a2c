"""Echo: how much of a review is the vendor's own wording."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from .quoting import SPACELESS, fold_word

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
    known = _runs(source)
    folded = _words(text)
    shared = {at for at, run in enumerate(_windows(folded)) if run in known}
    if not shared:
        return
    mine = [*_WORD.finditer(text)]
    at = 0
    for first in sorted(shared):
        if first >= at:
            last = next(end for end in range(first, len(folded)) if end + 1 not in shared) + WORDS - 1
            yield text[mine[first].start() : mine[last].end()]
            at = last + 1


@lru_cache(32)  # all reviewers of a tool are held against the same data
def _runs(source: str) -> frozenset[tuple[str, ...]]:
    """Collect all runs of so many words of a source."""
    return frozenset(_windows(_words(source)))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower()) if text.isascii() else [fold_word(word) for word in _WORD.findall(text)]


def _windows(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[at:] for at in range(WORDS)), strict=False)


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
