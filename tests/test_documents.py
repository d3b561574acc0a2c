"""Files become texts at known places, or an error that names the place."""

from __future__ import annotations

import codecs
import json
import os
import tracemalloc
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from panelsynth.documents import (
    MAX_BYTES,
    Document,
    decode,
    did_you_mean,
    dotted,
    list_folder,
    parse_document,
    parse_json,
    read_document,
    read_lines,
    read_text,
    sniff,
    yaml_text,
)
from panelsynth.errors import DocumentError, InputError

KINDS = ("yaml", "json", "line", "toml", "markdown")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SYNTAX = st.text("{}[]:,-\"'#&*!|>%@`=.~\\\n\t ab01\u2028\x85é😀\ud800", max_size=60)


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    inner = st.recursive(
        leaves, lambda t: st.lists(t, max_size=3) | st.dictionaries(TEXTS, t, max_size=3), max_leaves=6
    )
    return st.dictionaries(TEXTS, inner, min_size=1, max_size=4)


def parse(text: str, kind: str) -> dict[str, Any]:
    return parse_document(text, kind=kind, source="file").data


def fault(text: str, kind: str = "yaml") -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        parse_document(text, kind=kind, source="file")
    return caught.value


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(inner) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


# Every text comes back as it was.


@given(tree=trees(TEXTS | st.none()), unicode=st.booleans(), flow=st.booleans())
def test_yaml_reads_back_the_texts_that_were_dumped(tree: dict[str, Any], *, unicode: bool, flow: bool) -> None:
    text = yaml.safe_dump(tree, allow_unicode=unicode, default_flow_style=flow, sort_keys=False)
    assume(not any(separator in text for separator in "\x85\u2028\u2029"))  # refused: see below
    assert tree == parse(text, "yaml")


@given(trees(TEXTS | st.none()))
def test_yaml_reads_the_same_without_libyaml(tree: dict[str, Any]) -> None:
    text = yaml.safe_dump(tree, sort_keys=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_text, "_LOADER", yaml.SafeLoader)
        assert tree == parse(text, "yaml")


@given(tree=trees(TEXTS | st.none()), ascii_only=st.booleans(), indent=st.sampled_from([None, 1, "\t"]))
def test_json_reads_back_the_texts_that_were_dumped(tree: dict[str, Any], *, ascii_only: bool, indent: Any) -> None:
    assert tree == parse(json.dumps(tree, ensure_ascii=ascii_only, indent=indent), "json")


@given(trees(TEXTS))
def test_toml_reads_back_the_texts_that_were_written(tree: dict[str, Any]) -> None:
    assert tree == parse("".join(f"{toml(key)} = {toml(value)}\n" for key, value in tree.items()), "toml")


@given(trees(TEXTS), st.text("ab -:#{%\n", max_size=30))
def test_front_matter_and_body_come_apart_where_they_were_joined(tree: dict[str, Any], body: str) -> None:
    found = parse_document(f"---\n{yaml.safe_dump(tree)}---\n{body}", kind="markdown", source="file")
    assert (tree, body.strip("\n")) == (found.data, found.body)


@pytest.mark.parametrize(
    "word",
    [
        "NO",
        "yes",
        "on",
        "3.10",
        "1.0",
        "12:30",
        "1e3",
        "0x10",
        "0o7",
        "1_000",
        "~5",
        "+1",
        ".5",
        "2026-11-23",
        "=",
        "<<",
    ],
)
def test_an_unquoted_yaml_word_stays_as_written(word: str) -> None:
    assert {"name": word} == parse(f"name: {word}\n", "yaml")


@pytest.mark.parametrize("word", ["3.10", "1.0", "1e3", "-0", "12345678901234567890.10", "NaN", "true", "17"])
def test_an_unquoted_json_word_stays_as_written(word: str) -> None:
    assert {"name": word} == parse(f'{{"name": {word}}}', "json")


@pytest.mark.parametrize("word", ["3.10", "1e3", "17", "true", "nan", "2026-11-23", "2026-11-23T10:00:00", "12:30:00"])
def test_an_unquoted_toml_word_stays_as_written(word: str) -> None:
    assert {"name": word} == parse(f"name = {word}\n", "toml")


@pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
def test_an_empty_or_null_yaml_value_is_none(word: str) -> None:
    assert {"name": None, "quoted": word} == parse(f"name: {word}\nquoted: '{word}'\n", "yaml")


# Nothing but an InputError ever comes out.


@given(st.binary(max_size=60) | SYNTAX.map(lambda text: text.encode("utf-8", "surrogatepass")), st.sampled_from(KINDS))
@example(b"[" * 100_000, "yaml")
@example(b'{"a":' * 100_000, "json")
@example(b"a = " + b"[" * 100_000, "toml")
@example(b"a = " + b"9" * 5_000, "toml")
@example(b"\xef\xbb\xbf\xff", "yaml")
def test_any_bytes_are_a_document_or_an_input_error(raw: bytes, kind: str) -> None:
    with suppress(InputError):
        assert isinstance(parse_document(decode(raw, source="file"), kind=kind, source="file").data, dict)


@given(st.text(max_size=60) | SYNTAX)
@example('{"a":' * 100_000)
@example('{"a": ' + "9" * 5_000)
def test_every_text_has_a_format(text: str) -> None:
    assert sniff(text) in {"json", "jsonl", "markdown", "toml", "yaml"}


@given(SYNTAX | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
@example("[" * 100_000)
@example('{"a": ' + "9" * 5_000 + "}")
@example('{"a": NaN}')
def test_parse_json_gives_an_object_or_a_document_error(text: str) -> None:
    with suppress(DocumentError):
        assert isinstance(parse_json(text, source="file"), dict)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"name": "a"}', "json"),
        ('{\n  "name": "a"\n}\n', "json"),
        ('[{"name": "a"}]', "json"),
        ('{"id": "a"}\n\n{"id": "b"}\n', "jsonl"),
        ("\n---\nname: a\n---\nText.", "markdown"),
        ("# a comment\nname: a\n", "yaml"),
        ("--- # a comment\nname: a = b\n", "yaml"),
        ('# a comment\n\nname = "a"\n', "toml"),
    ],
)
def test_text_without_a_file_name_is_told_by_its_looks(text: str, kind: str) -> None:
    assert kind == sniff(text)


# The line that an error names is the line on which the key stands.


def _walk(tree: Any, keys: tuple[str | int, ...], rng: Random, out: list[str], places: dict[Any, int]) -> None:
    """Write JSON with random white space and escapes, noting the line of each key and item."""

    def space() -> str:
        return "".join(rng.choices(["", " ", "\t", "\n", "\n\n"], k=2))

    def here() -> int:
        return "".join(out).count("\n") + 1

    if not isinstance(tree, dict | list):
        out.append(json.dumps(tree, ensure_ascii=rng.random() < 0.5))
        return
    out.append("{" if isinstance(tree, dict) else "[")
    for number, (key, inner) in enumerate(tree.items() if isinstance(tree, dict) else enumerate(tree)):
        out += ["," if number else "", space()]
        places[*keys, key] = here()
        if isinstance(tree, dict):
            out += [json.dumps(key, ensure_ascii=rng.random() < 0.5), space(), ":", space()]
        _walk(inner, (*keys, key), rng, out, places)
    out += [space(), "}" if isinstance(tree, dict) else "]"]


@given(trees(TEXTS | st.integers() | st.booleans() | st.none()), st.randoms(use_true_random=False))
def test_json_places_are_the_lines_of_the_keys(tree: dict[str, Any], rng: Random) -> None:
    out: list[str] = []
    places: dict[Any, int] = {}
    _walk(tree, (), rng, out, places)
    assert places == parse_document("".join(out), kind="json", source="file").lines


def test_json_places_survive_escapes_tabs_and_surrogate_pairs() -> None:
    text = '{\n\t"na\\u006de": "\\ud83d\\ude80 \\" {",\n\t"\\ud83d\\ude80": [\n1,\n2],\n"\\\\": 1}'
    found = parse_document(text, kind="json", source="file").lines
    assert found == {("name",): 2, ("🚀",): 3, ("🚀", 0): 4, ("🚀", 1): 5, ("\\",): 6}


