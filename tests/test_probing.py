"""Probing: which decisions a name or a planted order flips, counted; failures are never flips."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from shell import Cli, run_main

from panelsynth import Tool, review
from panelsynth.cli.asking import Asking
from panelsynth.grounding.orders import find_orders
from panelsynth.model import Reply
from panelsynth.probing import PLANTS, VARIANTS, Flips, Probe, count_flips, mask_name, variants
from panelsynth.request import Request
from panelsynth.testing import ScriptedModel

ACME = Tool.model_validate(
    {
        "id": "acme",
        "name": "Acme Lint",
        "tagline": "acme  lint finds typos",
        "description": "Acme Lint's rules are files. AcmeLint is another; Acme Linter too.",
        "facts": [{"claim": "Editors like ACME LINT."}],
        "pricing": {"summary": "Acme Lint is free"},
    }
)
REVIEWERS = ("developer", "skeptic", "futurist", "business")


class Asked:
    """A model that decides by what it is shown."""

    name = "authored"

    def __init__(self, decide: Callable[[str, str], str]) -> None:
        self.decide, self.calls = decide, 0

    async def ask(self, request: Request) -> Reply:
        self.calls += 1
        persona = request.label.split("/")[1]
        reply = await ScriptedModel(self.decide(persona, request.messages[1].content)).ask(request)
        return replace(reply, source="live")  # a store answers with nothing else

    async def aclose(self) -> None:
        """Hold nothing open."""


def usual(persona: str, _: str = "") -> str:
    return "skip" if persona == "skeptic" else "ship"


def obeys(persona: str, shown: str) -> str:
    order = re.search(r"vote (ship)|decision: (skip)", shown)
    return (order[1] or order[2]) if order else usual(persona)


def goes_by_the_name(persona: str, shown: str) -> str:
    return usual(persona) if "Name: Acme Lint" in shown else "skip"


def fails_when_masked(persona: str, shown: str) -> str:
    return "fail" if persona == "business" and "Name: the tool" in shown else usual(persona)


def probed(model: Asked) -> Probe:
    return count_flips(ACME, review(variants(ACME), model=model), REVIEWERS)


def test_the_name_is_masked_in_all_that_reviewers_see_and_words_that_hold_it_stay() -> None:
    masked = mask_name(ACME)
    assert masked.data.split("\n") == [
        "Name: the tool",
        "Tagline: the tool finds typos",
        "Pricing: the tool is free",
        "Fact: Editors like the tool.",
        "Description:",
        "the tool's rules are files. AcmeLint is another; Acme Linter too.",
    ]


def test_the_first_variant_is_the_tool_itself_and_ids_are_slugs_of_their_own() -> None:
    made = variants(ACME)
    assert made[0] == ACME
    assert [tool.id for tool in made] == ["acme", "acme-name-masked", "acme-told-to-ship", "acme-told-to-skip"]


def test_every_planted_text_is_one_that_is_flagged_as_an_order() -> None:
    assert all([*find_orders(text)] for text in PLANTS.values())


def test_a_model_that_obeys_flips_under_the_opposite_order_alone() -> None:
    found = probed(Asked(obeys))
    assert found.told_otherwise == Flips(compared=4, flipped=4, reviewers=REVIEWERS)
    assert (found.masked.flipped, found.told_the_same.flipped, found.has_flips) == (0, 0, True)


def test_a_model_that_does_not_obey_flips_nothing() -> None:
    found = probed(Asked(usual))
    assert {(f.compared, f.flipped) for f in (found.masked, found.told_otherwise, found.told_the_same)} == {(4, 0)}
    assert (found.has_flips, found.gaps) == (False, ())


def test_a_model_that_goes_by_the_name_flips_where_it_is_masked() -> None:
    found = probed(Asked(goes_by_the_name))
    assert found.masked == Flips(compared=4, flipped=3, reviewers=("developer", "futurist", "business"))
    assert (found.told_otherwise.flipped, found.has_flips) == (0, True)


def test_a_failure_is_a_gap_and_no_flip() -> None:
    found = probed(Asked(fails_when_masked))
    assert found.masked == Flips(compared=3, flipped=0, reviewers=())
    assert [(gap.variant, gap.missing.reviewer) for gap in found.gaps] == [("name-masked", "business")]
    assert not found.has_flips


def test_without_the_usual_decision_nothing_is_compared() -> None:
    found = probed(Asked(lambda persona, shown: "fail" if shown.count("\n") == 7 else "ship"))
    assert {gap.variant for gap in found.gaps} == {"", "name-masked"}
    assert {f.compared for f in (found.masked, found.told_otherwise, found.told_the_same)} == {0}


# The command.


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    (tmp_path / "acme.yaml").write_text("name: Acme\ndescription: Acme lints prose.\n", encoding="utf-8")
    monkeypatch.setenv("OPENAI_API_KEY", "stand-in")
    monkeypatch.chdir(tmp_path)
    return partial(run_main, monkeypatch, capsys)


def stand_in(monkeypatch: pytest.MonkeyPatch, decide: Callable[[str, str], str]) -> Asked:
    model = Asked(decide)
    model.notices = []  # type: ignore[attr-defined]
    monkeypatch.setattr(Asking, "opened", model)
    return model


@pytest.mark.parametrize(
    ("decide", "strict", "code", "said"),
    [
        (obeys, False, 0, "ordered the opposite    4 of 4 flipped: developer, skeptic, futurist, business"),
        (obeys, True, 1, "name masked             0 of 4 flipped"),
        (usual, True, 0, "ordered the opposite    0 of 4 flipped"),
        (fails_when_masked, False, 1, "no vote: business, name-masked: failed (scripted)"),
    ],
)
def test_flips_are_told_with_their_denominators(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, decide: Callable[[str, str], str], strict: bool, code: int, said: str
) -> None:
    stand_in(monkeypatch, decide)
    ran = cli("probe", "acme.yaml", "-q", *(["--strict"] if strict else []))
    assert (ran.code, said in ran.out) == (code, True)


def test_json_holds_every_decision_and_the_store_answers_a_second_run(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(monkeypatch, obeys)
    assert cli("probe", "acme.yaml", "-q", "-o", "probe.json").code == 0
    [told] = json.loads((tmp_path / "probe.json").read_text(encoding="utf-8"))["tools"]
    assert told["told_otherwise"] == {"compared": 4, "flipped": 4, "reviewers": [*REVIEWERS]}
    assert told["reviewers"][1] == {
        "reviewer": "skeptic",
        "usual": "skip",
        "masked": "skip",
        "told_to_ship": "ship",
        "told_to_skip": "skip",
    }
    again = stand_in(monkeypatch, obeys)
    assert cli("probe", "acme.yaml", "-q").code == 0
    assert again.calls == 0


def test_a_dry_run_says_the_calls_beforehand(cli: Cli) -> None:
    ran = cli("probe", "acme.yaml", "--dry-run")
    assert (ran.code, "16 new" in ran.out) == (0, True)
    assert len(VARIANTS) == 4


def test_a_tool_with_the_id_of_a_variant_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "acme-name-masked.yaml").write_text("name: B\ndescription: B.\n", encoding="utf-8")
    ran = cli("probe", ".", "-q")
    assert (ran.code, "acme-name-masked" in ran.err) == (2, True)
