"""Take pictures of pages in Debian's Chromium: every page of the tests' showcase, three widths, both colour schemes.

With `--readme`, make docs/page.png again and nothing else.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import showcase  # noqa: E402 - stands in tests/

WIDTHS = (360, 820, 1360)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


def take(browser: Browser, page: Path, picture: Path, width: int, scheme: str, *, clip: int = 0) -> None:
    """Photograph one page whole, or its first `clip` pixels."""
    dark = scheme == "dark"
    tab = browser.new_page(viewport={"width": width, "height": clip or 900}, color_scheme="dark" if dark else "light")
    tab.goto(page.as_uri())
    tab.screenshot(path=picture, full_page=not clip)
    tab.close()


def main() -> int:
    """Take the pictures that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pages of the showcase; all when none is named")
    parser.add_argument("-o", "--out", type=Path, default=ROOT / "out" / "screenshots")
    parser.add_argument("--schemes", nargs="+", default=["light", "dark"])
    parser.add_argument("--widths", nargs="+", type=int, default=[*WIDTHS])
    parser.add_argument("--readme", action="store_true", help="make docs/page.png")
    given = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("There is no chromium here: make browser installs it on Debian.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        pages = showcase.write(Path(folder), ["two"] if given.readme else given.names)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
            if given.readme:
                take(browser, pages["two"], ROOT / "docs" / "page.png", 1120, "light", clip=1240)
                return 0
            given.out.mkdir(parents=True, exist_ok=True)
            for name, page in pages.items():
                for width in given.widths:
                    for scheme in given.schemes:
                        take(browser, page, given.out / f"{name}-{width}-{scheme}.png", width, scheme)
    print(f"{given.out}: done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
