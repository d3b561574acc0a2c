"""Samples: several answers of one reviewer to one question become its one vote, by majority."""

from __future__ import annotations

from collections.abc import Sequence

from .shares import Vote


def settle(samples: Sequence[Vote | None]) -> Vote | None:
    """Give what most samples decided; None where they tie, and where none did.

    Args:
        samples: a decision per sample; None for one that failed, which counts neither way.

    Example:
        >>> settle(["ship", "skip", "ship"]), settle(["ship", "skip"]), settle(["skip", None])
        ('ship', None, 'skip')
    """
    ships, skips = samples.count("ship"), samples.count("skip")
    return None if ships == skips else "ship" if ships > skips else "skip"


def agreement(samples: Sequence[Vote | None], decision: Vote) -> str:
    """Write how consistent a reviewer was, with the denominator: `ship in 2 of 3 samples`; empty for one sample.

    Example:
        >>> agreement(["ship", None, "ship"], "ship")
        'ship in 2 of 2 samples, 1 failed'
    """
    if not samples:
        return ""
    failed = samples.count(None)
    given = len(samples) - failed
    lost = f", {failed} failed" if failed else ""
    return f"{decision} in {samples.count(decision)} of {given} sample{'' if given == 1 else 's'}{lost}"
