"""Import: results become replies in the store, or failures with a cause; nothing is guessed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ..errors import CallError
from ..model import Prices, Reply, Store, parse_answer
from ..persona import Persona
from ..preflight import is_held
from ..request import Request
from .manifest import Manifest, what_changed
from .results import Results, read_reply

_AT_ONCE = 256
"""Rows that go to the disk in one transaction."""

Reviews = Callable[[], Iterable[tuple[Request, Persona]]]
"""Today's requests, as often as they are gone through."""


@dataclass
class Imported:
    """What became of the results."""

    reviews: int = 0
    """Today's reviews."""
    missing: int = 0
    """Those that the store does not answer now."""
    accepted: int = 0
    """Results that are in the store now and were not before."""
    known: int = 0
    """Results whose reply the store held already, or whose review was answered since."""
    failed: Counter[str] = field(default_factory=Counter)
    """Results without a usable reply, by cause."""
    failures: list[str] = field(default_factory=list)
    """The same, each with its review and the reason."""
    differing: list[str] = field(default_factory=list)
    """Reviews with another reply beside the one that stands."""
    stale: list[str] = field(default_factory=list)
    """Results of requests that are no longer asked so, each with what has changed."""
    strangers: list[str] = field(default_factory=list)
    """Ids that no export knows."""
    usd: Decimal | None = Decimal(0)
    """What the replies that came in now have cost, at batch rates; None when a price is unknown."""


@dataclass
class _Outcome:
    """What the lines of one request come to."""

    usable: list[Reply] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    spoilt: list[Reply] = field(default_factory=list)
    """Replies that came and cannot be used."""


def bring_in(
    results: Results, reviews: Reviews, store: Store, *, price: Prices, manifest: Manifest | None = None
) -> Imported:
    """Put results into the store; what the store answers already stays as it is.

    Of several usable replies to one request the earliest stands, whatever the order of lines: no vote is chosen.

    Args:
        results: what came back.
        reviews: today's requests.
        store: where replies go.
        price: what the server charges.
        manifest: what the export asked; without it a stale id is a stranger.
    """
    found = Imported(strangers=[*results.strangers])
    seen = asyncio.run(_go_through(results, reviews, store, price, found))
    rest = results.keys - seen
    was = manifest.find(rest) if manifest and rest else {}
    labels = {one["label"] for one in was.values()}
    today = {request.label: request for request, _ in reviews() if request.label in labels} if labels else {}
    found.stale = sorted(f"{one['label']}: {what_changed(one, today.get(one['label']))}" for one in was.values())
    found.strangers += sorted(rest - {*was})
    return found


async def _go_through(results: Results, reviews: Reviews, store: Store, price: Prices, found: Imported) -> set[str]:
    """Take each of today's requests to its lines; return the keys that had some."""
    seen: set[str] = set()
    answered: dict[str, bool] = {}
    keys = results.keys
    writes: list[Coroutine[object, object, None]] = []
    try:
        for request, persona in reviews():
            found.reviews += 1
            key = request.key
            if key in seen:  # tools that are told alike share a line
                found.missing += not answered[key]
                continue
            held = is_held(store, request, persona)
            if key in keys:
                seen.add(key)
                outcome = _judge(request, persona, results.find(key))
                writes += _settle(request, outcome, store, price, found, held=held)
                held = answered[key] = held or bool(outcome.usable)
            found.missing += not held
            if len(writes) >= _AT_ONCE:
                ready, writes = writes, []
                await asyncio.gather(*ready)
    finally:
        await asyncio.gather(*writes)
    return seen


def _judge(request: Request, persona: Persona, lines: list[dict[str, object]]) -> _Outcome:
    """Read every line of a request as a live call's reply is read."""
    outcome = _Outcome()
    for data in lines:
        reply = None
        try:
            reply = read_reply(data, request.model)
            parse_answer(reply.text, persona.answer_type)
        except CallError as exc:
            outcome.faults.append((exc.cause, exc.message))
            outcome.spoilt += [reply] if reply else []
        else:
            outcome.usable.append(reply)
    outcome.usable.sort(key=lambda reply: (reply.answered_at, reply.text, reply.answered_by))
    outcome.faults.sort()
    return outcome


def _settle(
    request: Request, outcome: _Outcome, store: Store, price: Prices, found: Imported, *, held: bool
) -> list[Coroutine[object, object, None]]:
    """Count an outcome, and return what is to be written of it."""
    kept = {reply.text for reply in store.find(request.key)}
    texts = {reply.text for reply in outcome.usable}
    if held or texts:
        stands = kept if held else {outcome.usable[0].text}
        if texts - stands:
            found.differing.append(request.label)
        if held:
            found.known += not texts - stands
            return []
        found.accepted += 1
        return [store.keep(request, _priced(outcome.usable[0], request, price, found))]
    cause, message = outcome.faults[0]
    found.failed[cause] += 1
    found.failures.append(f"{request.label}: {cause}: {message}")
    fresh = {reply.text: reply for reply in outcome.spoilt if reply.text not in kept}
    writes = [store.keep(request, _priced(reply, request, price, found)) for reply in fresh.values()]
    if store.failure(request.key) != (cause, message):
        writes.append(store.note_failure(request, cause, message))
    return writes


def _priced(reply: Reply, request: Request, price: Prices, found: Imported) -> Reply:
    """Note what a reply has cost at batch rates."""
    usd = price.cost(request.model, reply.usage, reply.answered_at) if reply.usage else None
    found.usd = None if usd is None or found.usd is None else found.usd + usd
    return reply if usd is None else replace(reply, cost_usd=float(usd))
