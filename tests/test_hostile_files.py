"""Hostile files: what they hold or are called steers no terminal, and nothing is written but where it was asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from filled import comparison_of, panel_of, persona_of, tool_text
from hostile import HOSTILE
from pydantic import ValidationError
from random_panels import panel
from test_hostile import every_text, every_whole_text, steers

from panelsynth.cli import _run
from panelsynth.errors import InputError
from panelsynth.pages import render
from panelsynth.saving import panel_json
from panelsynth.tool import Tool
from panelsynth.workspace.comparison_file import ComparisonFile
from panelsynth.workspace.review_file import Asked, ReviewFile
from panelsynth.workspace.votes import read_votes

SLUGS = {"no", "1e3", "0o17"}
"""The hostile texts that are slugs, too, so that they may name a file."""


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run a command in this process; give its exit code and all that it printed."""
    code = 0
    try:
        code = _run([*words])
    except SystemExit as exc:
        code = int(exc.code or 0)
    said = capsys.readouterr()
    return code, said.out + said.err


@every_whole_text
def test_no_message_about_a_tool_steers_the_terminal(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = {"id": "acme", "name": "Acme", "description": "A linter."}
    faults: tuple[dict[str, object], ...] = (
        {text: "x"},
        {"name": text, "url": text},
        {"category": text, "id": text},
        {"pricing": {"plans": [{text: text}]}},
    )
    for number, wrong in enumerate(faults):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps({**sound, **wrong}), encoding="utf-8")
        code, said = run(capsys, "review", str(path), "--dry-run")
        assert code in {0, 2}
        assert steers(said) == []


@every_whole_text
def test_no_message_about_a_files_name_steers_the_terminal(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = text.replace("/", "").replace("\0", "")[:60] or "x"
    (tmp_path / f"{name}.yaml").write_text("nome: x\n", encoding="utf-8")
    for words in (["review", f"{tmp_path / name}.yaml"], ["render", str(tmp_path / name)], ["review", str(tmp_path)]):
        code, said = run(capsys, *words)
        assert code == 2
        assert steers(said) == []


@every_text
def test_no_text_but_a_slug_names_a_tool_or_a_page(text: str, tmp_path: Path) -> None:
    if text in SLUGS:
        return
    with pytest.raises(ValidationError):
        Tool(id=text, name="x", description="x")
    for wrong in ({"slug": text}, {"aliases": [text]}, {"tools": ["a", text]}):
        path = tmp_path / "page.md"
        front = yaml.safe_dump({"tools": ["a", "b"], **wrong})
        path.write_text(f"---\n{front}---\n", encoding="utf-8", errors="replace")
        with pytest.raises(InputError):
            ComparisonFile.read(path)


@every_whole_text
def test_a_page_file_reads_back_the_same(text: str, tmp_path: Path) -> None:
    said = tool_text(text)
    path = tmp_path / "page.md"
    front = yaml.safe_dump({"tools": ["a", "b"], "title": said})
    path.write_text(f"---\n{front}---\n\n{said}\n", encoding="utf-8")
    read = ComparisonFile.read(path)
    assert (read.intro, read.title) == (said.strip(), Tool(id="a", name=said, description="x").name)


@every_whole_text
def test_votes_take_counts_and_days_and_no_formula(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "votes.csv"
    quoted = '"' + text.replace('"', '""') + '"'
    for row in (f"acme,{quoted},1,", f"acme,1,{quoted},", f"acme,1,1,{quoted}"):
        path.write_text(f"tool,ship,skip,as_of\n{row}\n", encoding="utf-8")
        with pytest.raises(InputError):
            read_votes(path)


def test_every_persona_text_is_taken_as_it_is() -> None:
    for text in HOSTILE.values():
        assert persona_of(text).brief == tool_text(text)


# Places


def test_a_link_in_the_folder_for_pages_is_replaced_and_not_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere, out = tmp_path / "elsewhere.txt", tmp_path / "out"
    elsewhere.write_text("mine", encoding="utf-8")
    out.mkdir()
    saved = tmp_path / "page.json"
    saved.write_text(render(comparison_of("x"), "json"), encoding="utf-8")
    for form in ("html", "md", "json", "txt"):
        (out / f"acme-vs-bolt.{form}").symlink_to(elsewhere)
    assert run(capsys, "render", str(saved), "-o", str(out))[0] == 0
    assert elsewhere.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in sorted(out.iterdir()) if not path.is_symlink()] == [
        f"acme-vs-bolt.{form}" for form in ("html", "json", "md", "txt")
    ]


@pytest.mark.parametrize("command", ["review", "compare"])
def test_a_link_in_the_folder_for_panels_is_replaced_and_not_followed(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from panelsynth.shipped import demo_recording, demo_tools

    elsewhere, out = tmp_path / "elsewhere.txt", tmp_path / "out"
    elsewhere.write_text("mine", encoding="utf-8")
    out.mkdir()
    names = ("mistral-3b.panel.json", "gpt-5-fine-tuning-api-vs-mistral-3b.html")
    for name in names:
        (out / name).symlink_to(elsewhere)
    tools = [str(demo_tools() / f"{name}.yaml") for name in ("mistral-3b", "gpt-5-fine-tuning-api")]
    assert run(capsys, command, *tools, "--replay", str(demo_recording()), "-o", str(out))[0] == 0
    assert elsewhere.read_text(encoding="utf-8") == "mine"
    assert not (out / names[command == "compare"]).is_symlink()


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", "..", "x\\y", "a\nb"])
def test_a_saved_panel_with_a_path_for_an_id_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = json.loads(panel_json(panel("Acme")))
    saved["tool"]["id"] = name
    (tmp_path / "a.json").write_text(json.dumps(saved), encoding="utf-8")
    (tmp_path / "b.json").write_text(panel_json(panel("Bolt")), encoding="utf-8")
    words = ["render", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "-o", str(tmp_path / "out")]
    assert run(capsys, *words)[0] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.json"]


# Files of a workspace


@every_whole_text
def test_a_review_file_reads_back_the_same_is_no_edit_and_steers_no_terminal(text: str, tmp_path: Path) -> None:
    """A body is plain text with LF line ends, so that a control character in it is shown as replaced."""
    verdict = panel_of("acme", text).verdicts[0].model_copy(update={"rubric": {"why": text}})
    asked = Asked.model_validate({"model": "m", "schema": "s", "persona": "p", "tool": "t"})
    path = tmp_path / "developer.md"
    file = ReviewFile.of(verdict, asked)
    file.write(path)
    read = ReviewFile.read(path)
    assert read.answer.model_dump(exclude={"review"}) == file.answer.model_dump(exclude={"review"})
    assert read.provenance == verdict.provenance
    assert not read.is_edited
    assert steers(path.read_text(encoding="utf-8")) == []