def _block(
    tree: dict[str, Any], keys: tuple[str | int, ...], rng: Random, rows: list[str], places: dict[Any, int]
) -> None:
    """Write YAML in block style with random comments and long texts, noting the line of each key and item."""
    indent = "  " * len(keys)
    for key, inner in tree.items():
        rows += rng.choices(["# a comment: x", "", f"{indent}# b"], k=rng.randrange(3))
        rows.append(f"{indent}{json.dumps(key)}:")
        places[*keys, key] = len(rows)
        if isinstance(inner, dict):
            _block(inner, (*keys, key), rng, rows, places)
        elif isinstance(inner, list):
            for number, item in enumerate(inner):
                rows.append(f"{indent}- {json.dumps(item)}")
                places[*keys, key, number] = len(rows)
        elif rng.random() < 0.5:
            rows[-1] += " |"
            rows += [f"{indent}  {word}" for word in ("one", "two: x", "# three")]
        else:
            rows[-1] += f" {json.dumps(inner)}"


LEVELS = st.recursive(
    st.dictionaries(st.text("abc", min_size=1), st.text("xyz :#"), min_size=1, max_size=3),
    lambda inner: st.dictionaries(
        st.text("abc", min_size=1),
        inner | st.text("xyz :#") | st.lists(st.text("xyz :#"), min_size=1),
        min_size=1,
        max_size=3,
    ),
    max_leaves=6,
)


@given(tree=LEVELS, rng=st.randoms(use_true_random=False), front_matter=st.booleans())
def test_yaml_places_are_the_lines_of_the_keys(tree: dict[str, Any], rng: Random, *, front_matter: bool) -> None:
    rows = ["", "---"] if front_matter else []
    places: dict[Any, int] = {}
    _block(tree, (), rng, rows, places)
    rows += ["---", "Body."] if front_matter else []
    found = parse_document("\n".join(rows) + "\n", kind="markdown" if front_matter else "yaml", source="file")
    assert places == {keys: line for keys, line in found.lines.items() if keys}


def test_toml_places_are_the_lines_of_the_keys_and_headers() -> None:
    text = '''name = "a"
description = """
name = "not a key"
[pricing]
"""  # [votes]
votes.ship = 1

[pricing]
summary = \'\'\'
# none = 1\'\'\'
[[pricing.plans]]
kind = "free"
[[pricing.plans]]
"kind" = "usage"
inside = { kind = 1 }
[[facts]]
'''
    expected = {
        ("name",): 1,
        ("description",): 2,
        ("votes",): 6,
        ("votes", "ship"): 6,
        ("pricing",): 8,
        ("pricing", "summary"): 9,
        ("pricing", "plans"): 11,
        ("pricing", "plans", 0): 11,
        ("pricing", "plans", 0, "kind"): 12,
        ("pricing", "plans", 1): 13,
        ("pricing", "plans", 1, "kind"): 14,
        ("pricing", "plans", 1, "inside"): 15,
        ("facts",): 16,
        ("facts", 0): 16,
    }
    assert expected == parse_document(text, kind="toml", source="file").lines


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text("xyz =#[]'\n")), unique_by=lambda row: row[0]))
def test_toml_texts_over_many_lines_move_the_keys_below_them(pairs: list[tuple[str, str]]) -> None:
    marks = ['"""' if "\n" in text else '"' for _, text in pairs]
    rows = [f"{key} = {mark}{text}{mark}" for (key, text), mark in zip(pairs, marks, strict=True)]
    starts = [1 + "\n".join(rows[:number]).count("\n") + (number > 0) for number in range(len(rows))]
    expected = {(key,): start for (key, _), start in zip(pairs, starts, strict=True)}
    assert expected == parse_document("\n".join(rows), kind="toml", source="file").lines


