"""A workspace's beginning: what init and new write is valid, complete, and overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from panelsynth.errors import InputError, OutputError
from panelsynth.model import DEFAULT_MODEL
from panelsynth.persona import Persona
from panelsynth.shipped import prompts_folder
from panelsynth.tool import Tool
from panelsynth.workspace import Workspace
from panelsynth.workspace.beginning import address_of, begin, new_comparison, new_tool, pairs
from panelsynth.workspace.desk import Desk

PAGE = "mistral-3b-vs-gpt-5-fine-tuning-api"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return begin(tmp_path / "my-site")


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_new_workspace_shows_a_whole_page_at_once_and_says_who_wrote_it(workspace: Workspace) -> None:
    page = Desk(workspace).draft(PAGE)
    assert [panel.tally.percent for panel in page.panels] == [100, 75]
    assert "written by hand" in page.disclosure
    assert {verdict.provenance.source for panel in page.panels for verdict in panel.verdicts} == {"authored"}


def test_the_examples_reviews_are_current_whatever_model_a_team_pins(workspace: Workspace) -> None:
    config = workspace.root / "panelsynth.toml"
    config.write_text(config.read_text(encoding="utf-8").replace(DEFAULT_MODEL, "another-1"), encoding="utf-8")
    desk = Desk(Workspace(workspace.root))
    assert {review.state for tool in desk.workspace.tools for review in desk.reviews(tool)} == {"current"}


def test_the_model_is_pinned_and_the_prompts_are_a_copy(workspace: Workspace) -> None:
    assert workspace.config.model.name == DEFAULT_MODEL
    assert workspace.config.site.name == "My site"
    shipped, copied = files(prompts_folder()), files(workspace.root / "prompts")
    assert copied.pop(".shipped")
    assert copied == {name: text for name, text in shipped.items() if "__pycache__" not in name}


def test_a_bare_workspace_has_no_examples_and_is_valid(tmp_path: Path) -> None:
    workspace = begin(tmp_path / "bare", bare=True)
    assert (workspace.tools, workspace.comparisons) == ({}, {})
    assert [persona.id for persona in workspace.personas] == ["developer", "skeptic", "futurist", "business"]


def test_what_belongs_to_one_machine_stays_out_of_git(workspace: Workspace) -> None:
    assert (workspace.root / ".gitignore").read_text(encoding="utf-8").split() == [
        ".panelsynth/",
        "public/",
        "build-*/",
    ]


@pytest.mark.parametrize("name", ["panelsynth.toml", "votes.csv", "tools", "reviews", "prompts", "published"])
def test_nothing_that_is_there_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=f"{name}: is there already"):
        begin(tmp_path)
    assert files(tmp_path) == {name: b"mine"}


def test_a_readme_of_the_teams_own_stays(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("ours", encoding="utf-8")
    begin(tmp_path)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "ours"


@pytest.mark.parametrize("name", ['a"b', "a\\b", "\u4f8b", "---", "x" * 60])
def test_a_folder_of_any_name_becomes_a_valid_workspace(tmp_path: Path, name: str) -> None:
    assert begin(tmp_path / name, bare=True).config.site.name


@pytest.mark.parametrize(("name", "slug"), [("acme-lint", "acme-lint"), ("Acme: Lint #2", "acme-lint-2")])
def test_a_new_tool_is_a_valid_file_that_says_what_to_write(workspace: Workspace, name: str, slug: str) -> None:
    path = new_tool(workspace, name)
    tool = Tool.from_file(path)
    assert (tool.id, path.name) == (slug, f"{slug}.yaml")
    assert tool.name == ("Acme lint" if name == slug else name)
    with pytest.raises(InputError, match="is there already"):
        new_tool(workspace, name)


def test_every_commented_field_of_a_new_tool_is_one_that_tools_have(workspace: Workspace) -> None:
    path = new_tool(workspace, "acme")
    text = path.read_text(encoding="utf-8").partition("\n")[2].partition("\n")[2]
    path.write_text("\n".join(line.removeprefix("# ") for line in text.splitlines()), encoding="utf-8")
    tool = Tool.from_file(path)
    assert tool.pricing
    assert (tool.pricing.entry_label, len(tool.facts)) == ("Freemium", 1)


def test_every_commented_setting_is_one_that_the_settings_have(workspace: Workspace) -> None:
    path = workspace.root / "panelsynth.toml"
    head, _, rest = path.read_text(encoding="utf-8").partition("\n")
    assert head.startswith("# ")
    text = "\n".join(line.removeprefix("# ") for line in rest.splitlines())
    path.write_text(text, encoding="utf-8")
    config = Workspace(workspace.root).config
    assert config.signup
    assert config.site.url
    assert config.theme.variables["paper"] == "#ffffff"


def test_a_new_page_names_its_tools_in_their_order(workspace: Workspace) -> None:
    new_tool(workspace, "acme")
    path = new_comparison(Workspace(workspace.root), "small-tools", ["mistral-3b", "acme"])
    assert path.name == "small-tools.md"
    assert Workspace(workspace.root).comparisons["small-tools"].tools == ("mistral-3b", "acme")


@pytest.mark.parametrize(
    ("tools", "said"), [([], "at least two tools"), (["mistral-3b"], "two tools"), (["mistral-3b", "x"], "no tool 'x'")]
)
def test_a_page_of_too_few_or_unknown_tools_is_refused(workspace: Workspace, tools: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        new_comparison(workspace, "page", tools)


@pytest.mark.parametrize("name", ["", "...", "../..", "/", "\u4f8b"])
def test_a_name_that_leaves_no_slug_names_no_file(workspace: Workspace, name: str) -> None:
    with pytest.raises(InputError, match="cannot name a file"):
        new_tool(workspace, name)


def test_no_second_tool_of_one_id_is_begun_whatever_its_file_is_called(workspace: Workspace) -> None:
    tool = workspace.root / "tools" / "acme.md"
    tool.write_text("---\nname: Acme\n---\n\nA linter.\n", encoding="utf-8")
    with pytest.raises(InputError, match="'acme' is there already"):
        new_tool(Workspace(workspace.root), "Acme")
    assert not tool.with_suffix(".yaml").exists()


def test_a_page_that_would_break_the_workspace_is_not_begun(workspace: Workspace) -> None:
    page = workspace.root / "comparisons" / f"{PAGE}.md"
    page.write_text(page.read_text(encoding="utf-8").replace("# aliases: [an-old-address]", "aliases: [old]"))
    now = Workspace(workspace.root)
    first, second = now.tools
    with pytest.raises(InputError, match="'old' is taken by comparisons/mistral") as caught:
        new_comparison(now, "old", [first, second])
    assert f"'{first}-vs-{second}'" in caught.value.remedy
    with pytest.raises(InputError, match="named twice"):
        new_comparison(now, "x", [first, first])
    with pytest.raises(InputError, match="no tool 'mistral'") as caught:
        new_comparison(now, "x", ["mistral", second])
    assert "Did you mean 'mistral-3b'?" in caught.value.remedy
    assert [*Workspace(workspace.root).comparisons] == [PAGE]


def test_a_pair_whose_address_is_taken_gets_another(workspace: Workspace) -> None:
    tools = [*workspace.tools]
    new_tool(workspace, "acme")
    now = Workspace(workspace.root)
    new_comparison(now, "acme-vs-mistral-3b", ["acme", *tools])
    assert address_of(Workspace(workspace.root), ["acme", "mistral-3b"]) == "acme-vs-mistral-3b-2"


def test_nothing_is_begun_behind_a_link(workspace: Workspace, tmp_path: Path) -> None:
    (workspace.root / "tools").rename(tmp_path / "elsewhere")
    (workspace.root / "tools").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="is a link"):
        new_tool(workspace, "acme")


def test_a_file_in_the_folders_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is a file, and a folder is wanted"):
        begin(tmp_path / "notes")


def test_pairs_are_those_that_no_page_shows_and_never_more_than_asked_for(workspace: Workspace) -> None:
    for name in ("a", "b", "c"):
        new_tool(workspace, name)
    again = Workspace(workspace.root)
    assert len([*pairs(again, 100)]) == 9
    assert len([*pairs(again, 4)]) == 4
    assert [*pairs(again, 100, "Developer Tools")] == []


def test_a_persona_of_a_workspace_is_read_after_the_shipped_four(workspace: Workspace) -> None:
    skeptic = (workspace.root / "prompts" / "personas" / "skeptic.md").read_text(encoding="utf-8")
    own = skeptic.replace("id: skeptic", "id: accountant").replace("title: Skeptic", "title: Accountant")
    (workspace.root / "prompts" / "personas" / "accountant.md").write_text(own, encoding="utf-8")
    personas: list[Persona] = Workspace(workspace.root).personas
    assert [persona.id for persona in personas][-2:] == ["business", "accountant"]
