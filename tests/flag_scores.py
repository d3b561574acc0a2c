"""How well flags do on the labelled cases: precision and recall by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flag_cases import KINDS, Case, Part, load_cases

from panelsynth.grounding import ground, panel_flags
from panelsynth.verdict import Answer, Evidence, Flag, Provenance, Usage, Verdict


@dataclass
class Score:
    """What one kind of flag got right and wrong."""

    hits: int = 0
    """Spans that deserve a flag, and have one."""
    misses: list[str] = field(default_factory=list)
    """Cases with a span that deserves a flag and has none."""
    strays: list[str] = field(default_factory=list)
    """Cases with a flag that nothing deserves."""

    @property
    def precision(self) -> float | None:
        """Hits among flags; None without flags."""
        given = self.hits + len(self.strays)
        return self.hits / given if given else None

    @property
    def recall(self) -> float | None:
        """Hits among spans that deserve a flag; None without any."""
        due = self.hits + len(self.misses)
        return self.hits / due if due else None


def score(part: Part) -> dict[str, Score]:
    """Score every kind on one part of the cases."""
    scores = {kind: Score() for kind in KINDS}
    for case in load_cases(part):
        _add(scores[case.kind], case, [flag.span for flag in flags_of(case) if flag.kind == case.kind])
    return scores


def table(scores: dict[str, Score]) -> str:
    """Write the scores as a table."""
    rows = [f"{'kind':24} precision  recall  hits  misses  strays"]
    for kind, found in scores.items():
        precision, recall = (
            f"{share:.3f}" if share is not None else "  -  " for share in (found.precision, found.recall)
        )
        rows.append(
            f"{kind:24} {precision:>9}  {recall:>6}  {found.hits:4}  {len(found.misses):6}  {len(found.strays):6}"
        )
    return "\n".join(rows)


def flags_of(case: Case) -> list[Flag]:
    """Flag one case as a run would: its verdict, and the panel of all its reviewers."""
    usage = Usage(input=case.limit.usage_input, output=1) if case.limit and case.limit.usage_input is not None else None
    _, flags = ground(case.answer, case.tool, banned=case.banned, usage=usage)
    verdicts = [_verdict(f"r{at}", answer, case) for at, answer in enumerate((case.answer, *case.others))]
    return [*flags, *panel_flags(case.tool, verdicts)]


def _verdict(reviewer: str, answer: Answer, case: Case) -> Verdict:
    born = Provenance(
        key="", model="", answered_by="", source="authored", answered_at=f"{case.today}T00:00:00Z", prompt_version=""
    )
    evidence = tuple(Evidence(quote=quote, verbatim=True) for quote in answer.evidence)
    said = answer.model_dump(exclude={"evidence"})
    return Verdict(reviewer=reviewer, title="", evidence=evidence, provenance=born, **said)


def _add(found: Score, case: Case, spans: Sequence[str]) -> None:
    if case.kind == "instruction-like-text":  # any flag within the planted passage is right
        due, given = bool(case.expect), bool(spans)
        found.hits += due and given
        found.misses += [case.id] * (due and not given)
        found.strays += [case.id] * (given and not due)
        return
    left = [*spans]
    for wanted in case.expect:
        hit = next((span for span in left if _meet(span, wanted)), None)
        if hit is None:
            found.misses.append(f"{case.id}: {wanted!r}")
        else:
            found.hits += 1
            left = [span for span in left if not _meet(span, wanted)]
    found.strays += [f"{case.id}: {span!r}" for span in left]


def _meet(span: str, wanted: str) -> bool:
    """Tell whether two spans speak of the same words: one holds the other, or they overlap."""
    one, other = (" ".join(text.casefold().split()) for text in (span, wanted))
    if not one or not other:
        return True
    overlap = any(one[-n:] == other[:n] or other[-n:] == one[:n] for n in range(3, min(len(one), len(other)) + 1))
    return one in other or other in one or overlap
