"""Plan: which reviews of a workspace would be asked for, and why; what that would cost, cause by cause."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..model import Prices, Store
from ..preflight import Preflight, foresee, is_held
from .reviews import Review

KINDS = ("missing", "failed", "stale")
"""The states of reviews that are asked for."""


@dataclass(frozen=True)
class Plan:
    """The reviews that a run would ask for."""

    reviews: tuple[Review, ...]
    held: frozenset[str]
    """Keys of those that the store answers: they cost nothing."""

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Tool and persona of each review, by their ids."""
        return frozenset((review.tool.id, review.persona.id) for review in self.reviews)

    @property
    def calls(self) -> int:
        """Calls to make, repeats after faults aside."""
        return sum(review.request.key not in self.held for review in self.reviews)

    def foresee(self, price: Prices | None = None) -> dict[str, Preflight]:
        """Say what each cause comes to, in calls, tokens and money; what the store holds is no call."""
        by_cause: dict[str, list[Review]] = {}
        for review in self.reviews:
            by_cause.setdefault(cause_of(review), []).append(review)
        asked = {
            cause: foresee(((r.request, "" if r.request.key in self.held else cause) for r in reviews), price)
            for cause, reviews in by_cause.items()
        }
        return {cause: found for cause, found in asked.items() if found.calls}


def make_plan(
    reviews: Iterable[Review],
    store: Store | None = None,
    *,
    only: Collection[str] = (),
    refresh: bool = False,
) -> Plan:
    """Choose the reviews to ask for.

    Args:
        reviews: the reviews of a workspace.
        store: where paid replies may be.
        only: of `KINDS`; all of them when empty.
        refresh: whether replies in the store are passed over.
    """
    chosen = tuple(r for r in reviews if r.is_asked_for and (not only or r.state in only))
    held = (r.request.key for r in chosen if store and not refresh and is_held(store, r.request, r.persona))
    return Plan(chosen, frozenset(held))


def cause_of(review: Review) -> str:
    """Say why a review is asked for: `missing`, `failed: timeout`, `stale: persona changed`."""
    reason = review.reason.partition(": ")[0]
    return f"{review.state}: {reason}" if reason else review.state
