"""Settings, all of them from the environment. No other module reads it.

`aurum.environment` lists every name with its default and meaning; `manage.py settings` shows what
is in force.
"""

import logging
import os
import re
import secrets
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

from aurum import logs
from aurum.database_url import database_of
from aurum.environment import NAMES, PREFIX, Status
from aurum.stores.addresses import check_clickhouse, check_trino

T = TypeVar("T")

CANARY = re.compile(r"(\w+):(\d{1,3})(:shadow)?")

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
"""What the environment says to Aurum, unread names included: `manage.py check` looks at them."""


def _raw(name: str) -> str:
    entry = NAMES[f"{PREFIX}{name}"]
    if entry.status is not Status.KEPT:
        raise KeyError(f"{PREFIX}{name} is not a name that is kept")
    words = [name, *(n for n, e in ALIASES if e.target == name)]
    for word in words:
        if (value := ENVIRONMENT.get(f"{PREFIX}{word}")) not in (None, ""):
            return value
    return entry.default


ALIASES = [(n.removeprefix(PREFIX), e) for n, e in NAMES.items() if e.status is Status.ALIAS]


def _read(name: str, cast: Callable[[str], T], meaning: str) -> T:
    value = _raw(name)
    if not value:
        raise ImproperlyConfigured(f"{PREFIX}{name} must be set: {meaning}")
    try:
        return cast(value)
    except ValueError:
        raise ImproperlyConfigured(f"{PREFIX}{name}={value!r} must be {meaning}") from None


def _text(name: str) -> str:
    return _raw(name)


def _number(name: str) -> int:
    return _read(name, _natural, "a whole number, 0 or more")


def _natural(value: str) -> int:
    if int(value) < 0:
        raise ValueError(value)
    return int(value)


def _flag(name: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    return _read(name, lambda value: _of(words, value.lower()), "1 or 0")


def _of(words: dict[str, T], value: str) -> T:
    if value not in words:
        raise ValueError(value)
    return words[value]


def _day(name: str) -> date:
    return _read(name, date.fromisoformat, "a date as YYYY-MM-DD")


def _words(name: str) -> list[str]:
    return [word.strip() for word in _text(name).split(",") if word.strip()]


def _stores() -> tuple[dict[str, str], dict[str, tuple[str, int, bool]]]:
    """By domain its engine, and another with its share in percent, which may only be compared."""
    engines: dict[str, str] = {}
    canaries: dict[str, tuple[str, int, bool]] = {}
    domain = ""
    for word in _words("STORES"):
        name, middle, engine = map(str.strip, word.partition("="))
        if middle and name and engine:
            domain, engines[name] = name, engine
            continue
        found = CANARY.fullmatch(word)
        if found is None or not domain or domain in canaries or int(found[2]) > 100:
            raise ImproperlyConfigured(
                f"{PREFIX}STORES must be a list like curves=timescale, in which a second engine and"
                " its share in percent may follow, like curves=timescale,clickhouse:5 or"
                f" curves=timescale,clickhouse:100:shadow; {word!r} is neither"
            )
        canaries[domain] = found[1], int(found[2]), bool(found[3])
    return engines, canaries


def _address(name: str, check: Callable[[str], None]) -> str:
    url = _text(name)
    try:
        if url:
            check(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"{PREFIX}{name} {error}") from None
    return url


def _check_dsn(dsn: str) -> None:
    from aurum.stores.timescale_dsn import check  # noqa: PLC0415 - most have none, nor its driver

    check(dsn)


def _environment() -> str:
    meaning = "development or production"
    if ENVIRONMENT.get(f"{PREFIX}ENV") == "":
        # Another name that is empty has its default; this one's is the open one of the two, and
        # empty is what a variable is that somebody forgot to set.
        raise ImproperlyConfigured(f"{PREFIX}ENV is empty: it must be {meaning}")
    kinds = {"development": "development", "production": "production"}
    return _read("ENV", lambda value: _of(kinds, value), meaning)


AURUM_ENV = _environment()
AURUM_HOME = Path(_text("HOME"))
DEBUG = _flag("DEBUG")


def _development_secret() -> str:
    """A secret of this installation, so that sessions and cursors survive a restart."""
    path = AURUM_HOME / "secret-key"
    AURUM_HOME.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: of two processes that start at once, both read one key.
    aside = path.with_name(f"secret-key.{os.getpid()}")
    if not path.exists():
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(50))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_text()


SECRET_KEY = _text("SECRET_KEY") or (
    _development_secret() if AURUM_ENV == "development" else "unset: manage.py check says so"
)
ALLOWED_HOSTS = _words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = _words("CSRF_TRUSTED_ORIGINS")

