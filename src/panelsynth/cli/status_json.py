"""The status of a workspace for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..preflight import combine
from ..workspace.reviews import pinned

if TYPE_CHECKING:
    from pathlib import Path

    from ..preflight import Preflight
    from ..workspace import Review, Workspace
    from ..workspace.plan import Plan
    from ..workspace.states import PageState, Survey


def status_json(workspace: Workspace, found: Survey, plan: Plan, costs: dict[str, Preflight]) -> dict[str, object]:
    """Put a survey into plain data; paths are relative to the workspace's folder."""
    whole = combine(costs.values())
    return {
        "schema_version": 1,
        "site": workspace.config.site.name,
        "model": pinned(workspace.config),
        "clean": found.is_clean,
        "pages": [_page(page) for page in found.pages],
        "reviews": [_review(workspace, review) for review in found.reviews],
        "on_no_page": [_name(review) for review in found.apart],
        "strays": [*found.strays],
        "refresh": {
            "calls": whole.calls,
            "from_store": len(plan.held),
            "causes": {cause: part.calls for cause, part in costs.items()},
            "usd": None if whole.usd is None else float(whole.usd),
            "most_usd": None if whole.most_usd is None else float(whole.most_usd),
        },
    }


def _page(page: PageState) -> dict[str, object]:
    return {
        "slug": page.file.slug,
        "title": page.draft.title,
        "tools": [*page.file.tools],
        "state": page.standing,
        "approved_by": page.published.approved_by if page.published else "",
        "approved_at": page.published.approved_at if page.published else "",
        "wanting": [_name(review) for review in page.wanting],
        "flags": [{"tool": one.tool, "reviewer": one.reviewer, **one.flag.model_dump()} for one in page.flags],
        "next": page.next_step,
    }


def _review(workspace: Workspace, review: Review) -> dict[str, object]:
    def place(path: Path | None) -> str | None:
        return path.relative_to(workspace.root).as_posix() if path else None

    return {
        "review": _name(review),
        "state": review.state,
        "reason": review.reason,
        "edited": bool(review.file and review.file.is_edited),
        "path": place(review.path),
        "beside": place(review.beside),
    }


def _name(review: Review) -> str:
    return f"{review.tool.id}/{review.persona.id}"
