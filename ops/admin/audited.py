"""Recording who changed what."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from ops.models import AuditEvent

SECRET = frozenset({"password", "sha256"})


def facts(subject: Model) -> dict[str, Any]:
    """A record's fields and what it is joined with, secrets left out."""
    own = {
        field.name: str(value) if (value := field.value_from_object(subject)) is not None else None
        for field in subject._meta.concrete_fields
        if field.name not in SECRET
    }
    joined = {
        field.name: sorted(str(other) for other in field.value_from_object(subject))
        for field in subject._meta.many_to_many
    }
    return own | joined


def stored_facts(subject: Model) -> dict[str, Any]:
    return facts(type(subject)._default_manager.get(pk=subject.pk))


def record(
    actor: str,
    action: str,
    subject: Model,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Keeps an event with only what differs between `before` and `after`."""
    before, after = before or {}, after or {}
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    AuditEvent.objects.create(
        actor=actor,
        action=action,
        subject_type=subject._meta.model_name or "",
        subject=str(subject)[:300],
        before={name: before[name] for name in sorted(changed & before.keys())},
        after={name: after[name] for name in sorted(changed & after.keys())},
    )


class AuditedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A console page whose every change leaves an audit event."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        form.before = stored_facts(obj) if change else {}
        self.write(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        action, after = "change" if change else "add", stored_facts(form.instance)
        record(actor_of(request), action, form.instance, form.before, after)

    def write(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Stores the record; a page that does more than save overrides this."""
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        record(actor_of(request), "delete", obj, facts(obj))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)


def actor_of(request: HttpRequest) -> str:
    return str(request.user)
