"""`check` in a workspace: every file is read, and all that is wrong with them is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from ..documents import KINDS, list_folder
from ..errors import InputError
from ..tool import Tool
from ..workspace import ReviewFile, Workspace
from ..workspace.comparison_file import ComparisonFile
from ..workspace.config import CONFIG_NAME
from ..workspace.publication import load_published

if TYPE_CHECKING:
    from ..persona import Persona

P = ParamSpec("P")
Value = TypeVar("Value")


def check_files(workspace: Workspace, *, row: Callable[[str, str, str], None]) -> int:
    """Read every file of a workspace and print what is there; return the exit code, 2 where one is broken.

    Args:
        workspace: the workspace.
        row: prints a name, a value and its origin.
    """
    row("workspace", str(workspace.root.resolve()), CONFIG_NAME)
    faults = [*_settings(workspace)]
    personas, found = _tried(lambda: workspace.personas)
    faults += found
    for persona in personas or ():
        faults += _tried(workspace.template.system, persona)[1]
    row("reviewers", ", ".join(persona.id for persona in personas or ()) or "none", "prompts/")
    for folder, suffixes, read in (
        ("tools", KINDS, Tool.from_file),
        ("comparisons", {".md"}, ComparisonFile.read),
        ("published", {".json"}, load_published),
    ):
        faults += _folder(workspace.root / folder, suffixes, read, row)
    if not faults:  # each can be read: do they fit together?
        faults += _tried(lambda: workspace.comparisons)[1]
    faults += _reviews(workspace, personas or [], row)
    for fault in dict.fromkeys(faults):
        click.echo(f"broken      {fault}")
    return InputError.exit_code if faults else 0


def _settings(workspace: Workspace) -> Iterator[str]:
    yield from _tried(lambda: workspace.config)[1]


def _folder(
    folder: Path, suffixes: Iterable[str], read: Callable[[Path], object], row: Callable[[str, str, str], None]
) -> list[str]:
    files = list_folder(folder, {*suffixes}) if folder.is_dir() else []
    faults = [fault for file in files for fault in _tried(read, file)[1]]
    row(folder.name, f"{len(files) - len(faults)} of {len(files)} read", f"{folder.name}/")
    return faults


def _reviews(workspace: Workspace, personas: list[Persona], row: Callable[[str, str, str], None]) -> list[str]:
    """Read every review file, those too that no tool or reviewer stands for any more."""
    known = {persona.id for persona in personas}
    tools, _ = _tried(lambda: workspace.tools)
    files = sorted(workspace.root.glob("reviews/*/*.md"))
    faults, edited, by_hand, unused = [], 0, 0, []
    for path in files:
        file, found = _tried(ReviewFile.read, path)
        faults += found
        edited += bool(file and file.is_edited)
        by_hand += bool(file and file.is_by_hand)
        name = path.name.removesuffix(".md").removesuffix(".new")
        if tools is not None and (path.parent.name not in tools or name not in known):
            unused.append(str(path))
    row("reviews", f"{len(files)} files, {edited} edited, {by_hand} by hand", "reviews/")
    for place in unused:
        row("unused", f"{place}: there is no such tool or reviewer", "reviews/")
    return faults


def _tried(read: Callable[P, Value], *args: P.args, **kwargs: P.kwargs) -> tuple[Value | None, list[str]]:
    try:
        return read(*args, **kwargs), []
    except InputError as exc:
        return None, [str(exc)]