@given(st.integers(0, 5), st.integers(0, 5))
def test_the_body_begins_on_the_line_where_its_text_does(above: int, between: int) -> None:
    text = "\n" * above + "---\nname: a\n---\n" + "\n" * between + "Body."
    assert text.split("\n")[parse_document(text, kind="markdown", source="file").body_line - 1] == "Body."


def test_an_error_names_the_nearest_place_that_is_known() -> None:
    document = parse_document("a:\n  b:\n    - c: 1\n", kind="yaml", source="file")
    known = document.error("wrong", "a", "b", 0, "d", remedy="Mend it.")
    assert (str(known), known.line, known.key) == ("file:3: a.b[0].d: wrong\nMend it.", 3, "a.b[0].d")
    assert str(document.error("wrong", "z")) == "file: z: wrong"


# What a file may not hold.


@pytest.mark.parametrize("kind", ["yaml", "json", "toml"])
def test_a_key_given_twice_is_refused_with_both_lines(kind: str) -> None:
    texts = {
        "yaml": "a:\n  b: 1\n  c: {b: 1}\n  b: 2\n",
        "json": '{"a": {\n"b": 1,\n"c": {"b": 1},\n"\\u0062": 2}}',
        "toml": "[a]\nb = 1\nc = {b = 1}\nb = 2\n",
    }
    error = fault(texts[kind], kind)
    assert (4, "a.b" if kind != "toml" else "") == (error.line, error.key)
    assert "twice" in error.message
    assert "line 2" in error.remedy or kind == "toml"


@given(trees(TEXTS), st.data())
def test_any_json_key_given_twice_is_refused_at_its_second_line(tree: dict[str, Any], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(tree)))
    text = json.dumps(tree, indent=1).removesuffix("\n}") + f',\n{json.dumps(key)}: ""\n}}'
    error = fault(text, "json")
    assert (text.count("\n"), dotted((key,))) == (error.line, error.key)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x 1\nb: 2\n", 1, "anchor"),
        ("a: &Co tools\n", 1, "anchor"),
        ("&x a: 1\n", 1, "anchor"),
        ("a: 1\nb: *x\n", 2, "alias"),
        ("a: 1\nb: !!str 2\n", 2, "tag"),
        ("a: 1\nb: ! 2\n", 2, "tag"),
        ("a: !!python/object/apply:os.system [x]\n", 1, "tag"),
        ("<<: *x\na: 1\n", 1, "alias"),
        ("a: 1\n? [x]\n: 2\n", 2, "a key should be a plain word"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("- a\n- b\n", 1, "found a list"),
        ("just words\n", 1, "found a single text"),
        ("", 1, "found nothing"),
        ("# only a comment\n", 1, "found nothing"),
        ("a: b: c\n", 1, "': ' inside a text"),
        ("a: 1\n\tb: 2\n", 2, "indented with a tab"),
        ("a: 1\nb: 'x\n", 3, "quotation mark"),
        ("a: 1\nb: x\x07y\n", 2, "U+0007 after 'b: x'"),
        ("a: 1\nb: x\u2028y\n", 2, "U+2028"),
        ("a: 1\nb: x\x85y\n", 2, "U+0085"),
        ("a: x" + "\ud800", 1, "U+D800"),
    ],
)
def test_yaml_that_is_refused_names_its_line(text: str, line: int, words: str) -> None:
    error = fault(text)
    assert line == error.line
    assert words in error.message
    assert error.remedy


@pytest.mark.parametrize(
    ("text", "kind", "line", "words"),
    [
        ('{\n"a": 1,\n}', "json", 3, "not valid JSON"),
        ('{\n"a": 1\n"b": 2}', "json", 3, "delimiter"),
        ('["a"]', "json", None, "one object"),
        ('{"a": 1} {"b": 2}', "json", None, "Extra data"),
        ('{"a": "x\ty"}', "json", None, "control character"),
        ("a = 1\nb = x\n", "toml", 2, "a value that TOML does not know"),
        ("a = 1\na = 2\n", "toml", 2, "given twice"),
        ('a = "x', "toml", None, "not closed"),
        (f"a = {'9' * 5_000}", "toml", None, "thousands of digits"),
        ("Just words.", "markdown", 1, "no front matter"),
        ("---\nname: a\n", "markdown", 1, "has no end"),
        ("---\n- a\n---\n", "markdown", 2, "found a list"),
    ],
)
def test_json_toml_and_front_matter_that_are_refused_name_their_line(
    text: str, kind: str, line: int | None, words: str
) -> None:
    error = fault(text, kind)
    assert line == error.line
    assert words in error.message
    assert error.remedy


