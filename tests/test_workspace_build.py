"""Building: only what changed is written, only what is ours is removed, nothing outside the folder is touched."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from workspaces import fill, mend, new_workspace, one

from panelsynth.errors import InputError, OutputError
from panelsynth.model import Store
from panelsynth.pages.site import Site, render_site
from panelsynth.workspace import Workspace
from panelsynth.workspace.approval import approve, freeze
from panelsynth.workspace.building import MANIFEST, Built, put_site
from panelsynth.workspace.desk import Desk
from panelsynth.workspace.memory import Memory
from panelsynth.workspace.notices import find_notices, keep_to_cap
from panelsynth.workspace.siting import site_of, slugs_of

SLUG = "acme-vs-zenith"
PAGE = f"compare/{SLUG}.html"
FILES = [("index.html", "one\n"), ("compare/a.html", "two\n")]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "w"
    root.mkdir()
    made = new_workspace(root)
    fill(made)
    return made


def site(workspace: Workspace, *, drafts: bool = False) -> Site:
    return site_of(Desk(Workspace(workspace.root)), drafts=drafts)


def approved(workspace: Workspace, at: str = "2026-11-25T10:00:00Z") -> None:
    freeze(workspace, SLUG, approve(Desk(Workspace(workspace.root)), SLUG, by="Jane", at=at))


def held(folder: Path) -> dict[str, str]:
    found = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.*")}
    return {name: text for name, text in found.items() if name != MANIFEST}


def notices(workspace: Workspace, *, drafts: bool = False) -> str:
    desk = Desk(Workspace(workspace.root))
    return "\n".join(find_notices(desk, site_of(desk, drafts=drafts), drafts=drafts))


# Files


def test_a_second_build_of_the_same_touches_nothing(tmp_path: Path) -> None:
    put_site(FILES, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    built = put_site(FILES, tmp_path)
    assert (built.written, built.removed, built.same) == ([], [], 2)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_what_is_no_longer_wanted_is_removed_with_its_empty_folder_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    put_site(FILES, tmp_path)
    (tmp_path / "CNAME").write_text("example.org", encoding="utf-8")
    built = put_site(FILES[:1], tmp_path)
    assert built.removed == ["compare/a.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [MANIFEST, "CNAME", "index.html"]


def test_a_file_that_is_not_ours_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is no file of ours"):
        put_site(FILES, tmp_path)
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("path", ["../out.html", "/etc/out.html", "a/../../out.html", ""])
def test_no_path_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError, match="leads out of"):
        put_site([(path, "x")], tmp_path / "public")


@pytest.mark.parametrize("link", ["compare", "compare/a.html", MANIFEST])
def test_links_are_not_followed(tmp_path: Path, link: str) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "public"
    outside.mkdir()
    (outside / "a.html").write_text("mine", encoding="utf-8")
    (folder / link).parent.mkdir(parents=True)
    (folder / link).symlink_to(outside if link == "compare" else outside / "a.html")
    with pytest.raises(InputError, match="is a link"):
        put_site(FILES, folder)
    assert (outside / "a.html").read_text(encoding="utf-8") == "mine"


def test_a_check_writes_nothing_and_tells_what_differs(tmp_path: Path) -> None:
    put_site(FILES, tmp_path)
    before = held(tmp_path)
    assert put_site([("index.html", "new\n"), ("b.html", "x\n")], tmp_path, check=True) == Built(
        ["index.html", "b.html"], ["compare/a.html"], 0
    )
    assert held(tmp_path) == before
    assert put_site(FILES, tmp_path / "none", check=True).changes == 2
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("line", ["../../x", "/etc/x", "a\0b", "", "\udcff", "outside/a.html"])
def test_a_list_that_somebody_has_written_into_removes_nothing_elsewhere(tmp_path: Path, line: str) -> None:
    outside, folder = tmp_path / "x", tmp_path / "site" / "public"
    outside.mkdir()
    (outside / "a.html").write_text("mine", encoding="utf-8")
    put_site(FILES, folder)
    (folder / "outside").symlink_to(outside)
    with (folder / MANIFEST).open("a", encoding="utf-8", errors="surrogateescape") as file:
        file.write(f"{line}\n")
    assert put_site(FILES, folder).removed == []
    assert (outside / "a.html").read_text(encoding="utf-8") == "mine"
    assert (folder / MANIFEST).read_text(encoding="utf-8") == "compare/a.html\nindex.html\n"


def test_what_a_killed_build_has_left_half_written_is_swept_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    put_site(FILES, tmp_path)
    old, fresh, mine = (tmp_path / name for name in (".index.html.abc123.part", ".index.html.def.part", ".my.x.part"))
    for path in (old, fresh, mine):
        path.write_text("half", encoding="utf-8")
    for path in (old, mine):
        os.utime(path, (1, 1))
    put_site(FILES, tmp_path)
    assert [path.exists() for path in (old, fresh, mine)] == [False, True, True]


@pytest.mark.parametrize("at", range(1, 3))
def test_a_build_that_is_broken_off_knows_its_own_files_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    real, calls = Path.replace, 0

    def broken(path: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == at:
            raise OSError(28, "No space left on device")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OutputError):
        put_site(FILES, tmp_path)
    monkeypatch.undo()
    assert set(held(tmp_path).items()) <= {*FILES}
    put_site(FILES, tmp_path)
    assert held(tmp_path) == dict(FILES)


# Sites


def test_drafts_stay_out_unless_they_are_asked_for(workspace: Workspace) -> None:
    assert PAGE not in dict(render_site(site(workspace)))
    drafted = dict(render_site(site(workspace, drafts=True)))[PAGE]
    assert 'name="robots" content="noindex"' in drafted
    approved(workspace)
    online = dict(render_site(site(workspace)))[PAGE]
    assert "noindex" not in online


def test_the_approved_version_stays_online_whatever_the_files_say(workspace: Workspace) -> None:
    approved(workspace)
    before = dict(render_site(site(workspace)))
    mend(workspace.root / "tools" / "acme.yaml", "name: Acme", "name: Apex")
    mend(workspace.review_path("acme", "skeptic"), "decision: ship", "decision: skip")
    assert dict(render_site(site(workspace)))[PAGE] == before[PAGE]
    assert dict(render_site(site(workspace, drafts=True)))[PAGE] == before[PAGE]


def test_a_clone_without_the_store_builds_the_same_bytes(workspace: Workspace, tmp_path: Path) -> None:
    import shutil

    approved(workspace)
    shutil.copytree(workspace.root, tmp_path / "clone", ignore=shutil.ignore_patterns(".panelsynth"))
    for drafts in (False, True):
        here = dict(render_site(site(workspace, drafts=drafts)))
        assert dict(render_site(site(Workspace(tmp_path / "clone"), drafts=drafts))) == here


def test_a_page_whose_file_is_gone_stays_online_and_is_said(workspace: Workspace) -> None:
    approved(workspace)
    (workspace.root / "comparisons" / f"{SLUG}.md").unlink()
    assert slugs_of(Workspace(workspace.root)) == [SLUG]
    assert PAGE in dict(render_site(site(workspace)))
    assert f"panelsynth retire {SLUG}" in notices(workspace)


def test_more_comparisons_than_the_settings_allow_are_refused(workspace: Workspace) -> None:
    config = workspace.root / "panelsynth.toml"
    config.write_text(config.read_text(encoding="utf-8") + "max_comparisons = 1\n", encoding="utf-8")
    shown = site(workspace, drafts=True)
    keep_to_cap(Workspace(workspace.root), shown)
    page = workspace.root / "comparisons"
    (page / "again.md").write_text((page / f"{SLUG}.md").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError, match="2 comparisons, and max_comparisons is 1"):
        keep_to_cap(Workspace(workspace.root), site(workspace, drafts=True))


def test_what_is_missing_stale_or_waiting_is_said_with_its_command(workspace: Workspace) -> None:
    assert notices(workspace) == "1 draft is not shown: panelsynth approve SLUG, or panelsynth build --drafts"
    approved(workspace)
    assert notices(workspace) == ""
    workspace.review_path("acme", "skeptic").unlink()
    mend(workspace.root / "tools" / "zenith.yaml", "an account", "two accounts")
    assert "5 reviews to ask for (1 missing, 4 stale): panelsynth review" in notices(workspace)
    assert f"an update waits for approval: panelsynth approve {SLUG}" in notices(workspace)


def test_a_stale_review_is_said_too_while_a_new_draft_waits_beside_it(workspace: Workspace) -> None:
    approved(workspace)
    path = workspace.review_path("acme", "skeptic")
    draft = workspace.beside("acme", "skeptic")
    draft.write_bytes(path.read_bytes())
    assert f"{draft}: a new draft beside what somebody has written" in notices(workspace)


# Folders


@pytest.mark.parametrize("name", ["", "tools", "reviews/acme", "published/history", ".panelsynth/x", "comparisons/../"])
def test_a_site_is_not_built_among_the_files_that_it_is_made_of(workspace: Workspace, name: str) -> None:
    (workspace.root / ".panelsynth").mkdir()
    approved(workspace)
    with pytest.raises(InputError, match="holds files of the workspace itself"):
        workspace.check_output(workspace.root / name)
    for other in ("public", "sites/tools", "../tools", "public/../build"):
        workspace.check_output(workspace.root / other)


def test_a_folder_of_templates_that_is_not_there_is_said(workspace: Workspace) -> None:
    config = workspace.root / "panelsynth.toml"
    config.write_text(config.read_text(encoding="utf-8") + '\n[theme]\ntemplates = "own"\n', encoding="utf-8")
    with pytest.raises(InputError, match="own: there is no such folder of templates"):
        site(workspace)


# Memory


def memory(workspace: Workspace, **options: object) -> Memory:
    return Memory(Workspace(workspace.root), workspace.public, {"target": "site", "drafts": False, **options})


def test_an_unchanged_workspace_is_recalled_with_what_was_said(workspace: Workspace) -> None:
    assert memory(workspace).recall() is None
    put_site(render_site(site(workspace)), workspace.public)
    memory(workspace).remember(3, ["one", "two"])
    known = memory(workspace).recall()
    assert known
    assert (known.files, known.notices) == (3, ("one", "two"))
    assert memory(workspace, drafts=True).recall() is None


@pytest.mark.parametrize(
    "name",
    [
        "panelsynth.toml",
        "votes.csv",
        "tools/acme.yaml",
        "prompts/review.md.j2",
        "prompts/personas/skeptic.md",
        f"comparisons/{SLUG}.md",
        "reviews/acme/skeptic.md",
        "reviews/acme/.originals/skeptic.md",
        "reviews/acme/skeptic.new.md",
        f"published/{SLUG}.json",
        "public/index.html",
    ],
)
def test_a_change_of_anything_that_a_build_depends_on_is_noticed(workspace: Workspace, name: str) -> None:
    memory(workspace).remember(1, [])
    assert memory(workspace).recall()
    path = workspace.root / name
    path.parent.mkdir(exist_ok=True)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{text}\n", encoding="utf-8")
    assert memory(workspace).recall() is None


def test_a_failure_that_the_store_notes_is_noticed_and_a_look_into_it_is_none(workspace: Workspace) -> None:
    with Store(workspace.store_path):
        pass
    memory(workspace).remember(1, [])
    with Store(workspace.store_path):
        pass
    assert memory(workspace).recall()
    with Store(workspace.store_path) as store:
        asyncio.run(store.note_failure(one(workspace).request, "timeout", "no reply within 180 s"))
    assert memory(workspace).recall() is None


def test_an_edit_that_keeps_size_and_date_is_noticed(workspace: Workspace) -> None:
    memory(workspace).remember(1, [])
    path = workspace.review_path("acme", "skeptic")
    before = path.stat()
    mend(path, "decision: ship", "decision: skip")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert memory(workspace).recall() is None


def test_an_edit_behind_a_linked_folder_is_noticed_and_a_link_to_itself_ends(workspace: Workspace) -> None:
    folder, elsewhere = workspace.root / "reviews" / "acme", workspace.root.parent / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    (elsewhere / "round").symlink_to(elsewhere)
    memory(workspace).remember(1, [])
    assert memory(workspace).recall()
    mend(elsewhere / "skeptic.md", "decision: ship", "decision: skip")
    assert memory(workspace).recall() is None


def test_an_edit_while_a_build_goes_on_does_not_count_as_built(workspace: Workspace) -> None:
    under_way = memory(workspace)
    mend(workspace.review_path("acme", "skeptic"), "decision: ship", "decision: skip")
    under_way.remember(1, [])
    assert memory(workspace).recall() is None


def test_a_lock_that_an_editor_has_left_hinders_no_build(workspace: Workspace) -> None:
    approved(workspace)
    for folder in ("reviews/acme", "published", "comparisons", "tools"):
        (workspace.root / folder / ".#acme.json").symlink_to("jane@desk.123:456")
    memory(workspace).remember(1, [])
    assert memory(workspace).recall()
    assert PAGE in dict(render_site(site(workspace, drafts=True)))


def test_a_damaged_memory_is_no_memory(workspace: Workspace) -> None:
    memory(workspace).remember(1, [])
    [path] = (workspace.root / ".panelsynth").glob("build-*.json")
    for text in ("", "[]", '{"digest": 3}', "{"):
        path.write_text(text, encoding="utf-8")
        assert memory(workspace).recall() is None
