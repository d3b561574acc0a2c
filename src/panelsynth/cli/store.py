"""`store`: what paid replies are there, written out, brought together, thrown away; asks no model."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from ..model import DEFAULT_PATH, Upkeep, plain
from .bill import dollars

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Contents


def _place(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--store", metavar="PATH", help=f"The store: {DEFAULT_PATH}, or the workspace's, when left out."
    )(command)


@click.group()
def store() -> None:
    """Look after the store of paid replies: info, export, merge, prune."""


@store.command(short_help="Tell what is in it.")
@_place
def info(store: str | None) -> None:
    """Tell how many replies and failures are kept, of which models, from when, and what they have cost."""
    path = _found(store)
    with Upkeep(path) as upkeep:
        contents = upkeep.contents()
    size = sum(one.stat().st_size for one in (path, *path.parent.glob(f"{path.name}-wal")) if one.exists())
    click.echo(f"store     {path}, {size:,} bytes")
    click.echo(_told(contents))
    click.echo(f"failures  {contents.failures:,} noted")


@store.command(short_help="Write every reply as a line of JSON.")
@_place
@click.option("--output", "-o", metavar="FILE.jsonl", help="Where to; standard output when left out.")
def export(store: str | None, output: str | None) -> None:
    """Write replies and noted failures as JSONL, for 'panelsynth store merge' elsewhere; no server's key is in it."""
    from ..writing import write_whole

    if output and not output.lower().endswith(".jsonl"):
        raise InputError(f"-o {output}: a name that ends in .jsonl is wanted", remedy="'store merge' knows it by that.")
    with Upkeep(_found(store)) as upkeep:
        if output:
            write_whole(Path(output), upkeep.export())
            click.echo(f"written: {output}")
        else:
            for line in upkeep.export():
                click.echo(line, nl=False)


@store.command(short_help="Take in what other stores hold.")
@click.argument("others", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="OTHERS...")
@_place
def merge(others: tuple[Path, ...], store: str | None) -> None:
    """Take in other machines' stores, or exports of them; they are left as they are.

    What is here already stays as it is. Where both hold replies to one request, all are kept, and the newest counts.

    \b
      panelsynth store merge machine-2/store.sqlite machine-3/replies.jsonl
    """
    with Upkeep(_found(store), makes=True) as upkeep:
        for other in others:
            merged = upkeep.merge(other)
            taken = f"{merged.replies:,} replies and {merged.failures:,} failures taken in"
            click.echo(f"{other}: {taken}, {merged.known:,} were here already")


@store.command(short_help="Throw replies away, after a yes.")
@click.argument("sources", nargs=-1, metavar="[TOOLS]...")
@_place
@click.option("--before", metavar="DAY", help="Replies kept before this day, such as 2026-11-23.")
@click.option("--model", "-m", metavar="NAME", help="Replies asked of, or answered by, this model.")
@click.option("--unused", is_flag=True, help="Replies that today's TOOLS and reviewers would not be answered by.")
@click.option("--personas", metavar="IDS|DIR", help="With --unused: the reviewers.")
@click.option("--yes", "-y", is_flag=True, help="Do it; without it, what would go is told.")
def prune(sources: tuple[str, ...], store: str | None, yes: bool, **choice: str | None) -> None:  # noqa: FBT001
    """Throw away replies that every condition given holds for; without --yes, say which those are.

    \b
      panelsynth store prune --before 2026-06-01
      panelsynth store prune --unused tools/ --personas team/ --yes
    """
    before, model, unused = choice["before"] or "", choice["model"] or "", bool(choice["unused"])
    if before and not _is_day(before):
        raise InputError(f"--before {before}: is no day", remedy="Write it as 2026-11-23.")
    if not (before or model or unused):
        raise InputError("nothing says what to throw away", remedy="Name --before DAY, --model NAME or --unused TOOLS.")
    if unused != bool(sources):
        raise InputError("--unused and TOOLS go together", remedy="Name all tools that are still reviewed.")
    used = _briefs(sources, choice["personas"]) if unused else None
    with Upkeep(_found(store)) as upkeep:
        found = upkeep.prunable(before=before, model=model, used=used)
        click.echo(_told(upkeep.contents_of(found)))
        if yes:
            upkeep.prune(found)
    click.echo("Thrown away." if yes else "Nothing was thrown away: repeat the command with --yes.")


class _Used:
    """What today's tools and reviewers ask, whatever model is asked: kept as its parts, not as their product."""

    def __init__(self, users: set[str], personas: set[tuple[str, str]]) -> None:
        self._users, self._personas = users, personas

    def __contains__(self, brief: object) -> bool:
        from ..model import Brief

        return isinstance(brief, Brief) and brief.user in self._users and (brief.system, brief.schema) in self._personas


def _briefs(sources: tuple[str, ...], selection: str | None) -> _Used:
    from ..model import part_digests
    from ..persona import read_personas
    from ..prompting import ReviewTemplate, build_requests, template_folder
    from ..toolbox import Toolbox

    personas, template = read_personas(selection), ReviewTemplate.read(template_folder(selection))
    systems = {persona.id: template.system(persona) for persona in personas}
    users: set[str] = set()
    asked: set[tuple[str, str]] = set()
    for tool, _ in Toolbox(sources):
        for request in build_requests(tool, personas, model="any", template=template, systems=systems):
            parts = part_digests(request)
            users.add(parts["user"])
            asked.add((parts["system"], parts["schema"]))
    return _Used(users, asked)


def _found(store: str | None) -> Path:
    from ..workspace import Workspace

    if store:
        return Path(store)
    workspace = Workspace.around()
    return workspace.store_path if workspace else DEFAULT_PATH


def _told(contents: Contents) -> str:
    lines = [f"replies   {contents.replies:,}"]
    if contents.damaged:
        lines[0] += f", {contents.damaged:,} of them damaged"
    if contents.first and contents.last:
        lines.append(f"kept      {contents.first} to {contents.last}")
        unpriced = f", {contents.unpriced:,} replies of unknown price on top" if contents.unpriced else ""
        lines.append(f"cost      {dollars(contents.usd)}{unpriced}")
    lines += [f"model     {plain(name)}: {count:,}" for name, count in contents.models.most_common()]
    return "\n".join(lines)


def _is_day(text: str) -> bool:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).strftime("%Y-%m-%d") == text
    except ValueError:
        return False
