"""Names by which the trade knows what Aurum knows under another."""

from collections.abc import Iterable, Mapping

Synonyms = Mapping[str, tuple[str, ...]]
"""By `spelling`, the words that a name may stand for; the first that is there is meant."""

MARKETS: Synonyms = {"DA": ("DAY_AHEAD",), "DAM": ("DAY_AHEAD",), "RT": ("REAL_TIME",)}
OPERATORS: Synonyms = {"NEISO": ("ISONE",), "NEPOOL": ("ISONE",), "ISONE": ("ISONE",)}

_ON_PEAK = ("ON_PEAK", "PEAK")
_OFF_PEAK = ("OFF_PEAK",)
_ALL_HOURS = ("7X24", "BASE")

BLOCKS: Synonyms = {
    **dict.fromkeys(("ONPEAK", "PEAK", "PEAKLOAD"), _ON_PEAK),
    **dict.fromkeys(("OFFPEAK", "WRAP"), _OFF_PEAK),
    **dict.fromkeys(("7X24", "24X7", "BASE", "BASELOAD", "ATC", "RTC"), _ALL_HOURS),
    **dict.fromkeys(("AROUNDTHECLOCK", "ROUNDTHECLOCK"), _ALL_HOURS),
    "2X16H": ("2X16",),
    "1X16H": ("1X16",),
}
"""Which hours each is, a calendar says: the peak is 5X16 in one market and 6X16 in another."""

_IGNORED = str.maketrans("", "", " -_")


def spelling(name: str) -> str:
    """What is compared of a name: no case, blanks, hyphens or underscores."""
    return name.upper().translate(_IGNORED)


def named(name: str, words: Iterable[str], synonyms: Synonyms) -> str | None:
    """Which of these words a name in any spelling means, None where it means none of them."""
    by_spelling = {spelling(word): word for word in words}
    key = spelling(name)
    meant = (key, *map(spelling, synonyms.get(key, ())))
    return next((by_spelling[word] for word in meant if word in by_spelling), None)


def word_of(name: str, synonyms: Synonyms) -> str:
    """One word for all names of a thing, where no list says which words there are."""
    key = spelling(name)
    return spelling(synonyms.get(key, (key,))[0])


def operator_code(name: str) -> str:
    """The code of a market operator, in capitals."""
    return next(iter(OPERATORS.get(spelling(name), ())), name.upper())
