"""Aurum's energy market data in a notebook: one call for all rows, as Arrow, pandas or polars."""

from aurum_client.client import Client
from aurum_client.errors import ApiError, AurumError, FieldError, TransferError
from aurum_client.rows import Rows
from aurum_client.version import __version__

__all__ = [
    "ApiError",
    "AurumError",
    "Client",
    "FieldError",
    "Rows",
    "TransferError",
    "__version__",
]
