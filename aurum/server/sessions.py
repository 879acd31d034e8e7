"""Who is signed in: the principal behind a session's cookie, asked of the ops database seldom.

People who have signed in read the API as themselves. A read is answered in the event loop, where
no database may be asked: so what a cookie stands for is looked up in a thread, through the function
that `ops` registers, and counts for `SECONDS`. Signing out, another password and the end of an
account take effect within that time, in every process.

Anyone can send cookies, so those that stand for nobody are kept apart and push nobody out, and only
so many of them are looked up at a time.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import parse_cookie

from aurum.database import Threads
from aurum.errors import Overloaded, Problem
from aurum.identity import Principal

LookUp = Callable[[str], Principal | None]
Task = asyncio.Task[Principal | Problem | None]

SECONDS = 5.0
MOST_KEPT = 1_000
"""Of the cookies that stand for somebody, and again of the others."""
MOST_STRANGERS = 20
"""Cookies not seen before that are looked up or wait for it, all callers together."""
LONGEST = 40
"""Characters: Django's session keys are no longer."""

_KEYS = ("authorization", "x-api-key")


def session_key(headers: Mapping[str, str]) -> str | None:
    """The session's cookie, where it counts: a key in a header is what the caller goes by."""
    cookies, name = headers["cookie"], settings.SESSION_COOKIE_NAME
    if name not in cookies or any(header in headers for header in _KEYS):
        return None
    value = parse_cookie(cookies).get(name, "")
    return value if len(value) <= LONGEST and value.isascii() and value.isalnum() else None


class Sessions:
    """Touched by the event loop alone. Cookies are known by their digests: no memory of this
    process lets anyone sign in."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._look_up: LookUp | None = None
        self._threads = Threads(2, "aurum-sessions")
        self._people: OrderedDict[bytes, tuple[Principal, float]] = OrderedDict()
        self._nobody: OrderedDict[bytes, float] = OrderedDict()
        self._under_way: dict[bytes, Task] = {}
        self._strangers: set[bytes] = set()

    def register(self, look_up: LookUp) -> None:
        """`look_up` is called in a thread, with a session's key."""
        self._look_up = look_up

    async def find(self, key: str) -> Principal | Problem | None:
        """Whose session it is, None for nobody's, or why that cannot be said now."""
        digest, now = hashlib.sha256(key.encode()).digest(), self._now()
        person = self._people.get(digest)
        if person is not None and now < person[1]:
            return person[0]
        if now < self._nobody.get(digest, now):
            return None
        task = self._under_way.get(digest)
        if task is None:
            if person is None and len(self._strangers) >= MOST_STRANGERS:
                return Overloaded("More people sign in at once than can be looked up.")
            task = asyncio.get_running_loop().create_task(self._asked(key, digest))
            self._begun(task, digest, is_stranger=person is None)
        return await asyncio.shield(task)  # it is others' as well

    async def _asked(self, key: str, digest: bytes) -> Principal | Problem | None:
        asked_at = self._now()
        try:
            found = await self._threads.ask(lambda: self._look_up(key) if self._look_up else None)
        except Problem as problem:
            return problem
        self._keep(digest, found, asked_at + SECONDS)
        return found

    def _begun(self, task: Task, digest: bytes, *, is_stranger: bool) -> None:
        self._under_way[digest] = task
        task.add_done_callback(lambda _: self._under_way.pop(digest))
        if is_stranger:
            self._strangers.add(digest)
            task.add_done_callback(lambda _: self._strangers.remove(digest))

    def _keep(self, digest: bytes, found: Principal | None, until: float) -> None:
        self._people.pop(digest, None)
        self._nobody.pop(digest, None)
        if found is None:
            self._nobody[digest] = until
        else:
            self._people[digest] = (found, until)
        for kept in (self._people, self._nobody):
            if len(kept) > MOST_KEPT:
                kept.popitem(last=False)

    def close(self) -> None:
        self._threads.close()


SESSIONS = Sessions()
