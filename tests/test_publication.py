"""Publication: frozen pages are loaded with their numbers counted again, and held against today's draft."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from panelsynth import Comparison, compare
from panelsynth.errors import InputError
from panelsynth.saving import panel_json
from panelsynth.testing import panel
from panelsynth.verdict import Flag
from panelsynth.workspace.publication import is_behind, load_published


@pytest.fixture
def draft() -> Comparison:
    return compare(panel("Acme", "ship ship ship skip"), panel("Zenith", "skip skip ship fail"))


def approved(draft: Comparison) -> Comparison:
    named = {"status": "approved", "approved_by": "Mo", "approved_at": "2026-11-25T10:00:00Z"}
    return draft.model_copy(update=named)


def frozen(path: Path, page: Comparison, **changes: object) -> Path:
    path.write_text(json.dumps(json.loads(page.to_json()) | changes), encoding="utf-8")
    return path


def test_a_frozen_page_comes_back_as_it_was(tmp_path: Path, draft: Comparison) -> None:
    assert approved(draft) == load_published(frozen(tmp_path / "a.json", approved(draft)))


def test_sentences_of_an_older_wording_do_not_hinder_loading(tmp_path: Path, draft: Comparison) -> None:
    path = frozen(tmp_path / "a.json", approved(draft), disclosure="Old words.", reading={"headline": "Old words."})
    assert load_published(path).disclosure == approved(draft).disclosure


def test_a_number_that_counting_does_not_give_is_refused(tmp_path: Path, draft: Comparison) -> None:
    path = frozen(tmp_path / "a.json", approved(draft))
    path.write_text(path.read_text(encoding="utf-8").replace('"percent": 75', '"percent": 80', 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"tally.percent says 80, but counting again gives 75"):
        load_published(path)


def test_marks_of_an_older_way_to_look_quotes_up_do_not_hinder_loading_and_are_not_believed(
    tmp_path: Path, draft: Comparison
) -> None:
    page = json.loads(approved(draft).to_json())
    for item in page["panels"][0]["verdicts"][0]["evidence"]:
        item["verbatim"] = not item["verbatim"]
    (tmp_path / "a.json").write_text(json.dumps(page), encoding="utf-8")
    assert load_published(tmp_path / "a.json") == approved(draft)


def test_a_draft_and_a_panel_are_no_published_page(tmp_path: Path, draft: Comparison) -> None:
    with pytest.raises(InputError, match=r"holds a draft.*\n.*panelsynth approve a"):
        load_published(frozen(tmp_path / "a.json", draft))
    (tmp_path / "b.json").write_text(panel_json(draft.panels[0]), encoding="utf-8")
    with pytest.raises(InputError, match="holds a panel"):
        load_published(tmp_path / "b.json")


def test_what_readers_see_puts_a_page_behind(tmp_path: Path, draft: Comparison) -> None:
    published = load_published(frozen(tmp_path / "a.json", approved(draft)))
    assert not is_behind(published, draft)
    for change in ({"title": "Other"}, {"intro": "New."}, {"panels": tuple(reversed(draft.panels))}):
        assert is_behind(published, draft.model_copy(update=change)), change


def test_flags_do_not_put_a_page_behind(draft: Comparison) -> None:
    flag = Flag(kind="new-check", severity="soft", text="Look here.")
    first, second = draft.panels
    verdicts = tuple(verdict.model_copy(update={"flags": (flag,)}) for verdict in first.verdicts)
    flagged = draft.model_copy(update={"panels": (first.model_copy(update={"verdicts": verdicts}), second)})
    assert not is_behind(approved(draft), flagged)
