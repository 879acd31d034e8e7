"""The documents' examples are what the demo data answers today."""

import subprocess
import sys

import pytest

from tests.drills.processes import ROOT

pytestmark = pytest.mark.drill


def test_asking_again_gives_the_documents_that_are_kept() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "openapi", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
