"""RecordedModel answers from a recording; RecordingModel asks a server and keeps what it says."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import JsonValue, SecretStr

from ..request import Request, Rung
from .client import OpenAIModel
from .endpoint import Endpoint
from .envelope import now
from .ladder import Shape
from .protocol import Reply
from .recording import About, Exchange, Recording

REPLAY_URL = "https://replay.invalid/v1"


class RecordedModel:
    """Answer requests from a recording, through the same client as a live model; opens no socket, needs no key.

    Args:
        recording: a recording, or its file.

    Raises:
        RecordingError: the file is no recording. `ask` raises it for a request that was not recorded.
    """

    def __init__(self, recording: Recording | str | Path) -> None:
        from .transports import ReplayTransport

        if not isinstance(recording, Recording):
            recording = Recording.read(recording)
        self.about = recording.about
        self.name = recording.about.model
        self._transport = ReplayTransport(recording)
        endpoint = Endpoint(self.name, REPLAY_URL, SecretStr("replay"))
        self._model = OpenAIModel(endpoint=endpoint, transport=self._transport, rung=self.about.rung, about=self.about)
        for exchange in recording.exchanges:  # as recorded: the server's refusals on the way there are not kept
            if exchange.status < 300:
                body = exchange.request if isinstance(exchange.request, dict) else {}
                self._model.ladder(str(body.get("model"))).shape = Shape.of(body)

    async def ask(self, request: Request) -> Reply:
        """Play the reply that was recorded for this request."""
        return await self._model.ask(request)

    async def aclose(self) -> None:
        """Close the client."""
        await self._model.aclose()

    def body(self, request: Request) -> dict[str, JsonValue]:
        """Build the body under which the reply to a request is looked up: in the shape that was recorded."""
        return self._model.ladder(request.model).shape.body(request)

    @property
    def notices(self) -> list[str]:
        """What the recorded server would not take: nothing that a replay changes."""
        return self._model.notices

    @property
    def unplayed(self) -> list[str]:
        """Labels of the exchanges that nothing has asked for: recordings that no longer test anything."""
        return self._transport.unplayed


class RecordingModel:
    """Ask a server and keep every exchange, scrubbed, for `save`."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        rung: Rung | None = None,
        keeps_limit: bool = False,
        deadline: float | None = None,
    ) -> None:
        from .guard import GuardTransport, network
        from .transports import RecordTransport

        self.name = endpoint.model
        self.endpoint = endpoint
        self.recording = Recording(About(source="live", recorded_at=now(), model=endpoint.model))
        base_path = urlsplit(endpoint.base_url).path.rstrip("/")
        transport = RecordTransport(self.recording, GuardTransport(network(endpoint.base_url)), base_path)
        self._model = OpenAIModel(
            endpoint=endpoint, transport=transport, rung=rung, keeps_limit=keeps_limit, deadline=deadline
        )
        self._authored = False

    def keep_limit(self) -> None:
        """From here on fail, rather than ask without an output limit."""
        self._model.keep_limit()

    @property
    def notices(self) -> list[str]:
        """What the server made us change, in words for users, each said once."""
        return self._model.notices

    async def ask(self, request: Request) -> Reply:
        """Ask the server; the exchange is kept."""
        reply = await self._model.ask(request)
        self._authored = self._authored or reply.source == "authored"
        return reply

    async def aclose(self) -> None:
        """Close the client."""
        await self._model.aclose()

    def save(
        self,
        path: Path,
        *,
        tools: dict[str, str | None],
        personas: dict[str, str | None],
        prompt_version: str,
        template: str | None = None,
    ) -> None:
        """Write the recording and say what it is of; without any exchange nothing is written.

        Args:
            path: the file to write.
            tools: tool id -> its file, or None.
            personas: persona id -> its file, or None for a shipped one.
            prompt_version: names the reviewers' instructions.
            template: the review template's file, or None for the shipped one.

        Raises:
            RecordingError: something in it looks like a key.
            OutputError: the file cannot be written.
        """
        if not self.recording.exchanges:
            return  # a run that never got an answer must not take an older recording's place
        exchanges = self.recording.exchanges
        self.recording.exchanges = [e for e in exchanges if e.status < 300 or self._is_final(e)]
        self.recording.about = About(
            source="authored" if self._authored else "live",
            recorded_at=now(),
            model=self.name,
            tools={name: _relative(file, path) for name, file in tools.items()},
            personas={name: _relative(file, path) for name, file in personas.items()},
            samples=max((int(e.sample) + 1 for e in exchanges if e.sample.isdecimal()), default=1),
            local=self.endpoint.is_local,
            prompt_version=prompt_version,
            template=_relative(template, path),
            rung=self._model.rung,
        )
        self.recording.write(path)

    def _is_final(self, exchange: Exchange) -> bool:
        """Whether a request had the shape that the server was found to take: a refusal of another is not replayed."""
        body = exchange.request if isinstance(exchange.request, dict) else {}
        return Shape.of(body) == self._model.ladder(str(body.get("model"))).shape


def _relative(file: str | None, recording: Path) -> str | None:
    if file is None:
        return None
    return Path(os.path.relpath(file, recording.parent)).as_posix()
