from __future__ import annotations

import json
import random
import time
import unicodedata
from typing import Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, model_validator
from wire import SKEPTIC, answer

from panelsynth.errors import TRIES, CallError
from panelsynth.model import parse_answer
from panelsynth.model.replies import clean_text
from panelsynth.verdict import Answer

WHOLE = json.dumps(answer())


def read(text: str) -> Answer:
    return parse_answer(text, SKEPTIC.answer_type)


def fault(text: str) -> CallError:
    with pytest.raises(CallError) as caught:
        read(text)
    assert TRIES[caught.value.cause] > 1
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
        f"My thoughts, of which the opening mark stood in the prompt {{so}}.</think>{WHOLE}",
        f"Here it is: {WHOLE}",
        f'Here it is [1]:\n```json\n{WHOLE}\n```\nI hope it\'s "useful" :}}',
        f"```json\n{WHOLE}",
        "\ufeff" + WHOLE,
        f"{WHOLE}\n{json.dumps(dict(reversed(answer().items())))}",
    ],
)
def test_what_models_put_around_the_one_object_is_taken_off(text: str) -> None:
    assert read(text) == read(WHOLE)


@pytest.mark.parametrize(
    "text", ["", "  \n", "<think>so</think>", "```json\n\n```", "<think></think>```\n ```", "```JSON5\n```"]
)
def test_nothing_is_an_empty_reply(text: str) -> None:
    assert fault(text).cause == "empty-reply"


@pytest.mark.parametrize(
    "text",
    [
        "ship",
        "I would ship it.",
        f"{WHOLE}\n{changed(decision='skip')}",
        f"{WHOLE} {{}}",
        f"[{WHOLE}, {WHOLE}]",
        f"```\n[\n{WHOLE}]",
        f"<think>The data says </think>{WHOLE} but </think>{changed(decision='skip')}",
        f'{{"answer": {WHOLE}',
        f"{WHOLE} {{",
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
        "<think>on and on",
        '{"a\\\\": "}"',
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
        ({"decision": "\u017fhip"}, "decision"),
        ({"decision": "ship skip"}, "decision"),
        ({"review": 7}, "review"),
        ({"review": "half \ud800 a face"}, "review"),
        ({"evidence": []}, "evidence"),
        ({"evidence": ["a"] * 7}, "evidence"),
        ({"evidence": "a linter"}, "evidence"),
        ({"evidence": ["a linter", 7]}, "evidence[1]"),
        ({"percent": 75}, "percent"),
    ],
)
def test_a_field_that_is_off_is_named_and_nothing_is_mended(fields: dict[str, object], place: str) -> None:
    error = fault(changed(**fields))
    assert (error.cause, error.message.split(":")[0]) == ("invalid-answer", place)


@pytest.mark.parametrize("word", ["ship", "Ship ", " SHIP", "\tship\n"])
def test_a_decision_may_be_written_in_any_case_and_with_blanks(word: str) -> None:
    assert read(changed(decision=word)).decision == "ship"


LOOP = "It scales well and it is cheap. "
PROSE = "".join(
    f"Point {n}: the tool does {n * 7919} things, of which {n * 31 % 17} matter to a team. " for n in range(50)
)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"review": ""}, "review: is blank"),
        ({"review": " \n "}, "review: is blank"),
        ({"review": "\x00\x01"}, "review: is blank"),
        ({"counter_case": "\u3000"}, "counter_case: is blank"),
        ({"review": "\u200b \u2060\ufeff"}, "review: is blank"),
        ({"evidence": ["a linter", " "]}, "evidence[1]: is blank"),
        ({"review": PROSE + "x" * 4001}, "review: "),
        ({"review": LOOP * 100}, "review: says the same over and over"),
        ({"review": PROSE[:1500] + LOOP * 60}, "review: says the same over and over"),
        ({"review": "\u4f60\u597d" * 200}, "review: says the same over and over"),
        ({"evidence": [LOOP * 20]}, "evidence[0]: says the same over and over"),
        ({"review": "\x1b[31mr\x1b[32me\x1b[33md\x1b[0m"}, "review: holds 4 control or direction-override characters"),
        ({"review": "\u202e\u2066a\u2069\u202c"}, "review: holds 4 control or direction-override characters"),
        ({"killer": "\x80\x81\x9f\x7f"}, "killer: holds 4 control or direction-override characters"),
    ],
)
def test_a_text_that_no_reader_could_use_is_garbled(fields: dict[str, object], message: str) -> None:
    error = fault(changed(**fields))
    assert error.cause == "garbled-text"
    assert error.message.startswith(message)


