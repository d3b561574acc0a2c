"""Review files: what code writes reads back as it was, and what people change is noticed by its words alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from panelsynth.documents import parse_document
from panelsynth.errors import CallError, DocumentError
from panelsynth.model.replies import clean_text
from panelsynth.verdict import Answer, Provenance
from panelsynth.workspace import ReviewFile
from panelsynth.workspace.review_file import Kept, Original, digest

LIVE = Provenance(
    key="0" * 64, model="m-1", answered_by="m-1-large", source="live", answered_at="2026-11-25T10:00:00Z",
    prompt_version="0123456789ab",
)  # fmt: skip


def file_of(answer: Answer, **fields: object) -> ReviewFile:
    original = Original(decision=answer.decision, digest=digest(answer))
    given = {**answer.model_dump(), "provenance": LIVE, "original": original, **fields}
    return ReviewFile.model_validate(given)


def answer_of(**fields: object) -> Answer:
    usual = {
        "evidence": ("A linter for prose", "runs offline"), "rubric": {"thesis": "It holds: for now."},
        "counter_case": "It may fail.", "review": "I would use it.\n\nAnd again.", "decision": "skip", "score": 40,
        "would_change": "A benchmark.",
    }  # fmt: skip
    return Answer.model_validate({**usual, **fields})


def read(text: str, path: Path) -> ReviewFile:
    path.write_bytes(text.encode())
    return ReviewFile.read(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "skeptic.md"


def cleaned(text: str) -> str:
    try:
        return clean_text("text", text)
    except CallError:
        return "plain"


HARD = ["---", "\n---\n", "...", ": ", " #", "'", '"', "\\", "{{ x }}", "{% raw %}", "<b>", "null", "~", "2026-11-23",
        "no", "1.10", "12:30", "- ", "* ", "& ", "! ", "%", "@", "`", "| ", "> ", "? ", "[", "]", "{", "}", "\t",
        "  ", "\n", "\n\n", "\r\n", "漢字かな", "مرحبا بالعالم", "\u200f", "\u00a0", "\u2028", "\u2029", "\ufeff",
        "\u0301", "😀", "\ufffe", "word " * 40, "x" * 200]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(HARD), st.text(max_size=30)), min_size=1, max_size=8).map("".join)
WORDS = TEXTS.map(cleaned)
ANSWERS = st.builds(
    Answer,
    evidence=st.lists(WORDS, min_size=1, max_size=3).map(tuple),
    rubric=st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True), WORDS, max_size=4),
    counter_case=WORDS,
    review=WORDS,
    decision=st.sampled_from(["ship", "skip"]),
    score=st.integers(0, 100),
    would_change=WORDS,
)


@given(answer=ANSWERS)
def test_every_cleaned_answer_reads_back_unedited(tmp_path: Path, answer: Answer) -> None:
    written = file_of(answer)
    found = read(written.text(), tmp_path / "skeptic.md")
    assert not found.is_edited
    assert found.original == written.original
    assert found.answer.rubric == answer.rubric
    assert found.answer.evidence == answer.evidence
    assert found.text() == written.text()


@given(answer=ANSWERS)
def test_windows_line_ends_and_a_byte_order_mark_are_no_edit(tmp_path: Path, answer: Answer) -> None:
    text = file_of(answer).text().replace("\n", "\r\n")
    assert not read(f"\ufeff{text}", tmp_path / "skeptic.md").is_edited


@given(answer=ANSWERS, style=st.sampled_from([None, '"', "'", "|", ">"]), width=st.integers(20, 500))
def test_another_yaml_style_is_no_edit(tmp_path: Path, answer: Answer, style: str | None, width: int) -> None:
    file = file_of(answer)
    data = yaml.safe_load(file.front_matter)
    again = yaml.safe_dump(data, default_style=style, width=width, sort_keys=True)
    text = f"---\n{again.replace('!!int ', '')}---\n{file.review.strip()}\n\n\n"
    assert not read(text, tmp_path / "skeptic.md").is_edited


def test_white_space_that_an_editor_moves_is_no_edit(path: Path) -> None:
    text = file_of(answer_of(review="One  two.  \nThree four.\n\nFive.")).text()
    for old, new in (("One  two.  \nThree", "One two.\nThree"), ("\nThree", " Three"), ("\n\nFive", "\n\n\n\tFive")):
        assert old in text
        assert not read(text.replace(old, new), path).is_edited


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ("decision: skip", "decision: ship", ("decision",)),
        ("score: 40", "score: 41", ("score",)),
        ("I would use it.", "I would not use it.", ("review",)),
        ("It holds: for now", "It holds", ("rubric.thesis",)),
        ("- runs offline\n", "", ("evidence",)),
        ("It may fail.", "It may not fail.", ("counter_case",)),
        ("A benchmark.", "Two benchmarks.", ("would_change",)),
    ],
)
def test_each_change_of_words_is_an_edit_that_names_its_field(
    path: Path, old: str, new: str, fields: tuple[str, ...]
) -> None:
    answer = answer_of()
    found = read(file_of(answer).text().replace(old, new, 1), path)
    edit = found.edit(answer)
    assert found.is_edited
    assert edit is not None
    assert fields == edit.fields
    assert edit.decision_was == ("skip" if fields == ("decision",) else None)


def test_without_the_copy_an_edit_is_still_seen_and_so_is_what_the_model_had_decided(path: Path) -> None:
    text = file_of(answer_of()).text().replace("decision: skip", "decision: ship\nreason: It got cheaper.", 1)
    edit = read(text, path).edit(None)
    assert edit is not None
    assert (edit.fields, edit.decision_was, edit.reason) == ((), "skip", "It got cheaper.")


def test_a_file_without_provenance_is_written_by_a_person(path: Path) -> None:
    found = read("---\ndecision: ship\nscore: 80\nby: Mo\n---\nI like it.\n", path)
    assert found.is_by_hand
    assert not found.is_edited
    assert (found.review, found.by, found.evidence, found.rubric) == ("I like it.", "Mo", (), {})
    assert read(found.text(), path) == found


def test_a_models_words_cannot_pass_for_a_persons_by_taking_the_provenance_out(path: Path) -> None:
    text = re.sub(r"provenance:\n(?:  .*\n)+", "", file_of(answer_of()).text())
    with pytest.raises(DocumentError, match=r"has no provenance\nPut 'provenance' back"):
        read(text, path)
    with pytest.raises(DocumentError, match=r"provenance is for a model's words"):
        read(file_of(answer_of(), provenance=LIVE).text().replace("source: live", "source: person"), path)


def test_an_edit_cannot_hide_by_taking_the_original_out(path: Path) -> None:
    text = re.sub(r"original:\n(?:  .*\n)+", "", file_of(answer_of()).text())
    with pytest.raises(DocumentError, match=r"edits could not be told\nPut 'original' back from the copy"):
        read(text, path)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("decision: ship\n", "skeptic.md:1", "Begin the file with '---'"),
        ("---\ndecision: ship\nscore: 80\n", "skeptic.md:1", "Begin the file with '---'"),
        ("---\ndecision: ship\nscore: 80\nreview: x\n---\nText.\n", "skeptic.md:4: review", "Move it there."),
        ("---\ndecision: maybe\nscore: 80\n---\nText.\n", "skeptic.md:2: decision", "'ship' or 'skip'"),
        ("---\ndecision: ship\nscore: 180\n---\nText.\n", "skeptic.md:3: score", "100 or less"),
        ("---\ndecision: ship\nscore: 80\n---\n\n", "skeptic.md", "Write it there"),
        ("---\ndecision: ship\nscore: 80\ndecison: x\n---\nText.\n", "skeptic.md:4: decison", "'decision'"),
        ("---\ndecision: ship\nscore: 80\nscore: 70\n---\nText.\n", "skeptic.md:4: score", "line 3 already"),
        ("---\ndecision: ship\nscore: 8\nreason: a: b\n---\nText.\n", "skeptic.md:4", "Put quotes around"),
        ("---\ndecision: ship\nscore: 8\nreason:\n---\nText.\n", "skeptic.md:4: reason", "take the key out"),
        ("---\ndecision: ship\nscore: 8\nrubric:\n  A b: x\n---\nText.\n", "skeptic.md", "right form"),
        ("---\ndecision: ship\nscore: 8\n---\nText \x1b[31m.\n", "skeptic.md:5: review", "U+001B"),
    ],
)
def test_a_broken_file_is_told_with_its_place_and_a_remedy_and_left_alone(
    path: Path, text: str, place: str, said: str
) -> None:
    with pytest.raises(DocumentError) as raised:
        read(text, path)
    assert place in str(raised.value)
    assert said in str(raised.value)
    assert path.read_bytes() == text.encode()


def test_the_front_matter_reads_in_the_order_of_people_and_leaves_out_what_is_empty() -> None:
    file = file_of(answer_of(), kept=(Kept(key="1" * 64, reason="A typo.", by="Mo", on="2026-11-25"),))
    data = parse_document(file.text(), kind="markdown", source="-").data
    assert [*data] == [
        "decision", "score", "rubric", "evidence", "counter_case", "would_change", "provenance", "original", "kept",
    ]  # fmt: skip
