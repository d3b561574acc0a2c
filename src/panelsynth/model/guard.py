"""Guard: a transport that counts what a server sends while it comes in, and stops where no answer can be that long."""

from __future__ import annotations

import urllib.request
import zlib
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx2

from ..errors import CallError, EndpointError
from .endpoint import is_loopback

MAX_BYTES = 4_000_000
"""Bytes of one answer, packed or unpacked: some sixty times the longest honest one."""

_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_ABOUT_THE_BODY = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})


class GuardTransport(httpx2.AsyncBaseTransport):
    """Hand on answers whole and unpacked; a gzip bomb or an endless one costs no more memory than the cap.

    Args:
        inner: what really sends.
        cap: decoded bytes that an answer may have.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, cap: int = MAX_BYTES) -> None:
        self._inner = inner
        self._cap = cap

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send, and take the answer in piece by piece.

        Raises:
            CallError: `too-large`. Of an answer that is an error anyway, the beginning is handed on.
        """
        request.headers["accept-encoding"] = "gzip"  # whatever else is installed here unpacks without our bounds
        response = await self._inner.handle_async_request(request)
        response.request = request
        content, taken = bytearray(), 0
        try:
            is_whole = response.is_stream_consumed  # a replay's is, and unpacked
            unpack = _as_it_is if is_whole else _unpacker(response.headers.get("content-encoding", ""))
            async for piece in response.aiter_bytes() if is_whole else response.aiter_raw():
                taken += len(piece)
                content += unpack(piece, self._cap + 1 - len(content))
                if max(taken, len(content)) > self._cap and response.is_success:
                    message = f"the server's answer is larger than {self._cap:,} bytes"
                    raise CallError(message, cause="too-large")
                if max(taken, len(content)) > self._cap:
                    break
        finally:
            await response.aclose()
        headers = [(name, value) for name, value in response.headers.raw if name.lower() not in _ABOUT_THE_BODY]
        return httpx2.Response(response.status_code, headers=headers, content=bytes(content), request=request)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


def _as_it_is(piece: bytes, _: int) -> bytes:
    return piece


def _unpacker(codings: str) -> Callable[[bytes, int], bytes]:
    """Unpack piece by piece, never more than is asked for, and nothing that follows the end of what was packed.

    Raises:
        DecodingError: it is packed twice, of which a few KB can keep a machine busy for minutes, or not at all.
    """
    packed = [coding for part in codings.split(",") if (coding := part.strip().lower()) in _PACKED]
    if not packed:
        return _as_it_is
    if len(packed) > 1:
        raise httpx2.DecodingError(f"packed {len(packed)} times over")
    stream = zlib.decompressobj(zlib.MAX_WBITS | 32)  # told by its first bytes

    def unpack(piece: bytes, most: int) -> bytes:
        try:
            return b"" if stream.eof else stream.decompress(piece, most)
        except zlib.error as exc:
            raise httpx2.DecodingError(str(exc)) from exc

    return unpack


def network(base_url: str) -> httpx2.AsyncBaseTransport:
    """Open the transport that sends for real, through the proxy that the environment names for an address.

    What is for this machine stays on it: a proxy would be handed prompt and key over plain http.
    """
    parts = urlsplit(base_url)
    # With a transport of its own httpx2 no longer looks at the proxy variables.
    bypass = is_loopback(base_url) or urllib.request.proxy_bypass(parts.hostname or "")
    proxy = None if bypass else urllib.request.getproxies().get(parts.scheme)
    limits = httpx2.Limits(max_connections=1000, max_keepalive_connections=100)  # what the SDK's own client allows
    try:
        return httpx2.AsyncHTTPTransport(proxy=proxy, limits=limits)
    except (ValueError, OSError, ImportError, httpx2.InvalidURL) as exc:  # a proxy's address may hold a password
        reason = exc.strerror if isinstance(exc, OSError) else type(exc).__name__
        remedy = "Check the variables HTTPS_PROXY, HTTP_PROXY, SSL_CERT_FILE and SSL_CERT_DIR."
        message = f"{base_url} cannot be reached: the way there cannot be opened ({reason})"
        fault = EndpointError(message, cause="unreachable", remedy=remedy)
    raise fault  # out here it has no context, which might show that password
