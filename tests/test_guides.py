"""The guides do what they say: each is followed from its first block to its last, in a folder of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from local_server import serving

from panelsynth.pages.generators import TARGETS
from panelsynth.pages.site.digest import ADDRESS, UNSUBSCRIBE

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
QUOTE = "It runs locally, in an editor or in CI"
"""Stands in the description of both tools of the content team's week, so that no flag is loud."""
BLOCK = re.compile(r"^```(sh|yaml|toml|jinja|python|diff)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(guide: str) -> list[tuple[str, str, str]]:
    """List a guide's blocks: language, the file that it is, if it is one, and the text."""
    found: list[tuple[str, str, str]] = BLOCK.findall((DOCS / f"{guide}.md").read_text(encoding="utf-8"))
    return found


def follow(guide: str, folder: Path, url: str) -> None:
    """Do what a guide says: write its files, make its changes, run its commands."""
    for language, name, text in blocks(guide):
        if language == "sh":
            for line in text.splitlines():
                folder = obey(line, folder, url)
        elif language == "diff":
            mend(folder / name, text)
        elif name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")


def obey(line: str, folder: Path, url: str) -> Path:
    """Run one line of shell; return the folder that it leaves us in."""
    words = shlex.split(line, comments=True)
    if words[0] == "cd":
        return folder / words[1]
    assert words[0] == "panelsynth", line
    if words[1] == "serve":  # it would go on for ever; its own tests open its pages
        words.append("--help")
    command, _, rest = line.partition(" || ")
    expected = int(re.findall(r"test \$\? = (\d+)", rest)[0]) if rest else 0
    words = words[: words.index("||")] if rest else words
    ran = subprocess.run(
        [sys.executable, "-m", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "OPENAI_BASE_URL": url},
    )
    assert ran.returncode == expected, f"{command}\n{ran.stdout}\n{ran.stderr}"
    return folder


def mend(path: Path, diff: str) -> None:
    """Make the change that a diff shows."""
    old, new = ("".join(f"{row[1:]}\n" for row in diff.splitlines() if row[0] == sign) for sign in "-+")
    text = f"\n{path.read_text(encoding='utf-8')}"
    assert text.count(f"\n{old}") == 1, old
    path.write_text(text.replace(f"\n{old}", f"\n{new}").removeprefix("\n"), encoding="utf-8")


def test_a_content_teams_week_leads_from_an_empty_folder_to_a_retired_page(tmp_path: Path) -> None:
    with serving({"acme-lint/business": "skip"}, quote=QUOTE) as (url, received):
        follow("content-team", tmp_path, url)
    site = tmp_path / "my-site"
    held = json.loads((site / "published" / "prose-linters.json").read_text(encoding="utf-8"))
    verdicts = {v["reviewer"]: v for panel in held["panels"] for v in panel["verdicts"] if v["edit"] or v["kept"]}
    assert len(received) == 8 + 3
    assert (held["status"], held["retired_reason"]) == ("retired", "Zenith was discontinued.")
    assert verdicts["skeptic"]["edit"]["decision_was"] == "ship"
    assert (site / "public" / "compare" / "prose-linters.html").is_file()
    assert {path.name for path in (site / "published").glob("*.json")} == {"prose-linters.json"}
    assert {path.suffix for path in (site / "digest").iterdir()} == {".html", ".txt", ".md"}
    assert (tmp_path / "blog" / "content" / "compare" / "prose-linters.md").is_file()
    assert (tmp_path / "pages" / "compare" / "prose-linters.md").is_file()


def test_a_recording_is_made_replayed_found_stale_and_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as (url, received):
        follow("ci", tmp_path, url)
    assert len(received) == 2 * 8
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec((tmp_path / "tests" / "test_linters.py").read_text(encoding="utf-8"), names)  # noqa: S102 - our own guide
    test = names["test_the_panels_are_whole"]
    assert callable(test)
    test()


def test_the_commands_about_personas_run(tmp_path: Path) -> None:
    follow("personas", tmp_path, "http://127.0.0.1:9/v1")
    assert (tmp_path / "personas" / "security.md").is_file()


def test_the_guide_to_generators_names_every_target_and_field() -> None:
    from test_generators import front_of, only, page, site

    text = (DOCS / "generators.md").read_text(encoding="utf-8")
    assert {*re.findall(r"--target (\w+)", text)} == {*TARGETS}
    rows = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    assert {word for row in rows for word in re.findall(r"`(\w+)`", row)} == {*front_of(only(site(page()), "hugo")[1])}


def test_the_template_for_jekyll_is_the_one_that_is_tested() -> None:
    from test_generators import JEKYLL

    assert [text for language, _, text in blocks("generators") if language == "jinja"] == [JEKYLL]


# The reference


def reference() -> str:
    return (DOCS / "reference.md").read_text(encoding="utf-8")


def test_the_reference_shows_every_commands_help_as_it_is() -> None:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert reference().partition(module.MARK)[2] == module.helps(), "run: make reference"


def test_the_reference_lists_every_exit_code() -> None:
    from panelsynth.cli import BUG
    from panelsynth.errors import PanelsynthError

    def tree(kind: type[PanelsynthError]) -> set[int]:
        return {kind.exit_code}.union(*(tree(inner) for inner in kind.__subclasses__()))

    listed = {
        int(code) for row in re.findall(r"^\| ([\d, ]+) \|", reference(), re.MULTILINE) for code in row.split(",")
    }
    assert listed == {0, BUG, 130, 143} | tree(PanelsynthError)


def test_the_reference_lists_every_environment_variable() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    # The first stands in for a key in a dry run, the others for what a newsletter's service puts into a digest.
    no_settings = {"PANELSYNTH_NO_KEY", ADDRESS, UNSUBSCRIBE}
    ours = {*re.findall(r"\bPANELSYNTH_[A-Z_]+\b", sources)} - no_settings
    assert ours <= {*re.findall(r"`(PANELSYNTH_\w+)`", reference())}


@pytest.mark.parametrize("guide", ["content-team", "app", "ci", "personas", "generators", "reference"])
def test_a_guide_begins_with_what_the_reader_gets(guide: str) -> None:
    text = (DOCS / f"{guide}.md").read_text(encoding="utf-8")
    assert text.split("\n\n")[1].startswith("What you get: ")
