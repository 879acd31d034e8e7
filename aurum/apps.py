"""Django's handle on `aurum`: its templates and its checks."""

from importlib import import_module

from django.apps import AppConfig


class AurumConfig(AppConfig):
    name = "aurum"

    def ready(self) -> None:
        import_module("aurum.checks")
