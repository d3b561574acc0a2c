"""`check`: which settings are in force and where they come from; with `--live`, what the server really does."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import click

from ..errors import CallError, PanelsynthError
from ..model import DEFAULT_PATH, OpenAIModel, find_endpoint
from ..persona import find_personas
from ..prompting import ReviewTemplate, template_folder
from ..request import Message, Request
from ..toolbox import read_tools
from ..workspace import CONFIG_NAME, Workspace
from ..workspace.server import find_server, wanted_server

if TYPE_CHECKING:
    from ..model import Endpoint
    from ..workspace.config import ModelSection

_ORIGINS = {"COMMANDLINE": "option", "ENVIRONMENT": "environment", "DEFAULT": "default"}
_PROBE = Request(
    model="",
    messages=(Message(role="user", content="Answer with the one word: ready"),),
    answer_schema={
        "type": "object",
        "properties": {"word": {"type": "string", "enum": ["ready"]}},
        "required": ["word"],
        "additionalProperties": False,
    },
    label="check/endpoint/0/1",
)
"""Asks for a bare word under a schema that wants an object: an object comes back only where the schema is enforced."""


@click.command()
@click.argument("sources", nargs=-1, metavar="[TOOLS]...")
@click.option("--model", "-m", envvar="PANELSYNTH_MODEL", metavar="NAME", help="Model to ask.")
@click.option("--base-url", envvar="PANELSYNTH_BASE_URL", metavar="URL", help="Address of the server.")
@click.option("--key-env", envvar="PANELSYNTH_KEY_ENV", metavar="NAME", help="Variable that holds its key.")
@click.option("--key-file", metavar="PATH", help="File that holds its key.")
@click.option("--personas", envvar="PANELSYNTH_PERSONAS", metavar="IDS|DIR", help="Reviewers.")
@click.option("--live", is_flag=True, help="Ask the server too: its models, and one cheap call.")
@click.pass_context
def check(
    ctx: click.Context,
    sources: tuple[str, ...],
    model: str | None,
    base_url: str | None,
    key_env: str | None,
    key_file: str | None,
    personas: str | None,
    live: bool,  # noqa: FBT001 - click hands it over by name
) -> None:
    """Print the settings in force and their origin, and read TOOLS and reviewers; nothing is sent without --live.

    In a workspace its settings count too, and every file in it is read.

    \b
      panelsynth check tools/
      panelsynth check --live --model ollama/qwen3:8b
    """
    origin = {name: _ORIGINS[source.name] for name in ctx.params if (source := ctx.get_parameter_source(name))}
    workspace = Workspace.around()
    faults = 0
    if workspace and not personas:
        from .workspace_check import check_files

        faults = check_files(workspace, row=_row)
    else:
        _check_reviewers(personas, origin["personas"])
    if sources:
        _row("tools", f"{len(read_tools(sources))} read", "argument")
    store = workspace.store_path if workspace else DEFAULT_PATH
    _row("store", f"{store}{'' if store.exists() else ' (none yet)'}", "default")
    section = workspace.config.model if workspace else None
    named = key_env if origin["key_env"] == "option" else None  # find_server looks at the environment by itself
    try:
        endpoint = (
            find_server(section, model=model, base_url=base_url, key_env=named, key_file=key_file)
            if section
            else find_endpoint(model, base_url=base_url, key_env=key_env, key_file=key_file)
        )
    except PanelsynthError as exc:
        click.echo(f"model       {exc}")
        sys.exit(exc.exit_code)
    _row("model", endpoint.model, CONFIG_NAME if section and not model else origin["model"])
    _row("server", endpoint.base_url, _whence(endpoint, section, model, base_url, origin))
    _row("key", *_key(endpoint, key_env, key_file))
    if live:
        faults = asyncio.run(_ask(endpoint)) or faults
    sys.exit(faults)


def _check_reviewers(selection: str | None, origin: str) -> None:
    found, folder = find_personas(selection), template_folder(selection)
    _row("reviewers", ", ".join(persona.id for persona, _ in found), origin)
    _row("template", ReviewTemplate.read(folder).source if folder else "shipped", origin)
    for persona, _ in found:
        ReviewTemplate.read(folder).system(persona)


def _whence(
    endpoint: Endpoint, section: ModelSection | None, model: str | None, base_url: str | None, origin: dict[str, str]
) -> str:
    """Say who named the server: a preset comes with the model's name."""
    if section and wanted_server(section, model=model, base_url=base_url, environ=os.environ).address_is_ours:
        return CONFIG_NAME
    if base_url or endpoint.model != (model or endpoint.model):
        return origin["base_url" if base_url else "model"]
    return "environment" if "OPENAI_BASE_URL" in os.environ else "default"


def _row(name: str, value: str, origin: str) -> None:
    click.echo(f"{name:<11} {value}  [{origin}]")


def _key(endpoint: Endpoint, key_env: str | None, key_file: str | None) -> tuple[str, str]:
    """Say whether there is a key, and from where; never what it is."""
    if endpoint.key is None:
        return "none: a server on this machine needs none", "default"
    place = f"file {key_file}" if key_file else f"variable {key_env or 'OPENAI_API_KEY'}"
    return f"set, {len(endpoint.key.get_secret_value())} characters", place


async def _ask(endpoint: Endpoint) -> int:
    """Ask the server for its models and for one word; return the exit code."""
    from ..model.local import installed

    model = OpenAIModel(endpoint=endpoint, deadline=60)
    try:
        names = await installed(model.client(), endpoint.key)
        here = "this one among them" if endpoint.model in names else "this one is not among them"
        _row("models", f"{len(names)} listed, {here}" if names else "no list of models came", "live")
        reply = await model.ask(_PROBE.model_copy(update={"model": endpoint.model}))
    except CallError as exc:
        click.echo(f"call        failed: {exc.cause}: {exc.message}")
        return 1
    finally:
        await model.aclose()
    for notice in model.notices:
        click.echo(f"notice      {notice}")
    kept = reply.text.strip().startswith("{")
    spent = f"{reply.usage.input} tokens in, {reply.usage.output} out" if reply.usage else "tokens not counted"
    _row("call", f"answered by {reply.answered_by}, {spent}", "live")
    _row("rung", f"{model.rung}, {'honoured' if kept else 'taken but not enforced: answers are checked here'}", "live")
    return 0
