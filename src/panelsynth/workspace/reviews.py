"""Reviews: the state of every review of a workspace, told from its file and from what would be asked today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import InputError, PanelsynthError
from ..model import Store, part_digests, split_preset
from ..persona import Persona
from ..prompting import build_requests
from ..request import Request
from ..tool import Tool
from .config import Config
from .folder import Workspace
from .review_file import ORIGINALS, Asked, ReviewFile, digest

if TYPE_CHECKING:
    from ..verdict import Answer

State = Literal["current", "kept", "stale", "missing", "failed", "by hand", "broken"]


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
    """Why it is stale (`tool changed`), has failed (`timeout: no reply within 180 s`), was kept, or cannot be read."""
    beside: Path | None = None
    """A newer draft beside an edited review, waiting for an editor to take from it."""
    beside_is_old: bool = False
    """Whether that draft, too, answers what would no longer be asked, and nobody has worked on it."""

    @property
    def is_asked_for(self) -> bool:
        """Whether `panelsynth review` would ask for it: not while a draft of today waits beside it."""
        waits = self.beside is not None and not self.beside_is_old
        return self.state in {"missing", "failed"} or (self.state == "stale" and not waits)

    @property
    def key(self) -> str:
        """The key of what would be asked today, under the model that its words are from if those are an example."""
        return (_as_example(self.file, self.request) if self.file else self.request).key

    @cached_property
    def original(self) -> Answer | None:
        """The model's words, from the copy beside the file; None where no copy holds them."""
        copy = original_copy(self.path, self.file)
        return ReviewFile.read(copy).answer if copy else None


def asked(request: Request) -> Asked:
    """Digest what a review was asked, part by part."""
    parts = part_digests(request)
    return Asked.model_validate(
        {"model": parts["model"], "schema": parts["schema"], "persona": parts["system"], "tool": parts["user"]}
    )


def original_copy(path: Path, file: ReviewFile | None) -> Path | None:
    """Find the copy of what a model wrote for a review file.

    An editor may have put the new draft in the place of the old review: then the draft's copy is the one.
    """
    for name in (path.name, f"{path.stem}.new.md"):
        copy = path.parent / ORIGINALS / name
        try:
            found = ReviewFile.read(copy)
        except PanelsynthError:
            continue
        if file and file.original and digest(found.answer) == file.original.digest:
            return copy
    return None


def pinned(config: Config) -> str:
    """Name the model of a workspace as it is asked: a preset, such as `ollama/`, is no part of the name."""
    return split_preset(config.model.name, config.model.base_url)[0]


def reviews_of(
    workspace: Workspace,
    tools: Sequence[Tool],
    store: Store | None = None,
    *,
    model: str | None = None,
    tolerant: bool = False,
) -> Iterator[Review]:
    """Go through the reviews of some tools, each with its state; asks nobody.

    Args:
        workspace: the workspace.
        tools: of its tools.
        store: where failures of earlier runs are noted, when there is one.
        model: the model by which reviews are current or stale; the pinned one when None.
        tolerant: whether a file that cannot be read is a state, `broken`, instead of an error.

    Raises:
        InputError: a review file cannot be read; the message names line and key.
    """
    systems = {persona.id: workspace.template.system(persona) for persona in workspace.personas}
    name = model or pinned(workspace.config)
    for tool in tools:
        requests = build_requests(tool, workspace.personas, model=name, template=workspace.template, systems=systems)
        for persona, request in zip(workspace.personas, requests, strict=True):
            path = workspace.review_path(tool.id, persona.id)
            try:
                file = ReviewFile.read(path) if path.is_file() else None
            except InputError as exc:
                if not tolerant:
                    raise
                yield Review(tool, persona, request, path, None, "broken", str(exc))
                continue
            state, reason = _state(file, request, store)
            beside = workspace.beside(tool.id, persona.id)
            waits = beside.is_file()
            is_old = waits and state == "stale" and _is_outdated(beside, request)
            yield Review(tool, persona, request, path, file, state, reason, beside if waits else None, is_old)


def _state(file: ReviewFile | None, request: Request, store: Store | None) -> tuple[State, str]:
    if file is None:
        failure = store.failure(request.key) if store else None
        return ("failed", ": ".join(failure)) if failure else ("missing", "")
    if file.provenance is None:
        return "by hand", ""
    request = _as_example(file, request)
    if _answers(file, request):
        return "current", ""
    if kept := next((kept for kept in file.kept if kept.key == request.key), None):
        return "kept", kept.reason
    return "stale", _changed(file.asked, asked(request))


def _as_example(file: ReviewFile, request: Request) -> Request:
    """Leave the model out of account for an example: it stays current under whatever model a team pins."""
    if file.provenance is None or file.provenance.source != "authored":
        return request
    # Not model_copy: it would take the key along, which is worked out once per request.
    return Request(
        model=file.provenance.model,
        messages=request.messages,
        answer_schema=request.answer_schema,
        sample=request.sample,
        label=request.label,
    )


def _answers(file: ReviewFile, request: Request) -> bool:
    """Tell whether a file holds an answer to a request, be it the first sample or a later one."""
    keys = (request.sampled(number).key for number in range(max(1, len(file.samples))))
    return file.provenance is not None and file.provenance.key in keys


def _is_outdated(beside: Path, request: Request) -> bool:
    """Tell whether a waiting draft is a model's, untouched, and of something that would no longer be asked."""
    try:
        file = ReviewFile.read(beside)
    except InputError:
        return False
    return file.provenance is not None and not file.is_edited and not _answers(file, _as_example(file, request))


def _changed(was: Asked | None, now: Asked) -> str:
    if was is None:
        return "what is asked has changed"
    names = {"model": "model", "schema_": "rubric", "persona": "persona", "tool": "tool"}
    changed = [word for name, word in names.items() if getattr(was, name) != getattr(now, name)]
    return f"{' and '.join(changed)} changed" if changed else "what is asked has changed"
