"""A server on loopback sockets that speaks Chat Completions, errs by a seeded plan, and keeps the truth of it.

Each kind of fault is one function from what was asked to what is written on the socket. A malformed answer argues for
the decision that the review did not get, wherever a careless reader would take it: who believes it, differs.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import hashlib
import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal

CREATED = 1_800_000_000
INSTALLED = ("tiny-1", "tiny-2")
_BAD_SHAPE = "response_format"


UNPAID = frozenset({"close", "hang", "reset", "error-200", "empty-body", "html-200", "no-choices", "bomb"})
"""Kinds of status 200 without a word of a completion."""


@dataclass(frozen=True)
class Ask:
    """One call as it arrived."""

    label: str
    """`tool/persona/sample/attempt`"""
    body: dict[str, Any]
    key: str
    """What the authorization header carried, to be echoed as careless servers do."""
    stranger: str
    """Another origin, where nothing may ever arrive."""
    decision: str

    @property
    def review(self) -> str:
        return "/".join(self.label.split("/")[:2])

    @property
    def shape(self) -> str:
        return str(self.body.get(_BAD_SHAPE, {}).get("type", "text"))

    @property
    def wrong(self) -> str:
        return "skip" if self.decision == "ship" else "ship"

    def answer(self, decision: str = "", **fields: object) -> dict[str, object]:
        """Write a sound answer in the shape that the last schema seen for this persona asked for."""
        properties = _properties(self.body)
        filled: dict[str, object] = {name: f"A stand-in for {name} of {self.review}." for name in properties}
        filled |= {"evidence": ["a stand-in quote"], "decision": decision or self.decision, "score": 60}
        return filled | fields


@dataclass(frozen=True)
class Said:
    """What is written on the socket: an HTTP answer, and how it ends."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
    length: int | None = None
    """The content-length to claim; the true one when None."""
    sent: int | None = None
    """Bytes of the body that are written; all when None, and -1 for not even the head."""
    end: Literal["keep", "close", "reset", "hang", "drip"] = "keep"


@dataclass(frozen=True)
class Received:
    """One call, and what became of it."""

    label: str
    kind: str
    """The fault it met; `ok` when none."""
    digest: str
    """SHA-256 of the body."""
    key: str
    shape: str
    status: int
    body: dict[str, Any]

    @property
    def review(self) -> str:
        return "/".join(self.label.split("/")[:2])

    @property
    def paid(self) -> bool:
        """Whether a completion was begun, so that the same body again is paid twice."""
        return self.status == 200 and self.kind not in UNPAID


def _properties(body: dict[str, Any]) -> list[str]:
    """Read the wanted fields from the schema; below the first rung, from the shape that stands in the prompt."""
    with suppress(KeyError, TypeError):
        return list(body[_BAD_SHAPE]["json_schema"]["schema"]["properties"])
    return _REMEMBERED.get(_system(body), [])


def _system(body: dict[str, Any]) -> str:
    return str(body["messages"][0]["content"])


_REMEMBERED: dict[str, list[str]] = {}


def completion(content: object, *, finish: str = "stop", tokens: int = 0, **message: object) -> dict[str, object]:
    said = {"role": "assistant", "content": content, **message}
    usage = {"prompt_tokens": tokens, "completion_tokens": 200, "total_tokens": tokens + 200}
    choices = [{"index": 0, "message": said, "finish_reason": finish}]
    return {"id": "c-1", "object": "chat.completion", "created": CREATED, "model": "m-1", "choices": choices} | {
        "usage": usage
    }


def _tokens(ask: Ask) -> int:
    return sum(len(message["content"]) for message in ask.body["messages"]) // 4


def _as_json(value: object, status: int = 200, **headers: str) -> Said:
    names = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return Said(status, json.dumps(value).encode(), (("content-type", "application/json"), *names))


def _text(content: object, **fields: Any) -> Callable[[Ask], Said]:
    """Answer with a given content, whatever was asked."""
    return lambda ask: _as_json(completion(content, tokens=_tokens(ask), **fields))


def _content(write: Callable[[Ask], object], **fields: Any) -> Callable[[Ask], Said]:
    """Answer with a content made from what was asked."""
    return lambda ask: _as_json(completion(write(ask), tokens=_tokens(ask), **fields))


def _fields(**fields: object) -> Callable[[Ask], Said]:
    """Answer for the wrong decision, with some fields spoilt."""
    return _content(lambda ask: json.dumps(ask.answer(ask.wrong) | fields, allow_nan=True))


