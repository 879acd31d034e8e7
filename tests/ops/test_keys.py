"""API keys over HTTP: who is let in, who is not, and whose data it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine

from aurum.errors import Unauthorized
from aurum.identity import KEYS, identify, principal_of_key
from ops import keys
from ops.models import ApiKey, Tenant
from tests.conftest import Api, Market
from tests.factories import curve_csv, months

CURVES = "/v1/curves"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("keys", "home")


def tenant(slug: str = "acme") -> Tenant:
    return Tenant.objects.get_or_create(slug=slug, name=slug.title())[0]


def new_key(**more: Any) -> ApiKey:
    return ApiKey(name="a trader's notebook", **{"tenant": tenant(), **more})


def issued(**more: Any) -> str:
    return keys.issue(new_key(**more))


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def assert_refused(answer: httpx.Response, because: str) -> None:
    """401 as a problem document, with the header that RFC 9110 asks for."""
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == 'Bearer realm="aurum"'
    assert answer.headers["cache-control"] == "no-store"
    document = answer.json()
    assert (document["type"], document["status"]) == ("/problems/unauthorized", 401)
    assert because in document["detail"]


# Letting in


@pytest.mark.parametrize(
    "header",
    [
        lambda key: {"Authorization": f"Bearer {key}"},
        lambda key: {"authorization": f"bearer  {key} "},
        lambda key: {"X-API-Key": key},
    ],
)
def test_a_key_lets_a_caller_elsewhere_in(market: Market, far_api: Api, header: Any) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    assert len(far_api.rows(CURVES, headers=header(issued()))) == 1


def test_only_a_digest_of_the_secret_is_kept(db: None) -> None:
    key = new_key()
    prefix, _, secret = keys.issue(key).partition(".")
    key.refresh_from_db()
    assert key.prefix == prefix
    assert len(secret) >= 43
    assert secret not in "".join(str(value) for value in vars(key).values())


def test_no_two_keys_are_alike(db: None) -> None:
    assert len({part for _ in range(10) for part in issued().split(".")}) == 20


def test_a_key_works_on_this_machine_too(market: Market, api: Api) -> None:
    assert api.get(CURVES, headers=bearer(issued())).status_code == 200


# Keeping out


def test_without_a_key_a_caller_elsewhere_is_asked_for_one(market: Market, far_api: Api) -> None:
    assert_refused(far_api.get(CURVES), "needs an API key")


def test_without_a_key_a_caller_on_this_machine_may_read(market: Market, api: Api) -> None:
    assert api.get(CURVES).status_code == 200


def test_where_anonymous_is_not_allowed_this_machine_needs_a_key_too(
    market: Market, api: Api, settings: Any
) -> None:
    settings.AURUM_AUTH = ["key"]
    assert_refused(api.get(CURVES), "needs an API key")
    assert api.get(CURVES, headers=bearer(issued())).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:80", "[::1]:8000"])
def test_this_machine_is_known_by_its_own_names(market: Market, api: Api, host: str) -> None:
    assert api.get(CURVES, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {"Via": "1.1 proxy"},
        {"X-Real-IP": "127.0.0.1"}, {"X-Forwarded-Proto": "https"}, {"X-Forwarded-Host": ""},
        {"CF-Connecting-IP": "192.0.2.1"}, {"True-Client-IP": "192.0.2.1"},
        {"Host": "testserver"},
    ],
)  # fmt: skip
def test_a_proxy_on_this_machine_is_not_taken_for_its_caller(
    market: Market, api: Api, header: dict[str, str]
) -> None:
    assert_refused(api.get(CURVES, headers=header), "needs an API key")
    assert api.get(CURVES, headers=header | bearer(issued())).status_code == 200


def spoilt(key: str) -> list[str]:
    """A key and what is nearly it."""
    prefix, _, secret = key.partition(".")
    last = "A" if secret[-1] != "A" else "B"
    return [
        f"{prefix}.{secret[:-1]}{last}", f"{prefix}.{secret}x", f"{prefix}.{secret[:-1]}",
        f"{prefix}.", prefix, f"au_0000000000.{secret}", f".{secret}", secret, "", "é.ü",
        "." * 9000,
    ]  # fmt: skip


def test_what_is_nearly_a_key_is_not_one(market: Market, far_api: Api) -> None:
    for wrong in spoilt(issued()):
        sent = {"X-API-Key": wrong.encode()}
        assert_refused(far_api.get(CURVES, headers=sent), "not known, or it has been revoked")


def test_a_wrong_key_is_refused_where_none_would_have_done(market: Market, api: Api) -> None:
    assert_refused(api.get(CURVES, headers=bearer("au_1.x")), "not known")
    assert_refused(api.get(CURVES, headers={"Authorization": "Bearer"}), "not known")


def test_the_secret_of_one_key_does_not_open_another(market: Market, far_api: Api) -> None:
    one, other = issued().split("."), issued().split(".")
    assert_refused(far_api.get(CURVES, headers=bearer(f"{one[0]}.{other[1]}")), "not known")


def test_another_scheme_is_told_which_one_is_understood(market: Market, far_api: Api) -> None:
    key = issued()
    answer = far_api.get(CURVES, headers={"Authorization": f"Basic {key}"})
    assert_refused(answer, "Only 'Authorization: Bearer <key>' is understood")
    assert key not in answer.text


def test_a_refusal_repeats_nothing_of_the_key(market: Market, far_api: Api) -> None:
    answer = far_api.get(CURVES, headers=bearer("au_1234.confidential"))
    assert "au_1234" not in answer.text
    assert "confidential" not in answer.text


def test_a_revoked_key_is_refused_at_once(market: Market, far_api: Api) -> None:
    kept, lost = issued(), new_key()
    whole = keys.issue(lost)
    assert far_api.get(CURVES, headers=bearer(whole)).status_code == 200
    keys.revoke(lost)
    assert_refused(far_api.get(CURVES, headers=bearer(whole)), "revoked")
    assert far_api.get(CURVES, headers=bearer(kept)).status_code == 200


def test_revoking_again_keeps_the_first_instant(db: None) -> None:
    key = new_key()
    keys.issue(key)
    with time_machine.travel(NOON, tick=False) as clock:
        keys.revoke(key)
        clock.shift(timedelta(days=1))
        keys.revoke(key)
    key.refresh_from_db()
    assert key.revoked_at == NOON


def test_a_key_that_another_process_revoked_is_refused_after_the_next_look(
    market: Market, far_api: Api
) -> None:
    whole = issued()
    ApiKey.objects.update(revoked_at=NOON)
    assert far_api.get(CURVES, headers=bearer(whole)).status_code == 200
    KEYS.refresh()
    assert_refused(far_api.get(CURVES, headers=bearer(whole)), "revoked")


def test_a_key_expires_at_its_instant_without_anybody_looking(market: Market, far_api: Api) -> None:
    whole = issued(expires_at=NOON)
    with time_machine.travel(NOON - timedelta(seconds=1), tick=False) as clock:
        assert far_api.get(CURVES, headers=bearer(whole)).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert_refused(far_api.get(CURVES, headers=bearer(whole)), "has expired")


def test_that_a_key_has_expired_is_told_only_to_who_has_its_secret(
    market: Market, far_api: Api
) -> None:
    prefix, _, _ = issued(expires_at=NOON).partition(".")
    assert_refused(far_api.get(CURVES, headers=bearer(f"{prefix}.guess")), "not known")


# What a key allows, and for whom


@pytest.mark.parametrize("scopes", [["write"], ["reads"], []])
def test_a_key_without_the_scope_is_known_but_not_allowed(
    market: Market, far_api: Api, scopes: list[str]
) -> None:
    answer = far_api.get(CURVES, headers=bearer(issued(scopes=scopes)))
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/forbidden"
    assert answer.json()["detail"] == "This key does not have the scope 'read'."


def test_more_scopes_than_needed_do_no_harm(market: Market, far_api: Api) -> None:
    key = issued(scopes=["write", "read"])
    assert far_api.get(CURVES, headers=bearer(key)).status_code == 200


def test_a_key_may_read_unless_said_otherwise(db: None) -> None:
    assert principal_of_key(issued()).scopes == {"read"}


def test_the_tenant_is_that_of_the_key_whatever_the_request_says(db: None) -> None:
    ours, theirs = issued(tenant=tenant("acme")), issued(tenant=tenant("zenith"))
    headers = {"authorization": f"Bearer {ours}", "x-tenant-id": "zenith", "x-tenant": "zenith"}
    assert identify(headers, "192.0.2.7").tenant == "acme"
    assert principal_of_key(theirs).tenant == "zenith"


def test_a_caller_without_a_key_belongs_to_the_demo_tenant(db: None) -> None:
    headers = {"host": "localhost:8000", "x-tenant-id": "zenith"}
    assert identify(headers, "127.0.0.1").tenant == "demo"


def test_callers_are_told_apart_by_their_keys(db: None) -> None:
    one, two = issued(), issued()
    assert principal_of_key(one).subject == f"key:{one.split('.')[0]}"
    assert principal_of_key(one).subject != principal_of_key(two).subject


def test_no_key_is_in_force_before_the_first_look(db: None) -> None:
    key = issued()
    KEYS.value = {}
    with pytest.raises(Unauthorized):
        principal_of_key(key)
