"""Personas: Markdown files from which the answer schema is built, and the small template language of prompts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.lib._pydantic import to_strict_json_schema
from pydantic import BaseModel, ValidationError

from panelsynth.documents import Tree
from panelsynth.errors import DocumentError, InputError
from panelsynth.persona import SHIPPED, Persona, find_personas, read_personas
from panelsynth.prompting import ReviewTemplate
from panelsynth.shipped import prompts_folder
from panelsynth.template import render_template

RUBRICS = {
    "developer": "primitive dx_bet moment_of_truth unproven_claims weekend_alternative deciding_factor",
    "skeptic": "direct_competitors breaking_scenario claim_check killer saving_grace",
    "futurist": "thesis dependency second_order_effect trend_timing infrastructure_state",
    "business": "buyer unit_economics moat dependency_risk business_reason",
}
HEAD = """title: Security
motto: Trust nothing.
excites: Proofs.
tires: Promises.
rubric:
  threat: What could go wrong?
  mend: What would mend it?
ship_when: It holds.
skip_when: It does not.
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a persona file: front matter with replaced lines, and a brief."""

    def file(name: str = "security.md", body: str = "Read it.", **lines: str) -> Path:
        head = HEAD
        for key, text in lines.items():
            head = re.sub(rf"^{key}:.*\n(?:  .*\n)*", "", head, flags=re.MULTILINE) + text
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"---\n{head}---\n\n{body}", encoding="utf-8")
        return path

    return file


def fault(*personas: str | Path | Persona) -> InputError:
    with pytest.raises(InputError) as caught:
        read_personas(personas)
    return caught.value


# The shipped four, and their schema.


def test_the_shipped_four_have_the_promised_rubrics_in_order() -> None:
    assert {p.id: " ".join(p.rubric) for p in read_personas()} == RUBRICS
    assert tuple(p.id for p in read_personas()) == SHIPPED == tuple(RUBRICS)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_answer_schema_is_what_openai_would_send_byte_for_byte(name: str) -> None:
    [persona] = read_personas(name)
    assert json.dumps(persona.answer_schema) == json.dumps(to_strict_json_schema(persona.answer_type))


@pytest.mark.parametrize("name", SHIPPED)
def test_reasons_come_before_the_verdict(name: str) -> None:
    [persona] = read_personas(name)
    order = ["evidence", *RUBRICS[name].split(), "counter_case", "review", "decision", "score", "would_change"]
    assert list(json.loads(json.dumps(persona.answer_schema))["properties"]) == order
    assert persona.answer_schema["required"] == order


def _answer(persona: Persona, **over: object) -> dict[str, object]:
    texts = dict.fromkeys([*persona.rubric, "counter_case", "review", "would_change"], "Because.")
    return {"evidence": ["a b c"], **texts, "decision": "ship", "score": 80, **over}


@pytest.mark.parametrize(
    "over",
    [
        {"decision": "Ship"},
        {"decision": "hold"},
        {"score": 101},
        {"score": -1},
        {"score": 80.0},
        {"score": "80"},
        {"score": True},
        {"review": ""},
        {"review": "x" * 4_001},
        {"review": None},
        {"threat": "x" * 1_201},
        {"evidence": []},
        {"evidence": ["a b c"] * 7},
        {"evidence": "a b c"},
        {"evidence": [""]},
        {"reviewer": "me"},
    ],
)
def test_an_answer_is_checked_strictly(write: Write, over: dict[str, object]) -> None:
    persona = Persona.from_file(write())
    persona.answer_type.model_validate(_answer(persona))
    with pytest.raises(ValidationError):
        persona.answer_type.model_validate(_answer(persona, **over))


@given(
    st.text("abcdefgmo_019 -Aé", min_size=1, max_size=45) | st.sampled_from(sorted({*dir(BaseModel), "class", "def"}))
)
def test_a_rubric_field_is_either_refused_or_stands_in_the_schema(name: str) -> None:
    fields = dict.fromkeys(("id", "title", "motto", "excites", "tires", "ship_when", "skip_when", "brief"), "x")
    try:
        persona = Persona.model_validate({**fields, "rubric": {"first": "?", name: "?"}})
    except ValidationError:
        return
    assert list(persona.answer_type.model_fields)[1:3] == ["first", name]
    assert "first" in persona.answer_schema["properties"]  # type: ignore[operator]


# What a persona file may not say.


@pytest.mark.parametrize(
    ("lines", "place", "words"),
    [
        ({"motto": "mottto: x\n"}, "10: mottto: unknown key", "Did you mean 'motto'?"),
        ({"motto": ""}, " motto: required, but missing", "Add it. motto: The role in its own words."),
        ({"title": "title: Security\ntitle: B\n"}, "11: title: this key is given twice", "line 10"),
        ({"title": f"title: {'x' * 61}\n"}, "10: title: should be a role in a word or two", "61"),
        ({"brief": "brief: x\n"}, "11: brief: given in the front matter", "text below the front matter"),
        ({"id": "id: My Own\n"}, "11: id: should be lower-case letters", ""),
        ({"rubric": "rubric: [a, b]\n"}, "8: rubric: should be keys and values, found a list", ""),
        ({"rubric": "rubric: {}\n"}, "8: rubric: ", "holds nothing"),
        ({"rubric": "rubric:\n  decision: x?\n"}, "9: rubric.decision: ", "taken by the answer itself"),
        ({"rubric": "rubric:\n  evidence: x?\n"}, "9: rubric.evidence: ", "taken by the answer itself"),
        ({"rubric": "rubric:\n  rubric: x?\n"}, "9: rubric.rubric: ", "taken by the answer itself"),
        ({"rubric": "rubric:\n  json: x?\n"}, "9: rubric.json: ", "taken by the answer itself"),
        ({"rubric": "rubric:\n  model_dump_all: x?\n"}, "9: rubric.model_dump_all: ", "taken by the answer itself"),
        ({"rubric": "rubric:\n  _first: x?\n"}, "9: rubric._first: ", "lower-case letters, digits and underscores"),
        ({"rubric": "rubric:\n  Main point: x?\n"}, "9: rubric.'Main point': ", "such as 'claim_check'"),
        ({"rubric": "rubric:\n  a: x?\n  a: y?\n"}, "10: rubric.a: this key is given twice", "line 9"),
        ({"rubric": "rubric:\n  a:\n"}, "9: rubric.a: has no value", "Write one"),
        ({"rubric": "rubric:\n" + "".join(f"  a{n}: x?\n" for n in range(13))}, "8: rubric: ", "holds more than 12"),
    ],
)
def test_a_fault_in_a_persona_names_file_line_and_key(
    write: Write, lines: dict[str, str], place: str, words: str
) -> None:
    path = write(**lines)
    error = fault(path)
    assert isinstance(error, DocumentError)
    assert str(error).startswith(f"{path}:{place}")
    assert words in str(error)
    assert not re.search(r"(?i)dictionary|instance of|validation", str(error))


@pytest.mark.parametrize(
    ("brief", "line", "message", "remedy"),
    [
        ("One {{ titel }}.", 13, "'titel' is not known here", "Did you mean 'title'?"),
        ("One.\n\nThree {{ tool.name }}.", 15, "'tool' is not known here", "Known: excites, id, motto,"),
        ("One.\n{{ rubric.threta }}", 14, "'threta' is not known here", "Did you mean 'threat'?"),
        ("One.\n{% if title %}\nThree", 15, "Unexpected end of template", "A prompt takes {{ values }}"),
        ("One.\n\n{% include 'x' %}", 15, "include is not allowed", "A prompt takes {{ values }}"),
        ("{{ title.__class__ }}", 13, "'__class__' is not known here", ""),
    ],
)
def test_a_fault_in_a_brief_names_file_and_line(write: Write, brief: str, line: int, message: str, remedy: str) -> None:
    path = write(body=brief)
    error = fault(path)
    assert isinstance(error, DocumentError)
    assert error.message.startswith(f"{path}:{line}: template: {message}")
    assert remedy in error.remedy


def test_a_brief_may_use_the_personas_own_fields(write: Write) -> None:
    path = write(body="I am {{ title }} ({{ id }}): {{ rubric.threat }}{% for q in rubric %} {{ q }}{% endfor %}")
    assert Persona.from_file(path).brief == "I am Security (security): What could go wrong? threat mend"


@pytest.mark.parametrize("brief", ["", "\n \n"])
def test_a_persona_without_a_brief_is_refused(write: Write, brief: str) -> None:
    assert "no brief below the front matter" in fault(write(body=brief)).message


def test_the_file_that_personas_new_writes_is_a_persona(tmp_path: Path) -> None:
    text = (prompts_folder() / "new-persona.md").read_text(encoding="utf-8")
    path = tmp_path / "risk.md"
    written = text.replace("PERSONA_ID", "risk").replace("PERSONA_TITLE", "Risk")
    path.write_text(written, encoding="utf-8")
    with pytest.raises(DocumentError, match="still the one that 'personas new' wrote"):
        read_personas(path)
    path.write_text(f"{written}\nAsk what a mistake would cost.\n", encoding="utf-8")
    [persona] = read_personas(path)
    assert (persona.id, persona.title) == ("risk", "Risk")
    assert ReviewTemplate.read().system(persona)


# Who is asked.


def test_ids_files_folders_and_objects_are_read_in_the_order_given(write: Write, tmp_path: Path) -> None:
    write("own/b.md")
    write("own/a.markdown")
    write("own/README.md", body="")
    write("one.md")
    found = find_personas(["skeptic", tmp_path / "own", *read_personas("business"), str(tmp_path / "one.md")])
    assert [(p.id, path and path.name) for p, path in found] == [
        ("skeptic", None),
        ("a", "a.markdown"),
        ("b", "b.md"),
        ("business", None),
        ("one", "one.md"),
    ]


def test_commas_part_ids_and_a_prompts_folder_holds_its_personas_in_personas(write: Write, tmp_path: Path) -> None:
    write("personas/a.md")
    assert [p.id for p in read_personas(f"skeptic, {tmp_path},business,")] == ["skeptic", "a", "business"]


def test_a_folder_of_that_name_does_not_hide_a_shipped_reviewer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "skeptic").mkdir()
    monkeypatch.chdir(tmp_path)
    assert read_personas("skeptic") == [read_personas()[1]]


def test_one_reviewer_twice_is_refused_with_both_places(write: Write, tmp_path: Path) -> None:
    write("own/a.md", id="id: same\n")
    write("own/b.md", id="id: same\n")
    error = fault(tmp_path / "own")
    assert error.message == f"{tmp_path}/own/b.md: the persona 'same' is given twice"
    assert f"{tmp_path}/own/a.md" in error.remedy
    twice = write("skeptic.md")
    assert str(twice) in fault("skeptic", twice).message
    assert str(twice) in fault(twice, "skeptic").remedy
    assert len(str(fault(*read_personas("skeptic"), "skeptic"))) < 200


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        ("skeptik", "no persona 'skeptik'\nDid you mean 'skeptic'?"),
        ("../personas/skeptic", "no persona '../personas/skeptic'\n"),
        ("own.txt", "no persona 'own.txt'\n"),
        ("own.md", "own.md: cannot be read: No such file"),
        ("x" * 5_000, "no persona 'xxx"),
        ("", "no personas\n"),
        (" , ", "no personas\n"),
    ],
)
def test_a_reviewer_that_is_nowhere_is_named(selection: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_personas(selection)
    assert str(caught.value).startswith(words)


def test_a_folder_without_personas_says_how_to_write_one(tmp_path: Path) -> None:
    assert "'panelsynth personas new NAME' writes one." in str(fault(tmp_path))


def test_a_fault_in_a_folders_own_review_template_names_file_and_line(write: Write, tmp_path: Path) -> None:
    [persona] = read_personas(write())
    path = tmp_path / "review.md.j2"
    path.write_text("{% block system %}\n\n{{ persona.titel }}\n{% endblock %}", encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        ReviewTemplate.read(tmp_path).system(persona)
    assert str(caught.value) == f"{path}:3: template: 'titel' is not known here\nDid you mean 'title'?"


# Templates can do little.

VALUES: dict[str, Tree] = {"title": "T", "rubric": {"a": "b"}, "banned": ["x", "y"]}


@pytest.mark.parametrize(
    "text",
    [
        "{{ title.__class__ }}",
        "{{ title['__class__'] }}",
        "{{ rubric.__class__.__mro__ }}",
        "{{ rubric.items.__self__ }}",
        "{{ ().__class__ }}",
        "{{ self.__init__ }}",
        "{{ title.upper() }}",
        "{{ 'x'.center(10 ** 9) }}",
        "{{ 'x' * 10 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 1 / 0 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ title ~ title }}",
        "{{ title | center(1000000000) }}",
        "{{ title | attr('upper') }}",
        "{{ title | pprint }}",
        "{{ range(10) }}",
        "{% for x in range(999999999) %}x{% endfor %}",
        "{{ lipsum() }}",
        "{{ rubric.update({}) }}",
        "{{ banned.append('z') }}",
        "{% set a = [title, title] %}",
        "{% set a %}{{ title }}{% endset %}",
        "{% macro a() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as x %}",
        "{% from 'x' import y %}",
        "{% extends 'x' %}",
        "{{ title[::0] }}",
        "{{ title < 3 }}",
        "{{ " + "(" * 10_000 + " }}",
        "".join("{% for a in banned %}" for _ in range(30)) + "{% endfor %}" * 30,
        "{{ title",
        "{% endfor %}",
        "{% for c in title %}{% for d in banned %}{{ " + "'" + "x" * 70_000 + "' }}{% endfor %}{% endfor %}x" * 2,
    ],
)
def test_a_template_that_calls_loads_grows_or_fails_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match=r"^file(:1)?: "):
        render_template(text, VALUES, source="file")
    assert VALUES == {"title": "T", "rubric": {"a": "b"}, "banned": ["x", "y"]}


def test_output_of_a_loop_is_capped() -> None:
    values: dict[str, Tree] = {"title": "x" * 1_000, "banned": ["x"] * 1_000}
    with pytest.raises(DocumentError, match="renders more than 200,000 characters"):
        render_template("{% for a in banned %}{{ title }}{% endfor %}", values, source="file")


BIG: dict[str, Tree] = {"text": "x" * 60_000, "words": ["x"] * 1_000, "rubric": {"a": "b"}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{% for a in text %}{% endfor %}", "a list is wanted here, found a text"),
        ("{{ text | join(text) | length }}", "a list is wanted here, found a text"),
        ("{{ words | join(text) | length }}", "joins to more than 200,000 characters"),
        ("{{ [text, text, text, text] | join | length }}", "joins to more than 200,000 characters"),
        ("{% for a in words %}" * 6 + "{% endfor %}" * 6, "go round more than 10,000 times"),
        ("{% for a in words %}{% endfor %}" * 11, "go round more than 10,000 times"),
    ],
)
def test_a_template_cannot_work_long_without_output(text: str, words: str) -> None:
    with pytest.raises(DocumentError, match=words) as caught:
        render_template(text, BIG, source="file")
    assert caught.value.line == 1


@pytest.mark.parametrize("name", ["lipsum", "range", "self", "rubric", "words", "rubric.items", "rubric.items()"])
@pytest.mark.parametrize(
    "shape", ["{{ NAME }}", "{{ NAME | upper }}", "{{ [NAME] | join }}", "{{ words | join(NAME) }}"]
)
def test_only_texts_and_numbers_are_written_never_what_python_calls_a_thing(name: str, shape: str) -> None:
    with pytest.raises(DocumentError, match=r"is not known here|a text is wanted here"):
        render_template(shape.replace("NAME", name), BIG, source="file")


@given(st.sampled_from([*dir(dict), "nothing"]))
def test_a_key_that_a_table_does_not_have_is_an_error_also_where_python_has_a_method(name: str) -> None:
    for text in (f"{{{{ rubric.{name} }}}}", f"{{{{ rubric['{name}'] }}}}"):
        with pytest.raises(DocumentError, match=r"is not known here|a text is wanted here"):
            render_template(text, BIG, source="file")
    assert render_template(f"{{{{ rubric['{name}'] }}}}", {"rubric": {name: "x"}}, source="file") == "x"


def test_loops_and_joins_over_lists_and_tables_are_at_hand() -> None:
    text = "{% for a, b in rubric.items() %}{{ loop.index }}{{ a }}{{ b }}{% endfor %} {{ ['p', 'q'] | join('; ') }}"
    assert render_template(text, BIG, source="file") == "1ab p; q"
    assert (
        render_template("{% for w in words %}{{ w }}{% if loop.last %}.{% endif %}{% endfor %}", BIG, source="f")[-2:]
        == "x."
    )


@given(st.text("{}%# \n-'\"|.()[]*xtile", max_size=40))
def test_any_template_gives_text_or_a_document_error(text: str) -> None:
    try:
        assert isinstance(render_template(text, {"title": "T", "x": ["a"]}, source="file"), str)
    except DocumentError as exc:
        assert exc.remedy  # noqa: PT017


@given(st.integers(0, 5), st.integers(1, 9))
def test_a_template_fault_is_on_the_line_where_it_stands(above: int, first: int) -> None:
    with pytest.raises(DocumentError) as caught:
        render_template("line\n" * above + "{{ nothing }}\nline", {}, source="file", first_line=first)
    assert caught.value.line == first + above


@given(st.text(st.characters(exclude_categories=["Cs"])))
@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "{% include 'x' %}", "{# gone #}"])
def test_values_are_never_read_as_templates(text: str, more: str) -> None:
    assert render_template("<{{ x }}>", {"x": text + more}, source="file") == f"<{text}{more}>"
