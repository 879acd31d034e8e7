"""What a page of another site may read: by the rules by which browsers decide."""

from typing import Any

import httpx
import pytest

from aurum.server.cors import EXPOSED
from aurum.server.frame import Frame
from aurum.server.gateway import Gateway
from aurum.server.handler import ApiHandler, DjangoHandler
from tests.aurum.exchange import Exchange
from tests.conftest import Api, Market, Run
from tests.contract import problem
from tests.factories import curve_csv, months

DESK, OTHER = "https://desk.example.com", "https://other.example.com"
# Of the Fetch standard: what a page may read of each answer, and what it may send unasked.
SAFELISTED = {
    *("cache-control", "content-language", "content-length", "content-type", "expires"),
    *("last-modified", "pragma"),
}
OF_THE_PROTOCOL = (
    "access-control-",
    "x-content-type",
    "referrer-policy",
    "cross-origin-",
    "x-frame",
)


@pytest.fixture(autouse=True)
def _listed(settings: Any) -> None:
    settings.AURUM_CORS_ORIGINS = frozenset({DESK})


def cors(answer: httpx.Response) -> dict[str, str]:
    """The headers of the protocol, by what follows `access-control-`."""
    start = "access-control-"
    return {k.removeprefix(start): v for k, v in answer.headers.items() if k.startswith(start)}


def preflight(api: Api, path: str, origin: str, method: str = "GET") -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "x-api-key",
    }
    return api.ask("OPTIONS", path, headers=asked)


def varies_by_origin(answer: httpx.Response) -> bool:
    return "Origin" in [word.strip() for word in answer.headers.get("vary", "").split(",")]


@pytest.fixture
def loaded(market: Market) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))


def test_a_listed_origin_reads_answers_and_refusals(loaded: None, api: Api, far_api: Api) -> None:
    sent = {"Origin": DESK}
    answers = [
        (200, api.get("/v2/curves", headers=sent)),
        (200, api.get("/v2/curves", headers=sent)),  # from the cache
        (304, api.get("/v2/curves", headers={**sent, "If-None-Match": "*"})),
        (200, api.get("/v1/curves", headers=sent)),
        (200, api.get("/v2/curves/observations?format=csv", headers=sent)),
        (200, api.get("/openapi/v2.json", headers=sent)),
        (401, far_api.get("/v2/curves", headers=sent)),
        (400, api.get("/v2/curves?limit=0", headers=sent)),
        (400, api.get("/v2/curves?api_key=x", headers=sent)),
        (400, api.get("/v2/curves", headers={**sent, "Host": "evil.example"})),
        (404, api.get("/v2/none", headers=sent)),
        (405, api.ask("POST", "/v2/curves", headers=sent)),
        (413, api.ask("POST", "/v2/curves", headers=sent, content=b"x")),
    ]
    for status, answer in answers:
        assert answer.status_code == status
        assert cors(answer) == {
            "allow-origin": DESK, "allow-credentials": "true", "expose-headers": EXPOSED,
        }  # fmt: skip
        assert varies_by_origin(answer), answer.url


def test_every_header_of_an_answer_can_be_read(loaded: None, api: Api, far_api: Api) -> None:
    exposed = {name.strip().lower() for name in EXPOSED.split(",")}
    for path in (
        "/v1/curves?offset=0&limit=1",
        "/v2/curves",
        "/v2/curves/observations?format=csv",
        "/v2/none",
    ):
        for asked in (api, far_api):
            for name in asked.get(path, headers={"Origin": DESK}).headers:
                known = name in SAFELISTED | exposed | {"content-encoding"}
                assert known or name.startswith(OF_THE_PROTOCOL), name


@pytest.mark.parametrize("origin", [OTHER, "null", f"{DESK}:444", f"{DESK}.evil.example", "*", ""])
def test_no_other_origin_reads_anything(loaded: None, api: Api, origin: str) -> None:
    for path in ("/v2/curves", "/v2/none", "/v2/curves?token=x"):
        answer = api.get(path, headers={"Origin": origin})
        assert cors(answer) == {}
        assert varies_by_origin(answer), "or a cache would give it to a listed one"
    asked = preflight(api, "/v2/curves", origin)
    assert cors(asked) == {}
    assert varies_by_origin(asked)


