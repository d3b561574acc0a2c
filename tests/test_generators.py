"""Generators: what Hugo and other programs make of the files that are written for them."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from filled import SLUG, article, outline, site_of, token, with_text
from hostile import HOSTILE
from random_panels import panel

from panelsynth.comparison import compare
from panelsynth.errors import InputError
from panelsynth.pages import Setting
from panelsynth.pages.generators import TARGETS, generator_files
from panelsynth.pages.plain import line
from panelsynth.pages.site import Site, SitePage

NODE = Path(__file__).parent / "node"
needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules" / ".ready").exists(),
    reason="needs Node and what 'make node' installs",
)
needs_hugo = pytest.mark.skipif(shutil.which("hugo") is None, reason="needs Hugo, such as Debian's package 'hugo'")
every_text = pytest.mark.parametrize("name", HOSTILE)


def page(
    slug: str = "acme-vs-bolt", status: Any = "approved", at: str = "2026-11-24T10:00:00Z", **over: Any
) -> SitePage:
    made = compare(panel("Acme", category="Lint/Format"), panel("Bolt", category="Writing"))
    approved = {"approved_by": "Ada", "approved_at": at} if status != "draft" else {}
    return SitePage(slug, made.model_copy(update={"status": status, **approved}), **over)


def site(*pages: SitePage, past: tuple[SitePage, ...] = (), templates: Path | None = None) -> Site:
    return Site(Setting(site="Ours", url="https://ours.example/", templates=templates), pages, (), past)


def front_of(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text.split("\n---\n", 1)[0].removeprefix("---\n"))
    return loaded


def only(made: Site, target: str) -> tuple[str, str]:
    [found] = generator_files(made, target)
    return found


def test_hugos_front_matter_has_dates_addresses_from_the_root_and_terms_without_paths() -> None:
    path, text = only(site(page("best-linters", aliases=("linters",))), "hugo")
    assert path == "content/compare/best-linters.md"
    assert front_of(text) == {
        "title": "Acme vs Bolt",
        "description": "Acme: 75% (3 of 4) ship; Bolt: 75% (3 of 4) ship.",
        "slug": "best-linters",
        "status": "approved",
        "draft": False,
        "date": "2026-11-24T10:00:00Z",
        "tools": ["acme", "bolt"],
        "percent": {"acme": 75, "bolt": 75},
        "disclosure": page().comparison.disclosure,
        "lastmod": "2026-11-24T10:00:00Z",
        "approved_by": "Ada",
        "aliases": ["/compare/linters/", "/compare/acme-vs-bolt/", "/compare/bolt-vs-acme/"],
        "categories": ["Lint-Format", "Writing"],
        "source_type": "trainedAlgorithmicMedia",
    }


def test_plain_markdown_has_the_same_with_names_in_place_of_addresses() -> None:
    path, text = only(site(page(aliases=("linters",))), "markdown")
    front = front_of(text)
    assert path == "compare/acme-vs-bolt.md"
    assert (front["aliases"], front["categories"]) == (["linters", "bolt-vs-acme"], ["Lint/Format", "Writing"])


def test_a_page_keeps_the_date_of_its_first_approval() -> None:
    earlier = page(at="2026-10-01T08:00:00Z")
    other = page("other", at="2025-01-01T00:00:00Z")
    front = front_of(only(site(page(), past=(earlier, other)), "hugo")[1])
    assert (front["date"], front["lastmod"]) == ("2026-10-01T08:00:00Z", "2026-11-24T10:00:00Z")


def test_a_draft_says_so_and_has_the_day_of_its_verdicts() -> None:
    front = front_of(only(site(page(status="draft")), "hugo")[1])
    assert (front["draft"], front["date"]) == (True, "2026-11-23")
    assert "lastmod" not in front


def test_an_address_that_another_page_has_is_no_alias() -> None:
    both = [front_of(text)["aliases"] for _, text in generator_files(site(page(), page("bolt-vs-acme")), "markdown")]
    assert both == [[], []]


@pytest.mark.parametrize("bad", ["../x", "a/b", "", ".", "A", "a--b", "a\n"])
def test_a_name_that_could_leave_the_folder_is_refused(bad: str) -> None:
    for made in (page(bad), page(aliases=(bad,))):
        with pytest.raises(InputError, match="cannot name a page"):
            list(generator_files(site(made), "hugo"))


def test_an_unknown_target_is_an_error_that_lists_the_targets() -> None:
    with pytest.raises(InputError, match="hugo, markdown"):
        list(generator_files(site(page()), "jekyll"))


@pytest.mark.parametrize("target", TARGETS)
def test_the_same_site_gives_the_same_bytes_ending_in_one_line_end(target: str) -> None:
    _, text = only(site(page()), target)
    assert text == only(site(page()), target)[1]
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize(
    "title", ["1e3", "0o17", "0x1F", "y", "N", "no", "~", "12:30:45", "2026-11-23", "=", "1_000", ".inf"]
)
def test_a_text_is_a_text_to_readers_of_any_yaml(title: str) -> None:
    """Unquoted, each of them is a number, a truth, a day or nothing to one reader or another."""
    made = page()
    named = SitePage(made.slug, made.comparison.model_copy(update={"title": title}))
    _, text = only(site(named), "hugo")
    assert f'title: "{title}"\n' in text
    assert front_of(text)["title"] == title


# A template of one's own


JEKYLL = """\
---
{{ {
  "layout": "comparison",
  "title": fields.title,
  "permalink": "/compare/" ~ fields.slug ~ "/",
  "redirect_from": fields.aliases,
} | yaml -}}
---

