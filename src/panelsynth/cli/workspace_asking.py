"""One run of reviews in a workspace: options above the workspace's settings, and files as the result."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ..errors import InputError
from ..persona import Persona, find_personas
from ..toolbox import read_tools
from ..verdict import Verdict
from ..workspace import Workspace
from ..workspace.filing import file_verdict
from ..workspace.plan import Plan
from ..workspace.server import find_server, know_server
from .asking import Asking

if TYPE_CHECKING:
    from ..model import Endpoint, Store
    from ..panel import Missing
    from ..prompting import ReviewTemplate
    from ..tool import Tool
    from ..workspace import Review


@dataclass
class Filed:
    """What became of the reviews of a run."""

    written: list[str] = field(default_factory=list)
    """Reviews, as `tool/persona`, that stand in their files."""
    beside: list[Path] = field(default_factory=list)
    """Drafts that were written beside what somebody has worked on."""
    left: list[str] = field(default_factory=list)
    """Reviews that the store alone holds, as both their places are taken."""
    failed: list[str] = field(default_factory=list)
    """Reviews without a usable reply, each with its cause."""


@dataclass(frozen=True)
class WorkspaceAsking(Asking):
    """The options of `panelsynth review` in a workspace."""

    workspace: Workspace = field(default_factory=lambda: Workspace(Path()))
    plan: Plan = field(default_factory=lambda: Plan((), frozenset()))
    filed: Filed = field(default_factory=Filed)

    @classmethod
    def of(cls, asking: Asking, workspace: Workspace) -> Self:
        """Put the options of the command line above the workspace's settings."""
        section = workspace.config.model
        given = {one.name: getattr(asking, one.name) for one in fields(Asking)}
        for name in ("samples", "in_flight", "rpm", "deadline", "rung"):
            given[name] = given[name] or getattr(section, name)
        return cls(**given, workspace=workspace)

    def planned(self, plan: Plan) -> Self:
        """Take on a plan; what is open already (a recording) stays open."""
        made = replace(self, plan=plan)
        made.__dict__.update({name: value for name, value in vars(self).items() if name == "opened" and self.replay})
        return made

    @property
    def known(self) -> Endpoint:
        """The server, without a key: for names and prices."""
        return know_server(self.workspace.config.model, model=self.model, base_url=self.base_url)

    @property
    def asked_model(self) -> str:
        """The model that is asked, as servers know it; a recording tells its own."""
        return self.opened.name if self.replay else self.known.model

    @property
    def store_path(self) -> Path | None:
        """The file that keeps paid replies, if any: the workspace's own, wherever in it the command is given."""
        path = super().store_path
        return self.workspace.store_path if path and not self.store else path

    @functools.cached_property
    def tools(self) -> list[tuple[Tool, str]]:
        """The tools of the plan, each with its place."""
        asked = {review.tool.id for review in self.plan.reviews}
        if not self.record:
            return [(tool, name) for name, tool in self.workspace.tools.items() if name in asked]
        return [(tool, place) for tool, place in read_tools([self.workspace.root / "tools"]) if tool.id in asked]

    @functools.cached_property
    def reviewers(self) -> list[tuple[Persona, Path | None]]:
        """The workspace's reviewers, each with its file."""
        files = {persona.id: path for persona, path in find_personas([self.workspace.root / "prompts" / "personas"])}
        return [(persona, files[persona.id]) for persona in self.workspace.personas]

    @functools.cached_property
    def template(self) -> ReviewTemplate:
        """The workspace's review template."""
        return self.workspace.template

    @property
    def wanted(self) -> Collection[tuple[str, str]] | None:
        """The reviews of the plan."""
        return self.plan.pairs

    def ended(self, tool: str, persona: str, outcome: Verdict | Missing) -> None:
        """Write a review to its file as it ends: a run that is killed loses nothing."""
        name = f"{tool}/{persona}"
        if not isinstance(outcome, Verdict):
            self.filed.failed.append(f"{name} ({outcome.cause})")
            return
        review = self._by_name[name]
        place = file_verdict(self.workspace, review, outcome)
        if place is None:
            self.filed.left.append(name)
        elif place == review.path:
            self.filed.written.append(name)
        else:
            self.filed.beside.append(place)

    def narrow(self) -> list[Persona]:
        """Choose the workspace's reviewers by `--personas`; all of them without it."""
        names = [part.strip() for part in (self.personas or "").split(",") if part.strip()]
        known = {persona.id: persona for persona in self.workspace.personas}
        if strange := [name for name in names if name not in known]:
            remedy = f"In a workspace --personas chooses among them, by id: {', '.join(known)}."
            raise InputError(f"there is no reviewer {strange[0]!r} in prompts/personas/", remedy=remedy)
        return [persona for name, persona in known.items() if not names or name in names]

    @contextlib.contextmanager
    def open_store(self) -> Iterator[Store | None]:
        """Open the store to look things up, where there is one already."""
        from ..model import Store

        path = self.store_path
        if not path or not path.exists():
            yield None
            return
        with Store(path) as store:
            yield store

    def require_key(self) -> None:
        """See that there is a key before anybody is asked to agree to a bill.

        Raises:
            InputError: there is none, or it would go where it must not.
        """
        _ = self.endpoint

    @functools.cached_property
    def _by_name(self) -> dict[str, Review]:
        return {f"{review.tool.id}/{review.persona.id}": review for review in self.plan.reviews}

    @functools.cached_property
    def endpoint(self) -> Endpoint:
        """The server with its key; none is needed where the store answers everything."""
        if not self.plan.calls:
            return self.known
        return find_server(
            self.workspace.config.model,
            model=self.model,
            base_url=self.base_url,
            key_env=self.key_env,
            key_file=self.key_file,
        )

    @property
    def own_template(self) -> str | None:
        """The workspace's own template, where it has one."""
        own = self.workspace.root / "prompts" / "review.md.j2"
        return str(own) if own.is_file() else None

    @property
    def tells_held(self) -> bool:
        """Say nothing at the start of a run: the plan has been told."""
        return False
