"""Loaded before Django: tests see none of the developer's settings and touch none of their data."""

import atexit
import os
import shutil
import tempfile

for name in [name for name in os.environ if name.startswith("AURUM_")]:
    if not name.startswith("AURUM_TEST_"):
        del os.environ[name]

home = tempfile.mkdtemp(prefix="aurum-tests-")
atexit.register(shutil.rmtree, home, ignore_errors=True)
os.environ["AURUM_HOME"] = home
os.makedirs(os.path.join(home, "static"))
