"""What the tests of `ops` share: the commands as an operator runs them, a clean set of keys."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from aurum.identity import KEYS
from aurum.loads.log import LoadLog, load_log
from ops.models import User
from tests.conftest import Market
from tests.ops.console import PASSWORD


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command said, and the status the shell would see."""

    out: str
    err: str
    status: int

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Command = Callable[..., Outcome]


def run_command(name: str, *words: str | Path) -> Outcome:
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command(name, *(str(word) for word in words), stdout=out, stderr=err)
    except SystemExit as stop:
        status = int(stop.code or 0)
    return Outcome(out.getvalue(), err.getvalue(), status)


@pytest.fixture
def load(market: Market, capfd: pytest.CaptureFixture[str]) -> Command:
    """`manage.py load`; what it has to say it says through its own streams."""

    def run(*words: str | Path) -> Outcome:
        capfd.readouterr()
        outcome = run_command("load", *words)
        told = capfd.readouterr()
        assert (told.out, told.err) == ("", "")
        return outcome

    return run


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder as publishers fill it."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def log(db: None) -> LoadLog:
    return load_log()


@pytest.fixture
def keys(db: None) -> Iterator[None]:
    """No key is in force but those that the test issues."""
    KEYS.refresh()
    yield
    KEYS.value = {}


@pytest.fixture
def cheap_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def chief(db: None, cheap_passwords: None) -> User:
    return User.objects.create_superuser("chief", password=PASSWORD)


@pytest.fixture
def console(chief: User) -> Client:
    """The console in a superuser's browser."""
    client = Client()
    client.force_login(chief)
    return client
