"""Calls and their gate: who waits for whom, what a cancelled run keeps, what comes from the store."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from panelsynth.errors import CallError, InputError
from panelsynth.model import Calls, Endpoint, Gate, Prices, Reply, Spend
from panelsynth.persona import read_personas
from panelsynth.prompting import ReviewTemplate, build_requests
from panelsynth.request import Request
from panelsynth.testing import ScriptedModel
from panelsynth.tool import Tool
from panelsynth.verdict import Usage

[SKEPTIC] = read_personas("skeptic")
ACME = Tool(id="acme", name="Acme", description="A linter for prose.")
[REQUEST] = build_requests(ACME, [SKEPTIC], model="any", template=ReviewTemplate.read())


@dataclass
class Shelf:
    """A store in memory."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def find(self, key: str) -> list[Reply]:
        return self.replies.get(key, [])

    async def keep(self, request: Request, reply: Reply) -> None:
        self.replies.setdefault(request.key, []).insert(0, reply)

    async def note_failure(self, request: Request, cause: str, message: str) -> None:
        self.failures.append(cause)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def timed(gate: Gate, begun: list[float], seconds: float = 0.0) -> None:
    async with gate.passed():
        begun.append(asyncio.get_running_loop().time())
        await asyncio.sleep(seconds)


def test_calls_of_one_key_begin_no_faster_than_the_rate() -> None:
    async def work() -> list[float]:
        begun = [asyncio.get_running_loop().time()]
        gate = Gate(8, rpm=60 / 0.02)
        await asyncio.gather(*(timed(gate, begun) for _ in range(6)))
        return begun

    start, *begun = run(work())
    assert all(time >= start + 0.02 * place - 0.001 for place, time in enumerate(begun))


@pytest.mark.parametrize("rpm", [-1.0, float("nan")])
def test_a_rate_that_is_none_is_refused(rpm: float) -> None:
    with pytest.raises(InputError, match="rpm"):
        Gate(1, rpm)


def test_one_request_to_wait_holds_back_its_own_call_a_second_in_a_row_all() -> None:
    async def work() -> list[float]:
        gate, started, delays = Gate(8), asyncio.get_running_loop().time(), []
        for said in (0.05, 0.05):
            gate.limited(said)
            begun: list[float] = []
            await timed(gate, begun)
            delays.append(begun[0] - started)
        return delays

    first, second = run(work())
    assert first < 0.05 <= second


def test_an_answer_between_two_requests_to_wait_keeps_the_gate_open() -> None:
    async def work() -> list[float]:
        gate, begun = Gate(1), list[float]()
        gate.limited(60)
        gate.answered()
        gate.limited(60)
        await asyncio.wait_for(timed(gate, begun), 5)
        return begun

    assert len(run(work())) == 1


def answered(calls: Calls) -> Any:
    return run(calls.answer(REQUEST, SKEPTIC.answer_type))


def test_a_reply_in_the_store_is_not_asked_for_again_unless_refreshed() -> None:
    shelf, model = Shelf(), ScriptedModel("ship")
    for refresh, asked in ((False, 1), (False, 1), (True, 2)):
        answered(Calls(model, Gate(1), store=shelf, refresh=refresh))
        assert len(model.requests) == asked


def test_a_stored_reply_that_cannot_be_read_is_asked_for_anew() -> None:
    shelf, model = Shelf(), ScriptedModel("ship")
    shelf.replies[REQUEST.key] = [Reply("no answer", "any", "2026-01-01T00:00:00Z")]
    answered(Calls(model, Gate(1), store=shelf))
    assert len(model.requests) == 1


def test_a_failure_is_noted_and_never_satisfies_a_resume() -> None:
    shelf = Shelf()
    with pytest.raises(CallError):
        answered(Calls(ScriptedModel("fail"), Gate(1), store=shelf))
    assert (shelf.failures, shelf.replies) == (["scripted"], {})
    assert answered(Calls(ScriptedModel("ship"), Gate(1), store=shelf))[1].decision == "ship"


@dataclass
class Slow(ScriptedModel):
    """A model that takes its time, and notes when it is cut short."""

    def __init__(self) -> None:
        super().__init__("ship")
        self.cut = False

    async def ask(self, request: Request) -> Reply:
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            self.cut = True
            raise
        return await super().ask(request)


@pytest.mark.parametrize("kept", [True, False])
def test_a_cancelled_run_keeps_the_reply_it_is_paying_for_where_there_is_a_store(kept: bool) -> None:
    shelf, model = Shelf(), Slow()

    async def work() -> None:
        task = asyncio.create_task(
            Calls(model, Gate(1), store=shelf if kept else None).answer(REQUEST, SKEPTIC.answer_type)
        )
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(work())
    assert (model.cut, REQUEST.key in shelf.replies) == (not kept, kept)


def test_a_reply_says_what_it_cost_where_a_price_is_known_and_the_store_keeps_that() -> None:
    """gpt-5 is 1.25 dollars a million in and 10 out; what was written by hand has cost nobody anything."""
    prices = Prices(Endpoint("gpt-5", "https://api.openai.com/v1"))
    request = REQUEST.model_copy(update={"model": "gpt-5"})
    live = replace(run(ScriptedModel("ship").ask(request)), usage=Usage(input=1000, output=900), source="live")

    class Told:
        name = "gpt-5"

        def __init__(self, reply: Reply) -> None:
            self.reply = reply

        async def ask(self, request: Request) -> Reply:
            return self.reply

    def cost(reply: Reply, spend: Spend) -> tuple[float | None, list[float | None]]:
        shelf: Any = Shelf()
        answered, _ = run(Calls(Told(reply), Gate(1), spend, store=shelf).answer(request, SKEPTIC.answer_type))
        return answered.cost_usd, [kept.cost_usd for kept in shelf.find(request.key)]

    assert cost(live, Spend(price=prices)) == (0.01025, [0.01025])
    assert cost(live, Spend()) == (None, [None])
    assert cost(replace(live, usage=None), Spend(price=prices)) == (None, [None])
    assert cost(replace(live, source="authored"), Spend(price=prices))[0] is None
