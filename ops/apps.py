"""`ops`: those who run Aurum. At start-up it hands `aurum` its log of loads, its API keys and
who is signed in."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "ops"
    verbose_name = "Operations"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from aurum.identity import KEYS  # models can be imported only from here on
        from aurum.loads.log import register_load_log
        from aurum.polling import POLL_SECONDS, every
        from aurum.server.sessions import SESSIONS
        from aurum.server.warmup import WARM
        from ops.caching import REPORT_SECONDS, CommandFollower
        from ops.files import keep_private
        from ops.keys import keys_in_force
        from ops.loads import DatabaseLoadLog
        from ops.sessions import signed_in

        connection_created.connect(keep_private)
        register_load_log(DatabaseLoadLog())
        KEYS.register(keys_in_force)
        SESSIONS.register(signed_in)
        follower = CommandFollower(WARM)
        every(POLL_SECONDS, follower.follow)
        every(REPORT_SECONDS, follower.report)
