"""What ships: the built wheel, on its own in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import panelsynth

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
    ]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    [path] = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_prompts_the_example_tools_and_the_demos_recording(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        for folder, packaged in (("prompts", "_prompts"), ("examples/tools", "_demo/tools")):
            files = {path.relative_to(ROOT / folder): path for path in (ROOT / folder).rglob("*") if path.is_file()}
            prefix = f"panelsynth/{packaged}/"
            assert {name.removeprefix(prefix) for name in names if name.startswith(prefix)} == {
                p.as_posix() for p in files
            }
            for relative, path in files.items():
                assert archive.read(prefix + relative.as_posix()) == path.read_bytes()
        assert archive.read("panelsynth/_demo/demo.yaml") == (ROOT / "cassettes/demo.yaml").read_bytes()
        assert "panelsynth/py.typed" in names
        assert "panelsynth/pages/templates/page.html.j2" in names
        assert not [name for name in names if not name.startswith(("panelsynth/", "panelsynth-"))]


def test_the_wheel_runs_the_demo_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    """The wheel alone on the path, before any editable install, and nothing of the checkout in reach."""
    environment = {**os.environ, "PYTHONPATH": str(wheel.parent / "site")}
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(wheel.parent / "site")

    def run(*words: str) -> str:
        command = [sys.executable, *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout

    assert str(wheel.parent) in run("-c", "import panelsynth; print(panelsynth.__file__)")
    assert "100% (4 of 4" in run("-m", "panelsynth", "demo", "-o", "out")
    assert len(list((tmp_path / "out").iterdir())) == 4
    listed = {line.split()[0] for line in run("-m", "panelsynth", "personas").splitlines()}
    assert listed == {path.stem for path in (ROOT / "prompts" / "personas").iterdir()}


@pytest.mark.skipif(
    "PANELSYNTH_TESTS_WHEEL" not in os.environ, reason="only 'make wheel-test' tests the installed wheel"
)
def test_these_tests_run_against_the_installed_wheel() -> None:
    assert not Path(panelsynth.__file__).is_relative_to(ROOT / "src")
