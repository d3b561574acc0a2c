"""Workspace: a content team's folder, and where everything stands in it."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Self

from ..documents import list_folder
from ..errors import InputError, OutputError
from ..persona import SHIPPED, Persona, find_personas
from ..prompting import ReviewTemplate
from ..tool import Tool
from ..toolbox import read_tools
from .comparison_file import ComparisonFile
from .config import CONFIG_NAME, Config
from .votes import read_votes

INPUTS = ("panelsynth.toml", "votes.csv", "prompts", "tools", "comparisons", "reviews", "published")
"""What stands at a workspace's root, and a site is made of."""


class Workspace:
    """A folder with a `panelsynth.toml`; each part is read when it is first asked for, and once.

    Args:
        root: the folder.
        prompts: a folder to read instead of its `prompts/`, to see what other prompts would make of it.
    """

    def __init__(self, root: Path, *, prompts: Path | None = None) -> None:
        self.root = root
        self.prompts = prompts or root / "prompts"

    @classmethod
    def find(cls, start: Path | None = None) -> Self:
        """Find the workspace that a folder is in: itself, or the nearest above it.

        Raises:
            InputError: there is none.
        """
        if found := cls.around(start):
            return found
        here = (start or Path()).resolve()
        remedy = "Go into one, or make one here: panelsynth init my-site"
        raise InputError(f"{here}: is in no workspace (no {CONFIG_NAME} here or above)", remedy=remedy)

    @classmethod
    def around(cls, start: Path | None = None) -> Self | None:
        """Find the workspace that a folder is in; None where there is none.

        Without a folder the search starts where the program runs, and paths in messages are relative to that place.
        """
        here = (start or Path()).resolve()
        found = next((folder for folder in (here, *here.parents) if (folder / CONFIG_NAME).is_file()), None)
        if found and start is None:
            found = Path(os.path.relpath(found, here))
        return cls(found) if found else None

    @cached_property
    def config(self) -> Config:
        """The settings."""
        return Config.from_file(self.root / CONFIG_NAME)

    @property
    def store_path(self) -> Path:
        """Where paid replies are kept."""
        return self.root / ".panelsynth" / "store.sqlite"

    @property
    def public(self) -> Path:
        """Where the site is built."""
        return self.root / "public"

    @cached_property
    def tools(self) -> dict[str, Tool]:
        """The tools of `tools/` by id, with their votes from `votes.csv`."""
        folder = self.root / "tools"
        found = [tool for tool, _ in read_tools([folder])] if _has_files(folder) else []
        votes = read_votes(self.root / "votes.csv")
        if strange := [name for name in votes if name not in {tool.id for tool in found}]:
            remedy = "Its id is the tool file's name, or the 'id:' in it."
            raise InputError(f"{self.root / 'votes.csv'}: there is no tool {strange[0]!r}", remedy=remedy)
        return {tool.id: tool.model_copy(update={"votes": votes.get(tool.id, tool.votes)}) for tool in found}

    @cached_property
    def personas(self) -> list[Persona]:
        """The reviewers of `prompts/personas/`, the shipped four in their usual order, the others after them."""
        folder = self.prompts / "personas"
        if not folder.is_dir():
            remedy = "Take the shipped ones: panelsynth personas adopt"
            raise InputError(f"{folder}: there are no reviewers", remedy=remedy)
        found = [persona for persona, _ in find_personas([folder])]
        order = {name: place for place, name in enumerate(SHIPPED)}
        return sorted(found, key=lambda persona: (order.get(persona.id, len(order)), persona.id))

    @cached_property
    def template(self) -> ReviewTemplate:
        """The review template of `prompts/`."""
        return ReviewTemplate.read(self.prompts)

    @cached_property
    def comparisons(self) -> dict[str, ComparisonFile]:
        """The pages to be, by slug.

        Raises:
            InputError: two pages or aliases share an address, or a page names a tool that is not there.
        """
        folder = self.root / "comparisons"
        found: dict[str, ComparisonFile] = {}
        taken: dict[str, Path] = {}
        for path in list_folder(folder, {".md"}) if folder.is_dir() else []:
            page = ComparisonFile.read(path)
            for address in (page.slug, *page.aliases):
                if address in taken:
                    remedy = "Give one of them another 'slug:', or take the alias out."
                    raise InputError(f"{path}: the address {address!r} is taken by {taken[address]}", remedy=remedy)
                taken[address] = path
            if strange := [name for name in page.tools if name not in self.tools]:
                remedy = f"Write it: panelsynth new tool {strange[0]}"
                raise InputError(f"{path}: there is no tool {strange[0]!r} in tools/", remedy=remedy)
            found[page.slug] = page
        return found

    def review_path(self, tool: str, persona: str) -> Path:
        """Say where a review stands; both are slugs, so that it is inside the workspace."""
        return self.root / "reviews" / tool / f"{persona}.md"

    def beside(self, tool: str, persona: str) -> Path:
        """Say where a new draft goes when an edited review must not be overwritten."""
        return self.root / "reviews" / tool / f"{persona}.new.md"

    def check_place(self, path: Path) -> None:
        """See that a file will be written inside the workspace: no folder on the way to it may be a link elsewhere.

        Raises:
            OutputError: one is.
        """
        folder = path.parent
        while folder not in {self.root, folder.parent}:
            if folder.is_symlink():
                remedy = "Put a real folder in its place: what stands behind a link is not written to."
                raise OutputError(f"{folder}: is a link to {folder.readlink()}", remedy=remedy)
            folder = folder.parent

    def check_output(self, folder: Path) -> None:
        """See that a site is not built among the files that it is made of.

        Raises:
            InputError: it would be.
        """
        root, wanted = self.root.resolve(), folder.resolve()
        among = [root / name for name in (*INPUTS, ".panelsynth", ".git") if (root / name).is_dir()]
        if wanted == root or any(wanted.is_relative_to(place) for place in among):
            remedy = "Name a folder for the site alone, such as -o public."
            raise InputError(f"{folder}: holds files of the workspace itself", remedy=remedy)

    def published(self, slug: str) -> Path:
        """Say where the approved version of a page is frozen."""
        return self.root / "published" / f"{slug}.json"

    def history(self, slug: str) -> Path:
        """Say in which folder the earlier approved versions of a page are kept."""
        return self.root / "published" / "history" / slug

    @property
    def published_slugs(self) -> list[str]:
        """List the pages that were ever approved; what editors and systems leave beside them is none."""
        return [path.stem for path in frozen_files(self.root / "published")]


def frozen_files(folder: Path) -> list[Path]:
    """List the frozen pages of a folder by name, none where there is no folder; hidden files are somebody else's."""
    found = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return [file for file in found if file.is_file() and not file.name.startswith(".")]


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(not file.name.startswith(".") for file in folder.iterdir())
