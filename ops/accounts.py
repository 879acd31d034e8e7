"""The administrator that `make run` creates, so that a newcomer can look at the console."""

import secrets
from pathlib import Path

from ops.models import User

NAME = "admin"


def demo_administrator(home: Path) -> tuple[str, str]:
    """Name and generated password; the password is kept in a file that only its owner reads."""
    path = home / "admin-password"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        aside = path.with_name("admin-password.new")
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(9))
        aside.replace(path)
    password = path.read_text()
    if not User.objects.filter(username=NAME).exists():
        User.objects.create_superuser(NAME, password=password)
    return NAME, password
