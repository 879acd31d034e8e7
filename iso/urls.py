"""The routes of market operators' prices."""

from aurum.api.routes import Route

V1: tuple[Route, ...] = ()
V2: tuple[Route, ...] = ()
