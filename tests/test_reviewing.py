from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire import DEMO, TOOL, URL, answer, completion, demo_tools, request, respond, served

import panelsynth as ps
from panelsynth.errors import TRIES, CallError, EndpointError, InputError, RecordingError
from panelsynth.model import RecordedModel
from panelsynth.persona import SHIPPED, read_personas
from panelsynth.request import OUTPUT_LIMIT
from panelsynth.testing import ScriptedModel


def tools(count: int) -> list[ps.Tool]:
    return [ps.Tool(id=f"tool-{n}", name=f"Tool {n}", description=f"A linter, number {n}.") for n in range(count)]


class Slow:
    """A model that notes how many calls are under way, and answers each when its time has come."""

    name = "slow"

    def __init__(self, seconds: Callable[[ps.Request], float] = lambda _: 0.001) -> None:
        self.seconds = seconds
        self.inner = ScriptedModel("ship")
        self.now = self.most = self.cancelled = 0

    async def ask(self, request: ps.Request) -> ps.Reply:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(self.seconds(request))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.now -= 1
        return await self.inner.ask(request)


# Panels


def test_panels_come_in_the_order_of_the_tools_whichever_is_ready_first() -> None:
    model = Slow(lambda asked: 0.02 if asked.label.startswith("tool-0/") else 0)
    assert [panel.tool.id for panel in ps.review(tools(4), model=model)] == [f"tool-{n}" for n in range(4)]


def test_a_verdict_is_signed_by_code() -> None:
    model = ScriptedModel("ship")
    [panel] = ps.review([TOOL], model=model, personas="skeptic")
    signed = panel.verdicts[0].provenance
    assert (panel.verdicts[0].reviewer, panel.verdicts[0].title) == ("skeptic", "Skeptic")
    assert (signed.key, signed.model, signed.source) == (model.requests[0].key, "authored", "authored")


@given(st.permutations(SHIPPED))
def test_the_order_of_reviewers_changes_no_number(order: list[str]) -> None:
    script = {"developer": "ship", "skeptic": "skip", "futurist": "ship", "business": "fail"}
    [panel] = ps.review([TOOL], model=ScriptedModel(script), personas=order)
    [usual] = ps.review([TOOL], model=ScriptedModel(script))
    assert panel.tally == usual.tally
    assert [verdict.reviewer for verdict in panel.verdicts] == [name for name in order if name != "business"]


def test_no_tools_are_no_panels_and_no_calls() -> None:
    model = ScriptedModel("ship")
    assert ps.review([], model=model) == []
    assert model.requests == []


def test_a_tool_given_twice_is_refused_before_any_call() -> None:
    model = ScriptedModel("ship")
    with pytest.raises(InputError, match="'acme' is given twice"):
        ps.review([TOOL, TOOL], model=model)
    assert model.requests == []


def test_a_persona_with_a_model_of_its_own_is_asked_through_that() -> None:
    own = read_personas("skeptic")[0].model_copy(update={"model": "m-own"})
    seen: dict[str, str] = {}

    def handler(wire: httpx2.Request) -> httpx2.Response:
        persona = wire.headers["x-panelsynth-label"].split("/")[1]
        seen[persona] = json.loads(wire.content)["model"]
        return respond(body=completion(json.dumps(answer(persona=persona))))

    [panel] = ps.review([TOOL], model=served(handler), personas=[own, "business"])
    assert seen == {"skeptic": "m-own", "business": "m-1"}
    assert [verdict.provenance.model for verdict in panel.verdicts] == ["m-own", "m-1"]


# Faults


def test_one_failed_reviewer_is_shown_with_its_cause_and_the_others_count() -> None:
    [panel] = ps.review([TOOL], model=ScriptedModel("ship fail skip ship"))
    assert (panel.tally.voted, panel.tally.percent) == (3, 67)
    assert [(gone.reviewer, gone.state, gone.cause) for gone in panel.missing] == [("skeptic", "failed", "scripted")]


