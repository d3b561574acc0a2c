"""Memory: what the last build depended on, so that an unchanged workspace is not read again."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .._version import __version__
from ..errors import OutputError
from ..model import last_failure
from ..writing import write_whole
from .folder import INPUTS, Workspace

_OWN = Path(__file__).parents[1]
_OWN_KINDS = (".py", ".j2", ".css")


@dataclass(frozen=True)
class Remembered:
    """What the last build of an unchanged workspace said."""

    files: int
    """Files of the site."""
    notices: tuple[str, ...]


class Memory:
    """The last build of a workspace into a folder with some options; make it before anything of the workspace is read.

    Args:
        workspace: the workspace.
        folder: where to.
        options: what else a build depends on.
    """

    def __init__(self, workspace: Workspace, folder: Path, options: Mapping[str, object]) -> None:
        self._folder = folder
        self._path = workspace.root / ".panelsynth" / f"build-{options['target']}.json"
        # Taken now: what is edited while a build goes on must not count as built.
        words = json.dumps([{**options, "folder": str(folder.resolve())}, inputs_digest(workspace)], sort_keys=True)
        self._inputs = hashlib.sha256(words.encode()).hexdigest()

    def recall(self) -> Remembered | None:
        """Recall the last build; None where anything has changed since, in the workspace or in what was built."""
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
            if (known["inputs"], known["output"]) == (self._inputs, _digest([self._folder])):
                return Remembered(int(known["files"]), tuple(map(str, known["notices"])))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return None

    def remember(self, files: int, notices: Sequence[str]) -> None:
        """Note a build; where that cannot be written, the next build is a whole one."""
        state = {
            "inputs": self._inputs,
            "output": _digest([self._folder]),
            "files": files,
            "notices": [*notices],
        }
        with suppress(OutputError):
            write_whole(self._path, json.dumps(state))


def inputs_digest(workspace: Workspace) -> str:
    """Digest names, sizes and times of everything that a site is made of: nothing is opened but the settings.

    Our own programs and templates count by their files, so that a checkout of panelsynth may change under its number.
    """
    templates = workspace.config.theme.templates
    places = [workspace.root / name for name in INPUTS]
    places += [workspace.root / templates] if templates else []
    return _digest([*places, _OWN], head=f"{__version__} {sys.version} {last_failure(workspace.store_path)}\n")


def _digest(places: Iterable[Path], head: str = "") -> str:
    digest = hashlib.sha256(head.encode())
    for place in places:
        for line in _stats(place):
            digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _stats(place: Path) -> Iterator[str]:
    """List the files at a place, behind links too, each with its size and times.

    The time of the last change of the file's own entry shows an edit that was given back its old date.
    """
    todo, seen = [os.fspath(place)], set[tuple[int, int]]()
    while todo:
        path = todo.pop()
        try:
            found = os.stat(path)  # noqa: PTH116 - a string each for thousands of files
            entries = sorted(os.listdir(path)) if stat.S_ISDIR(found.st_mode) else None  # noqa: PTH208
        except OSError as exc:  # a link to nothing, as editors leave them, or what nobody may read
            yield f"{path}: {type(exc).__name__}\n"
            continue
        if entries is None:
            yield f"{path}: {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}\n"
        elif (found.st_dev, found.st_ino) not in seen:
            seen.add((found.st_dev, found.st_ino))
            todo += [f"{path}/{name}" for name in entries if place != _OWN or _is_own(name)]


def _is_own(name: str) -> bool:
    return name.endswith(_OWN_KINDS) or ("." not in name and name != "__pycache__")
