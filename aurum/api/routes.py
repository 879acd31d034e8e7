"""The route registry: which view answers at which path, and no two at the same place.

Each domain lists its routes by hand. A path and method, a URL name or an operation id that is
taken twice, or a literal path that an earlier pattern would swallow, stops the start.
"""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.urls import URLPattern, path
from django.urls.resolvers import RoutePattern

if TYPE_CHECKING:
    from aurum.api.views import AsyncAPIView

_PARAMETER = re.compile(r"<[^>]+>")
_PARAMETER_OF_DOCS = re.compile(r"\{[^}]+\}")


@dataclass(frozen=True, slots=True)
class Route:
    """`name` is the URL name; an operation id is the method and the name (`get_v1_curves`).

    `example` is a query that finds something in the demo data, `path_example` what stands for the
    parameters of the path.
    """

    path: str
    view: "type[AsyncAPIView]"
    name: str
    example: str
    place: str = field(compare=False)
    path_example: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def methods(self) -> list[str]:
        return [
            name for name in ("get", "post", "put", "patch", "delete") if hasattr(self.view, name)
        ]

    @property
    def operation_ids(self) -> list[str]:
        return [f"{method}_{self.name.replace('-', '_')}" for method in self.methods]

    @property
    def example_path(self) -> str:
        return _PARAMETER.sub(lambda found: self.path_example[_name(found[0])], f"/{self.path}")

    def pattern(self) -> URLPattern:
        return path(self.path, self.view.as_view(), name=self.name)


def _name(parameter: str) -> str:
    return parameter.strip("<>").rpartition(":")[2]


def route(
    path: str,
    view: "type[AsyncAPIView]",
    name: str,
    example: str,
    path_example: Mapping[str, str] | None = None,
) -> Route:
    """A route, remembering the line that declared it."""
    caller = sys._getframe(1)
    place = f"{caller.f_globals['__name__']}:{caller.f_lineno}"
    return Route(path, view, name, example, place, path_example or {})


def conflicts(routes: Sequence[Route]) -> list[str]:
    """What cannot stand together, one sentence each, naming both places."""
    seen: dict[tuple[str, str], tuple[int, Route]] = {}
    found = []
    for index, here in enumerate(routes):
        for kind, claim in _claims(here):
            place, other = seen.setdefault((kind, claim), (index, here))
            if place != index:
                found.append(f"{kind} '{claim}' is declared at {other.place} and at {here.place}")
        found += _shadowed(here, routes[:index])
    return found


def path_shape(path: str) -> str:
    """The path without the names and types of its parameters: paths of one shape are one place.

    A parameter is `<str:key>` as in a route, or `{key}` as in the documents.
    """
    return _PARAMETER_OF_DOCS.sub("<>", _PARAMETER.sub("<>", path))


def _claims(here: Route) -> Iterable[tuple[str, str]]:
    for method in here.methods:
        yield "path", f"{method.upper()} /{path_shape(here.path)}"
    yield "name", here.name
    for operation in here.operation_ids:
        yield "operation id", operation


def _shadowed(here: Route, earlier: Sequence[Route]) -> Iterable[str]:
    if "<" in here.path:
        return
    for other in earlier:
        if other.path != here.path and RoutePattern(other.path, is_endpoint=True).match(here.path):
            yield (
                f"path '/{here.path}' of {here.place} is swallowed by '/{other.path}'"
                f" of {other.place}"
            )


def url_patterns(routes: Sequence[Route]) -> list[URLPattern]:
    """The routes as Django's, in their order; a system check has looked for conflicts."""
    return [here.pattern() for here in routes]
