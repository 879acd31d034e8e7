"""A second engine that answers a share of the callers, or is compared with the first."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from aurum import settings as read_settings
from aurum.identity import CALLING
from aurum.stores import registry
from aurum.stores.canary import CanaryStore
from aurum.stores.embedded import EmbeddedStore
from aurum.stores.measures import measures_of
from aurum.stores.registry import Engine, store_of
from tests.conftest import Api, Market, Run, forget_answers
from tests.factories import curve_csv, months

BEFORE, WRONG = "/v2/curves/observations", 99.0


class Beside:
    """A second SQLite file, under the name of another engine."""

    @classmethod
    def from_settings(cls) -> Any:
        from django.conf import settings

        return EmbeddedStore(
            Path(settings.AURUM_HOME) / "beside.sqlite3",
            workers=1,
            acquire_seconds=1,
            deadline_seconds=5,
        )


@pytest.fixture
def site(
    market: Market, home: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Market]:
    """Prices of curves in two engines, of which the second says another price for one of them."""
    engine = Engine("sqlite", f"{__name__}.Beside", "none")
    monkeypatch.setitem(registry.ENGINES, "beside", engine)
    measures_of("beside").canaries.clear()
    market.load("curves.csv", curve_csv(months("2025-10", 2)))
    copy(home)
    settings.AURUM_CANARIES = {"curves": ("beside", 100, False)}
    yield market
    forget_answers()


def copy(home: Path) -> None:
    import sqlite3

    with (
        contextlib.closing(sqlite3.connect(home / "market.sqlite3")) as first,
        contextlib.closing(sqlite3.connect(home / "beside.sqlite3")) as second,
    ):
        first.backup(second)
        second.execute(f"UPDATE curve_observation SET mid = {WRONG} WHERE tenor_label = '2025-11'")
        second.commit()


def mids(api: Api) -> list[float]:
    forget_answers()
    return [row["mid"] for row in api.rows(BEFORE)]


def counts() -> dict[str, int]:
    return measures_of("beside").canaries["curves"]


def test_the_second_engine_answers_its_share(site: Market, api: Api, settings: Any) -> None:
    assert mids(api) == [50.0, WRONG]
    assert counts()["asked"] > 0
    settings.AURUM_CANARIES = {}
    assert mids(api) == [50.0, 51.0]


def test_it_is_not_asked_for_a_load_that_it_has_not(site: Market, api: Api, home: Path) -> None:
    assert mids(api) == [50.0, WRONG]
    site.load("curves.csv", curve_csv(months("2025-10", 2, price=60)))
    assert mids(api) == [60.0, 61.0]
    assert counts()["behind"] > 0


def test_where_it_fails_the_first_answers(site: Market, api: Api, home: Path) -> None:
    (home / "beside.sqlite3").unlink()
    assert mids(api) == [50.0, 51.0]
    assert counts()["failed"] > 0


def test_a_mistake_in_the_second_engine_is_none_of_the_callers(
    site: Market, api: Api, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wrong(*args: Any) -> Any:
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(EmbeddedStore, "fetch", _unless_beside(EmbeddedStore.fetch, wrong))
    assert mids(api) == [50.0, 51.0]
    assert counts()["failed"] > 0


def _unless_beside(fetch: Any, other: Any) -> Any:
    def either(store: EmbeddedStore, *args: Any) -> Any:
        return (other if store._path.name == "beside.sqlite3" else fetch)(store, *args)

    return either


def test_a_shadow_is_compared_and_never_shown(
    site: Market, api: Api, settings: Any, run: Run[Any], caplog: pytest.LogCaptureFixture
) -> None:
    settings.AURUM_CANARIES = {"curves": ("beside", 100, True)}
    assert mids(api) == [50.0, 51.0]

    async def compared() -> None:
        store = await store_of("curves")
        assert isinstance(store, CanaryStore)
        await asyncio.gather(*store._comparing)

    run(compared())
    assert counts()["different"] == 1
    assert "engines_differ" in caplog.text
    assert "curves.observations" in caplog.text
    assert str(WRONG) not in caplog.text


def test_a_share_is_of_callers_and_each_stays_with_its_engine() -> None:
    store = CanaryStore("iso", _Nothing(), _Nothing(), "beside", 30, shadow=False)

    def chosen() -> list[bool]:
        found = []
        for number in range(1000):
            CALLING.set(f"key:{number}")
            found.append(store._is_chosen())
        return found

    first = chosen()
    assert 240 < sum(first) < 360
    assert chosen() == first


class _Nothing:
    exports: Any = None


@pytest.mark.parametrize(
    ("text", "engines", "canaries"),
    [
        ("iso=timescale", {"iso": "timescale"}, {}),
        (
            "iso=timescale,clickhouse:5,curves=trino",
            {"iso": "timescale", "curves": "trino"},
            {"iso": ("clickhouse", 5, False)},
        ),
        (
            "iso=timescale, clickhouse:100:shadow",
            {"iso": "timescale"},
            {"iso": ("clickhouse", 100, True)},
        ),
    ],
)
def test_the_setting_names_a_second_engine_and_its_share(
    monkeypatch: pytest.MonkeyPatch, text: str, engines: Any, canaries: Any
) -> None:
    monkeypatch.setitem(read_settings.ENVIRONMENT, "AURUM_STORES", text)
    assert read_settings._stores() == (engines, canaries)


@pytest.mark.parametrize(
    "text", ["clickhouse:5", "iso=timescale,clickhouse", "iso=timescale,clickhouse:101",
             "iso=timescale,clickhouse:5,trino:5", "iso=", "iso=timescale,clickhouse:5:loud"],
)  # fmt: skip
def test_what_is_no_such_list_stops_the_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setitem(read_settings.ENVIRONMENT, "AURUM_STORES", text)
    with pytest.raises(ImproperlyConfigured, match="AURUM_STORES must be a list like"):
        read_settings._stores()