def test_without_an_origin_nothing_is_allowed_but_caches_are_told(loaded: None, api: Api) -> None:
    answer = api.get("/v2/curves")
    assert cors(answer) == {}
    assert varies_by_origin(answer)


@pytest.mark.parametrize("origin", [OTHER, "null"])
def test_all_origins_may_read_without_cookies(
    loaded: None, api: Api, settings: Any, origin: str
) -> None:
    settings.AURUM_CORS_ORIGINS = frozenset({"*"})
    for answer in (api.get("/v2/curves", headers={"Origin": origin}),
                   preflight(api, "/v2/curves", origin)):  # fmt: skip
        assert cors(answer)["allow-origin"] == "*"
        assert "allow-credentials" not in cors(answer)
    settings.AURUM_CORS_ORIGINS = frozenset({"*", DESK})
    both = (api.get("/v2/curves", headers={"Origin": at}) for at in (DESK, origin))
    assert [cors(answer)["allow-origin"] for answer in both] == [DESK, "*"]


def test_an_origin_called_star_gets_no_more_than_others(
    loaded: None, api: Api, settings: Any
) -> None:
    settings.AURUM_CORS_ORIGINS = frozenset({"*"})
    assert "allow-credentials" not in cors(api.get("/v2/curves", headers={"Origin": "*"}))


@pytest.mark.parametrize("path", ["/v2/curves", "/v1/curves", "/v2/none", "/openapi/v2.json"])
def test_a_preflight_needs_no_key_and_no_database(far_api: Api, path: str) -> None:
    answer = preflight(far_api, path, DESK)
    assert (answer.status_code, answer.content) == (204, b"")
    said = cors(answer)
    assert (said["allow-origin"], said["allow-credentials"]) == (DESK, "true")
    assert said["allow-methods"] == "GET, HEAD, OPTIONS"
    assert {"Authorization", "X-API-Key", "If-None-Match", "Accept", "Content-Type"} <= {
        name.strip() for name in said["allow-headers"].split(",")
    }
    assert int(said["max-age"]) > 0
    assert varies_by_origin(answer)
    assert answer.headers["x-request-id"]


def test_another_options_is_answered_as_ever(loaded: None, api: Api, far_api: Api) -> None:
    answer = api.ask("OPTIONS", "/v2/curves", headers={"Origin": DESK})
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    problem(preflight(far_api, "/v2/curves", OTHER), 401, "unauthorized")


@pytest.mark.parametrize("path", ["/", "/docs", "/admin/login/", "/sign-in", "/problems", "/none"])
@pytest.mark.parametrize("origins", [{DESK}, {"*"}])
def test_the_console_and_the_pages_are_for_no_other_site(
    api: Api, settings: Any, path: str, origins: set[str]
) -> None:
    settings.AURUM_CORS_ORIGINS = frozenset(origins)
    assert cors(api.get(path, headers={"Origin": DESK})) == {}
    assert cors(preflight(api, path, DESK)) == {}


def test_a_mounted_api_is_shared_as_well(run: Run[Exchange]) -> None:
    app = Frame(Gateway(reads=ApiHandler(), others=DjangoHandler()))
    for path, shared in (("/mounted/v2/none", True), ("/mounted/none", False)):
        exchange = Exchange(path, headers={"origin": DESK}, root_path="/mounted")
        _, headers, _ = run(exchange.through(app)).answer()
        assert ("access-control-allow-origin" in dict(headers)) is shared


def test_without_the_setting_nothing_is_said(loaded: None, api: Api, settings: Any) -> None:
    settings.AURUM_CORS_ORIGINS = frozenset()
    answer = api.get("/v2/curves", headers={"Origin": DESK})
    assert cors(answer) == {}
    assert not varies_by_origin(answer)
