"""Rules of the reply reader, held against generated replies: exact or refused, whatever stands in and around."""

from __future__ import annotations

import json
from typing import Any, get_args

import httpx2
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from wire import KEY, SKEPTIC, answer

from panelsynth.errors import STOPS, TRIES, CallError, EndpointError
from panelsynth.model import parse_answer
from panelsynth.model.envelope import completion, objection, refusal
from panelsynth.verdict import Answer, Decision

CAUSES = {"empty-reply", "malformed-reply", "invalid-answer", "garbled-text"}
"""All that a reply's text can be refused for."""

MARKS = st.text('{}[]"\\`<>/:, \n\tthinkjson0éß漢😀', max_size=40)
"""What steers the reader, where it stands in a text of the answer or around it."""


def is_text(text: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in text)


texts = (MARKS | st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf"]), max_size=40)).filter(is_text)
answers = st.fixed_dictionaries(
    dict.fromkeys(answer(), texts)
    | {
        "evidence": st.lists(texts, min_size=1, max_size=6),
        "decision": st.sampled_from(get_args(Decision)),
        "score": st.integers(0, 100),
    }
)
written = st.fixed_dictionaries(
    {"indent": st.sampled_from([None, 0, 2]), "ensure_ascii": st.booleans(), "sort_keys": st.booleans()}
)


def without(text: str, *marks: str) -> str:
    for mark in marks:
        text = text.replace(mark, "")
    return text


thoughts = MARKS.map(lambda text: without(text, "</think>"))
prose = MARKS.map(lambda text: without(text, "{", "}", "</think>", "<think>").rstrip("[ \n\t`"))
"""Words without braces; an open bracket before the object makes it an item of a list."""
fences = st.sampled_from(["```", "```json\n", "``` \n", "```JSON5\n\n", "\n```json\n"])
wraps = st.one_of(
    st.just(("", "")),
    st.sampled_from([("\ufeff", "\n"), (" \n", "\t")]),
    fences.map(lambda fence: (fence, "\n```")),
    fences.map(lambda fence: (fence, "")),
    thoughts.map(lambda text: (f"<think>{text}</think>", "")),
    thoughts.map(lambda text: (f"\n<think>\n{text}\n</think>\n\n```json\n", "\n```\n")),
    st.tuples(thoughts, prose, prose).map(lambda parts: (f"<think>{parts[0]}</think>{parts[1]}:", parts[2])),
)


def meant(sent: dict[str, Any]) -> Answer:
    """Build the answer that was sent, without the reader."""
    rest = {name: value for name, value in sent.items() if name not in SKEPTIC.rubric}
    rubric = {name: sent[name] for name in SKEPTIC.rubric}
    return Answer(rubric=rubric, **{**rest, "evidence": tuple(sent["evidence"])})


def read(text: str) -> Answer:
    return parse_answer(text, SKEPTIC.answer_type)


def outcome(text: str) -> Answer | CallError:
    """Read a reply that may be sound or not; a refusal has a cause out of the closed list, and one printable line."""
    try:
        return read(text)
    except CallError as exc:
        fault = exc
    assert fault.cause in CAUSES
    assert fault.message.isprintable()
    return fault


def refused(text: str) -> str:
    """Read a reply that must not be taken, and give the cause."""
    found = outcome(text)
    assert isinstance(found, CallError)
    return found.cause


@given(answers, written, wraps)
@example({**answer(), "review": 'Ends in </think>, ``` and {"decision": "skip"}.'}, {}, ("```JSON5\n", "\n```"))
@example({**answer(), "review": "a </think> and a <think>"}, {}, ("", ""))
@example({**answer(), "review": "a </think> and a <think>"}, {}, ("```json\n", ""))
@example({**answer(), "review": "a backslash \\"}, {}, ("", ""))
def test_a_sound_answer_is_read_exactly_whatever_its_texts_hold_and_models_put_around_it(
    sent: dict[str, Any], style: dict[str, Any], wrap: tuple[str, str]
) -> None:
    before, after = wrap
    found = read(before + json.dumps(sent, **style) + after)
    assert found == meant(sent)
    assert [*found.rubric] == [*SKEPTIC.rubric]


@given(answers, written, prose, prose)
def test_prose_around_a_sound_answer_changes_nothing_in_it(
    sent: dict[str, Any], style: dict[str, Any], before: str, after: str
) -> None:
    """But that with the closing mark of thoughts in its texts it may be refused: they could be the thoughts."""
    text = before + json.dumps(sent, **style) + after
    found = outcome(text)
    assert found == meant(sent) or ("</think>" in text and isinstance(found, CallError))


@given(answers, answers, st.lists(MARKS, min_size=3, max_size=3), wraps)
def test_two_objects_that_differ_are_never_read(
    first: dict[str, Any], second: dict[str, Any], around: list[str], wrap: tuple[str, str]
) -> None:
    """Whatever stands before, between and after them, but the end of thoughts."""
    assume(first != second)
    before, between, after = (without(text, "</think>") for text in around)
    pair = json.dumps(first) + between + json.dumps(second)
    assume("</think>" not in pair)
    refused(before + pair + after)
    assert refused(wrap[0] + json.dumps(first) + "\n\n" + json.dumps(second) + wrap[1]) == "malformed-reply"


@given(answers, st.sampled_from([*answer()]), st.data())
def test_the_smallest_difference_makes_two(sent: dict[str, Any], name: str, data: st.DataObject) -> None:
    other: Any = {
        "score": float(sent["score"]),
        "decision": sent["decision"].upper(),
        "evidence": [*sent["evidence"], ""],
    }
    changed = {**sent, name: other.get(name, f"{sent[name]} ")}
    pair = [json.dumps(sent), json.dumps(changed)]
    if data.draw(st.booleans()):
        pair.reverse()
    assert refused("\n".join(pair)) == "malformed-reply"
    assert refused("\n".join([*pair, pair[0]])) == "malformed-reply"


@given(answers, written, written, st.sampled_from(["", "\n", " and again: ", "\n```\n```json\n"]))
def test_the_same_object_twice_is_one(
    sent: dict[str, Any], style: dict[str, Any], other: dict[str, Any], between: str
) -> None:
    assert read(json.dumps(sent, **style) + between + json.dumps(sent, **other)) == meant(sent)


@given(answers, st.data())
def test_an_answer_cut_short_anywhere_is_never_read(sent: dict[str, Any], data: st.DataObject) -> None:
    whole = json.dumps(sent)
    length = data.draw(st.integers(0, len(whole) - 1))
    assert refused(whole[:length]) in {"malformed-reply", "empty-reply"}


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from(list(b'{}[]"\\:,`<think>/\xff\x00\xc3 \n')), max_size=80).map(bytes)
)
def test_any_bytes_are_an_answer_or_a_named_fault(raw: bytes) -> None:
    for codec in ("utf-8", "latin-1", "utf-16-le"):
        refused(raw.decode(codec, errors="replace"))
    refused(raw.decode("utf-8", errors="surrogateescape"))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(answers, st.dictionaries(st.sampled_from([*answer(), "extra"]) | st.text(max_size=9), values, max_size=4))
