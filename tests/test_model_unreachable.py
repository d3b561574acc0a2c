from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import httpx2
import pytest
from pydantic import SecretStr
from wire import KEY, URL, ask, fault, request, respond, served

import panelsynth as ps
from panelsynth.errors import CallError, EndpointError
from panelsynth.model import Endpoint


def loopback(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], **options: Any
) -> Exception:
    """Ask a server on a real socket, and return the error."""

    served_: list[asyncio.Task[None]] = []

    async def answer_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served_.append(cast("asyncio.Task[None]", asyncio.current_task()))
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def run() -> Exception:
        server = await asyncio.start_server(answer_one, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        scheme = options.pop("scheme", "http")
        model = ps.OpenAIModel(endpoint=Endpoint("m-1", f"{scheme}://127.0.0.1:{port}/v1"), **options)
        try:
            await model.ask(request())
        except Exception as error:  # noqa: BLE001 - the test looks at what it is
            return error
        finally:
            await model.aclose()
            server.close()
            await asyncio.gather(*served_, return_exceptions=True)
        raise AssertionError

    return asyncio.run(run())


def test_a_server_that_hangs_is_given_up_at_the_deadline() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)  # until the client hangs up

    error = loopback(hang, deadline=0.3)
    assert isinstance(error, CallError)
    assert (error.cause, error.message) == ("timeout", "no reply within 0.3 s")


def test_a_server_that_drips_is_given_up_at_the_deadline_too() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(1000):
            if writer.is_closing() or reader.at_eof():
                break
            writer.write(b" ")
            await asyncio.sleep(0.05)

    error = loopback(drip, deadline=0.4)
    assert isinstance(error, CallError)
    assert error.cause == "timeout"


def test_a_connection_that_breaks_off_is_worth_another_try() -> None:
    async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    error = loopback(hang_up)
    assert isinstance(error, CallError)
    assert error.cause == "connection-lost"


def test_tls_on_a_plain_port_is_unreachable() -> None:
    async def plain_words(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()

    error = loopback(plain_words, scheme="https")
    assert isinstance(error, EndpointError)
    assert error.cause == "unreachable"
    assert re.search(r"port \d+ of 127\.0\.0\.1 speaks plain http: write http://", error.message)


def test_a_refused_connection_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = ps.OpenAIModel(endpoint=Endpoint("m-1", f"http://127.0.0.1:{port}/v1"))
    words = f"127.0.0.1:{port}/v1 cannot be reached: nothing listens on port {port} of 127.0.0.1"
    with pytest.raises(EndpointError, match=words) as caught:
        asyncio.run(ask(model))
    assert caught.value.cause == "unreachable"


def test_an_unknown_host_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with pytest.raises(EndpointError, match=r"there is no host models\.test \(Name or service not known"):
        asyncio.run(ask(ps.OpenAIModel(endpoint=Endpoint("m-1", URL, SecretStr(KEY)))))


def test_a_connect_timeout_is_unreachable_and_a_read_timeout_is_not() -> None:
    late = fault(httpx2.ConnectTimeout(""))
    assert isinstance(late, EndpointError)
    assert "port 443 of models.test does not take the connection" in late.message
    assert isinstance(fault(httpx2.ReadTimeout("")), CallError)


def test_a_server_that_has_answered_once_is_only_lost_for_a_while() -> None:
    answers: list[httpx2.Response | Exception] = [respond(), httpx2.ConnectError("refused")]

    def handler(_: httpx2.Request) -> httpx2.Response:
        now = answers.pop(0)
        if isinstance(now, Exception):
            raise now
        return now

    async def run() -> None:
        model = served(handler)
        await model.ask(request())
        with pytest.raises(CallError, match="refused") as caught:
            await ask(model)
        assert caught.value.cause == "connection-lost"

    asyncio.run(run())


def test_a_fault_of_the_client_itself_stops_the_run() -> None:
    error = fault(RuntimeError("Event loop is closed"))
    assert isinstance(error, EndpointError)
    assert "Event loop is closed" in error.message


def test_a_certificate_that_is_not_trusted_is_named() -> None:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = "self-signed certificate"
    failure = httpx2.ConnectError("no")
    failure.__cause__ = cause
    assert "the certificate of models.test is not trusted (self-signed certificate)" in fault(failure).message
