"""The console's page of the cache."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from ops import caching
from ops.admin.audited import actor_of, record
from ops.admin.readonly import ReadOnlyAdmin
from ops.models import CacheCommand, CacheReport


class CacheReportAdmin(ReadOnlyAdmin):
    """Server processes and their caches; purging by tag, on all of them."""

    list_display = ("process", "at", "hits", "misses", "entries", "megabytes")
    change_list_template = "admin/ops/cachereport/change_list.html"

    @admin.display(description="hits")
    def hits(self, report: CacheReport) -> int:
        return _sum(report, "hits")

    @admin.display(description="misses")
    def misses(self, report: CacheReport) -> int:
        return _sum(report, "misses")

    @admin.display(description="entries")
    def entries(self, report: CacheReport) -> int:
        return _sum(report, "entries")

    @admin.display(description="MB")
    def megabytes(self, report: CacheReport) -> str:
        return f"{_sum(report, 'bytes') / 1e6:.1f}"

    def get_urls(self) -> list[Any]:
        purge = self.admin_site.admin_view(self.purge)
        return [path("purge/", purge, name="ops_cachereport_purge"), *super().get_urls()]

    def purge(self, request: HttpRequest) -> HttpResponse:
        """First says how many entries a tag reaches; purges when that is confirmed."""
        if not request.user.is_superuser:
            raise PermissionDenied
        tag = request.POST.get("tag", "").strip()
        if tag and request.POST.get("confirmed"):
            actor = actor_of(request)
            record(actor, "purge", caching.send_command(CacheCommand.Kind.PURGE, actor, tag))
            messages.success(request, f"Purged {tag}: every server follows within a second.")
            return redirect("admin:ops_cachereport_changelist")
        known = caching.tags()
        context = {
            **self.admin_site.each_context(request),
            "title": "Purge by tag",
            "tag": tag,
            "reached": known[tag] if tag else None,
            "known": sorted(known.items()),
        }
        return render(request, "admin/ops/cachereport/purge.html", context)


def _sum(report: CacheReport, counter: str) -> int:
    return sum(counts.get(counter, 0) for counts in report.namespaces.values())