{% include "article.md.j2" %}
"""


def test_a_template_of_ones_own_writes_for_any_other_generator(tmp_path: Path) -> None:
    (tmp_path / "page.md.j2").write_text(JEKYLL, encoding="utf-8")
    made = page()
    named = SitePage(made.slug, made.comparison.model_copy(update={"title": 'a: "b" {{ c }}'}))
    _, text = only(site(named, templates=tmp_path), "markdown")
    assert front_of(text) == {
        "layout": "comparison",
        "title": 'a: "b" {{ c }}',
        "permalink": "/compare/acme-vs-bolt/",
        "redirect_from": ["bolt-vs-acme"],
    }
    assert "## Decision table" in text


# Real readers


@cache
def as_node_reads() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Read the page of each hostile text and its harmless twin as programs on Node do."""
    pages = [only(site_of(said), "markdown")[1] for text in HOSTILE.values() for said in (text, token(text))]
    told = subprocess.run(
        ["node", "read_markdown.mjs"], cwd=NODE, input=json.dumps(pages), capture_output=True, text=True, check=True
    )
    read = json.loads(told.stdout)
    return dict(zip(HOSTILE, zip(read[::2], read[1::2], strict=True), strict=True))


@needs_node
@every_text
def test_gray_matter_reads_the_front_matter_as_it_was_meant(name: str) -> None:
    read, expected = as_node_reads()[name]
    said = line(HOSTILE[name])
    assert read["data"] == json.loads(json.dumps(expected["data"]).replace("\\ue000", "\ue000")) | {
        "title": said,
        "categories": [said],
        "approved_by": said,
        "description": expected["data"]["description"].replace(token(HOSTILE[name]), said),
    }


@needs_node
@every_text
@pytest.mark.parametrize("reader", ["commonmark", "gfm"])
def test_readers_of_commonmark_and_gfm_see_the_harmless_page_with_the_text_in_its_place(name: str, reader: str) -> None:
    read, expected = as_node_reads()[name]
    assert outline(article(read[reader])) == with_text(outline(article(expected[reader])), HOSTILE[name])


@needs_node
@every_text
def test_mdx_finds_nothing_to_run_and_liquid_nothing_to_change(name: str) -> None:
    read, expected = as_node_reads()[name]
    assert read["mdx"]["kinds"] == expected["mdx"]["kinds"]
    assert not [kind for kind in read["mdx"]["kinds"] if kind.startswith("mdx")]
    assert read["liquid"]


@pytest.fixture(scope="module")
def hugo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a Hugo site of all hostile texts and their harmless twins, with Hugo's own settings."""
    root = tmp_path_factory.mktemp("hugo")
    layouts = root / "layouts" / "_default"
    layouts.mkdir(parents=True)
    (root / "config.toml").write_text('baseURL = "https://ours.example/"\n', encoding="utf-8")
    told = "<h1>{{ .Title }}</h1><p>{{ .Params.approved_by }}</p><p>{{ range .Params.tools }}{{ . }} {{ end }}</p>"
    frame = "<!doctype html><html><head><title>x</title></head><body>{}</body></html>"
    (layouts / "single.html").write_text(frame.format(told + "{{ .Content }}"), encoding="utf-8")
    (layouts / "list.html").write_text(frame.format("<h1>{{ .Title }}</h1>"), encoding="utf-8")
    for prefix, change in (("", str), ("h-", token)):
        for number, (_, text) in enumerate(generator_files(site_of(*map(change, HOSTILE.values())), "hugo")):
            path = root / "content" / "compare" / f"{prefix}{number}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            slug = f"{SLUG}-{number}" if number else SLUG
            named = text.replace(f'slug: "{slug}"', f'slug: "{prefix}{number}"')
            path.write_text(named.replace('"/compare/', f'"/compare/{prefix}'), encoding="utf-8")
    subprocess.run(["hugo", "--quiet"], cwd=root, capture_output=True, text=True, check=True)
    return root / "public"


@needs_hugo
@every_text
def test_hugo_shows_the_harmless_page_with_the_text_in_its_place(hugo: Path, name: str) -> None:
    number = [*HOSTILE].index(name)
    pages = ((hugo / "compare" / f"{prefix}{number}" / "index.html").read_text("utf-8") for prefix in ("", "h-"))
    read, expected = (outline(unnamed(one)) for one in pages)
    assert read == with_text(expected, HOSTILE[name])


def unnamed(html: str) -> Any:
    """Parse what Hugo wrote, without the names that it gives to headings, which it makes of their words."""
    root = article(html.split("<body>", 1)[1].rsplit("</body>", 1)[0])
    for node in root.iter():
        node.attrib.pop("id", None)
    return root


@needs_hugo
def test_hugo_writes_nothing_outside_the_folders_that_are_meant(hugo: Path) -> None:
    made = {path.relative_to(hugo).parts[0] for path in hugo.rglob("index.html")}
    assert made <= {"index.html", "compare", "categories", "tags"}
    wanted = {f"{prefix}{number}" for prefix in ("", "h-") for number in range(len(HOSTILE))}
    pages = {path.parent.name for path in (hugo / "compare").glob("*/index.html")}
    assert {name for name in pages if not name.endswith(("acme-vs-bolt", "bolt-vs-acme"))} == wanted