def test_an_over_long_text_is_garbled_and_told_its_bound() -> None:
    text = (PROSE * 2)[:4001]
    assert fault(changed(review=text)).message == "review: has 4,001 characters, at most 4,000 are allowed"
    assert fault(" " * 1_000_001).cause == "garbled-text"


def test_a_few_stray_control_characters_are_dropped_and_line_ends_made_one() -> None:
    text = "One\r\ntwo\rthree\x00\x85\u202e, a tab\tand an \u200demoji\u200d."
    assert read(changed(review=text)).review == "One\ntwo\nthree, a tab\tand an \u200demoji\u200d."


def test_just_control_characters_and_what_turns_the_direction_are_dropped() -> None:
    """Told apart by Unicode's own tables, sign by sign; a carriage return is a line end."""
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    for sign in map(chr, range(0x3000)):
        steers = unicodedata.category(sign) == "Cc" or unicodedata.bidirectional(sign) in turning
        kept = "\n" if sign == "\r" else "" if steers and sign not in "\n\t" else sign
        assert clean_text("review", f"a{sign}b") == f"a{kept}b"


@pytest.mark.parametrize(
    "text", [PROSE[:4000], "ha " * 20, "-" * 80, "\u6211\u8a8d\u70ba\u9019\u500b\u5de5\u5177\u5f88\u597d" * 3]
)
def test_honest_text_is_not_called_looped(text: str) -> None:
    assert read(changed(review=text)).review == text


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
    assert fault(text).cause in {"empty-reply", "malformed-reply", "invalid-answer", "garbled-text"}


@given(before=st.text("ab <>/`\n.\"'}", max_size=20), after=st.text("ab <>/`\n.\"'}", max_size=20))
def test_prose_around_the_object_changes_nothing_in_it(before: str, after: str) -> None:
    assert read(before + WHOLE + after) == read(WHOLE)


@given(st.text('{}"\\[]:, ', max_size=30), st.sampled_from(["ship", "skip"]))
def test_no_decision_is_taken_where_two_stand(between: str, first: str) -> None:
    """Whatever stands between two differing answers, the reply is refused."""
    second = {"ship": "skip", "skip": "ship"}[first]
    assert fault(changed(decision=first) + between + changed(decision=second)).cause == "malformed-reply"


PLAIN = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"]), max_size=9)


@given(
    st.dictionaries(
        st.sampled_from([*answer(), "extra"]),
        st.none() | st.booleans() | st.integers(-5, 105) | st.floats() | PLAIN | st.lists(PLAIN),
        max_size=5,
    )
)
def test_an_answer_is_taken_whole_or_not_at_all(fields: dict[str, object]) -> None:
    """What is read equals what was written but for stray characters; a decision is always the word that was sent."""
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


NO_NAME = "not valid JSON: Expecting property name enclosed in double quotes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x" * 1_000_001, "the reply has 1,000,001 characters"),
        (" ", "the reply was empty"),
        ("ship " * 50, f"the reply holds no JSON object, it begins {('ship ' * 12)!r}"),
        (f"[{WHOLE}]", "the reply is a list: write the one object alone"),
        (f"{WHOLE}{{}}{{}}", "the reply holds 3 different objects: write one"),
        ("<think>{}", "the reply ends inside its thoughts: think less, then answer"),
        ("{", "the reply ends inside its JSON object: write it whole"),
        ("{7}", f"the reply is not one JSON object: {NO_NAME} (column 2)"),
        ("{\n7}", f"the reply is not one JSON object: 2: {NO_NAME} (column 1)"),
        (changed(score="70"), "score: input should be a valid integer"),
        (changed(score=101), "score: input should be less than or equal to 100"),
        (changed(decision="maybe"), "decision: input should be 'ship' or 'skip'"),
        (changed(evidence=[]), "evidence: should hold 1 to 6 quotes, found 0"),
        (changed(**{"n" * 100: 7}), f"'{'n' * 60}': extra inputs are not permitted"),
        (changed(**{"n" * 100: " "}), f"{'n' * 80}: is blank"),
        (changed(review="\u202e" * 4), "review: holds 4 control or direction-override characters: write plain text"),
    ],
)  # fmt: skip
def test_the_model_is_told_what_is_wrong_in_these_words(text: str, message: str) -> None:
    assert fault(text).message == message


