from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire import SKEPTIC, answer

from panelsynth.errors import CallError
from panelsynth.model import parse_answer
from panelsynth.verdict import Answer

WHOLE = json.dumps(answer())


def read(text: str) -> Answer:
    return parse_answer(text, SKEPTIC.answer_type)


def fault(text: str) -> CallError:
    with pytest.raises(CallError) as caught:
        read(text)
    assert caught.value.again
    return caught.value


def changed(**fields: Any) -> str:
    return json.dumps({**answer(), **fields})


def test_a_whole_answer_is_read_as_it_is_with_the_rubric_in_its_order() -> None:
    found = read(WHOLE)
    assert (found.decision, found.score, found.evidence) == ("ship", 70, ("A linter for prose",))
    assert [*found.rubric] == [*SKEPTIC.rubric]


@pytest.mark.parametrize(
    "text",
    [
        f"  \n{WHOLE}\n",
        f"<think>skip, or {{}}?</think>{WHOLE}",
        f"\n<think>\n</think>\n\n{WHOLE}",
        f"```json\n{WHOLE}\n```",
        f"```\n{WHOLE}\n```  ",
        f"``` \n{WHOLE}```",
        f"<think>a</think>\n```JSON\n{json.dumps(answer(), indent=2)}\n```",
    ],
)
def test_a_think_block_and_a_code_fence_around_the_object_are_taken_off(text: str) -> None:
    assert read(text) == read(WHOLE)


@pytest.mark.parametrize("text", ["", "  \n", "<think>so</think>", "```json\n\n```", "<think></think>```\n ```"])
def test_nothing_is_an_empty_reply(text: str) -> None:
    assert fault(text).cause == "empty-reply"


@pytest.mark.parametrize(
    "text",
    [
        "ship",
        "I would ship it.",
        f"Here it is: {WHOLE}",
        f"{WHOLE}\n{changed(decision='skip')}",
        f"[{WHOLE}]",
        json.dumps(WHOLE),
        "null",
        "7",
        WHOLE[:-1],
        WHOLE.replace('"score"', '"decision": "skip", "score"'),
        WHOLE.replace("70", "NaN"),
        WHOLE.replace("70", "-Infinity"),
        WHOLE.replace("70", "9" * 5000),
        "[" * 100_000,
        '{"a":' * 100_000,
        f"<think>open {WHOLE}",
        f"```json\n{WHOLE}",
        "\ufeff" + WHOLE,
    ],
)
def test_what_is_not_exactly_one_object_is_malformed(text: str) -> None:
    assert fault(text).cause == "malformed-reply"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"score": "70"}, "score"),
        ({"score": 70.0}, "score"),
        ({"score": True}, "score"),
        ({"score": 101}, "score"),
        ({"score": -1}, "score"),
        ({"score": None}, "score"),
        ({"decision": "Ship it"}, "decision"),
        ({"decision": "maybe"}, "decision"),
        ({"decision": ["ship"]}, "decision"),
        ({"decision": ""}, "decision"),
        ({"review": "x" * 4001}, "review"),
        ({"review": ""}, "review"),
        ({"review": " \n "}, "review"),
        ({"review": 7}, "review"),
        ({"review": "\ud800"}, "review"),
        ({"counter_case": "\u3000"}, "counter_case"),
        ({"evidence": []}, "evidence"),
        ({"evidence": ["a"] * 7}, "evidence"),
        ({"evidence": "a linter"}, "evidence"),
        ({"evidence": ["a linter", " "]}, "evidence"),
        ({"evidence": ["a linter", 7]}, "evidence[1]"),
        ({"percent": 75}, "percent"),
    ],
)
def test_a_field_that_is_off_is_named_and_nothing_is_mended(fields: dict[str, object], place: str) -> None:
    error = fault(changed(**fields))
    assert (error.cause, error.message.split(":")[0]) == ("invalid-answer", place)


@pytest.mark.parametrize("name", answer())
def test_a_missing_field_is_not_filled_in(name: str) -> None:
    rest = {key: value for key, value in answer().items() if key != name}
    error = fault(json.dumps(rest))
    assert (error.cause, error.message.split(":")[0]) == ("invalid-answer", name)


def test_another_personas_answer_is_no_answer() -> None:
    assert fault(json.dumps(answer(persona="business"))).cause == "invalid-answer"


def test_a_hostile_field_name_is_cut_short_and_made_printable() -> None:
    assert fault(changed(**{"\x1b[31m\n\ud800" + "x" * 10_000: 1})).message.isprintable()
    assert len(fault(changed(**{"x" * 10_000: 1})).message) < 200


@given(st.text() | st.text('{}[]":,ship skip0.9-enu\\`<think>\n', max_size=60))
def test_any_text_is_an_answer_or_a_named_fault(text: str) -> None:
    assert fault(text).cause in {"empty-reply", "malformed-reply", "invalid-answer"}


@given(
    st.dictionaries(
        st.sampled_from([*answer(), "extra"]),
        st.none()
        | st.booleans()
        | st.integers(-5, 105)
        | st.floats()
        | st.text(max_size=9)
        | st.lists(st.text(max_size=5)),
        max_size=5,
    )
)
def test_an_answer_is_taken_whole_or_not_at_all(fields: dict[str, object]) -> None:
    """What is read equals what was written; a decision is never anything but the word that was sent."""
    text = changed(**fields)
    try:
        found = read(text)
    except CallError:
        return
    sent = json.loads(text)
    got = found.model_dump()
    assert got.pop("rubric") | got | {"evidence": [*found.evidence]} == sent


@pytest.mark.parametrize(
    "text",
    ["```\n" + "\n" * 200_000 + "x", "<think>" * 40_000, "`" * 200_000, " " * 200_000 + "<think>", '"\\' * 99_999],
)
def test_a_hostile_reply_takes_no_time(text: str) -> None:
    start = time.process_time()
    fault(text)
    assert time.process_time() - start < 1
