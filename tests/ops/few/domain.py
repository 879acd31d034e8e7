"""`curves` with demo files of a test's choosing; DOMAINS = ["tests.ops.few"] takes it instead."""

from dataclasses import replace

from aurum.domains import DemoFile
from curves.domain import DOMAIN as CURVES

FILES: list[DemoFile] = []
DOMAIN = replace(CURVES, demo=lambda: list(FILES))
