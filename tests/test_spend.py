"""Spend: every call is counted, nothing unknown is called free, and no order of events crosses a limit."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire import TOOL, completion, request, respond, served

from panelsynth import review
from panelsynth.errors import TRIES, BudgetError, CallError, EndpointError, InputError, OutputError
from panelsynth.model import Endpoint, Prices, Spend, most_tokens
from panelsynth.model.spend import FREE
from panelsynth.request import OUTPUT_LIMIT, Request
from panelsynth.verdict import Usage

ASKED = request()
USAGE = Usage(input=1_000, output=900)


class Flat(Prices):
    """A dollar a million tokens in, two out, for models whose names begin with m."""

    def cost(self, model: str, usage: Usage, answered_at: str | None = None) -> Decimal | None:
        return self.worst(model, usage.input, usage.output)

    def worst(self, model: str, given: int, taken: int) -> Decimal | None:
        return Decimal(given + 2 * taken) / 10**6 if model.startswith("m") else None


FLAT = Flat(Endpoint("m-1", "https://models.test/v1"))
WORST = Decimal(most_tokens(ASKED) + 2 * OUTPUT_LIMIT) / 10**6
OPENAI = Prices(Endpoint("any", "https://api.openai.com/v1"))


def call(spend: Spend, *outcomes: Usage | CallError | None, asked: Request = ASKED) -> Spend:
    async def run() -> None:
        for outcome in outcomes:
            async with spend.reserved(asked) as bill:
                bill.settle(outcome)

    asyncio.run(run())
    return spend


def fail(spend: Spend, fault: BaseException) -> Spend:
    async def run() -> None:
        with contextlib.suppress(type(fault)):
            async with spend.reserved(ASKED):
                raise fault

    asyncio.run(run())
    return spend


def test_all_attempts_are_added_up() -> None:
    spend = call(Spend(price=FLAT), USAGE, CallError("cut", cause="truncated", usage=USAGE), USAGE)
    assert (spend.calls, spend.input, spend.output, spend.uncounted) == (3, 3_000, 2_700, 0)
    assert spend.usd == spend.usd_at_most == Decimal("0.0084")


@pytest.mark.parametrize("cause", sorted(TRIES))
def test_a_fault_without_a_count_is_free_where_there_was_no_reply_and_else_the_worst(cause: str) -> None:
    spend = call(Spend(price=FLAT), CallError("a fault", cause=cause))
    free = cause in {"rate-limited", "server-error", "request-refused"}
    assert spend.usd == 0
    assert spend.usd_at_most == (0 if free else WORST)
    assert spend.uncounted == (0 if free else 1)
    assert set(TRIES) >= FREE


def test_a_reply_without_a_count_is_taken_for_the_worst() -> None:
    spend = call(Spend(price=FLAT), None)
    assert (spend.usd_at_most, spend.uncounted) == (WORST, 1)


@pytest.mark.parametrize(
    ("fault", "cost"),
    [
        (EndpointError("no", cause="quota"), Decimal(0)),
        (CallError("lost", cause="connection-lost"), WORST),
        (asyncio.CancelledError(), WORST),
        (ZeroDivisionError(), WORST),
    ],
)
def test_a_call_that_nobody_settled_is_free_only_when_it_was_refused(fault: BaseException, cost: Decimal) -> None:
    assert fail(Spend(price=FLAT), fault).usd_at_most == cost


def test_what_happens_after_a_call_is_settled_changes_nothing() -> None:
    """A disk that is full when the reply is to be kept does not make it free."""

    async def run(spend: Spend) -> None:
        with contextlib.suppress(OutputError):
            async with spend.reserved(ASKED) as bill:
                bill.settle(USAGE)
                bill.settle(None)
                raise OutputError("the disk is full")

    spend = Spend(price=FLAT)
    asyncio.run(run(spend))
    assert spend.usd == Decimal("0.0028")


def test_more_room_reserves_more() -> None:
    roomy = ASKED.model_copy(update={"room": 4})
    worst = FLAT.worst("m-1", most_tokens(roomy), 4 * OUTPUT_LIMIT)
    assert call(Spend(price=FLAT), None, asked=roomy).usd_at_most == worst


@pytest.mark.parametrize("price", [None, Prices(Endpoint("m-1", "https://models.test/v1"))])
@pytest.mark.parametrize("outcome", [USAGE, None])
def test_an_unknown_price_is_none_and_never_0(price: Prices | None, outcome: Usage | None) -> None:
    spend = Spend(price=price)
    call(spend, outcome)
    assert spend.usd is None
    assert spend.usd_at_most is None


@pytest.mark.parametrize("price", [None, Prices(Endpoint("m-1", "https://models.test/v1"))])
def test_a_limit_of_money_is_refused_where_the_price_is_unknown(price: Prices | None) -> None:
    spend = Spend(max_usd=1, price=price)
    with pytest.raises(BudgetError, match="price of m-1 is unknown"):
        call(spend, USAGE)
    assert spend.calls == 0


@pytest.mark.parametrize("limit", [0, -1, float("nan"), float("inf")])
def test_a_limit_of_money_is_an_amount(limit: float) -> None:
    with pytest.raises(InputError, match="no limit of money"):
        Spend(max_usd=limit)


def test_the_refusal_says_what_is_spent_and_what_would_be_needed() -> None:
    spend = call(Spend(max_usd=float(WORST), price=FLAT), USAGE)
    needed = (
        f"acme/skeptic may cost up to ${WORST:.4f}, more than the limit of ${WORST} leaves:"
        " up to $0.0028 of it is spent, in 1 call"
    )
    with pytest.raises(BudgetError) as caught:
        call(spend, USAGE)
    assert caught.value.message == needed
    with pytest.raises(BudgetError, match="the limit of 1 call is reached, and acme/skeptic needs another"):
        call(Spend(max_calls=1), USAGE, USAGE)


def test_a_limit_of_money_keeps_the_limit_of_output_in_a_library_too() -> None:
    """A server that refuses every limit of output would be asked without one, and a reply would have no bound."""

    def handler(wire: httpx2.Request) -> httpx2.Response:
        if {"max_tokens", "max_completion_tokens"} & {*json.loads(wire.content)}:
            return respond(400, {"error": {"message": "max_completion_tokens and max_tokens are unknown"}})
        return respond(body=completion(usage={"prompt_tokens": 1_000, "completion_tokens": 10**6}))

    model, spend = served(handler), Spend(max_usd=0.1, price=FLAT)
    for limit in (None, spend):
        [panel] = review([TOOL], model=model, personas="skeptic", spend=limit)
    assert panel.missing[0].cause in {"request-refused", "server-error"}
    assert spend.usd == spend.usd_at_most == 0


def test_a_call_that_does_not_fit_waits_for_those_under_way() -> None:
    """Two at the worst do not fit, one after the other they do."""

    async def one(spend: Spend, begun: list[int]) -> None:
        async with spend.reserved(ASKED) as bill:
            begun.append(len(spend._under_way))
            await asyncio.sleep(0)
            bill.settle(USAGE)

    async def run() -> tuple[Spend, list[int]]:
        spend, begun = Spend(max_usd=WORST * Decimal("1.5"), price=FLAT), list[int]()
        await asyncio.gather(*(one(spend, begun) for _ in range(4)))
        return spend, begun

    spend, begun = asyncio.run(run())
    assert (spend.calls, begun) == (4, [1, 1, 1, 1])


def test_who_is_cancelled_while_waiting_holds_nobody_up() -> None:
    async def run() -> Spend:
        spend = Spend(max_calls=1)
        async with spend.reserved(ASKED) as bill:
            waiting = [asyncio.create_task(spend.reserved(ASKED).__aenter__()) for _ in range(2)]
            await asyncio.sleep(0)
            waiting[0].cancel()
            await asyncio.sleep(0)
            bill.settle(USAGE)
        with pytest.raises(BudgetError):
            await waiting[1]
        return spend

    assert asyncio.run(run()).calls == 1


Kind = Literal["counted", "uncounted", "timeout", "refused", "endpoint", "cancelled"]
STEP = st.tuples(
    st.sampled_from(["counted", "counted", "uncounted", "timeout", "refused", "endpoint", "cancelled"]),
    st.integers(0, most_tokens(ASKED)),
    st.integers(0, OUTPUT_LIMIT),
    st.integers(0, 3),
)


@given(
    st.lists(STEP, max_size=30),
    st.none() | st.integers(0, 20),
    st.none() | st.decimals("0.001", "0.3", places=4),
    st.integers(0, 10**6),
)
def test_no_limit_is_ever_crossed(
    steps: Sequence[tuple[Kind, int, int, int]], calls: int | None, usd: Decimal | None, seed: int
) -> None:
    """What the server could charge, added up by itself after each event, stays within; and every call ends."""
    spend, true, made = Spend(calls, usd, FLAT), Decimal(0), 0
    shuffle = random.Random(seed)  # noqa: S311

    async def one(kind: Kind, given: int, taken: int, pauses: int) -> None:
        nonlocal true, made
        with contextlib.suppress(BudgetError, EndpointError, CallError):
            async with spend.reserved(ASKED) as bill:
                made += 1
                if kind not in {"refused", "endpoint"}:
                    true += Decimal(given + 2 * taken) / 10**6  # it may charge whatever it says or does not say
                assert calls is None or made <= calls
                assert usd is None or true <= usd
                for _ in range(pauses):
                    await asyncio.sleep(0)
                if kind == "counted":
                    bill.settle(Usage(input=given, output=taken))
                elif kind == "uncounted":
                    bill.settle(None)
                elif kind == "refused":
                    bill.settle(CallError("wait", cause="rate-limited"))
                elif kind == "timeout":
                    raise CallError("late", cause="timeout")
                elif kind == "endpoint":
                    raise EndpointError("no", cause="quota")
                else:
                    asyncio.current_task().cancel()  # type: ignore[union-attr]
                    await asyncio.sleep(0)

    async def run() -> None:
        tasks = [asyncio.create_task(one(*step)) for step in shuffle.sample(steps, len(steps))]
        done, waiting = await asyncio.wait(tasks, timeout=30) if tasks else (set(), set())
        assert not waiting
        assert all(task.cancelled() or task.exception() is None for task in done)

    asyncio.run(run())
    assert spend.calls == made
    assert usd is None or true <= (spend.usd_at_most or 0) <= usd


def test_prices_are_of_the_server_that_is_asked() -> None:
    assert OPENAI.cost("gpt-5", Usage(input=10**6, output=0)) == Decimal("1.25")
    assert OPENAI.cost("no-such-model", USAGE) is None
    assert OPENAI.worst("no-such-model", 1, 1) is None
    assert Prices(Endpoint("gpt-5", "https://models.test/v1")).cost("gpt-5", USAGE) is None
    local = Prices(Endpoint("gpt-5", "http://127.0.0.1:8000/v1"))
    assert local.is_local
    assert local.cost("gpt-5", USAGE) == local.worst("gpt-5", 9, 9) == 0


def test_a_reply_from_the_store_costs_what_it_cost_when_it_was_born() -> None:
    """Pages are the same bytes tomorrow."""
    costs = {OPENAI.cost("gpt-6.1-terra", USAGE, "2026-11-23T10:00:00Z") for _ in range(2)}
    assert len(costs) == 1
    assert None not in costs


@given(st.integers(0, 10**6), st.integers(0, 10**5), st.sampled_from(["gpt-6.1-terra", "gpt-5", "gpt-4o-mini"]))
def test_the_worst_is_never_below_the_cost(given: int, taken: int, model: str) -> None:
    cost, worst = OPENAI.cost(model, Usage(input=given, output=taken)), OPENAI.worst(model, given, taken)
    assert cost is not None
    assert worst is not None
    assert cost <= worst


@given(st.text(max_size=200))
def test_no_tokenizer_makes_more_tokens_than_the_bound(text: str) -> None:
    """One token a byte is what a tokenizer falls back to for what it has never seen."""
    message = ASKED.messages[0].model_copy(update={"content": text})
    grown = ASKED.model_copy(update={"messages": (message, *ASKED.messages[1:])})
    assert most_tokens(grown) >= sum(len(m.content.encode()) for m in grown.messages)
