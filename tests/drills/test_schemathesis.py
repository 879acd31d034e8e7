"""Schemathesis over both documents: what fits is answered as declared, all else is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aurum.openapi import VERSIONS, document_of
from tests.drills.conftest import Say
from tests.drills.processes import ROOT, Site

pytestmark = pytest.mark.drill

CONFIGURATION = ROOT / "tests" / "drills" / "schemathesis.toml"
SECONDS = 150
FEWEST_CASES = 500
"""Of every operation its parameters' limits are tried; that alone are more."""


def ask(version: str, base: str, home: Path, seed: int) -> tuple[dict[str, Any], str]:
    """A run's report, and what it printed."""
    report = home / f"{version}.report.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIGURATION),
            *("run", document_of(version), "--url", base, "--checks", "all"),
            *("--seed", str(seed), "--max-time", str(SECONDS), "--no-color"),
            *("--report", "json", "--report-json-path", report),
        ],
        cwd=home,
        env={
            **os.environ,
            "AURUM_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "aurum.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    return json.loads(report.read_text()), done.stdout


@pytest.mark.parametrize("version", VERSIONS)
def test_the_server_does_what_the_document_says(
    version: str, site: Site, say: Say, request: pytest.FixtureRequest
) -> None:
    site.finish(site.start("manage.py", "demo"))
    with site.serve() as client:
        seed = request.config.getoption("randomly_seed")
        report, printed = ask(version, str(client.base_url), site.home, seed)
    operations, cases = report["operations"], report["test_cases"]
    say(
        f"{operations['tested']} operations, {cases['generated']} cases,"
        f" {cases['unique_failures']} failures in {report['running_time']:.0f} s; seed {seed}"
    )
    assert report["exit_code"] == 0, printed
    assert report["complete"]
    assert operations["tested"] == operations["total"]
    assert cases["generated"] >= FEWEST_CASES
    assert not report["failures"]
    assert not report["errors"]
    assert not any(report["warnings"].values())
