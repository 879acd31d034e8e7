"""What only a load through a server's session can meet."""

import contextlib

import pytest

from aurum.stores.registry import writer_of
from aurum.stores.timescale_writer import TimescaleWriter
from curves.tables import CURVE

TIMESCALE = pytest.param("timescale", marks=pytest.mark.timescale)

pytestmark = pytest.mark.parametrize("engine", [TIMESCALE], indirect=True)


def writer() -> contextlib.closing[TimescaleWriter]:
    made = writer_of("curves")
    assert isinstance(made, TimescaleWriter)
    return contextlib.closing(made)


@pytest.mark.usefixtures("market")
def test_a_session_that_ended_has_given_its_lock_back() -> None:
    """What the load has published stays published: leaving the lock is no failure."""
    with writer() as lost, writer() as other:
        with lost.lock([CURVE]):
            ((pid,),) = lost.query("SELECT pg_backend_pid()", {})
            other.query("SELECT pg_terminate_backend(%(pid)s)", {"pid": pid})
        with other.lock([CURVE]):
            assert other.holds_lock()
