"""Fixtures: a fresh store for each test, a client that speaks to the application in process."""

import asyncio
import contextlib
import io
import logging
import math
import os
import uuid
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import pytest
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from structlog.stdlib import ProcessorFormatter

from aurum import polling
from aurum.cache.process import CACHE
from aurum.domains import DemoFile, Domain, domains, find_feed
from aurum.loads.feeds import Feed
from aurum.loads.loader import Source, load_file
from aurum.loads.log import Counts, load_log
from aurum.loads.run import Loaded
from aurum.polling import refresh_all
from aurum.snapshot import WATERMARKS, Watermark
from aurum.stores.registry import close_stores, writer_of
from ops.models import Load, LoadedTable
from tests.engines import drop_schema, empty_store, new_schema

# How fast the machine is says nothing of the code.
hypothesis_settings.register_profile(
    "aurum", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("aurum")

# pytest keeps every line for its report; each in JSON too, and one of the client's own, is a tenth
# of the suite's time.
logging.getLogger("httpx").setLevel(logging.WARNING)
for _handler in logging.getLogger().handlers[:]:
    if isinstance(_handler.formatter, ProcessorFormatter):
        logging.getLogger().removeHandler(_handler)

T = TypeVar("T")
Run = Callable[[Awaitable[T]], T]

DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    with asyncio.Runner() as runner:
        yield runner.get_loop()


@pytest.fixture
def run(loop: asyncio.AbstractEventLoop) -> Iterator[Run[Any]]:
    """Runs a coroutine to its end; stores it opened are closed after the test."""
    yield loop.run_until_complete
    loop.run_until_complete(close_stores())


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.AURUM_HOME = tmp_path
    return tmp_path


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The engine under test: the embedded one, or what a test is parametrised with."""
    return getattr(request, "param", "embedded")


@pytest.fixture
def store_settings(engine: str, home: Path, settings: Any) -> Iterator[None]:
    """An empty store of the engine that serves every domain."""
    with empty_store(engine, settings):
        yield


@pytest.fixture
def market(db: None, ops_reads: None, store_settings: None) -> Iterator["Market"]:
    forget()
    refresh_all()
    yield Market()
    forget()


def forget() -> None:
    """What a process remembers of its store; the next test has another one."""
    WATERMARKS.value = {}
    forget_answers()


def forget_answers() -> None:
    for domain in domains():
        for policy in domain.policies:
            CACHE.clear(policy.namespace)


DEMO_DAYS, DEMO_LINES = 2, 150
ALWAYS = (b"Western Hub", b"Henry Hub", b",2025-09-29T", b",2025-09-30T", b",2025-10-01T0")
"""What examples name stays in the shortened demo files."""


@pytest.fixture
def some_demo_data(
    market: "Market", engine: str, home: Path, settings: Any, demo_schema: str
) -> None:
    """The last two demo files of each feed, shortened, for tests that load nothing else.

    The first test loads them. The others have a copy of its file, or read its schema.
    """
    file = home / "market.sqlite3"
    if engine == "timescale":
        settings.AURUM_TIMESCALE_DSN = _LOADED.get(engine) or new_schema(demo_schema)
    elif engine in _LOADED:
        file.write_bytes(_LOADED[engine])
    if engine in _LOADED:
        _log_the_demo_loads()
        return
    for feed, name, content in short_demo():
        counts = market.load(feed, content, name).counts
        assert counts == Counts(new=counts.new), name
    if engine == "timescale":
        read_only = quote(" -cdefault_transaction_read_only=on")
        _LOADED[engine] = settings.AURUM_TIMESCALE_DSN + read_only
    else:
        _LOADED[engine] = file.read_bytes()


_LOADED: dict[str, Any] = {}
"""Of each engine, its store with the demo data in it: a file's content, an address to read from."""


@pytest.fixture(scope="session")
def demo_schema() -> Iterator[str]:
    name = f"demo_{uuid.uuid4().hex[:12]}"
    yield name
    if "timescale" in _LOADED:
        drop_schema(name)


@cache
def short_demo() -> list[tuple[str, str, bytes]]:
    files = []
    for domain in domains():
        for feed in domain.feeds:
            for name, make in demo_of(domain, feed)[-DEMO_DAYS:]:
                lines = make().splitlines(keepends=True)
                kept = [*lines[:DEMO_LINES], *filter(_named, lines[DEMO_LINES:])]
                files.append((feed.name, name, b"".join(kept)))
    return files


def demo_of(domain: Domain, feed: Feed) -> list[DemoFile]:
    """The demo files that a feed loads."""
    files = (*domain.reference(), *domain.demo())
    return [file for file in files if domain.feed_for(file[0]) is feed]


def shown_demo(files: list[DemoFile]) -> list[DemoFile]:
    """What the pages speak of: the first file and the last, and real-time prices beside that."""
    return [f for f in files if f in (files[0], files[-1]) or "pjm-real_time" in f[0]]


def _named(line: bytes) -> bool:
    return any(word in line for word in ALWAYS)


def _log_the_demo_loads() -> None:
    Load.objects.bulk_create(
        Load(id=number, feed=feed, file=name, state=Load.State.PUBLISHED, ended_at=timezone.now())
        for number, (feed, name, _) in enumerate(short_demo(), 1)
    )
    LoadedTable.objects.bulk_create(
        LoadedTable(load_id=load, table=table, published_at=published_at)
        for load, table, published_at in _touched()
    )
    # What would be read from these rows, without asking for it before each test.
    WATERMARKS.value = {
        table: Watermark(load, load, published_at) for load, table, published_at in _touched()
    }


@cache
def _touched() -> list[tuple[int, str, datetime]]:
    """Each table that a load of the demo data touches, and when that was published."""
    found = []
    for number, (feed, _, _) in enumerate(short_demo(), 1):
        loaded = find_feed(feed)
        assert loaded is not None
        instant = datetime(2025, 10, 1, 12, number, tzinfo=UTC)
        found += [(number, table.name, instant) for table in loaded[1].tables]
    return found


class Market:
    """Loads made-up files as the command would."""

    def load(self, feed: str, content: str | bytes, name: str | None = None) -> Loaded:
        found = find_feed(feed)
        assert found is not None
        domain, kind = found
        body = content.encode() if isinstance(content, str) else content
        source = Source(name or "test", lambda: io.BytesIO(body))
        with contextlib.closing(writer_of(domain.name)) as writer:
            return load_file(kind, source, writer, load_log())


class Api:
    """The application as a caller on this machine sees it."""

    def __init__(self, run: Run[httpx.Response], client: httpx.AsyncClient) -> None:
        self._run, self._client = run, client

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._run(self._client.request(method, path, **more))

    def rows(self, path: str, **more: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **more)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["data"]
        return rows


@pytest.fixture(scope="session")
def application(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Made once. Nothing polls here, so what it goes by is read once and counts as fresh."""
    from aurum.asgi import application

    with django_db_blocker.unblock():
        refresh_all()
    polling.STALE_SECONDS = math.inf
    return application


@pytest.fixture
def api(run: Run[Any], application: Any) -> Iterator[Api]:
    yield from _api(run, application, "127.0.0.1")


@pytest.fixture
def far_api(run: Run[Any], application: Any) -> Iterator[Api]:
    """A caller on another machine."""
    yield from _api(run, application, "192.0.2.7")


def _api(run: Run[Any], application: Any, address: str) -> Iterator[Api]:
    transport = httpx.ASGITransport(app=application, client=(address, 40000))
    client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
    yield Api(run, client)
    run(client.aclose())


@pytest.fixture
def data() -> Path:
    """The folder of publishers' files; where it must be there, its absence is a failure."""
    if not DATA.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{DATA} is not there")
        pytest.skip("publishers' files are not beside this checkout")
    return DATA
