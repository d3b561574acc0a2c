"""Tool and persona become a Request: rules and persona in the system message, the tool's data fenced in the user's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .canary import with_canary
from .disarming import disarm
from .documents import is_folder, read_text
from .errors import DocumentError
from .persona import Persona
from .request import Message, Request
from .shipped import prompts_folder
from .template import render_template
from .tool import Tool

TEMPLATE_NAME = "review.md.j2"


@dataclass(frozen=True)
class ReviewTemplate:
    """The file from which both messages of a request are rendered; roles are decided here, never read out of text."""

    text: str
    source: str

    @classmethod
    def read(cls, folder: str | Path | None = None) -> ReviewTemplate:
        """Read `review.md.j2` from a prompts folder; the shipped one when there is none in it."""
        own = Path(folder) / TEMPLATE_NAME if folder else None
        path = own if own and own.is_file() else prompts_folder() / TEMPLATE_NAME
        return cls(read_text(path), str(path))

    def system(self, persona: Persona) -> str:
        """Render the rules, the persona and the answer's shape; nothing of any tool is in reach here.

        The canary is added by code, so that a template of one's own has it too.
        """
        values = persona.model_dump(mode="json", exclude={"id", "model"})
        return with_canary(render_template(self.text, {"persona": values}, source=self.source, block="system"))

    def user(self, tool: Tool) -> str:
        """Render the tool's data, made harmless, between two markers that its own text cannot write.

        The marker is a digest of the data: the same for the same request, and a text cannot hold its own digest.

        Raises:
            DocumentError: the template leaves the data or the marker out.
        """
        data = disarm(tool.data)
        nonce = hashlib.sha256(data.encode()).hexdigest()[:16]
        text = render_template(self.text, {"data": data, "nonce": nonce}, source=self.source, block="user")
        for name, value in (("data", data), ("nonce", nonce)):
            if value not in text:
                remedy = "Put {{ data }} on a line of its own, between two lines that carry {{ nonce }}."
                message = (
                    f"the block 'user' does not show {name!r}: reviewers would vote on nothing, or on unmarked text"
                )
                raise DocumentError(message, source=self.source, remedy=remedy)
        return text

    def again(self, fault: str) -> str:
        """Render what a model is told when its reply could not be used; the shipped words where a template has none."""
        own = self if "block again" in self.text else ReviewTemplate.read()
        return render_template(own.text, {"fault": disarm(fault)}, source=own.source, block="again")


def template_folder(selection: str | None) -> Path | None:
    """Find the folder with a `review.md.j2` of its own among personas named with commas; None when there is none."""
    names = [part.strip() for part in (selection or "").split(",") if part.strip()]
    folders = [Path(name) for name in names if is_folder(Path(name))]
    return next((folder for folder in folders if (folder / TEMPLATE_NAME).is_file()), None)


def build_requests(
    tool: Tool,
    personas: Sequence[Persona],
    *,
    model: str,
    template: ReviewTemplate,
    systems: dict[str, str] | None = None,
) -> list[Request]:
    """Build what each reviewer is asked about one tool: one request per persona, in their order.

    Args:
        tool: the tool to judge; no other tool, verdict or vote enters the prompt.
        personas: the reviewers.
        model: the model's name, where a persona names none of its own.
        template: the prompt template.
        systems: system messages by persona id, when they are rendered already.

    Example:
        >>> from panelsynth.persona import read_personas
        >>> tool = Tool(id="acme", name="Acme", description="A linter for prose.")
        >>> [request] = build_requests(tool, read_personas("skeptic"), model="any", template=ReviewTemplate.read())
        >>> request.label, [message.role for message in request.messages]
        ('acme/skeptic/0', ['system', 'user'])
    """
    user = template.user(tool)
    systems = systems or {persona.id: template.system(persona) for persona in personas}
    return [
        Request(
            model=persona.model or model,
            messages=(Message(role="system", content=systems[persona.id]), Message(role="user", content=user)),
            answer_schema=persona.answer_schema,
            label=f"{tool.id}/{persona.id}/0",
        )
        for persona in personas
    ]


def prompt_version(systems: Sequence[str]) -> str:
    """Name reviewers' instructions by the first 12 digits of their SHA-256."""
    return hashlib.sha256("\0".join(systems).encode()).hexdigest()[:12]
