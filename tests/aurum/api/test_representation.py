"""Cache headers, compression choice, CSV cells."""

import pytest

from aurum.api.encoders.text import csv_bytes
from aurum.api.representation import cache_control, conditional_response, represent
from aurum.stores.tables import Column, Kind


@pytest.mark.parametrize(
    ("max_age", "header"),
    [
        (120, "public, max-age=120, stale-while-revalidate=60, stale-if-error=360"),
        (2000, "public, max-age=2000, stale-while-revalidate=600, stale-if-error=6000"),
        (40000, "public, max-age=40000, stale-while-revalidate=600, stale-if-error=86400"),
        (1, "public, max-age=1, stale-while-revalidate=1, stale-if-error=3"),
        (0, "no-store"),
        (-5, "no-store"),
    ],
)
def test_the_cache_control_formula(max_age: int, header: str) -> None:
    assert cache_control(max_age, private=False) == header
    assert cache_control(max_age, private=True) == header.replace("public", "private")


@pytest.mark.parametrize(
    ("accepted", "coded"),
    [
        ("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("gzip;q=1.0, identity", True),
        ("", False), ("br", False), ("gzip;q=0", False), ("gzip;q=0.000, *;q=0", False),
        ("xgzip", False), ("identity", False),
    ],
)  # fmt: skip
def test_gzip_only_where_the_caller_takes_it(accepted: str, coded: bool) -> None:
    answer = represent(b"x" * 1000, content_type="text/plain", max_age=120)
    headers = dict(conditional_response(answer, accepted, None, private=False).head.text)
    assert ("Content-Encoding" in headers) is coded
    assert headers["ETag"].endswith('-gzip"') is coded


def test_small_answers_are_sent_plain() -> None:
    answer = represent(b"x" * 499, content_type="text/plain", max_age=120)
    assert "Content-Encoding" not in dict(
        conditional_response(answer, "gzip", None, private=False).head.text
    )


def test_the_tag_is_of_the_body_and_of_nothing_else() -> None:
    def tags(*bodies: bytes, **more: bytes) -> set[str]:
        made = (represent(body, content_type="text/plain", max_age=9, **more) for body in bodies)
        return {answer.tag(coded=False) for answer in made}

    bodies = [b"", b"a", b"b", b"a" * 100_000, b"a" * 99_999 + b"b"]
    assert len(tags(*bodies)) == len(bodies)
    assert tags(*bodies) == tags(*bodies)
    assert len(tags(*bodies, facts=b"same")) == 1


def test_csv_cells() -> None:
    kinds = [Kind.TEXT, *[Kind.REAL] * 3, *[Kind.TEXT] * 2]
    columns = [Column(name, kind, "") for name, kind in zip("abcdef", kinds, strict=True)]
    rows = [(None, 1.5, 1e-7, 1e22, "a,b", 'say "x"'), ("=1+1", -2.0, 3, None, "@a", "+4")]
    assert csv_bytes(columns, rows).decode() == (
        "a,b,c,d,e,f\r\n"
        ',1.5,0.0000001,10000000000000000000000,"a,b","say ""x"""\r\n'
        "'=1+1,-2.0,3,,'@a,'+4\r\n"
    )


@pytest.mark.parametrize("sign", "=+-@\t\uff1d\uff0b\uff0d\uff20")
def test_a_text_that_a_spreadsheet_would_run_is_led_by_an_apostrophe(sign: str) -> None:
    made = csv_bytes([Column("a", Kind.TEXT, "")], [(f"{sign}1+1",)])
    assert made.decode() == f"a\r\n'{sign}1+1\r\n"
