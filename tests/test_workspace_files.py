"""The other files of a workspace: settings without keys, votes, and pages to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from workspaces import CONFIG, PAGE, mend, new_workspace

from panelsynth.errors import DocumentError, InputError
from panelsynth.workspace import Config, Workspace
from panelsynth.workspace.votes import read_votes


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return new_workspace(tmp_path)


def config(ws: Workspace, text: str) -> Config:
    (ws.root / "panelsynth.toml").write_text(text, encoding="utf-8")
    return Workspace(ws.root).config


def test_the_smallest_settings_have_defaults(ws: Workspace) -> None:
    found = config(ws, CONFIG)
    assert (found.model.name, found.site.language, found.site.max_comparisons) == ("m-1", "en", 200)
    assert found.signup is None


def test_every_setting_is_read(ws: Workspace) -> None:
    text = """
        [model]
        name = "m-1"
        base_url = "https://models.example/v1"
        in_flight = 8
        rpm = 60
        deadline = 30.5
        rung = "json_object"
        [site]
        name = "My site"
        url = "https://example.org/"
        max_comparisons = 10
        [theme.variables]
        paper = "color-mix(in oklab, #fff 90%, var(--ink))"
        font = "'Iowan Old Style', \\"Palatino\\", serif"
        [signup]
        title = "Hear of it"
        text = "Once a week."
        action = "https://letters.example/subscribe"
    """
    found = config(ws, text)
    assert (found.model.in_flight, found.model.rpm, found.model.deadline) == (8, 60, 30.5)
    assert found.model.rung == "json_object"
    assert found.signup
    assert found.signup.field == "email"


KEY = "sk-" + "made-up-" * 4


@pytest.mark.parametrize(
    "line",
    [
        f'api_key = "{KEY}"',
        'key = "short"',
        'token = "short"',
        f'name2 = "{KEY}"',
        f'base_url = "https://models.example/v1?x={KEY}"',
        'base_url = "https://me:pass@models.example/v1"',
        'base_url = "https://models.example/v1?api_key=abc"',
        f'headers = ["Bearer {"x" * 20}"]',
        f'google = "AIza{"Sy" * 15}"',
    ],
)
def test_a_key_has_no_place_in_the_settings_and_is_not_shown(ws: Workspace, line: str) -> None:
    with pytest.raises(
        DocumentError, match=r"panelsynth.toml:3: .*a key has no place in this file\n.*--key-env"
    ) as exc:
        config(ws, CONFIG.replace('name = "m-1"', f'name = "m-1"\n{line}', 1))
    assert KEY not in str(exc.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[site]", "[sight]", "panelsynth.toml:4: sight: unknown key\nDid you mean 'site'"),
        ('name = "m-1"', 'nam = "m-1"', "panelsynth.toml:2: model.nam: unknown key\nDid you mean 'name'"),
        ('[model]\nname = "m-1"', "", "panelsynth.toml: model: required, but missing"),
        ('name = "m-1"', 'name = "m-1"\nin_flight = 0', "panelsynth.toml:3: model.in_flight: should be 1 or more"),
    ],
)
def test_what_the_settings_do_not_know_is_refused_with_its_line(ws: Workspace, old: str, new: str, said: str) -> None:
    with pytest.raises(DocumentError) as raised:
        config(ws, CONFIG.replace(old, new))
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "value",
    [
        "#fff; background: red", "red}", "</style>", "url(//evil.example/x.png)", "URL(x)", "image-set('x' 1x)",
        "/* the rest", "'open", "calc(1px", "\\\\72 ed", "expression(alert)", "@import x", "a: b",
    ],
)  # fmt: skip
def test_a_css_variable_can_neither_end_its_rule_nor_fetch_anything(ws: Workspace, value: str) -> None:
    with pytest.raises(DocumentError, match=r"theme.variables.paper: .*cannot stand in a style"):
        config(ws, f'{CONFIG}[theme.variables]\npaper = """{value}"""\n')


@pytest.mark.parametrize("value", ["#fffdf8", "1.25rem", "rgb(255 255 255 / 90%)", "'Noto Serif', serif", "0 1px 2px"])
def test_colours_lengths_and_fonts_may_stand_in_a_style(ws: Workspace, value: str) -> None:
    assert value == config(ws, f'{CONFIG}[theme.variables]\npaper = "{value}"\n').theme.variables["paper"]


def test_a_css_variables_name_is_a_plain_word(ws: Workspace) -> None:
    with pytest.raises(DocumentError, match="is no CSS variable"):
        config(ws, f'{CONFIG}[theme.variables]\n"a b" = "red"\n')


def test_votes_take_any_order_of_columns_and_a_spreadsheets_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_bytes("\ufeffship,tool,as_of,skip\r\n31,acme,2026-11-20,19\r\n\r\n0,zenith,,0\r\n".encode())
    found = read_votes(path)
    assert (found["acme"].ship, found["acme"].skip, str(found["acme"].as_of)) == (31, 19, "2026-11-20")
    assert found["zenith"].as_of is None
    assert read_votes(tmp_path / "none.csv") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tool;ship;skip;as_of\n", "votes.csv:1: the first line should be tool,ship,skip,as_of"),
        ("tool,ship,skip,as_of\nacme,1,2\n", "votes.csv:2: has 3 cells, and there are 4 columns"),
        ("tool,ship,skip,as_of\nacme,many,2,\n", "votes.csv:2: ship: should be a whole number"),
        ("tool,ship,skip,as_of\nacme,-1,2,\n", "votes.csv:2: ship: should be 0 or more"),
        ("tool,ship,skip,as_of\nacme,1,,\n", "votes.csv:2: skip: has no value"),
        ("tool,ship,skip,as_of\nacme,1,2,20.11.2026\n", "votes.csv:2: as_of: should be a day"),
        ("tool,ship,skip,as_of\nacme,1,2,\nacme,1,2,\n", "votes.csv:3: acme: stands there twice\nTake one"),
        ('tool,ship,skip,as_of\n"acme,1,2,\n', "is no CSV"),
    ],
)
def test_broken_votes_are_told_with_their_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as raised:
        read_votes(path)
    assert said in str(raised.value)


def test_votes_for_a_tool_that_is_not_there_are_refused(ws: Workspace) -> None:
    (ws.root / "votes.csv").write_text("tool,ship,skip,as_of\nacne,1,2,\n", encoding="utf-8")
    with pytest.raises(InputError, match="there is no tool 'acne'"):
        _ = ws.tools


def test_a_page_takes_its_name_from_its_file_and_its_intro_from_the_body(ws: Workspace) -> None:
    page = ws.comparisons["acme-vs-zenith"]
    assert (page.tools, page.title, page.intro) == (("acme", "zenith"), None, "Two ways to mend prose.")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("b.md", PAGE.replace("zenith", "acme"), "b.md: the tool 'acme' stands there twice"),
        ("b.md", PAGE.replace("zenith", "zenit"), "b.md: there is no tool 'zenit' in tools/"),
        ("b.md", PAGE.replace("[acme, zenith]", "[acme]"), "b.md: a page needs two tools or more, and 'tools' names 1"),
        ("B c.md", PAGE, "B c.md: slug: is not of the right form, found 'B c'"),
        ("b.md", PAGE.replace("---\n\n", "slug: ../x\n---\n\n"), "b.md:3: slug: is not of the right form"),
        ("b.md", PAGE.replace("---\n\n", "aliases: [acme-vs-zenith]\n---\n\n"), "is taken by"),
        ("b.md", PAGE.replace("---\n\n", "intro: x\n---\n\n"), "b.md:3: intro: is the text below"),
    ],
)
def test_a_broken_page_is_told_with_its_place(ws: Workspace, name: str, text: str, said: str) -> None:
    (ws.root / "comparisons" / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        _ = ws.comparisons
    assert said in str(raised.value)


def test_a_workspace_without_reviewers_says_how_to_come_by_some(ws: Workspace) -> None:
    (ws.root / "prompts" / "personas").rename(ws.root / "elsewhere")
    with pytest.raises(InputError, match=r"personas: there are no reviewers\n.*panelsynth personas adopt"):
        _ = ws.personas


def test_the_shipped_reviewers_come_first_in_their_order(ws: Workspace) -> None:
    folder = ws.root / "prompts" / "personas"
    text = (folder / "skeptic.md").read_text(encoding="utf-8")
    (folder / "auditor.md").write_text(text.replace("title: Skeptic", "title: Auditor"), encoding="utf-8")
    mend(folder / "auditor.md", "id: skeptic", "id: auditor")
    assert [p.id for p in ws.personas] == ["developer", "skeptic", "futurist", "business", "auditor"]
