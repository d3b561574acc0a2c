"""Quotes held against their source: what may differ, what may not."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from panelsynth.grounding import fold, ground, is_verbatim
from panelsynth.reviewing import review
from panelsynth.shipped import demo_recording, demo_tools
from panelsynth.testing import replay
from panelsynth.tool import Tool
from panelsynth.toolbox import read_tools
from panelsynth.verdict import Answer

SOURCE = (
    "Mistral 3B runs on edge devices – it's an “open-weight” model with ﬁne-tuning. "
    "It does not send prompts to a hosted service, never sleeps at night, and is unsafe for small children. "
    "人工知能モデルは端末で動作します。 모델은 기기에서 바로 실행됩니다. โมเดลทำงานบนอุปกรณ์"
)
WORDS = st.lists(st.text("abcdeéß-'ﬁ", min_size=1, max_size=6), min_size=3, max_size=12)


def found(quote: str) -> bool:
    return is_verbatim(quote, fold(SOURCE))


@pytest.mark.parametrize(
    "quote",
    [
        "runs on edge devices",
        "RUNS ON EDGE DEVICES",
        "runs  on\n edge\tdevices",
        "runs\u00a0on\u2003edge devices",
        'an "open-weight" model',
        "an «open‑weight» model",
        "it’s an “open−weight” model",
        "it´s an “open-weight” model",
        "edge devices - it`s an",
        "edge devices — it's an",
        "model with fine-tuning",
        "ｍｏｄｅｌ ｗｉｔｈ ﬁne-tuning",
        "does not send prompts",
        "“open-weight” model with",
        "for small children.",
        "人工知能モデルは端末",
        "모델은 기기에서 바로",
        "โมเดลทำงาน",
    ],
)
def test_a_quote_may_differ_in_unicode_form_case_space_quotes_and_dashes(quote: str) -> None:
    assert found(quote)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "   ",
        "edge devices",
        "Mistral 3B",
        "🚀🚀🚀🚀🚀🚀🚀🚀🚀",
        "人工知能モデル",
        "does send prompts to",
        "runs on devices",
        "runs on the edge devices",
        "safe for small children",
        "on edge device",
        "istral 3B runs on edge",
        "send prompts to a hosted service",
        "sleeps at night, and",
        "人工知能モデルは雲で動作",
    ],
)
def test_a_quote_that_is_short_changed_cut_inside_a_word_or_cut_off_its_negation_is_not_verbatim(quote: str) -> None:
    assert not found(quote)


def test_a_quote_stands_when_one_of_its_places_has_no_negation_before_it() -> None:
    source = fold("It does not run on phones. Some say that it can run on phones.")
    assert is_verbatim("run on phones", source)
    assert not is_verbatim(
        "run on phones", fold("It doesn’t run on phones; it cannot run on phones, nor not run on phones")
    )


@given(WORDS, st.data())
def test_every_run_of_three_words_is_verbatim_whatever_stands_around_it(words: list[str], data: st.DataObject) -> None:
    assume(not {"not", "no", "never", "without", "cannot"} & set(words))
    first = data.draw(st.integers(0, len(words) - 3))
    last = data.draw(st.integers(first + 3, len(words)))
    space = data.draw(st.sampled_from([" ", "\n", "\u00a0", " \t "]))
    quote = space.join(words[first:last])
    assert is_verbatim(quote, fold(" ".join(words)))
    assert is_verbatim(quote.title(), fold(" ".join(words).title()))


@given(WORDS, st.integers(0, 11), st.sampled_from(["not", "never", "no"]))
def test_a_negation_put_in_or_taken_out_is_noticed(words: list[str], at: int, negation: str) -> None:
    place = 1 + at % (len(words) - 1)
    negated = " ".join([*words[:place], negation, *words[place:]])
    assert not is_verbatim(negated, fold(" ".join(words)))
    assert not is_verbatim(" ".join(words), fold(negated))


@pytest.mark.parametrize(
    ("source", "quote"),
    [
        ("Only 0.5% of all requests fail", "5% of all requests fail"),
        ("Only .5% of all requests fail", "5% of all requests fail"),
        ("It costs $1,500 per month now", "500 per month now"),
        ("It costs $1,500 per month now", "1,500 per month now"),
        ("It costs 1\u202f500 € per month", "500 € per month"),
        ("It takes 10⁶ requests a day", "106 requests a day"),
        ("It takes 10⁶ requests a day", "It takes 10"),
        ("It takes 5½ hours to set up", "51/2 hours to set up"),
        ("Loads are up to 3.5x faster", "Loads are up to 3"),
        ("It fails in up to 5% of runs", "fails in up to 5"),
        ("It works at -40 degrees too", "40 degrees too"),
        ("It answers in <5 ms of time", "5 ms of time"),
        ("Set up in 3–5 days of work", "5 days of work"),
        ("110人のチームで使えます", "10人のチームで使えます"),
    ],
)
def test_a_quote_may_not_be_cut_inside_a_figure(source: str, quote: str) -> None:
    assert not is_verbatim(quote, fold(source))
    assert is_verbatim(source, fold(source))


FIGURES = st.from_regex(r"[-+<~]?[$€]?[1-9][0-9]{0,2}(,[0-9]{3})?(\.[0-9]{1,2})?[%⁶²]?", fullmatch=True)


@given(FIGURES, st.data())
def test_a_figure_is_quoted_whole_or_not_at_all(figure: str, data: st.DataObject) -> None:
    source = fold(f"it needs about {figure} of all the memory")
    assert is_verbatim(f"needs about {figure} of all", source)
    for part in (figure[at:] for at in range(1, len(figure))):
        assert not is_verbatim(f"{part} of all the memory", source)
    for part in (figure[:at] for at in range(1, len(figure))):
        assert not is_verbatim(f"it needs about {part}", source)


@pytest.mark.parametrize(
    ("source", "quote"),
    [
        ("Non-commercial use is free", "commercial use is free"),
        ("It is not yet free for all", "free for all"),
        ("It is hardly a finished tool", "a finished tool"),
        ("Neither fast nor cheap to run", "cheap to run"),
        ("Neither very fast nor cheap", "fast nor cheap"),
        ("It isn’t really a good tool", "a good tool"),
        ('It is not "free for all"', "free for all"),
        ("It works without a cloud account", "a cloud account"),
        ("此工具不支持离线使用和部署", "支持离线使用和部署"),
        ("此工具未支持离线使用和部署", "支持离线使用和部署"),
    ],
)
def test_a_quote_may_not_leave_out_the_negation_before_it(source: str, quote: str) -> None:
    assert not is_verbatim(quote, fold(source))
    assert is_verbatim(source, fold(source))


@pytest.mark.parametrize(
    ("source", "quote"),
    [
        ("It isn't slow. It is a good tool", "a good tool"),
        ("It needs no setup: runs on edge devices", "runs on edge devices"),
        ("It is not fast but cheap to run", "cheap to run"),
        ("It is not only fast to run", "fast to run"),
        ("Never slow – made for the edge", "made for the edge"),
        ("In 2024, 500 teams used it", "500 teams used it"),
        ("It came out in 2024. It runs", "came out in 2024"),
        ("Runs at −40 degrees", "at -40 degrees"),
        ("It takes 10⁶ requests a day", "10⁶ requests a day"),
        ("此工具不支持离线使用和部署", "不支持离线使用和部署"),
    ],
)
def test_a_quote_from_another_clause_or_of_a_whole_figure_stands(source: str, quote: str) -> None:
    assert is_verbatim(quote, fold(source))


def test_every_quote_of_the_demo_is_verbatim() -> None:
    with replay(demo_recording()) as model:
        panels = review([tool for tool, _ in read_tools([demo_tools()])], model=model)
    assert all(item.verbatim for one in panels for verdict in one.verdicts for item in verdict.evidence)
    assert len(panels) == 2


@given(st.text())
def test_any_quote_is_verbatim_or_not(quote: str) -> None:
    assert isinstance(is_verbatim(quote, fold(SOURCE)), bool)
    assert fold(fold(quote)) == fold(quote)


def test_a_quote_that_is_not_verbatim_gets_a_loud_flag_and_stays() -> None:
    tool = Tool(id="a", name="Acme", tagline="Lints your prose well", description="A linter for prose.")
    quotes = ("A linter for prose", "Lints your prose well", "the best linter ever")
    answer = Answer(
        evidence=quotes,
        rubric={},
        counter_case="None.",
        review="Fine.",
        decision="ship",
        score=80,
        would_change="A bug.",
    )
    evidence, flags = ground(answer, tool)
    assert [(item.quote, item.verbatim) for item in evidence] == list(zip(quotes, (True, True, False), strict=True))
    loud = [(flag.kind, flag.severity, flag.span) for flag in flags if flag.severity == "loud"]
    assert loud == [("quote-not-verbatim", "loud", quotes[2])]
