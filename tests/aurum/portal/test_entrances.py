"""The roots of the API lead somewhere, people and programs alike, and a near miss is named."""

import pytest

from aurum.domains import all_routes
from tests.conftest import Api
from tests.contract import problem

PEOPLE = {"Accept": "text/html,*/*;q=0.8"}
ROOTS = ("/", "/v1", "/v2", "/openapi")


@pytest.mark.parametrize("path", ROOTS)
def test_a_root_is_a_page_to_people_and_json_to_programs(api: Api, path: str) -> None:
    page = api.get(path, headers=PEOPLE)
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1>" in page.text
    found = api.get(path)
    assert found.headers["content-type"] == "application/json"
    assert found.json()
    assert "Accept" in found.headers["vary"]
    assert page.headers["vary"] == found.headers["vary"]


@pytest.mark.parametrize("name", ["v1", "v2"])
def test_a_version_lists_each_of_its_routes(api: Api, name: str) -> None:
    listed = api.get(f"/{name}").json()["routes"]
    routes = [route for route in all_routes() if route.path.startswith(f"{name}/")]
    assert [one["what"] for one in listed] == [
        (route.view.__doc__ or "").partition("\n")[0].removesuffix(".") for route in routes
    ]
    assert all(one["path"].startswith(f"/{name}/") for one in listed)
    page = api.get(f"/{name}", headers=PEOPLE).text
    for one in listed:
        assert one["path"] in page
        assert bool(one["successor"]) is (name == "v1")
        assert name == "v2" or one["successor"] in page


@pytest.mark.parametrize("path", ["/docs/", "/v1/", "/v2/", "/openapi/"])
def test_a_slash_behind_a_page_does_no_harm(api: Api, path: str) -> None:
    moved = api.get(path)
    assert moved.status_code == 301
    assert moved.headers["location"] == path.rstrip("/")
    assert api.get(moved.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/v2/curve", "/v2/curves"),
        ("/v2/iso/lpm", "/v2/iso/lmp"),
        ("/v2/curves/observation/", "/v2/curves/observations"),
        ("/problem", "/problems"),
        ("/docs/grammer", "/docs/grammar"),
        ("/docs/feeds/iso.pjm", "/docs/feeds/iso.pjm_lmp"),
    ],
)
def test_what_is_not_there_is_told_what_is_near(api: Api, path: str, near: str) -> None:
    said = problem(api.get(path), 404, "not-found")["detail"]
    assert near in said
    page = api.get(path, headers=PEOPLE)
    assert page.status_code == 404
    assert near in page.text
    assert page.headers["content-type"].startswith("text/html")


def test_the_first_page_begins_with_v2(api: Api) -> None:
    assert all(one["href"].startswith("/v2/") for one in api.get("/").json()["examples"])
