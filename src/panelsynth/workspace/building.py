"""Building: a site's files are put into a folder, only those that changed; what is no longer wanted is removed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError, OutputError
from ..writing import write_whole

MANIFEST = ".panelsynth-manifest"
"""Lists what was built into a folder: only that is ever removed from it."""

_ABANDONED = 60.0
"""Seconds after which a file that has not got its name yet will get none: writing one takes a moment."""


@dataclass
class Built:
    """What a build did, or would do."""

    written: list[str] = field(default_factory=list)
    """Paths of files that are new or changed."""
    removed: list[str] = field(default_factory=list)
    """Paths of files of ours that are no longer wanted."""
    same: int = 0
    """Files that stay as they are."""

    @property
    def changes(self) -> int:
        """Files that differ from what the folder holds."""
        return len(self.written) + len(self.removed)


def put_site(files: Iterable[tuple[str, str]], folder: Path, *, check: bool = False) -> Built:
    """Write a site's files into a folder, each whole, and remove those of an earlier build that are no longer wanted.

    Args:
        files: paths below the folder, and texts.
        folder: where to; made where there is none.
        check: whether to write nothing and only tell what differs.

    Raises:
        InputError: the folder is none, or a path leads out of it or to a file that is not ours.
        OutputError: a file cannot be written; the others are whole.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file, and a folder is wanted", remedy="Name a folder with -o.")
    built = Built()
    before = _manifest(folder)
    wanted: list[str] = []
    for path, text in files:
        place = _place(folder, path)
        wanted.append(path)
        held = _held(place)
        if held == text.encode():
            built.same += 1
            continue
        if held is not None and path not in before:
            remedy = "Move it away, or build into another folder with -o."
            raise InputError(f"{place}: is no file of ours, and nothing of yours is overwritten", remedy=remedy)
        built.written.append(path)
        if not check:
            if path not in before:  # listed first: a build that is broken off must know its own files again
                _list_too(folder, path)
            write_whole(place, text, lasting=False)
    built.removed = [path for path in sorted(before - {*wanted}) if _is_held(folder, path)]
    if not check:
        _remove(folder, built.removed)
        _sweep(folder, wanted)
        if _held(folder / MANIFEST) != _listed(wanted).encode():
            write_whole(folder / MANIFEST, _listed(wanted))
    return built


def _place(folder: Path, path: str) -> Path:
    """Find the place of a file; nothing outside the folder, and nothing behind a link, is ever written."""
    if not _is_inside(path):
        raise InputError(f"{path}: leads out of {folder}", remedy="Please report this: a slug should not do that.")
    place = folder
    for part in Path(path).parts:
        place /= part
        if place.is_symlink():
            raise InputError(f"{place}: is a link, and links are not followed", remedy="Remove it.")
    return place


def _is_inside(path: str) -> bool:
    parts = Path(path).parts
    return bool(parts) and not Path(path).is_absolute() and ".." not in parts and "\0" not in path


def _held(place: Path) -> bytes | None:
    try:
        return place.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise OutputError(f"{place}: cannot be read: {exc.strerror}", remedy="Check your permissions.") from exc


def _manifest(folder: Path) -> set[str]:
    held = _held(_place(folder, MANIFEST))
    listed = held.decode(errors="replace").split("\n") if held else []
    # Somebody may have written into it: what leads elsewhere is nothing that was ever built here.
    return {path for path in listed if _is_inside(path)}


def _is_held(folder: Path, path: str) -> bool:
    """Tell whether a file of an earlier build is still there; what is behind a link now is no longer ours."""
    place = folder
    for part in Path(path).parts:
        place /= part
        if place.is_symlink():
            return False
    return place.is_file()


def _listed(paths: Iterable[str]) -> str:
    return "".join(f"{path}\n" for path in sorted({*paths}))


def _list_too(folder: Path, path: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _place(folder, MANIFEST).open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"{path}\n")
    except OSError as exc:
        raise OutputError(f"{folder}: cannot be written: {exc.strerror}", remedy="Check your permissions.") from exc


def _remove(folder: Path, paths: Iterable[str]) -> None:
    for path in paths:
        place = _place(folder, path)
        try:
            place.unlink(missing_ok=True)
            for parent in place.parents:
                if parent == folder or any(parent.iterdir()):
                    break
                parent.rmdir()
        except OSError as exc:
            raise OutputError(f"{place}: cannot be removed: {exc.strerror}", remedy="Check your permissions.") from exc


def _sweep(folder: Path, wanted: Iterable[str]) -> None:
    """Remove what a build that was killed has left of its files: they would be published with the others."""
    heads = {(Path(path).parent, f".{Path(path).name[:40]}.") for path in (*wanted, MANIFEST)}
    for parent in {parent for parent, _ in heads}:
        place = folder / parent
        if place.is_symlink() or not place.is_dir():
            continue
        for file in place.glob(".*.part"):
            head = f"{file.name[: -len('.part')].rpartition('.')[0]}."
            with suppress(OSError):  # another build may be about to give it its name
                if (parent, head) in heads and time.time() - file.stat().st_mtime > _ABANDONED:
                    file.unlink()
