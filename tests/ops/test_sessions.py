"""Sessions over HTTP: who has signed in reads the API as themselves, until it is over."""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from aurum.identity import KEYS
from aurum.server.frame import Frame
from aurum.server.gateway import Gateway
from aurum.server.handler import ApiHandler, DjangoHandler
from aurum.server.sessions import SECONDS, SESSIONS, Sessions
from ops import keys
from ops.models import ApiKey, User
from ops.sessions import signed_in
from tests.aurum.exchange import Exchange
from tests.conftest import Api, Market, Run
from tests.contract import problem
from tests.factories import curve_csv, months
from tests.ops.console import PASSWORD, tenant

CURVES = "/v2/curves"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")

# A session is looked up in a thread, which sees only what is committed.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("cheap_passwords", "home"),
]


@pytest.fixture(autouse=True)
def _only_keys(settings: Any) -> Iterator[None]:
    settings.AURUM_AUTH = ["key"]
    yield
    KEYS.value = {}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the seconds pass for which a session counts as it was looked up."""
    passed = [0.0]
    clock = SESSIONS._now
    monkeypatch.setattr(SESSIONS, "_now", lambda: clock() + passed[0])

    def wait() -> None:
        passed[0] += SECONDS

    return wait


def reader(name: str = "anna", **more: Any) -> User:
    return User.objects.create_user(name, password=PASSWORD, **more)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def cookies(client: Client) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={m.value}" for name, m in client.cookies.items())}


def asked(api: Api, sent: dict[str, str]) -> httpx.Response:
    return api.get(CURVES, headers=sent)


@pytest.fixture
def loaded(market: Market) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))


def callers(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [r.msg["caller"] for r in caplog.records if r.name == "aurum.access"]  # type: ignore[index]


# Who is let in


@pytest.mark.parametrize("handler", [ApiHandler, DjangoHandler])
def test_who_is_signed_in_reads_as_themselves(
    loaded: None, run: Run[Exchange], handler: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sent = cookies(browser(reader()))
    app = Frame(Gateway(reads=handler(), others=DjangoHandler()))
    for path in ("/v1/curves", "/v2/curves", "/v2/curves", "/v2/curves/observations?format=csv"):
        caplog.clear()
        for given, status, caller in (({}, 401, None), (sent, 200, "user:anna")):
            exchange = Exchange(path, headers={k.lower(): v for k, v in given.items()})
            got, headers, _ = run(exchange.through(app)).answer()
            assert got == status, path
            assert callers(caplog)[-1] == caller
        assert dict(headers)["cache-control"].startswith("private")
        assert "Cookie" in dict(headers)["vary"]


def test_without_a_session_one_hears_where_to_sign_in(loaded: None, far_api: Api) -> None:
    assert "sign in at /sign-in" in problem(far_api.get(CURVES), 401, "unauthorized")["detail"]


def test_a_key_in_a_header_counts_before_the_cookie(
    loaded: None, far_api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    whole = keys.issue(ApiKey(name="a notebook", tenant=tenant()))
    sent = cookies(browser(reader()))
    assert asked(far_api, sent | {"X-API-Key": whole}).status_code == 200
    assert callers(caplog)[-1] == f"key:{whole.partition('.')[0]}"
    assert asked(far_api, sent | {"X-API-Key": "au_1.wrong"}).status_code == 401


def test_the_tenant_is_that_of_the_account(db: None) -> None:
    for user, slug in ((reader(), "demo"), (reader("berta", tenant=tenant("acme")), "acme")):
        key = browser(user).cookies["sessionid"].value
        found = signed_in(key)
        assert found is not None
        assert (found.subject, found.tenant) == (f"user:{user.username}", slug)
        assert found.scopes == {"read"}


def test_nobody_needs_the_database_for_each_read(
    loaded: None, far_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, looked_up = cookies(browser(reader())), []
    here = Sessions()
    here.register(lambda key: (looked_up.append(key), signed_in(key))[1])
    monkeypatch.setattr("aurum.server.gateway.SESSIONS", here)
    assert {asked(far_api, sent).status_code for _ in range(30)} == {200}
    assert len(looked_up) == 1
    assert {asked(far_api, {"Cookie": "sessionid=forged"}).status_code for _ in range(30)} == {401}
    assert len(looked_up) == 2
    assert asked(far_api, {"Cookie": "csrftoken=x; theme=dark"}).status_code == 401
    assert len(looked_up) == 2
    here.close()


def test_before_the_server_knows_its_state_nobody_is_looked_up(
    loaded: None, far_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = cookies(browser(reader()))
    monkeypatch.setattr(KEYS, "read_at", -math.inf)
    problem(asked(far_api, sent), 503, "not-ready")


# Who is not let in any more


def sign_out(client: Client, user: User) -> None:
    client.logout()


def deactivate(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def change_password(client: Client, user: User) -> None:
    user.set_password("another horse")
    user.save()


def delete(client: Client, user: User) -> None:
    user.delete()


def expire(client: Client, user: User) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("end", [sign_out, deactivate, change_password, delete, expire])
def test_a_session_that_is_over_is_refused_within_seconds(
    loaded: None, far_api: Api, later: Any, end: Any
) -> None:
    user = reader()
    client = browser(user)
    sent = cookies(client)
    assert asked(far_api, sent).status_code == 200
    end(client, user)
    later()
    problem(asked(far_api, sent), 401, "unauthorized")
    rows = Session.objects.count()
    later()
    assert asked(far_api, sent).status_code == 401
    assert Session.objects.count() == rows, "a read ends no session"


@pytest.mark.parametrize("cookie", ["", "forged", "a" * 32, "x" * 5000, "'; DROP TABLE", "\xff"])
def test_a_forged_cookie_is_as_none(
    loaded: None, api: Api, far_api: Api, settings: Any, cookie: str
) -> None:
    sent = {"Cookie": f"sessionid={cookie}".encode("latin-1")}
    assert asked(far_api, sent).status_code == 401  # type: ignore[arg-type]
    assert asked(api, sent).status_code == 401  # type: ignore[arg-type]
    settings.AURUM_AUTH = ["anonymous", "key"]
    answer = asked(api, sent)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("public")


def test_a_session_of_nobody_lets_nobody_in(loaded: None, far_api: Api) -> None:
    client = Client()
    session = client.session
    session["_auth_user_backend"] = "os.system"
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    assert asked(far_api, cookies(client)).status_code == 401


def test_where_anyone_may_read_a_session_s_answers_are_private(
    loaded: None, api: Api, settings: Any
) -> None:
    settings.AURUM_AUTH = ["anonymous", "key"]
    sent = cookies(browser(reader()))
    for given, whose in (({}, "public"), (sent, "private"), (sent, "private"), ({}, "public")):
        answer = asked(api, given)
        assert answer.headers["cache-control"].startswith(f"{whose}, ")
        tag = {"If-None-Match": answer.headers["etag"]}
        assert asked(api, given | tag).headers["cache-control"].startswith(f"{whose}, ")


# Changes


@pytest.fixture
def app(settings: Any) -> Frame:
    settings.ROOT_URLCONF = "tests.aurum.server.odd_urls"
    return Frame(Gateway(reads=ApiHandler(), others=DjangoHandler()))


@pytest.mark.parametrize("method", UNSAFE)
def test_a_change_in_a_session_needs_its_csrf_token(
    run: Run[Exchange], app: Frame, method: str
) -> None:
    client = browser(reader())
    client.get("/sign-in")
    token = client.cookies["csrftoken"].value
    sent = {"cookie": cookies(client)["Cookie"], "content-length": "0"}
    for more, status in (
        ({}, 403),
        ({"x-csrftoken": "wrong"}, 403),
        ({"x-csrftoken": token}, 200),
        ({"x-csrftoken": token, "origin": "https://evil.example"}, 403),
        ({"x-csrftoken": token, "origin": "http://localhost"}, 200),
    ):
        exchange = Exchange("/v1/test/unsafe", method, headers=sent | more)
        got, _, body = run(exchange.through(app)).answer()
        assert got == status, more
        assert status == 200 or b"X-CSRFToken" in body


@pytest.mark.parametrize("method", UNSAFE)
def test_a_change_with_a_key_needs_none(run: Run[Exchange], app: Frame, method: str) -> None:
    whole = keys.issue(ApiKey(name="a notebook", tenant=tenant()))
    sent = {"x-api-key": whole, "cookie": cookies(browser(reader()))["Cookie"]}
    exchange = Exchange("/v1/test/unsafe", method, headers=sent)
    assert run(exchange.through(app)).answer()[0] == 200
