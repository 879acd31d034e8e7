"""Energy market data of an Aurum server, as tables: see `Client`."""

from aurum_client.client import Client
from aurum_client.errors import ApiError
from aurum_client.rows import Rows

__all__ = ["ApiError", "Client", "Rows"]
