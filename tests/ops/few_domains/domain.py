"""`curves` with demo files of a test's choosing, in place of the real domain."""

from dataclasses import replace

from aurum.domains import DemoFile
from curves.domain import DOMAIN as CURVES

FILES: list[DemoFile] = []
DOMAIN = replace(CURVES, demo=lambda: list(FILES))
