"""Reviews: the state of every review of a workspace, told from its file and from what would be asked today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import PanelsynthError
from ..model import Store, part_digests
from ..persona import Persona
from ..prompting import build_requests
from ..request import Request
from ..tool import Tool
from .folder import Workspace
from .review_file import ORIGINALS, Asked, ReviewFile

if TYPE_CHECKING:
    from ..verdict import Answer

State = Literal["current", "kept", "stale", "missing", "failed", "by hand"]


@dataclass(frozen=True)
class Review:
    """One reviewer and one tool: what its file holds, and how that stands to what would be asked today."""

    tool: Tool
    persona: Persona
    request: Request
    """What would be asked today."""
    path: Path
    file: ReviewFile | None
    state: State
    reason: str = ""
    """Why it is stale (`tool changed`), has failed (`timeout: no reply within 180 s`), or was kept."""
    beside: Path | None = None
    """A newer draft beside an edited review, waiting for an editor to take from it."""

    @property
    def is_asked_for(self) -> bool:
        """Whether `panelsynth review` would ask for it: not while a new draft waits beside it."""
        return self.state in {"missing", "failed"} or (self.state == "stale" and self.beside is None)

    @property
    def original(self) -> Answer | None:
        """The model's words, from the copy beside the file; None where that is lost or broken."""
        copy = self.path.parent / ORIGINALS / self.path.name
        try:
            return ReviewFile.read(copy).answer
        except PanelsynthError:
            return None


def asked(request: Request) -> Asked:
    """Digest what a review was asked, part by part."""
    parts = part_digests(request)
    return Asked.model_validate(
        {"model": parts["model"], "schema": parts["schema"], "persona": parts["system"], "tool": parts["user"]}
    )


def reviews_of(workspace: Workspace, tools: Sequence[Tool], store: Store | None = None) -> Iterator[Review]:
    """Go through the reviews of some tools, each with its state; asks nobody.

    Args:
        workspace: the workspace.
        tools: of its tools.
        store: where failures of earlier runs are noted, when there is one.
    """
    systems = {persona.id: workspace.template.system(persona) for persona in workspace.personas}
    for tool in tools:
        requests = build_requests(
            tool, workspace.personas, model=workspace.config.model.name, template=workspace.template, systems=systems
        )
        for persona, request in zip(workspace.personas, requests, strict=True):
            yield _review(workspace, tool, persona, request, store)


def _review(workspace: Workspace, tool: Tool, persona: Persona, request: Request, store: Store | None) -> Review:
    path, beside = workspace.review_path(tool.id, persona.id), workspace.beside(tool.id, persona.id)
    file = ReviewFile.read(path) if path.is_file() else None
    state, reason = _state(file, request, store)
    return Review(tool, persona, request, path, file, state, reason, beside if beside.is_file() else None)


def _state(file: ReviewFile | None, request: Request, store: Store | None) -> tuple[State, str]:
    if file is None:
        failure = store.failure(request.key) if store else None
        return ("failed", ": ".join(failure)) if failure else ("missing", "")
    if file.provenance is None:
        return "by hand", ""
    if file.provenance.source == "authored":  # an example stays current under whatever model a team pins
        request = request.model_copy(update={"model": file.provenance.model})
    if file.provenance.key == request.key:
        return "current", ""
    if kept := next((kept for kept in file.kept if kept.key == request.key), None):
        return "kept", kept.reason
    return "stale", _changed(file.asked, asked(request))


def _changed(was: Asked | None, now: Asked) -> str:
    if was is None:
        return "what is asked has changed"
    names = {"model": "model", "schema_": "rubric", "persona": "persona", "tool": "tool"}
    changed = [word for name, word in names.items() if getattr(was, name) != getattr(now, name)]
    return f"{' and '.join(changed)} changed" if changed else "what is asked has changed"
