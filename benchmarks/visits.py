"""How many files and functions one cold request visits: `python benchmarks/visits.py [PATH ...]`.

The demo data is loaded into a temporary folder. The process is warm (imports, compiled SQL), the
cache is empty. Functions are counted once however often they are called; what Python makes (the
methods of dataclasses) has no file and does not count, comprehensions and lambdas count as part of
the function that they stand in.
"""

import asyncio
import contextlib
import io
import os
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATHS = (
    "/v1/curves?iso=PJM&limit=2",
    "/v2/iso/lmp?location_id=western+hub&resample=month&block=ON_PEAK",
)
os.environ["AURUM_HOME"] = tempfile.mkdtemp(prefix="aurum-visits-")
os.environ["AURUM_LOG_LEVEL"] = "INFO"
os.environ["AURUM_AUTH"] = "anonymous"
sys.path.insert(0, str(ROOT))

import httpx
from django.core.management import call_command

from aurum.asgi import application
from aurum.cache.process import CACHE
from aurum.domains import domains
from aurum.polling import refresh_all

Visit = tuple[str, str]


class Visits:
    """The project's functions that are entered while it is active, in this thread and others."""

    def __init__(self) -> None:
        self.seen: dict[Visit, int] = {}

    def _profile(self, frame: object, event: str, _: object) -> None:
        code = frame.f_code  # type: ignore[attr-defined]
        if event != "call" or not code.co_filename.startswith(str(ROOT)):
            return
        if ".venv" in code.co_filename or "benchmarks" in code.co_filename:
            return
        name = code.co_qualname.partition(".<locals>.<")[0]
        if not name.startswith("<"):
            place = (str(Path(code.co_filename).relative_to(ROOT)), name)
            self.seen[place] = self.seen.get(place, 0) + 1

    def __enter__(self) -> "Visits":
        threading.setprofile_all_threads(self._profile) if sys.version_info >= (3, 12) else None
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)
        return self

    def __exit__(self, *error: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


async def visit(client: httpx.AsyncClient, path: str) -> Visits:
    for _ in range(2):  # the first warms what is made once: readers, SQL, threads
        for domain in domains():
            for policy in domain.policies:
                CACHE.clear(policy.namespace)
        with Visits() as visits:
            answer = await client.get(path)
        assert answer.status_code == 200, answer.text
    return visits


async def main() -> None:
    transport = httpx.ASGITransport(app=application, client=("127.0.0.1", 9))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for path in sys.argv[1:] or PATHS:
            visits = await visit(client, path)
            files = dict.fromkeys(file for file, _ in visits.seen)
            calls = sum(visits.seen.values())
            found = f"{len(files)} files, {len(visits.seen)} functions, {calls} calls"
            sys.stdout.write(f"{path}: {found}\n")
            for file in files:
                names = [name for place, name in visits.seen if place == file]
                sys.stdout.write(f"  {file}: {', '.join(names)}\n")


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        call_command("migrate", verbosity=0)
        call_command("demo")
        refresh_all()
    with asyncio.Runner() as runner:
        runner.run(main())
