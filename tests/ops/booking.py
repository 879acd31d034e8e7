"""What the tests of the load book share: loads made and published by hand."""

from aurum.stores.book import Counts, LoadBook

SOME = Counts(new=1)
PRICES, TENORS = "curve_observation", "curve_tenor"


def begin(book: LoadBook, *tables: str, file: str = "a.csv") -> int:
    return book.begin(feed="curves.csv", file=file, sha256="", tables=tables or (PRICES,))


def publish(book: LoadBook, *tables: str, file: str = "a.csv") -> int:
    load = begin(book, *tables, file=file)
    book.publish(load, SOME, changed=True)
    return load
