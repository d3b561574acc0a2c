from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from wire import (
    ABOUT,
    DEMO,
    KEY,
    ROOT,
    SKEPTIC,
    TOOL,
    completion,
    demo_tools,
    exchange,
    request,
)

import panelsynth as ps
from panelsynth.cassettes import check_recording
from panelsynth.errors import RecordingError
from panelsynth.model import RecordedModel, Recording
from panelsynth.persona import Persona, read_personas
from panelsynth.prompting import ReviewTemplate


def replaying(tools: list[ps.Tool], personas: object = None) -> str:
    with pytest.raises(RecordingError) as caught:
        ps.review(tools, model=RecordedModel(DEMO), personas=personas)  # type: ignore[arg-type]
    assert "--record" in caught.value.remedy
    return caught.value.message


def test_a_changed_word_in_a_persona_names_it_and_shows_the_line(tmp_path: Path) -> None:
    text = (ROOT / "prompts" / "personas" / "skeptic.md").read_text(encoding="utf-8")
    word = re.findall(r"[a-z]{6,}", text.split("---")[2])[3]
    file = tmp_path / "skeptic.md"
    file.write_text(text[: text.rindex(word)] + "CHANGED" + text[text.rindex(word) + len(word) :], encoding="utf-8")
    message = replaying(demo_tools(), ["developer", file, "futurist", "business"])
    assert "persona 'skeptic' (or the review template) has changed" in message
    old, new = (next(row for row in message.split("\n") if row.startswith(f"  {sign} ")) for sign in "-+")
    assert "CHANGED" in new
    assert word in old


def test_a_changed_word_far_into_a_tools_description_is_shown() -> None:
    first, second = demo_tools()
    changed = first.model_copy(update={"description": first.description[:-40] + "CHANGED" + first.description[-40:]})
    message = replaying([changed, second])
    assert "tool 'gpt-5-fine-tuning-api' has changed" in message
    assert "CHANGED" in message
    assert max(len(row) for row in message.split("\n")) < 250


def test_a_line_that_looks_like_a_diffs_head_is_shown() -> None:
    recording = Recording(ABOUT, [exchange()])
    tool = TOOL.model_copy(update={"description": f"{TOOL.description}\n-- ++ added"})
    from panelsynth.model import explain

    assert "+ -- ++ added" in explain(recording, request(tool=tool).body(), "acme/skeptic/0/1")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "m-2"}, "the model has changed"),
        ({"max_completion_tokens": 1}, "the request has changed"),
        ({"response_format": {}}, "the answer schema (the rubric of persona 'skeptic') has changed"),
    ],
)
def test_a_changed_setting_is_named(change: dict[str, object], words: str) -> None:
    from panelsynth.model import explain

    body: Any = request().body() | change
    assert words in explain(Recording(ABOUT, [exchange()]), body, "acme/skeptic/0/1")


def test_a_tool_that_was_not_recorded_is_named() -> None:
    assert "nothing is recorded of persona 'developer' on tool 'acme'" in replaying([TOOL])


def test_an_exchange_is_played_once() -> None:
    async def run() -> None:
        model = RecordedModel(Recording(ABOUT, [exchange(reply=completion())]))
        await model.ask(request())
        with pytest.raises(RecordingError, match="is used up"):
            await model.ask(request())

    asyncio.run(run())


def findings(
    recording: Recording, tools: list[ps.Tool], personas: list[Persona] | None = None
) -> list[tuple[str, str]]:
    found = check_recording(recording, tools, personas or [SKEPTIC], ReviewTemplate.read())
    assert all(finding.message for finding in found)
    return [(finding.kind, finding.label) for finding in found]


def test_a_recording_in_order_has_no_findings() -> None:
    assert findings(Recording.read(DEMO), demo_tools(), read_personas()) == []
    retried = [exchange("acme/skeptic/0/1"), exchange("acme/skeptic/0/2")]
    assert findings(Recording(ABOUT, retried), [TOOL]) == []


def test_missing_stale_unused_and_secret_exchanges_are_found() -> None:
    stale: Any = request().body() | {"model": "m-2"}
    assert findings(Recording(ABOUT, []), [TOOL]) == [("missing", "acme/skeptic")]
    assert findings(Recording(ABOUT, [exchange(asked=stale)]), [TOOL]) == [("stale", "acme/skeptic")]
    other = exchange("zenith/skeptic/0/1")
    assert findings(Recording(ABOUT, [exchange(), other]), [TOOL]) == [("unused", "zenith/skeptic/0/1")]
    leftover = exchange("acme/skeptic/0/2", asked=stale)
    assert findings(Recording(ABOUT, [exchange(), leftover]), [TOOL]) == [("unused", "acme/skeptic/0/2")]
    secret = exchange(reply={"text": f"\n{KEY}"})
    assert findings(Recording(ABOUT, [secret]), [TOOL]) == [("secret", "acme/skeptic/0/1")]
    sampled = exchange().model_copy(update={"sample": "1"})
    assert findings(Recording(ABOUT, [sampled]), [TOOL]) == [("stale", "acme/skeptic")]
