"""docs/add-a-domain.md, followed to the letter in a copy of the project."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.test_docs import DOCS, ROOT, Block, blocks

pytestmark = pytest.mark.drill

RECIPE = blocks(DOCS / "add-a-domain.md")
COMMENT = ("# ", "<!-- ")
CHANGE = "--- "


class Change(NamedTuple):
    """One place of a file that changes: what is there, and what takes its place."""

    file: str
    before: str
    after: str
    lines: int


def new_files() -> dict[str, str]:
    """The recipe's whole files, by the name in their first line."""
    found = {}
    for block in RECIPE:
        first, _, rest = block.body.partition("\n")
        if block.kind not in ("sh", "diff") and first.startswith(COMMENT):
            found[first.removeprefix("# ").removeprefix("<!-- ").removesuffix(" -->")] = rest
    return found


def changes() -> list[Change]:
    return [change for block in RECIPE if block.kind == "diff" for change in _changes(block)]


def _changes(block: Block) -> Iterator[Change]:
    first, _, rest = block.body.partition("\n")
    assert first.startswith(CHANGE), first
    for place in rest.split("@@\n"):
        lines = place.splitlines()
        assert all(line[:1] in " +-" for line in lines), place
        before, after = (
            "\n".join(line[1:] for line in lines if line[:1] in marks) for marks in (" -", " +")
        )
        added = sum(line.startswith("+") for line in lines)
        yield Change(first.removeprefix(CHANGE), before, after, added)


def copy_project(to: Path) -> None:
    """What git would keep of the working tree, in a repository of its own."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    subprocess.run(["git", "init", "--quiet"], cwd=to, check=True)
    (to / ".venv").symlink_to(sys.prefix)


def follow_recipe(project: Path) -> None:
    """Writes and changes the files, each block once."""
    for name, text in new_files().items():
        path = project / name
        assert not path.exists(), f"{name} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for change in changes():
        path = project / change.file
        whole = f"\n{path.read_text()}"
        assert whole.count(f"\n{change.before}\n") == 1, f"{change.file}: {change.before}"
        path.write_text(whole.replace(f"\n{change.before}\n", f"\n{change.after}\n")[1:])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy, with the new domain in it."""
    path = tmp_path_factory.mktemp("project")
    copy_project(path)
    follow_recipe(path)
    for block in RECIPE:
        if block.kind == "sh":
            run(path, "bash", "-euo", "pipefail", "-c", block.body)
    return path


def run(project: Path, *command: str, may_fail: bool = False) -> str:
    """Runs a command in the copy as a newcomer would: with an environment that says nothing."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AURUM_")}
    clean.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        command,
        cwd=project,
        env={**clean, "AURUM_HOME": str(project / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stdout + done.stderr
    if done.returncode and not may_fail:
        pytest.fail(f"{' '.join(command)}\n{told[-6000:]}", pytrace=False)
    return told


def python(project: Path, *arguments: str) -> str:
    return run(project, sys.executable, *arguments)


def test_the_check_is_content(project: Path) -> None:
    assert "no issues" in python(project, "manage.py", "check")


def test_the_check_refuses_a_twin_in_v1_that_leads_nowhere(project: Path) -> None:
    views = project / "outage" / "v1" / "views.py"
    right = views.read_text()
    views.write_text(right.replace('"/v2/outages"', '"/v2/outage"'))
    told = run(project, sys.executable, "manage.py", "check", may_fail=True)
    views.write_text(right)
    assert "aurum.E012" in told
    assert "did you mean '/v2/outages'?" in told


def test_its_feed_loads_a_file(project: Path) -> None:
    """The recipe's own commands have loaded the sample: the second time nothing changes."""
    told = python(project, "manage.py", "load", "outage.csv", "var/outages-sample.csv")
    assert "0 new, 0 revised, 0 closed, 2 same, 1 quarantined" in told


def test_its_own_tests_pass(project: Path) -> None:
    assert "passed" in python(project, "-m", "pytest", "-q", "tests/outage")


def test_it_keeps_the_contract_of_every_list(project: Path) -> None:
    files = [f"tests/{path.name}" for path in (project / "tests").glob("test_contract*.py")]
    assert "tests/test_contract.py" in files
    told = python(project, "-m", "pytest", "-q", "-k", "outages", *files)
    assert "passed" in told


def test_it_keeps_the_rules_of_the_house_and_is_documented(project: Path) -> None:
    python(project, "-m", "pytest", "-q", "-k", "outage", "tests/test_house.py")
    python(project, "-m", "pytest", "-q", "tests/test_docs.py")


def test_the_tools_watch_over_it_as_over_the_others(project: Path) -> None:
    lines = (project / "pyproject.toml").read_text().splitlines()
    assert not [line for line in lines if "curves" in line and "outage" not in line]


@pytest.mark.skipif(not find_spec("importlinter"), reason="import-linter is a development tool")
def test_it_imports_only_what_a_domain_may(project: Path) -> None:
    run(project, ".venv/bin/lint-imports", "--no-cache")


@pytest.mark.skipif(not shutil.which("ruff", path=f"{sys.prefix}/bin"), reason="no ruff here")
def test_it_is_written_in_the_house_style(project: Path) -> None:
    ours = [name for name in new_files() if name.endswith(".py")]
    run(project, ".venv/bin/ruff", "check", *ours)
    run(project, ".venv/bin/ruff", "format", "--check", *ours)


@pytest.mark.skipif(not find_spec("mypy"), reason="mypy is a development tool")
def test_its_types_are_right(project: Path) -> None:
    told = run(project, sys.executable, "-m", "mypy", "--package", "outage", may_fail=True)
    assert "source files" in told, told
    assert not [line for line in told.splitlines() if line.startswith("outage/")], told


def test_it_changes_few_lines_elsewhere() -> None:
    code = [change for change in changes() if not change.file.startswith("docs/")]
    assert sum(change.lines for change in code) <= 5