@pytest.mark.parametrize("kind", ["yaml", "json", "toml"])
def test_twenty_levels_are_read_and_more_are_refused(kind: str) -> None:
    def nested(depth: int) -> str:
        value = "[" * (depth - 1) + '"x"' + "]" * (depth - 1)
        return {"yaml": f"a: {value}", "json": f'{{"a": {value}}}', "toml": f"a = {value}"}[kind]

    parse(nested(20), kind)
    error = fault(nested(21), kind)
    assert (error.key, "nested deeper than 20 levels" in error.message) == ("a", True)


@pytest.mark.parametrize("kind", ["json", "toml"])
def test_a_file_nested_or_dotted_a_thousandfold_is_refused_at_little_cost(kind: str) -> None:
    """A file of 400 KB took 1.4 GB, one of 60 KB half a minute."""
    texts = {
        "json": '{"a":\n' + "[" * 900 + '"' + "x" * 400_000 + '", {"k": 1, "k": 2}' + "]" * 900 + "}",
        "toml": "x = 1\n" + "a." * 30_000 + "a = 1\n",
    }
    tracemalloc.start()
    error = fault(texts[kind], kind)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ("nested deeper than 20 levels" in error.message, error.line) == (True, 2)
    assert peak < 20_000_000


@pytest.mark.parametrize("row", ["[{}]", "[[{}]]", "{} = 1", "x = {{ {} = 1 }}", "x = [{{ {} = 1 }}]"])
@pytest.mark.parametrize("key", ["a", '"a.b"', "'='"])
def test_a_toml_key_of_more_than_twenty_parts_is_too_deep_wherever_it_stands(row: str, key: str) -> None:
    assert fault(row.format(" . ".join([key] * 21)), "toml").message.endswith("nested deeper than 20 levels")
    assert parse("x = '" + row.format(" . ".join(["a"] * 21)).replace("'", "") + "' # a" + ".a" * 30, "toml")


def test_a_blank_toml_line_of_any_length_is_read() -> None:
    assert parse("a = 1\n" + " " * 900_000 + "\n", "toml") == {"a": "1"}


class Noted(BaseModel):
    note: str | list[str] | dict[str, str]


@given(TEXTS, st.sampled_from(["\ud800", "\udbff", "\udc00", "\udfff"]), TEXTS)
def test_half_a_character_is_refused_at_its_place(before: str, half: str, after: str) -> None:
    wrong = f"{before}{half}{after}"
    for value, place in ((wrong, "note"), (["x", wrong], "note[1]"), ({wrong: "x"}, dotted(("note", wrong)))):
        text = json.dumps({"note": value}, indent=1)
        with pytest.raises(DocumentError, match="holds half a character") as caught:
            parse_document(text, kind="json", source="file").validate(Noted)
        assert (caught.value.key, caught.value.remedy) == (place, "Take it out.")
        assert caught.value.line == text[: text.index(f"\\{half!r}"[2:7])].count("\n") + 1
    assert Document("file", {"note": before + after}).validate(Noted).note == before + after


# Bytes become text.


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", codecs.BOM_UTF8])
def test_bom_and_line_ends_leave_no_trace(ends: str, bom: bytes) -> None:
    assert decode(bom + f"a: 1{ends}{ends}b: ü😀{ends}".encode(), source="file") == "a: 1\n\nb: ü😀\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_and_its_kin_are_named(encoding: str) -> None:
    with pytest.raises(DocumentError, match=r"(?s)file:1: .*UTF-16.*UTF-8") as caught:
        decode("name: a\n".encode(encoding), source="file")
    assert "UTF-8" in caught.value.remedy


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("bom", [b"", codecs.BOM_UTF8])
def test_a_byte_that_is_not_utf_8_is_named_with_its_line(ends: bytes, bom: bytes) -> None:
    with pytest.raises(DocumentError, match="file:3: byte 0xe9 is not UTF-8"):
        decode(bom + "ü: 1".encode() + ends + ends + b"b: caf\xe9", source="file")