AURUM_AUTH = _words("AUTH")
AURUM_CORS_ORIGINS = frozenset(_words("CORS_ORIGINS"))
AURUM_STORES, AURUM_CANARIES = _stores()
AURUM_TIMESCALE_DSN = _address("TIMESCALE_DSN", _check_dsn)
AURUM_CLICKHOUSE_URL = _address("CLICKHOUSE_URL", check_clickhouse)
AURUM_TRINO_URL = _address("TRINO_URL", check_trino)
AURUM_STORE_DEADLINE_SECONDS = _number("STORE_DEADLINE_SECONDS")
AURUM_STORE_WORKERS = _number("STORE_WORKERS")
AURUM_STORE_SLOW_MS = _number("STORE_SLOW_MS")
AURUM_BREAKER_FAILURES = _number("BREAKER_FAILURES")
AURUM_BREAKER_SECONDS = _number("BREAKER_SECONDS")
AURUM_POOL_MIN_SIZE = _number("DATA_BACKEND_POOL_MIN_SIZE")
AURUM_POOL_MAX_SIZE = _number("DATA_BACKEND_POOL_MAX_SIZE")
AURUM_POOL_MAX_IDLE_SECONDS = _number("DATA_BACKEND_POOL_MAX_IDLE_TIME")
AURUM_POOL_ACQUIRE_SECONDS = _number("DATA_BACKEND_POOL_ACQUIRE_TIMEOUT_SECONDS")
AURUM_API_GZIP_MIN_BYTES = _number("API_GZIP_MIN_BYTES")
AURUM_API_MAX_URL_BYTES = _number("API_MAX_URL_BYTES")
AURUM_API_MAX_HEADER_BYTES = _number("API_MAX_HEADER_BYTES")
AURUM_API_RECEIVE_SECONDS = _number("API_RECEIVE_SECONDS")
AURUM_API_SEND_SECONDS = _number("API_SEND_SECONDS")
AURUM_API_MAX_REQUEST_BODY_BYTES = _number("API_MAX_REQUEST_BODY_SIZE")
# Django keeps a body in memory and puts what is longer on the disk: nothing is.
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = AURUM_API_MAX_REQUEST_BODY_BYTES
# Django counts the fields before anyone could answer that with a problem; so no address that is
# read has too many.
DATA_UPLOAD_MAX_NUMBER_FIELDS = AURUM_API_MAX_URL_BYTES
AURUM_PROBLEM_BASE = _text("API_PROBLEM_BASE").rstrip("/")
AURUM_V1_DEPRECATED_AT = _day("API_V1_DEPRECATED_AT")
AURUM_V1_SUNSET_AT = _day("API_V1_SUNSET_AT")
_SPLIT = f"{PREFIX}API_V1_SPLIT_"
AURUM_V1_SPLIT = {
    name.removeprefix(_SPLIT).lower(): _flag(name.removeprefix(PREFIX))
    for name, entry in NAMES.items()
    if name.startswith(_SPLIT) and entry.status is Status.KEPT
}
AURUM_CACHE_MEMORY_BYTES = _number("CACHE_MEMORY_BYTES")
AURUM_CURSOR_TTL_SECONDS = _number("CURSOR_TTL")

INSTALLED_APPS = [
    "ops.console.ConsoleConfig",  # django.contrib.admin, with our way to sign in
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "waffle",
    "aurum",
    "aurum.portal",
    "curves",
    "iso",
    "metadata",
    "ops",
]
AUTH_USER_MODEL = "ops.User"
WAFFLE_FLAG_MODEL = "ops.Flag"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# For the console, the pages and the API's writes. What every request needs is in aurum.server, and
# the API's reads pass nothing else.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "aurum.urls"
APPEND_SLASH = False
STATIC_URL = "/static/"
STATIC_ROOT = AURUM_HOME / "static"
USE_TZ = True
TIME_ZONE = "UTC"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

_URL = _raw("DATABASE_URL") or f"sqlite:///{(AURUM_HOME / 'ops.sqlite3').absolute()}"
try:
    DATABASES = {"default": database_of(_URL)}
except ValueError as _error:
    raise ImproperlyConfigured(f"{PREFIX}DATABASE_URL {_error}") from None

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["aurum.api.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "aurum.openapi.operation.Operation",
}
# Of `manage.py openapi` and `manage.py spectacular`; the server only serves what they wrote.
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "DEFAULT_GENERATOR_CLASS": "aurum.openapi.generator.Generator",
    "POSTPROCESSING_HOOKS": [],
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

if AURUM_ENV == "production":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

_LEVEL = _read(
    "LOG_LEVEL",
    lambda value: _of(logging.getLevelNamesMapping(), value.upper()),
    "DEBUG, INFO, WARNING, ERROR or CRITICAL",
)
LOGGING = logs.configuration(_LEVEL)
logs.configure()
