from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from wire import (
    ABOUT,
    DEMO,
    KEY,
    ROOT,
    SKEPTIC,
    TOOL,
    answer,
    completion,
    demo_tools,
    exchange,
    request,
)

import panelsynth as ps
from panelsynth.cassettes import check_recording
from panelsynth.cli.cassettes import check
from panelsynth.errors import RecordingError
from panelsynth.model import Exchange, RecordedModel, Recording, explain
from panelsynth.persona import Persona, read_personas
from panelsynth.prompting import ReviewTemplate, build_requests


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


def good(label: str = "acme/skeptic/0/1", decision: str = "ship", persona: str = "skeptic") -> Exchange:
    reply = completion(json.dumps(answer(decision, persona)))
    return exchange(label, asked=request(persona).body(), reply=reply)


def test_a_recording_in_order_has_no_findings() -> None:
    assert findings(Recording.read(DEMO), demo_tools(), read_personas()) == []
    retried = [exchange("acme/skeptic/0/1"), good("acme/skeptic/0/2")]
    assert findings(Recording(ABOUT, retried), [TOOL]) == []


def test_missing_stale_unused_and_secret_exchanges_are_found() -> None:
    stale: Any = request().body() | {"model": "m-2"}
    assert findings(Recording(ABOUT, []), [TOOL]) == [("missing", "acme/skeptic")]
    assert findings(Recording(ABOUT, [exchange(asked=stale)]), [TOOL]) == [("stale", "acme/skeptic")]
    other = exchange("zenith/skeptic/0/1", asked=stale)
    assert findings(Recording(ABOUT, [good(), other]), [TOOL]) == [("unused", "zenith/skeptic/0/1")]
    leftover = exchange("acme/skeptic/0/2", asked=stale)
    assert findings(Recording(ABOUT, [good(), leftover]), [TOOL]) == [("unused", "acme/skeptic/0/2")]
    secret = good().model_copy(update={"reply": completion() | {"id": f"\n{KEY}"}})
    assert findings(Recording(ABOUT, [secret]), [TOOL]) == [("secret", "acme/skeptic/0/1")]
    sampled = exchange().model_copy(update={"sample": "1"})
    assert findings(Recording(ABOUT, [sampled]), [TOOL]) == [("stale", "acme/skeptic")]


def test_a_reply_set_before_the_one_that_was_recorded_is_found() -> None:
    """A replay would count it instead."""
    flipped = Recording(ABOUT, [good("acme/skeptic/0/0", "skip"), good("acme/skeptic/0/1")])
    assert findings(flipped, [TOOL]) == [("surplus", "acme/skeptic/0/1")]


def test_a_label_that_names_another_review_than_its_request_is_found() -> None:
    reviewers = read_personas("skeptic,business")
    swapped = [good("acme/business/0/1"), good("acme/skeptic/0/1", persona="business")]
    both = [("misplaced", "acme/business/0/1"), ("misplaced", "acme/skeptic/0/1")]
    assert findings(Recording(ABOUT, swapped), [TOOL], reviewers) == both
    copied = [good(), good("acme/business/0/1")]
    assert findings(Recording(ABOUT, copied), [TOOL], reviewers) == [both[0], ("missing", "acme/business")]


def test_a_request_to_another_path_is_found() -> None:
    elsewhere = good().model_copy(update={"path": "/nowhere"})
    found = [("misplaced", "acme/skeptic/0/1"), ("missing", "acme/skeptic")]
    assert findings(Recording(ABOUT, [elsewhere]), [TOOL]) == found


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500])
def test_a_review_that_ends_in_a_refusal_is_found(status: int) -> None:
    refused = good().model_copy(update={"status": status})
    assert findings(Recording(ABOUT, [refused]), [TOOL]) == [("unusable", "acme/skeptic")]


@pytest.mark.parametrize(
    "content", ["", "no JSON", "{}", json.dumps(answer(score="70")), json.dumps(answer(decision="maybe"))]
)
def test_a_review_that_ends_without_an_answer_is_found(content: str) -> None:
    bad = exchange(reply=completion(content))
    assert findings(Recording(ABOUT, [bad]), [TOOL]) == [("unusable", "acme/skeptic")]


