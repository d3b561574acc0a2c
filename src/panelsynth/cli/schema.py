"""`schema`: the file formats as JSON Schema."""

from __future__ import annotations

import json

import click
from pydantic import BaseModel

_FORMATS = ("comparison", "panel", "tool", "persona", "answer")


@click.command()
@click.argument("name", type=click.Choice(_FORMATS), default="comparison")
def schema(name: str) -> None:
    """Print a file format as JSON Schema: for editors, validators and other programs.

    'answer' is what a model is asked to fill in, with the developer's rubric as an example.
    """
    click.echo(json.dumps(_schema(name), indent=2, ensure_ascii=False))


def _schema(name: str) -> dict[str, object]:
    from ..comparison import Comparison
    from ..panel import Panel
    from ..persona import Persona, read_personas
    from ..tool import Tool

    if name == "answer":
        return dict(read_personas("developer")[0].answer_schema)
    kinds: dict[str, type[BaseModel]] = {"comparison": Comparison, "panel": Panel, "tool": Tool, "persona": Persona}
    made = kinds[name].model_json_schema(mode="serialization" if name in {"comparison", "panel"} else "validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
