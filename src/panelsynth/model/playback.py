"""RecordedModel answers from a recording; RecordingModel asks a server and keeps what it says."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from ..request import Request
from .client import OpenAIModel
from .endpoint import Endpoint
from .envelope import now
from .protocol import Reply
from .recording import About, Recording

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

    async def ask(self, request: Request) -> Reply:
        """Play the reply that was recorded for this request."""
        return await self._model.ask(request)

    async def aclose(self) -> None:
        """Close the client."""
        await self._model.aclose()

    @property
    def unplayed(self) -> list[str]:
        """Labels of the exchanges that nothing has asked for: recordings that no longer test anything."""
        return self._transport.unplayed


class RecordingModel:
    """Ask a server and keep every exchange, scrubbed, for `save`."""

    def __init__(self, endpoint: Endpoint, *, deadline: float | None = None) -> None:
        import httpx2

        from .transports import RecordTransport

        self.name = endpoint.model
        self.recording = Recording(About(source="live", recorded_at=now(), model=endpoint.model))
        parts = urlsplit(endpoint.base_url)
        # With a transport of its own httpx2 no longer looks at the proxy variables.
        bypass = urllib.request.proxy_bypass(parts.hostname or "")
        proxy = None if bypass else urllib.request.getproxies().get(parts.scheme)
        transport = RecordTransport(self.recording, httpx2.AsyncHTTPTransport(proxy=proxy), parts.path.rstrip("/"))
        self._model = OpenAIModel(endpoint=endpoint, transport=transport, deadline=deadline)
        self._authored = False

    async def ask(self, request: Request) -> Reply:
        """Ask the server; the exchange is kept."""
        reply = await self._model.ask(request)
        self._authored = self._authored or reply.source == "authored"
        return reply

    async def aclose(self) -> None:
        """Close the client."""
        await self._model.aclose()

    def save(
        self, path: Path, *, tools: dict[str, str | None], personas: dict[str, str | None], prompt_version: str
    ) -> None:
        """Write the recording and say what it is of; without any exchange nothing is written.

        Args:
            path: the file to write.
            tools: tool id -> its file, or None.
            personas: persona id -> its file, or None for a shipped one.
            prompt_version: names the reviewers' instructions.

        Raises:
            RecordingError: something in it looks like a key.
            OutputError: the file cannot be written.
        """
        if not self.recording.exchanges:
            return  # a run that never got an answer must not take an older recording's place
        self.recording.about = About(
            source="authored" if self._authored else "live",
            recorded_at=now(),
            model=self.name,
            tools={name: _relative(file, path) for name, file in tools.items()},
            personas={name: _relative(file, path) for name, file in personas.items()},
            prompt_version=prompt_version,
        )
        self.recording.write(path)


def _relative(file: str | None, recording: Path) -> str | None:
    if file is None:
        return None
    return Path(os.path.relpath(file, recording.parent)).as_posix()
