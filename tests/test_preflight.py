"""Preflight: what would be asked, why, and for how much, is said before anybody is asked, and bounds the bill."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire import answer, demo_tools

from panelsynth import Request
from panelsynth.model import Endpoint, Prices, Reply, Spend, Store
from panelsynth.persona import read_personas
from panelsynth.preflight import TYPICAL_OUTPUT, Preflight, foresee, to_ask
from panelsynth.prompting import ReviewTemplate
from panelsynth.request import OUTPUT_LIMIT
from panelsynth.verdict import Usage

TOOLS, PERSONAS, TEMPLATE = demo_tools(), read_personas(None), ReviewTemplate.read()
OPENAI = Prices(Endpoint("any", "https://api.openai.com/v1"))


def reviews(store: Store | None = None, *, model: str = "gpt-5", refresh: bool = False) -> list[tuple[Request, str]]:
    return [*to_ask(TOOLS, PERSONAS, model=model, template=TEMPLATE, store=store, refresh=refresh)]


def reply(text: str) -> Reply:
    return Reply(text, "gpt-5", "2026-11-23T10:00:00Z")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def fill(store: Store, count: int) -> None:
    """Put answers to the first so many reviews in the store."""
    for request, _ in reviews()[:count]:
        persona = request.label.split("/")[1]
        asyncio.run(store.keep(request, reply(json.dumps(answer(persona=persona)))))


def test_without_a_store_everything_is_new() -> None:
    found = foresee(reviews())
    assert (found.reviews, found.held, found.calls, found.reasons) == (8, 0, 8, {"new": 8})


def test_what_the_store_holds_costs_nothing_and_the_rest_says_why(store: Store) -> None:
    with store:
        fill(store, 6)
        asyncio.run(store.note_failure(reviews()[6][0], "timeout", "late"))
        found = foresee(reviews(store), OPENAI)
        assert (found.held, found.reasons) == (6, {"failed before": 1, "new": 1})
        assert foresee(reviews(store, model="gpt-4o")).reasons == {"model changed": 6, "new": 2}
        assert foresee(reviews(store, refresh=True)).reasons == {"asked again": 6, "failed before": 1, "new": 1}
        fill(store, 8)
        assert foresee(reviews(store), OPENAI) == Preflight(reviews=8)


def test_a_reply_that_a_stricter_reader_refuses_is_not_held(store: Store) -> None:
    with store:
        asyncio.run(store.keep(reviews()[0][0], reply("no JSON")))
        assert foresee(reviews(store)).held == 0


def test_an_estimate_says_so_and_an_unknown_price_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    found = foresee(reviews(model="no-such-model"), OPENAI)
    low, high = found.input_bounds
    assert not found.is_exact
    assert low < found.input < high
    assert (found.usd, found.most_usd) == (None, None)
    assert foresee(reviews()).usd is None
    monkeypatch.setattr("panelsynth.preflight.count_tokens", lambda _: (7, True))
    exact = foresee(reviews())
    assert exact.is_exact
    assert exact.input_bounds == (exact.input, exact.input) == (168, 168)


def test_a_local_server_is_no_charge() -> None:
    local = foresee(reviews(), Prices(Endpoint("any", "http://127.0.0.1:1/v1")))
    assert local.usd == local.most_usd == 0


def test_usual_and_most_output_are_of_one_call_a_review() -> None:
    found = foresee(reviews())
    assert (found.output, found.most_output) == (8 * TYPICAL_OUTPUT, 8 * OUTPUT_LIMIT)


@given(
    st.lists(st.integers(0, OUTPUT_LIMIT), min_size=8, max_size=8), st.lists(st.floats(0, 1), min_size=8, max_size=8)
)
def test_the_bill_never_passes_what_was_foreseen(taken: list[int], share: list[float]) -> None:
    """Whatever a server counts of what it is sent, however long the replies are; a cap of that much stops nobody."""
    found = foresee(reviews(), OPENAI)
    assert found.usd is not None
    assert found.most_usd is not None
    spend = Spend(max_calls=found.calls, max_usd=found.most_usd, price=OPENAI)

    async def run() -> None:
        for (request, _), output, part in zip(reviews(), taken, share, strict=True):
            given = int(part * len("".join(m.content for m in request.messages).encode()))
            async with spend.reserved(request) as bill:
                bill.settle(Usage(input=given, output=output))

    asyncio.run(run())
    assert spend.usd is not None
    assert Decimal(0) <= spend.usd <= found.most_usd
    assert found.usd <= found.most_usd