def test_a_nul_character_is_named_with_its_line() -> None:
    with pytest.raises(DocumentError, match="file:2: holds a NUL"):
        decode(b"a: 1\nb: \0", source="file")


def test_a_file_of_the_limit_is_read_and_a_larger_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"x" * MAX_BYTES)
    assert len(read_text(path)) == MAX_BYTES
    path.write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match=r"a\.yaml: over 1,000,000 bytes"):
        read_text(path)


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
def test_jsonl_lines_keep_their_numbers(tmp_path: Path, ends: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(codecs.BOM_UTF8 + ends.join([b"one", b"", "two\u2028\x85\x0c".encode(), b" ", b"five"]) + ends)
    assert list(read_lines(path)) == [(1, "one"), (3, "two\u2028\x85\x0c"), (5, "five")]


def test_a_jsonl_line_that_is_too_long_or_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n\n" + b"x" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match=r"a\.jsonl:3: over 1,000,000 bytes"):
        list(read_lines(path))
    path.write_bytes(b"{}\n\xe9\n")
    with pytest.raises(InputError, match=r"a\.jsonl:2: byte 0xe9"):
        list(read_lines(path))


def test_jsonl_may_be_larger_than_one_file_when_its_lines_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes((b"x" * 600_000 + b"\n") * 2)
    assert [number for number, _ in read_lines(path)] == [1, 2]


@pytest.mark.parametrize("read", [read_text, read_document, lambda path: list(read_lines(path))])
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read: No such file"):
        read(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        read(tmp_path / f"{'x' * 300}.yaml")
    (tmp_path / "a.yaml").mkdir()
    with pytest.raises(InputError, match=r"a\.yaml: cannot be read: Is a directory"):
        read(tmp_path / "a.yaml")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "b.yaml").touch()
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="Permission denied") as caught:
        read(tmp_path / "b.yaml")
    assert caught.value.remedy


@pytest.mark.parametrize("read", [read_text, read_document, lambda path: list(read_lines(path))])
def test_a_pipe_or_a_device_is_not_waited_for(tmp_path: Path, read: Any) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").symlink_to(os.devnull)
    for name in ("a.yaml", "b.yaml"):
        with pytest.raises(InputError, match=rf"{name}: cannot be read: this is a pipe or a device") as caught:
            read(tmp_path / name)
        assert "standard input" in caught.value.remedy


def test_a_suffix_without_a_format_is_refused_with_those_that_have_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"(?s)a\.txt: cannot tell.*\.yaml, \.yml, \.json, \.toml, \.md"):
        read_document(tmp_path / "a.txt")


def test_a_folder_lists_visible_files_of_the_kind_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b.MD", "a.md", ".hidden.md", "README.md", "c.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.md").mkdir()
    assert [path.name for path in list_folder(tmp_path, {".md"})] == ["a.md", "b.MD"]

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        list_folder(tmp_path, {".md"})


# Names in messages.


@given(st.lists(st.text() | st.integers(0, 9)))
def test_a_path_in_a_message_is_one_printable_line(keys: list[str | int]) -> None:
    assert dotted(tuple(keys)).isprintable()


def test_a_path_reads_as_people_write_it() -> None:
    assert dotted(("pricing", "plans", 0, "kind")) == "pricing.plans[0].kind"
    assert dotted(("a", "b c")) == "a.'b c'"


@given(st.text("abcd_", min_size=4), st.sampled_from(["tagline", "description", "category"]))
def test_a_suggestion_is_a_known_word(word: str, known: str) -> None:
    assert known in did_you_mean(word, [known])
    assert f"Did you mean {known!r}?" == did_you_mean(known[:2] + known[3:], [known, "zzz"])
