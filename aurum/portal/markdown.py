"""Markdown of our own files and catalogues as HTML."""

import re
from collections.abc import Callable
from itertools import pairwise

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def render(text: str, *, link: Callable[[str], str]) -> SafeString:
    """A page: its headings can be linked to, and `link` says where its links lead."""
    tokens = _MARKDOWN.parse(text)
    for before, inline in pairwise(tokens):
        if before.type == "heading_open":
            before.attrSet("id", slug_of(inline.content))
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", link(str(child.attrGet("href"))))
    html: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return mark_safe(html)  # noqa: S308 - of our own files


def render_inline(text: str) -> SafeString:
    """A sentence or more, without a paragraph around it."""
    html: str = _MARKDOWN.renderInline(text)
    return mark_safe(html)  # noqa: S308 - of our own words


def slug_of(heading: str) -> str:
    """What a heading is linked to by."""
    return re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
