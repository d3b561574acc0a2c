"""Tools from files, folders, JSONL and standard input; what is refused, and in which words."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from panelsynth.errors import DocumentError, InputError
from panelsynth.tool import Fact, Plan, Pricing, Tool, Votes
from panelsynth.toolbox import read_tools

BASE = "name: Acme\ndescription: A linter.\n"
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=40)

FORMATS = {
    "acme.yaml": """
name: Acme 3.10
tagline: "12:30"
category: NO
url: https://acme.example
best_for: 1e3 teams
description: |
  A linter for prose: "quick", 0x10 {{ name }}.

  日本語 🚀 עברית
language: en
relationship: none
pricing:
  summary: From $3.10
  plans:
    - kind: free
    - {kind: subscription, name: Pro, amount: 3.10, currency: USD, unit: month}
  as_of: 2026-11-23
votes: {ship: 12, skip: 3, as_of: 2026-11-20}
facts:
  - claim: It has a parser.
    source: https://acme.example/docs
    verified_on: 2026-11-01
""",
    "acme.toml": """
name = "Acme 3.10"
tagline = "12:30"
category = "NO"
url = "https://acme.example"
best_for = "1e3 teams"
description = '''
A linter for prose: "quick", 0x10 {{ name }}.

日本語 🚀 עברית
'''
language = "en"
relationship = "none"

[pricing]
summary = "From $3.10"
as_of = 2026-11-23

[[pricing.plans]]
kind = "free"

[[pricing.plans]]
kind = "subscription"
name = "Pro"
amount = 3.10
currency = "USD"
unit = "month"

[votes]
ship = 12
skip = 3
as_of = 2026-11-20