def test_a_review_that_was_asked_again_and_answered_is_in_order() -> None:
    """The second request names the fault to the model, as a run does."""
    [asked] = build_requests(TOOL, [SKEPTIC], model="m-1", template=ReviewTemplate.read())
    note = ReviewTemplate.read().again("the reply was empty")
    again = exchange(
        "acme/skeptic/0/2", asked=asked.model_copy(update={"note": note}).body(), reply=good().reply
    )  # fmt: skip
    assert findings(Recording(ABOUT, [exchange(reply=completion("")), again]), [TOOL]) == []


def test_a_recorded_text_cannot_steer_the_terminal() -> None:
    body: Any = request().body()
    old = body | {"messages": [{"role": "system", "content": "\x1b[2Jred \u202egreen\x9b1m"}]}
    recording = Recording(ABOUT, [exchange(asked=old)])
    for text in (explain(recording, body, "acme/skeptic/0/1"), check_recording_text(recording)):
        assert "\\x1b[2Jred \\u202egreen\\x9b1m" in text
        assert [sign for sign in text if not sign.isprintable() and sign != "\n"] == []


def check_recording_text(recording: Recording) -> str:
    return "\n".join(f.message for f in check_recording(recording, [TOOL], [SKEPTIC], ReviewTemplate.read()))


# The command


def checked(folder: Path, recording: Recording, *options: str) -> tuple[int, str]:
    recording.write(folder / "r.yaml")
    ran = CliRunner().invoke(check, [str(folder / "r.yaml"), *options])
    return ran.exit_code, ran.output


def test_a_finding_names_its_review_once_and_shows_a_shared_change_once(tmp_path: Path) -> None:
    tools = [TOOL.model_copy(update={"id": name, "name": name}) for name in ("acme", "bolt")]
    for tool in tools:
        text = f"name: {tool.name}\ndescription: {tool.description}\n"
        (tmp_path / f"{tool.id}.yaml").write_text(text, encoding="utf-8")
    changed = SKEPTIC.model_copy(update={"motto": "Another motto."})
    [one, two] = [build_requests(tool, [changed], model="m-1", template=ReviewTemplate.read())[0] for tool in tools]
    recorded = [exchange("acme/skeptic/0/1", one.body()), exchange("bolt/skeptic/0/1", two.body())]
    about = ABOUT.model_copy(
        update={"tools": {"acme": "acme.yaml", "bolt": "bolt.yaml"}, "personas": {"skeptic": None}}
    )
    code, said = checked(tmp_path, Recording(about, recorded))
    assert (code, said.count("Another motto."), said.count("acme/skeptic:")) == (5, 1, 1)
    assert "  stale: acme/skeptic: persona 'skeptic' (or the review template) has changed:\n" in said
    assert said.endswith("  stale: bolt/skeptic: as acme/skeptic\n")


def test_the_check_uses_the_template_that_the_recording_names(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(f"name: Acme\ndescription: {TOOL.description}\n", encoding="utf-8")
    text = ReviewTemplate.read().text.replace("Judge from them alone.", "Judge from nothing else.")
    (tmp_path / "own.md.j2").write_text(text, encoding="utf-8")
    [asked] = build_requests(TOOL, [SKEPTIC], model="m-1", template=ReviewTemplate(text, "own"))
    about = ABOUT.model_copy(update={"tools": {"acme": "acme.yaml"}, "personas": {"skeptic": None}})
    made = exchange(asked=asked.body(), reply=completion())
    assert checked(tmp_path, Recording(about.model_copy(update={"template": "own.md.j2"}), [made]))[0] == 0
    assert checked(tmp_path, Recording(about, [made]))[0] == 5
    gone = checked(tmp_path, Recording(about.model_copy(update={"template": "gone.md.j2"}), [made]))
    assert gone[0] != 0


def test_many_files_of_personas_are_no_folder(tmp_path: Path) -> None:
    """Joined, their names are longer than any that a file system takes."""
    (tmp_path / "acme.yaml").write_text(f"name: Acme\ndescription: {TOOL.description}\n", encoding="utf-8")
    shipped = (ROOT / "prompts" / "personas" / "skeptic.md").read_text(encoding="utf-8")
    names = [f"skeptic-{'x' * 20}-{n}.md" for n in range(30)]
    for name in names:
        own = shipped.replace("id: skeptic", f"id: {Path(name).stem}")
        (tmp_path / name).write_text(own, encoding="utf-8")
    about = ABOUT.model_copy(update={"tools": {"acme": "acme.yaml"}})
    code, said = checked(tmp_path, Recording(about, [good()]), "--personas", ",".join(str(tmp_path / n) for n in names))
    assert code == 5, said
