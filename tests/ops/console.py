"""Records for the console's tests, and the ways there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ops import keys
from ops.models import (
    ApiKey,
    AuditEvent,
    CacheReport,
    Flag,
    Load,
    LoadedTable,
    QuarantinedRow,
    Tenant,
    User,
)

PASSWORD = "correct horse battery staple"


def tenant(slug: str = "acme") -> Tenant:
    return Tenant.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0]


def new_load(**more: Any) -> Load:
    load = Load.objects.create(
        **{"feed": "curves.csv", "file": "a.csv", "sha256": "ab" * 32, "state": "published"} | more
    )
    Load.objects.filter(pk=load.pk).update(ended_at=load.began_at + timedelta(seconds=1.5))
    LoadedTable.objects.create(load=load, table="curve_observation", published_at=timezone.now())
    return load


def new_row(**more: Any) -> QuarantinedRow:
    load = more.pop("load", None) or new_load()
    facts = {"place": "line 7", "reason": "invalid_price", "raw": '{"mid": "n/a"}'} | more
    return QuarantinedRow.objects.create(load=load, **facts)


def new_key(**more: Any) -> ApiKey:
    key = ApiKey(name="a notebook", **{"tenant": tenant(), **more})
    keys.issue(key)
    return key


EXAMPLES: dict[type[Model], Callable[[], Model]] = {
    Group: lambda: Group.objects.create(name="analysts"),
    Tenant: tenant,
    User: lambda: User.objects.create_user("deputy", password=PASSWORD),
    ApiKey: new_key,
    Flag: lambda: Flag.objects.create(name="new-strips", percent="12.5"),
    Load: new_load,
    QuarantinedRow: new_row,
    CacheReport: lambda: CacheReport.objects.create(process="web-1", at=timezone.now()),
    AuditEvent: lambda: AuditEvent.objects.create(
        actor="chief", action="add", subject_type="tenant", subject="acme"
    ),
}
"""One record of everything that has a page in the console."""


def url(page: str, subject: Model | type[Model]) -> str:
    """The address of a page of a model, or of one record of it."""
    name = f"admin:{subject._meta.app_label}_{subject._meta.model_name}_{page}"
    return reverse(name, args=() if isinstance(subject, type) else (subject.pk,))


def audit() -> AuditEvent:
    event = AuditEvent.objects.first()
    assert event is not None
    return event


def listed(console: Client, model: type[Model], query: str) -> list[int]:
    """The primary keys of a list's rows."""
    answer = console.get(f"{url('changelist', model)}?{query}")
    assert answer.status_code == 200
    return sorted(row.pk for row in answer.context["cl"].result_list)
