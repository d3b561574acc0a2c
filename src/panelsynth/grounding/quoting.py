"""Quoting: which quotes stand in a source word for word, past what a copyist may change."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, is_normalized, normalize

from ..disarming import rejoin

_MIN_WORDS, _MIN_CHARACTERS = 3, 8
_QUOTES = str.maketrans(
    {**dict.fromkeys("“”„«»‟", '"'), **dict.fromkeys("‘’‚‛`´", "'"), **dict.fromkeys("‐‑‒–—―−", "-")}
)
# Thai, Lao, Myanmar, Khmer, kana, Han, Hangul: a quote of two words or none may be a whole sentence there.
SPACELESS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"
)
_CURRENCY = r"[$¢-¥฿\u20a0-\u20cf]"
_FIGURE = re.compile(
    rf"[-+±~≈<>≤≥]*{_CURRENCY}?[-+]?[.,]?\d+(?:[.,:/⁄'^-]{{1,2}}\d+| \d{{3}}(?!\d))*(?: ?[%‰]|{_CURRENCY})?"
)
"""A number with all that belongs to it: sign, currency mark, decimals, thousands, range, power, percent."""
_INSIDE = re.compile(rf"(?:{_CURRENCY}|[-+±~≈<>≤≥\d.,:/⁄'^ %‰]){{2}}")
"""Two signs of which a figure may be made: most places are not between such."""
_NEGATED = re.compile(
    r"(?:\b(?:not(?! only | just )|non?|never|hardly|barely|scarcely|rarely|seldom|neither|nor|without|cannot)|n't) "
    r"(?:(?!but |-+ )\S*[^\s.,;:!?] ){0,2}[\"'*_]*\Z"
    r"|\bnon-\Z|[不没沒無无未非]\Z"
)
"""What a quote may not leave out right before it: a negation among the last three words of its clause."""
_NEAR = 120


def is_verbatim(quote: str, folded_source: str) -> bool:
    """Tell whether a quote of at least 3 words (8 characters in scripts without spaces) stands in a folded source.

    It stands there in whole words and figures, and not right behind a negation that it leaves out.

    Example:
        >>> is_verbatim("Runs  on the “edge”", fold('It runs on the "edge" of town.'))
        True
    """
    folded = fold(quote)
    if len(folded) < _MIN_CHARACTERS if SPACELESS.search(folded) else len(folded.split()) < _MIN_WORDS:
        return False
    at = folded_source.find(folded)
    while at >= 0 and not _whole(folded_source, at, at + len(folded)):
        at = folded_source.find(folded, at + 1)
    return at >= 0


def _whole(source: str, start: int, end: int) -> bool:
    """Tell whether a stretch of the source is cut out without changing what it says."""
    return not (_cuts(source, start) or _cuts(source, end) or _NEGATED.search(source[max(0, start - _NEAR) : start]))


def _cuts(source: str, at: int) -> bool:
    """Tell whether a place lies inside a word or a figure."""
    pair = source[at - 1 : at + 1] if at else ""
    if re.fullmatch(r"\w\w", pair) and not SPACELESS.search(pair):
        return True
    if not _INSIDE.fullmatch(pair):
        return False
    first = max(0, at - _NEAR)
    return any(m.start() < at - first < m.end() for m in _FIGURE.finditer(source[first : at + _NEAR]))


@lru_cache(32)  # all reviewers of a tool are held against the same data
def fold(text: str) -> str:
    """Fold what a copyist may change without changing a word: Unicode form, case, white space, quotes, dashes.

    What reviewers see of the data is disarmed; a quote of that folds to the same as one of the data themselves.
    """
    text = rejoin(text)
    if text.isascii():  # the same at a tenth of the cost
        return " ".join(text.translate(_QUOTES).lower().split())
    # NFKC would make 106 of 10⁶, and 51/2 of 5½.
    apart = (f"^{c}" if c > "\x7f" and category(c) == "No" and not is_normalized("NFKC", c) else c for c in text)
    # Quotes first and last: NFKC takes an acute accent apart, and makes a dash of a small one.
    folded = normalize("NFKC", "".join(apart).translate(_QUOTES)).casefold()
    return " ".join(normalize("NFKC", folded).translate(_QUOTES).split())


def fold_word(word: str) -> str:
    """Fold a single word; most are plain ASCII, and texts are made of many."""
    return word.lower() if word.isascii() else fold(word)
