"""What a run would cost and what it has cost, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ..model import Prices, Spend
from ..preflight import combine

if TYPE_CHECKING:
    from ..preflight import Preflight


def foreseen(found: Preflight, *, model: str, place: str, price: Prices) -> str:
    """Write a preflight as the five lines of a dry run.

    Args:
        found: the preflight.
        model: the name of the model.
        place: the store's file, or why there is none.
        price: what the server charges.
    """
    reviews = f"{found.reviews} by {model}, {found.held} of them held by the store ({place})"
    if not found.calls:
        return f"reviews  {reviews}\ncalls    0, no charge"
    least, most = found.input_bounds
    given = f"{found.input:,} tokens (by tiktoken's vocabulary of OpenAI's models)"
    if not found.is_exact:
        given = f"about {found.input:,} tokens (estimated as bytes / 4: {least:,} to {most:,})"
    lines = {
        "reviews": reviews,
        "calls": f"{found.calls}{_in_brackets(found.reasons)}",
        "input": given,
        "output": f"about {found.output:,} tokens, at most {found.most_output:,}",
        "cost": _estimate(found, model, price),
    }
    return "\n".join(f"{name:8} {line}" for name, line in lines.items())


def by_cause(found: Mapping[str, Preflight], held: int, *, model: str, price: Prices) -> str:
    """Write what the reviews of a workspace would cost: a line per cause, what the store answers, and the sum.

    Args:
        found: what each cause comes to.
        held: reviews that the store answers.
        model: the name of the model.
        price: what the server charges.
    """
    lines = [f"{_calls(part.calls)}: {cause}, {_usual(part, model, price)}" for cause, part in found.items()]
    if held:
        lines.append(f"0 calls: {held:,} from the store, no charge")
    if found:
        whole = combine(found.values())
        lines.append(f"{_calls(whole.calls)} in all, {_estimate(whole, model, price)}")
    return "\n".join(lines)


def question(found: Mapping[str, Preflight], *, model: str, price: Prices) -> str:
    """Put the question that is asked before a run: `Ask 12 calls for about $0.0400?`."""
    whole = combine(found.values())
    cost = _usual(whole, model, price)
    return (
        f"Ask {_calls(whole.calls)} for {cost}?" if cost.startswith("about") else f"Ask {_calls(whole.calls)} ({cost})?"
    )


def _usual(found: Preflight, model: str, price: Prices) -> str:
    if price.is_local:
        return "local, no charge"
    return f"price of {model} unknown" if found.usd is None else f"about {dollars(found.usd)}"


def too_tight(found: Preflight, *, max_calls: int | None, max_usd: float | None) -> Iterator[str]:
    """Say which limits may end the run before all reviews are in."""
    if max_calls is not None and found.calls > max_calls:
        yield f"limit    {_calls(max_calls)}: the run would stop there"
    if max_usd is not None and found.most_usd is not None and found.most_usd > Decimal(str(max_usd)):
        yield f"limit    ${max_usd:g} is less than it may cost at most: the run may stop before its end"


def held(reasons: Mapping[str, int], reviews: int) -> str:
    """Say what of a run is in the store, and why the rest is asked for."""
    calls = sum(reasons.values())
    asked = f"; {calls} to ask{_in_brackets(reasons)}" if calls else "; nothing to ask"
    return f"{reviews - calls} of {reviews} reviews are in the store{asked}"


def came_to(spend: Spend, model: str) -> str:
    """Say what a run has cost, all attempts counted."""
    if not spend.calls:
        return "no call was made"
    tokens = f"{spend.input:,} tokens in, {spend.output:,} out"
    uncounted = f" ({_calls(spend.uncounted)} without a count)" if spend.uncounted else ""
    return f"{_calls(spend.calls)}, {tokens}{uncounted}, {_cost(spend, model)}"


def _cost(spend: Spend, model: str) -> str:
    if spend.price and spend.price.is_local:
        return "local, no charge"
    if spend.usd is None or spend.usd_at_most is None:
        return f"price of {model} unknown"
    if spend.uncounted:
        return f"{dollars(spend.usd)} counted, at most {dollars(spend.usd_at_most)} in all"
    return dollars(spend.usd)


def _estimate(found: Preflight, model: str, price: Prices) -> str:
    if price.is_local:
        return "local, no charge"
    if found.usd is None or found.most_usd is None:
        return f"price of {model} unknown"
    return f"about {dollars(found.usd)}, at most {dollars(found.most_usd)}; repeats after faults come on top"


def dollars(amount: Decimal) -> str:
    """Write US dollars to a hundredth of a cent."""
    return f"${amount:,.4f}"


def _calls(count: int) -> str:
    return f"{count:,} call{'' if count == 1 else 's'}"


def _in_brackets(reasons: Mapping[str, int]) -> str:
    return f" ({', '.join(f'{count} {reason}' for reason, count in sorted(reasons.items()))})" if reasons else ""
