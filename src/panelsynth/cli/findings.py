"""Findings: what is counted across panels goes into files, onto stdout or to the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import click
from pydantic import BaseModel

from ..errors import InputError
from ..writing import inert_json, write_whole

output_option = click.option(
    "--output",
    "-o",
    metavar="DIR|FILE",
    help="Folder for the files, or one FILE.json or FILE.html; '-' prints one format; without it, a view in the"
    " terminal.",
)
format_option = click.option("--format", "-f", "forms", metavar="FORMS", help="html,json (both when left out).")


def json_of(found: BaseModel) -> str:
    """Write a finding as JSON, its texts inert in a terminal."""
    return inert_json(found.model_dump_json(indent=2)) + "\n"


def plan_output(name: str, output: str | None, forms: str | None) -> dict[str, str]:
    """Say which form goes where, before anything is read or written; `-` is stdout.

    Raises:
        InputError: a word is no format, or the place cannot take these formats.
    """
    known = ("html", "json")
    wanted = tuple(dict.fromkeys(part.strip() for part in forms.split(","))) if forms else known
    if unknown := [word for word in wanted if word not in known]:
        raise InputError(f"--format: no format {unknown[0]!r}", remedy=f"Known: {', '.join(known)}.")
    if output is None:
        if forms:
            raise InputError("--format without a place for the files", remedy="Add -o DIR, or '-o -' to print one.")
        return {}
    ending = Path(output).suffix.lstrip(".")
    if ending in known and not Path(output).is_dir():
        if forms and wanted != (ending,):
            raise InputError(
                f"-o {output}: one file takes one format", remedy=f"Leave --format out, or say -f {ending}."
            )
        return {ending: output}
    if output == "-" and len(wanted) != 1:
        raise InputError("-o - prints one format", remedy="Name it, such as --format json.")
    return {form: output if output == "-" else str(Path(output) / f"{name}.{form}") for form in wanted}


def put_findings(places: Mapping[str, str], writers: Mapping[str, Callable[[], str]]) -> None:
    """Write each form to its place, and name the files."""
    for form, place in places.items():
        if place == "-":
            click.echo(writers[form](), nl=False)
        else:
            write_whole(Path(place), writers[form]())
            click.echo(f"{'Page' if form == 'html' else 'Data'}: {place}")
