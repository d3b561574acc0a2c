"""OpenAIModel: one client for every server that speaks OpenAI's Chat Completions."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from pydantic import SecretStr

from ..errors import CallError, EndpointError, InputError, PanelsynthError
from ..request import Request, Rung
from .endpoint import DEFAULT_MODEL, Endpoint, check_key, find_endpoint, is_openais
from .envelope import REMEDIES, born, completion_text, load, now, plain, refusal, scrub, usage
from .protocol import Reply
from .recording import LABEL_HEADER, SAMPLE_HEADER, About

if TYPE_CHECKING:
    import httpx2
    import openai

DEADLINE, LOCAL_DEADLINE = 180.0, 600.0
"""Seconds that one call may take in all, on a far and on a local server."""

CONNECT_DEADLINE = 20.0
"""Seconds after which a server that does not even take the connection counts as unreachable."""

_HEADERS = frozenset(
    "accept accept-encoding connection content-length content-type host user-agent".split()  # noqa: SIM905
)
"""What a server that is not OpenAI's is sent, beside its own key."""


class OpenAIModel:
    """Ask an OpenAI-compatible server: one Chat Completions call per request, a total deadline, no hidden retries.

    Args:
        model: the model's name, or `preset/name` such as `ollama/qwen3:8b`; the default model when None.
        base_url: the server's address, `/v1` included; OpenAI's own, or `OPENAI_BASE_URL`, when None.
        key_env: name of the environment variable that holds the key.
        endpoint: all three in one, instead.
        client: a client of your own; it is used as it is and never closed here.
        transport: how the client sends (a recording, a replay, a test's own).
        rung: how firmly the answer schema is asked for.
        deadline: seconds per call; 180, or 600 on a loopback server, when None.
        about: what the replies are recordings of, when they are.

    Example:
        >>> OpenAIModel("ollama/qwen3:8b").name
        'qwen3:8b'
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        base_url: str | None = None,
        key_env: str | None = None,
        endpoint: Endpoint | None = None,
        client: openai.AsyncOpenAI | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        rung: Rung = "json_schema",
        deadline: float | None = None,
        about: About | None = None,
    ) -> None:
        if client is not None:
            if not callable(getattr(client, "post", None)) or not hasattr(client, "base_url"):
                raise InputError("client= is no AsyncOpenAI client", remedy="Hand over openai.AsyncOpenAI(...).")
            key = SecretStr(client.api_key) if client.api_key else None
            endpoint = Endpoint(model or DEFAULT_MODEL, str(client.base_url).rstrip("/"), key)
        self.endpoint = endpoint or find_endpoint(model, base_url=base_url, key_env=key_env)
        if self.endpoint.key:
            whole = check_key(self.endpoint.key.get_secret_value(), "the key")
            if whole != self.endpoint.key:
                raise InputError("the key has blanks or a line end around it", remedy="Strip it.")
        self.name = self.endpoint.model
        self.rung = rung
        self.transport = transport
        self._given = client
        self._deadline = deadline or (LOCAL_DEADLINE if self.endpoint.is_local else DEADLINE)
        self._about = about
        self._own: tuple[asyncio.AbstractEventLoop, openai.AsyncOpenAI] | None = None
        self._has_answered = False

    async def ask(self, request: Request) -> Reply:
        """Send one request and take its reply apart; see `Model.ask`."""
        import httpx2
        import openai

        headers = {LABEL_HEADER: request.label, SAMPLE_HEADER: str(request.sample)}
        try:
            async with asyncio.timeout(self._deadline):
                response = await (self._given or self._client()).post(
                    "/chat/completions",
                    cast_to=httpx2.Response,
                    body=request.body(self.rung),
                    options={"headers": headers, "max_retries": 0},
                )
        except PanelsynthError:
            raise
        except openai.APIStatusError as exc:
            self._has_answered = True
            fault: PanelsynthError = refusal(exc.response, self.endpoint.base_url, self.endpoint.key)
        except Exception as exc:  # noqa: BLE001 - whatever a client may raise, a review ends with a named cause
            fault = self._loss(exc)
        else:
            self._has_answered = True
            return self._read(response)
        raise fault  # out here it has no context: the client's own errors may show the key

    async def aclose(self) -> None:
        """Close the client that was made here, if any; the next call makes a new one."""
        if self._own and self._own[0] is asyncio.get_running_loop():
            await self._own[1].close()
        self._own = None

    def _client(self) -> openai.AsyncOpenAI:
        """Make one client per event loop: a connection pool dies with the loop it was made in."""
        import httpx2
        import openai

        loop = asyncio.get_running_loop()
        if self._own is None or self._own[0] is not loop:
            http = openai.DefaultAsyncHttpxClient(
                transport=self.transport,
                timeout=httpx2.Timeout(self._deadline, connect=min(CONNECT_DEADLINE, self._deadline)),
                follow_redirects=False,  # the prompt and the key are for this server alone
                event_hooks={"request": [self._clean]},
            )
            client = openai.AsyncOpenAI(api_key=self._bearer, base_url=self.endpoint.base_url, http_client=http)
            self._own = (loop, client)
        return self._own[1]

    @property
    def _bearer(self) -> str:
        return self.endpoint.key.get_secret_value() if self.endpoint.key else "none"

    async def _clean(self, request: httpx2.Request) -> None:
        """Drop what the SDK adds from OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS: they are OpenAI's."""
        if not is_openais(self.endpoint.base_url, os.environ):
            for name in {*request.headers} - _HEADERS - {LABEL_HEADER, SAMPLE_HEADER}:
                del request.headers[name]
            request.headers["authorization"] = f"Bearer {self._bearer}"

    def _loss(self, exc: Exception) -> CallError | EndpointError:
        """Name a call that brought no answer: fatal when nothing has ever answered there."""
        import httpx2
        import openai

        cause = exc.__cause__ if isinstance(exc, openai.APIConnectionError) and exc.__cause__ else exc
        late = isinstance(exc, TimeoutError | openai.APITimeoutError)
        if late and not isinstance(cause, httpx2.ConnectTimeout):
            return CallError(f"no reply within {self._deadline:g} s", cause="timeout")
        place, reason = self.endpoint.base_url, scrub(str(cause), self.endpoint.key) or type(cause).__name__
        if isinstance(cause, httpx2.DecodingError):
            return CallError("the server sent a body that cannot be unpacked", cause="malformed-reply")
        lost = (httpx2.ReadError, httpx2.WriteError, httpx2.CloseError, httpx2.RemoteProtocolError)
        if isinstance(cause, lost) or (self._has_answered and isinstance(cause, httpx2.TransportError)):
            return CallError(f"the connection was lost: {reason}", cause="connection-lost")
        message = f"{place} cannot be reached: {reason}"
        return EndpointError(message, cause="unreachable", remedy=REMEDIES["unreachable"])

    def _read(self, response: httpx2.Response) -> Reply:
        """Take content, model, time and usage out of a 2xx answer."""
        text = completion_text(response, self.endpoint.base_url, self.endpoint.key)
        data = load(response)
        named = data.get("model")
        answered_by = (plain(named, 200) if isinstance(named, str) else "") or self.name
        recorded_at = self._about.recorded_at if self._about else None
        return Reply(
            text=text,
            answered_by=answered_by,
            answered_at=born(data.get("created")) or recorded_at or now(),
            source="authored" if "authored" in (self.name, answered_by, self._about and self._about.source) else "live",
            usage=usage(data.get("usage")),
        )
