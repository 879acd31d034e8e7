"""A command that serves nothing starts without what only serving needs."""

import os
import subprocess
import sys
from pathlib import Path

ASKED = """
import sys
import django
django.setup()
from ops.management.commands.load import Command
from aurum.domains import domains
from aurum.stores.registry import writer_of
for domain in domains():
    writer_of(domain.name).close()
print(*sorted({"rest_framework.views", "psycopg", "uvicorn"} & sys.modules.keys()))
"""


def test_a_load_into_sqlite_imports_neither_the_views_nor_the_driver_of_postgresql(
    tmp_path: Path,
) -> None:
    plain = {name: value for name, value in os.environ.items() if name[:6] != "AURUM_"}
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        env={**plain, "AURUM_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "aurum.settings"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
