"""A domain with faults: another's cache policy for its own, and a v1 route without successor."""

from typing import Any

from aurum.api.routes import route
from aurum.api.v1 import V1View
from aurum.api.views import AsyncAPIView
from aurum.domains import Domain
from aurum.results import ResultSchema
from curves.policies import DIFF


class Prices(AsyncAPIView):
    """Prices of gas."""

    async def get(self, request: Any) -> None: ...


class V1Prices(V1View):
    """Prices of gas, as v1 has them: the successor lacks its last letter."""

    result_schema = ResultSchema("gas", ())
    successor = "/v2/gas/price"


class V1Price(V1Prices):
    """One price; the successor's parameter has another name than the route's."""

    successor = "/v2/gas/prices/{hub}"


V1 = (
    route("v1/gas/prices", V1Prices, "v1-gas-prices", ""),
    route("v1/gas/prices/<str:key>", V1Price, "v1-gas-price", ""),
)
V2 = (
    route("v2/gas/prices", Prices, "v2-gas-prices", ""),
    route("v2/gas/prices/<str:name>", Prices, "v2-gas-price", ""),
)

DOMAIN = Domain(name="gas", routes={"v1": V1, "v2": V2}, tables=(), feeds=(), policies=(DIFF,))
