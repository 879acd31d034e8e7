"""Commands to the caches of all servers, and what they report."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from aurum.cache.process import CACHE
from aurum.server.warmup import targets, warm
from ops import caching
from ops.caching import CommandFollower
from ops.models import AuditEvent, CacheCommand, CacheReport, User
from tests.conftest import Api, Market, Run
from tests.factories import curve_csv, months

TAG = "table:curve_observation"


@pytest.fixture
def follower(market: Market) -> CommandFollower:
    market.load("curves.csv", curve_csv(months("2025-10", 2)))
    follower = CommandFollower(lambda: None)
    follower.follow()
    return follower


def test_a_purge_reaches_a_process_that_follows(follower: CommandFollower, api: Api) -> None:
    api.get("/v2/curves")
    assert "hit" in api.get("/v2/curves").headers["cache-status"]
    caching.send_command(CacheCommand.Kind.PURGE, "me", TAG)
    follower.follow()
    assert "miss" in api.get("/v2/curves").headers["cache-status"]


def test_commands_from_before_a_process_began_are_not_its_own(market: Market) -> None:
    caching.send_command(CacheCommand.Kind.WARM, "me")
    warmed: list[int] = []
    follower = CommandFollower(lambda: warmed.append(1))
    follower.follow()
    assert warmed == []
    caching.send_command(CacheCommand.Kind.WARM, "me")
    follower.follow()
    follower.follow()
    assert warmed == [1]


def test_stats_say_what_was_asked_and_what_is_kept(
    follower: CommandFollower, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    before = CACHE.stats()["curve-catalogue"].hits if "curve-catalogue" in CACHE.stats() else 0
    for _ in range(3):
        api.get("/v2/curves")
    follower.report()
    counts = caching.totals()["curve-catalogue"]
    assert counts["hits"] - before == 2
    assert counts["entries"] >= 1
    call_command("cache", "stats")
    assert "curve-catalogue: hits" in capsys.readouterr().out


def test_a_dry_run_counts_and_purges_nothing(
    follower: CommandFollower, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    api.get("/v2/curves")
    follower.report()
    call_command("cache", "purge", TAG, "--dry-run")
    assert capsys.readouterr().out.startswith(f"{TAG}: ")
    follower.follow()
    assert "hit" in api.get("/v2/curves").headers["cache-status"]
    assert not AuditEvent.objects.filter(action="purge").exists()


def test_a_purge_by_command_is_audited(follower: CommandFollower) -> None:
    call_command("cache", "purge", TAG)
    event = AuditEvent.objects.get(action="purge")
    assert event.actor.startswith("command:")
    assert event.after["tag"] == TAG if event.after else True
    with pytest.raises(CommandError, match="Name a tag"):
        call_command("cache", "purge")


def test_the_console_counts_first_and_purges_when_confirmed(
    follower: CommandFollower, api: Api
) -> None:
    User.objects.create_superuser("chief", password="x")
    console = Client()
    console.login(username="chief", password="x")
    page = reverse("admin:ops_cachereport_purge")
    api.get("/v2/curves")
    follower.report()
    assert TAG in console.get(page).content.decode()
    asked = console.post(page, {"tag": TAG})
    assert f"<b>{TAG}</b> is on" in asked.content.decode()
    assert not CacheCommand.objects.exists()
    done = console.post(page, {"tag": TAG, "confirmed": "1"}, follow=True)
    assert f"Purged {TAG}" in done.content.decode()
    assert AuditEvent.objects.get(action="purge").actor == "chief"
    follower.follow()
    assert "miss" in api.get("/v2/curves").headers["cache-status"]


def test_the_console_reads_the_reports_once_however_many_tags_there_are(
    follower: CommandFollower, admin_client: Client
) -> None:
    for number in (1, 2):
        tags = {f"table:t{tag}": number * tag for tag in range(1, 10)}
        CacheReport.objects.create(process=f"p{number}", at=timezone.now(), tags=tags)
    with CaptureQueriesContext(connection) as asked:
        page = admin_client.get(reverse("admin:ops_cachereport_purge")).content.decode()
    assert "<td>table:t9</td><td>27</td>" in page
    assert sum("ops_cachereport" in query["sql"] for query in asked) == 1


def test_warming_sends_every_request_before_anyone_does(
    follower: CommandFollower, application: Any, api: Api, run: Run[Any]
) -> None:
    assert targets()
    assert run(warm(application)) == len(targets())
    for target in targets():
        assert "aurum; hit" in api.get(target).headers["cache-status"]
