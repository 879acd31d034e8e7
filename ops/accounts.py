"""The administrator that `make run` creates, so that a newcomer can look at the console."""

import secrets
from pathlib import Path

from ops.models import User

NAME = "admin"


def demo_administrator(home: Path) -> tuple[str, str | None]:
    """Name and generated password, None once somebody has given the account another.

    The password is kept in a file that only its owner reads.
    """
    path = home / "admin-password"
    known = User.objects.filter(username=NAME).first()
    if known is not None:
        kept = path.read_text() if path.exists() else None
        return NAME, kept if kept and known.check_password(kept) else None
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        aside = path.with_name("admin-password.new")
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(9))
        aside.replace(path)
    password = path.read_text()
    User.objects.create_superuser(NAME, password=password)
    return NAME, password