[[facts]]
claim = "It has a parser."
source = "https://acme.example/docs"
verified_on = 2026-11-01
""",
    "acme.json": r"""{
"name": "Acme 3.10", "tagline": "12:30", "category": "NO", "url": "https://acme.example", "best_for": "1e3 teams",
"description": "A linter for prose: \"quick\", 0x10 {{ name }}.\r\n\r\n日本語 \ud83d\ude80 עברית\r\n",
"language": "en", "relationship": "none",
"pricing": {"summary": "From $3.10", "as_of": "2026-11-23", "plans": [{"kind": "free"},
  {"kind": "subscription", "name": "Pro", "amount": 3.10, "currency": "USD", "unit": "month"}]},
"votes": {"ship": 12, "skip": 3, "as_of": "2026-11-20"},
"facts": [{"claim": "It has a parser.", "source": "https://acme.example/docs", "verified_on": "2026-11-01"}]
}""",
}
FORMATS["acme.md"] = (
    "---\n"
    + re.sub(r"description: \|\n.*?(?=language)", "", FORMATS["acme.yaml"], flags=re.DOTALL).strip()
    + '\n---\n\nA linter for prose: "quick", 0x10 {{ name }}.\n\n日本語 🚀 עברית\n'
)
FORMATS["acme.jsonl"] = FORMATS["acme.json"].replace("\n", " ").replace("{", '{"id": "acme", ', 1)


def read(path: Path | str) -> Tool:
    [(tool, _)] = read_tools([path])
    return tool


def fault(path: Path | str) -> InputError:
    with pytest.raises(InputError) as caught:
        read_tools([path])
    return caught.value


def stdin(monkeypatch: pytest.MonkeyPatch, text: str | bytes) -> None:
    raw = text if isinstance(text, bytes) else text.encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))


# One tool in many formats.


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_one_tool_is_the_same_in_every_format(tmp_path: Path, name: str, ends: str, bom: str) -> None:
    path = tmp_path / name
    path.write_bytes((bom + FORMATS[name].replace("\n", ends)).encode())
    assert read(path) == Tool(
        id="acme",
        name="Acme 3.10",
        tagline="12:30",
        category="NO",
        url="https://acme.example",
        best_for="1e3 teams",
        description='A linter for prose: "quick", 0x10 {{ name }}.\n\n日本語 🚀 עברית',
        language="en",
        relationship="none",
        pricing=Pricing(
            summary="From $3.10",
            plans=(
                Plan(kind="free"),
                Plan(kind="subscription", name="Pro", amount=Decimal("3.10"), currency="USD", unit="month"),
            ),
            as_of=date(2026, 11, 23),
        ),
        votes=Votes(ship=12, skip=3, as_of=date(2026, 11, 20)),
        facts=(Fact(claim="It has a parser.", source="https://acme.example/docs", verified_on=date(2026, 11, 1)),),
    )


@pytest.mark.parametrize("name", FORMATS)
def test_standard_input_takes_what_files_take(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FORMATS[name], encoding="utf-8")
    given_id = {"yaml": "id: acme\n", "toml": 'id = "acme"\n', "json": '{"id": "acme", ', "md": "---\nid: acme\n"}
    begin = given_id.get(name.split(".")[1], "")
    text = FORMATS[name].removeprefix("{").removeprefix("---\n") if name.endswith(("json", "md")) else FORMATS[name]
    stdin(monkeypatch, begin + text)
    assert read("-") == read(tmp_path / name)


@given(name=TEXTS, description=TEXTS, tagline=TEXTS)
def test_names_and_texts_survive_yaml_and_json_as_written(
    tmp_path: Path, name: str, description: str, tagline: str
) -> None:
    data = {"name": name, "description": description, "tagline": tagline}
    (tmp_path / "acme.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    (tmp_path / "acme.json").write_text(json.dumps(data), encoding="utf-8")
    for found in (read(tmp_path / "acme.yaml"), read(tmp_path / "acme.json")):
        assert found.model_dump(include=set(data)) == data


@pytest.mark.parametrize(
    "word", ["NO", "3.10", "12:30", "1e3", "0x10", "~5", "2026-11-23", "true", "1_000", ".5", "007"]
)
def test_an_unquoted_name_unit_or_price_text_stays_as_written(tmp_path: Path, word: str) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(f"name: {word}\ndescription: {word}\npricing: {word}\ncategory: {word}\n", encoding="utf-8")
    found = read(path)
    assert (found.name, found.description, found.category) == (word, word, word)
    assert found.pricing
    assert found.pricing.summary == word


def test_a_pricing_text_is_its_summary() -> None:
    assert Tool.model_validate({"id": "a", "name": "A", "description": "B", "pricing": "Free"}).pricing == Pricing(
        summary="Free"
    )


def test_a_saved_tool_loads_as_the_same_tool(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(FORMATS["acme.yaml"], encoding="utf-8")
    tool = read(tmp_path / "acme.yaml")
    assert Tool.model_validate_json(tool.model_dump_json()) == tool


def test_texts_from_a_program_are_read_as_lf_and_lines_as_one_line() -> None:
    tool = Tool(id="a", name="A\r\n  B", description="one\r\ntwo\rthree")
    assert (tool.name, tool.description) == ("A B", "one\ntwo\nthree")


@pytest.mark.parametrize(("amount", "written"), [("1e3", "1000"), ("3.10", "3.10"), ("0.0000001", "0.0000001")])
def test_an_amount_is_shown_to_reviewers_without_an_exponent(amount: str, written: str) -> None:
    plan = Plan.model_validate({"kind": "usage", "amount": amount, "currency": "USD", "unit": "call"})
    assert plan.terms == f"usage {written} USD per call"


# Where tools come from.


def test_a_folder_gives_its_files_by_name_and_leaves_readme_and_hidden_files_alone(tmp_path: Path) -> None:
    for name, text in FORMATS.items():
        extra = 'id = "toml-one"\n' if name.endswith("toml") else ""
        (tmp_path / name.replace("acme", name.split(".")[1] + "-one")).write_text(extra + text, encoding="utf-8")
    for name in ("README.md", ".hidden.yaml", "notes.txt"):
        (tmp_path / name).write_text("No tool.", encoding="utf-8")
    found = read_tools([tmp_path])
    assert [(tool.id, Path(place).name) for tool, place in found] == [
        ("json-one", "json-one.json"),
        ("acme", "jsonl-one.jsonl:1"),
        ("md-one", "md-one.md"),
        ("toml-one", "toml-one.toml"),
        ("yaml-one", "yaml-one.yaml"),
    ]


def test_sources_keep_the_order_in_which_they_are_given(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.yaml").write_text(BASE, encoding="utf-8")
    sources = [tmp_path / f"{name}.yaml" for name in "cab"]
    assert [tool.id for tool, _ in read_tools(sources)] == ["c", "a", "b"]


def test_jsonl_on_standard_input_keeps_line_separators_inside_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"id": name, "name": name, "description": "one\u2028two\x85three"} for name in "ab"]
    text = "\n\n".join(json.dumps(row, ensure_ascii=False).replace("\x85", "\\u2029") for row in rows)
    stdin(monkeypatch, text)
    assert [(tool.id, tool.description, place) for tool, place in read_tools(["-"])] == [
        ("a", "one\u2028two\u2029three", "-:1"),
        ("b", "one\u2028two\u2029three", "-:3"),
    ]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "-: nothing came in on standard input"),
        (b" \n", "-: nothing came in on standard input"),
        (b"x" * 1_000_001, "-: over 1,000,000 bytes"),
        (BASE.encode(), "-: id: no id\nAdd 'id: acme'."),
        (b'{"id": "a"}\n{"name": "b"}', "-:1: name: required"),
        (b"\xff\xfea", "-:1: this is UTF-16"),
        (b'[{"name": "a"}]', "-: should hold one object"),
    ],
)
def test_standard_input_that_is_no_tool_says_why(monkeypatch: pytest.MonkeyPatch, raw: bytes, words: str) -> None:
    stdin(monkeypatch, raw)
    assert str(fault("-")).startswith(words)


def test_a_closed_standard_input_is_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert "nothing came in" in fault("-").message


def test_one_id_for_two_tools_is_refused_with_both_places(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"name": "A", "description": "B"}', encoding="utf-8")
    (tmp_path / "a.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"id": "b", "name": "B", "description": "B"}\n' * 2, encoding="utf-8")
    assert fault(tmp_path).message == f"{tmp_path}/a.yaml: the id 'a' is taken by {tmp_path}/a.json"
    assert fault(tmp_path / "b.jsonl").message == f"{tmp_path}/b.jsonl:2: the id 'b' is taken by {tmp_path}/b.jsonl:1"


def test_a_folder_without_tools_and_a_path_that_is_nowhere_say_what_was_looked_for(tmp_path: Path) -> None:
    error = fault(tmp_path)
    assert error.message == f"{tmp_path}: no tool files in this folder"
    assert "*.yaml" in error.remedy
    assert "*.jsonl" in error.remedy
    assert "No such file" in fault(tmp_path / "none.yaml").message
    assert "cannot tell the format" in fault("x" * 5_000).message


# What a tool file may not say: file, line, key, what is wrong, what to do.

PLAN = BASE + "pricing:\n  plans:\n    - kind: usage\n"
FAULTS: list[tuple[str, str, str, str]] = [
    ("acme.yaml", BASE + "taglin: x\n", "3: taglin: unknown key", "Did you mean 'tagline'?"),
    ("acme.yaml", "name: Acme\ndescripton: x\n", "2: descripton: unknown key", "Did you mean 'description'?"),
    ("acme.yaml", PLAN + "      ammount: 2\n", "6: pricing.plans[0].ammount: unknown key", "Did you mean 'amount'?"),
    ("acme.yaml", BASE + "votes:\n  shipp: 1\n", "4: votes.shipp: unknown key", "Did you mean 'ship'?"),
    ("acme.yaml", BASE + "<<: {tagline: x}\n", "3: '<<': unknown key", "Known: best_for, category,"),
    ("acme.yaml", "name: Acme\n", " description: required, but missing", "Add it. description: What its maker says"),
    (
        "acme.yaml",
        BASE + "facts:\n  - source: x\n",
        "4: facts[0].claim: required, but missing",
        "Add it. claim: The statement.",
    ),
    ("acme.yaml", "name:\ndescription: x\n", "1: name: has no value", "Write one (in quotes if it begins with '#')"),
    ("acme.yaml", "name: a\ndescription: #1\n", "2: description: has no value", "in quotes"),
    ("acme.yaml", "name: ''\ndescription: x\n", "1: name: is empty", "Write something"),
    ("acme.yaml", f"name: {'x' * 301}\ndescription: x\n", "1: name: has 301 characters", "300 are allowed."),
    ("acme.yaml", "name: [a]\ndescription: x\n", "1: name: should be a text, found a list", "name: The tool's name"),
    (
        "acme.yaml",
        PLAN.replace("usage", "monthly"),
        "5: pricing.plans[0].kind: should be 'free', 'freemium',",
        "kind: ",
    ),
    (
        "acme.yaml",
        BASE + "pricing:\n  plans:\n    kind: free\n",
        "4: pricing.plans: should be a list",
        "plans: The plans",
    ),
    (
        "acme.yaml",
        BASE + "pricing: [a]\n",
        "3: pricing: should be keys and values, found a list",
        "Its keys: as_of, entry",
    ),
    (
        "acme.yaml",
        BASE + "facts: [It is good]\n",
        "3: facts[0]: should be keys and values, found 'It is",
        "Its keys: claim,",
    ),
    (
        "acme.yaml",
        BASE + "votes: 3\n",
        "3: votes: should be keys and values, found '3'",
        "Its keys: as_of, ship, skip.",
    ),
    (
        "acme.yaml",
        BASE + "votes:\n  ship: -1\n  skip: 2\n",
        "4: votes.ship: should be 0 or more, found '-1'",
        "votes.ship",
    ),
    (
        "acme.yaml",
        BASE + "votes: {ship: 2.5, skip: 2}\n",
        "3: votes.ship: should be a whole number, found '2.5'",
        "ship: ",
    ),
    (
        "acme.yaml",
        BASE + "votes: {ship: NaN, skip: 2}\n",
        "3: votes.ship: should be a whole number, found 'NaN'",
        "ship: ",
    ),
    ("acme.yaml", BASE + "votes: {ship: .inf, skip: 2}\n", "3: votes.ship: should be a whole number", "ship: "),
    (
        "acme.yaml",
        BASE + f"votes: {{ship: {'9' * 13}, skip: 2}}\n",
        "3: votes.ship: should be 1,000,000,000,000 or less",
        "",
    ),
    ("acme.yaml", BASE + f"votes: {{ship: {'9' * 5000}, skip: 2}}\n", "3: votes.ship: should be", "ship: "),
    ("acme.yaml", BASE + "votes: {ship: x, skip: y}\n", "3: votes.ship: should be", "(1 more mistake here.)"),
    ("acme.yaml", PLAN + "      amount: -1\n", "6: pricing.plans[0].amount: should be 0 or more", "amount: The price"),
    (
        "acme.yaml",
        PLAN + "      amount: nan\n",
        "6: pricing.plans[0].amount: should be a plain number, such as 20",
        "amount: ",
    ),
    (
        "acme.yaml",
        PLAN + "      amount: $20\n",
        "6: pricing.plans[0].amount: should be a plain number, such as 20",
        "amount: ",
    ),
    (
        "acme.yaml",
        PLAN + "      amount: 1e400\n",
        "6: pricing.plans[0].amount: should be a number of at most 15 digits",
        "",
    ),
    (
        "acme.yaml",
        PLAN + "      amount: 20\n",
        "5: pricing.plans[0]: an amount of 20 needs a currency, such as 'currency",
        "",
    ),
    (
        "acme.yaml",
        PLAN + "      currency: $\n",
        "6: pricing.plans[0].currency: is not of the right form, found '$'",
        "`USD`",
    ),
    ("acme.yaml", BASE + "language: Japanese!\n", "3: language: is not of the right form", "a BCP 47 tag such as `ja`"),
    (
        "acme.yaml",
        BASE + "relationship: friend\n",
        "3: relationship: should be 'none' or 'affiliated', found 'friend'",
        "",
    ),
    ("acme.yaml", BASE + "url: acme.dev\n", "3: url: should begin with https:// or http://, found 'acme.dev'", "url: "),
    ("acme.yaml", BASE + "url: javascript:alert(1)\n", "3: url: should begin with https:// or http://", "url: "),
    (
        "acme.yaml",
        BASE + "votes: {ship: 1, skip: 1, as_of: 2026}\n",
        "3: votes.as_of: should be a day, such as 2026-",
        "",
    ),
    (
        "acme.yaml",
        BASE + "votes: {ship: 1, skip: 1, as_of: 86400}\n",
        "3: votes.as_of: should be a day, such as 2026-",
        "",
    ),
    (
        "acme.yaml",
        BASE + "votes: {ship: 1, skip: 1, as_of: 2026-02-30}\n",
        "3: votes.as_of: should be a day of the cal",
        "",
    ),
    (
        "acme.yaml",
        BASE + "id: My Tool\n",
        "3: id: should be lower-case letters, digits and single hyphens",
        "id: A slug",
    ),
    (
        "acme.yaml",
        BASE + "id: ../../etc\n",
        "3: id: should be lower-case letters, digits and single hyphens",
        "id: A slug",
    ),
    ("acme.yaml", BASE + f"id: {'a' * 81}\n", "3: id: has 81 characters", "80 are allowed."),
    (
        "Bad_Name.yaml",
        BASE,
        " id: no id, and the file's name 'Bad_Name' cannot serve as one",
        "Add 'id: bad-name', or rename",
    ),
    (
        "名前.yaml",
        BASE,
        " id: no id, and the file's name '名前' cannot serve as one",
        "Add 'id: acme', or rename the file.",
    ),
    ("acme.yaml", BASE + "name: B\n", "3: name: this key is given twice", "It stands on line 1 already"),
    ("acme.md", "---\nname: a\ntaglin: x\n---\nText.", "3: taglin: unknown key", "Did you mean 'tagline'?"),
    (
        "acme.md",
        "---\nname: a\ndescription: b\n---\nText.",
        "3: description: given in the front matter and as",
        "Keep one.",
    ),
    (
        "acme.md",
        "---\nname: a\n---\n\n\nx\x07",
        "6: description: holds the control character U+0007 after 'x'",
        "description",
    ),
    (
        "acme.md",
        "---\nname: a\n---\n",
        " description: required, but missing",
        "Add it. description: What its maker says",
    ),
    ("acme.json", '{\n"name": "a",\n"taglin": 1}', "3: taglin: unknown key", "Did you mean 'tagline'?"),
    ("acme.json", '{"name": "a\\ud800", "description": "b"}', "1: name: holds half a character", "Take it out."),
    (
        "acme.json",
        '{"name": "a",\n"description": "b\\u0000"}',
        "2: description: holds the control character U+0000",
        "",
    ),
    ("acme.json", '{"name": "a",\n"\\u001b[31m\\n": 1}', "2: '\\x1b[31m\\n': unknown key", "Known: "),
    ("acme.toml", 'name = "a"\n[pricing]\nsumary = "x"', "3: pricing.sumary: unknown key", "Did you mean 'summary'?"),
    ("acme.jsonl", '{"id": "a", "nam": "a"}', "1: nam: unknown key", "Did you mean 'name'?"),
    ("acme.jsonl", '\n{"name": "a"}', "2: id: every line of JSONL needs an id", 'Add "id": "my-tool".'),
]


@pytest.mark.parametrize(("name", "text", "place", "remedy"), FAULTS)
def test_a_fault_names_file_line_key_and_what_to_do(
    tmp_path: Path, name: str, text: str, place: str, remedy: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    error = fault(path)
    assert isinstance(error, DocumentError)
    assert str(error).startswith(f"{path}:{place}")
    assert remedy in str(error)
    jargon = (
        r"(?i)input should|instance of|tuple|valid (string|dict|integer)|decimal|pattern|finite|datetime|value error"
    )
    assert not re.search(jargon, str(error))
    assert all(line.isprintable() for line in str(error).split("\n"))


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"pricing": {"plans": [{"kind": "usage"}] * 101}}, ": pricing.plans: holds more than 100"),
        ({"facts": [{"claim": "x"}] * 101}, ": facts: holds more than 100"),
        ({"facts": [{"claim": "x" * 50_000}] * 3}, ": gives reviewers 150,054 characters to read, and 150,000 are"),
    ],
)
def test_a_tool_too_large_for_a_prompt_is_refused_by_its_own_name(
    tmp_path: Path, field: dict[str, Any], words: str
) -> None:
    path = tmp_path / "acme.json"
    path.write_text(json.dumps({"name": "Acme", "description": "A linter.", **field}), encoding="utf-8")
    assert str(fault(path)).startswith(f"{path}")
    assert words in str(fault(path))


@given(typo=st.sampled_from(sorted(Tool.model_fields)), at=st.integers(0, 20))
def test_a_letter_too_many_in_any_key_is_noticed_and_its_key_named(typo: str, at: int) -> None:
    wrong = typo[:at] + "x" + typo[at:]
    with pytest.raises(ValidationError, match=wrong):
        Tool.model_validate({"id": "a", "name": "A", "description": "B", wrong: "C"})


@given(st.text("abcXYZ019-_ .é", max_size=20))
def test_every_id_is_a_slug_fit_for_files_and_addresses(text: str) -> None:
    try:
        tool = Tool(id=text, name="A", description="B")
    except ValidationError:
        return
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", tool.id)


# The entry label is read, never guessed.


@pytest.mark.parametrize(
    ("summary", "label"),
    [
        ("Free", "Free"),
        ("free", "Free"),
        ("FREE.", "Free"),
        ("Free!", "Free"),
        ("Free (Apache 2.0)", "Free"),
        ("Free: open weights under Apache 2.0", "Free"),
        ("Free, open source (MIT)", "Free"),
        ("Free — GPLv3 licence", "Free"),
        ("Free, then $20/month", None),
        ("Free, then 20 USD a month", None),
        ("Free trial", None),
        ("Free (trial)", None),
        ("Free (14 days)", None),
        ("Free (up to 5 users)", None),
        ("Free for open source", None),
        ("Free (for open source)", None),
        ("Free (open source projects)", None),
        ("Free, with paid plans", None),
        ("Free and paid plans", None),
        ("Free/Paid", None),
        ("Freemium", "Freemium"),
        ("Freemium: 3 seats free, then $5", "Freemium"),
        ("Freemiums", None),
        ("Paid", "Paid"),
        ("Paid: training and inference per token", "Paid"),
        ("Paid, from $20 a month", "Paid"),
        ("Paid, with a free tier", None),
        ("Paid (trial for 14 days)", None),
        ("Paid; $0 for students", None),
        ("Paid plans", None),
        ("Not free", None),
        ("From $20", None),
        ("Contact us", None),
        ("", None),
    ],
)
def test_a_label_is_read_off_a_text_only_where_it_says_just_that(summary: str, label: str | None) -> None:
    assert Pricing(summary=summary or None).entry_label == label


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_a_label_is_one_of_three_words_that_the_text_begins_with(summary: str) -> None:
    for text in (summary, f"Free {summary}", f"Free, {summary}", f"Paid; {summary}"):
        label = Pricing.model_construct(summary=text).entry_label
        assert label is None or (label in {"Free", "Paid", "Freemium"} and text.strip().capitalize().startswith(label))


@pytest.mark.parametrize(
    ("kinds", "label"),
    [
        (["free"], "Free"),
        (["free", "free"], "Free"),
        (["free", "usage"], "Freemium"),
        (["freemium"], "Freemium"),
        (["free", "contact"], "Freemium"),
        (["contact"], "Contact sales"),
        (["usage", "contact"], "Paid"),
        (["subscription"], "Paid"),
        (["one-time"], "Paid"),
    ],
)
def test_plans_give_the_label_before_the_text_does(kinds: list[Any], label: str) -> None:
    plans = tuple(Plan(kind=kind) for kind in kinds)
    assert Pricing(summary="Free" if label == "Paid" else "Paid", plans=plans).entry_label == label


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["free", "freemium", "usage", "subscription", "one-time", "contact"]),
            st.sampled_from([None, "0", "0.00", "5"]),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_plan_that_costs_nothing_counts_as_free(rows: list[tuple[Any, str | None]]) -> None:
    plans = [Plan.model_validate({"kind": kind, "amount": amount, "currency": "USD"}) for kind, amount in rows]
    free = [Plan(kind="free") if p.amount == 0 and p.kind != "freemium" else p for p in plans]
    label = Pricing(plans=tuple(plans)).entry_label
    assert label == Pricing(plans=tuple(free)).entry_label
    assert label != "Paid" or all(p.amount != 0 and p.kind != "free" for p in plans)


def test_a_given_entry_wins() -> None:
    assert Pricing(entry="Free beta", summary="Paid", plans=(Plan(kind="usage"),)).entry_label == "Free beta"
