"""`manage.py demo`: what a newcomer gets to look at."""

import re
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.test import Client
from django.urls import get_resolver

from aurum.domains import DemoFile, domains
from aurum.loads.log import load_log, register_load_log
from ops.loads import DatabaseLoadLog
from ops.models import Load, User
from tests.conftest import Api, Market
from tests.factories import curve_csv, months
from tests.ops.conftest import Outcome, run_command
from tests.ops.few_domains.domain import FILES

pytestmark = pytest.mark.usefixtures("market", "cheap_passwords")


def demo(*words: str) -> Outcome:
    return run_command("demo", *words)


def content(day: int) -> bytes:
    return curve_csv(months("2025-10", 3, asof_date=f"2025-09-{day:02}")).encode()


@pytest.fixture
def few(settings: Any) -> Iterator[list[DemoFile]]:
    """Four small files in place of the demo's own."""
    assert get_resolver().url_patterns  # imported once, and with the usual domains
    installed = [app for app in settings.INSTALLED_APPS if app not in ("iso", "metadata")]
    few_of = {"curves": "tests.ops.few_domains"}
    settings.INSTALLED_APPS = [few_of.get(app, app) for app in installed]
    FILES[:] = [(f"demo-{day}.csv", partial(content, day)) for day in (1, 2, 3, 4)]
    yield FILES
    FILES.clear()


def stop() -> bytes:
    raise KeyboardInterrupt


class StopsAtTheThird(DatabaseLoadLog):
    """The operator loses patience at the very moment the third file is to be published."""

    def publish(self, load: int, *args: Any, **kwargs: Any) -> None:
        if Load.objects.get(id=load).file == "demo-3.csv":
            raise KeyboardInterrupt
        super().publish(load, *args, **kwargs)


def files_in(state: str) -> list[str]:
    return list(Load.objects.filter(state=state).order_by("id").values_list("file", flat=True))


def links(outcome: Outcome) -> list[str]:
    """The paths it prints, the console's last."""
    return re.findall(r"http://127\.0\.0\.1:\d+(/\S*)", outcome.out)


def password(outcome: Outcome) -> str:
    (found,) = re.findall(r"/admin/   \(admin / (\S+)\)", outcome.out)
    return str(found)


# All of it, once: twelve seconds of processor time, which each run of the suite need not pay


@pytest.mark.drill
def test_all_of_it_loads_without_fault_and_every_link_shows_something(
    market: Market, api: Api, capfd: pytest.CaptureFixture[str]
) -> None:
    outcome = demo()
    assert (outcome.status, outcome.err) == (0, "")
    count = Load.objects.count()
    assert f"{count}/{count}" in capfd.readouterr().err
    loads = Load.objects.values_list("state", "quarantined", "same", "revised")
    assert list(loads) == [("published", 0, 0, 0)] * sum(
        len([*d.reference(), *d.demo()]) for d in domains()
    )
    *pages, console = links(outcome)
    assert len(pages) >= 4
    for path in pages:
        answer = api.get(path)
        assert answer.status_code == 200, path
        if answer.headers["content-type"] == "application/json":
            assert answer.json()["data"], path
        else:
            assert len(answer.text.splitlines()) > 20, path
    assert api.get(console, follow_redirects=True).status_code == 200


# Only what is missing


def test_a_second_run_loads_nothing_and_says_the_same(
    few: list[DemoFile], api: Api, capfd: pytest.CaptureFixture[str]
) -> None:
    first = demo()
    assert len(api.rows("/v1/curves?asof=2025-09-04")) == 3
    capfd.readouterr()
    second = demo()
    assert capfd.readouterr().err == ""
    assert first.out == second.out
    assert files_in("published") == [name for name, _ in few]
    assert Load.objects.count() == 4


def test_a_file_that_was_added_later_is_loaded_alone(few: list[DemoFile]) -> None:
    late = few.pop(1)
    demo()
    few.insert(1, late)
    demo()
    assert files_in("published") == ["demo-1.csv", "demo-3.csv", "demo-4.csv", "demo-2.csv"]


def test_an_interruption_between_files_leaves_whole_files_and_the_next_run_completes(
    few: list[DemoFile], api: Api
) -> None:
    third = few[2]
    few[2] = (third[0], stop)
    with pytest.raises(KeyboardInterrupt):
        demo()
    assert files_in("published") == ["demo-1.csv", "demo-2.csv"]
    assert len(api.rows("/v1/curves?asof=2025-09-02")) == 3
    few[2] = third
    demo()
    assert files_in("published") == [name for name, _ in few]


def test_an_interruption_within_a_file_takes_it_back_and_the_next_run_completes(
    few: list[DemoFile], api: Api
) -> None:
    usual = load_log()
    register_load_log(StopsAtTheThird())
    try:
        with pytest.raises(KeyboardInterrupt):
            demo()
    finally:
        register_load_log(usual)
    assert (files_in("published"), files_in("abandoned")) == (
        ["demo-1.csv", "demo-2.csv"],
        ["demo-3.csv"],
    )
    assert [row["asof_date"] for row in api.rows("/v1/curves")] == ["2025-09-02"] * 3
    assert api.rows("/v1/curves?asof=2025-09-03") == []
    demo()
    assert files_in("published") == [name for name, _ in few]
    assert len(api.rows("/v1/curves?asof=2025-09-03")) == 3


def test_a_store_that_is_gone_is_told_of(few: list[DemoFile], settings: Any) -> None:
    settings.AURUM_STORES = {"curves": "timescale"}
    settings.AURUM_TIMESCALE_DSN = "postgresql://nobody@127.0.0.1:1/none"
    with pytest.raises(CommandError, match="The data store does not answer"):
        demo()


def test_production_gets_no_demo_data(few: list[DemoFile], settings: Any) -> None:
    settings.AURUM_ENV = "production"
    with pytest.raises(CommandError, match="has no place in production"):
        demo()
    assert not Load.objects.exists()
    assert not User.objects.exists()


# Where to click


def test_the_links_name_the_port_that_is_given(few: list[DemoFile]) -> None:
    text = demo("--port", "9123").out
    assert "http://127.0.0.1:9123/admin/" in text
    assert ":8000" not in text


def test_the_password_it_prints_opens_the_console(few: list[DemoFile], home: Path) -> None:
    printed = password(demo())
    assert Client().login(username="admin", password=printed)
    assert User.objects.get().is_superuser
    kept = home / "admin-password"
    assert kept.read_text() == printed
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert not list(home.glob("*.new"))


@pytest.mark.parametrize("lost", [False, True])
def test_it_prints_no_password_that_does_not_work(
    few: list[DemoFile], home: Path, lost: bool
) -> None:
    printed = password(demo())
    admin = User.objects.get()
    admin.set_password("something of my own")
    admin.save()
    if lost:
        (home / "admin-password").unlink()
    text = demo().out
    assert printed not in text
    assert "/admin/   (admin, with the password you gave it)" in text
    assert Client().login(username="admin", password="something of my own")
    assert (home / "admin-password").exists() is not lost
