"""Markdown of our own files and catalogues as HTML."""

import re
from itertools import pairwise

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_PAGE = re.compile(r"([a-z-]+)\.md(#.*)?")


def render(text: str, *, at: str) -> SafeString:
    """A page: its headings can be linked to, and its links to `other.md` lead to `at`/other."""
    tokens = _MARKDOWN.parse(text)
    for before, inline in pairwise(tokens):
        if before.type == "heading_open":
            before.attrSet("id", slug_of(inline.content))
    for token in tokens:
        for child in token.children or ():
            _redirect(child, at)
    html: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return mark_safe(html)  # noqa: S308 - of our own files


def render_inline(text: str) -> SafeString:
    """A sentence or more, without a paragraph around it."""
    html: str = _MARKDOWN.renderInline(text)
    return mark_safe(html)  # noqa: S308 - of our own words


def slug_of(heading: str) -> str:
    """What a heading is linked to by."""
    return re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")


def _redirect(link: Token, at: str) -> None:
    if link.type == "link_open" and (found := _PAGE.fullmatch(str(link.attrGet("href")))):
        name, anchor = found[1], found[2] or ""
        link.attrSet("href", f"{at}{anchor}" if name == "index" else f"{at}/{name}{anchor}")
