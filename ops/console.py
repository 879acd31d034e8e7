"""The console as an app: Django's admin, with the site of `ops.signin`."""

from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    default_site = "ops.signin.ConsoleSite"
