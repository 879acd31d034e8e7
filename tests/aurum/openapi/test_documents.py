"""The API's description: valid, whole, served as it is kept."""

import json
import re
import sys
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from aurum.api.formats import MEDIA_TYPES
from aurum.api.routes import Route
from aurum.domains import domains
from aurum.openapi import EXAMPLE_ORIGIN, VERSIONS, document_of
from aurum.openapi.examples import DIFFERENT_EACH_TIME, settled
from aurum.openapi.generator import Generator
from tests.conftest import Api

ROUTES = [
    pytest.param(version, route, id=route.name)
    for domain in domains()
    for version, routes in domain.routes.items()
    for route in routes
]
READ_BY_PEOPLE = [MEDIA_TYPES[name] for name in ("json", "ndjson", "csv")]


@cache
def kept(version: str) -> dict[str, Any]:
    """The document as the server serves it."""
    found: dict[str, Any] = json.loads(document_of(version).read_text())
    return found


def operation_of(version: str, route: Route) -> dict[str, Any]:
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{route.path}")
    found: dict[str, Any] = kept(version)["paths"][path]["get"]
    return found


def resolved(version: str, part: dict[str, Any]) -> dict[str, Any]:
    """A part of the document, or that to which it refers."""
    if "$ref" not in part:
        return part
    found: Any = kept(version)
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def without_examples(document: dict[str, Any]) -> dict[str, Any]:
    document = deepcopy(document)
    for operations in document["paths"].values():
        for operation in operations.values():
            for content in operation["responses"]["200"]["content"].values():
                content.pop("example", None)
    return document


@pytest.mark.parametrize("version", VERSIONS)
def test_a_document_is_valid_and_made_without_a_warning(version: str) -> None:
    validate_schema(kept(version))
    made = Generator(api_version=version).get_schema(public=True)
    assert not GENERATOR_STATS
    stale = "the routes have changed: manage.py openapi"
    assert without_examples(made) == without_examples(kept(version)), stale


def test_spectacular_s_own_command_makes_both(tmp_path: Path) -> None:
    for version in VERSIONS:
        file = tmp_path / version
        call_command("spectacular", api_version=version, fail_on_warn=True, file=str(file))
        assert file.stat().st_size


@pytest.mark.parametrize("version", VERSIONS)
def test_a_document_says_what_it_is_and_who_may_ask(version: str) -> None:
    document = kept(version)
    assert document["openapi"].startswith("3.1")
    assert document["info"]["description"]
    assert {tag["name"] for tag in document["tags"]} == {domain.name for domain in domains()}
    assert all(tag["description"] for tag in document["tags"])
    kinds = document["components"]["securitySchemes"]
    assert [kinds[name]["type"] for name in kinds] == ["http", "apiKey", "apiKey"]
    assert kinds["session"] | {"description": ""} == {
        "type": "apiKey", "in": "cookie", "name": "sessionid", "description": "",
    }  # fmt: skip


@pytest.mark.parametrize(("version", "route"), ROUTES)
def test_every_route_has_words_and_security(version: str, route: Route) -> None:
    operation = operation_of(version, route)
    assert operation["operationId"] in route.operation_ids
    assert operation["summary"]
    assert operation["description"]
    assert operation.get("deprecated", False) is (version == "v1")
    assert {} in operation["security"]
    assert {"session": []} in operation["security"]
    assert len(operation["security"]) == 4


@pytest.mark.parametrize(("version", "route"), ROUTES)
def test_every_parameter_of_a_route_is_there_and_explained(version: str, route: Route) -> None:
    parameters = operation_of(version, route)["parameters"]
    assert {p["name"] for p in parameters} == set(route.view.query_serializer().fields)  # type: ignore[attr-defined]
    for parameter in parameters:
        assert parameter["description"], parameter["name"]
        assert parameter["schema"]["type"]
        if parameter["schema"]["type"] == "array":
            assert (parameter["style"], parameter["explode"]) == ("form", False)
        # A made-up cursor would be refused.
        assert "example" in parameter or parameter["name"].endswith("cursor"), parameter["name"]


