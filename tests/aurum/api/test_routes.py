"""Conflicts between routes, and what stops the start."""

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from aurum.api.routes import conflicts, route
from aurum.api.views import AsyncAPIView
from aurum.checks import route_checks
from aurum.domains import all_routes, domains


class One(AsyncAPIView):
    async def get(self, request: Any) -> None: ...


class Two(AsyncAPIView):
    async def get(self, request: Any) -> None: ...

    async def post(self, request: Any) -> None: ...


def test_two_routes_of_one_path_and_method_are_named_with_both_places() -> None:
    here = route("v1/x/<str:a>", One, "x", "")
    there = route("v1/x/<int:b>", Two, "y", "")
    (found,) = conflicts([here, there])
    assert found.startswith("path 'GET /v1/x/<>' is declared at tests.aurum.api.test_routes:")
    assert found.count("tests.aurum.api.test_routes:") == 2


def test_a_name_twice_and_an_operation_id_twice_are_conflicts() -> None:
    found = conflicts([route("v1/a", One, "x-y", ""), route("v1/b", One, "x-y", "")])
    assert any(text.startswith("name 'x-y'") for text in found)
    found = conflicts([route("v1/a", One, "x-y", ""), route("v1/b", One, "x_y", "")])
    assert [text.split(" is ")[0] for text in found] == ["operation id 'get_x_y'"]


def test_a_path_that_an_earlier_pattern_swallows_is_a_conflict() -> None:
    pattern, literal = route("v1/<str:key>", One, "key", ""), route("v1/diff", One, "diff", "")
    (found,) = conflicts([pattern, literal])
    assert "swallowed by '/v1/<str:key>'" in found
    assert conflicts([literal, pattern]) == []


def test_the_start_stops_at_a_conflict(settings: Any) -> None:
    # An app that declares curves a second time.
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.ops.few_domains"]
    found = [str(error) for error in route_checks(None) if error.id == "aurum.E010"]
    assert any("GET /v1/curves" in text for text in found)


@pytest.mark.django_db
def test_manage_py_check_refuses_two_policies_of_one_namespace(settings: Any) -> None:
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.aurum.api.gas"]
    with pytest.raises(SystemCheckError, match="'curves-diff' has policies of 'curves' and 'gas'"):
        call_command("check")


@pytest.mark.django_db
def test_manage_py_check_refuses_a_successor_that_does_not_exist(settings: Any) -> None:
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.aurum.api.gas"]
    found = "'/v2/gas/price' of '/v1/gas/prices', .*did you mean '/v2/gas/prices'"
    with pytest.raises(SystemCheckError, match=found):
        call_command("check")


def test_a_successor_is_found_whatever_its_parameters_are_called(settings: Any) -> None:
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.aurum.api.gas"]
    wrong = [error.msg for error in route_checks(None) if error.id == "aurum.E012"]
    assert len(wrong) == 1, wrong


def test_a_domain_is_served_only_where_it_is_installed(settings: Any) -> None:
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "iso"]
    assert [domain.name for domain in domains()] == ["curves", "metadata"]
    assert not [route.path for route in all_routes() if "/iso/" in route.path]


def test_v1_of_a_domain_can_be_switched_off(settings: Any) -> None:
    settings.AURUM_V1_SPLIT = {"curves": False}
    left = {route.path for route in all_routes()}
    assert "v2/curves" in left
    assert "v1/iso/lmp/daily" in left
    assert not [path for path in left if path.startswith("v1/curves")]
