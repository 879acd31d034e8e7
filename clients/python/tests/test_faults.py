"""Pages that fail are asked for again; what cannot get better is said, without the key."""

import time
from pathlib import Path
from typing import Any

import faults
import pytest
from aurum_client import ApiError, AurumError, Client, TransferError, rows
from conftest import DAYS, HUB, NODES
from faults import Faulty

from tests.drills.processes import Site, until
from tests.factories import curve_csv, months

KEY = "k3y.s3cret"
FAULTS = {
    "closed": faults.closed,
    "cut": faults.cut,
    "half": faults.half,
    "without end": faults.without_end,
    "429": faults.refusing(429, "0"),
    "503": faults.refusing(503),
    "502 of a proxy": faults.page_of_html(502),
    "504 of a proxy": faults.page_of_html(504),
}
PATH = "/v2/curves/observations"


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "ROWS_OF_PAGE", 5)


def observations(url: str) -> list[dict[str, Any]]:
    with Client(url) as client:
        return list(client.curves.observations(location=HUB, asof_date=DAYS[0]))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.usefixtures("small_pages", "soon")
def test_a_page_that_fails_is_asked_for_again(between: Faulty, server: str, fault: Any) -> None:
    expected = observations(server)
    assert len(expected) == 12
    between.faults = [faults.whole, fault, fault]
    assert observations(between.url) == expected
    assert len(between.asked) == 5
    assert between.asked[1] == between.asked[2] == between.asked[3]
    assert "cursor" in between.asked[1]


@pytest.mark.usefixtures("small_pages", "soon")
def test_what_is_loaded_between_two_pages_is_not_in_them(
    between: Faulty, site: Site, tmp_path: Path
) -> None:
    day = "2025-08-01"
    file = tmp_path / "curves.csv"
    file.write_text(curve_csv(months("2026-01", 12, 10.0, asof_date=day, location=HUB)))
    site.load(file)
    with Client(between.url) as client:
        query = client.curves.observations(location=HUB, asof_date=day)
        before = until(lambda: list(query), "what was loaded")
        pages = query.pages()
        read = next(pages).to_pylist()
        file.write_text(curve_csv(months("2025-12", 14, 99.0, asof_date=day, location=HUB)))
        site.load(file)
        until(lambda: len(list(query)) == 14, "what was loaded")
        between.faults = [faults.cut]
        read += [row for page in pages for row in page.to_pylist()]
        assert read == before
        assert [row["mid"] for row in query] == [99.0 + number for number in range(14)]


def test_the_server_says_how_long_to_wait(between: Faulty, server: str) -> None:
    between.faults = [faults.refusing(503, "1")]
    began = time.monotonic()
    assert observations(between.url) == observations(server)
    assert 1.0 <= time.monotonic() - began < 5


def test_a_wait_beyond_patience_is_not_begun(between: Faulty) -> None:
    between.faults = [faults.refusing(503, "3")]
    began = time.monotonic()
    with Client(between.url, patience=2) as client, pytest.raises(ApiError) as refused:
        client.curves.list().first()
    assert time.monotonic() - began < 2
    assert refused.value.retry_after == 3
    assert len(between.asked) == 1


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (faults.refusing(503), ApiError, "503 Refused"),
        (faults.cut, TransferError, "without sending"),
    ],
)
def test_attempts_come_to_an_end(
    between: Faulty, fault: Any, error: type[Exception], words: str
) -> None:
    between.faults = [fault] * 9
    with Client(between.url, attempts=3) as client, pytest.raises(error, match=words):
        client.curves.list().to_arrow()
    assert len(between.asked) == 3


def test_what_is_wrong_with_a_query_is_said_at_once(between: Faulty) -> None:
    with Client(between.url) as client, pytest.raises(ApiError) as refused:
        client.rows(PATH, lokation="West", asof_date="tuesday").to_arrow()
    error = refused.value
    assert (error.status, error.title) == (400, "Validation Error")
    assert [one.field for one in error.errors] == ["lokation", "asof_date"]
    assert "did you mean 'location'" in str(error)
    assert "Allowed: a date (2026-02-03)" in str(error)
    assert error.request_id in str(error)
    assert len(error.request_id) > 8
    assert len(between.asked) == 1


def test_a_page_that_is_no_answer_of_aurum_is_not_taken_for_one(between: Faulty) -> None:
    between.faults = [faults.page_of_html(200), faults.page_of_html(403)]
    with Client(between.url) as client:
        with pytest.raises(AurumError, match="text/html"):
            client.curves.list().to_arrow()
        with pytest.raises(ApiError, match="403 Forbidden"):
            client.curves.list().to_arrow()
    assert len(between.asked) == 2


def test_a_server_that_gives_the_same_page_for_ever_is_found_out(
    between: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS_OF_PAGE", 5)
    kept: list[Any] = []

    def same(to: faults.Handler, answer: Any) -> None:
        kept.append(answer)
        faults.whole(to, kept[0])

    between.faults = [same] * 9
    with pytest.raises(AurumError, match="same page"):
        observations(between.url)


@pytest.mark.usefixtures("small_pages")
def test_pages_are_read_behind_a_prefix(between: Faulty, server: str) -> None:
    found = observations(f"{between.url}/prefix/")
    assert found == observations(server)
    assert [path.startswith("/prefix/v2/curves/") for path in between.asked] == [True] * 3


@pytest.mark.usefixtures("soon")
def test_a_key_goes_into_its_header_and_nowhere_else(between: Faulty) -> None:
    between.faults = [faults.refusing(403), faults.closed, faults.closed, faults.page_of_html(200)]
    with Client(between.url, f"{KEY}\n", attempts=2) as client:
        query = client.curves.list()
        shown = [repr(client), str(vars(client)), repr(query), str(vars(query))]
        for _ in range(3):
            with pytest.raises(AurumError) as failed:
                query.to_arrow()
            shown += everything_of(failed.value)
    assert between.keys == [KEY] * 4
    assert not [text for text in [*shown, *between.asked] if KEY in text]


def everything_of(error: BaseException | None) -> list[str]:
    """What an error and those behind it say and hold, with the headers of a request they hold."""
    shown = []
    while error is not None:
        request = vars(error).get("_request")
        shown += [str(error), repr(error), str(vars(error)), str(request and request.headers.raw)]
        error = error.__cause__ or error.__context__
    return shown


@pytest.mark.parametrize("key", ["", " \n", "a\nb", "schlüssel"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match=r"^key: it is empty, or has characters that no key has$"):
        Client("http://127.0.0.1:1", key)


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://there", "http://", "http://a/?key=b"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url: "):
        Client(url)


@pytest.mark.usefixtures("soon")
def test_a_server_that_is_not_there_is_said_with_its_address() -> None:
    with (
        Client("http://user:word@127.0.0.1:9", attempts=2) as client,
        pytest.raises(TransferError, match=r"ConnectError.*\(http://127\.0\.0\.1:9/v2/curves\)"),
    ):
        client.curves.list(location=NODES[0]).first()
