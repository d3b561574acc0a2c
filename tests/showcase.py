"""Pages to look at and to hold against rules: two to twelve tools, long and short texts, other scripts, every state.

The tools are made up, and so is whatever is said of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import panelsynth as ps
from panelsynth.comparison import Comparison, Waiver, compare
from panelsynth.grounding import fold, is_verbatim
from panelsynth.model import RecordedModel
from panelsynth.pages import Setting, Signup
from panelsynth.panel import Missing, Panel
from panelsynth.shipped import demo_recording, demo_tools
from panelsynth.tool import Fact, Plan, Pricing, Tool, Votes
from panelsynth.verdict import Edit, Evidence, Flag, Provenance, Usage, Verdict

REVIEWERS = {"developer": "Builder", "skeptic": "Skeptic", "futurist": "Futurist", "business": "Business"}

_TOOLS = (
    ("Lantern", "Search over your own documents, answered with the page it came from", "ship ship ship skip", 29),
    ("Quarry", "A warehouse for logs that is billed by what you read", "ship skip ship ship", None),
    ("Tern", "Tests for prompts, run on every pull request", "skip skip ship skip", 12),
    ("Harbour Models Enterprise Edition", "Hosted open models behind one address", "ship ship fail ship", 400),
    ("Pica", "Typesets long reports from Markdown", "ship ship ship ship", 0),
    ("Ombre", "Watches colour contrast in design files", "skip ship skip ship", 15),
    ("Ledgerline", "Books costs of model calls to the team that made them", "skip skip skip skip", 49),
    ("Wren", "A small voice model for kiosks", "ship skip skip fail", None),
    ("Fathom Notes", "Turns meetings into minutes with names attached", "skip ship ship ship", 18),
    ("Sieve", "Finds duplicated rows before they are billed", "ship fail fail fail", 5),
    ("Copperplate", "Handwriting recognition for archives", "ship ship skip skip", 90),
    ("Mistral-like Very Long Unhyphenated Product-Name 3B", "Edge inference", "skip ship ship skip", None),
)
_ABOUT = (
    "{name} is made for teams of five to fifty people who have outgrown a script and do not want a platform. It runs "
    "as one program next to the data, keeps its state in a folder, and answers over HTTP. Its maker says that a first "
    "result takes under ten minutes and that an upgrade has never needed a migration."
)
_SAID = {
    "developer": (
        "The primitive is one binary and one folder, which I can explain in a breath and remove in another. The bet is "
        "that people will write a file before they open a console, and for this audience I think that is right. The "
        "first real contact is a command that needs no account. What I cannot see is how it behaves when two of them "
        "share the folder, and the description does not say. A weekend would give me a sketch of {name}, not the part "
        "that survives a restart. {end}"
    ),
    "skeptic": (
        "Start with the rivals, which the description leaves out, and with the claim of ten minutes, which names no "
        "machine and no data. It breaks, I expect, on the day the data no longer fits beside the program. In twelve "
        "months a platform owner may well offer the same thing behind a switch. {end}"
    ),
    "futurist": (
        "The thesis is that within three years most teams of this size will keep this kind of tool next to their data, "
        "and that whoever sells the network loses a little. It depends on disks staying cheaper than bandwidth. The "
        "trend is early rather than late. If it comes true, {name} is plumbing, and nobody remembers having chosen it. "
        "{end}"
    ),
    "business": (
        "The buyer is whoever already signs for the servers, and the budget exists. At ten seats the price disappears "
        "in the noise; at a thousand somebody will ask for a contract that the description does not mention. There is "
        "no moat but habit. {end}"
    ),
}
_END = {
    "ship": "I ship it, and concede that the missing number could still turn out to be a bad one.",
    "skip": "I skip it: the strength is real, and so is the one thing that its maker has not said.",
}


def _provenance(source: str = "live", **over: Any) -> Provenance:
    given = {
        "key": "0" * 64,
        "model": "example-model-2",
        "answered_by": "example-model-2-2026-10-01",
        "source": source,
        "answered_at": "2026-11-23T10:00:00Z",
        "prompt_version": "a1b2c3d4e5f6",
        "usage": Usage(input=1412, output=655),
    }
    return Provenance.model_validate(given | over)


def _verdict(tool: Tool, reviewer: str, decision: Any, said: str = "", **over: Any) -> Verdict:
    quotes = (tool.description.split(". ")[0], "It doubles the speed of everything")
    fields = {
        "reviewer": reviewer,
        "title": REVIEWERS.get(reviewer, reviewer.title()),
        "decision": decision,
        "score": 74 if decision == "ship" else 41,
        "review": said or _SAID[reviewer].format(name=tool.name, end=_END[decision]),
        "rubric": {
            "primitive": said or "One program and one folder, reached over HTTP.",
            "dx_bet": said or "A file before a console; right for these teams.",
            "deciding_factor": said or "Whether two of them can share the folder.",
        },
        "evidence": tuple(Evidence(quote=q, verbatim=is_verbatim(q, fold(tool.data))) for q in quotes),
        "counter_case": said or "Whoever has two such machines has two of everything, and no way to see both.",
        "would_change": said or "A measurement by somebody else, on data that does not fit in memory.",
        "flags": (
            (Flag(kind="quote-not-verbatim", severity="loud", text="A quote is not in the data.", span=quotes[1]),)
            if reviewer == "skeptic"
            else ()
        ),
        "provenance": _provenance(),
    }
    return Verdict.model_validate({**fields, **over})


def _panel(at: int, **over: Any) -> Panel:
    name, tagline, votes, price = _TOOLS[at]
    plans: tuple[Plan, ...] = (Plan(kind="free", name="Community"),)
    if price:
        plans += (Plan(kind="subscription", name="Team", amount=Decimal(price), currency="USD", unit="seat and month"),)
    given: dict[str, Any] = {
        "id": name.lower().replace(" ", "-"),
        "name": name,
        "tagline": tagline,
        "category": ("Developer Tools", "Data", "Writing")[at % 3],
        "url": f"https://{name.split()[0].lower()}.example/",
        "best_for": "Teams that would rather read a file than a dashboard" if at % 2 else "One team, one machine",
        "description": _ABOUT.format(name=name),
        "pricing": Pricing(plans=plans, as_of=date(2026, 11, 20)) if price is not None else None,
        "votes": Votes(ship=31 + at, skip=19, as_of=date(2026, 11, 1)) if at % 2 == 0 else None,
    }
    tool = Tool.model_validate(given | over)
    words = dict(zip(REVIEWERS, votes.split(), strict=True))
    return Panel(
        tool=tool,
        verdicts=tuple(_verdict(tool, who, word) for who, word in words.items() if word != "fail"),
        missing=tuple(
            Missing(
                reviewer=who,
                title=REVIEWERS[who],
                state="failed",
                cause="timeout",
                message="No answer within 120 s, four times over.",
            )
            for who, word in words.items()
            if word == "fail"
        ),
    )


def demo() -> Comparison:
    """Give the demo that ships: two tools, replies written by hand."""
    tools = [ps.Tool.from_file(path) for path in sorted(demo_tools().iterdir())]
    first, second = ps.review(tools, model=RecordedModel(demo_recording()))
    return compare(second, first)


def several(count: int, status: Any = "draft", **over: Any) -> Comparison:
    """Compare the first so many tools."""
    return _in_state(compare(*(_panel(at) for at in range(count)), reviewers=tuple(REVIEWERS)), status, **over)


def _in_state(comparison: Comparison, status: Any, **over: Any) -> Comparison:
    given: dict[str, Any] = {"status": status}
    if status != "draft":
        given |= {"approved_by": "Noor Haddad", "approved_at": "2026-11-24T10:00:00Z"}
    if status == "retired":
        given |= {"retired_at": "2026-11-25T09:00:00Z", "retired_reason": "Lantern has been withdrawn by its maker."}
    return comparison.model_copy(update=given | over)


def edited() -> Comparison:
    """Compare two tools whose page an editor has worked on in every way there is."""
    first, second = _panel(0), _panel(1)
    changed = _verdict(
        first.tool,
        "business",
        "ship",
        edit=Edit(fields=("review", "decision"), decision_was="skip", reason="The price was halved on Monday."),
    )
    reworded = _verdict(first.tool, "skeptic", "ship", edit=Edit(fields=("review", "rubric.dx_bet")))
    by_hand = _verdict(
        second.tool,
        "skeptic",
        "skip",
        provenance=_provenance(
            "person", key="", model="", answered_by="Noor Haddad", answered_at="", prompt_version="", usage=None
        ),
    )
    kept = _verdict(second.tool, "futurist", "ship", kept="Only the tagline has changed.")
    mine = tuple({"business": changed, "skeptic": reworded}.get(v.reviewer, v) for v in first.verdicts)
    theirs = tuple({"skeptic": by_hand, "futurist": kept}.get(v.reviewer, v) for v in second.verdicts)
    made = compare(
        first.model_copy(update={"verdicts": mine}),
        second.model_copy(update={"verdicts": theirs}),
        reviewers=tuple(REVIEWERS),
    )
    intro = (
        "Both tools were announced in the same week, and both say that a script is no longer enough. We put them side "
        "by side because readers asked which of the two to try first.\n\nNeither of them has sent us anything."
    )
    waiver = Waiver(kind="quote-not-verbatim", reason="The maker reworded its page since.", by="Noor Haddad")
    return _in_state(made, "approved", intro=intro, waivers=(waiver,))


def long_texts() -> Comparison:
    """Compare a tool of which far too much is said with one of which hardly anything is."""
    said = " ".join([_SAID["developer"].format(name="It", end=_END["ship"])] * 5)
    wordy = Tool(
        id="wordy",
        name="Antidisestablishmentarianism-as-a-Service for Distributed Teams, Second Edition",
        tagline="A tagline that goes on, past the point at which anybody would have stopped, and then a little further",
        category="Infrastructure, Observability and Developer Productivity",
        description="\n\n".join([_ABOUT.format(name="It"), "x" * 400, _ABOUT.format(name="It")]),
        best_for="Organisations that have a committee for naming committees, and its sub-committees",
        pricing=Pricing(summary="It depends on seats, regions, retention, egress and goodwill. " * 3),
        facts=(Fact(claim="A fact that others have checked. " * 6, source="https://long.example/" + "path/" * 30),),
    )
    terse = Tool(id="x", name="X", description="A tool.")
    first = Panel(
        tool=wordy,
        verdicts=tuple(
            _verdict(wordy, who, "ship", f"{said}\n\n{said}", counter_case=said, would_change=said) for who in REVIEWERS
        ),
    )
    brief = tuple(
        _verdict(terse, who, "skip", "No.", rubric={}, evidence=(), counter_case="—", would_change="A reason.")
        for who in REVIEWERS
    )
    return compare(first, Panel(tool=terse, verdicts=brief), reviewers=tuple(REVIEWERS))


_RTL = (
    "منارة أداة للبحث في مستنداتك الخاصة، تجيب مع ذكر الصفحة التي جاء منها الجواب (الإصدار 2.1). تعمل بجوار البيانات "
    "وتحفظ حالتها في مجلد واحد، ويقول صانعها إن أول نتيجة لا تستغرق أكثر من 10 دقائق."
)
_HEBREW = "מגדלור הוא כלי לחיפוש במסמכים שלך; הוא עונה ומציין את העמוד (גרסה 2.1), והמחיר הוא $29 לחודש."
_CJK = (
    "灯台は社内文書を検索し、答えの出典となるページを示す道具です。データのそばで動き、状態は一つのフォルダーに保存されます。"
    "開発元によれば、最初の結果が出るまで十分もかかりません。"
)


def scripts() -> Comparison:
    """Compare tools written about in Arabic, Hebrew and Japanese."""
    made = []
    for name, text, tag, tongue, votes in (
        ("منارة", _RTL, "بحث في مستنداتك", "ar", "ship ship skip ship"),
        ("מגדלור AI", _HEBREW, "חיפוש במסמכים שלך", "he", "skip ship fail ship"),
        ("灯台サーチ", _CJK, "社内文書の検索", "ja", "ship skip ship skip"),
    ):
        tool = Tool(
            id=f"lamp-{tongue}",
            name=name,
            tagline=tag,
            category=tag.split()[-1],
            description=text,
            language=tongue,
            best_for=tag,
            pricing=Pricing(summary=text[:60], as_of=date(2026, 11, 20)),
        )
        words = dict(zip(REVIEWERS, votes.split(), strict=True))
        verdicts = tuple(_verdict(tool, who, word, text * 2) for who, word in words.items() if word != "fail")
        gaps = tuple(
            Missing(reviewer=who, title=REVIEWERS[who], state="abstained", cause="tied", message="Its samples tied.")
            for who, word in words.items()
            if word == "fail"
        )
        made.append(Panel(tool=tool, verdicts=verdicts, missing=gaps))
    return compare(*made, reviewers=tuple(REVIEWERS))


def setting(slug: str, **over: Any) -> Setting:
    """Give a site around a page."""
    given: dict[str, Any] = {
        "site": "The Tool Desk",
        "publisher": "Tool Desk Press",
        "url": "https://tooldesk.example/",
        "path": f"compare/{slug}.html",
        "on_site": True,
        "signup": Signup(
            title="One comparison a week",
            text="Every Thursday, the page that was argued about most. No other mail.",
            action="https://mail.tooldesk.example/join",
        ),
    }
    return Setting(**(given | over))


def pages() -> dict[str, tuple[Comparison, Setting]]:
    """Give every page by its name, with what surrounds it."""
    alone = {"two": demo(), "three": several(3), "failed": compare(_panel(9), _panel(7))}
    sited = {
        "seven": several(7, "approved"),
        "twelve": several(12),
        "edited": edited(),
        "retired": several(2, "retired"),
        "long": long_texts(),
        "scripts": scripts(),
    }
    found = {name: (comparison, Setting()) for name, comparison in alone.items()}
    return found | {name: (comparison, setting(name)) for name, comparison in sited.items()}


def write(folder: Path, names: Sequence[str] = ()) -> dict[str, Path]:
    """Write pages as files, for a browser."""
    written = {}
    for name, (comparison, around) in pages().items():
        if not names or name in names:
            written[name] = folder / f"{name}.html"
            written[name].write_text(comparison.to_html(setting=around), encoding="utf-8")
    return written
