"""Files of panels and comparisons: what is written loads again, what was tampered with says where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import JsonValue
from random_panels import comparisons, panel, panels

from panelsynth.comparison import Comparison, compare
from panelsynth.errors import InputError
from panelsynth.panel import Panel
from panelsynth.saving import load_saved, panel_json
from panelsynth.tool import Tool

same_folder = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(folder: Path, text: str) -> Path:
    path = folder / "acme.panel.json"
    path.write_text(text, encoding="utf-8")
    return path


def saved_panel() -> dict[str, JsonValue]:
    loaded: dict[str, JsonValue] = json.loads(panel_json(panel("Acme", "ship ship ship skip")))
    return loaded


def refusal(folder: Path, text: str) -> str:
    """Load a text that should be refused; give the whole message."""
    path = write(folder, text)
    with pytest.raises(InputError) as refused:
        load_saved(path)
    message = str(refused.value)
    assert message.startswith(f"{path}:")
    assert refused.value.exit_code == 2
    return message.removeprefix(f"{path}:").strip()


@same_folder
@given(panels())
def test_a_saved_panel_loads_as_itself(tmp_path: Path, one: Panel) -> None:
    assert load_saved(write(tmp_path, panel_json(one))) == one


@same_folder
@given(comparisons())
def test_a_saved_comparison_loads_as_itself(tmp_path: Path, one: Comparison) -> None:
    assert load_saved(write(tmp_path, one.to_json())) == one


@given(panels())
def test_a_panel_fits_on_one_line_of_jsonl(one: Panel) -> None:
    text = panel_json(one, indent=None)
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert json.loads(text) == json.loads(panel_json(one))


def test_text_of_any_language_is_written_as_itself(tmp_path: Path) -> None:
    one = panel("Acme", "ship", description="日本語 — “quoted” 🙂")
    assert "日本語 — “quoted” 🙂".replace('"', '\\"') in panel_json(one)
    assert load_saved(write(tmp_path, panel_json(one))) == one


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "acme.panel.json"
    path.write_bytes(b"\xef\xbb\xbf" + panel_json(panel("Acme")).replace("\n", "\r\n").encode())
    assert load_saved(path) == panel("Acme")


@pytest.mark.parametrize(
    ("version", "found"),
    [
        (2, "found 2"),
        ("1", 'found "1"'),
        (True, "found true"),
        (1.0, "found 1.0"),
        (None, "found null"),
        ([], "found ["),
    ],
)
def test_another_schema_version_is_refused(tmp_path: Path, version: JsonValue, found: str) -> None:
    said = refusal(tmp_path, json.dumps({**saved_panel(), "schema_version": version}))
    assert f"schema_version should be 1, {found}" in said


def test_a_saved_panel_cannot_steer_the_terminal_that_shows_it() -> None:
    tool = Tool(id="acme", name="Acme \u202e", description="Red \u2028 and \u2066 blue.")
    saved = panel_json(Panel(tool=tool, verdicts=(), missing=panel("Acme", "fail").missing))
    assert all(char.isprintable() or char == "\n" for char in saved)
    assert json.loads(saved)["tool"]["name"] == "Acme \u202e"


def test_a_file_without_schema_version_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, '{"name": "acme", "dependencies": {}}')
    assert "schema_version should be 1, there is none" in said
    assert "Is this a file that panelsynth wrote?" in said


def test_foreign_json_is_neither_a_comparison_nor_a_panel(tmp_path: Path) -> None:
    assert "holds neither a comparison nor a panel" in refusal(tmp_path, '{"schema_version": 1, "exchanges": []}')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON"),
        ("ship", "not valid JSON"),
        ('{"schema_version": 1', "not valid JSON"),
        ("[]", "should hold one object"),
        ("1", "should hold one object"),
        ('{"schema_version": NaN}', "NaN is no JSON number"),
        ('{"schema_version": 1, "tool": -Infinity}', "-Infinity is no JSON number"),
        ('{"schema_version": 1,\n "tool": {},\n "tool": {}}', "tool: this key is given twice"),
        ('{"schema_version": 1} {"schema_version": 1}', "not valid JSON"),
        ("[" * 100_000, "nested deeper"),
    ],
)
def test_what_is_not_one_json_object_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


def test_a_key_given_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    text = panel_json(panel("Acme")).replace('"percent": 75,', '"percent": 75,\n    "percent": 75,')
    line = text.splitlines().index('    "percent": 75,', text.splitlines().index('    "percent": 75,') + 1) + 1
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=f"{path}:{line}: tally.percent: this key is given twice"):
        load_saved(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_saved(tmp_path / "none.json")


def test_a_hand_edited_percent_is_refused_with_its_place_and_a_remedy(tmp_path: Path) -> None:
    said = refusal(tmp_path, panel_json(panel("Acme")).replace('"percent": 75', '"percent": 80'))
    said, _, remedy = said.partition("\n")
    assert said == "tally.percent says 80, but counting again gives 75; leave it out, or mend what is counted"
    assert remedy == "Every number is counted from the verdicts: change those, or leave the number out."


def test_in_a_comparison_the_place_names_the_panel(tmp_path: Path) -> None:
    text = compare(panel("Acme", "ship"), panel("Bolt")).to_json().replace('"percent": 75', '"percent": 80')
    assert "panels[1]: tally.percent says 80, but counting again gives 75" in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verdict": []}, "verdict: unknown key\nDid you mean 'verdicts'?"),
        ({"verdicts": "ship"}, "verdicts: "),
        ({"verdicts": [{"reviewer": "skeptic"}]}, "verdicts[0].title: required, but missing"),
        ({"tool": {"id": "acme", "name": "Acme"}}, "tool.description: required, but missing"),
        ({"tool": []}, "tool: "),
        ({"missing": [{"reviewer": "skeptic", "state": "asleep"}]}, "missing[0].state: "),
    ],
)
def test_a_wrong_field_is_named_by_its_path(tmp_path: Path, change: dict[str, JsonValue], said: str) -> None:
    assert said in refusal(tmp_path, json.dumps(saved_panel() | change))


def test_a_comparison_with_a_missing_list_is_told_what_it_lacks(tmp_path: Path) -> None:
    saved = json.loads(compare(panel("Acme"), panel("Bolt")).to_json())
    del saved["reviewers"]
    assert refusal(tmp_path, json.dumps(saved)).startswith("reviewers: required, but missing")


def test_a_decision_that_is_neither_ship_nor_skip_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, panel_json(panel("Acme")).replace('"decision": "skip"', '"decision": "hold"'))
    assert "verdicts[3].decision: should be 'ship' or 'skip', found 'hold'" in said
