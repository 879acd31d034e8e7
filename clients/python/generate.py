"""Writes `aurum_client/routes.py` from the OpenAPI document.

Run it where routes or parameters have changed: `python clients/python/generate.py`.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from textwrap import wrap
from typing import Any

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "aurum" / "openapi" / "v2.json"
TARGET = HERE / "aurum_client" / "routes.py"
NOT_OFFERED = {"format", "shape", "cursor", "timestamps", "end_record", "plot"}
"""How an answer is written, which is this package's own affair."""
WIDTH = 96

HEAD = '''"""What a server can be asked. Written by `generate.py` from its OpenAPI document."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from aurum_client.rows import Rows, Server
'''


def method_name(path: str) -> tuple[str, str]:
    """The group and the method of a path: `/v2/iso/lmp/latest` is `iso.lmp_latest`."""
    parts = [part for part in path.removeprefix("/v2/").split("/") if "{" not in part]
    group, rest = parts[0], parts[1:]
    single = "{" in path
    if not rest:
        return group, "one" if single else "all"
    return group, "_".join(rest) + ("_one" if single else "")


def type_of(schema: dict[str, Any]) -> str:
    match schema.get("type"):
        case "array":
            item = type_of(schema["items"])
            return (
                f"{item} | Sequence[{item}]" if "Literal" not in item else f"{item} | Sequence[str]"
            )
        case "integer":
            return "int"
        case "number":
            return "float"
    if "enum" in schema:
        return f"Literal[{', '.join(json.dumps(word) for word in schema['enum'])}]"
    if schema.get("format") in ("date-time", "past-moment"):
        return "str | datetime"
    if schema.get("format") in ("date", "moment", "day", "day-or-month", "day-range"):
        return "str | date | datetime"
    return "str"


def folded(text: str, indent: str, first: str = "") -> str:
    return "\n".join(
        wrap(
            first + text,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent + "    " * bool(first),
        )
    )


def method(path: str, operation: dict[str, Any]) -> str:
    _, name = method_name(path)
    offered = [one for one in operation["parameters"] if one["name"] not in NOT_OFFERED]
    offered.sort(key=lambda one: not one.get("required", False))
    single = "{" in path
    lines = [f"    def {name}(", "        self,"]
    if not single:
        lines.append("        *,")
    for one in offered:
        kind = type_of(one["schema"])
        default = "" if one.get("required") else " | None = None"
        lines.append(f"        {one['name']}: {kind}{default},")
    lines.append(f"    ) -> {'dict[str, Any]' if single else 'Rows'}:")
    doc = [folded(f"{operation['summary']}.", "        ", "").replace("        ", '        """', 1)]
    if description := " ".join(operation.get("description", "").split()):
        doc += ["", folded(description, "        ")]
    doc.append("")
    for one in offered:
        text = " ".join(one.get("description", "").split()) or "See the reference."
        if one["name"] == "limit":
            text = "How many rows at the most, over all pages; all that match if absent."
        doc.append(folded(text, "        ", f"{one['name']}: "))
    lines += [line.replace("\\", "\\\\") for line in doc]
    lines.append('        """')
    in_path = [one["name"] for one in offered if one["in"] == "path"]
    asked = ", ".join(f'"{one["name"]}": {one["name"]}' for one in offered if one["in"] != "path")
    address = json.dumps(path)
    if single:
        address = "f" + address
    lines.append(f"        asked: dict[str, Any] = {{{asked}}}")
    lines.append(
        f"        return self._server.row({address}, asked)"
        if single
        else f"        return Rows(self._server, {address}, asked)"
    )
    assert all(name in path for name in in_path)
    return "\n".join(lines)


def generated(document: dict[str, Any]) -> str:
    """The module's text, in the house's form."""
    groups: dict[str, list[str]] = defaultdict(list)
    for path, operations in document["paths"].items():
        groups[method_name(path)[0]].append(method(path, operations["get"]))
    parts = [HEAD]
    for group, methods in groups.items():
        parts.append(f"class {group.capitalize()}:")
        parts.append(f'    """Below `/v2/{group}`."""\n')
        parts.append(
            "    def __init__(self, server: Server) -> None:\n        self._server = server\n"
        )
        parts.append("\n\n".join(methods) + "\n\n")
    parts.append("class Groups:")
    parts.append('    """What a client can be asked, by the first part of the address."""\n')
    parts.append("    def __init__(self, server: Server) -> None:")
    parts += [f"        self.{group} = {group.capitalize()}(server)" for group in groups]
    text = "\n".join(parts) + "\n"
    formatting = [sys.executable, "-m", "ruff", "format", "--stdin-filename", TARGET.name, "-"]
    return subprocess.run(formatting, input=text, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    TARGET.write_text(generated(json.loads(DOCUMENT.read_text())))
    sys.stdout.write(f"{TARGET.name}: written\n")
