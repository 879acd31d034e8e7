"""Loaded before Django: tests see none of the developer's settings and touch none of their data."""

import atexit
import os
import pathlib
import shutil
import tempfile
import time

import pytest

for name in [name for name in os.environ if name.startswith("AURUM_")]:
    if not name.startswith("AURUM_TEST_"):
        del os.environ[name]

# Stores wait for the disk at every commit. Where there is a file system in memory, tests use it.
memory = pathlib.Path("/dev/shm")
if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
    tempfile.tempdir = str(memory)

home = tempfile.mkdtemp(prefix="aurum-tests-")
atexit.register(shutil.rmtree, home, ignore_errors=True)
os.environ["AURUM_HOME"] = home
os.environ["AURUM_AUTH"] = "anonymous,key"
os.makedirs(os.path.join(home, "static"))


@pytest.fixture(autouse=True)
def _read_once() -> None:
    """What is polled counts as read, as after a start; its own tests say otherwise."""
    from aurum import polling

    for polled in polling._polled:
        polled.read_at = time.monotonic()