def test_whatever_value_a_field_has_the_answer_is_whole_or_refused(
    sent: dict[str, Any], fields: dict[str, Any]
) -> None:
    text = json.dumps({**sent, **fields})
    found = outcome(text)
    if isinstance(found, Answer):
        assert {*fields} <= {*answer()}
        assert found.decision == json.loads(text)["decision"].strip().lower()
        assert found.score == json.loads(text)["score"]


@given(st.integers(1, 3_000), st.sampled_from(['{"a":', "[", '{"evidence":[', '{"review":{"b":[']))
@example(900, '{"a":')
@settings(max_examples=40)
def test_nesting_of_any_depth_is_a_named_fault(depth: int, opening: str) -> None:
    closing = {"{": "}", "[": "]"}
    ends = "".join(closing[mark] for mark in reversed(opening) if mark in closing)
    refused(opening * depth + "1" + ends * depth)
    refused(json.dumps(answer())[:-1] + ', "extra": ' + "[" * depth + "]" * depth + "}")


NAMES = ("choices", "error", "message", "detail", "code", "type", "usage", "model", "created", "content", "refusal")
bodies = st.recursive(
    values,
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=4) | st.lists(inner, max_size=2),
    max_leaves=20,
)
parts = st.none() | st.text(max_size=30) | st.lists(st.fixed_dictionaries({}, optional={"text": values}) | values)
messages = (
    st.fixed_dictionaries({}, optional={"content": parts, "refusal": values, "reasoning_content": parts}) | values
)
choices = st.fixed_dictionaries({"message": messages}, optional={"finish_reason": values | st.just("length")})
completions = st.fixed_dictionaries(
    {"choices": st.lists(choices | values, max_size=2) | values},
    optional={"usage": values, "model": values, "created": values, "error": values},
)


def check_named(fault: CallError | EndpointError) -> None:
    assert fault.cause in (TRIES if isinstance(fault, CallError) else STOPS)
    assert fault.message.isprintable()


headers = st.lists(
    st.tuples(
        st.sampled_from([b"retry-after", b"location", b"content-type"]),
        st.binary(max_size=20)
        | st.sampled_from([b"1", b"0.5", b"1e9", b"-1", b"9" * 30, b"\xb2", b"Mon, 99 Foo 0 25:61 GMT"]),
    ),
    max_size=3,
)


@given(
    status=st.integers(200, 599),
    body=st.binary(max_size=60) | (bodies | completions).map(lambda tree: json.dumps(tree).encode()),
    named=headers,
    key=st.sampled_from([None, SecretStr(KEY), SecretStr("none")]),
)
@settings(max_examples=400)
def test_any_answer_of_a_server_is_a_completion_or_a_named_fault(
    status: int, body: bytes, named: list[tuple[bytes, bytes]], key: SecretStr | None
) -> None:
    response = httpx2.Response(status, content=body, headers=named)
    assert isinstance(objection(response), str)
    check_named(refusal(response, "http://127.0.0.1", key))
    try:
        found = completion(response, "http://127.0.0.1", key)
    except (CallError, EndpointError) as exc:
        check_named(exc)
    else:
        assert found.model.isprintable()
        outcome(found.text)