def test_a_reply_may_have_a_million_characters() -> None:
    assert read(WHOLE + " " * (1_000_000 - len(WHOLE))) == read(WHOLE)


@pytest.mark.parametrize("start", ["", "\ufeff", " \n", "\ufeff\n"])
def test_an_answer_inside_thoughts_that_never_end_is_not_read(start: str) -> None:
    assert fault(f"{start}<think>Perhaps {WHOLE}").message.startswith("the reply ends inside its thoughts")


def test_a_byte_order_mark_alone_is_an_empty_reply() -> None:
    assert fault("\ufeff").cause == "empty-reply"


def test_a_list_across_fences_is_a_list() -> None:
    assert fault(f"[\n```json\n{WHOLE}\n```\n]").message.startswith("the reply is a list")


@pytest.mark.parametrize("extra", [{"a": {"b": 1}}, {"a": [{"b": {}}, {"c": "}"}]}])
def test_an_object_within_the_object_is_part_of_it(extra: object) -> None:
    error = fault(changed(extra=extra))
    assert (error.cause, error.message.split(":")[0]) == ("invalid-answer", "extra")


class Loose(BaseModel):
    """An answer type that somebody wrote without asking for strictness, with a rule of its own."""

    model_config = ConfigDict(extra="forbid")
    evidence: list[str]
    counter_case: str
    review: str
    decision: str
    score: int
    would_change: str

    @model_validator(mode="after")
    def agrees_with_its_score(self) -> Self:
        if self.decision == "ship" and self.score < 50:
            message = "Value error, ship below 50"
            raise ValueError(message)
        return self


LOOSE = {name: answer()[name] for name in Loose.model_fields}


def test_every_answer_type_is_read_strictly() -> None:
    assert parse_answer(json.dumps(LOOSE), Loose).score == 70
    with pytest.raises(CallError, match="score: input should be a valid integer"):
        parse_answer(json.dumps({**LOOSE, "score": "70"}), Loose)


def test_a_rule_about_the_whole_answer_is_told_without_pydantics_words() -> None:
    with pytest.raises(CallError) as caught:
        parse_answer(json.dumps({**LOOSE, "score": 49}), Loose)
    assert caught.value.message == "the answer: value error, ship below 50"


@pytest.mark.parametrize(("size", "looped"), [(99, True), (100, False)])
def test_a_text_is_looped_when_it_packs_to_less_than_a_twelfth(
    monkeypatch: pytest.MonkeyPatch, size: int, *, looped: bool
) -> None:
    monkeypatch.setattr("zlib.compress", lambda part: b"x" * (size if len(part) == 1_200 else len(part)))
    if looped:
        assert fault(changed(review="x" * 1_200)).message == "review: says the same over and over"
    else:
        assert read(changed(review="x" * 1_200)).score == 70


def test_a_text_whose_second_half_is_a_loop_is_looped_however_rich_the_first_is() -> None:
    """A model that falls into a loop is caught, also where the honest part alone packs badly."""
    luck = random.Random(0)  # noqa: S311
    rich = "".join(luck.choice("abcdefghijklmnopqrstuvwxyz ") for _ in range(1_900))
    assert (
        fault(changed(review=rich + LOOP * (1_900 // len(LOOP) + 1))).message == "review: says the same over and over"
    )