def _error(status: int, message: str, *, code: str | None = None, **headers: str) -> Callable[[Ask], Said]:
    """Refuse in OpenAI's form, with the key in the words as careless servers have it."""

    def say(ask: Ask) -> Said:
        words = message.replace("KEY", ask.key)
        return _as_json({"error": {"message": words, "type": "error", "param": None, "code": code}}, status, **headers)

    return say


def ok(ask: Ask) -> Said:
    return _as_json(completion(json.dumps(ask.answer()), tokens=_tokens(ask)))


def _spoilt(**changes: Any) -> Callable[[Ask], Said]:
    """Say the right thing and spoil the way it is sent."""
    return lambda ask: replace(ok(ask), **changes)


def _half(end: Literal["close", "reset"]) -> Callable[[Ask], Said]:
    def say(ask: Ask) -> Said:
        said = ok(ask)
        return replace(said, sent=len(said.body) // 2, end=end)

    return say


def _cut_json(ask: Ask) -> Said:
    said = ok(ask)
    return replace(said, body=said.body[: len(said.body) // 2])


def _duplicate(ask: Ask) -> str:
    return json.dumps(ask.answer())[:-1] + f', "decision": "{ask.wrong}"}}'


def _two(ask: Ask) -> str:
    return json.dumps(ask.answer(ask.wrong)) + "\n\nor rather\n\n" + json.dumps(ask.answer())


def _missing(ask: Ask) -> str:
    answer = ask.answer(ask.wrong)
    del answer["counter_case"]
    return json.dumps(answer)


@functools.cache
def bomb() -> bytes:
    """Pack 200 MB of blanks into 200 KB."""
    return gzip.compress(b" " * 200_000_000, 6)


def _huge(ask: Ask) -> Said:
    return _as_json(completion(json.dumps(ask.answer(review="long " * 4_000_000)), tokens=_tokens(ask)))


def _redirect(ask: Ask) -> Said:
    return Said(307, b"", (("location", f"{ask.stranger}/v1/chat/completions?key={ask.key}"),))


_SCHEMA_WORDS: dict[str, tuple[int, object]] = {
    "azure": (
        400,
        {
            "error": {
                "message": "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this "
                "model. Learn more about supported models at the Structured Outputs guide.",
                "type": "invalid_request_error",
                "param": "response_format",
                "code": None,
            }
        },
    ),
    "groq": (
        400,
        {
            "error": {
                "message": "This model does not support response format `json_schema`. See supported models at "
                "https://console.groq.com/docs/structured-outputs#supported-models",
                "type": "invalid_request_error",
                "param": "response_format",
            }
        },
    ),
    "deepseek": (
        400,
        {
            "error": {
                "message": "This response_format type is unavailable now",
                "type": "invalid_request_error",
                "param": None,
                "code": "invalid_request_error",
            }
        },
    ),
    "deepseek-422": (
        422,
        "Failed to deserialize the JSON body: response_format.type `json_schema` is unavailable now at line 1 column 7",
    ),
    "lmstudio": (400, {"error": "'response_format.type' must be 'json_object' or 'text'"}),
    "llamacpp": (
        400,
        {"error": {"code": 400, "message": "failed to parse grammar", "type": "invalid_request_error"}},
    ),
    "vllm": (
        400,
        {
            "object": "error",
            "message": "The tokenizer does not support guided decoding: response_format is not available",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
}


def _refuses_schema(vendor: str) -> Callable[[Ask], Said]:
    """Refuse json_schema in one vendor's words, and answer below it; vLLM refuses json_object as well."""
    status, words = _SCHEMA_WORDS[vendor]
    refused = {"json_schema", "json_object"} if vendor == "vllm" else {"json_schema"}

    def say(ask: Ask) -> Said:
        if ask.shape not in refused:
            return ok(ask)
        if isinstance(words, str):
            return Said(status, words.encode(), (("content-type", "text/plain"),))
        return _as_json(words, status)

    return say


def _refuses_limit(status: int, words: object) -> Callable[[Ask], Said]:
    """Refuse the output limit's newer name, and answer without it."""
    return lambda ask: _as_json(words, status) if "max_completion_tokens" in ask.body else ok(ask)


_UNSUPPORTED = {
    "error": {
        "message": "Unsupported parameter: 'max_completion_tokens' is not supported with this model. "
        "Use 'max_tokens' instead.",
        "type": "invalid_request_error",
        "param": "max_completion_tokens",
        "code": "unsupported_parameter",
    }
}
_FORBIDDEN = {
    "object": "error",
    "message": {
        "detail": [
            {
                "type": "extra_forbidden",
                "loc": ["body", "max_completion_tokens"],
                "msg": "Extra inputs are not permitted",
                "input": 8000,
            }
        ]
    },
    "type": "invalid_request_error",
}
_HTML = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_IS_HTML = (("content-type", "text/html"),)
_FILTERED = "The response was filtered due to the prompt triggering the content management policy."

PASSING: dict[str, Callable[[Ask], Said]] = {
    "429-wait": _error(429, "Rate limit reached", code="rate_limit_exceeded", retry_after="0.2"),
    "429": _error(429, "Rate limit reached", code="rate_limit_exceeded"),
    "500": _error(500, "Internal error while serving KEY"),
    "503": _error(503, "The engine is overloaded"),
    "503-wait": _error(503, "The engine is overloaded", retry_after="0.2"),
    "502-html": lambda _: Said(502, _HTML, _IS_HTML),
    "408": _error(408, "Request timeout"),
    "409": _error(409, "Another request holds this slot"),
    "html-200": lambda _: Said(200, _HTML, _IS_HTML),
    "empty-body": lambda _: Said(200, b""),
    "truncated-json": _cut_json,
    "reset": _spoilt(sent=-1, end="reset"),
    "reset-in-body": _half("reset"),
    "close": _spoilt(sent=-1, end="close"),
    "close-in-body": _half("close"),
    "drip": _spoilt(end="drip"),
    "hang": _spoilt(sent=-1, end="hang"),
    "bomb": lambda _: Said(200, bomb(), (("content-type", "application/json"), ("content-encoding", "gzip"))),
    "not-gzip": _spoilt(headers=(("content-type", "application/json"), ("content-encoding", "gzip"))),
    "huge": _huge,
    "length-too-long": _spoilt(length=10_000_000, end="close"),
    "length-too-short": _spoilt(length=40, end="close"),
    "error-200": lambda ask: _as_json({"error": {"message": f"upstream {ask.key}", "code": 502}, "choices": None}),
    "no-choices": lambda _: _as_json({"object": "chat.completion", "created": CREATED, "choices": []}),
    "refusal": _text(None, refusal="I cannot help with that."),
    "content-filter": _text("", finish="content_filter"),
    "400-content-filter": _error(400, _FILTERED, code="content_filter"),
    "length": _content(lambda ask: json.dumps(ask.answer(ask.wrong))[:60], finish="length"),
    "length-fenced": _content(lambda ask: "```json\n" + json.dumps(ask.answer(ask.wrong))[:90], finish="length"),
    "length-unsaid": _content(lambda ask: json.dumps(ask.answer(ask.wrong))[:90]),
}
"""What a server or the way to it does wrong; the same call may work the next time."""

MALFORMED: dict[str, Callable[[Ask], Said]] = {
    "no-json": _content(lambda ask: f"I would {ask.wrong} this one, no doubt."),
    "no-content": _text(None),
    "blank-content": _text(" \n "),
    "only-thoughts": _content(lambda ask: f"<think>I should {ask.wrong} this.</think>"),
    "array": _content(lambda ask: json.dumps([ask.answer(ask.wrong), ask.answer()])),
    "two-objects": _content(_two),
    "duplicate-keys": _content(_duplicate),
    "nan": _fields(score=float("nan")),
    "missing-field": _content(_missing),
    "extra-field": _fields(percent=100),
    "text-score": _fields(score="60"),
    "float-score": _fields(score=60.5),
    "true-score": _fields(score=True),
    "score-101": _fields(score=101),
    "unknown-decision": _fields(decision="maybe"),
    "no-decision": _fields(decision=None),
    "object-for-text": _fields(review={"text": "fine"}),
    "no-evidence": _fields(evidence=[]),
    "blank-text": _fields(review="  \n\t"),
    "looped-text": _fields(review="and so it goes on " * 200),
    "over-long": _fields(review="".join(f"Word {n} is not like the others. " for n in range(2_000))),
    "control-storm": _fields(review="\x1b[31mred\x1b[0m and " * 3 + "\u202eturned\u202c round."),
    "invisible-text": _fields(review="\u200b\u200b\u2060"),
}
"""What a model answers that no vote may be read from."""

CLEANABLE: dict[str, Callable[[Ask], Said]] = {
    "control-characters": _content(lambda ask: json.dumps(ask.answer(review="A bell \x07, an escape \x1b[31m."))),
    "direction-override": _content(lambda ask: json.dumps(ask.answer(review="Left \u202eright\u202c left again."))),
    "lone-surrogate": _content(lambda ask: json.dumps(ask.answer(review="Half a \ud83d face."))),
}
"""What a reader may clean or refuse."""

SALVAGED: dict[str, Callable[[Ask], Said]] = {
    "fenced": _content(lambda ask: f"```json\n{json.dumps(ask.answer(), indent=2)}\n```"),
    "thinking": _content(lambda ask: f"<think>Maybe {{ {ask.wrong} }}?</think>\n{json.dumps(ask.answer())}"),
    "shouted": _content(lambda ask: json.dumps(ask.answer(f" {ask.decision.upper()} "))),
    "prose": _content(lambda ask: f"Here is my view.\n\n{json.dumps(ask.answer())}\n\nI hope that this helps!"),
    "parts": _content(lambda ask: [{"type": "text", "text": json.dumps(ask.answer())}]),
    "reasoning": lambda ask: _as_json(completion("", tokens=_tokens(ask), reasoning_content=json.dumps(ask.answer()))),
    "slow-body": _spoilt(headers=(("content-type", "application/json"), ("x-slow", "1"))),
}
"""What costs nothing to set right."""

STEPS: dict[str, Callable[[Ask], Said]] = {
    **{f"schema-{vendor}": _refuses_schema(vendor) for vendor in _SCHEMA_WORDS},
    "limit-renamed": _refuses_limit(400, _UNSUPPORTED),
    "limit-forbidden": _refuses_limit(422, _FORBIDDEN),
}
"""What a server refuses for as long as it is asked in that way."""

FATAL: dict[str, Callable[[Ask], Said]] = {
    "401": _error(401, "Incorrect API key provided: KEY.", code="invalid_api_key"),
    "403": _error(403, "Country, region, or territory not supported", code="unsupported_country_region_territory"),
    "quota": _error(429, "You exceeded your current quota for KEY.", code="insufficient_quota"),
    "402": _error(402, "Insufficient Balance"),
    "unknown-model": _error(404, "The model `m-1` does not exist", code="model_not_found"),
    "html-404": lambda _: Said(404, _HTML, _IS_HTML),
    "redirect": _redirect,
    "429-tomorrow": _error(429, "Daily limit reached", code="rate_limit_exceeded", retry_after="30000"),
}
"""What every further call would meet as well."""

LASTING: dict[str, Callable[[Ask], Said]] = {
    "400": _error(400, "messages: too many tokens for KEY", code="context_length_exceeded"),
    "413": _error(413, "The body is too large for KEY"),
    "prompt-cut": lambda ask: _as_json(completion(json.dumps(ask.answer()), tokens=_tokens(ask) // 4)),
}
"""What this one review meets whenever it is asked."""

RECOVERABLE = {**PASSING, **MALFORMED, **CLEANABLE, **SALVAGED, **STEPS}
"""Kinds for a run that should lose next to nothing."""

KINDS = {"ok": ok, **RECOVERABLE, **LASTING, **FATAL}
BELIEVABLE = frozenset({"ok", "slow-body", *SALVAGED, *CLEANABLE, *STEPS})
"""Kinds whose answers a vote may stand on."""


@dataclass
class Plan:
    """Which call meets which fault: the same for the same seed, whatever the order in which calls arrive."""

    kinds: Sequence[str] = tuple(RECOVERABLE)
    share: float = 0.3
    seed: int = 0
    seconds: float = 0.0
    """How long an answer takes."""
    places: int = 1000
    """How many are answered at once."""
    stall_after: int | None = None
    """Calls after which every further one hangs."""

    def kind(self, label: str, before: int) -> str:
        dice = random.Random(f"{self.seed}/{label}/{before}")  # noqa: S311 - repeatable on purpose
        return dice.choice(self.kinds) if dice.random() < self.share else "ok"

    def decision(self, review: str) -> str:
        return "ship" if hashlib.sha256(f"{self.seed}/{review}".encode()).digest()[0] & 1 else "skip"


@dataclass
class FaultServer:
    """The server, and what it has seen: read it from any thread."""

    plan: Plan
    url: str = ""
    stranger: str = ""
    received: list[Received] = field(default_factory=list)
    strayed: int = 0
    """Connections at the other origin that a redirect names."""
    on_call: Callable[[int], None] = lambda _: None
    """Called with the number of calls so far, as each arrives."""
    _seen: Counter[str] = field(default_factory=Counter)
    _open: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def truth(self) -> dict[str, str]:
        """The decision that each review was answered with."""
        return {call.review: self.plan.decision(call.review) for call in self.received}

    @property
    def labels(self) -> Counter[str]:
        """Calls by label."""
        return Counter(call.label for call in self.received)

    @property
    def last(self) -> dict[str, str]:
        """The kind that each review met last."""
        return {call.review: call.kind for call in self.received}

    @property
    def paid_twice(self) -> Counter[str]:
        """How often a body was sent again that had been paid for, by the fault that its paid answer met."""
        paid: dict[str, str] = {}
        again: Counter[str] = Counter()
        for call in self.received:
            if call.digest in paid:
                again[paid[call.digest]] += 1
            if call.paid:
                paid[call.digest] = call.kind
        return again

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it closes."""
        self._open.add(task := _current())
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client went away, or speaks no HTTP
        except asyncio.CancelledError:
            writer.transport.abort()  # the test is over, whatever is still unsent
        finally:
            self._open.discard(task)
            writer.close()

    async def stray(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Count what arrives at the other origin."""
        self.strayed += 1
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        if head[0].startswith("GET"):
            models = [{"id": name, "object": "model"} for name in INSTALLED]
            return await _write(_as_json({"object": "list", "data": models}), reader, writer)
        call, said = self._judge(headers, raw)
        self.received.append(call)
        self.on_call(len(self.received))
        if self.plan.stall_after is not None and len(self.received) > self.plan.stall_after:
            said = replace(said, sent=-1, end="hang")
        async with self._room:
            await asyncio.sleep(self.plan.seconds)
            return await _write(said, reader, writer)

    @functools.cached_property
    def _room(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(self.plan.places)

    def _judge(self, headers: dict[str, str], raw: bytes) -> tuple[Received, Said]:
        body = json.loads(raw)
        label = headers.get("x-panelsynth-label", "none/none/0/1")
        with suppress(KeyError, TypeError):
            _REMEMBERED[_system(body)] = list(body[_BAD_SHAPE]["json_schema"]["schema"]["properties"])
        key = headers.get("authorization", "").removeprefix("Bearer ")
        ask = Ask(label, body, key, self.stranger, self.plan.decision("/".join(label.split("/")[:2])))
        kind = self.plan.kind(label, self._seen[label])
        self._seen[label] += 1
        said = KINDS[kind](ask)
        digest = hashlib.sha256(raw).hexdigest()
        return Received(label, kind, digest, key, ask.shape, said.status, body), said

    async def stop(self, *listening: asyncio.Server) -> None:
        for each in listening:
            each.close()
        for task in [*self._open]:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await asyncio.sleep(0.02)  # transports let go of their sockets a turn of the loop after they are closed


def _current() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None
    return task


async def _write(said: Said, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Write an answer in its own way; tell whether the connection stays."""
    if said.sent != -1:
        length = len(said.body) if said.length is None else said.length
        lines = [f"HTTP/1.1 {said.status} Said", *(f"{n}: {v}" for n, v in said.headers), f"content-length: {length}"]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        body = said.body[: said.sent]
        if said.end == "drip":
            await _drip(body, writer)
        elif ("x-slow", "1") in said.headers:
            await _in_pieces(body, writer)
        else:
            writer.write(body)
        await writer.drain()
    if said.end == "hang":
        await reader.read(-1)  # until the client hangs up
    if said.end == "reset":
        held: socket.socket = writer.transport.get_extra_info("socket")
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    return said.end == "keep"


async def _drip(body: bytes, writer: asyncio.StreamWriter) -> None:
    """Send a byte at a time, never quick enough for a deadline, never slow enough for a timeout between reads."""
    for place in range(len(body)):
        writer.write(body[place : place + 1])
        await writer.drain()
        await asyncio.sleep(0.1)


async def _in_pieces(body: bytes, writer: asyncio.StreamWriter) -> None:
    for place in range(0, len(body), 300):
        writer.write(body[place : place + 300])
        await writer.drain()
        await asyncio.sleep(0.01)


@contextmanager
def faulty(plan: Plan | None = None, *, on_call: Callable[[int], None] | None = None) -> Iterator[FaultServer]:
    """Serve from a thread of its own until the block ends."""
    bomb()  # packed before anybody waits for it
    server = FaultServer(plan or Plan())
    if on_call:
        server.on_call = on_call
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait(work: Awaitable[Any]) -> Any:
        async def run() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), loop).result(20)

    main = wait(asyncio.start_server(server.serve, "127.0.0.1", 0))
    other = wait(asyncio.start_server(server.stray, "127.0.0.1", 0))
    server.url = f"http://127.0.0.1:{main.sockets[0].getsockname()[1]}/v1"
    server.stranger = f"http://127.0.0.1:{other.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        wait(server.stop(main, other))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
