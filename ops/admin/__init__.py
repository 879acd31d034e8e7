"""The console."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.text import Truncator
from waffle.models import Sample, Switch

from aurum.loads.run import FLAGGED_KEPT
from ops import keys
from ops.admin.audited import AuditedAdmin, actor_of, record
from ops.admin.cache import CacheReportAdmin
from ops.admin.readonly import ReadOnlyAdmin
from ops.models import ApiKey, AuditEvent, CacheReport, Flag, Load, QuarantinedRow, Tenant, User

admin.site.register(CacheReport, CacheReportAdmin)

admin.site.site_header = admin.site.site_title = "Aurum console"
admin.site.index_title = "Operations"
admin.site.enable_nav_sidebar = False  # the lists need its width
admin.site.unregister([Switch, Sample])  # nothing in Aurum reads them
admin.site.unregister(Group)  # Django's own page leaves no audit event


REMARK_LENGTH = 160


class TableFilter(admin.SimpleListFilter):
    title, parameter_name = "table", "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        from aurum.domains import domains  # the domains import the URLs, which import this console

        return [(t.name, t.name) for domain in domains() for t in domain.tables]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(tables__table=self.value()) if self.value() else queryset


@admin.register(Load)
class LoadAdmin(ReadOnlyAdmin):
    list_display = (
        *("id", "feed", "file", "state", "began", "seconds", "rows"),
        *("quarantined", "flagged", "remarks"),
    )
    list_filter = ("state", "demo", "feed", TableFilter)
    search_fields = ("file", "sha256")
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_fields(request, obj), "rows_kept_apart"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("rows_kept_apart",)

    @admin.display(description="rows kept apart")
    def rows_kept_apart(self, load: Load) -> str:
        """Links to the quarantined and the flagged rows of the load."""
        page = reverse("admin:ops_quarantinedrow_changelist")
        counts = ((0, load.quarantined, "quarantined"), (1, load.flagged, "flagged"))
        links = [
            (f"{page}?load__id__exact={load.pk}&flagged__exact={kind}", f"{count} {word}")
            for kind, count, word in counts
            if count
        ]
        if load.flagged > FLAGGED_KEPT:
            links[-1] = (links[-1][0], f"the first {FLAGGED_KEPT} of {load.flagged} flagged")
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "none"

    @admin.display(description="began (UTC)", ordering="began_at")
    def began(self, load: Load) -> str:
        return f"{load.began_at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="new / revised / closed / same / older")
    def rows(self, load: Load) -> str:
        counts = (load.new, load.revised, load.closed, load.same, load.older)
        return " / ".join(map(str, counts))

    @admin.display(description="remarks")
    def remarks(self, load: Load) -> str:
        gone = f"taken out by load {load.removed_by}. " if load.removed_by else ""
        return Truncator(gone + (load.reason or load.warnings)).chars(REMARK_LENGTH)

    @admin.display(description="seconds")
    def seconds(self, load: Load) -> str:
        return f"{(load.ended_at - load.began_at).total_seconds():.2f}" if load.ended_at else ""


@admin.register(QuarantinedRow)
class QuarantinedRowAdmin(ReadOnlyAdmin):
    list_display = ("load", "place", "reason", "flagged", "raw")
    list_filter = ("flagged", "reason", "load__feed")
    list_select_related = ("load",)
    search_fields = ("raw", "load__file")
    show_full_result_count = False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "subject_type", "subject", "before", "after")
    list_filter = ("action", "subject_type")
    search_fields = ("subject", "actor")


@admin.register(Tenant)
class TenantAdmin(AuditedAdmin):
    list_display = ("slug", "name", "created_at")
    search_fields = ("slug", "name")


@admin.register(ApiKey)
class ApiKeyAdmin(AuditedAdmin):
    list_display = ("prefix", "name", "tenant", "scopes", "created_at", "expires_at", "revoked_at")
    list_filter = ("tenant",)
    search_fields = ("prefix", "name")
    readonly_fields = ("prefix", "created_at", "revoked_at")
    actions = ("revoke",)

    def write(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        assert isinstance(obj, ApiKey)
        if change:
            super().write(request, obj, form, change)
            return
        whole = keys.issue(obj)
        messages.warning(request, f"The key, shown only now: {whole}")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a revoked key stays, so that the access log can be read later

    @admin.action(description="Revoke the selected keys", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset.filter(revoked_at=None):
            keys.revoke(key)
            record(actor_of(request), "revoke", key)
        messages.success(request, "Revoked: every server refuses them within a second.")


@admin.register(Flag)
class FlagAdmin(AuditedAdmin):
    list_display = ("name", "everyone", "percent", "superusers", "staff", "note", "modified")
    list_filter = ("everyone",)
    search_fields = ("name", "note")
    filter_horizontal = ("groups",)
    autocomplete_fields = ("users",)
    readonly_fields = ("created", "modified")


@admin.register(User)
class ConsoleUserAdmin(AuditedAdmin, UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "email", "tenant", "is_staff", "is_superuser", "last_login")
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Tenant", {"fields": ("tenant",)}))

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Django's page saves past `save_model`; that a password was set is audited here."""
        user = self.get_object(request, unquote(id))
        before = user.password if user else ""
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            if user and User.objects.get(pk=user.pk).password != before:
                record(actor_of(request), "set password", user)
        return response


@admin.register(Group)
class ConsoleGroupAdmin(AuditedAdmin, GroupAdmin):
    pass
