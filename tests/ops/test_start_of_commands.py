"""A command that serves nothing starts without what only serving needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.iso.conftest import hours, lmp

ROOT = Path(__file__).parents[2]
RUN = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "migrate", "-v0", "--skip-checks"])
execute_from_command_line(["manage.py", *sys.argv[1:]])
print(*sorted({"rest_framework.views", "iso.views", "psycopg", "uvicorn"} & sys.modules.keys()))
"""


@pytest.mark.parametrize("words", [["load", "iso.csv", "iso.csv"], ["stores", "check"]])
def test_a_command_on_sqlite_imports_neither_the_views_nor_the_driver_of_postgresql(
    tmp_path: Path, words: list[str]
) -> None:
    (tmp_path / "iso.csv").write_text(lmp(hours("2025-03-03T05:00:00Z", 24)))
    plain = {name: value for name, value in os.environ.items() if name[:6] != "AURUM_"}
    own = {"AURUM_HOME": str(tmp_path / "home"), "DJANGO_SETTINGS_MODULE": "aurum.settings"}
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words],
        env={**plain, **own, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "", done.stdout
