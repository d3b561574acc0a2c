"""Reviews that share much of their wording, found without comparing every two of them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction

from ..tally import Share

WORDS = 5
"""How many words in a row make a shingle."""
THRESHOLD = Fraction(1, 2)
"""From which share of all their shingles on two reviews are near duplicates."""

Name = tuple[str, str]
"""A review's tool and reviewer."""
_Shingles = frozenset[tuple[str, ...]]


def near_duplicates(texts: Mapping[Name, str]) -> list[tuple[Name, Name, Share]]:
    """Find the pairs of texts that share at least half of their runs of five words (Jaccard's index).

    Texts with the very same shingles are each paired with the first of them alone. Only shingles among a text's
    rarest, one of which two near duplicates must share, are looked up in the index.

    Source: S. Chaudhuri, V. Ganti, R. Kaushik, "A primitive operator for similarity joins in data cleaning", 2006.

    Example:
        >>> near_duplicates({("a", "skeptic"): "It is a fine tool.", ("b", "skeptic"): "it is a fine tool"})
        [(('a', 'skeptic'), ('b', 'skeptic'), Share(part=1, whole=1))]
    """
    alike: defaultdict[_Shingles, list[Name]] = defaultdict(list)
    for name in sorted(texts):
        if shingles := _shingles(texts[name]):
            alike[shingles].append(name)
    same = [(names[0], other, Share(len(s), len(s))) for s, names in alike.items() for other in names[1:]]
    return sorted([*same, *_close({names[0]: shingles for shingles, names in alike.items()})])


def _close(texts: Mapping[Name, _Shingles]) -> Iterator[tuple[Name, Name, Share]]:
    times = Counter(shingle for shingles in texts.values() for shingle in shingles)
    index: defaultdict[tuple[str, ...], list[Name]] = defaultdict(list)
    for name, shingles in texts.items():
        rare = sorted(shingles, key=lambda shingle: (times[shingle], shingle))
        needed = -(-len(rare) * THRESHOLD.numerator // THRESHOLD.denominator)
        prefix = [shingle for shingle in rare[: len(rare) - needed + 1] if times[shingle] > 1]
        for other in dict.fromkeys(found for shingle in prefix for found in index[shingle]):
            shared = len(shingles & texts[other])
            share = Share(shared, len(shingles) + len(texts[other]) - shared)
            if share.part * THRESHOLD.denominator >= share.whole * THRESHOLD.numerator:
                yield (*sorted((other, name)), share)  # type: ignore[misc]
        for shingle in prefix:
            index[shingle].append(name)


def _shingles(text: str) -> _Shingles:
    words = re.findall(r"\w+", text.casefold())
    return (
        frozenset(tuple(words[at : at + WORDS]) for at in range(max(1, len(words) - WORDS + 1)))
        if words
        else frozenset()
    )
