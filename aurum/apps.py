"""Django's handle on `aurum`, and what a domain's own app config is based on."""

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from aurum.domains import Domain


class AurumConfig(AppConfig):
    name = "aurum"
    default = True

    def ready(self) -> None:
        import_module("aurum.checks")


class DomainConfig(AppConfig):
    """An app that is a domain. What it serves stands in its `domain.py`, read when asked for."""

    default = False

    @cached_property
    def domain(self) -> "Domain":
        """An import error in the domain is raised as it is, and stops the start."""
        declared: Domain = import_module(f"{self.name}.domain").DOMAIN
        return declared
