"""HTML: self-contained pages, no script, nothing fetched."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from urllib.parse import urlsplit

from markupsafe import Markup

from ..language import language_of
from .json_ld import article_ld
from .plain import line
from .setting import Setting
from .templating import SHEETS, environment, stylesheet
from .words import words

_FRAME = {"description": "", "noindex": False, "kind": "website", "json_ld": None, "mark": "", "direction": "ltr"}
"""What a page may say of itself to the frame, and what holds when it does not."""


def render_page(template: str, values: Mapping[str, object], setting: Setting, sheets: Sequence[str] = SHEETS) -> str:
    """Write a template that extends `frame.html.j2`; its policy allows its own style sheet and nothing else.

    Args:
        template: its name, looked up in the theme's folder first.
        values: what it shows, as plain clean data; `title` is needed, and the frame takes `description`, `noindex`,
            `kind` (Open Graph's, `article` or `website`), `json_ld` (any JSON) and `mark` (of its `Disclosure`), too.
        setting: what surrounds it; its `path` is the page's own.
        sheets: names of its style sheets, in order.
    """
    css = stylesheet(setting, sheets=sheets)
    digest = b64encode(sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'{_form_action(setting)}"
    clean = _clean(setting)
    around = {"setting": clean, "root": clean.root, "css": Markup(css), "policy": policy}  # noqa: S704 - no text's own
    page = environment(setting.templates).get_template(template)
    return page.render({**_FRAME, "say": words(language_of("en")), **around, **values})


def render(view: dict[str, object], setting: Setting) -> str:
    """Write the view as a page."""
    about = {"description": view["headline"], "noindex": view["status"] != "approved", "kind": "article"}
    clean = _clean(setting)
    if view["language"] != "en":  # a site's own language speaks for pages that name none
        clean = replace(clean, language=str(view["language"]))
    shape = {"whole": True, "top": 1, "prefix": "", "json_ld": article_ld(view, clean)}
    return render_page("page.html.j2", {**view, **about, **shape}, clean)


def render_fragment(view: dict[str, object], setting: Setting) -> str:
    """Write the article alone, for an app's own page, which brings head and styles.

    Its ids begin with the comparison's own name, so that they clash with none of the app's.
    """
    article = environment(setting.templates).get_template("article.html.j2")
    shape = {"whole": False, "top": setting.heading, "prefix": f"panelsynth-{view['slug']}-"}
    return article.render({**view, **shape, "setting": _clean(setting), "root": setting.root})


def _form_action(setting: Setting) -> str:
    """Let the sign-up block's form reach its one host, where there is such a block."""
    if setting.signup is None:
        return ""
    action = urlsplit(setting.signup.action)
    return f"; form-action {action.scheme}://{action.netloc}"


def _clean(setting: Setting) -> Setting:
    """Make every text of a setting one clean line."""
    asked = setting.signup
    signup = asked and replace(asked, title=line(asked.title), text=line(asked.text), action=line(asked.action))
    site, publisher = line(setting.site), line(setting.publisher)
    return replace(
        setting, site=site, publisher=publisher, url=line(setting.url), path=line(setting.path), signup=signup
    )
