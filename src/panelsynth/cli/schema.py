"""`schema`: the file formats as JSON Schema."""

from __future__ import annotations

import json

import click
from pydantic import BaseModel

_WORKSPACE = ("config", "review", "comparison-file")
_FORMATS = ("comparison", "panel", "tool", "persona", "answer", *_WORKSPACE)
_DRAFT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


@click.command()
@click.argument("name", type=click.Choice(_FORMATS), default="comparison")
def schema(name: str) -> None:
    """Print a file format as JSON Schema: for editors, validators and other programs.

    'answer' is what a model is asked to fill in, with the developer's rubric as an example. 'config', 'review' and
    'comparison-file' are files of a workspace: panelsynth.toml, and the front matter of reviews and of pages to be.
    """
    click.echo(json.dumps(_schema(name), indent=2, ensure_ascii=False))


def _schema(name: str) -> dict[str, object]:
    if name in _WORKSPACE:
        return _DRAFT | _workspace_schema(name)
    from ..comparison import Comparison
    from ..panel import Panel
    from ..persona import Persona, read_personas
    from ..tool import Tool

    if name == "answer":
        return dict(read_personas("developer")[0].answer_schema)
    kinds: dict[str, type[BaseModel]] = {"comparison": Comparison, "panel": Panel, "tool": Tool, "persona": Persona}
    made = kinds[name].model_json_schema(mode="serialization" if name in {"comparison", "panel"} else "validation")
    return _DRAFT | made


def _workspace_schema(name: str) -> dict[str, object]:
    from ..workspace import Config, ReviewFile
    from ..workspace.comparison_file import ComparisonFile

    kinds: dict[str, type[BaseModel]] = {"config": Config, "review": ReviewFile, "comparison-file": ComparisonFile}
    made = kinds[name].model_json_schema()
    for body in ("review", "intro"):  # they stand below the front matter
        made["properties"].pop(body, None)
    made["required"] = [field for field in made["required"] if field not in {"review", "slug"}]  # the file names it
    return made
