"""The README and the docs do what they say: commands run, code runs, links lead somewhere, tables are complete."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_server import serving

import panelsynth
from panelsynth import Persona, Tool
from panelsynth.tool import Pricing
from panelsynth.workspace import ReviewFile

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


PROGRAMS = blocks("python") + [
    program
    for name in ("library.md", "app.md")
    for program in blocks("python", (ROOT / "docs" / name).read_text(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with the README's own tool and another one, and a server in place of OpenAI's."""
    path = tmp_path_factory.mktemp("reader")
    (path / "my-tool.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    (path / "other.yaml").write_text("name: Other\ndescription: It does something else.\n", encoding="utf-8")
    with serving({"other/business": "skip"}) as (url, _):
        yield path, url


@pytest.fixture
def folder(desk: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sit down in that folder, with the server's address in the environment."""
    monkeypatch.setenv("OPENAI_BASE_URL", desk[1])
    monkeypatch.chdir(desk[0])
    return desk[0]


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("panelsynth ")]


def test_every_command_of_the_readme_runs_in_its_order(folder: Path) -> None:
    assert len(COMMANDS) >= 8
    for line in COMMANDS:
        words = shlex.split(line, comments=True)
        ran = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False, cwd=folder)
        assert ran.returncode == 0, f"{line}\n{ran.stderr}"


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_every_program_of_the_docs_runs(folder: Path, number: int) -> None:
    if not (folder / "cassettes").is_dir():
        test_every_command_of_the_readme_runs_in_its_order(folder)
    names: dict[str, object] = {}
    exec(compile(PROGRAMS[number], f"block {number}", "exec"), names)  # noqa: S102 - our own README
    for name, value in names.items():
        if name.startswith("test_") and callable(value):
            value()


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


def test_every_make_target_in_the_docs_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for path in DOCS for word in re.findall(r"\bmake ([a-z]+)\b", path.read_text(encoding="utf-8"))}
    assert named - {"it"} <= targets


def table_fields(text: str) -> set[str]:
    return {
        word for row in re.findall(r"^\| ([^|]*`[^|]*) \|", text, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)
    }


def test_the_docs_list_every_field_of_a_tool_and_a_persona() -> None:
    _, tool, persona, *_ = (ROOT / "docs" / "files.md").read_text(encoding="utf-8").split("\n## ")
    assert table_fields(tool) == {*Tool.model_fields, *Pricing.model_fields}
    assert table_fields(persona) == {*Persona.model_fields} - {"brief"}


def test_the_docs_list_every_field_of_a_review_file() -> None:
    part = (ROOT / "docs" / "workspace.md").read_text(encoding="utf-8").split("## Review files")[1].split("\n## ")[0]
    assert table_fields(part) - {"review", "key", "on"} == {*ReviewFile.model_fields} - {"review"}


@pytest.mark.parametrize(
    "command", ["compare", "review", "render", "personas new", "status", "batch export", "batch import"]
)
def test_every_example_of_a_help_text_stands_on_a_line_of_its_own(command: str) -> None:
    words = [sys.executable, "-m", "panelsynth", *command.split(), "--help"]
    shown = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    examples = [line.strip() for line in shown.splitlines() if "panelsynth " in line and "Usage" not in line]
    assert "\\b" not in shown
    assert len([line for line in examples if line.startswith("panelsynth ")]) >= 2


@pytest.mark.parametrize("command", ["init", "new comparisons", "approve", "retire", "build", "serve", "digest"])
def test_the_docs_name_every_option_of_publishing(command: str) -> None:
    words = [sys.executable, "-m", "panelsynth", *command.split(), "--help"]
    shown = subprocess.run(words, capture_output=True, text=True, check=True).stdout.partition("\nOptions:\n")[2]
    text = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    assert {word for word in re.findall(r"--[a-z]+", shown) if word not in text} <= {"--help", "--output", "--until"}


def test_the_docs_list_every_public_name() -> None:
    listed = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    assert {*panelsynth.__all__} <= {*re.findall(r"`(\w+)`", listed)}


def test_every_option_has_a_help_line(folder: Path) -> None:
    for command in (
        "demo",
        "compare",
        "review",
        "render",
        "personas",
        "schema",
        "cassettes",
        "personas new",
        "personas diff",
        "personas adopt",
        "status",
        "cassettes check",
        "batch",
        "batch export",
        "batch import",
        "init",
        "new tool",
        "new persona",
        "new comparison",
        "new comparisons",
        "approve",
        "retire",
        "build",
        "serve",
        "digest",
    ):
        words = [sys.executable, "-m", "panelsynth", *command.split(), "--help"]
        shown = subprocess.run(
            words, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "200"}
        ).stdout
        for line in re.findall(r"^  -.*$", shown.partition("\nOptions:\n")[2], re.MULTILINE):
            assert re.search(r"\S  +\S", line.strip()), f"{command}: {line}"


def test_every_kind_of_flag_is_documented_with_its_severity() -> None:
    from panelsynth.grounding.flags import KINDS

    text = (ROOT / "docs" / "flags.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (loud|soft) \|", text, re.MULTILINE)
    assert rows == [(kind, severity) for kind, (severity, _) in KINDS.items()]
