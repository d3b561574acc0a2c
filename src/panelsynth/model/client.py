"""OpenAIModel: one client for every server that speaks OpenAI's Chat Completions."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from pydantic import SecretStr

from ..errors import CallError, InputError, PanelsynthError
from ..request import Request, Rung
from .endpoint import DEFAULT_MODEL, Endpoint, check_clear, check_key, find_endpoint, is_openais, without_secrets
from .envelope import completion, now, objection, refusal
from .ladder import Ladder, Shape
from .local import Contexts, installed, remedy
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

_TOKEN_INSTEAD = "<missing API key>"  # noqa: S105 - what the SDK's Azure client holds when it is given a token


class OpenAIModel:
    """Ask an OpenAI-compatible server: one Chat Completions call per request, a total deadline, no hidden retries.

    Args:
        model: the model's name, or `preset/name` such as `ollama/qwen3:8b`; the default model when None.
        base_url: the server's address, `/v1` included; OpenAI's own, or `OPENAI_BASE_URL`, when None.
        key_env: name of the environment variable that holds the key.
        endpoint: all three in one, instead.
        client: a client of your own; it is used as it is and never closed here.
        transport: how the client sends (a recording, a replay, a test's own).
        rung: how firmly the answer schema is asked for; json_schema, and less where the server refuses it, when None.
        keeps_limit: whether to fail, rather than ask without an output limit, where a server refuses it.
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
        rung: Rung | None = None,
        keeps_limit: bool = False,
        deadline: float | None = None,
        about: About | None = None,
    ) -> None:
        if client is not None:
            if not callable(getattr(client, "post", None)) or not hasattr(client, "base_url"):
                raise InputError("client= is no AsyncOpenAI client", remedy="Hand over openai.AsyncOpenAI(...).")
            key = SecretStr(client.api_key) if client.api_key not in {"", None, _TOKEN_INSTEAD} else None
            endpoint = Endpoint(model or DEFAULT_MODEL, without_secrets(str(client.base_url)), key)
        self.endpoint = endpoint or find_endpoint(model, base_url=base_url, key_env=key_env)
        if client is None:
            check_clear(self.endpoint.base_url, self.endpoint.key, os.environ)
        if self.endpoint.key:
            whole = check_key(self.endpoint.key.get_secret_value(), "the key")
            if whole != self.endpoint.key:
                raise InputError("the key has blanks or a line end around it", remedy="Strip it.")
        if deadline is not None and not deadline >= 0:
            raise InputError(f"a deadline of {deadline} s is none", remedy="Name more than 0 seconds.")
        self.name = self.endpoint.model
        self.transport = transport
        self.notices: list[str] = []
        """What the server made us change, in words for users, each said once."""
        self._rung = rung
        self._keeps_limit = keeps_limit
        self._given = client
        self._deadline = deadline or (LOCAL_DEADLINE if self.endpoint.is_local else DEADLINE)
        self._about = about
        self._own: tuple[asyncio.AbstractEventLoop, openai.AsyncOpenAI] | None = None
        self._has_answered = False
        self._ladders: dict[str, Ladder] = {}
        self._contexts = Contexts()
        self._installed: asyncio.Task[list[str]] | None = None

    @property
    def rung(self) -> Rung:
        """How firmly the answer schema is asked for by now."""
        return self.ladder(self.name).shape.rung

    @property
    def limits_output(self) -> bool:
        """Whether every reply has a limit of tokens: not once a server has refused it under every name."""
        return all(ladder.shape.limit for ladder in self._ladders.values())

    def ladder(self, model: str) -> Ladder:
        """What is known of the shape that a model's server takes."""
        if model not in self._ladders:
            shape = Shape(self._rung or "json_schema")
            fixed = self._rung is not None
            self._ladders[model] = Ladder(model, shape, self.notices, fixed, self._keeps_limit)
        return self._ladders[model]

    def keep_limit(self) -> None:
        """From here on fail, rather than ask without an output limit: a limit of money needs a bound for each call."""
        self._keeps_limit = True
        for ladder in self._ladders.values():
            ladder.keep_limit()

    async def ask(self, request: Request) -> Reply:
        """Send one request and take its reply apart; see `Model.ask`.

        A server that refuses the shape of the request is asked again in a simpler one, at most four times; where it
        took that shape before, in the same one, once: a refusal costs nothing, and another of its machines may answer.
        """
        ladder = self.ladder(request.model)
        doubted = False
        fault: PanelsynthError
        try:
            async with asyncio.timeout(self._deadline):
                while True:
                    shape = ladder.shape
                    response = await self._send(request, shape)
                    self._has_answered = True
                    said = objection(response)
                    if ladder.refused(shape, response.status_code, said):
                        continue
                    if doubted or not ladder.doubts(shape, response.status_code, said):
                        break
                    doubted = True
                if not said:
                    ladder.took(shape)
                if response.is_success:
                    return self._read(request, response)
                fault = await self._refusal(request, shape, response)
        except PanelsynthError as exc:
            fault = exc
        except Exception as exc:  # noqa: BLE001 - whatever a client may raise, a review ends with a named cause
            from .losses import loss

            fault = loss(exc, self.endpoint, deadline=self._deadline, has_answered=self._has_answered)
        raise fault  # out here it has no context: the client's own errors may show the key

    async def _send(self, request: Request, shape: Shape) -> httpx2.Response:
        """Make one HTTP request; an answer that is an error is an answer too."""
        import httpx2
        import openai

        headers = {LABEL_HEADER: request.label, SAMPLE_HEADER: str(request.sample)}
        try:
            return await (self._given or self.client()).post(
                "/chat/completions",
                cast_to=httpx2.Response,
                body=shape.body(request),
                options={"headers": headers, "max_retries": 0, "follow_redirects": False},
            )
        except openai.APIStatusError as exc:
            return exc.response

    async def aclose(self) -> None:
        """Close the client that was made here, if any; the next call makes a new one."""
        if self._own and self._own[0] is asyncio.get_running_loop():
            await self._own[1].close()
        self._own = None

    def client(self) -> openai.AsyncOpenAI:
        """Make one client per event loop: a connection pool dies with the loop it was made in."""
        import httpx2
        import openai

        from .guard import GuardTransport, network

        loop = asyncio.get_running_loop()
        if self._own is None or self._own[0] is not loop:
            http = openai.DefaultAsyncHttpxClient(
                transport=GuardTransport(self.transport or network(self.endpoint.base_url)),
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

    def _key(self, response: httpx2.Response) -> SecretStr | None:
        """Name what no word of an answer may show: a client of one's own may fetch its key or token by itself."""
        carried = response.request.headers.get("authorization", "").removeprefix("Bearer ") if self._given else ""
        return SecretStr(carried) if carried else self.endpoint.key

    async def _clean(self, request: httpx2.Request) -> None:
        """Drop what the SDK adds from OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS: they are OpenAI's."""
        if not is_openais(self.endpoint.base_url, os.environ):
            for name in {*request.headers} - _HEADERS - {LABEL_HEADER, SAMPLE_HEADER}:
                del request.headers[name]
            request.headers["authorization"] = f"Bearer {self._bearer}"

    async def _refusal(self, request: Request, shape: Shape, response: httpx2.Response) -> PanelsynthError:
        """Name an answer that is an error, with what is known here of its remedy."""
        fault = refusal(response, self.endpoint.base_url, self._key(response))
        if fault.cause == "unknown-model" and self.endpoint.is_local:
            if self._installed is None or self._installed.cancelled():
                self._installed = asyncio.ensure_future(installed(self._given or self.client(), self.endpoint.key))
            fault.remedy = remedy(request.model, await asyncio.shield(self._installed), self.endpoint)
        if fault.cause == "request-refused":
            ladder, said = self.ladder(request.model), objection(response)
            if ladder.doubts(shape, response.status_code, said):
                return CallError(fault.message, cause="server-error")
            return CallError(fault.message + ladder.advice(said), cause=fault.cause)
        return fault

    def _read(self, request: Request, response: httpx2.Response) -> Reply:
        """Take content, model, time and usage out of a 2xx answer."""
        found = completion(response, self.endpoint.base_url, self._key(response))
        if self.endpoint.is_local or (self._about and self._about.local):
            self._contexts.check(request, response)
        answered_by = found.model or request.model
        recorded_at = self._about.recorded_at if self._about else None
        return Reply(
            text=found.text,
            answered_by=answered_by,
            answered_at=found.born or recorded_at or now(),
            source="authored" if "authored" in (self.name, self._about and self._about.source) else "live",
            usage=found.usage,
        )
