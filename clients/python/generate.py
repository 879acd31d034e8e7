"""Writes aurum_client/routes.py: a method for each GET of the OpenAPI document of v2.

It needs Python alone. A test compares the file with what this makes of the current document.
"""

import json
import keyword
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "aurum" / "openapi" / "v2.json"
ROUTES = HERE / "aurum_client" / "routes.py"
WIDTH = 96
OF_WRITING = {"format", "shape", "cursor", "timestamps", "end_record", "plot"}
"""Parameters that this package itself has to decide on."""
TYPES = {
    **dict.fromkeys(("day", "day-range", "day-or-month"), "Day"),
    **dict.fromkeys(("past-moment", "moment", "date-time"), "Moment"),
}
"""By the format of a text, what it may be."""
HEAD = '''\
"""The routes of Aurum v2. Written by generate.py: change it, or the routes, and run it again."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from aurum_client.group import Group
from aurum_client.parameters import path_of
from aurum_client.rows import Rows
from aurum_client.transport import Transport

Texts = str | Sequence[str]
"""One value, several with commas between them, or a list of values."""
Day = str | date
"""As 2025-09-30, or any form that the parameter takes; a midnight without a zone is its day."""
Moment = str | date
"""A date, or an instant (a datetime, which is a date) with its zone, or the text of either."""
'''
LIMIT = "How many rows in all; every row that matches if absent."


class Parameter(NamedTuple):
    """A keyword argument; `name` is what the server calls it."""

    name: str
    type: str
    required: bool
    in_path: bool
    words: str

    @property
    def argument(self) -> str:
        return f"{self.name}_" if keyword.iskeyword(self.name) else self.name

    @property
    def declaration(self) -> str:
        needed = self.required or self.in_path
        return f"{self.argument}: {self.type}" + ("" if needed else " | None = None")


class Method(NamedTuple):
    group: str
    name: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    is_list: bool


class Choices:
    """Names for the choices of words that parameters have, each written once."""

    def __init__(self) -> None:
        self._words: dict[str, tuple[str, ...]] = {}

    def named(self, parameter: str, operation: str, words: tuple[str, ...]) -> str:
        """The name of a parameter's words; with the operation's, where others have that name."""
        name = _class(parameter)
        if self._words.setdefault(name, words) != words:
            name = _class(f"{operation.removeprefix('get_v2_')}_{parameter}")
            self._words[name] = words
        return name

    def lines(self) -> Iterator[str]:
        for name, words in self._words.items():
            if len(words) == 1:
                yield f"{name} = Literal[{_quoted(words[0])}]"
                continue
            yield f"{name} = Literal["
            yield from (f"    {_quoted(word)}," for word in words)
            yield "]"


def source(document: Mapping[str, Any]) -> str:
    """The text of routes.py for an OpenAPI document."""
    choices = Choices()
    methods = [
        _method(path, operations["get"], choices)
        for path, operations in document["paths"].items()
        if "get" in operations
    ]
    about = {tag["name"]: tag["description"] for tag in document["tags"]}
    groups = dict.fromkeys(method.group for method in methods)
    lines = [HEAD, *choices.lines()]
    for group in groups:
        lines += ["", "", f"class {_class(group)}(Group):", *_docstring(about.get(group, group), 4)]
        for method in methods:
            if method.group == group:
                lines += ["", *_method_lines(method)]
    lines += ["", "", "class Groups:", *_docstring("The routes, by what they are about.", 4), ""]
    lines += ["    def __init__(self, transport: Transport) -> None:"]
    lines += [f"        self.{group} = {_class(group)}(transport)" for group in groups]
    return "\n".join(lines) + "\n"


