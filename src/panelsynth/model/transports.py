"""How a client sends when a recording is made or played: httpx2 transports that open no socket of their own."""

from __future__ import annotations

import json

import httpx2
from pydantic import JsonValue

from ..errors import RecordingError
from .endpoint import NO_KEYS
from .recording import LABEL_HEADER, SAMPLE_HEADER, Exchange, Recording, exchange_key
from .staleness import explain


def is_kept(status: int) -> bool:
    """Whether an answer belongs in a recording.

    An answer that asks to try again does not, since replaying it would really wait, nor does one about an account.
    """
    return 200 <= status < 300 or status in {400, 413, 422}


def reply_of(content: bytes) -> JsonValue:
    """Read a body as JSON where the recording will give back just that; else as its text."""
    text = content.decode(errors="replace")
    try:
        reply: JsonValue = json.loads(content)
        text.encode()
        json.dumps(reply, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return text
    return text if isinstance(reply, str) else reply


class ReplayTransport(httpx2.AsyncBaseTransport):
    """Answer from a recording, matched on path, body and sample; anything else is an error that names what changed."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._waiting: dict[str, list[Exchange]] = {}
        for exchange in recording.exchanges:
            self._waiting.setdefault(exchange.key, []).append(exchange)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Play the next exchange that was recorded for this request."""
        body, label, sample = _taken_apart(request)
        path = _path(request)
        waiting = self._waiting.get(exchange_key(path, body, sample))
        if not waiting:
            remedy = "Record again with --record, or replay with the tools and personas of that recording."
            raise RecordingError(f"{self.recording.source}: {explain(self.recording, body, label)}", remedy=remedy)
        exchange = waiting.pop(0)
        content = exchange.reply if isinstance(exchange.reply, str) else json.dumps(exchange.reply)
        headers = {"content-type": "text/plain" if isinstance(exchange.reply, str) else "application/json"}
        return httpx2.Response(exchange.status, headers=headers, content=content, request=request)

    @property
    def unplayed(self) -> list[str]:
        """Labels of the exchanges that nothing has asked for."""
        return sorted(exchange.label for waiting in self._waiting.values() for exchange in waiting)


class RecordTransport(httpx2.AsyncBaseTransport):
    """Pass every request on and keep what came back, without the headers that carry keys."""

    def __init__(self, recording: Recording, inner: httpx2.AsyncBaseTransport, base_path: str) -> None:
        self.recording = recording
        self._inner = inner
        self._base_path = base_path

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send through the inner transport and keep the exchange, unless its answer asks to try again."""
        response = await self._inner.handle_async_request(request)
        content = await response.aread()
        if request.method == "POST" and is_kept(response.status_code):
            body, label, sample = _taken_apart(request)
            # A server may echo the key: it stays out of the file, as it stays out of the verdict.
            reply = _without(request.headers.get("authorization", "").removeprefix("Bearer "), reply_of(content))
            path = request.url.path.removeprefix(self._base_path)
            self.recording.exchanges.append(
                Exchange(label=label, path=path, sample=sample, request=body, status=response.status_code, reply=reply)
            )
        return response

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


def _without(secret: str, tree: JsonValue) -> JsonValue:
    """Take a key out of a reply, once that is unescaped; a word such as `ollama` is no key, and is in many replies."""
    if len(secret) <= len("none") or secret.lower() in NO_KEYS:
        return tree
    if isinstance(tree, str):
        return tree.replace(secret, "[key]")
    if isinstance(tree, list):
        return [_without(secret, inner) for inner in tree]
    if isinstance(tree, dict):
        return {name.replace(secret, "[key]"): _without(secret, inner) for name, inner in tree.items()}
    return tree


def _taken_apart(request: httpx2.Request) -> tuple[JsonValue, str, str]:
    return json.loads(request.content), request.headers.get(LABEL_HEADER, ""), request.headers.get(SAMPLE_HEADER, "0")


def _path(request: httpx2.Request) -> str:
    return request.url.path.removeprefix("/v1")
