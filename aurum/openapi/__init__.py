"""The API's description: an OpenAPI document for each version, kept beside this file.

`manage.py openapi` makes them; the server only reads them, and imports nothing that makes them.
"""

from pathlib import Path

VERSIONS = ("v1", "v2")
EXAMPLE_ORIGIN = "http://127.0.0.1:8000"
"""The server that examples name as they are kept. Whoever reads them from another sees that one."""


def document_of(version: str) -> Path:
    """Where the document of a version is kept."""
    return Path(__file__).parent / f"{version}.json"
