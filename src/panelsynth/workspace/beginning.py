"""Beginning: a new workspace, and new files in one; nothing that is there is ever overwritten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import combinations, count
from pathlib import Path

from ..documents import did_you_mean
from ..documents.values import slug_of
from ..errors import InputError
from ..model import DEFAULT_MODEL, RecordedModel
from ..prompting import ReviewTemplate
from ..reviewing import review
from ..shipped import demo_recording, demo_tools, prompts_folder
from ..toolbox import read_tools
from ..writing import write_whole
from .adoption import record_shipped
from .config import CONFIG_NAME
from .folder import INPUTS, Workspace
from .review_file import ReviewFile
from .reviews import asked, reviews_of

_START = Path(__file__).parent / "start"
_PAGE = "mistral-3b-vs-gpt-5-fine-tuning-api"


def begin(root: Path, *, bare: bool = False) -> Workspace:
    """Make a workspace, with two example tools and their reviews unless it should be bare.

    Args:
        root: the folder; it is made where there is none.
        bare: whether to leave the examples out.

    Raises:
        InputError: something of a workspace stands there already, or a file stands where the folder should be.
        OutputError: the folder cannot be written.
    """
    if root.exists() and not root.is_dir():
        raise InputError(f"{root}: is a file, and a folder is wanted", remedy="Choose another name.")
    for name in INPUTS:
        if (root / name).exists() or (root / name).is_symlink():
            remedy = "Choose another folder; in a workspace, 'panelsynth new' adds files."
            raise InputError(f"{root / name}: is there already, and nothing is overwritten", remedy=remedy)
    site = root.resolve().name.replace("-", " ").replace("_", " ").strip().capitalize() or "My site"
    words = {"MODEL_NAME": DEFAULT_MODEL, "SITE_NAME": re.sub(r'["\\\x00-\x1f]', "", site)}
    files = {CONFIG_NAME: CONFIG_NAME, "README.md": "README.md", ".gitignore": "gitignore"}
    for name, start in files.items():
        if not (root / name).exists():
            write_whole(root / name, _filled(start, words))
    write_whole(root / "votes.csv", "tool,ship,skip,as_of\n")
    _copy(prompts_folder(), root / "prompts")
    record_shipped(root / "prompts")
    for folder in ("tools", "comparisons", "reviews"):
        (root / folder).mkdir(exist_ok=True)
    if not bare:
        _add_examples(Workspace(root))
    return Workspace(root)  # one that has read nothing yet


def new_tool(workspace: Workspace, name: str) -> Path:
    """Write a commented file for a tool.

    Args:
        workspace: the workspace.
        name: its name or id.
    """
    slug = _slug(name)
    if slug in workspace.tools:
        raise InputError(f"the tool {slug!r} is there already", remedy="Edit it, or choose another name.")
    words = {"TOOL_ID": slug, "TOOL_NAME": slug.replace("-", " ").capitalize() if slug == name else _quoted(name)}
    return _write_new(workspace, workspace.root / "tools" / f"{slug}.yaml", _filled("tool.yaml", words))


def new_comparison(workspace: Workspace, slug: str, tools: Sequence[str]) -> Path:
    """Write the file of a page.

    Raises:
        InputError: fewer than two tools, one twice or one that is not there, or the address is another page's.
    """
    name = _slug(slug, 200)
    if len(tools) < 2:
        known = ", ".join(list(workspace.tools)[:8]) or "none yet"
        remedy = f"panelsynth new comparison {name} TOOL TOOL; tools here: {known}."
        raise InputError("a comparison needs at least two tools", remedy=remedy)
    if strange := [tool for tool in tools if tool not in workspace.tools]:
        guess = f"{did_you_mean(strange[0], workspace.tools)} " if workspace.tools else ""
        remedy = f"{guess}Or write it first: panelsynth new tool {slug_of(strange[0]) or 'NAME'}"
        raise InputError(f"there is no tool {strange[0]!r} in tools/", remedy=remedy)
    if twice := next((tool for tool in tools if tools.count(tool) > 1), None):
        raise InputError(f"the tool {twice!r} is named twice", remedy="Name each tool once.")
    if taken := _taken(workspace, name):
        remedy = f"Choose another address, such as {address_of(workspace, tools)!r}, or edit that file."
        raise InputError(f"the address {name!r} is taken by comparisons/{taken}.md", remedy=remedy)
    text = _filled("comparison.md", {"TOOL_LIST": "".join(f"\n  - {tool}" for tool in tools)})
    return _write_new(workspace, workspace.root / "comparisons" / f"{name}.md", text)


def _taken(workspace: Workspace, name: str) -> str:
    """Find the page whose address or further address it is already; empty where it is free."""
    return next((page.slug for page in workspace.comparisons.values() if name in {page.slug, *page.aliases}), "")


def address_of(workspace: Workspace, tools: Sequence[str]) -> str:
    """Name a free address for a page of some tools: their ids, numbered where another page has that already."""
    whole = "-vs-".join(tools)[:190].rstrip("-")
    numbered = (whole if number == 1 else f"{whole}-{number}" for number in count(1))
    return next(name for name in numbered if not _taken(workspace, name))


def pairs(workspace: Workspace, most: int, category: str | None = None) -> Iterable[tuple[str, str]]:
    """Go through the pairs of tools that no page shows yet, at most so many.

    Args:
        workspace: the workspace.
        most: how many at the most.
        category: of tools of this category alone.
    """
    shown = {frozenset(page.tools) for page in workspace.comparisons.values()}
    chosen = [tool.id for tool in workspace.tools.values() if category is None or tool.category == category]
    free = (pair for pair in combinations(chosen, 2) if frozenset(pair) not in shown)
    return (pair for pair, _ in zip(free, range(most), strict=False))


def _add_examples(workspace: Workspace) -> None:
    _copy(demo_tools(), workspace.root / "tools")
    first, second = _PAGE.split("-vs-")
    new_comparison(workspace, _PAGE, [first, second])
    tools = [tool for tool, _ in read_tools([workspace.root / "tools"])]
    panels = review(
        tools,
        model=RecordedModel(demo_recording()),
        personas=workspace.personas,
        template=ReviewTemplate.read(workspace.root / "prompts"),
    )
    verdicts = {(panel.tool.id, verdict.reviewer): verdict for panel in panels for verdict in panel.verdicts}
    for found in reviews_of(workspace, tools):
        verdict = verdicts[found.tool.id, found.persona.id]
        ReviewFile.of(verdict, asked(found.request)).write(found.path, keep_original=True)


def _copy(source: Path, target: Path) -> None:
    for file in sorted(path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        write_whole(target / file.relative_to(source), file.read_text(encoding="utf-8"))


def _filled(start: str, words: dict[str, str]) -> str:
    text = (_START / start).read_text(encoding="utf-8")
    for name, value in words.items():
        text = text.replace(name, value)
    return text


def _slug(name: str, most: int = 80) -> str:
    slug = slug_of(name)
    if not slug or len(name) > most:
        remedy = "Use lower-case letters, digits and hyphens, such as 'acme-lint'."
        raise InputError(f"{name[:80]!r} cannot name a file", remedy=remedy)
    return name if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name) else slug


def _quoted(name: str) -> str:
    import json

    return json.dumps(name, ensure_ascii=False)


def _write_new(workspace: Workspace, path: Path, text: str) -> Path:
    workspace.check_place(path)
    if path.exists() or path.is_symlink():
        raise InputError(f"{path}: is there already", remedy="Edit it, or choose another name.")
    write_whole(path, text)
    return path
