"""The ops database is for its owner alone."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUFFIXES = ("", "-wal", "-shm")
LOOK = """
import django, sys; django.setup()
from pathlib import Path
from django.core.management import call_command
from ops.models import Tenant
if "migrate" in sys.argv: call_command("migrate", verbosity=0)
Tenant.objects.create(slug=sys.argv[1], name="x")
for suffix in ("", "-wal", "-shm"):
    print(oct(Path(sys.argv[2] + suffix).stat().st_mode & 0o777))
"""


def test_its_files_are_private_from_the_first_and_mended_later(tmp_path: Path) -> None:
    database = tmp_path / "ops.sqlite3"

    def modes(*words: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", LOOK, words[0], str(database), *words[1:]],
            cwd=ROOT, capture_output=True, text=True, check=True, umask=0,
            env={**os.environ, "AURUM_HOME": str(tmp_path),
                 "DJANGO_SETTINGS_MODULE": "aurum.settings"},
        )  # fmt: skip
        return done.stdout.split()

    assert modes("acme", "migrate") == ["0o600"] * 3
    for suffix in SUFFIXES:
        file = Path(f"{database}{suffix}")
        if file.exists():
            file.chmod(0o644)
    assert modes("zenith") == ["0o600"] * 3
