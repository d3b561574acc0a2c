"""The engine as a whole, on real sockets: nothing is lost, nothing false is believed, no key gets out."""

from __future__ import annotations

import socket
import time
import traceback
from collections.abc import Sequence

import pytest
from fault_server import (
    BELIEVABLE,
    CLEANABLE,
    FATAL,
    INSTALLED,
    LASTING,
    MALFORMED,
    PASSING,
    SALVAGED,
    STEPS,
    FaultServer,
    Plan,
    faulty,
)
from pydantic import SecretStr
from wire import KEY

import panelsynth as ps
from panelsynth.errors import TRIES, EndpointError, PanelsynthError
from panelsynth.model import Endpoint
from panelsynth.model.calls import ATTEMPTS
from panelsynth.persona import SHIPPED

STALLING = {"hang", "drip"}
HEAVY = {"bomb", "huge"}
LOST = {**PASSING, **MALFORMED, **LASTING}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panelsynth.model.calls._FIRST_WAIT", 0.01)


def tools(count: int) -> list[ps.Tool]:
    return [
        ps.Tool(id=f"tool-{n}", name=f"Tool {n}", description=f"Linter number {n} for prose.") for n in range(count)
    ]


def reviewed(
    server: FaultServer, count: int = 1, personas: Sequence[str] = ("skeptic",), deadline: float = 3
) -> list[ps.Panel]:
    model = ps.OpenAIModel(endpoint=Endpoint("m-1", server.url, SecretStr(KEY)), deadline=deadline)
    return ps.review(tools(count), model=model, personas=personas, in_flight=16)


def decisions(panels: Sequence[ps.Panel]) -> dict[str, str]:
    return {f"{panel.tool.id}/{vote.reviewer}": vote.decision for panel in panels for vote in panel.verdicts}


def causes(panels: Sequence[ps.Panel]) -> dict[str, str]:
    return {f"{panel.tool.id}/{gap.reviewer}": gap.cause for panel in panels for gap in panel.missing}


def written(panels: Sequence[ps.Panel]) -> str:
    return "\n".join(panel.model_dump_json() for panel in panels)


@pytest.mark.parametrize("seed", [1, 2])
def test_at_thirty_percent_faults_every_review_ends_and_no_vote_is_invented(seed: int) -> None:
    with faulty(Plan(seed=seed)) as server:
        panels = reviewed(server, 15, SHIPPED, deadline=1)
    voted, lost = decisions(panels), causes(panels)
    assert len(voted) + len(lost) == 60
    assert {*lost.values()} <= {*TRIES}
    assert voted == {review: server.truth[review] for review in voted}
    assert {server.last[review] for review in voted} <= BELIEVABLE
    assert len(voted) >= 58
    assert max(len([c for c in server.received if c.review == review]) for review in server.truth) <= ATTEMPTS
    assert KEY not in written(panels)


def test_shares_are_counted_from_what_the_server_answered() -> None:
    with faulty(Plan(seed=3)) as server:
        panels = reviewed(server, 5, SHIPPED, deadline=1)
    for panel in panels:
        told = [server.truth[f"{panel.tool.id}/{vote.reviewer}"] for vote in panel.verdicts]
        assert (panel.tally.ships, panel.tally.skips) == (told.count("ship"), told.count("skip"))


@pytest.mark.parametrize("kind", [*LOST])
def test_a_fault_that_never_passes_ends_in_a_named_cause(kind: str) -> None:
    with faulty(Plan((kind,), share=1)) as server:
        panels = reviewed(server, deadline=0.3 if kind in STALLING else 3)
    assert decisions(panels) == {}
    assert {*causes(panels).values()} <= {*TRIES}
    assert 1 <= len(server.received) <= ATTEMPTS
    assert len(server.received) == TRIES[causes(panels)["tool-0/skeptic"]]
    assert KEY not in written(panels)


@pytest.mark.parametrize("kind", [*SALVAGED])
def test_what_can_be_set_right_here_is_not_paid_for_again(kind: str) -> None:
    with faulty(Plan((kind,), share=1)) as server:
        panels = reviewed(server)
    assert decisions(panels) == server.truth
    assert len(server.received) == 1


