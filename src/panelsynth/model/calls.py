"""Calls: one review's calls to a model, repeated while their fault may pass, each paid for and kept."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pydantic import BaseModel

from ..errors import TRIES, CallError, EndpointError, PanelsynthError
from ..request import Request
from ..verdict import Answer
from .envelope import plain
from .gate import Gate
from .protocol import Keeper, Model, Reply
from .replies import read_answer, without_canary
from .spend import Bill, Spend

ATTEMPTS = 4
"""Calls that one review may take, whatever they fail of."""

GRACE = 4.0
"""Seconds that a cancelled run leaves to calls under way, so that replies already paid for are kept."""

PATIENCE = 60.0
"""Seconds of waiting that a server may ask for; beyond that the run ends and says when to go on."""

_LOG = logging.getLogger("panelsynth")
"""At INFO it names reviews and causes; what is asked and answered stands there at DEBUG alone."""

_FIRST_WAIT = 0.5
_ABOUT_THE_REPLY = {"empty-reply", "malformed-reply", "invalid-answer", "garbled-text", "canary-written", "truncated"}


@dataclass
class Calls:
    """What the calls of one run share: the model, the gate, the purse and the store."""

    model: Model
    gate: Gate
    spend: Spend = field(default_factory=Spend)
    note: Callable[[str], str] = "{} Answer again.".format
    """Words for the model about a fault of its last reply."""
    store: Keeper | None = None
    refresh: bool = False
    """Whether replies in the store are passed over."""
    _stopped: PanelsynthError | None = None
    """What every further call would meet, once one has met it."""

    async def answer(self, request: Request, answer_type: type[BaseModel]) -> tuple[Reply, Answer]:
        """Answer one request from the store, or by at most four calls.

        Raises:
            CallError: the last fault, where no repeat has helped.
            EndpointError: the server refuses every call, or asks to wait beyond patience.
            BudgetError: another call might cross a limit.
        """
        if self.store and not self.refresh:
            for reply in self.store.find(request.key):
                with contextlib.suppress(CallError):  # a reply that a stricter reader refuses is asked for anew
                    answer = read_answer(request, reply.text, answer_type)
                    _LOG.info("%s: in the store", request.label)
                    return reply, answer
        tries: dict[str, int] = {}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                reply = await self._call(request.model_copy(update={"label": f"{request.label}/{attempt}"}))
                answer = read_answer(request, reply.text, answer_type)
            except CallError as fault:
                exc = without_canary(request, fault)
                _LOG.info("%s: call %d failed: %s", request.label, attempt, exc.cause)
                tries[exc.cause] = tries.get(exc.cause, 0) + 1
                if attempt == ATTEMPTS or tries[exc.cause] >= TRIES.get(exc.cause, 1):
                    if self.store:
                        await self.store.note_failure(request, exc.cause, exc.message)
                    raise exc from None
                request = self._mended(request, exc)
                await self._pause(exc, attempt)
            else:
                _LOG.info("%s: answered by call %d", request.label, attempt)
                return reply, answer
        raise AssertionError

    async def _call(self, request: Request) -> Reply:
        """Make one call, in its turn and within the limits."""
        async with self.gate.passed(), self.spend.reserved(request) as bill:
            if self._stopped:
                raise self._stopped
            call = asyncio.ensure_future(self._paid(request, bill))
            try:
                return await asyncio.shield(call)
            except asyncio.CancelledError:
                if self.store:  # what is being paid for should be kept
                    await asyncio.wait([call], timeout=GRACE)
                call.cancel()
                await asyncio.gather(call, return_exceptions=True)
                raise

    async def _paid(self, request: Request, bill: Bill) -> Reply:
        """Ask, note what it cost, and keep the reply before anybody reads it."""
        _LOG.debug("%s: asks\n%s", request.label, _Lines(*(message.content for message in request.messages)))
        try:
            reply = await self.model.ask(request)
        except CallError as exc:
            _LOG.debug("%s: %s", request.label, exc.message)
            bill.settle(exc)
            if exc.wait is None or exc.wait <= PATIENCE:
                raise
            remedy = f"Run the same command again in {exc.wait:.0f} s; what is finished is kept."
            self._stopped = EndpointError(exc.message, cause="asked-to-wait", remedy=remedy)
            raise self._stopped from None
        except PanelsynthError as exc:
            self._stopped = exc
            raise
        _LOG.debug("%s: %s answers\n%s", request.label, plain(reply.answered_by), _Lines(reply.text))
        bill.settle(reply.usage)
        if bill.usd is not None and reply.source != "authored":
            reply = replace(reply, cost_usd=float(bill.usd))
        self.gate.answered()
        if self.store:
            await self.store.keep(request, reply)
        return reply

    async def _pause(self, exc: CallError, attempt: int) -> None:
        """Wait before the next attempt: as long as the server asks, else longer each time."""
        if exc.cause in _ABOUT_THE_REPLY:
            return
        wait = exc.wait if exc.wait is not None else _FIRST_WAIT * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311
        if exc.cause == "rate-limited":
            self.gate.limited(wait)
        await asyncio.sleep(wait)

    def _mended(self, request: Request, exc: CallError) -> Request:
        """Ask so that the fault is less likely: named to the model, or with more room."""
        if exc.cause not in _ABOUT_THE_REPLY:
            return request
        room = request.room * 2 if exc.cause == "truncated" else request.room
        return request.model_copy(update={"note": self.note(exc.message), "room": room})


class _Lines:
    """Texts that are made fit for a terminal only where somebody looks at them."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def __str__(self) -> str:
        return "\n".join(f"  {plain(line, 10_000)}" for text in self._texts for line in text.splitlines())
