"""Workspace: a content team's folder, from files that people edit to a site that is published."""

from .config import CONFIG_NAME, Config
from .drafting import draft_comparison, draft_panel
from .folder import Workspace
from .review_file import ReviewFile
from .reviews import Review, reviews_of

__all__ = [
    "CONFIG_NAME",
    "Config",
    "Review",
    "ReviewFile",
    "Workspace",
    "draft_comparison",
    "draft_panel",
    "reviews_of",
]
