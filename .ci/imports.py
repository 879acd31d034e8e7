"""Every import is declared in requirements/*.in, and every requirement is imported or a tool."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = {
    *(path.parent.name for path in ROOT.glob("*/__init__.py")),
    *(path.parent.name for path in ROOT.glob("clients/python/*/__init__.py")),
    *(path.stem for path in ROOT.glob("*.py")),
    *(path.stem for path in ROOT.glob("clients/python/tests/*.py")),
}
TOOLS = {  # used by name, not by import: each with where
    "coverage", "pytest-django", "pytest-randomly", "pytest-socket", "pytest-xdist",  # pyproject
    "django-stubs", "djangorestframework-stubs", "types-tqdm", "mypy", "ruff",  # lint
    "import-linter",  # lint
    "uv", "uvicorn", "uvloop", "httptools",  # Makefile, .ci/deps
    "drf-spectacular-sidecar",  # INSTALLED_APPS
    "schemathesis",  # tests/drills, as a command
    "tzdata",  # what zoneinfo reads
}  # fmt: skip


def declared() -> set[str]:
    names = set()
    for path in (ROOT / "requirements").glob("*.in"):
        for line in path.read_text().splitlines():
            if found := re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)", line):
                names.add(found[1].lower().replace("_", "-"))
    return names


def imported() -> set[str]:
    names = set()
    for path in ROOT.rglob("*.py"):
        if ".venv" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    settings = (ROOT / "aurum/settings.py").read_text()
    names |= {"waffle"} if '"waffle"' in settings else set()
    return names - OURS - set(sys.stdlib_module_names)


def main() -> int:
    sources = packages_distributions()  # what is not installed here is called as it is imported
    used = {
        name.lower().replace("_", "-")
        for module in imported()
        for name in sources.get(module, [module])
    }
    unused, undeclared = declared() - used - TOOLS, used - declared()
    for name in sorted(unused):
        sys.stderr.write(f"requirements: {name} is not imported\n")
    for name in sorted(undeclared):
        sys.stderr.write(f"requirements: {name} is imported but not declared\n")
    return 1 if unused or undeclared else 0


if __name__ == "__main__":
    sys.exit(main())
