"""The Python client has a method for each route of v2."""

import json
import runpy
from pathlib import Path

from aurum.openapi import document_of

CLIENT = Path(__file__).parents[3] / "clients" / "python"


def test_the_methods_are_those_of_the_current_document() -> None:
    source = runpy.run_path(str(CLIENT / "generate.py"))["source"]
    made = source(json.loads(document_of("v2").read_text()))
    kept = (CLIENT / "aurum_client" / "routes.py").read_text()
    # Compared here and not by pytest, which takes seconds to show how long texts differ.
    assert (made == kept) is True, "the routes have changed: run python clients/python/generate.py"
