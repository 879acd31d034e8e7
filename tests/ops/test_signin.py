"""Signing in to the console: who guesses has to wait, and leaves a trace."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import hashers
from django.http import HttpResponse
from django.test import Client

from ops import signin
from ops.models import AuditEvent, User
from ops.signin import BARRED, FAILED, OF_ADDRESS, OF_NAME, WINDOW, network_of
from tests.ops.console import PASSWORD

pytestmark = pytest.mark.usefixtures("db", "cheap_passwords")


def sign_in(name: str, password: str, address: str = "192.0.2.7") -> HttpResponse:
    form = {"username": name, "password": password, "next": "/admin/"}
    return Client(REMOTE_ADDR=address).post("/admin/login/", form)


def kept(action: str) -> list[tuple[str, str]]:
    return list(
        AuditEvent.objects.filter(action=action).order_by("id").values_list("actor", "subject")
    )


def test_a_failure_is_audited_with_name_and_address(chief: User) -> None:
    assert sign_in("chief", "wrong").status_code == 200
    assert sign_in("nobody", "wrong", "2001:db8::1").status_code == 200
    assert kept(FAILED) == [("192.0.2.7", "chief"), ("2001:db8::/64", "nobody")]
    assert "wrong" not in str(AuditEvent.objects.values_list())


def test_who_signs_in_leaves_no_failure(chief: User) -> None:
    assert sign_in("chief", PASSWORD).status_code == 302
    assert not AuditEvent.objects.exists()


def test_an_address_that_guesses_has_to_wait(chief: User) -> None:
    for number in range(OF_ADDRESS):
        assert sign_in(f"user-{number}", "wrong").status_code == 200
    assert kept(BARRED) == [("192.0.2.7", f"user-{OF_ADDRESS - 1}")]
    for _ in range(3):
        answer = sign_in("chief", PASSWORD)
        assert answer.status_code == 429
        assert answer.headers["content-type"].startswith("text/html")
        assert 0 < int(answer["Retry-After"]) <= WINDOW.total_seconds() + 1
        assert "Too many attempts. Try again in 15 minutes." in answer.text
    assert len(kept(FAILED)) == OF_ADDRESS
    assert len(kept(BARRED)) == 1
    assert sign_in("chief", PASSWORD, "192.0.2.8").status_code == 302


def test_a_name_that_is_guessed_at_from_many_addresses_has_to_wait(chief: User) -> None:
    for number in range(OF_NAME):
        assert sign_in("chief", "wrong", f"192.0.2.{number}").status_code == 200
    assert sign_in("chief", PASSWORD, "198.51.100.1").status_code == 429
    assert kept(BARRED) == [(f"192.0.2.{OF_NAME - 1}", "chief")]
    User.objects.create_superuser("deputy", password=PASSWORD)
    assert sign_in("deputy", PASSWORD, "198.51.100.1").status_code == 302


def test_one_more_may_be_tried_when_the_oldest_failure_is_old(chief: User) -> None:
    with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
        for _ in range(OF_ADDRESS):
            sign_in("chief", "wrong")
            clock.shift(timedelta(seconds=10))
        wait = int(sign_in("chief", PASSWORD)["Retry-After"])
        assert wait == WINDOW.total_seconds() - 10 * OF_ADDRESS + 1
        clock.shift(timedelta(seconds=wait - 2))
        assert sign_in("chief", PASSWORD).status_code == 429
        clock.shift(timedelta(seconds=2))
        assert sign_in("chief", PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"),
        ("", ""),
        ("x" * 200, "x" * 100),
    ],
)
def test_what_counts_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.django_db(transaction=True)
def test_one_password_is_hashed_at_a_time(chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = [], []

    def slow(self: Any, password: str, *more: Any) -> bool:
        running.append(1)
        most.append(len(running))
        threading.Event().wait(0.02)
        running.pop()
        return False

    monkeypatch.setattr(hashers.MD5PasswordHasher, "verify", slow)
    threads = [threading.Thread(target=_guess, args=(f"192.0.2.{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 8
    assert max(most) == 1


def _guess(address: str) -> None:
    from django.db import connection

    try:
        sign_in("chief", "wrong", address)
    finally:
        # Django's own `close` leaves a database in memory open.
        connection.connection.close()


def test_who_finds_the_waiting_room_full_is_sent_away(
    chief: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(signin, "_waiting_room", full)
    answer = sign_in("chief", PASSWORD)
    assert (answer.status_code, answer["Retry-After"]) == (429, "10")
    full.release()
    assert sign_in("chief", PASSWORD).status_code == 302