@pytest.mark.parametrize("kind", [*CLEANABLE])
def test_unfit_characters_are_cleaned_or_refused(kind: str) -> None:
    with faulty(Plan((kind,), share=1)) as server:
        panels = reviewed(server)
    assert not {"\x07", "\x1b", "\u202e", "\ud83d"} & {*written(panels)}
    assert decisions(panels) == server.truth or {*causes(panels).values()} <= {*TRIES}
    assert len(server.received) <= ATTEMPTS


@pytest.mark.parametrize("kind", [*STEPS])
def test_what_a_server_never_takes_is_asked_for_otherwise(kind: str) -> None:
    with faulty(Plan((kind,), share=1)) as server:
        panels = reviewed(server, 4)
    assert decisions(panels) == server.truth
    assert max(server.labels.values()) <= ATTEMPTS


@pytest.mark.parametrize("kind", [*FATAL])
def test_a_fatal_answer_stops_the_run_with_what_is_in_flight(kind: str) -> None:
    started = time.monotonic()
    with faulty(Plan((kind,), share=1, seconds=0.02)) as server, pytest.raises(EndpointError) as caught:
        reviewed(server, 60, SHIPPED)
    assert time.monotonic() - started < 3
    assert 1 <= len(server.received) <= 16
    assert caught.value.remedy
    assert KEY not in shown(caught.value)
    assert server.strayed == 0


def shown(error: PanelsynthError) -> str:
    return "\n".join([repr(error), repr(vars(error)), *traceback.format_exception(error)])


def test_an_unknown_model_of_a_local_server_names_the_installed_ones() -> None:
    with faulty(Plan(("unknown-model",), share=1)) as server, pytest.raises(EndpointError) as caught:
        reviewed(server)
    assert INSTALLED[0] in str(caught.value)


@pytest.mark.parametrize("kind", sorted(STALLING | HEAVY))
def test_neighbours_of_a_stalling_or_enormous_reply_keep_voting(kind: str) -> None:
    class OneBad(Plan):
        def kind(self, label: str, before: int) -> str:
            return self.kinds[0] if label.startswith("tool-0/") else "ok"

    with faulty(OneBad((kind,))) as server:
        panels = reviewed(server, 12, deadline=1)
    assert decisions(panels[1:]) == {review: said for review, said in server.truth.items() if "tool-0/" not in review}
    assert len(decisions(panels[1:])) == 11
    assert {*causes(panels)} == {"tool-0/skeptic"}


def test_a_server_that_answers_one_at_a_time_is_asked_once_per_review() -> None:
    with faulty(Plan(share=0, seconds=0.05, places=1)) as server:
        panels = ps.review(tools(8), model=ps.OpenAIModel("m-1", base_url=server.url), personas="skeptic")
    assert decisions(panels) == server.truth
    assert len(server.received) == 8


@pytest.mark.parametrize("around", ["{}\n", " {} ", "\t{}\r\n"])
def test_a_key_with_blanks_around_it_is_stripped_before_it_is_sent(
    around: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_KEY", around.format(KEY))
    with faulty(Plan(("500",), share=1)) as server:
        model = ps.OpenAIModel("m-1", base_url=server.url, key_env="LOCAL_KEY")
        panels = ps.review(tools(1), model=model, personas="skeptic")
    assert {call.key for call in server.received} == {KEY}
    assert KEY not in written(panels)


@pytest.mark.parametrize("inside", ["{}\nX: y", "{} {}", "{}é"])
def test_a_key_that_no_header_can_carry_is_refused_unseen(inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_KEY", inside.format(KEY, KEY))
    with faulty() as server, pytest.raises(PanelsynthError) as caught:
        ps.OpenAIModel("m-1", base_url=server.url, key_env="LOCAL_KEY")
    assert KEY not in shown(caught.value)
    assert server.received == []


def test_nothing_that_listens_stops_the_run() -> None:
    with faulty() as server, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server.url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        with pytest.raises(EndpointError) as caught:
            reviewed(server, 8, SHIPPED)
    assert caught.value.cause == "unreachable"
    assert server.url in str(caught.value)
    assert KEY not in shown(caught.value)
