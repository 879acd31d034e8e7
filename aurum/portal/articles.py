"""What is written in `docs/` for readers: each file that the portal shows, and where."""

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.safestring import SafeString

from aurum.domains import domains
from aurum.portal import markdown

DOCS: Path = settings.BASE_DIR / "docs"
AT = "/docs"
GUIDES = {
    "By role": ("index", "trader", "quant", "engineer"),
    "How to ask": (
        *("access", "grammar", "time", "cursors", "formats", "units", "errors", "caching"),
    ),
}
RUNNING = ("operations", "engines", "feeds", "settings")
_LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))")
_SENTENCE = re.compile(r".*?[.:](?=\s|$)", re.S)


class Article(NamedTuple):
    """`source` is relative to `docs/`, `name` what comes after `/docs/`."""

    group: str
    source: str
    name: str
    title: str
    text: str

    @property
    def path(self) -> str:
        return AT if self.name == "index" else f"{AT}/{self.name}"

    @property
    def path_of_text(self) -> str:
        return f"{AT}/{self.name}.md"

    @property
    def about(self) -> str:
        """Its first sentence, without links."""
        paragraph = self.text.split("\n\n")[1].replace("\n", " ")
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", paragraph)
        found = _SENTENCE.match(plain)
        return (found[0] if found else plain).rstrip(".:") + "."


def _sources() -> Iterator[tuple[str, str, str]]:
    """Group, file and name of each, in the order of reading."""
    for group, names in GUIDES.items():
        yield from ((group, f"portal/{name}.md", name) for name in names)
    yield from (("The data", f"{domain.name}.md", domain.name) for domain in domains())
    yield from (("Running it", f"{name}.md", name) for name in RUNNING)
    for domain in domains():
        for feed in domain.feeds:
            yield "Feeds", f"feeds/{feed.name}.md", f"feeds/{feed.name}"


@cache
def articles() -> dict[str, Article]:
    """Every article by its name."""
    found = {}
    for group, source, name in _sources():
        if (file := DOCS / source).is_file():  # of a domain that is being written it may not be
            text = file.read_text()
            title = text.partition("\n")[0].removeprefix("# ").replace("`", "")
            found[name] = Article(group, source, name, title, text)
    return found


@cache
def navigation() -> dict[str, list[Article]]:
    """Articles by their group; feeds have a page that lists them."""
    found: dict[str, list[Article]] = {}
    for article in articles().values():
        if article.group != "Feeds":
            found.setdefault(article.group, []).append(article)
    return found


@cache
def body_of(name: str) -> SafeString:
    """The article as HTML; its links to other files lead to their pages."""
    here = articles()[name]
    return markdown.render(here.text, link=lambda href: _led(here, href, text=False))


@cache
def text_of(name: str) -> str:
    """The article as Markdown; its links to other files lead to their Markdown."""
    here = articles()[name]
    return _LINK.sub(lambda found: _led(here, found[0], text=True), here.text)


def _led(here: Article, href: str, *, text: bool) -> str:
    """Where a link of an article leads on this server; as it is, where that is no article."""
    where, mark, anchor = href.partition("#")
    source = posixpath.normpath(posixpath.join(posixpath.dirname(here.source), where))
    there = _by_source().get(source) if where else None
    if there is None:
        return href
    return (there.path_of_text if text else there.path) + mark + anchor


@cache
def _by_source() -> dict[str, Article]:
    return {article.source: article for article in articles().values()}
