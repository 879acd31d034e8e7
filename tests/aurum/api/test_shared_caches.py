"""What a cache between callers may keep, by the rules of RFC 9111: nothing that needed a key, or
that somebody had to sign in for."""

from typing import Any

import httpx
import pytest
from django.test import Client

from aurum.server.sessions import SECONDS, SESSIONS
from ops import keys
from ops.models import ApiKey, User
from tests.conftest import Api, Market
from tests.factories import curve_csv, months
from tests.ops.console import tenant

PATHS = [
    "/v1/curves",
    "/v1/curves?format=csv",
    "/v2/curves",
    "/v2/curves?format=csv",
    "/v2/curves/observations?format=csv",
]


class SharedCache:
    """Keeps what it may, for as long as it likes; one that heeds no `Vary` is worse still."""

    def __init__(self, api: Api, heeds_vary: bool) -> None:
        self._api, self._heeds_vary = api, heeds_vary
        self._kept: dict[Any, httpx.Response] = {}

    def get(self, path: str, headers: dict[str, str]) -> tuple[httpx.Response, bool]:
        """The answer, and whether it is one that was kept."""
        key = path, (tuple(sorted(headers.items())) if self._heeds_vary else None)
        if key in self._kept:
            return self._kept[key], True
        answer = self._api.get(path, headers=headers)
        allowed = {word.strip().partition("=")[0] for word in _words(answer)}
        authorized = "Authorization" in headers
        if (
            answer.status_code == 200
            and not {"private", "no-store"} & allowed
            and (not authorized or {"public", "s-maxage", "must-revalidate"} & allowed)
        ):
            self._kept[key] = answer
        return answer, False


def _words(answer: httpx.Response) -> list[str]:
    return answer.headers.get("cache-control", "").split(",")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("auth", [["key"], ["anonymous", "key"]])
@pytest.mark.parametrize("heeds_vary", [True, False])
@pytest.mark.parametrize("header", ["X-API-Key", "Authorization"])
def test_no_shared_cache_serves_a_revoked_key(
    market: Market,
    far_api: Api,
    settings: Any,
    path: str,
    auth: list[str],
    heeds_vary: bool,
    header: str,
) -> None:
    settings.AURUM_AUTH = auth
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    whole = keys.issue(ApiKey(name="read", tenant=tenant()))
    sent = {header: f"Bearer {whole}" if header == "Authorization" else whole}
    cache = SharedCache(far_api, heeds_vary)
    for _ in range(2):  # the second is one that Aurum itself has kept
        answer, _ = cache.get(path, sent)
        assert answer.status_code == 200
        assert "private" in answer.headers["cache-control"]
    keys.revoke(ApiKey.objects.get(name="read"))
    assert cache.get(path, sent)[0].status_code == 401
    assert cache.get(path, {})[0].status_code == 401


@pytest.mark.django_db(transaction=True)  # a session is looked up in a thread of its own
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("auth", [["key"], ["anonymous", "key"]])
@pytest.mark.parametrize("heeds_vary", [True, False])
def test_no_shared_cache_serves_who_has_signed_out(
    market: Market,
    far_api: Api,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    auth: list[str],
    heeds_vary: bool,
) -> None:
    settings.AURUM_AUTH = auth
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    browser = Client()
    browser.force_login(User.objects.create_user("anna"))
    sent = {"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}
    cache = SharedCache(far_api, heeds_vary)
    for _ in range(2):
        answer, _ = cache.get(path, sent)
        assert answer.status_code == 200
        assert "private" in answer.headers["cache-control"]
        assert "Cookie" in answer.headers["vary"]
    assert cache.get(path, {})[0].status_code == 401
    browser.logout()
    now = SESSIONS._now
    monkeypatch.setattr(SESSIONS, "_now", lambda: now() + SECONDS)
    assert cache.get(path, sent)[0].status_code == 401


def test_a_304_is_as_private_as_the_answer(market: Market, far_api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    key = keys.issue(ApiKey(name="read", tenant=tenant()))
    first = far_api.get("/v2/curves", headers={"X-API-Key": key})
    again = {"X-API-Key": key, "If-None-Match": first.headers["etag"]}
    same = far_api.get("/v2/curves", headers=again)
    assert same.status_code == 304
    assert same.headers["cache-control"] == first.headers["cache-control"]


def test_what_anyone_may_read_may_be_shared_and_is_the_same(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    key = keys.issue(ApiKey(name="read", tenant=tenant()))
    one = api.get("/v2/curves")
    mine = api.get("/v2/curves", headers={"X-API-Key": key})
    assert one.headers["cache-control"].startswith("public, ")
    assert mine.headers["cache-control"].startswith("private, ")
    assert (one.content, one.headers["etag"]) == (mine.content, mine.headers["etag"])
    assert "aurum; hit" in mine.headers["cache-status"]
    assert api.get("/openapi/v2.json").headers["cache-control"].startswith("public, ")
