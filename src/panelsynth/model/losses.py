"""What became of a call that brought no answer at all: late, lost, or never taken."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

import httpx2
import openai

from ..errors import CallError, EndpointError
from .endpoint import Endpoint
from .envelope import REMEDIES, scrub

_LOST = (httpx2.ReadError, httpx2.WriteError, httpx2.CloseError, httpx2.RemoteProtocolError)


def loss(exc: Exception, endpoint: Endpoint, *, deadline: float, has_answered: bool) -> CallError | EndpointError:
    """Name a call that brought no answer: fatal when nothing has ever answered there."""
    cause = exc.__cause__ if isinstance(exc, openai.APIConnectionError) and exc.__cause__ else exc
    late = isinstance(exc, TimeoutError | openai.APITimeoutError)
    if late and not isinstance(cause, httpx2.ConnectTimeout):
        return CallError(f"no reply within {deadline:g} s", cause="timeout")
    if isinstance(cause, httpx2.DecodingError):
        return CallError("the server sent a body that cannot be unpacked", cause="not-a-completion")
    reason = scrub(str(cause), endpoint.key) or type(cause).__name__
    if isinstance(cause, _LOST) or (has_answered and isinstance(cause, httpx2.TransportError)):
        return CallError(f"the connection was lost: {reason}", cause="connection-lost")
    message = f"{endpoint.base_url} cannot be reached: {_diagnosis(cause, endpoint) or reason}"
    return EndpointError(message, cause="unreachable", remedy=REMEDIES["unreachable"])


def _diagnosis(exc: BaseException, endpoint: Endpoint) -> str:
    """Say what stands between us and the server, where the chain of causes tells; empty when it does not."""
    parts = urlsplit(endpoint.base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    link: BaseException | None = exc
    while link is not None:
        if isinstance(link, socket.gaierror):
            return f"there is no host {parts.hostname} ({link.strerror or 'no address'})"
        if isinstance(link, ConnectionRefusedError):
            return f"nothing listens on port {port} of {parts.hostname} (connection refused)"
        if isinstance(link, ssl.SSLCertVerificationError):
            return f"the certificate of {parts.hostname} is not trusted ({link.verify_message})"
        if isinstance(link, ssl.SSLError) and link.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}:
            return f"port {port} of {parts.hostname} speaks plain http: write http://"
        link = link.__cause__ or link.__context__
    if isinstance(exc, httpx2.ConnectTimeout):
        return f"port {port} of {parts.hostname} does not take the connection (timed out)"
    return ""
