"""Page frame: head, structured data, theme, sign-up, links, fragments, and what editors did."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib  # type: ignore[import-untyped]
import pytest
import showcase
from hypothesis import given
from hypothesis import strategies as st

import panelsynth.pages
from panelsynth.comparison import Comparison
from panelsynth.errors import InputError
from panelsynth.pages import Setting, fragment_stylesheet, render, render_page, stylesheet
from panelsynth.pages.json_ld import source_type
from panelsynth.pages.plain import line
from panelsynth.pages.setting import Signup
from panelsynth.pages.theme import DARK, LIGHT, overrides

READABLE = ("html", "md", "txt")


def tree(page: str) -> Element:
    root: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    return root


def host(fragment: str) -> Element:
    return tree(f"<!doctype html><html><head><title>x</title></head><body>{fragment}</body></html>")


def words(page: str) -> str:
    return line(re.sub(r"[\s|]+", " ", page))


def metas(root: Element) -> dict[str | None, str | None]:
    return {one.get("name") or one.get("property"): one.get("content") for one in root.iter("meta")}


def data(page: str) -> Any:
    [script] = tree(page).iter("script")
    assert script.get("type") == "application/ld+json"
    return json.loads(script.text or "")


def edited() -> tuple[Comparison, Setting]:
    return showcase.edited(), showcase.setting("lantern-vs-quarry")


# Head


def test_a_page_of_a_site_says_where_it_stands_and_what_it_is() -> None:
    root = tree(render(*(edited()[0], "html", edited()[1])))
    said = metas(root)
    assert said["og:url"] == "https://tooldesk.example/compare/lantern-vs-quarry.html"
    assert (said["og:type"], said["og:title"], said["og:site_name"]) == (
        "article",
        "Lantern vs Quarry",
        "The Tool Desk",
    )
    assert said["og:description"] == said["description"] == "Lantern: 100% (4 of 4) ship; Quarry: 75% (3 of 4) ship."
    links = {(one.get("rel"), one.get("type")): one.get("href") for one in root.iter("link")}
    assert links == {
        ("canonical", None): said["og:url"],
        ("alternate", "application/atom+xml"): "../atom.xml",
        ("alternate", "application/feed+json"): "../feed.json",
    }
    assert root.findtext(".//title") == "Lantern vs Quarry · The Tool Desk"


def test_a_page_on_its_own_links_to_no_site() -> None:
    root = tree(render(showcase.several(2), "html"))
    assert list(root.iter("link")) == []
    assert {"og:url", "og:site_name"}.isdisjoint(metas(root))
    assert root.find(".//header[@class='site-head']") is None


def test_the_index_is_known_by_the_sites_own_address() -> None:
    assert Setting(url="https://a.example/", path="index.html").canonical == "https://a.example/"
    assert Setting(path="index.html").canonical == ""


def test_every_page_bears_iptcs_mark_of_how_its_text_came_to_be() -> None:
    marks = {
        "trainedAlgorithmicMedia": showcase.several(2),
        "compositeWithTrainedAlgorithmicMedia": showcase.edited(),
        "digitalCreation": showcase.demo(),
    }
    for mark, comparison in marks.items():
        page = render(comparison, "html")
        assert metas(tree(page))["digital-source-type"] == f"http://cv.iptc.org/newscodes/digitalsourcetype/{mark}"
        assert data(page)["digitalSourceType"] == source_type(mark)
    assert source_type("trainedAlgorithmicMedia") == "https://schema.org/TrainedAlgorithmicMediaDigitalSource"


def test_the_policy_lets_a_form_reach_its_host_only_where_there_is_one() -> None:
    for signup, tail in ((showcase.setting("x").signup, "; form-action https://mail.tooldesk.example"), (None, "")):
        page = render(showcase.several(2), "html", showcase.setting("x", signup=signup))
        style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
        assert style
        digest = b64encode(sha256(style[1].encode()).digest()).decode()
        policy = next(one.get("content") for one in tree(page).iter("meta") if one.get("http-equiv"))
        assert policy == f"default-src 'none'; style-src 'sha256-{digest}'{tail}"
        assert (tree(page).find(".//form") is None) == (signup is None)


# Structured data


def test_structured_data_is_of_an_article_by_a_program_about_programs() -> None:
    told = data(render(*(edited()[0], "html", edited()[1])))
    assert told["@type"] == "Article"
    assert told["creator"] == [{"@type": "SoftwareApplication", "name": "example-model-2-2026-10-01"}]
    assert [one["@type"] for one in told["about"]] == ["SoftwareApplication"] * 2
    assert told["publisher"] == {"@type": "Organization", "name": "Tool Desk Press"}
    assert "Person" not in json.dumps(told)


def test_only_votes_of_a_community_make_a_rating() -> None:
    first, second = data(render(showcase.edited(), "html"))["about"]
    rated = {"ratingValue": 62, "ratingCount": 50, "bestRating": 100, "worstRating": 0}
    assert first["aggregateRating"] == {"@type": "AggregateRating", **rated}
    assert "aggregateRating" not in second


def test_reviews_are_told_of_once_approved_and_carry_no_rating() -> None:
    assert "review" not in data(render(showcase.several(2), "html"))
    comparison, around = edited()
    page = render(comparison, "html", around)
    reviews = data(page)["review"]
    assert len(reviews) == 8
    ids = {one.get("id") for one in tree(page).iter()}
    assert {one["url"].partition("#")[2] for one in reviews} <= ids
    assert sum("creator" not in one for one in reviews) == 1  # an editor wrote that one
    assert "reviewRating" not in json.dumps(reviews)


def test_no_model_is_named_as_author_of_what_was_written_by_hand() -> None:
    assert "creator" not in data(render(showcase.demo(), "html"))


@given(st.text(st.one_of(st.sampled_from("<>&'\"/!-\u2028\u2029]"), st.characters(codec="utf-8")), min_size=1))
def test_no_title_ends_the_structured_data(title: str) -> None:
    page = render(showcase.several(2).model_copy(update={"title": f"a{title}</script><!--"}), "html")
    assert data(page)["headline"] == line(f"a{title}</script><!--")


# What editors did


@pytest.mark.parametrize("form", READABLE)
def test_edits_kept_and_written_verdicts_and_the_approval_are_said(form: str) -> None:
    comparison, around = edited()
    written = render(comparison, form, around)
    page = words("".join(tree(written)[1].itertext()) if form == "html" else written)
    for part in (
        "editor changed skip to ship and edited review: The price was halved on Monday.",
        "an editor changed review, DX bet",
        "Written by an editor",
        "Only the tagline has changed.",
        "Approved by Noor Haddad on 2026-11-24",
        "Neither of them has sent us anything.",
        "Noor Haddad let a flag stand (quote-not-verbatim): The maker reworded its page since.",
        comparison.disclosure,
    ):
        assert part in page.replace("*", "").replace("\\", "")


@pytest.mark.parametrize("form", READABLE)
def test_a_retired_page_says_so_and_why_before_the_first_tool(form: str) -> None:
    page = words(re.sub(r"</?bdi>", "", render(showcase.several(2, "retired"), form)))
    assert page.index("It was retired on 2026-11-25: Lantern has been") < page.index("is made for teams")


def test_a_vote_that_differs_from_the_others_in_origin_says_so_in_the_table() -> None:
    root = tree(render(showcase.edited(), "html"))
    said = [line("".join(cell.itertext())) for cell in root.findall(".//table[@class='votes']//td")]
    assert said == ["Ship", "Ship", "ShipEdited", "SkipWritten by an editor", "Ship", "ShipKept", "ShipEdited", "Ship"]


# Links, and many tools


def test_names_lead_to_their_pages_on_a_site_and_nowhere_without_one() -> None:
    def inside(page: str) -> set[str]:
        found = {one.get("href") or "" for one in tree(page).iter("a")}
        return {href for href in found if not href.startswith(("#", "https:"))}

    assert inside(render(*(edited()[0], "html", edited()[1]))) == {
        *(f"../{name}index.html" for name in ("", "tools/", "reviewers/")),
        "../tools/lantern.html",
        "../tools/quarry.html",
        *(f"../reviewers/{name}.html" for name in showcase.REVIEWERS),
    } | {"../atom.xml", "../feed.json"}
    assert inside(render(edited()[0], "html")) == set()


@pytest.mark.parametrize("count", range(2, 13))
def test_every_table_names_each_tool_once_and_heads_every_row_and_column(count: int) -> None:
    root = tree(render(showcase.several(count), "html"))
    decisions, votes, _ = root.findall(".//table")
    names = [panel.tool.name for panel in showcase.several(count).panels]
    for table in (decisions, votes):
        heads = [line("".join(cell.itertext())) for cell in table.iter("th")]
        assert [head for head in heads if head in names] == names
        rows = {len(list(row)) for row in table.iter("tr")}
        assert len(rows) == 1
        assert all(row[0].tag == "th" for row in table.findall("tbody/tr"))


def test_many_tools_are_summed_up_by_their_labels() -> None:
    page = words("".join(tree(render(showcase.several(12), "html"))[1].itertext()))
    assert "Of twelve tools, five get more votes to ship than to skip, three get more votes to skip" in page
    assert "three split the panel evenly and one has too few votes to count." in page


# Fragments


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_fragment_begins_at_the_level_that_is_asked_for(level: int) -> None:
    root = host(showcase.edited().to_html(fragment=True, setting=Setting(heading=level)))
    found = [int(one.tag[1]) for one in root.iter() if re.fullmatch(r"h[1-6]", str(one.tag))]
    assert found[0] == level
    assert {*found} == {level, level + 1, level + 2, level + 3}


@pytest.mark.parametrize("level", [0, 4])
def test_a_level_that_leaves_no_room_below_it_is_refused(level: int) -> None:
    with pytest.raises(InputError, match="should be 1, 2 or 3"):
        Setting(heading=level)


def test_a_fragment_is_one_article_without_head_style_or_script() -> None:
    fragment = showcase.edited().to_html(fragment=True)
    body = host(fragment)[1]
    assert [(one.tag, one.get("class")) for one in body] == [("article", "panelsynth")]
    assert {"style", "script", "main", "nav"}.isdisjoint({one.tag for one in body.iter()})
    ids = [one.get("id") for one in body.iter() if one.get("id")]
    assert all(str(one).startswith("panelsynth-lantern-vs-quarry-") for one in ids)
    named = {one.get(name) for one in body.iter() for name in ("for", "aria-labelledby") if one.get(name)}
    assert named <= {*ids}


def test_a_fragments_styles_hold_inside_it_only() -> None:
    css = fragment_stylesheet(Setting(variables={"paper": "#fff"}))
    assert css.startswith(".panelsynth {\n")
    assert css.count("{") == css.count("}")
    assert ":root" not in css
    assert "& { --paper: #fff; }" in css


# Theme


def test_the_theme_knows_the_colours_of_the_style_sheet() -> None:
    css = stylesheet()
    light, dark = css.split("@media (prefers-color-scheme: dark)", 1)
    for held, colours in ((light, LIGHT), (dark.split("}", 1)[0], DARK)):
        found = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", held))
        assert found == colours


def test_our_own_colours_can_be_read() -> None:
    assert overrides({}) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("soft", "#999"),
        ("dark-ink", "#555555"),
        ("paper", "#777"),
        ("Paper", "#fff"),
        ("--paper", "#fff"),
        ("serif", "url(//evil.example/x)"),
        ("serif", "image-set('x')"),
        ("measure", "calc(1px"),
        ("measure", "1px) (2px"),
        ("serif", "'Georgia"),
        ("paper", "#fff; } body { display: none"),
        ("paper", "</style>"),
        ("paper", "#fff /* x"),
        ("paper", "\\66"),
    ],
)
def test_a_variable_that_hides_text_or_leaves_its_place_is_refused(name: str, value: str) -> None:
    with pytest.raises(InputError, match="theme"):
        stylesheet(Setting(variables={name: value}))


def test_a_colour_that_is_not_in_hexadecimal_is_taken_on_trust() -> None:
    css = overrides(
        {"ink": "oklch(40% 0.1 200)", "serif": "Georgia, 'Times New Roman', serif", "width": "min(70rem, 90%)"}
    )
    assert "--ink: oklch(40% 0.1 200);" in css
    assert ":root { --serif: Georgia, 'Times New Roman', serif; --width: min(70rem, 90%); }" in css


@given(st.text(st.sampled_from("(){};:'\"/*#abcurl09-,. \\<>@"), max_size=30))
def test_whatever_is_taken_for_a_value_stays_one(value: str) -> None:
    try:
        css = overrides({"note": value})
    except InputError:
        return
    assert css == f":root {{ --note: {value}; }}\n"
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", value)
    assert bare.count("(") == bare.count(")")
    assert not re.search(r"[;{}<>\\@:'\"]|/\*|url\(", bare)


def test_a_theme_overrides_one_part_or_one_block_and_leaves_the_rest(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "provenance.html.j2").write_text("<p>Ask us.</p>", encoding="utf-8")
    (tmp_path / "article.html.j2").write_text(
        '{% extends "panelsynth/article.html.j2" %}{% block signup %}<p>{{ isolate("A", ["A"]) }}</p>{% endblock %}',
        encoding="utf-8",
    )
    (tmp_path / "theme.css").write_text("body { margin: 0 }", encoding="utf-8")
    page = render(showcase.several(2), "html", showcase.setting("x", templates=tmp_path))
    assert "<p>Ask us.</p>" in page
    assert "<p><bdi>A</bdi></p>" in page
    assert "<form" not in page
    assert "body { margin: 0 }" in page
    assert ".site-head" in page
    assert "Decision table" in page


def test_a_themes_style_sheet_cannot_end_its_element(tmp_path: Path) -> None:
    (tmp_path / "page.css").write_text("p {} </style><script>", encoding="utf-8")
    with pytest.raises(InputError, match="holds HTML"):
        render(showcase.several(2), "html", Setting(templates=tmp_path))


def test_a_theme_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    for colour in ("red", "blue"):
        (tmp_path / "frame.css").write_text(f"body {{ color: {colour} }}", encoding="utf-8")
        assert colour in stylesheet(Setting(templates=tmp_path))


def test_any_template_of_a_theme_stands_in_the_same_frame(tmp_path: Path) -> None:
    (tmp_path / "about.html.j2").write_text(
        '{% extends "frame.html.j2" %}{% block main %}<h1>{{ title }}</h1>{% endblock %}', encoding="utf-8"
    )
    around = showcase.setting("x", templates=tmp_path, path="about.html", signup=None)
    root = tree(render_page("about.html.j2", {"title": "About <us>"}, around))
    assert root.findtext(".//h1") == "About <us>"
    assert metas(root)["og:type"] == "website"
    assert "robots" not in metas(root)
    assert [one.get("href") for one in root.findall(".//header//a")] == [
        "index.html",
        *(f"{name}index.html" for name in ("", "tools/", "reviewers/")),
    ]


# What docs/theming.md says


DOC = (Path(__file__).parents[1] / "docs" / "theming.md").read_text(encoding="utf-8")


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOC, re.DOTALL | re.MULTILINE)


def listed(section: str) -> list[str]:
    text = DOC.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return [
        word for row in re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE) for word in re.findall(r"`([^`]+)`", row)
    ]


def test_the_example_of_the_docs_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for template in fenced("jinja"):
        place = Path(template.split()[1])
        place.parent.mkdir(exist_ok=True)
        place.write_text(template, encoding="utf-8")
    for program, parts in zip(
        fenced("python"),
        (["Ask <bdi>us</bdi> where", "Set in our own type.", "--link: #ffd479"], ['<h3 class="title']),
        strict=True,
    ):
        names: dict[str, Any] = {}
        exec(compile(program, "docs/theming.md", "exec"), names)  # noqa: S102 - our own page
        assert [part for part in parts if part not in names["html"]] == []
    assert "& { --link: #7a0050; }" in names["css"]


def test_the_docs_list_every_variable_and_every_template_with_its_blocks() -> None:
    assert sorted(listed("Variables")) == sorted({*re.findall(r"^  --([a-z]+):", stylesheet(), re.MULTILINE)})
    folder = Path(panelsynth.pages.__file__).parent / "templates"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.parent.name != "site"}
    assert {*listed("Templates")} <= files
    assert {name for name in files if name.startswith("parts/")} <= {*listed("Templates")}
    for name in ("frame.html.j2", "article.html.j2"):
        blocks = {*re.findall(r"{% block (\w+)", (folder / name).read_text(encoding="utf-8"))}
        row = re.search(rf"^\| `{re.escape(name)}` \|.*blocks (.*) \|$", DOC, re.MULTILINE)
        assert row
        assert {*re.findall(r"`(\w+)`", row[1])} == blocks


@pytest.mark.parametrize(
    "action",
    [
        "https://a.example; script-src *",
        "https://a.example/ok; default-src *\n",
        "javascript:alert(1)",
        "https://",
        "https://user:secret@a.example/",
        "//a.example/join",
        "https://a.example'/join",
    ],
)
def test_a_form_posts_to_a_plain_web_address_or_nowhere(action: str) -> None:
    """Its host stands in the page's policy, to which nothing else may be added."""
    with pytest.raises(InputError, match="no address that a sign-up form may post to"):
        Signup(title="Join", text="Weekly", action=action)
