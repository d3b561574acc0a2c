"""Template faults: a team's own template that is wrong is told with its place, and cannot run programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from panelsynth import compare
from panelsynth.errors import InputError
from panelsynth.pages import Setting
from panelsynth.testing import panel

PAGE = compare(panel("Acme", "ship ship"), panel("Zenith", "ship skip"))


def render(folder: Path, text: str, name: str = "page.html.j2") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return PAGE.to_html(setting=Setting(templates=folder))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one\n{% if %}", "page.html.j2:2: Expected an expression"),
        ("one\n\n{{ nothing.there }}", "page.html.j2:3: 'nothing' is undefined"),
        ("{% include 'gone.html' %}", "page.html.j2:1: there is no template 'gone.html'"),
        ("{{ 1 / 0 }}", "page.html.j2:1: division by zero"),
        ("{{ 'x' | nothing }}", "page.html.j2:1: No filter named 'nothing'"),
        ("{{ ''.__class__.__mro__ }}", "page.html.j2:1: access to attribute '__class__'"),
        ("{{ isolate.__globals__ }}", "page.html.j2:1: access to attribute '__globals__'"),
    ],
)
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        render(tmp_path, text)
    assert caught.value.message.startswith(f"{tmp_path}/{said}")
    assert "take the template out" in caught.value.remedy


def test_a_fault_in_a_part_of_their_own_is_told_there_and_not_in_ours(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    with pytest.raises(InputError, match=r"parts/review.html.j2:2: 'nothing' is undefined"):
        render(tmp_path, "\n{{ nothing.there }}", "parts/review.html.j2")


def test_a_mended_template_is_read_anew(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        render(tmp_path, "{% if %}")
    assert render(tmp_path, "mended\n").strip() == "mended"


def test_a_sheet_of_their_own_is_read_anew(tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / "page.css").write_text(f":root {{ --mine: {number} }}\n", encoding="utf-8")
        assert f"--mine: {number}" in PAGE.to_html(setting=Setting(templates=tmp_path))