@pytest.mark.parametrize(("version", "route"), ROUTES)
def test_every_answer_of_a_route_is_described(version: str, route: Route) -> None:
    responses = operation_of(version, route)["responses"]
    for media_type, content in responses["200"]["content"].items():
        assert content["schema"]
        assert media_type not in READ_BY_PEOPLE or content["example"], media_type
    assert {"400", "401", "403", "406", "414", "500", "503", "504"} <= set(responses)
    assert ("404" in responses) is ("<" in route.path)
    for status, response in responses.items():
        found = resolved(version, response)
        assert found["description"]
        assert "X-Request-Id" in found["headers"]
        if status[0] in "45":
            (content,) = found["content"].values()
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
            assert all(e["value"]["status"] == int(status) for e in content["examples"].values())


@pytest.mark.parametrize("version", VERSIONS)
def test_columns_say_their_meaning_and_their_unit(version: str) -> None:
    rows = {n: s for n, s in kept(version)["components"]["schemas"].items() if n.endswith("Row")}
    assert rows
    for row in rows.values():
        assert all(column["description"] for column in row["properties"].values())
    assert rows["CurvesDiffRow"]["properties"]["mid_a"]["x-unit"] == "=unit"
    assert rows["CurvesRow"]["properties"]["curve_key"]["type"] == "string"


def test_what_differs_each_time_is_the_same_in_every_example() -> None:
    asked = {
        "known_at": "2026-01-01T00:00:00Z",
        "next_cursor": None,
        "links": ["/x?a=1&cursor=Ab-_9"],
    }
    (link,) = settled(asked)["links"]
    assert settled(asked)["known_at"] == DIFFERENT_EACH_TIME["known_at"]
    assert settled(asked)["next_cursor"] is None
    assert link == f"/x?a=1&cursor={DIFFERENT_EACH_TIME['next_cursor']}"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_document_is_served_as_it_is_kept(api: Api, version: str) -> None:
    path, plain = f"/openapi/{version}.json", {"Accept-Encoding": "identity"}
    answer = api.get(path, headers=plain)
    kept = document_of(version).read_bytes()
    assert answer.content == kept.replace(b"http://127.0.0.1:8000", b"http://localhost")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"].startswith("public, max-age=")
    again = api.get(path, headers={**plain, "If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    zipped = api.get(path, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.content == answer.content
    assert zipped.headers["etag"] != answer.headers["etag"]
    assert api.ask("HEAD", path, headers=plain).headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("version", VERSIONS)
def test_samples_name_the_server_that_was_asked(api: Api, version: str) -> None:
    path = f"/openapi/{version}.json"
    tags = set()
    for host in ("localhost:9000", "127.0.0.1:8000"):
        answer = api.get(path, headers={"Host": host})
        assert answer.text.count(f"http://{host}/{version}/") >= 2 * len(kept(version)["paths"])
        assert ("127.0.0.1:8000" in answer.text) is (host == "127.0.0.1:8000")
        tags.add(answer.headers["etag"])
    assert len(tags) == 2


@pytest.mark.usefixtures("some_demo_data")
@pytest.mark.parametrize(("version", "route"), ROUTES)
def test_the_samples_of_a_route_work(version: str, route: Route, api: Api) -> None:
    samples = {one["label"]: one for one in operation_of(version, route)["x-codeSamples"]}
    operation = operation_of(version, route)
    assert list(samples)[:2] == ["curl", "httpx"]
    assert ("pandas" in samples) is (MEDIA_TYPES["csv"] in operation["responses"]["200"]["content"])

    def get(address: str, params: dict[str, str] | None = None, **more: Any) -> Any:
        asked.append(address)
        assert "X-API-Key" in (more.get("headers") or more.get("storage_options") or {})
        return api.get(address.removeprefix(EXAMPLE_ORIGIN), params=params)

    asked: list[str] = []
    stub = SimpleNamespace(get=get, read_csv=get)
    found: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "httpx", stub)  # type: ignore[arg-type]
        patch.setitem(sys.modules, "pandas", stub)  # type: ignore[arg-type]
        exec(samples["httpx"]["source"], found)
        if "pandas" in samples:
            exec(samples["pandas"]["source"], found)
    (curl,) = re.findall("'(http[^']+)'", samples["curl"]["source"])
    answer = api.get(curl.removeprefix(EXAMPLE_ORIGIN))
    assert found["data"] == answer.json()["data"]
    assert found["data"]
    if "pandas" in samples:
        assert found["frame"].headers["content-type"].startswith("text/csv")
    assert all(address.startswith(f"{EXAMPLE_ORIGIN}/{version}/") for address in asked)


def test_there_is_no_document_of_another_version(api: Api) -> None:
    assert api.get("/openapi/v3.json").status_code == 404
