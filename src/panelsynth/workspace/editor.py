"""Editor: who works in a workspace, by the name that git or the system knows."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def git_name(folder: Path) -> str:
    """Name who is at work in a folder by git's user name there; empty where git is not there or knows none."""
    git = shutil.which("git")
    if git is None:
        return ""
    words = [git, "-C", str(folder), "config", "user.name"]
    ran = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603 - fixed words
    return " ".join(ran.stdout.split())


def editor_name(folder: Path) -> str:
    """Name who is at work in a folder: git's user name there, else the system's; empty where neither knows one."""
    return git_name(folder) or os.environ.get("USER") or os.environ.get("USERNAME") or ""
