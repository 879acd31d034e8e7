"""The routes of gas prices."""

from typing import Any

from aurum.api.routes import route
from aurum.api.views import AsyncAPIView


class Prices(AsyncAPIView):
    """Prices of gas."""

    async def get(self, request: Any) -> None: ...


ROUTES = (
    route("v2/gas/prices", Prices, "v2-gas-prices", ""),
    route("v2/gas/prices/<str:name>", Prices, "v2-gas-price", ""),
)
