"""A file is written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsynth.errors import OutputError
from panelsynth.writing import check_folder, write_whole


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_is_on_disk_as_utf_8_byte_for_byte(tmp_path: Path, text: str) -> None:
    write_whole(tmp_path / "new" / "folder" / "page.html", text)
    assert (tmp_path / "new" / "folder" / "page.html").read_bytes() == text.encode()


def test_a_new_file_has_the_rights_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "page.html", "x")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o640


def _refuse(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "name", ["os.fsync", "os.fdopen", "pathlib.Path.replace", "pathlib.Path.chmod", "tempfile.mkstemp"]
)
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / "page.html"
    write_whole(path, "old")
    monkeypatch.setattr(name, _refuse)
    with pytest.raises(OutputError) as caught:
        write_whole(path, "new")
    monkeypatch.undo()
    assert caught.value.message == f"{path}: cannot be written: No space left on device"
    assert "-o" in caught.value.remedy
    assert [(file.name, file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()] == [("page.html", "old")]


def test_the_first_fault_is_told_where_nothing_can_be_tidied_up_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("os.fsync", "pathlib.Path.unlink"):
        monkeypatch.setattr(name, _refuse)
    with pytest.raises(OutputError, match=r"page\.html: cannot be written: No space"):
        write_whole(tmp_path / "page.html", "new")
    monkeypatch.undo()


@pytest.mark.parametrize("error", [KeyboardInterrupt, UnicodeError])
def test_an_interruption_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    path = tmp_path / "page.html"
    write_whole(path, "old")

    def interrupt(_: int) -> None:
        raise error

    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(error):
        write_whole(path, "new")
    assert [(file.name, file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()] == [("page.html", "old")]


def test_a_lone_surrogate_is_never_half_written(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "page.html", "x" * 100_000 + "\ud800")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_refuses_is_named_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(OutputError, match=r"page\.html: cannot be written: Permission denied\nCheck the disk"):
        write_whole(tmp_path / "page.html", "x")


def test_a_file_where_a_folder_should_be_and_the_reverse_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written: a file stands where its folder should be"):
        write_whole(tmp_path / "file" / "page.html", "x")
    with pytest.raises(OutputError, match="cannot be written: Not a directory"):
        write_whole(tmp_path / "file" / "deeper" / "page.html", "x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="cannot be written: Is a directory"):
        write_whole(tmp_path / "folder", "x")
    with pytest.raises(OutputError, match="cannot be written: File name too long"):
        write_whole(tmp_path / ("x" * 300), "x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_folder_is_tried_made_and_left_as_it_was(tmp_path: Path) -> None:
    check_folder(tmp_path / "new" / "folder")
    assert [*(tmp_path / "new" / "folder").iterdir()] == []


def test_a_folder_that_cannot_be_written_is_named_before_anything_is_paid_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file: cannot be written: a file stands where its folder should be"):
        check_folder(tmp_path / "file")
    monkeypatch.setattr("tempfile.TemporaryFile", _refuse)
    with pytest.raises(OutputError, match=r"cannot be written: No space left on device\nCheck the disk"):
        check_folder(tmp_path)
