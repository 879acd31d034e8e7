"""Makes the documents from the declared routes."""

import tomllib
from importlib import import_module
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

from aurum.api.routes import Route
from aurum.domains import Domain, domains
from aurum.openapi import VERSIONS

ABOUT = {
    "v1": "The contract of old clients: deprecated, and unchanged until it is switched off. Every"
    " operation names its successor in v2.",
    "v2": "Energy market data with its history, in one grammar for every list. An answer is one"
    " consistent snapshot: pages never skip or repeat a row while data is loaded, and `known_at`"
    " answers with what was known at an earlier moment. The guides are at [/docs](/docs).",
}


class Generator(SchemaGenerator):
    """drf-spectacular's, over the declared routes of one version: the newest if none is named."""

    def __init__(self, *args: Any, api_version: str | None = None, **more: Any) -> None:
        self._version = api_version or VERSIONS[-1]
        self._found = {
            route.pattern(): (domain, route)
            for domain in domains()
            for version, routes in domain.routes.items()
            for route in routes
            if version == self._version
        }
        more |= {"patterns": [*self._found], "api_version": self._version}
        super().__init__(*args, **more)  # type: ignore[no-untyped-call]

    def create_view(self, callback: Any, method: str, request: Any = None) -> Any:
        view: Any = super().create_view(callback, method, request)  # type: ignore[no-untyped-call]
        domain, view.route = self._declared(callback)
        view.tag = domain.name
        return view

    def _declared(self, callback: Any) -> tuple[Domain, Route]:
        return next(found for at, found in self._found.items() if at.callback is callback)

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        document: dict[str, Any] = super().get_schema(request, public)  # type: ignore[no-untyped-call]
        tags = {
            # A domain is described by the docstring of its declaration.
            domain.name: (import_module(f"{domain.name}.domain").__doc__ or "").strip()
            for domain, _ in self._found.values()
        }
        document["info"] = {
            "title": f"Aurum {self._version}",
            "version": _release(),
            "description": ABOUT[self._version],
        }
        document["tags"] = [{"name": name, "description": text} for name, text in tags.items()]
        return document


def _release() -> str:
    text = (settings.BASE_DIR / "pyproject.toml").read_text()
    return str(tomllib.loads(text)["project"]["version"])
