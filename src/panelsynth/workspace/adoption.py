"""Adoption: a workspace's copy of the prompts beside those that ship, and how they are taken over."""

from __future__ import annotations

import difflib
import hashlib
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from .._version import __version__
from ..documents import did_you_mean, read_text
from ..errors import InputError
from ..model import Store
from ..persona import SHIPPED
from ..prompting import TEMPLATE_NAME
from ..shipped import prompts_folder
from ..writing import write_whole
from .folder import Workspace
from .reviews import Review, reviews_of

RECORD = ".shipped"
"""The file in `prompts/` that tells which of its files are as they were shipped: SHA-256 and name, a line each."""

Change = Literal["same", "new", "behind", "edited"]


@dataclass(frozen=True)
class Prompt:
    """One file of prompts: as it ships, and as the workspace has it."""

    id: str
    """The persona's id, or `review.md.j2`."""
    name: str
    """Its place in `prompts/`."""
    shipped: str
    ours: str | None
    """None where the workspace has no such file."""
    change: Change
    """The same; not there yet; as an older version shipped it; or changed by the team, for all that is known."""

    def diff(self, folder: Path) -> str:
        """Show what taking the shipped file would change, as a unified diff."""
        before, after = str(folder / self.name), f"panelsynth-{__version__}/{self.name}"
        old = (self.ours or "").splitlines(keepends=True)
        rows = difflib.unified_diff(old, self.shipped.splitlines(keepends=True), before, after)
        return "".join(row if row.endswith("\n") else f"{row}\n" for row in rows)


def prompts_of(workspace: Workspace, ids: Collection[str] = ()) -> list[Prompt]:
    """Hold a workspace's prompts against the shipped ones; the team's own personas have nothing to be held against.

    Args:
        workspace: the workspace.
        ids: ids of shipped personas, and `review.md.j2`; all of them when empty.

    Raises:
        InputError: an id is none of these.
    """
    names = {**{name: f"personas/{name}.md" for name in SHIPPED}, TEMPLATE_NAME: TEMPLATE_NAME}
    if strange := [name for name in ids if name not in names]:
        own = workspace.prompts / "personas" / f"{strange[0]}.md"
        remedy = "It is your own: nothing is shipped for it." if own.exists() else did_you_mean(strange[0], names)
        raise InputError(f"no prompt {strange[0]!r} is shipped", remedy=remedy)
    taken = _recorded(workspace)
    return [_prompt(workspace, name, place, taken) for name, place in names.items() if not ids or name in ids]


def record_shipped(folder: Path) -> None:
    """Note which files of a `prompts/` folder are as they ship: a later change of one of them is then the team's."""
    lines = {}
    for name in (*(f"personas/{persona}.md" for persona in SHIPPED), TEMPLATE_NAME):
        path = folder / name
        if path.is_file() and (text := read_text(path)) == read_text(prompts_folder() / name):
            lines[name] = _digest(text)
    _write_record(folder, lines)


def adopt(workspace: Workspace, prompts: Collection[Prompt]) -> None:
    """Take shipped files over, and note that they are as they were shipped."""
    for prompt in prompts:
        path = workspace.prompts / prompt.name
        workspace.check_place(path)
        write_whole(path, prompt.shipped)
    taken = _recorded(workspace) | {prompt.name: _digest(prompt.shipped) for prompt in prompts}
    _write_record(workspace.prompts, taken)


def touched_by(workspace: Workspace, prompts: Collection[Prompt], store: Store | None = None) -> list[Review]:
    """Find the reviews that `panelsynth review` would ask for once these files are taken, and would not ask for now."""
    has_reviewers = (workspace.prompts / "personas").is_dir()
    tools = [*workspace.tools.values()]
    found = reviews_of(workspace, tools, store, tolerant=True) if has_reviewers else iter(())
    now = {(review.tool.id, review.persona.id) for review in found if review.is_asked_for}
    with _with(workspace, prompts) as other:
        after = [*reviews_of(other, tools, store, tolerant=True)]
    return [r for r in after if r.is_asked_for and (r.tool.id, r.persona.id) not in now]


@contextmanager
def _with(workspace: Workspace, prompts: Collection[Prompt]) -> Iterator[Workspace]:
    """Show a workspace as it would be with some prompts taken, without touching it."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "prompts"
        if workspace.prompts.is_dir():
            shutil.copytree(workspace.prompts, place)
        for prompt in prompts:
            write_whole(place / prompt.name, prompt.shipped)
        yield Workspace(workspace.root, prompts=place)


def _prompt(workspace: Workspace, name: str, place: str, taken: dict[str, str]) -> Prompt:
    path, shipped = workspace.prompts / place, read_text(prompts_folder() / place)
    ours = read_text(path) if path.is_file() else None
    change: Change = "edited"
    if ours is None:
        change = "new"
    elif ours == shipped:
        change = "same"
    elif taken.get(place) == _digest(ours):
        change = "behind"
    return Prompt(name, place, shipped, ours, change)


def _recorded(workspace: Workspace) -> dict[str, str]:
    path = workspace.prompts / RECORD
    rows = [row.split(maxsplit=1) for row in read_text(path).splitlines()] if path.is_file() else []
    return {row[1]: row[0] for row in rows if len(row) == 2}


def _write_record(folder: Path, lines: dict[str, str]) -> None:
    write_whole(folder / RECORD, "".join(f"{digest}  {name}\n" for name, digest in sorted(lines.items())))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
