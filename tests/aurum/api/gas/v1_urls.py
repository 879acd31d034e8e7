"""The routes of gas prices in v1."""

from aurum.api.routes import route
from aurum.api.v1 import V1View
from aurum.results import ResultSchema


class V1Prices(V1View):
    """Prices of gas, as v1 has them: the successor lacks its last letter."""

    result_schema = ResultSchema("gas", ())
    successor = "/v2/gas/price"


class V1Price(V1Prices):
    """One price; the successor's parameter has another name than the route's."""

    successor = "/v2/gas/prices/{hub}"


ROUTES = (
    route("v1/gas/prices", V1Prices, "v1-gas-prices", ""),
    route("v1/gas/prices/<str:key>", V1Price, "v1-gas-price", ""),
)
