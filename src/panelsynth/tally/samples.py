"""Samples: several answers of one reviewer to one question become its one vote, by majority."""

from __future__ import annotations

from collections.abc import Sequence

from .shares import Vote, label


def settle(samples: Sequence[Vote | None]) -> Vote | None:
    """Give what most samples decided; None where they tie, and where none did.

    Args:
        samples: a decision per sample; None for one that failed, which counts neither way.

    Example:
        >>> settle(["ship", "skip", "ship"]), settle(["ship", "skip"]), settle(["skip", None])
        ('ship', None, 'skip')
    """
    most = label(samples.count("ship"), samples.count("skip"))
    return None if most == "split" else most
