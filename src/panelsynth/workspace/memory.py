"""Memory: what the last build depended on, so that an unchanged workspace is not read again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .._version import __version__
from ..errors import OutputError
from ..writing import write_whole
from .folder import Workspace

_INPUTS = ("panelsynth.toml", "votes.csv", "prompts", "tools", "comparisons", "reviews", "published")


@dataclass(frozen=True)
class Remembered:
    """What the last build of an unchanged workspace said."""

    files: int
    """Files of the site."""
    notices: tuple[str, ...]


class Memory:
    """The last build of a workspace into a folder with some options.

    Args:
        workspace: the workspace.
        folder: where to.
        options: what else a build depends on.
    """

    def __init__(self, workspace: Workspace, folder: Path, options: Mapping[str, object]) -> None:
        self._workspace = workspace
        self._folder = folder
        self._options = {**options, "folder": str(folder.resolve())}
        self._path = workspace.root / ".panelsynth" / f"build-{options['target']}.json"

    def recall(self) -> Remembered | None:
        """Recall the last build; None where anything has changed since, in the workspace or in what was built."""
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
            if known["digest"] == self._digest():
                return Remembered(int(known["files"]), tuple(map(str, known["notices"])))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return None

    def remember(self, files: int, notices: Sequence[str]) -> None:
        """Note a build; where that cannot be written, the next build is a whole one."""
        with suppress(OutputError):
            state = {"digest": self._digest(), "files": files, "notices": [*notices]}
            write_whole(self._path, json.dumps(state))

    def _digest(self) -> str:
        """Digest names, sizes and times of everything that a build depends on: nothing is opened but the settings."""
        workspace = self._workspace
        digest = hashlib.sha256(json.dumps([__version__, self._options], sort_keys=True).encode())
        templates = workspace.config.theme.templates
        places = [workspace.root / name for name in _INPUTS]
        places += [workspace.root / templates] if templates else []
        places += [workspace.store_path, workspace.store_path.with_name(f"{workspace.store_path.name}-wal")]
        for place in (*places, self._folder):
            for line in _stats(place):
                digest.update(line.encode(errors="surrogateescape"))
        return digest.hexdigest()


def _stats(place: Path) -> Iterator[str]:
    try:
        found = place.stat()
    except OSError:
        yield f"{place}: none\n"
        return
    if not place.is_dir():
        yield f"{place}: {found.st_size} {found.st_mtime_ns}\n"
        return
    todo = [os.fspath(place)]
    while todo:
        with os.scandir(todo.pop()) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                else:
                    stat = entry.stat()
                    yield f"{entry.path}: {stat.st_size} {stat.st_mtime_ns}\n"