def test_a_fatal_error_carries_the_panels_finished_so_far() -> None:
    class Dying(Slow):
        async def ask(self, request: ps.Request) -> ps.Reply:
            if request.label.startswith("tool-2/skeptic"):
                raise EndpointError("no more", cause="quota")
            return await super().ask(request)

    with pytest.raises(EndpointError, match="no more") as caught:
        ps.review(tools(6), model=Dying(), in_flight=1)
    assert [panel.tool.id for panel in caught.value.panels] == ["tool-0", "tool-1"]


def test_panels_that_finish_together_with_a_fatal_error_are_carried_too() -> None:
    script = {"tool-3": EndpointError("no more", cause="quota")} | {f"tool-{n}": "ship" for n in (0, 1, 2, 4, 5)}
    with pytest.raises(EndpointError) as caught:
        ps.review(tools(6), model=ScriptedModel(script), personas="skeptic")
    assert sorted(panel.tool.id for panel in caught.value.panels) == [f"tool-{n}" for n in (0, 1, 2, 4, 5)]


def test_a_fatal_error_cancels_the_calls_under_way() -> None:
    class Dying(Slow):
        async def ask(self, request: ps.Request) -> ps.Reply:
            if request.label.startswith("tool-1/skeptic"):
                await asyncio.sleep(0.01)
                raise EndpointError("no more", cause="quota")
            return await super().ask(request)

    model = Dying(lambda _: 30)
    with pytest.raises(EndpointError):
        ps.review(tools(2), model=model)
    assert (model.cancelled, model.now) == (7, 0)


def test_a_hostile_message_of_a_model_becomes_a_plain_line() -> None:
    class Rude:
        name = "rude"

        async def ask(self, request: ps.Request) -> ps.Reply:
            raise CallError("\ud800\x1b[31m\nno", cause="rude")

    [panel] = ps.review([TOOL], model=Rude(), personas="skeptic")
    assert panel.missing[0].message == "[31m no"


# The attempt loop


def failing(*faults: CallError, then: str = "ship") -> tuple[ps.Panel, list[str]]:
    left = list(faults)
    labels: list[str] = []

    class Flaky(ScriptedModel):
        async def ask(self, request: ps.Request) -> ps.Reply:
            labels.append(request.label)
            if left:
                raise left.pop(0)
            return await super().ask(request)

    [panel] = ps.review([TOOL], model=Flaky(then), personas="skeptic")
    return panel, labels


def passing(wait: float | None = None) -> CallError:
    return CallError("for now", cause="server-error", wait=wait)


def test_a_passing_fault_is_repeated_and_the_label_counts(waits: list[float]) -> None:
    panel, labels = failing(*[passing()] * 3)
    assert labels == [f"acme/skeptic/0/{n}" for n in (1, 2, 3, 4)]
    assert panel.tally.ships == 1
    assert waits == [0.5, 1, 2]


def test_after_four_attempts_the_review_has_failed(waits: list[float]) -> None:
    panel, labels = failing(*[passing()] * 9)
    assert len(labels) == 4
    assert panel.missing[0].cause == "server-error"


def test_an_invalid_answer_is_asked_for_again_and_a_vote_never(waits: list[float]) -> None:
    panel, labels = failing(then='{"decision": "ship"}')
    assert (len(labels), panel.missing[0].cause) == (4, "invalid-answer")
    assert len(failing(then="skip")[1]) == 1


def test_retry_after_is_honoured(waits: list[float]) -> None:
    failing(passing(7.5), passing(0))
    assert waits == [7.5, 0]


def test_a_server_that_asks_to_wait_beyond_patience_stops_the_run(waits: list[float]) -> None:
    with pytest.raises(EndpointError, match="again in 3600 s") as caught:
        failing(passing(3600))
    assert (caught.value.cause, caught.value.exit_code, waits) == ("asked-to-wait", 4, [])


def test_a_fault_that_cannot_pass_is_not_repeated(waits: list[float]) -> None:
    panel, labels = failing(CallError("never", cause="request-refused"))
    assert (len(labels), waits, panel.missing[0].cause) == (1, [], "request-refused")


