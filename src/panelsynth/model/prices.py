"""Prices: what a server's models charge, as genai-prices' own data say; nothing is looked up on the network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ..verdict import Usage
from .endpoint import Endpoint

if TYPE_CHECKING:
    from genai_prices.types import ModelPrice


class Prices:
    """What calls to one server cost in US dollars; None where nobody knows, 0 on this machine.

    Args:
        endpoint: the server; its models are known by the names they are asked for.

    Example:
        >>> Prices(Endpoint("any", "http://127.0.0.1:8000/v1")).cost("any", Usage(input=900, output=900))
        Decimal('0')
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.is_local = endpoint.is_local
        """Whether the server runs on this machine: no charge."""
        self._url = endpoint.base_url
        self._known: dict[str, tuple[ModelPrice, ...]] = {}

    def cost(self, model: str, usage: Usage, answered_at: str | None = None) -> Decimal | None:
        """Price a reply by the list, without discounts for caching.

        Args:
            model: the name it was asked by.
            usage: its tokens.
            answered_at: when it was born, `2026-11-23T10:00:00Z`; now when None.
        """
        if self.is_local:
            return Decimal(0)
        at = datetime.fromisoformat(answered_at) if answered_at else datetime.now(UTC)
        price = self._price(model, at)
        return None if price is None else _total(price, usage.input, usage.output)

    def worst(self, model: str, given: int, taken: int) -> Decimal | None:
        """Price so many tokens at the dearest rates of the coming day, all of the input written to a cache."""
        if self.is_local:
            return Decimal(0)
        if model not in self._known:
            now = datetime.now(UTC)
            prices = {id(p): p for hour in range(25) if (p := self._price(model, now + timedelta(hours=hour)))}
            self._known[model] = tuple(prices.values())
        totals = [_total(price, given, taken, cached=cached) for price in self._known[model] for cached in (0, given)]
        return max(totals, default=None)

    def _price(self, model: str, at: datetime, context: dict[str, str] | None = None) -> ModelPrice | None:
        from genai_prices import Usage as Tokens
        from genai_prices import calc_price

        try:
            tokens = Tokens(input_tokens=0, output_tokens=0)
            price = calc_price(
                tokens, model, provider_api_url=self._url, genai_request_timestamp=at, price_context=context
            ).model_price
        except LookupError:
            return None
        return None if price.input_mtok is None or price.output_mtok is None else price


class BatchPrices(Prices):
    """What the same calls cost by a batch: the listed batch rate, or half price where none is listed."""

    def cost(self, model: str, usage: Usage, answered_at: str | None = None) -> Decimal | None:
        """Price a reply that came by a batch; see `Prices.cost`."""
        whole = super().cost(model, usage, answered_at)
        at = datetime.fromisoformat(answered_at) if answered_at else datetime.now(UTC)
        listed = None if self.is_local else self._price(model, at, {"processing": "batch"})
        if not whole or listed is None:
            return whole
        reduced = _total(listed, usage.input, usage.output)
        return reduced if reduced < whole else whole / 2  # OpenAI and most others publish half


def _total(price: ModelPrice, given: int, taken: int, *, cached: int = 0) -> Decimal:
    from genai_prices import Usage as Tokens

    tokens = Tokens(input_tokens=given, cache_write_tokens=cached, output_tokens=taken)
    return price.calc_price(tokens)["total_price"]
