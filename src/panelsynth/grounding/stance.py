"""Stance: what a review's prose says about its own decision."""

from __future__ import annotations

import re
from typing import cast

from ..verdict import Decision

HIGH, LOW = 75, 25
"""Scores from which a skip, and up to which a ship, contradicts itself."""

_SAYS = re.compile(
    r"""
      \bI(?:'d|'ll)?\ (?:(?:still|therefore|would|will|must|do|can(?:not)?|can't|won't|don't|wouldn't|not|never|now
          |have\ to
        |say|vote|choose|decide|gladly|reluctantly|cautiously|also|only|simply|to|am|happy|would\ rather)\ )*
        (?P<me>ship|skip|pass\ on)(?:ping|ped|s)?\b
    | \b(?:my|the)\ (?:vote|verdict|decision|call|answer|recommendation)(?:\ here)?\ (?:is|stays|remains)(?:\ to|\ a
        |:)?[ ]
        (?P<not>not\ (?:to\ )?)?["'“]?(?P<vote>ship|skip)\b
    | (?:判定|結論|決定|评判|结论|投票)は?(?:：|:|\ )?\ ?(?P<cjk>ship|skip)
    | \b(?:verdict|decision|vote):\ ?["'“]?(?P<label>ship|skip)\b
    | (?:^|[.;:!]\s+)(?:so\ |therefore\ |hence\ |thus\ |in\ short,\ |on\ balance,\ )?(?P<order>ship|skip)\ (?:it|this)\b
    | \b(?:a|an?\ \w+)\ (?P<noun>ship|skip)\ (?:from|for)\ me\b | \bwhich\ is\ why\ (?:this
        |it)\ is\ an?\ (?P<why>ship|skip)\b
    | \bthis\ is\ (?:therefore\ |thus\ |clearly\ |still\ )?an?\ (?:clear\ |reluctant\ |cautious\ |easy\ )?(?P<is>ship
        |skip)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not|never|cannot|no longer)\b|n't\b", re.IGNORECASE)
_SUPPOSED = re.compile(
    r"\b(?:if|unless|until|once|when|were|had|could|might|should|provided|as soon as|case against|tempted)\b",
    re.IGNORECASE,
)
_TURNED: dict[str, Decision] = {"ship": "skip", "skip": "ship"}


def stated_decision(review: str) -> Decision | None:
    """Read the decision off a review's prose, where it names one plainly; what it would do if is passed over.

    Example:
        >>> stated_decision("It is thin, so I skip it. If the price fell, I would ship.")
        'skip'
    """
    plain = review.replace("’", "'").replace("\u00a0", " ")
    stated: Decision | None = None
    for found in _SAYS.finditer(plain):
        if _SUPPOSED.search(_sentence(plain, found.start(), found.end())):
            continue
        word = next(
            word for word in found.group("me", "vote", "cjk", "label", "order", "noun", "why", "is") if word
        ).lower()
        said = cast("Decision", "skip" if word.startswith("pass") else word)
        stated = _TURNED[said] if _DENIED.search(found[0]) else said
    return stated


def score_contradicts(decision: Decision, score: int) -> bool:
    """Tell whether a self-reported score says the opposite of a decision."""
    return score >= HIGH if decision == "skip" else score <= LOW


def _sentence(text: str, start: int, end: int) -> str:
    """Give the sentence around a stretch, as far as its own clause reaches back."""
    begin = max(text.rfind(mark, 0, start) for mark in ".!?;\n")
    stops = [at for at in (text.find(mark, end) for mark in ".!?;\n") if at >= 0]
    return text[begin + 1 : min(stops, default=len(text))]
