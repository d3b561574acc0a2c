"""Languages: every word of a page from a locale file that is whole, and every number as it was counted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from random_panels import comparisons

import panelsynth as ps
from panelsynth.comparison import Comparison
from panelsynth.errors import DocumentError, InputError
from panelsynth.language import add_language, language_of, read_locale
from panelsynth.pages import render
from panelsynth.pages.direction import isolate
from panelsynth.plurals import category_of
from panelsynth.testing import panel

LOCALES = Path(ps.__file__).parent / "locales"
CODES = sorted(path.stem for path in LOCALES.glob("*.yaml"))
OTHERS = [code for code in CODES if code != "en"]


def page(code: str) -> Comparison:
    pricing = {"plans": [{"kind": "free"}, {"kind": "subscription", "amount": "8", "currency": "USD", "unit": "month"}]}
    first = panel("Quarry", "ship ship skip fail", pricing=pricing)
    return ps.compare(first, panel("Lantern", "skip"), language=code)


@pytest.mark.parametrize("code", CODES)
def test_every_shipped_locale_is_whole(code: str) -> None:
    assert read_locale(LOCALES / f"{code}.yaml").words.keys() == language_of("en").words.keys()


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_sentence_of_ours_is_left_on_a_page(code: str) -> None:
    text = " ".join(render(page(code), "txt").split())
    english = [forms["other"] for forms in language_of("en").words.values() if "{" not in forms["other"]]
    assert [words for words in english if len(words.split()) > 3 and words in text] == []


@pytest.mark.parametrize("code", CODES)
def test_a_saved_page_is_made_again_in_its_language(code: str) -> None:
    made = page(code)
    assert Comparison.model_validate_json(made.to_json()) == made


def test_a_page_says_its_language_and_the_way_it_runs() -> None:
    assert '<html lang="ar" dir="rtl">' in page("ar").to_html()
    assert '<html lang="ja">' in page("ja").to_html()
    assert '<html lang="en">' in page("en").to_html()


def test_a_fragment_says_them_too_where_it_is_not_english() -> None:
    assert '<article class="panelsynth" lang="ar" dir="rtl">' in page("ar").to_html(fragment=True)
    assert '<article class="panelsynth">' in page("en").to_html(fragment=True)


@pytest.mark.parametrize(
    ("text", "kept_apart"),
    [("Lantern وQuarry", 2), ("LanternとQuarryを採用。", 2), ("Lanterns and Quarrying", 0), ("Lantern, Quarry", 2)],
)
def test_names_are_kept_apart_from_words_of_any_script_around_them(text: str, kept_apart: int) -> None:
    assert isolate(text, ["Lantern", "Quarry"]).count("<bdi>") == kept_apart


@pytest.mark.parametrize("code", OTHERS)
def test_a_page_says_what_its_words_for_ship_and_skip_stand_for(code: str) -> None:
    assert language_of(code).say("page_decisions") in render(page(code), "md").replace("\\", "")


@given(comparisons(), st.sampled_from(OTHERS))
def test_the_numbers_of_a_headline_are_those_counted(made: Comparison, code: str) -> None:
    told = made.model_copy(update={"language": code}).reading.headline
    shown, counted = (sorted(re.findall(r"\d+", text)) for text in (told, made.reading.headline))
    assert shown == counted


@pytest.mark.parametrize(("code", "day"), [("en", "2026-11-03"), ("ja", "2026年11月3日"), ("ar", "3 نوفمبر 2026")])
def test_a_day_is_written_as_its_language_does(code: str, day: str) -> None:
    assert language_of(code).day("2026-11-03") == day


@pytest.mark.parametrize(
    ("number", "category"),
    [(0, "zero"), (1, "one"), (2, "two"), (3, "few"), (11, "many"), (100, "other"), (103, "few")],
)
def test_arabic_has_six_plural_forms(number: int, category: str) -> None:
    assert category_of(number, language_of("ar").plurals) == category


def test_an_unknown_language_names_those_there_are_and_the_way_to_add_one() -> None:
    with pytest.raises(InputError, match=r"no page words in the language 'xx'") as caught:
        ps.compare(panel("A", "ship"), panel("B", "ship"), language="xx")
    assert "ar, en, ja" in caught.value.remedy
    assert "add_language" in caught.value.remedy


def test_a_file_of_ones_own_adds_a_language(tmp_path: Path) -> None:
    own = yaml.safe_load((LOCALES / "en.yaml").read_text(encoding="utf-8"))
    own |= {"language": "nl", "name": "Dutch"}
    own["words"]["kicker"] = "Hulpmiddelen vergeleken"
    path = tmp_path / "nl.yaml"
    path.write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    add_language(path)
    assert "Hulpmiddelen vergeleken" in page("nl").to_html()


@pytest.mark.parametrize(
    ("key", "text", "fault"),
    [
        ("kicker", None, "kicker: is missing"),
        ("strange", "Word", "strange: is no key"),
        ("kicker", "<b>Bold</b>", "kicker: holds mark-up"),
        ("share_of", "{percent}", "share_of: has other names in braces"),
        ("day", "{m}.{d}.", "day: has other names in braces"),
    ],
)
def test_a_locale_file_that_is_off_is_refused_with_its_key(
    tmp_path: Path, key: str, text: str | None, fault: str
) -> None:
    own = yaml.safe_load((LOCALES / "ja.yaml").read_text(encoding="utf-8"))
    own["words"].pop(key, None)
    if text is not None:
        own["words"][key] = text
    path = tmp_path / "ja.yaml"
    path.write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    with pytest.raises(DocumentError, match=re.escape(fault)):
        read_locale(path)
