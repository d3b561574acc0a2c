"""panelsynth's own figures, each measured in a process of its own: `python own.py MEASURE HOST REVIEWS` prints JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "contenders"))

import httpx2
import openai
from with_panelsynth import tools

import panelsynth as ps
from panelsynth.grounding import ground, panel_flags
from panelsynth.model import Endpoint, RecordedModel, RecordingModel, Reply, Store, parse_answer
from panelsynth.persona import read_personas
from panelsynth.prompting import ReviewTemplate, build_requests
from panelsynth.request import Request

IN_FLIGHT, WARM_UP = 16, 16
PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu(work: Callable[[], object]) -> float:
    """Take the CPU time of some work, in seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


def repeat(work: Callable[[], object], times: int) -> None:
    """Do some work so many times."""
    for _ in range(times):
        work()


def start(host: str, _: int) -> dict[str, float]:
    """Review 2 tools by 4 roles, 8 calls at 500 ms, first and again, in latencies."""
    found = {}
    for name in ("cold", "warm"):
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "store.sqlite") as store:
            ps.review(tools(2), model=ps.OpenAIModel("bench", base_url=f"{host}/500/v1"), store=store, in_flight=8)
        found[name] = (time.perf_counter() - began) / 0.5
    return found


def many(host: str, reviews: int) -> dict[str, float]:
    """Review many, 64 in flight, at 50 ms and at 2 s, in multiples of what latency alone takes."""
    found = {}
    for milliseconds in (50, 2_000):
        model = ps.OpenAIModel("bench", base_url=f"{host}/{milliseconds}/v1")
        every = tools(reviews // 4)
        with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "store.sqlite") as store:
            began = time.perf_counter()
            ps.review(every, model=model, store=store, in_flight=64)
        ideal = -(-reviews // 64) * milliseconds / 1_000
        found[str(milliseconds)] = (time.perf_counter() - began) / ideal
    return found


def memory(host: str, reviews: int) -> dict[str, float]:
    """Stream reviews and let each panel go; MB of resident memory between the first tenth and the end."""

    def resident() -> float:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE / 1e6

    def offered() -> Iterator[ps.Tool]:
        [shipped] = tools(1)
        for n in range(reviews // 4):
            yield shipped.model_copy(update={"id": f"tool-{n}", "description": f"{shipped.description} Build {n}."})

    async def run() -> float:
        at, seen = 0.0, 0
        with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "store.sqlite") as store:
            model = ps.OpenAIModel("bench", base_url=f"{host}/0/v1")
            asked = ps.stream(offered(), model=model, store=store, in_flight=64)
            async with aclosing(model), aclosing(asked) as panels:
                async for panel in panels:
                    seen += len(panel.verdicts)
                    at = at if at or seen < reviews // 10 else resident()
        return resident() - at

    return {"MB": asyncio.run(run())}


def pages(host: str, _: int) -> dict[str, float]:
    """Write pages of 2 and 20 tools; CPU against two dumps of the same comparison to JSON."""
    panels = ps.review(tools(20), model=ps.OpenAIModel("bench", base_url=f"{host}/0/v1"))
    found = {}
    for count, times in ((2, 200), (20, 20)):
        page = ps.compare(*panels[:count])
        works: tuple[Callable[[], str], ...] = (page.to_html, page.to_json, page.model_dump_json)
        for work in works:
            work()
            found[f"{work.__name__} {count}"] = 1_000 * cpu(partial(repeat, work, times)) / times
    return found


def replay(host: str, _: int) -> dict[str, float]:
    """Replay 100 and 400 calls from a recording, its reading included; seconds of CPU."""
    found = {}
    for calls in (100, 400):
        with tempfile.TemporaryDirectory() as folder:
            path, every = Path(folder) / "recording.yaml", tools(calls // 4)
            recorder = RecordingModel(Endpoint("bench", f"{host}/0/v1"))
            ps.review(every, model=recorder, in_flight=IN_FLIGHT)
            recorder.save(path, tools={}, personas={}, prompt_version="")
            found[str(calls)] = cpu(partial(replayed, path, every))
    return found


def replayed(path: Path, every: Sequence[ps.Tool]) -> None:
    """Read a recording and review from it."""
    ps.review(every, model=RecordedModel(path))


def parts(host: str, reviews: int) -> dict[str, float]:
    """Take a review's work apart: milliseconds of CPU for each part by itself, and for what HTTP takes without us."""
    template, personas, every = ReviewTemplate.read(), read_personas(), tools(reviews // 4)
    systems = {persona.id: template.system(persona) for persona in personas}
    requests: list[Request] = []

    def build() -> None:
        for tool in every:
            requests.extend(build_requests(tool, personas, model="bench", template=template, systems=systems))
        for request in requests:
            assert request.key

    took = {"prompts and keys": cpu(build)}
    http, replies = asyncio.run(calls(f"{host}/50/v1", requests))
    took |= http
    reading = [(reply.text, personas[at % 4].answer_type) for at, reply in enumerate(replies)]
    answers = [parse_answer(*pair) for pair in reading]
    took["reading and validating"] = cpu(lambda: [parse_answer(*pair) for pair in reading])
    asked = [(answer, every[at // 4], personas[at % 4].banned) for at, answer in enumerate(answers)]
    took["flags of a review"] = cpu(lambda: [ground(answer, tool, banned=banned) for answer, tool, banned in asked])
    panels = ps.review(every, model=ps.OpenAIModel("bench", base_url=f"{host}/0/v1"))
    took["flags of a panel"] = cpu(lambda: [panel_flags(panel.tool, panel.verdicts) for panel in panels])
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "store.sqlite") as store:
        took["store"] = cpu(lambda: asyncio.run(kept(store, requests, replies)))
    return {name: 1_000 * seconds / reviews for name, seconds in took.items()}


async def calls(address: str, requests: Sequence[Request]) -> tuple[dict[str, float], list[Reply]]:
    """Make the same calls through httpx2, through the SDK's `client.post`, and through ours."""
    bodies = [request.body() for request in requests]
    raw = [json.dumps(body).encode() for body in bodies]
    plain = {"content-type": "application/json"}
    found: dict[str, float] = {}
    async with httpx2.AsyncClient() as http, openai.AsyncOpenAI(base_url=address, api_key="none") as client:
        url = f"{address}/chat/completions"
        found["httpx2 alone"], _ = await spent(lambda body: http.post(url, content=body, headers=plain), raw)
        post = client.post
        found["the SDK's client.post alone"], _ = await spent(
            lambda body: post("/chat/completions", cast_to=httpx2.Response, body=body), bodies
        )
    async with aclosing(ps.OpenAIModel("bench", base_url=address)) as model:
        found["our call"], replies = await spent(model.ask, requests)
    return found, replies


async def kept(store: Store, requests: Sequence[Request], replies: Sequence[Reply]) -> None:
    """Keep replies, as many at once as are in flight."""
    await spent(lambda pair: store.keep(*pair), [*zip(requests, replies, strict=True)], warm_up=0)


async def spent(
    call: Callable[[Any], Awaitable[Any]], items: Sequence[object], warm_up: int = WARM_UP
) -> tuple[float, list[Any]]:
    """Take the CPU time of so many calls at once, after some to warm up, and what they gave."""
    places = asyncio.Semaphore(IN_FLIGHT)

    async def one(item: object) -> object:
        async with places:
            return await call(item)

    await asyncio.gather(*(one(item) for item in items[:warm_up]))
    began = time.process_time()
    given = await asyncio.gather(*(one(item) for item in items))
    return time.process_time() - began, given


MEASURES = {work.__name__: work for work in (start, many, memory, pages, replay, parts)}

if __name__ == "__main__":
    measure, where, number = sys.argv[1:]
    print(json.dumps(MEASURES[measure](where, int(number))))