@pytest.mark.parametrize("cause", sorted(TRIES))
def test_each_cause_has_its_number_of_tries(waits: list[float], cause: str) -> None:
    panel, labels = failing(*[CallError("again and again", cause=cause)] * 9)
    assert (len(labels), panel.missing[0].cause) == (TRIES[cause], cause)


def test_tries_of_different_causes_share_the_four(waits: list[float]) -> None:
    causes = ("refusal", "server-error", "timeout", "empty-reply", "refusal")
    panel, labels = failing(*[CallError("now this", cause=cause) for cause in causes])
    assert (len(labels), panel.missing[0].cause) == (4, "empty-reply")


def test_a_re_ask_names_the_fault_to_the_model_and_keeps_the_key(waits: list[float]) -> None:
    model = ScriptedModel('{"decision": "ship"}')
    ps.review([TOOL], model=model, personas="skeptic")
    first, second, *_ = model.requests
    assert (first.note, second.key) == ("", first.key)
    assert "could not be used: evidence: field required" in second.note
    assert second.body()["messages"][-1] == {"role": "user", "content": second.note}  # type: ignore[index]


def test_a_cut_reply_is_asked_for_with_more_room(waits: list[float]) -> None:
    model = ScriptedModel({"skeptic": CallError("cut", cause="truncated")})
    ps.review([TOOL], model=model, personas="skeptic")
    assert [request.room for request in model.requests] == [1, 2, 4, 8]
    assert model.requests[-1].body()["max_completion_tokens"] == 8 * OUTPUT_LIMIT


def test_attempts_on_the_wire_are_the_same_request_but_for_the_label(waits: list[float]) -> None:
    seen: list[httpx2.Request] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        seen.append(wire)
        return respond(500, "") if len(seen) < 3 else respond()

    [panel] = ps.review([TOOL], model=served(handler), personas="skeptic")
    assert panel.tally.ships == 1
    assert [wire.headers["x-panelsynth-label"][-1] for wire in seen] == ["1", "2", "3"]
    assert len({wire.content for wire in seen}) == 1


# Many at once


@pytest.mark.parametrize("places", [1, 3, 16])
def test_at_most_in_flight_calls_are_under_way(places: int) -> None:
    model = Slow()
    ps.review(tools(6), model=model, in_flight=places)
    assert model.most == places


def test_a_local_server_gets_four_calls_at_once_and_a_far_one_sixteen() -> None:
    for url, places in [("http://127.0.0.1:9/v1", 4), (URL, 16)]:
        now = most = 0

        async def handler(wire: httpx2.Request) -> httpx2.Response:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.1)
            now -= 1
            return respond(
                body=completion(json.dumps(answer(persona=wire.headers["x-panelsynth-label"].split("/")[1])))
            )

        ps.review(tools(8), model=served(handler, url=url))
        assert most == places


@pytest.mark.parametrize("places", [0, -1])
def test_no_calls_at_once_is_refused(places: int) -> None:
    with pytest.raises(InputError, match="in_flight"):
        ps.review([TOOL], model=ScriptedModel("ship"), in_flight=places)


def test_stream_takes_tools_only_as_places_come_free() -> None:
    taken = finished = furthest = 0

    def supply() -> Iterator[ps.Tool]:
        nonlocal taken, furthest
        for tool in tools(40):
            taken += 1
            furthest = max(furthest, taken - finished)
            yield tool

    async def run() -> None:
        nonlocal finished
        async for _ in ps.stream(supply(), model=Slow(), personas="skeptic", in_flight=3):
            finished += 1

    asyncio.run(run())
    assert (taken, finished) == (40, 40)
    assert furthest <= 6  # three in flight, and three done that wait to be handed out


def test_closing_a_stream_early_cancels_its_calls() -> None:
    model = Slow(lambda asked: 0 if asked.label.startswith("tool-0/") else 30)

    async def run() -> str:
        panels = ps.stream(tools(3), model=model)
        first = await anext(panels)
        await panels.aclose()
        return first.tool.id

    assert asyncio.run(run()) == "tool-0"
    assert (model.cancelled, model.now) == (8, 0)


