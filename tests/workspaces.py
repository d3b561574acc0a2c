"""Workspaces for tests: a folder as a content team has it, and review files as a model would have filled them."""

from __future__ import annotations

import shutil
from pathlib import Path

from panelsynth.shipped import prompts_folder
from panelsynth.testing import ScriptedModel
from panelsynth.workspace import ReviewFile, Workspace, reviews_of
from panelsynth.workspace.reviews import Review, asked, pinned

CONFIG = '[model]\nname = "m-1"\n\n[site]\nname = "My site"\n'
TOOLS = {
    "acme": "name: Acme\ndescription: A linter for prose that runs offline and finds cliches.\n",
    "zenith": "name: Zenith\ndescription: A formatter for prose that needs an account.\n",
}
PAGE = "---\ntools: [acme, zenith]\n---\n\nTwo ways to mend prose.\n"


def new_workspace(root: Path) -> Workspace:
    """Make a workspace of two tools and one page, in which nobody has been asked."""
    (root / "panelsynth.toml").write_text(CONFIG, encoding="utf-8")
    shutil.copytree(prompts_folder(), root / "prompts")
    for folder in ("tools", "comparisons"):
        (root / folder).mkdir()
    for name, text in TOOLS.items():
        (root / "tools" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (root / "comparisons" / "acme-vs-zenith.md").write_text(PAGE, encoding="utf-8")
    return Workspace(root)


def fill(workspace: Workspace, script: str = "ship ship skip ship", *, source: str = "live") -> None:
    """Write a review file for every reviewer and tool, as if a model had answered."""
    import panelsynth as ps

    model = ScriptedModel(script)
    model.name = pinned(Workspace(workspace.root).config)
    panels = ps.review(workspace.tools.values(), model=model, personas=workspace.personas, template=workspace.template)
    verdicts = {(panel.tool.id, verdict.reviewer): verdict for panel in panels for verdict in panel.verdicts}
    for review in states(workspace):
        if verdict := verdicts.get((review.tool.id, review.persona.id)):
            born = verdict.provenance.model_copy(update={"source": source})
            signed = verdict.model_copy(update={"provenance": born})
            ReviewFile.of(signed, asked(review.request)).write(review.path, keep_original=True)


def states(workspace: Workspace) -> list[Review]:
    """Read a workspace anew and go through its reviews."""
    again = Workspace(workspace.root)
    return [*reviews_of(again, [*again.tools.values()])]


def one(workspace: Workspace, tool: str = "acme", persona: str = "skeptic") -> Review:
    """Read one review anew."""
    return next(r for r in states(workspace) if (r.tool.id, r.persona.id) == (tool, persona))


def mend(path: Path, old: str, new: str) -> None:
    """Change a file as an editor would."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
