"""Every environment name Aurum knows: what it does, or what became of it.

The predecessor's names are all here, so that an operator who brings an old environment is told,
name by name, what still counts. Anything else that starts with AURUM_ fails `manage.py check`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

PREFIX = "AURUM_"


class Status(StrEnum):
    KEPT = "kept"
    ALIAS = "alias"
    DROPPED = "dropped"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Name:
    """`note` says what a kept name does, why another was dropped, or what a later one waits for."""

    status: Status
    note: str
    default: str | None = None
    target: str | None = None


KEPT = {
    "ENV": ("development", "development or production; production refuses unsafe settings"),
    "DEBUG": ("0", "1 turns on Django's debug mode; refused in production"),
    "LOG_LEVEL": ("INFO", "least severe level that is logged"),
    "HOME": ("var", "folder of the embedded databases, static files and generated secrets"),
    "SECRET_KEY": (None, "signs sessions and cursors; generated below AURUM_HOME in development"),
    "ALLOWED_HOSTS": ("localhost,127.0.0.1,[::1]", "host names served, comma list"),
    "CSRF_TRUSTED_ORIGINS": ("", "origins of the console behind a proxy, comma list"),
    "DATABASE_URL": (None, "the ops database; a SQLite file below AURUM_HOME by default"),
    "AUTH": ("anonymous,key", "who may call: key, and anonymous for reads from this machine"),
    "STORES": ("", "engine by domain, as curves=timescale,iso=timescale; embedded elsewhere"),
    "TIMESCALE_DSN": (None, "where the timescale engine is, as postgresql://user@host/name"),
    "STORE_DEADLINE_SECONDS": ("10", "the longest a query may take"),
    "STORE_WORKERS": ("4", "threads that read the embedded store"),
    "DATA_BACKEND_POOL_MIN_SIZE": ("1", "connections kept open to timescale, per process"),
    "DATA_BACKEND_POOL_MAX_SIZE": ("20", "connections to timescale at the most, per process"),
    "DATA_BACKEND_POOL_MAX_IDLE_TIME": ("300", "seconds after which a spare connection closes"),
    "DATA_BACKEND_POOL_ACQUIRE_TIMEOUT_SECONDS": ("5", "how long a query waits for a connection"),
    "API_GZIP_MIN_BYTES": ("500", "answers from this size on are compressed; 0 turns it off"),
    "API_MAX_URL_BYTES": ("8000", "longest path and query that is read"),
    "API_PROBLEM_BASE": ("", "what goes before /problems/<slug> in the type of an error"),
    "API_V1_DEPRECATED_AT": ("2025-12-31", "date in v1's Deprecation header"),
    "API_V1_SUNSET_AT": ("2027-12-31", "date in v1's Sunset header"),
    "API_V1_SPLIT_CURVES": ("1", "0 takes v1 of curves away"),
    "API_V1_SPLIT_ISO": ("1", "0 takes v1 of iso away"),
    "API_V1_SPLIT_METADATA": ("1", "0 takes v1 of metadata away"),
    "CURSOR_TTL": ("86400", "seconds a cursor outlives the snapshot it was issued under"),
    "CACHE_MEMORY_BYTES": ("268435456", "memory for cached answers, per process; 0 keeps none"),
    "TEST_TIMESCALE_URL": (None, "read by the tests only: where they find a PostgreSQL"),
}

ALIASES = {"APP_DB_DSN": "DATABASE_URL"}

DROPPED = {
    "given to the server, as uvicorn --host, --port and --workers": "API_{HOST,PORT} MAX_WORKERS",
    "AURUM_STORE_DEADLINE_SECONDS bounds every query": "REQUEST_TIMEOUT API_REQUEST_TIMEOUT"
    " API_REQUEST_TIMEOUT_SECONDS DATA_BACKEND_POOL_TIMEOUT_SECONDS",
    "AURUM_STORES says which engine serves which domain": "API_BACKEND",
    "one URL says it: AURUM_TIMESCALE_DSN": "TIMESCALE_{HOST,PORT,USER,PASSWORD,DATABASE}",
    "tests start the whole application": "API_LIGHT_INIT API_V2_LIGHT_INIT",
    "tables are declared in each domain's tables.py": "API_{DIMENSIONS,EIA_SERIES,ISO_LMP_LAST24H,"
    "ISO_LMP_HOURLY,ISO_LMP_DAILY,DROUGHT_INDEX,USDM_AREA,GEOGRAPHIES}_TABLE_{TRINO,CLICKHOUSE,"
    "TIMESCALE} EIA_SERIES_BASE_TABLE API_EIA_SERIES_TABLE",
    "AURUM_AUTH says who may call": "API_AUTH_DISABLED",
    "staff accounts of the console decide who is an administrator": "API_ADMIN_GROUP"
    " API_ADMIN_GUARD_ENABLED ADMIN_EMAILS",
    "Aurum verifies tokens and never signs one": "API_JWT_SECRET API_OIDC_CLIENT_{ID,SECRET}",
    "headers of a proxy are not believed": "API_FORWARD_AUTH_HEADER API_FORWARD_AUTH_CLAIMS_HEADER",
    "page limits belong to the contract": "API_{CURVE,SCENARIO_OUTPUT,SCENARIO_METRIC,EIA_SERIES}"
    "_MAX_LIMIT",
    "answers are bounded by their page limit": "API_MAX_RESPONSE_BODY_SIZE",
    "scenarios are not part of Aurum": "API_SCENARIO_OUTPUTS_ENABLED SCENARIO_REQUESTS_ENABLED"
    " SCENARIO_REQUEST_TOPIC SCENARIO_STATUS_ENABLED SCENARIO_CACHE_INVALIDATION_TOPIC ALERT_TOPIC"
    " FEATURE_{STREAMING_OUTPUTS,PAGINATED_OUTPUTS,OUTPUT_COMPRESSION,OUTPUT_CACHING,"
    "SCENARIO_OUTPUTS_ENABLED,BULK_SCENARIO_RUNS} API_CACHE_TTL_SCENARIO_DATA",
    "external providers are not part of Aurum": "API_EXTERNAL_AUDIT_ENABLED EXTERNAL_AUDIT_SINKS"
    " API_AUDIT_SINKS API_CACHE_TTL_EXTERNAL_DATA",
    "audit records are kept in the ops database": "AUDIT_LOG_DIR AUDIT_KAFKA_{BOOTSTRAP_SERVERS,"
    "TOPIC,CLIENT_ID} AUDIT_CLICKHOUSE_{HOST,PORT,USERNAME,PASSWORD,DATABASE,TABLE}",
    "requests are answered where they arrive": "API_OFFLOAD_{ENABLED,USE_STUB,DEFAULT_QUEUE,"
    "CELERY_BROKER_URL,CELERY_RESULT_BACKEND}",
    "there is no migration between two systems": "USE_SIMPLIFIED_{API,SETTINGS}"
    " USE_SIMPLE_DB_CLIENT {API,DB,SETTINGS}_MIGRATION_PHASE ENABLE_{,DB_}MIGRATION_MONITORING",
    "metrics are scraped, not written to a folder": "METRICS_DIR",
    "title and version stand in the code": "API_TITLE API_VERSION",
    "policies are declared in each domain's domain.py, and a load needs no purge": "CACHE_TTL"
    " API_CACHE_TTL API_CACHE_TTL_{HIGH_FREQUENCY,MEDIUM_FREQUENCY,LOW_FREQUENCY,STATIC,CURVE_DATA,"
    "CURVE_DIFF,CURVE_STRIPS,METADATA} API_CACHE_EIA_SERIES_TTL API_CACHE_EIA_SERIES_DIM_TTL"
    " API_CACHE_IN_MEMORY_TTL API_CURVE_TTL API_CURVE_DIFF_TTL API_INMEMORY_TTL"
    " API_ISO_LMP_CACHE_TTL API_ISO_LMP_INMEMORY_TTL",
}

LATER = {
    "the domain itself": "API_V1_SPLIT_{EIA,DROUGHT,ADMIN,PPA} API_PPA_WRITE_ENABLED",
    "writing requests": "API_MAX_REQUEST_BODY_SIZE",
    "calls from browsers on other sites": "API_CORS_ORIGINS API_CORS_ALLOW_CREDENTIALS",
    "metrics for scraping": "API_METRICS_ENABLED API_METRICS_PATH",
    "sign-in by OpenID Connect": "API_OIDC_{ISSUER,AUDIENCE,JWKS_URL} API_JWT_LEEWAY",
    "the Trino engine": "TRINO_{HOST,PORT,USER,HTTP_SCHEME,CATALOG,SCHEMA,PASSWORD,"
    "HOT_CACHE_ENABLED,TRACE_TAGGING_ENABLED,PREPARED_CACHE_METRICS_ENABLED,METRICS_LABEL}"
    " API_TRINO_HOST API_TRINO_SCHEME",
    "the ClickHouse engine": "CLICKHOUSE_{HOST,PORT,USER,PASSWORD,DATABASE}",
    "Redis": "REDIS_{URL,MODE,DB,USERNAME,PASSWORD,NAMESPACE,TTL_SECONDS,SOCKET_TIMEOUT,"
    "CONNECT_TIMEOUT,SENTINELS,SENTINEL_MASTER,CLUSTER_NODES} API_REDIS_URL",
    "rate limits": "API_RATE_LIMIT_{ENABLED,RPS,BURST,DAILY_CAP,OVERRIDES,TENANT_OVERRIDES,HEADER,"
    "WHITELIST}",
    "limits on concurrency": "API_CONCURRENCY_{ENABLED,MAX_CONCURRENT_REQUESTS,"
    "MAX_REQUESTS_PER_TENANT,MAX_REQUESTS_PER_SECOND,TENANT_BURST_LIMIT,TENANT_QUEUE_LIMIT,"
    "QUEUE_TIMEOUT_SECONDS,BURST_REFILL_PER_SECOND,MAX_REQUEST_DURATION_SECONDS,"
    "SLOW_START_INITIAL_LIMIT,SLOW_START_STEP_SECONDS,SLOW_START_STEP_SIZE,"
    "SLOW_START_COOLDOWN_SECONDS,TENANT_OVERRIDES,BACKPRESSURE_HEADER,"
    "BACKPRESSURE_RATIO_THRESHOLD,REDIS_URL,REDIS_NAMESPACE}",
    "background tasks": "CELERY_{BROKER_URL,RESULT_BACKEND,TASK_DEFAULT_QUEUE} BROKER_URL",
    "tracing": "OTEL_{SERVICE_NAME,SERVICE_NAMESPACE,SERVICE_INSTANCE_ID,EXPORTER_ENDPOINT,"
    "EXPORTER_INSECURE,SAMPLER_RATIO}",
}

_BRACES = re.compile(r"\{([^{}]*)\}")


def _expanded(pattern: str) -> Iterator[str]:
    found = _BRACES.search(pattern)
    if found is None:
        yield pattern
        return
    for choice in found[1].split(","):
        yield from _expanded(pattern[: found.start()] + choice + pattern[found.end() :])


def _each(groups: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for note, patterns in groups.items():
        for pattern in patterns.split():
            for name in _expanded(pattern):
                yield name, note


def _table() -> dict[str, Name]:
    names = {name: Name(Status.KEPT, note, default) for name, (default, note) in KEPT.items()}
    names |= {
        name: Name(Status.ALIAS, f"another word for {PREFIX}{target}", target=target)
        for name, target in ALIASES.items()
    }
    names |= {name: Name(Status.DROPPED, note) for name, note in _each(DROPPED)}
    names |= {name: Name(Status.LATER, f"waits for {note}") for name, note in _each(LATER)}
    return {f"{PREFIX}{name}": entry for name, entry in sorted(names.items())}


NAMES = _table()
