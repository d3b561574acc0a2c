"""Write every command's help into docs/reference.md, below its mark; a test sees that none is out of date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from panelsynth.cli import panelsynth

REFERENCE = Path(__file__).parents[1] / "docs" / "reference.md"
MARK = "<!-- Below: each command's own help, written by 'make reference'. -->\n"


def helps() -> str:
    """Give every command's help, as Markdown."""
    parts = [f"\n## {words}\n\n```text\n{text}\n```\n" for words, text in _walk(panelsynth, "panelsynth", None)]
    return "".join(parts)


def _walk(command: click.Command, name: str, parent: click.Context | None) -> Iterator[tuple[str, str]]:
    # A width of its own, so that no terminal's decides.
    width: dict[str, Any] = {"terminal_width": 100, "max_content_width": 100}
    context = click.Context(command, info_name=name, parent=parent, **width, **command.context_settings)
    yield context.command_path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            if inner := command.get_command(context, word):
                yield from _walk(inner, word, context)


if __name__ == "__main__":
    head = REFERENCE.read_text(encoding="utf-8").partition(MARK)[0]
    REFERENCE.write_text(f"{head}{MARK}{helps()}", encoding="utf-8")
