"""Paid replies: where they are kept, and the upkeep of what is there."""

from .database import DEFAULT_PATH
from .store import Store, part_digests
from .upkeep import Brief, Contents, Merged, Upkeep

__all__ = ["DEFAULT_PATH", "Brief", "Contents", "Merged", "Store", "Upkeep", "part_digests"]