def test_cancelling_the_task_that_reviews_cancels_its_calls() -> None:
    model = Slow(lambda _: 30)

    async def run() -> None:
        task = asyncio.create_task(ps.areview(tools(2), model=model))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert (model.cancelled, model.now) == (8, 0)


def test_watch_hears_of_every_review() -> None:
    heard: list[tuple[str, str, str]] = []
    ps.review(
        [TOOL],
        model=ScriptedModel("ship fail skip ship"),
        watch=lambda tool, persona, outcome: heard.append((tool, persona, type(outcome).__name__)),
    )
    assert sorted(heard) == sorted(
        ("acme", persona, kind)
        for persona, kind in zip(SHIPPED, ["Verdict", "Missing", "Verdict", "Verdict"], strict=True)
    )


# Loops and models


def test_review_inside_a_running_loop_names_areview() -> None:
    async def run() -> None:
        ps.review([TOOL], model=ScriptedModel("ship"))

    with pytest.raises(InputError, match="running event loop") as caught:
        asyncio.run(run())
    assert "await areview" in caught.value.remedy


def test_one_model_object_serves_several_reviews_each_in_a_loop_of_its_own() -> None:
    """A real socket with kept connections: those of a dead loop must not be used again."""
    connections = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while head := await reader.read(65536):
            size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            body = head.split(b"\r\n\r\n", 1)[1]
            while len(body) < size:
                body += await reader.read(65536)
            out = json.dumps(completion()).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(out) + out
            )
        writer.close()

    with _server(handle) as url:
        model = ps.OpenAIModel("m-1", base_url=url)
        for _ in range(2):
            [panel] = ps.review([TOOL], model=model, personas="skeptic")
            assert panel.tally.ships == 1
    assert connections == 2


class _server:  # noqa: N801 - reads as a function
    """A loopback server in a thread of its own."""

    def __init__(self, handle: Any) -> None:
        self.handle = handle

    def __enter__(self) -> str:
        import threading

        ready = threading.Event()

        async def serve() -> None:
            self.loop, self.stop = asyncio.get_running_loop(), asyncio.Event()
            server = await asyncio.start_server(self.handle, "127.0.0.1", 0)
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            ready.set()
            await self.stop.wait()
            server.close()
            await asyncio.sleep(0.02)

        self.thread = threading.Thread(target=lambda: asyncio.run(serve()))
        self.thread.start()
        ready.wait()
        return self.url

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join()


def test_a_recording_serves_a_review_in_a_running_loop_and_out_of_one() -> None:
    live = asyncio.run(ps.areview(demo_tools(), model=RecordedModel(DEMO)))
    assert ps.review(demo_tools(), model=RecordedModel(DEMO)) == live


def test_a_stale_recording_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="nothing is recorded of persona"):
        ps.review([TOOL], model=RecordedModel(DEMO))


@pytest.mark.parametrize("model", [7, object(), [ScriptedModel("ship")]])
def test_what_is_no_model_is_refused(model: Any) -> None:
    with pytest.raises(InputError, match="is no model"):
        ps.review([TOOL], model=model)


def test_an_openai_client_in_the_models_place_is_refused_with_the_way_to_wrap_it() -> None:
    client: Any = openai.AsyncOpenAI(api_key="k", base_url=URL)
    with pytest.raises(InputError) as caught:
        ps.review([TOOL], model=client)
    assert "OpenAIModel(client=...)" in caught.value.remedy


def test_one_tool_in_the_place_of_a_list_is_refused_with_the_way_to_write_it() -> None:
    async def streamed() -> None:
        async for _ in ps.stream(TOOL, model=ScriptedModel("ship")):  # type: ignore[arg-type]
            pass

    with pytest.raises(InputError, match=r"\[tool\]"):
        ps.review(TOOL, model=ScriptedModel("ship"))  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"\[tool\]"):
        asyncio.run(streamed())


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(InputError, match="no model to ask"):
        ps.review([TOOL])


def test_a_request_is_the_same_through_every_door() -> None:
    model = ScriptedModel("ship")
    model.name = "m-1"
    ps.review([TOOL], model=model, personas="skeptic")
    assert model.requests == [request()]
