"""The gateway gives what the view gives, and one tenant's answer to nobody else."""

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aurum.api.caching import key_of, tags_of
from aurum.api.formats import MEDIA_TYPES
from aurum.api.routes import Route
from aurum.cache.policies import Policy
from aurum.cache.process import CACHE
from aurum.domains import all_routes, domains
from aurum.identity import Principal
from aurum.server.frame import Frame
from aurum.server.gateway import Gateway
from aurum.server.handler import ApiHandler, DjangoHandler
from aurum.stores.registry import close_stores
from ops import keys
from ops.models import ApiKey, Tenant
from tests.aurum.exchange import Exchange
from tests.conftest import Api, Market, Run
from tests.contract import example
from tests.factories import curve_csv, months

OF_THE_MOMENT = {"x-request-id", "server-timing", "cache-status", "date"}


def facts(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    headers = {k: v for k, v in answer.headers.items() if k not in OF_THE_MOMENT}
    return answer.status_code, headers, answer.content


@pytest.mark.usefixtures("some_demo_data")
@pytest.mark.parametrize("route", all_routes(), ids=lambda route: route.name)
def test_the_gateway_gives_what_the_view_gives_byte_for_byte(api: Api, route: Route) -> None:
    for form in (None, *MEDIA_TYPES):
        for coding in ("identity", "gzip"):
            for method in ("GET", "HEAD"):
                params = example(route, **({"format": form} if form else {}))
                headers = {"Accept-Encoding": coding}
                one, two = (
                    api.ask(method, route.example_path, params=params, headers=headers)
                    for _ in range(2)
                )
                if one.status_code != 200:
                    assert two.status_code == one.status_code  # an error names its request
                    continue
                assert facts(one) == facts(two)
                if "etag" in one.headers:
                    assert "aurum; hit" in two.headers["cache-status"]
                    headers["If-None-Match"] = one.headers["etag"]
                    again = api.ask(method, route.example_path, params=params, headers=headers)
                    assert again.status_code == 304


def test_a_hit_says_so_and_a_miss_says_so(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 3)))
    assert api.get("/v2/curves").headers["cache-status"] == "aurum; fwd=miss; stored"
    hit = api.get("/v2/curves").headers["cache-status"]
    assert hit.startswith("aurum; hit; ttl=")


def test_a_load_makes_old_answers_unreachable(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1, price=1)))
    path = "/v2/curves/observations"
    assert [row["mid"] for row in api.rows(path)] == [1.0]
    market.load("curves.csv", curve_csv(months("2025-10", 1, price=2)))
    assert [row["mid"] for row in api.rows(path)] == [2.0]


def test_a_store_that_fails_is_answered_from_what_has_expired(
    market: Market,
    api: Api,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    home: Any,
    run: Run[Any],
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    before = api.get("/v2/curves/observations")
    run(close_stores())
    (home / "market.sqlite3").rename(home / "gone")
    clock = CACHE._now
    monkeypatch.setattr(CACHE, "_now", lambda: clock() + 500)
    stale = api.get("/v2/curves/observations")
    assert stale.content == before.content
    assert "detail=stale-if-error" in stale.headers["cache-status"]
    monkeypatch.setattr(CACHE, "_now", lambda: clock() + 50_000)
    assert api.get("/v2/curves/observations").status_code == 503


def test_many_clients_on_one_cold_key_ask_the_store_once(
    market: Market, api: Api, run: Run[Any]
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 5)))

    async def crowd() -> list[httpx.Response]:
        asked = (api._client.get("/v2/curves/observations") for _ in range(500))
        return await asyncio.gather(*asked)

    answers = run(crowd())
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    states = [answer.headers["cache-status"] for answer in answers]
    assert states.count("aurum; fwd=miss; stored") == 1
    assert all("hit" in state or "miss" in state for state in states)


def test_an_unknown_key_is_refused_though_the_answer_is_there(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    assert api.get("/v2/curves").status_code == 200
    assert api.get("/v2/curves", headers={"X-API-Key": "au_x.y"}).status_code == 401
    assert api.get("/v2/curves", headers={"Host": "evil.example"}).status_code == 400
    assert api.get("/v2/curves", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 401


def test_a_key_without_the_scope_gets_no_answer_that_is_there(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    tenant = Tenant.objects.create(slug="acme", name="Acme")
    key = keys.issue(ApiKey(name="writes only", tenant=tenant, scopes=["write"]))
    for path in ("/v1/curves", "/v2/curves"):
        api.get(path)
        assert "aurum; hit" in api.get(path).headers["cache-status"]
        for method in ("GET", "HEAD"):
            refused = api.ask(method, path, headers={"X-API-Key": key})
            assert refused.status_code == 403
            assert "etag" not in refused.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_s_caller_is_known_before_its_view(
    run: Run[Exchange], settings: Any, method: str
) -> None:
    settings.ROOT_URLCONF = "tests.aurum.server.odd_urls"
    app = Frame(Gateway(reads=ApiHandler(), others=DjangoHandler()))
    here = Exchange("/v1/test/only-post", method)
    elsewhere = Exchange("/v1/test/only-post", method, client=("192.0.2.7", 9))
    wrong = Exchange("/v1/test/only-post", method, headers={"x-api-key": "au_1.x"})
    known, unknown = (200, 401) if method == "POST" else (405, 405)
    assert run(here.through(app)).answer()[0] == known
    assert run(elsewhere.through(app)).answer()[0] == unknown
    assert run(wrong.through(app)).answer()[0] == unknown


def test_a_view_that_streams_is_never_kept(run: Run[Exchange], settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.aurum.server.odd_urls"
    app = Frame(Gateway(reads=ApiHandler(), others=DjangoHandler()))
    bodies = []
    for _ in range(2):
        exchange = run(Exchange("/v1/test/policed-stream").through(app))
        assert b"Cache-Status" not in dict(exchange.sent[0]["headers"])
        bodies.append(exchange.body)
    assert bodies == [b"part 1;", b"part 2;"]


TENANTS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=30)


@given(TENANTS, st.booleans())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_of_one_tenant_is_served_to_another(
    run: Run[Any], tenants: list[str], same_query: bool
) -> None:
    """A route whose answer names its tenant, asked through the key and the cache of the API."""
    policy = Policy(
        namespace="test-tenants", ttl_seconds=60, stale_seconds=0, error_seconds=0,
        negative_ttl_seconds=0,
    )  # fmt: skip

    async def served(tenant: str, number: int) -> str:
        caller = Principal(f"key:{number}", tenant, frozenset({"read"}))

        async def answer() -> str:
            await asyncio.sleep(0)
            return f"the answer of {tenant}"

        key = key_of(policy, (), caller, "/x", "" if same_query else f"n={number % 2}", "json")
        found = await CACHE.get(
            policy, key, tags_of(policy, (), caller), answer, size=len, is_negative=lambda _: False
        )
        return found.value

    async def all_at_once() -> list[str]:
        return await asyncio.gather(*(served(t, n) for n, t in enumerate(tenants)))

    for _ in range(2):
        assert run(all_at_once()) == [f"the answer of {tenant}" for tenant in tenants]
    CACHE.clear("test-tenants")


def test_every_policy_of_shared_answers_is_declared_by_a_domain() -> None:
    views = {route.view for route in all_routes() if route.view.policy}
    declared = {policy for domain in domains() for policy in domain.policies}
    assert {view.policy for view in views} <= declared
