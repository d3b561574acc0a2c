"""Notices: what of a site is missing, stale or waiting, each with the command that mends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..errors import InputError
from ..pages.site import Site
from .desk import Desk
from .folder import Workspace
from .publication import is_behind


def keep_to_cap(workspace: Workspace, site: Site) -> None:
    """Refuse to build more comparisons than the settings allow.

    Raises:
        InputError: there are more.
    """
    cap = workspace.config.site.max_comparisons
    if len(site.pages) > cap:
        remedy = (
            "Search engines treat pages by the hundred as scaled content: publish those that somebody would look for;"
            " or raise max_comparisons in [site] of panelsynth.toml."
        )
        raise InputError(f"{len(site.pages)} comparisons, and max_comparisons is {cap}", remedy=remedy)


def find_notices(desk: Desk, site: Site, *, drafts: bool) -> Iterator[str]:
    """Say what is missing, stale or waiting, each with the command that mends it."""
    reviews = [review for tool in sorted(_on_pages(desk)) for review in desk.reviews(tool)]
    states = Counter(review.state for review in reviews if review.is_asked_for)
    if states:
        listed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        yield f"{sum(states.values())} reviews to ask for ({listed}): panelsynth review"
    if waiting := [review for review in reviews if review.beside and not review.is_asked_for]:
        first, rest = waiting[0].beside, f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        yield f"{first}{rest}: a new draft beside what somebody has written: take what you want, and remove it"
    for page in site.pages:
        if page.comparison.status == "approved" and page.slug in desk.workspace.comparisons:
            if is_behind(page.comparison, desk.draft(page.slug)):
                yield f"{page.slug}: an update waits for approval: panelsynth approve {page.slug}"
        elif page.comparison.status == "approved":
            yield f"{page.slug}: is online and has no file in comparisons/ any more: panelsynth retire {page.slug}"
    hidden = {*desk.workspace.comparisons} - {page.slug for page in site.pages}
    if hidden and not drafts:
        what = "1 draft is" if len(hidden) == 1 else f"{len(hidden)} drafts are"
        yield f"{what} not shown: panelsynth approve SLUG, or panelsynth build --drafts"


def _on_pages(desk: Desk) -> set[str]:
    return {tool for page in desk.workspace.comparisons.values() for tool in page.tools}
