"""A model room without a network: requests, replies and servers that the tests of several modules use."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import strategies as st
from pydantic import SecretStr

from panelsynth import OpenAIModel, Reply, Request, Tool
from panelsynth.errors import CallError, EndpointError, PanelsynthError
from panelsynth.model import Endpoint, Exchange, RecordingModel
from panelsynth.model.recording import About
from panelsynth.persona import SHIPPED, read_personas
from panelsynth.prompting import ReviewTemplate, build_requests

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "cassettes" / "demo.yaml"
URL = "https://models.test/v1"
KEY = "sk-" + "made-up-" * 4  # put together here: no test file holds what looks like a key
TOOL = Tool(id="acme", name="Acme", description="A linter for prose that runs offline and finds cliches.")
SKEPTIC = read_personas("skeptic")[0]

Handler = (
    Callable[[httpx2.Request], httpx2.Response] | Callable[[httpx2.Request], Coroutine[None, None, httpx2.Response]]
)


def demo_tools() -> list[Tool]:
    return [Tool.from_file(path) for path in sorted((ROOT / "examples" / "tools").glob("*.yaml"))]


def request(persona: str = "skeptic", tool: Tool = TOOL) -> Request:
    [made] = build_requests(tool, read_personas(persona), model="m-1", template=ReviewTemplate.read())
    return made.model_copy(update={"label": f"{made.label}/1"})


def answer(decision: str = "ship", persona: str = "skeptic", **fields: object) -> dict[str, object]:
    rubric = {name: f"My view of {name}." for name in read_personas(persona)[0].rubric}
    rest = {"counter_case": "It may fail.", "review": "It holds.", "decision": decision, "score": 70}
    return {"evidence": ["A linter for prose"], **rubric, **rest, "would_change": "A benchmark.", **fields}


def completion(content: object = None, *, finish: object = "stop", **fields: object) -> dict[str, object]:
    message = {"role": "assistant", "content": json.dumps(answer()) if content is None else content}
    choices = [{"index": 0, "message": message, "finish_reason": finish}]
    return {"object": "chat.completion", "created": 1_790_000_000, "model": "m-1-large", "choices": choices, **fields}


def respond(status: int = 200, body: object = None, **headers: str) -> httpx2.Response:
    """Make an answer: JSON, or the body as it is when it is text or bytes."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, str | bytes):
        return httpx2.Response(status, content=body, headers=names)
    return httpx2.Response(status, json=completion() if body is None else body, headers=names)


def served(
    handler: Handler, *, url: str = URL, key: str | None = KEY, name: str = "m-1", **options: Any
) -> OpenAIModel:
    """Make a model whose server is a function."""
    endpoint = Endpoint(name, url, SecretStr(key) if key else None)
    return OpenAIModel(endpoint=endpoint, transport=httpx2.MockTransport(handler), **options)


async def ask(model: OpenAIModel, asked: Request | None = None) -> Reply:
    try:
        return await model.ask(asked or request())
    finally:
        await model.aclose()


def shown(error: BaseException) -> str:
    """Write out everything that an error may print: its text, its repr, and its whole chain."""
    return "\n".join([str(error), repr(error), *traceback.format_exception(error)])


def fault(response: httpx2.Response | Exception, **options: Any) -> PanelsynthError:
    """Ask a server that answers so, or fails so, and return the error."""

    def handler(_: httpx2.Request) -> httpx2.Response:
        if isinstance(response, Exception):
            raise response
        return response

    with pytest.raises((CallError, EndpointError)) as caught:
        asyncio.run(ask(served(handler, **options)))
    return caught.value


ABOUT = About(source="live", recorded_at="2026-11-23T10:00:00Z", model="m-1")
Answering = Callable[[httpx2.Request], httpx2.Response]


def answering(wire: httpx2.Request) -> httpx2.Response:
    """Answer like a server that tells more than a recording should keep."""
    persona = wire.headers["x-panelsynth-label"].split("/")[1]
    reply = completion(json.dumps(answer("skip" if persona == "business" else "ship", persona)))
    return respond(body=reply, set_cookie="s=cookie-1", x_request_id="req-1", openai_organization="org-1")


def recorder(monkeypatch: pytest.MonkeyPatch, handler: Answering = answering, url: str = URL) -> RecordingModel:
    """Make a recording model whose network is a function."""
    monkeypatch.setattr(httpx2, "AsyncHTTPTransport", lambda **_: httpx2.MockTransport(handler))
    return RecordingModel(Endpoint("m-1", url, SecretStr(KEY)))


def save(model: RecordingModel, path: Path) -> None:
    model.save(path, tools={"acme": None}, personas=dict.fromkeys(SHIPPED), prompt_version="v")


def exchange(
    label: str = "acme/skeptic/0/1", asked: object = None, reply: object = None, status: int = 200
) -> Exchange:
    body = request().body() if asked is None else asked
    made = {
        "label": label,
        "path": "/chat/completions",
        "sample": "0",
        "request": body,
        "status": status,
        "reply": reply,
    }
    return Exchange.model_validate(made)


TEXTS = st.text() | st.text(" \t\n\r\x85\u2028\ufeff-#:'\"|>%@`\\~{}[]0n\u4e2d\U0001f600", max_size=30)
TREES = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
