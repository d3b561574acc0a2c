"""OpenAIModel: one client for every server that speaks OpenAI's Chat Completions."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

from pydantic import SecretStr

from ..errors import CallError, EndpointError
from ..request import Request, Rung
from ..verdict import Usage
from .endpoint import DEFAULT_MODEL, Endpoint, find_endpoint
from .protocol import Reply
from .recording import LABEL_HEADER, SAMPLE_HEADER, About

if TYPE_CHECKING:
    import httpx2
    import openai

DEADLINE, LOCAL_DEADLINE = 180.0, 600.0
"""Seconds that one call may take in all, on a far and on a local server."""

_UTC = "%Y-%m-%dT%H:%M:%SZ"
_FATAL = {401: "authentication", 403: "authentication", 404: "unknown-model"}
_REMEDIES = {
    "authentication": "Check that the key is whole and belongs to this server.",
    "quota": "The account has no credit left: top it up, then run again.",
    "unknown-model": "Check --model; for a server of your own check that --base-url ends in /v1.",
    "unreachable": "Check --base-url, and that the server runs.",
}


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
            endpoint = Endpoint(model or DEFAULT_MODEL, str(client.base_url).rstrip("/"), SecretStr(client.api_key))
        self.endpoint = endpoint or find_endpoint(model, base_url=base_url, key_env=key_env)
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

        client = self._given or self._client()
        headers = {LABEL_HEADER: request.label, SAMPLE_HEADER: str(request.sample)}
        try:
            async with asyncio.timeout(self._deadline):
                response = await client.post(
                    "/chat/completions",
                    cast_to=httpx2.Response,
                    body=request.body(self.rung),
                    options={"headers": headers, "max_retries": 0},
                )
        except (TimeoutError, openai.APITimeoutError) as exc:
            raise CallError(f"no reply within {self._deadline:g} s", cause="timeout", again=True) from exc
        except openai.APIStatusError as exc:
            self._refuse(exc.response)
        except openai.APIConnectionError as exc:
            self._lose(exc)
        self._has_answered = True
        return self._read(response)

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
            key = self.endpoint.key.get_secret_value() if self.endpoint.key else "none"
            http = httpx2.AsyncClient(transport=self.transport, timeout=self._deadline) if self.transport else None
            client = openai.AsyncOpenAI(
                api_key=key, base_url=self.endpoint.base_url, http_client=http, timeout=self._deadline, max_retries=0
            )
            self._own = (loop, client)
        return self._own[1]

    def _refuse(self, response: httpx2.Response) -> NoReturn:
        """Name an answer that is no 2xx: fatal when every call would meet it, else this call's own."""
        said = self._words(response)
        place = f"{self.endpoint.base_url} answers {response.status_code}"
        cause = "quota" if "insufficient_quota" in response.text else _FATAL.get(response.status_code)
        if cause:
            raise EndpointError(f"{place}: {said}", cause=cause, remedy=_REMEDIES[cause])
        if response.status_code == 429:
            wait = response.headers.get("retry-after", "")
            seconds = float(wait) if wait.replace(".", "", 1).isdigit() else None
            raise CallError(f"{place}: {said}", cause="rate-limited", again=True, wait=seconds)
        if response.status_code >= 500 or response.status_code in {408, 409}:
            raise CallError(f"{place}: {said}", cause="server-error", again=True)
        raise CallError(f"{place}: {said}", cause="request-refused")

    def _lose(self, exc: openai.APIConnectionError) -> NoReturn:
        """Name a connection that failed: fatal when nothing has ever answered there."""
        reason = self._scrub(str(exc.__cause__ or exc)) or "the connection was lost"
        if self._has_answered:
            raise CallError(f"{self.endpoint.base_url}: {reason}", cause="connection-lost", again=True) from None
        message = f"{self.endpoint.base_url} cannot be reached: {reason}"
        raise EndpointError(message, cause="unreachable", remedy=_REMEDIES["unreachable"]) from None

    def _read(self, response: httpx2.Response) -> Reply:
        """Take content, model, time and usage out of a 2xx answer."""
        try:
            data = json.loads(response.text)
            choice = data["choices"][0]
            message = choice["message"]
        except (ValueError, KeyError, IndexError, TypeError) as exc:
            said = f"{self.endpoint.base_url} sent no chat completion: {self._words(response)}"
            raise CallError(said, cause="malformed-reply", again=True) from exc
        if choice.get("finish_reason") == "content_filter":
            raise CallError("the server's content filter withheld the reply", cause="content-filter")
        if message.get("refusal"):
            raise CallError(f"the model refused: {self._scrub(str(message['refusal']))}", cause="refusal")
        if choice.get("finish_reason") == "length":
            raise CallError("the reply was cut at the output limit", cause="truncated", again=True)
        answered_by = str(data.get("model") or self.name)
        return Reply(
            text=str(message.get("content") or ""),
            answered_by=answered_by,
            answered_at=self._time(data.get("created")),
            source="authored" if "authored" in (self.name, answered_by, self._about and self._about.source) else "live",
            usage=_usage(data.get("usage")),
        )

    def _time(self, created: object) -> str:
        """Say when a reply was born: by the server's clock, else when it was recorded, else now."""
        if isinstance(created, int) and 0 < created < 10**11:
            return datetime.fromtimestamp(created, UTC).strftime(_UTC)
        return self._about.recorded_at if self._about else datetime.now(UTC).strftime(_UTC)

    def _words(self, response: httpx2.Response) -> str:
        """Find the server's own words in any of the shapes that servers use."""
        try:
            data = json.loads(response.text)
        except ValueError:
            data = response.text
        if isinstance(data, dict):
            data = data.get("error") or data.get("message") or data.get("detail") or data
        if isinstance(data, dict):
            data = data.get("message") or data
        return self._scrub(" ".join(str(data).split())[:300]) or "(no words)"

    def _scrub(self, text: str) -> str:
        key = self.endpoint.key.get_secret_value() if self.endpoint.key else ""
        return text.replace(key, "[key]") if key else text


def _usage(data: object) -> Usage | None:
    if not isinstance(data, dict):
        return None
    counts = data.get("prompt_tokens"), data.get("completion_tokens")
    given, taken = counts
    return Usage(input=given, output=taken) if isinstance(given, int) and isinstance(taken, int) else None
