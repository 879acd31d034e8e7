"""`ops`: those who run Aurum. At start-up it hands its load book and its API keys to `aurum`."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "ops"
    verbose_name = "Operations"

    def ready(self) -> None:
        from aurum.identity import KEYS  # models can be imported only from here on
        from aurum.loads.log import register_load_log
        from ops.caching import ORDERS, follow_orders
        from ops.keys import keys_in_force
        from ops.loads import DatabaseLoadLog

        register_load_log(DatabaseLoadLog())
        KEYS.register(keys_in_force)
        ORDERS.register(follow_orders)
