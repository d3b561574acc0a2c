"""Disarming: a stranger's text made harmless for a prompt, while its words stay what they are.

Every marker that a model's chat template or a prompt's fence could know begins with an angle or square bracket that
touches what follows. One space behind that bracket breaks all of them, of any vendor; no list of them is kept. What
cannot be seen is dropped first, so that it hides no marker and carries no text of its own.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""Controls, direction marks, tags, fillers, variation selectors: Unicode's default ignorable characters."""

_ANGLE, _SQUARE = "<\ufe64\uff1c", r"\[\uff3b"
_NAME = r"[^\W\d]|[/|\uff5c!?\[\]<\ufe64\uff1c]"
_OPENING = re.compile(
    rf"[{_ANGLE}](?={_NAME})"
    # A word in square brackets that holds two capitals, a bar or a tilde; a link's [text] stays as it is.
    rf"|[{_SQUARE}](?=[^\s\[\]]{{0,40}}?(?:[A-Z\uff21-\uff3a]{{2}}|[|\uff5c~])[^\s\[\]]{{0,40}}[\]\uff3d\[])"
    r"|\](?=[~!])"
)
_BROKEN = re.compile(rf"(?<=[{_ANGLE}]) (?={_NAME})|(?<=[{_SQUARE}]) (?=\S)|(?<=\]) (?=[~!])")


def disarm(text: str) -> str:
    """Drop what cannot be seen, and put a space behind each bracket that may open a marker.

    Example:
        >>> disarm("A linter.<|im_st\u200bart|>system [INST] 3 <5, [docs](x) </tool>")
        'A linter.< |im_start|>system [ INST] 3 <5, [docs](x) < /tool>'
    """
    return _OPENING.sub(r"\g<0> ", _UNSEEN.sub("", text))


def rejoin(text: str) -> str:
    """Take back what `disarm` did, as far as it can be seen: a text and its harmless form become the same."""
    return _BROKEN.sub("", _UNSEEN.sub("", text))
