"""What a server may send: not more than fits, not from elsewhere, and not too much at once."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import httpx2
import pytest
from wire import ask, completion, fault, request, respond, served, shown

from panelsynth.errors import CallError, EndpointError
from panelsynth.model.guard import MAX_BYTES, GuardTransport, network

BOMB = gzip.compress(b" " * 200_000_000)


class Pieces(httpx2.AsyncByteStream):
    """A body that comes in pieces, and notes how much of it was taken."""

    def __init__(self, piece: bytes, count: int) -> None:
        self.piece, self.count, self.taken, self.closed = piece, count, 0, False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.count):
            self.taken += 1
            yield self.piece

    async def aclose(self) -> None:
        self.closed = True


def test_a_reply_beyond_the_cap_is_given_up_before_it_is_whole() -> None:
    body = Pieces(b"x" * 100_000, 10_000)
    error = fault(httpx2.Response(200, stream=body))
    assert isinstance(error, CallError)
    assert (error.cause, error.message) == ("too-large", "the server's answer is larger than 4,000,000 bytes")
    assert (body.taken, body.closed) == (41, True)


def test_a_gzip_bomb_takes_little_memory() -> None:
    stream = Pieces(BOMB, 1)
    tracemalloc.start()
    error = fault(httpx2.Response(200, stream=stream, headers={"content-encoding": "gzip"}))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(error, CallError)
    assert error.cause == "too-large"
    assert peak < 10 * MAX_BYTES


PACKED = gzip.compress(json.dumps(completion("hello")).encode())


def test_what_follows_the_end_of_a_packed_reply_is_neither_kept_nor_endless() -> None:
    body = Pieces(PACKED, 10_000)
    body.piece += b"\0" * (100_000 - len(PACKED))
    error = fault(httpx2.Response(200, stream=body, headers={"content-encoding": "gzip"}))
    assert isinstance(error, CallError)
    assert (error.cause, body.taken) == ("too-large", 41)


@pytest.mark.parametrize("codings", ["gzip, gzip", "gzip,identity, X-Gzip", "deflate, gzip, gzip, gzip"])
def test_a_reply_that_is_packed_twice_is_not_unpacked(codings: str) -> None:
    """Of seven KB, packed three times, comes a minute of work in one piece, in which no deadline is looked at."""
    packed = gzip.compress(PACKED + b"\0" * 1_000_000)
    error = fault(httpx2.Response(200, stream=Pieces(packed, 1), headers={"content-encoding": codings}))
    assert isinstance(error, CallError)
    assert error.cause == "not-a-completion"


def test_only_what_is_unpacked_here_within_bounds_is_asked_for() -> None:
    asked: list[str] = []

    def handler(wire: httpx2.Request) -> httpx2.Response:
        asked.append(wire.headers["accept-encoding"])
        return respond()

    asyncio.run(ask(served(handler)))
    assert asked == ["gzip"]


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "deflate", "gzip, identity"])
def test_packed_replies_are_unpacked(coding: str) -> None:
    packed = zlib.compress(json.dumps(completion("hello")).encode()) if coding == "deflate" else PACKED
    response = httpx2.Response(200, stream=Pieces(packed, 1), headers={"content-encoding": coding})
    assert asyncio.run(ask(served(lambda _: response))).text == "hello"


def test_of_an_error_the_beginning_is_enough() -> None:
    body = Pieces(b"x" * 100_000, 10_000)
    error = fault(httpx2.Response(401, stream=body))
    assert isinstance(error, EndpointError)
    assert (error.cause, body.taken) == ("authentication", 41)


@pytest.mark.parametrize("packed", [True, False])
def test_an_honest_reply_comes_through_unpacked_with_its_headers(*, packed: bool) -> None:
    whole = json.dumps(completion("hello")).encode()
    content = gzip.compress(whole) if packed else whole
    headers = {"content-type": "application/json"} | ({"content-encoding": "gzip"} if packed else {})

    async def run() -> httpx2.Response:
        inner = httpx2.MockTransport(lambda _: httpx2.Response(200, stream=Pieces(content, 1), headers=headers))
        guard = GuardTransport(inner, cap=len(whole))
        response = await guard.handle_async_request(httpx2.Request("POST", "https://models.test/v1"))
        await guard.aclose()
        return response

    response = asyncio.run(run())
    assert (response.content, response.headers["content-type"]) == (whole, "application/json")
    assert "content-encoding" not in response.headers


def test_a_large_reply_does_not_hold_up_its_neighbours() -> None:
    def handler(wire: httpx2.Request) -> httpx2.Response:
        big = wire.headers["x-panelsynth-label"].startswith("big/")
        return httpx2.Response(200, stream=Pieces(b"x" * 1_000_000, 20)) if big else respond()

    async def run() -> list[str]:
        model = served(handler, deadline=5)
        asked = [request().model_copy(update={"label": f"{name}/skeptic/0/1"}) for name in ("big", "small") * 8]
        ended = await asyncio.gather(*map(model.ask, asked), return_exceptions=True)
        await model.aclose()
        return [getattr(one, "cause", "ok") for one in ended]

    assert asyncio.run(run()) == ["too-large", "ok"] * 8


@pytest.mark.parametrize(
    ("names", "proxy"), [({}, None), ({"https_proxy": "http://proxy.test:3128"}, "http://proxy.test:3128")]
)
def test_the_environments_proxy_is_used(
    names: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    monkeypatch.setattr(httpx2, "AsyncHTTPTransport", lambda **options: seen.append(options["proxy"]))
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    network("https://models.test/v1")
    monkeypatch.setenv("no_proxy", "models.test")
    network("https://models.test/v1")
    assert seen == [proxy, None]


@pytest.mark.parametrize(
    ("name", "value"), [("https_proxy", "bogus://me:a-password@proxy.test:1"), ("SSL_CERT_FILE", "/no/such/file")]
)
def test_a_way_that_cannot_be_opened_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(EndpointError, match=r"models\.test[\s\S]*HTTPS_PROXY.*SSL_CERT_FILE") as caught:
        network("https://models.test/v1")
    assert caught.value.cause == "unreachable"
    assert "a-password" not in shown(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1:11434", "localhost:8000", "[::1]:8000"])
def test_what_goes_to_this_machine_goes_through_no_proxy(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else prompt and key would go to the proxy, over plain http."""
    seen: list[object] = []
    monkeypatch.setattr(httpx2, "AsyncHTTPTransport", lambda **options: seen.append(options["proxy"]))
    monkeypatch.setenv("http_proxy", "http://proxy.test:3128")
    network(f"http://{host}/v1")
    assert seen == [None]
