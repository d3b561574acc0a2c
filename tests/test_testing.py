from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from wire import DEMO, ROOT, TOOL, demo_tools

import panelsynth as ps
from panelsynth.errors import CallError, RecordingError
from panelsynth.model import RecordedModel
from panelsynth.model.recording import loads
from panelsynth.testing import ScriptedModel, panel, replay, vcr


def causes(script: object) -> list[str]:
    [made] = ps.review([TOOL], model=ScriptedModel(script))  # type: ignore[arg-type]
    return [gone.cause for gone in made.missing]


def decisions(script: object) -> str:
    [made] = ps.review([TOOL], model=ScriptedModel(script))  # type: ignore[arg-type]
    return " ".join(verdict.decision for verdict in made.verdicts)


def test_words_are_dealt_to_reviewers_in_the_order_they_are_asked() -> None:
    assert decisions("ship skip skip ship") == "ship skip skip ship"
    assert decisions("skip") == "skip skip skip skip"


def test_a_table_is_looked_up_by_pair_then_persona_then_tool() -> None:
    assert (
        decisions({"acme/skeptic": "skip", "skeptic": "ship", "acme": "ship", "futurist": "skip"})
        == "ship skip skip ship"
    )


def test_fields_of_the_answer_can_be_set() -> None:
    [made] = ps.review([TOOL], model=ScriptedModel({"acme": {"score": 3, "decision": "skip"}}), personas="skeptic")
    assert (made.verdicts[0].score, made.verdicts[0].decision) == (3, "skip")


def test_an_exception_in_the_script_is_raised() -> None:
    assert causes({"acme": "ship", "skeptic": CallError("no", cause="mine")}) == ["mine"]


def test_a_missing_line_is_a_failed_review_and_no_guess() -> None:
    assert causes({"skeptic": "ship", "business": "ship", "futurist": "ship"}) == ["scripted"]


@pytest.mark.parametrize(("text", "cause"), [("", "empty-reply"), ("  ", "empty-reply"), ("{}", "invalid-answer")])
def test_any_other_text_is_the_reply_itself(text: str, cause: str, waits: list[float]) -> None:
    assert causes(text) == [cause] * 4


def test_a_panel_is_made_from_words() -> None:
    made = panel("Acme Tools", "ship skip fail ship", description="Mine.")
    assert (made.tool.id, made.tool.description, made.tally.text) == (
        "acme-tools",
        "Mine.",
        "2 ship / 1 skip / 1 missing",
    )


def test_replies_of_the_script_are_labelled_as_authored() -> None:
    assert {verdict.provenance.source for verdict in panel("Acme", "ship").verdicts} == {"authored"}


def test_replay_fails_when_part_of_a_recording_was_not_asked_for() -> None:
    with (
        pytest.raises(RecordingError, match="4 exchanges were not played: mistral-3b/business") as caught,
        replay(DEMO) as model,
    ):
        ps.review(demo_tools()[:1], model=model)
    assert caught.value.exit_code == 5


def test_replay_lets_an_error_inside_through() -> None:
    with pytest.raises(ZeroDivisionError), replay(DEMO):
        _ = 1 // 0


def test_recorded_opens_a_recording_by_its_path_from_the_root(recorded: Callable[[str | Path], RecordedModel]) -> None:
    panels = ps.review(demo_tools(), model=recorded("cassettes/demo.yaml"))
    assert [made.tally.percent for made in panels] == [75, 100]


TOOL_FILES = sorted(str(path) for path in (ROOT / "examples" / "tools").glob("*.yaml"))
PLUGIN = 'pytest_plugins = ["panelsynth.testing.plugin"]\n'
WHOLE_AND_HALF = f"""
import panelsynth as ps

TOOLS = [ps.Tool.from_file(path) for path in {TOOL_FILES}]

def test_whole(recorded):
    assert len(ps.review(TOOLS, model=recorded({str(DEMO)!r}))) == 2

def test_half(recorded):
    assert len(ps.review(TOOLS[:1], model=recorded({str(DEMO)!r}))) == 1
"""


@pytest.mark.parametrize("options", [[], ["-p", "no:recording"]])
def test_recorded_fails_the_test_that_leaves_an_exchange_unplayed(
    pytester: pytest.Pytester, options: list[str]
) -> None:
    """With pytest-recording installed or not."""
    pytester.makeconftest(PLUGIN)
    pytester.makepyfile(WHOLE_AND_HALF)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*RecordingError: *4 exchanges were not played: mistral-3b/*"])


def test_a_users_cassette_is_replayed_once_the_plugin_is_enabled(pytester: pytest.Pytester) -> None:
    """No other setting is needed: the plugin brings format and matcher."""
    pytester.makeconftest(PLUGIN)
    pytester.makepyfile(
        f"""
        import panelsynth as ps
        import pytest
        from panelsynth.model import Endpoint
        from pydantic import SecretStr

        TOOLS = [ps.Tool.from_file(path) for path in {TOOL_FILES}]

        @pytest.mark.vcr({str(DEMO)!r})
        @pytest.mark.block_network
        def test_wire(vcr):
            model = ps.OpenAIModel(endpoint=Endpoint("authored", "https://any.test/v1", SecretStr("k")))
            assert [panel.tally.percent for panel in ps.review(TOOLS, model=model)] == [75, 100]
            assert vcr.all_played
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("asked", "answered", "source"),
    [
        ("authored", ["authored", "authored"], "authored"),
        ("m-1", ["m-1", "authored"], "live"),
        ("m-1", ["authored", "authored"], "live"),
        ("authored", ["m-1", "m-1"], "live"),
    ],
)
def test_a_servers_word_alone_makes_no_recording_an_authored_one(asked: str, answered: list[str], source: str) -> None:
    rows = [
        {
            "request": {
                "uri": "https://any.test/v1/chat/completions",
                "body": json.dumps({"model": asked}),
                "headers": {"x-panelsynth-label": [f"acme/skeptic/0/{attempt}"]},
            },
            "response": {"status": {"code": 200}, "body": {"string": json.dumps({"model": name})}},
        }
        for attempt, name in enumerate(answered, 1)
    ]
    about, _ = loads(vcr.serialize({"interactions": rows}))
    assert about["source"] == source


def test_what_is_neither_ours_nor_vcrpys_is_an_error_that_says_so() -> None:
    text = DEMO.read_text(encoding="utf-8").replace("  source: authored", "  source: authored\n  source: live")
    with pytest.raises(RecordingError, match=r"neither .* the key 'source' is given twice"):
        vcr.deserialize(text)


def test_the_front_of_testing_loads_neither_pytest_nor_vcrpy() -> None:
    code = "import sys, panelsynth.testing; print({'pytest', '_pytest', 'vcr'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"
