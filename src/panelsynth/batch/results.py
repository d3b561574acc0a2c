"""Results: lines of batch files as they came back, found by the key of their request."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CallError, EndpointError, InputError
from ..model import Reply
from ..model.envelope import completion, now, plain, refusal

if TYPE_CHECKING:
    import httpx2

MAX_LINE = 4_000_000
"""Bytes of one result; no review is that long."""

_KEY = re.compile(r"[0-9a-f]{64}")
_NOT_RUN = {"batch_expired": "batch-expired", "batch_cancelled": "batch-cancelled"}


@dataclass(frozen=True)
class _Place:
    """Where a line stands."""

    file: int
    at: int
    digest: bytes


class Results:
    """An index of result files: a key and a place for each line, whatever its length.

    Args:
        paths: result and error files, in any order.

    Raises:
        InputError: a file cannot be read, or holds no result at all.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)
        self._places: dict[str, list[_Place]] = {}
        self.lines = 0
        """Lines that are not blank."""
        self.repeated = 0
        """Lines that say word for word what another one says."""
        self.unreadable: list[str] = []
        """Places of lines that are no result: cut off, over-long or something else."""
        self.strangers: list[str] = []
        """Ids that no export of ours can have given."""
        for number, path in enumerate(self._paths):
            try:
                self._scan(number, path)
            except OSError as exc:
                said = f"{path}: cannot be read: {exc.strerror or exc}"
                raise InputError(said, remedy="Name the file that the batch gave back.") from exc

    @property
    def keys(self) -> set[str]:
        """The keys that are answered."""
        return {*self._places}

    def find(self, key: str) -> list[dict[str, Any]]:
        """Read the different lines of one request, in the files' order."""
        found = []
        for place in self._places.get(key, ()):
            with self._paths[place.file].open("rb") as file:
                file.seek(place.at)
                found.append(json.loads(file.readline(MAX_LINE)))
        return found

    def _scan(self, number: int, path: Path) -> None:
        row, results, requests = 0, 0, 0
        with path.open("rb") as file:
            while True:
                at = file.tell()
                raw = file.readline(MAX_LINE)
                if not raw:
                    break
                row += 1
                while len(raw) == MAX_LINE and not raw.endswith(b"\n") and (more := file.readline(MAX_LINE)):
                    raw = more if len(more) == MAX_LINE else b"?"  # over-long: read past it
                if not raw.strip():
                    continue
                self.lines += 1
                data = _load(raw)
                requests += "method" in data and "response" not in data
                if not isinstance(data.get("custom_id"), str) or not {"response", "error"} & {*data}:
                    self.unreadable.append(f"{path}:{row}")
                    continue
                results += 1
                self._note(data["custom_id"], _Place(number, at, hashlib.sha256(raw.strip()).digest()))
        if not results:
            what = "holds requests, not results" if requests else "holds no batch results"
            raise InputError(f"{path}: {what}", remedy="Name the output and error files that the batch gave back.")

    def _note(self, key: str, place: _Place) -> None:
        if not _KEY.fullmatch(key):
            self.strangers.append(plain(key, 64))
            return
        places = self._places.setdefault(key, [])
        if place.digest in {one.digest for one in places}:
            self.repeated += 1
        else:
            places.append(place)


def read_reply(data: dict[str, Any], model: str) -> Reply:
    """Take a result apart: nested as OpenAI writes it, or flat as vLLM may.

    Args:
        data: the line.
        model: the model's name as asked for.

    Raises:
        CallError: it is an error, no completion, or one that was withheld, refused or cut.
    """
    response, error = data.get("response"), data.get("error")
    code = str(error.get("code")) if isinstance(error, dict) else ""
    if code in _NOT_RUN:
        words = error.get("message") if isinstance(error, dict) else ""
        raise CallError(f"the batch ended before this request: {plain(str(words))}", cause=_NOT_RUN[code])
    body = response.get("body", response if "choices" in response else None) if isinstance(response, dict) else None
    status = response.get("status_code") if isinstance(response, dict) else None
    status = status if type(status) is int and 100 <= status < 600 else 500 if error or body is None else 200
    if error:
        body, status = {"error": error}, 500 if status == 200 else status
    try:
        http = _http(status, body)
        if status != 200:
            raise refusal(http, "the batch", None)
        found = completion(http, "the batch", None)
    except EndpointError as exc:  # here it stops no run: each line stands for itself
        raise CallError(exc.message, cause=exc.cause) from None
    return Reply(found.text, found.model or model, found.born or now(), "batch", found.usage)


def _http(status: int, body: object) -> httpx2.Response:
    """Put a body where the reader of live answers looks for it."""
    import httpx2

    return httpx2.Response(status, content=json.dumps(body).encode())


def _load(raw: bytes) -> dict[str, Any]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
