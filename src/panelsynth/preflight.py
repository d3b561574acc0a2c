"""Preflight: what a run would ask, why, and what it would cost; nobody is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from .errors import CallError
from .model import Prices, Store, count_tokens, most_tokens, read_answer
from .persona import Persona
from .prompting import ReviewTemplate, build_requests
from .request import OUTPUT_LIMIT, Request, canonical
from .tool import Tool
from .verdict import Usage

TYPICAL_OUTPUT = 900
"""Tokens of a usual review, without a reasoning model's thoughts."""


@dataclass
class Preflight:
    """What a run would come to: one call per review that the store does not hold, repeats after faults aside."""

    reviews: int = 0
    """Tools times personas, times samples where there are several."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Calls by why they must be made: `new`, `failed before`, `persona changed`, ..."""
    input: int = 0
    """Tokens to send."""
    is_exact: bool = True
    """Whether they were counted with a vocabulary, or estimated from bytes."""
    usd: Decimal | None = Decimal(0)
    """What the calls cost when replies are of usual length; None when a price is unknown."""
    most_usd: Decimal | None = Decimal(0)
    """What they cost when every reply takes its whole limit, and every byte of input is a token."""

    @property
    def calls(self) -> int:
        """Calls to make."""
        return self.reasons.total()

    @property
    def held(self) -> int:
        """Reviews that the store holds."""
        return self.reviews - self.calls

    @property
    def input_bounds(self) -> tuple[int, int]:
        """The fewest and the most tokens to send: an estimate from bytes is off by about 20% either way."""
        return (self.input, self.input) if self.is_exact else (self.input * 4 // 5, -(-self.input * 6 // 5))

    @property
    def output(self) -> int:
        """Tokens of that many usual reviews."""
        return self.calls * TYPICAL_OUTPUT

    @property
    def most_output(self) -> int:
        """Tokens that the replies cannot pass."""
        return self.calls * OUTPUT_LIMIT


def to_ask(
    tools: Iterable[Tool],
    personas: Sequence[Persona],
    *,
    model: str,
    template: ReviewTemplate,
    store: Store | None = None,
    refresh: bool = False,
    samples: int = 1,
) -> Iterator[tuple[Request, str]]:
    """Go through the reviews of a run, each with why it must be asked; an empty reason means that the store holds it.

    Args:
        tools: the tools.
        personas: the reviewers.
        model: the model's name, where a persona names none of its own.
        template: the review template.
        store: where replies may be; every review is new when None.
        refresh: whether replies in the store are passed over.
        samples: answers of each reviewer, which are as many calls.
    """
    systems = {persona.id: template.system(persona) for persona in personas}
    for tool in tools:
        requests = build_requests(tool, personas, model=model, template=template, systems=systems)
        for persona, first in zip(personas, requests, strict=True):
            for request in map(first.sampled, range(samples)):
                if store and is_held(store, request, persona):
                    yield request, "asked again" if refresh else ""
                else:
                    yield request, store.reason(request) if store else "new"


def foresee(reviews: Iterable[tuple[Request, str]], price: Prices | None = None) -> Preflight:
    """Add up what the reviews of `to_ask` come to, in calls, tokens and money."""
    found = Preflight()
    count = lru_cache(256)(lambda text: count_tokens([text]))  # reviews of a persona share its message and schema
    for request, reason in reviews:
        found.reviews += 1
        if not reason:
            continue
        found.reasons[reason] += 1
        texts = [message.content for message in request.messages] + [canonical(request.answer_schema)]
        given, found.is_exact = sum(count(text)[0] for text in texts), count(texts[0])[1]
        found.input += given
        usual = price.cost(request.model, Usage(input=given, output=TYPICAL_OUTPUT)) if price else None
        most = price.worst(request.model, most_tokens(request), OUTPUT_LIMIT) if price else None
        found.usd = None if usual is None or found.usd is None else found.usd + usual
        found.most_usd = None if most is None or found.most_usd is None else found.most_usd + most
    return found


def combine(parts: Iterable[Preflight]) -> Preflight:
    """Add up several preflights."""
    whole = Preflight()
    for part in parts:
        whole.reviews += part.reviews
        whole.reasons += part.reasons
        whole.input += part.input
        whole.is_exact = whole.is_exact and part.is_exact
        whole.usd = None if whole.usd is None or part.usd is None else whole.usd + part.usd
        whole.most_usd = None if whole.most_usd is None or part.most_usd is None else whole.most_usd + part.most_usd
    return whole


def is_held(store: Store, request: Request, persona: Persona) -> bool:
    """Tell whether a reply in the store still reads as an answer."""
    for reply in store.find(request.key):
        try:
            read_answer(request, reply.text, persona.answer_type)
        except CallError:
            continue
        return True
    return False
