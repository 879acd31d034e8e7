"""`manage.py stores ping`: do the engines in use answer?"""

import time
from collections.abc import Sequence
from contextlib import closing

from django.core.management.base import BaseCommand

from aurum.errors import Problem
from aurum.stores.registry import writer_to


def ping(command: BaseCommand, engines: Sequence[str]) -> int:
    """Says of each engine whether it answers, how soon and in which version; how many do not."""
    silent = 0
    for engine in engines:
        began = time.perf_counter()
        try:
            with closing(writer_to(engine)) as writer:
                version = writer.version()
        except Problem as error:
            command.stderr.write(f"{engine}: {error.detail}")
            silent += 1
        else:
            took = 1000 * (time.perf_counter() - began)
            command.stdout.write(f"{engine}: answers in {took:.0f} ms, {version}")
    return silent
