"""Plan: which reviews of a workspace would be asked for, and why; what that would cost, cause by cause."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from ..model import Prices, Store
from ..preflight import Preflight, foresee, is_held
from ..request import Request
from .reviews import Review

KINDS = ("missing", "failed", "stale")
"""The states of reviews that are asked for."""


@dataclass(frozen=True)
class Plan:
    """The reviews that a run would ask for."""

    reviews: tuple[Review, ...]
    held: frozenset[str]
    """Keys of those that the store answers: they cost nothing."""
    samples: int = 1
    """Answers of each reviewer."""

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Tool and persona of each review, by their ids."""
        return frozenset((review.tool.id, review.persona.id) for review in self.reviews)

    @property
    def calls(self) -> int:
        """Calls to make, repeats after faults aside."""
        return sum(request.key not in self.held for review in self.reviews for request in self.requests(review))

    def requests(self, review: Review) -> Iterator[Request]:
        """Give what one review asks: a request per sample."""
        return map(review.request.sampled, range(self.samples))

    def foresee(self, price: Prices | None = None) -> dict[str, Preflight]:
        """Say what each cause comes to, in calls, tokens and money; what the store holds is no call."""
        by_cause: dict[str, list[Review]] = {}
        for review in self.reviews:
            by_cause.setdefault(cause_of(review), []).append(review)
        asked = {
            cause: foresee(
                (
                    (request, "" if request.key in self.held else cause)
                    for review in reviews
                    for request in self.requests(review)
                ),
                price,
            )
            for cause, reviews in by_cause.items()
        }
        return {cause: found for cause, found in asked.items() if found.calls}


def make_plan(
    reviews: Iterable[Review],
    store: Store | None = None,
    *,
    only: Collection[str] = (),
    refresh: bool = False,
    samples: int = 1,
) -> Plan:
    """Choose the reviews to ask for.

    Args:
        reviews: the reviews of a workspace.
        store: where paid replies may be.
        only: of `KINDS`; all of them when empty.
        refresh: whether replies in the store are passed over.
        samples: answers of each reviewer.
    """
    chosen = tuple(r for r in reviews if r.is_asked_for and (not only or r.state in only))
    plan = Plan(chosen, frozenset(), samples)
    if not store or refresh:
        return plan
    asked = ((request, review.persona) for review in chosen for request in plan.requests(review))
    return replace(plan, held=frozenset(request.key for request, persona in asked if is_held(store, request, persona)))


def cause_of(review: Review) -> str:
    """Say why a review is asked for: `missing`, `failed: timeout`, `stale: persona changed`."""
    reason = review.reason.partition(": ")[0]
    return f"{review.state}: {reason}" if reason else review.state
