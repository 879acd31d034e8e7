"""Which routes the contract tests go through: a test that compares nothing must not pass."""

from aurum.domains import all_routes
from tests import test_contract_v1, test_contract_v2
from tests.contract import NO_LIST, WITH_CSV, WITH_PAGES


def test_every_route_of_v2_but_a_few_is_a_list() -> None:
    lists = {route.name for route in test_contract_v2.ROUTES}
    assert {route.name for route in all_routes() if route.path.startswith("v2/")} - lists == NO_LIST


def test_the_paged_routes_of_v1_are_those_written_out() -> None:
    assert {route.name for route in test_contract_v1.PAGED} == WITH_PAGES
    assert {route.name for route in test_contract_v1.ROUTES} >= WITH_CSV
