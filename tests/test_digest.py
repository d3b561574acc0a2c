"""The digest: what was approved in a span of days, in three forms that say the same, within what mail takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filled import article, document, outline, reader, site_of, squashed, token, with_text
from hostile import HOSTILE
from random_panels import panel, signed
from shell import Cli
from sites import URL, example, many, page, site, without_url
from test_cli import cli
from workspaces import fill, new_workspace

from panelsynth.errors import InputError
from panelsynth.pages.plain import line
from panelsynth.pages.site import digest
from panelsynth.workspace import Workspace
from panelsynth.workspace.approval import approve, freeze
from panelsynth.workspace.desk import Desk

_ = cli  # the fixture
every_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
LIMIT = 102_000


def headings(letter: dict[str, str]) -> dict[str, list[str]]:
    html = ["".join(node.itertext()) for node in document(letter["html"]).iter("h2")]
    parsed = article(reader().render(letter["md"]))
    return {"html": html, "md": ["".join(node.itertext()) for node in parsed.iter("h2")]}


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-11-01", "", ["Acme vs Bolt", "Acme vs Cask vs Bolt", "Bolt vs Cask"]),
        ("2026-11-18", "", ["Acme vs Bolt", "Acme vs Cask vs Bolt"]),
        ("2026-11-10", "2026-11-18", ["Acme vs Cask vs Bolt", "Bolt vs Cask"]),
        ("2026-11-21", "", []),
    ],
)
def test_it_tells_what_was_approved_in_these_days_newest_first(since: str, until: str, expected: list[str]) -> None:
    letter = digest(example(), since, until)
    assert headings(letter) == {"html": expected, "md": expected}
    assert re.findall(r"^\S.* vs .*$", letter["txt"], re.MULTILINE) == expected
    for text in letter.values():
        assert ("No comparison was approved in these days." in text) == (not expected)


def test_every_form_gives_shares_with_counts_links_and_the_disclosure() -> None:
    letter = digest(example(), "2026-11-18")
    for text in (letter["txt"], letter["md"]):
        assert "Bolt: " in text
        assert "33% · 1 of 3 ship, 1 of 4 missing (25-50%)" in text
    shown = " ".join("".join(document(letter["html"]).itertext()).split())
    assert "Bolt33% · 1 of 3 ship, 1 of 4 missing (25-50%)" in shown
    for text in (shown, " ".join(letter["txt"].split()), letter["md"]):
        assert text.count("nobody tested these tools") == 1
        assert "2 new or updated comparisons" in text
    for text in (letter["txt"], letter["md"]):
        assert f"{URL}compare/acme-vs-bolt.html" in text
    assert f"{URL}compare/acme-vs-bolt.html" in {node.get("href") for node in document(letter["html"]).iter("a")}


def test_pages_that_were_made_differently_each_disclose_how() -> None:
    made = site(
        page("a", [panel("Acme"), panel("Bolt")], "2026-11-01"),
        page("b", [signed(panel("Cask"), source="authored"), signed(panel("Dune"), source="authored")], "2026-11-02"),
    )
    for text in digest(made, "2026-11-01").values():
        flat = " ".join(text.split())
        assert flat.count("Percentages are counted") == 2
        assert "no model wrote it" in flat
        assert "Example, written by hand" in flat


def test_it_stands_in_tables_with_its_styles_and_asks_nobody_for_anything() -> None:
    root = document(digest(example(), "2026-11-01")["html"])
    assert not [*root.iter("style"), *root.iter("script"), *root.iter("img"), *root.iter("link")]
    laid_out = [node for node in root.iter("table") if node.get("role") == "presentation"]
    assert len(laid_out) == 2
    assert all(node.get("scope") == "row" for node in root.iter("th"))


def test_placeholders_stand_in_every_form_once_each() -> None:
    for text in digest(example(), "2026-11-01").values():
        assert text.count("PANELSYNTH_ADDRESS") == text.count("PANELSYNTH_UNSUBSCRIBE") == 1


def test_a_letter_stays_below_what_mail_takes_and_says_how_many_more_there_are() -> None:
    letter = digest(many(1600, 2), "2026-11-01")
    assert 0.9 * LIMIT < len(letter["html"].encode()) < LIMIT
    kept = headings(letter)
    assert kept["html"] == kept["md"]
    assert 50 < len(kept["html"]) < 800
    for text in letter.values():
        assert f"And {800 - len(kept['html'])} more" in text


def test_texts_as_long_as_any_may_be_keep_a_letter_below_the_limit() -> None:
    panels = [panel(f"Acme {number}") for number in range(50)]
    named = [one.model_copy(update={"tool": one.tool.model_copy(update={"name": "{%" * 150})}) for one in panels]
    made = site(
        *(page(f"p-{at}", named, "2026-11-01", title="%" * 300) for at in range(9)), site="{" * 300, publisher="{" * 300
    )
    letter = digest(made, "2026-11-01")
    assert len(letter["html"].encode()) < LIMIT
    assert "more" in letter["html"]


def test_without_the_sites_address_there_are_no_links_but_the_one_to_unsubscribe() -> None:
    letter = digest(without_url(example()), "2026-11-01")
    assert [node.get("href") for node in document(letter["html"]).iter("a")] == ["PANELSYNTH_UNSUBSCRIBE"]
    assert "https://" not in letter["txt"] + letter["md"]


@pytest.mark.parametrize("day", ["", "18.11.2026", "2026-13-01", "2026-11-18T10:00:00Z", "today"])
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(InputError, match="is no day"):
        digest(example(), day)
    with pytest.raises(InputError, match="is no day") if day else pytest.raises(InputError, match="comes before"):
        digest(example(), "2026-11-18", day or "2026-11-01")


def test_the_order_of_pages_changes_nothing() -> None:
    made = example()
    assert digest(replace(made, pages=made.pages[::-1]), "2026-11-01") == digest(made, "2026-11-01")


# Hostile texts


def shown_text(text: str) -> str:
    return squashed(text).replace("\u2060", "")


@every_text
def test_each_form_is_the_harmless_one_with_the_text_in_its_place(text: str) -> None:
    letter, harmless = (digest(site_of(said), "2026-11-01") for said in (text, token(text)))
    assert outline(document(letter["html"])) == with_text(outline(document(harmless["html"])), text)
    read, expected = (outline(article(reader(links=True).render(one["md"]))) for one in (letter, harmless))
    assert read == with_text(expected, text)
    said, foretold = (re.sub("\n=+\n", "", one["txt"], count=1) for one in (letter, harmless))
    assert shown_text(said) == shown_text(foretold).replace(token(text), shown_text(line(text)))


@every_text
def test_no_text_of_others_holds_marks_that_a_newsletters_program_would_act_on(text: str) -> None:
    marks = ("{{", "{%", "{#", "<%", "%%", "*|", "|*", "${", "[[")
    own = "PANELSYNTH_ADDRESS {{ x }} {% y %} *|LIST:ADDRESS|* %%z%% [[q]] ${r} <%= s %>"
    for said in (text, own):
        letter = digest(site_of(said), "2026-11-01")
        for form, written in letter.items():
            assert [mark for mark in marks if mark in written] == [], form
            assert written.count("PANELSYNTH_ADDRESS") == 1


# The command


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "w").mkdir()
    made = new_workspace(tmp_path / "w")
    fill(made)
    slug = "acme-vs-zenith"
    freeze(made, slug, approve(Desk(made), slug, by="Jane", at="2026-11-25T10:00:00Z"))
    return made


@pytest.fixture
def inside(workspace: Workspace, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.chdir(workspace.root)
        ran = cli("digest", *args)
        return ran.code, ran.out, ran.err

    return run


def test_the_command_prints_the_letter_and_sends_nothing(inside: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = inside("--since", "2026-11-20")
    assert code == 0
    assert "Acme vs Zenith" in out
    assert "panelsynth.toml gives no url in [site]" in err


def test_the_command_writes_three_files_where_it_is_told(
    inside: Callable[..., tuple[int, str, str]], workspace: Workspace
) -> None:
    code, out, _ = inside("--since", "2026-11-20", "-o", "letters")
    assert code == 0
    names = [f"digest-2026-11-20.{form}" for form in ("html", "md", "txt")]
    assert sorted(path.name for path in (workspace.root / "letters").iterdir()) == names
    assert all(name in out for name in names)


def test_the_help_shows_how_and_that_nothing_is_sent(inside: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = inside("--help")
    assert code == 0
    assert "Nothing is sent." in out
    assert "panelsynth digest --since 2026-11-18 -o letters" in [one.strip() for one in out.splitlines()]
    assert len(re.findall(r"^  -.*\S  +\S", out, re.MULTILINE)) == 4


@pytest.mark.parametrize("args", [["--since", "soon"], []])
def test_the_command_wants_a_day(inside: Callable[..., tuple[int, str, str]], args: list[str]) -> None:
    code, out, err = inside(*args)
    assert (code, out) == (2, "")
    assert "--since" in err
