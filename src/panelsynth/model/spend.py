"""Spend: what calls have cost, and limits that cannot be crossed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from ..errors import BudgetError, CallError, InputError, PanelsynthError
from ..request import OUTPUT_LIMIT, Request
from ..verdict import Usage
from .prices import Prices
from .tokens import most_tokens

FREE = frozenset({"rate-limited", "server-error", "request-refused"})
"""Causes of a call that brought no reply: nobody charges for them."""


@dataclass(eq=False)
class Bill:
    """What one call is reserved at, and what it came to."""

    model: str
    worst: Decimal | None
    """US dollars that the call can cost at most; None when no price is known."""
    closed: Callable[[Bill, Usage | None, bool], None]
    """Called once, with the tokens counted, and whether a call without a count was free."""
    is_open: bool = True
    usd: Decimal | None = None
    """What the tokens counted have cost; None before, and where count or price is unknown."""

    def settle(self, outcome: Usage | CallError | None) -> None:
        """Note what the call cost: a count of tokens, a fault, or nothing that the server would say.

        A fault without a count is free where there was no reply, else the worst that it can be.
        """
        usage = outcome.usage if isinstance(outcome, CallError) else outcome
        self.close(usage, free=isinstance(outcome, CallError) and outcome.cause in FREE)

    def close(self, usage: Usage | None = None, *, free: bool = False) -> None:
        """End the reservation; a second word on the same call is not heard."""
        if self.is_open:
            self.is_open = False
            self.closed(self, usage, free)


class Spend:
    """Calls and tokens of a run, all attempts counted, within limits.

    Args:
        max_calls: calls that may be made.
        max_usd: US dollars that may be spent.
        price: what the server charges; needed for `max_usd`.

    Example:
        >>> Spend(max_calls=100).calls
        0
    """

    def __init__(
        self, max_calls: int | None = None, max_usd: float | Decimal | None = None, price: Prices | None = None
    ) -> None:
        self.price = price
        self.max_calls = max_calls
        self.max_usd = None if max_usd is None else Decimal(str(max_usd))
        if self.max_usd is not None and not (self.max_usd.is_finite() and self.max_usd > 0):
            raise InputError(f"${max_usd} is no limit of money", remedy="Name more than 0, or no limit.")
        self.calls = 0
        """Calls begun."""
        self.input = 0
        """Tokens sent, as the server counted."""
        self.output = 0
        """Tokens answered, likewise."""
        self.uncounted = 0
        """Calls that may have cost something, and nobody said how much."""
        self._priced: Decimal | None = Decimal(0)
        self._worst = Decimal(0)
        self._under_way: set[Bill] = set()
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def usd(self) -> Decimal | None:
        """US dollars for the tokens counted; None when a price is unknown."""
        return self._priced

    @property
    def usd_at_most(self) -> Decimal | None:
        """The same at the dearest rates, calls without a count at the worst they can be: what the limit is held to."""
        return None if self._priced is None else self._worst

    def require_prices(self, models: Iterable[str]) -> None:
        """Refuse a limit of money where the price of a model is unknown.

        Raises:
            BudgetError: nothing was sent.
        """
        for model in models if self.max_usd is not None else ():
            if self.price is None or self.price.worst(model, 0, 0) is None:
                remedy = (
                    "Leave the limit of money out and limit the calls instead, or ask a model whose price is known."
                )
                raise BudgetError(
                    f"the price of {model} is unknown, so ${self.max_usd} cannot be kept to", remedy=remedy
                )

    @asynccontextmanager
    async def reserved(self, request: Request) -> AsyncIterator[Bill]:
        """Reserve the worst that a call can cost, once it fits; the limits cannot be crossed.

        Raises:
            BudgetError: it cannot fit any more, whatever the calls under way turn out to cost.
        """
        self.require_prices([request.model])
        worst = (
            self.price.worst(request.model, most_tokens(request), OUTPUT_LIMIT * request.room) if self.price else None
        )
        bill = Bill(request.model, worst, self._close)
        while fault := self._misfit(bill, request):
            if not self._under_way:
                remedy = "Raise the limit and repeat the command; what the store holds is not asked for again."
                raise BudgetError(fault, remedy=remedy)
            settled = asyncio.get_running_loop().create_future()
            self._waiting.append(settled)
            await settled
        self.calls += 1
        self._under_way.add(bill)
        try:
            yield bill
        except PanelsynthError as exc:
            bill.close(free=not isinstance(exc, CallError))
            raise
        finally:
            bill.close()

    def take_in(self, model: str, usage: Usage | None) -> None:
        """Count a reply that another process has paid for."""
        worst = None if self.price is None else self.price.worst(model, 0, OUTPUT_LIMIT)
        Bill(model, worst, self._close).close(usage)

    def _misfit(self, bill: Bill, request: Request) -> str:
        """Say which limit a call would cross; nothing when it fits."""
        review = "/".join(request.label.split("/")[:2]) or "a review"
        if self.max_calls is not None and self.calls >= self.max_calls:
            calls = f"{self.max_calls} call{'' if self.max_calls == 1 else 's'}"
            return f"the limit of {calls} is reached, and {review} needs another"
        if self.max_usd is None or bill.worst is None:
            return ""
        reserved = sum((b.worst for b in self._under_way if b.worst is not None), self._worst)
        if reserved + bill.worst <= self.max_usd:
            return ""
        return (
            f"{review} may cost up to ${bill.worst:.4f}, more than the limit of ${self.max_usd.normalize():f} leaves:"
            f" up to ${self._worst:.4f} of it is spent, in {self.calls} call{'' if self.calls == 1 else 's'}"
        )

    def _close(self, bill: Bill, usage: Usage | None, free: bool) -> None:  # noqa: FBT001 - called by the bill alone
        """Put a call's cost in place of what was reserved for it, and let the others look again."""
        self._under_way.discard(bill)
        if usage:
            self.input += usage.input
            self.output += usage.output
            bill.usd = cost = self.price.cost(bill.model, usage) if self.price else None
            self._priced = None if cost is None or self._priced is None else self._priced + cost
            self._worst += (self.price.worst(bill.model, usage.input, usage.output) if self.price else None) or 0
        elif not free:
            self.uncounted += 1
            self._priced = None if bill.worst is None else self._priced
            self._worst += bill.worst or 0
        waiting, self._waiting = self._waiting, []
        for settled in waiting:
            if not settled.done():
                settled.set_result(None)
