"""Search over the documentation: its sections, in memory from the first question on."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from aurum.api.problems import read_only
from aurum.openapi import EXAMPLE_ORIGIN
from aurum.portal.articles import Article, articles, navigation
from aurum.portal.guides import page
from aurum.portal.markdown import slug_of

LONGEST, MOST_WORDS, MOST_FOUND = 200, 12, 20
BEFORE, AFTER = 60, 180
"""Characters of a snippet around the first word that was found."""
IN_HEADING, IN_TITLE, MOST_IN_TEXT = 8, 4, 3
"""What a word counts by its place; in the text each time it stands there, up to so often."""
_HEADING = re.compile(r"#{1,6} +(.+)")
_NOT_READ = (
    (re.compile(r"^(```.*|\[[^]]+\]: .*|\|[-| ]+\|)$", re.M), ""),
    (re.compile(r"\[([^]]*)\]\([^)]*\)|\[([^]]*)\]\[[^]]*\]"), r"\1\2"),
    (re.compile(rf"`|\*\*|{re.escape(EXAMPLE_ORIGIN)}"), ""),
    (re.compile(r"\||(?m:^- )"), " "),
    (re.compile(r"\s+"), " "),
)


class Section(NamedTuple):
    """A heading of an article with what stands below it; the texts in lower case beside them."""

    article: Article
    heading: str
    anchor: str
    text: str
    lowered: tuple[str, str, str]
    """Title, heading and text."""


class Found(NamedTuple):
    path: str
    title: str
    heading: str
    snippet: SafeString


@read_only
def search(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("q", "")[:LONGEST].strip()
    words = words_of(asked)
    found = matches(words) if words else []
    context = {
        "asked": asked,
        "words": words,
        "found": [_shown(section, words) for section in found[:MOST_FOUND]],
        "left": max(0, len(found) - MOST_FOUND),
        "navigation": navigation(),
    }
    return page(request, "pages/search.html", context)


def words_of(asked: str) -> list[str]:
    """The words to look for, in lower case, each once."""
    stripped = (word.strip(".,;:?!\"'()`") for word in asked.lower().split())
    return list(dict.fromkeys(word for word in stripped if word))[:MOST_WORDS]


def matches(words: Sequence[str]) -> list[Section]:
    """Sections that have every word, be it a part of one, those that are about them first."""
    scored = [(_score(section, words), section) for section in sections()]
    hits = [(score, section) for score, section in scored if score]
    return [section for _, section in sorted(hits, key=lambda hit: -hit[0])]


def _score(section: Section, words: Sequence[str]) -> int:
    title, heading, text = section.lowered
    score = 0
    for word in words:
        here = IN_HEADING * (word in heading) + IN_TITLE * (word in title)
        here += min(text.count(word), MOST_IN_TEXT)
        if not here:
            return 0
        score += here
    return score


@cache
def sections() -> tuple[Section, ...]:
    """Every section of every article, in the order of reading."""
    return tuple(section for article in articles().values() for section in _sections_of(article))


def _sections_of(article: Article) -> Iterator[Section]:
    heading, lines, fenced = article.title, list[str](), False
    for line in article.text.splitlines()[1:]:
        fenced ^= line.startswith("```")
        if not fenced and (below := _HEADING.fullmatch(line)):
            yield _section(article, heading, lines)
            heading, lines = below[1], []
        else:
            lines.append(line)
    yield _section(article, heading, lines)


def _section(article: Article, heading: str, lines: Sequence[str]) -> Section:
    anchor = "" if heading == article.title else slug_of(heading)
    text, heading = _plain("\n".join(lines)), _plain(heading)
    lowered = (article.title.lower(), heading.lower(), text.lower())
    return Section(article, heading, anchor, text, lowered)


def _plain(text: str) -> str:
    for pattern, instead in _NOT_READ:
        text = pattern.sub(instead, text)
    return text.strip()


def _shown(section: Section, words: Sequence[str]) -> Found:
    path = section.article.path + (f"#{section.anchor}" if section.anchor else "")
    heading = "" if section.heading == section.article.title else section.heading
    return Found(path, section.article.title, heading, snippet_of(section.text, words))


def snippet_of(text: str, words: Sequence[str]) -> SafeString:
    """A part of the text around the first of the words, each of them marked."""
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile(f"({'|'.join(map(re.escape, longest_first))})", re.I)
    first = pattern.search(text)
    begin = max(0, (first.start() if first else 0) - BEFORE)
    begin = text.rfind(" ", 0, begin + 1) + 1
    part = text[begin : begin + BEFORE + AFTER]
    if begin + len(part) < len(text):
        part = part.rpartition(" ")[0] or part
    pieces = pattern.split(part)
    marked = "".join(
        f"<mark>{escape(piece)}</mark>" if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    )
    ends = "…" if begin + len(part) < len(text) else ""
    return mark_safe(f"{'…' if begin else ''}{marked}{ends}")  # noqa: S308 - escaped