def _class(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def _method(path: str, operation: Mapping[str, Any], choices: Choices) -> Method:
    group = operation["tags"][0].replace("-", "_")
    name = operation["operationId"].removeprefix("get_v2_")
    name = "list" if name == group else name.removeprefix(f"{group}_")
    given = operation["parameters"]
    parameters = (
        _parameter(one, operation["operationId"], choices)
        for one in given
        if one["name"] not in OF_WRITING
    )
    return Method(
        group,
        name,
        path,
        operation["summary"],
        operation.get("description", ""),
        tuple(parameters),
        any(one["name"] == "cursor" for one in given),
    )


def _parameter(given: Mapping[str, Any], operation: str, choices: Choices) -> Parameter:
    schema = given["schema"]
    words = given["description"]
    if given["name"] == "limit":
        words = LIMIT
    elif listed := schema.get("items", {}).get("enum"):
        words = f"{words} Of: {', '.join(listed)}."
    return Parameter(
        given["name"],
        _type(schema, lambda words: choices.named(given["name"], operation, words)),
        given.get("required", False),
        given["in"] == "path",
        words,
    )


def _type(schema: Mapping[str, Any], choice: Callable[[tuple[str, ...]], str]) -> str:
    if schema["type"] == "array":
        return "Texts"
    if "enum" in schema:
        return choice(tuple(schema["enum"]))
    if schema["type"] == "string":
        return TYPES.get(schema.get("format", ""), "str")
    return {"integer": "int", "number": "float", "boolean": "bool"}[schema["type"]]


def _method_lines(method: Method) -> Iterator[str]:
    in_path = [one for one in method.parameters if one.in_path]
    others = sorted((one for one in method.parameters if not one.in_path), key=_may_be_absent)
    yield f"    def {method.name}("
    yield "        self,"
    yield from (f"        {one.declaration}," for one in in_path)
    yield from ["        *,"] * bool(others)
    yield from (f"        {one.declaration}," for one in others)
    yield f"    ) -> {'Rows' if method.is_list else 'dict[str, Any]'}:"
    yield from _docstring(method.summary, 8, _description(method, [*in_path, *others]))
    yield f"        return self._{'rows' if method.is_list else 'row'}("
    yield f"            {_path(method.path, in_path)},"
    yield from _given([one for one in others if one.name != "limit"])
    yield from ["            limit,"] * (method.is_list and any(o.name == "limit" for o in others))
    yield "        )"


def _may_be_absent(parameter: Parameter) -> bool:
    return not parameter.required


def _path(path: str, in_path: list[Parameter]) -> str:
    if not in_path:
        return _quoted(path)
    names = (f"{one.name}={one.argument}" for one in in_path)
    return f"path_of({_quoted(path)}, {', '.join(names)})"


def _given(parameters: list[Parameter]) -> Iterator[str]:
    if not parameters:
        yield "            {},"
        return
    yield "            {"
    yield from (f"                {_quoted(one.name)}: {one.argument}," for one in parameters)
    yield "            },"


def _description(method: Method, parameters: list[Parameter]) -> list[str]:
    """What follows a method's first line: its description, then its arguments, wrapped."""
    lines = textwrap.wrap(" ".join(method.description.split()), WIDTH - 8)
    lines += ["", f"`GET {method.path}`"]
    for one in parameters:
        text = f"{one.argument}: {' '.join(one.words.split())}"
        wrapped = textwrap.wrap(text, WIDTH - 12, subsequent_indent="    ")
        lines += [*([""] * (one is parameters[0])), *wrapped]
    return lines


def _docstring(first: str, indent: int, more: list[str] | None = None) -> list[str]:
    text = first.replace("\\", "\\\\").replace('"""', "'''").rstrip()
    text = text if text.endswith((".", "?", ":")) else f"{text}."
    blank = " " * indent
    start = textwrap.wrap(text, WIDTH - indent - 6)
    lines = [f'{blank}"""{start[0]}', *(blank + line for line in start[1:])]
    if not more:
        return [*lines[:-1], f'{lines[-1]}"""']
    rest = (line.replace("\\", "\\\\").replace('"""', "'''") for line in more)
    lines += ["", *(f"{blank}{line}".rstrip() for line in rest)]
    return [*lines, f'{blank}"""']


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    ROUTES.write_text(source(json.loads(DOCUMENT.read_text())))
