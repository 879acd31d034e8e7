"""The console: every page opens, and records of what happened stay as they are."""

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client

from ops import keys as key_ring
from ops.models import (
    ApiKey,
    AuditEvent,
    CacheReport,
    Load,
    LoadedTable,
    QuarantinedRow,
    Tenant,
    User,
)
from tests.conftest import Market
from tests.ops.console import EXAMPLES, PASSWORD, audit, listed, new_load, new_row, tenant, url

pytestmark = pytest.mark.usefixtures("db", "cheap_passwords")

READ_ONLY = [Load, QuarantinedRow, AuditEvent, CacheReport]


def pages(models: list[type[Model]]) -> Any:
    return pytest.mark.parametrize("model", models, ids=lambda model: model._meta.model_name)


# Every page


def test_the_index_names_every_part_of_the_console(console: Client) -> None:
    text = console.get("/admin/").text
    assert "Aurum console" in text
    for model in EXAMPLES:
        assert f'href="{url("changelist", model)}"' in text


def test_the_address_without_its_slash_leads_there(console: Client) -> None:
    assert console.get("/admin", follow=True).status_code == 200


@pages(sorted(admin.site._registry, key=str))
def test_its_list_its_record_and_its_forms_open(console: Client, model: type[Model]) -> None:
    assert console.get(url("changelist", model)).status_code == 200
    record = EXAMPLES[model]()
    assert console.get(url("changelist", model)).status_code == 200
    assert console.get(url("change", record)).status_code == 200
    assert console.get(url("history", record)).status_code == 200
    assert console.get(f"{url('changelist', model)}?q=a").status_code == 200
    allowed = 403 if model in READ_ONLY else 200
    assert console.get(url("add", model)).status_code == allowed


def test_what_is_not_there_is_a_page_and_not_a_problem_document(console: Client) -> None:
    answer = console.get("/admin/ops/none/")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_a_record_that_is_not_there_leads_back_to_the_index(console: Client) -> None:
    assert console.get("/admin/ops/load/999999/change/").url == "/admin/"


# Who may enter


def test_the_login_page_lets_a_superuser_in_with_csrf_enforced(chief: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.get("/admin/").url == "/admin/login/?next=/admin/"
    page = browser.get("/admin/login/?next=/admin/")
    form = {"username": "chief", "password": PASSWORD, "next": "/admin/"}
    assert browser.post("/admin/login/", form).status_code == 403
    form["csrfmiddlewaretoken"] = str(page.context["csrf_token"])
    answer = browser.post("/admin/login/", form, follow=True)
    assert answer.redirect_chain == [("/admin/", 302)]
    assert "Aurum console" in answer.text


def test_a_wrong_password_is_refused(chief: User) -> None:
    form = {"username": "chief", "password": "wrong", "next": "/admin/"}
    answer = Client().post("/admin/login/", form)
    assert answer.status_code == 200
    assert "Please enter the correct username and password" in answer.text


@pages(list(EXAMPLES))
def test_who_is_not_staff_gets_no_further_than_the_login_page(model: type[Model]) -> None:
    browser = Client()
    paths = ("/admin/", url("changelist", model), url("change", EXAMPLES[model]()))
    for path in paths:
        assert browser.get(path).url.startswith("/admin/login/")
    browser.force_login(User.objects.create_user("trader"))
    for path in paths:
        assert browser.get(path).url.startswith("/admin/login/")


@pages(list(EXAMPLES))
def test_staff_see_only_what_they_were_given(model: type[Model]) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("intern", is_staff=True))
    assert "permission to view or edit anything." in browser.get("/admin/").text
    assert browser.get(url("changelist", model)).status_code == 403


def test_an_api_key_does_not_open_the_console(market: Market, keys: None) -> None:
    whole = key_ring.issue(ApiKey(name="x", tenant=tenant(), scopes=["read", "admin"]))
    answer = Client().get("/admin/", headers={"Authorization": f"Bearer {whole}"})
    assert answer.url.startswith("/admin/login/")


# Records of what happened


@pages(READ_ONLY)
def test_records_of_what_happened_are_read_only(console: Client, model: type[Model]) -> None:
    record = EXAMPLES[model]()
    before = model._default_manager.filter(pk=record.pk).values().get()
    assert console.post(url("add", model), {}).status_code == 403
    assert console.post(url("change", record), {"reason": "x", "actor": "x"}).status_code == 403
    assert console.post(url("delete", record), {"post": "yes"}).status_code == 403
    ticked = {"action": "delete_selected", "_selected_action": record.pk, "post": "yes"}
    console.post(url("changelist", model), ticked)
    assert model._default_manager.filter(pk=record.pk).values().get() == before
    page = console.get(url("change", record)).text
    assert 'name="_save"' not in page
    assert "deletelink" not in page


@pages(READ_ONLY)
def test_the_page_of_a_record_shows_all_that_is_kept(console: Client, model: type[Model]) -> None:
    record = EXAMPLES[model]()
    text = console.get(url("change", record)).text
    for field in model._meta.concrete_fields:
        assert f"field-{field.name}" in text


def test_code_cannot_change_or_delete_an_audit_event_either() -> None:
    EXAMPLES[AuditEvent]()
    event = audit()
    event.actor = "somebody else"
    for attempt in (
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(actor="somebody else"),
    ):
        with pytest.raises(TypeError, match="audit events are never"):
            attempt()
    assert audit().actor == "chief"


# Finding loads and quarantined rows


def test_loads_are_found_by_file_hash_state_feed_and_table(console: Client) -> None:
    one = new_load(file="prices-may.csv", sha256="1f" * 32)
    two = new_load(file="strip.json", feed="curves.nymex", state="unchanged", sha256="2e" * 32)
    LoadedTable.objects.create(load=two, table="curve")
    assert listed(console, Load, "") == [one.pk, two.pk]
    assert listed(console, Load, "q=may") == [one.pk]
    assert listed(console, Load, "q=2e2e2e") == [two.pk]
    assert listed(console, Load, "state__exact=unchanged") == [two.pk]
    assert listed(console, Load, "feed=curves.csv") == [one.pk]
    assert listed(console, Load, "table=curve") == [two.pk]
    assert listed(console, Load, "table=curve_observation") == [one.pk, two.pk]
    assert listed(console, Load, "state__exact=published&q=strip") == []


def test_the_list_of_loads_shows_what_each_did_and_how_long_it_took(console: Client) -> None:
    new_load(new=42017, revised=318)
    new_load(state="running")
    Load.objects.filter(state="running").update(ended_at=None)
    text = console.get(url("changelist", Load)).text
    for shown in ("a.csv", "Published", "42017", "318", "1.50", "Running"):
        assert shown in text


def test_quarantined_rows_are_found_by_reason_feed_file_and_content(console: Client) -> None:
    strip = new_load(file="strip.json", feed="curves.nymex")
    one, two = new_row(), new_row(load=strip, reason="out_of_range", raw='{"price": -5}')
    assert listed(console, QuarantinedRow, "") == [one.pk, two.pk]
    assert listed(console, QuarantinedRow, "reason=out_of_range") == [two.pk]
    assert listed(console, QuarantinedRow, "load__feed=curves.csv") == [one.pk]
    assert listed(console, QuarantinedRow, "q=n/a") == [one.pk]
    assert listed(console, QuarantinedRow, "q=strip.json") == [two.pk]


@pytest.mark.parametrize(
    ("model", "titles"),
    [
        (Load, ["state", "demo", "feed", "table"]),
        (QuarantinedRow, ["flagged", "reason", "feed"]),
        (AuditEvent, ["action", "subject type"]),
    ],
)
def test_the_list_offers_its_filters(
    console: Client, model: type[Model], titles: list[str]
) -> None:
    for number in range(2):  # Django offers a filter that has something to tell apart
        load = new_load(feed=f"feed{number}")
        new_row(load=load, reason=f"reason{number}")
        AuditEvent.objects.create(action=f"action{number}", subject_type=f"type{number}")
    answer = console.get(url("changelist", model))
    assert [spec.title for spec in answer.context["cl"].filter_specs] == titles


def test_a_row_is_shown_as_it_stood_in_the_file_and_as_text(console: Client) -> None:
    row = new_row(raw="<script>alert(1)</script>")
    text = console.get(url("changelist", QuarantinedRow)).text
    text += console.get(url("change", row)).text
    assert "<script>alert(1)" not in text
    assert text.count("&lt;script&gt;alert(1)") == 2


def test_the_audit_can_be_searched_and_filtered(console: Client) -> None:
    for slug in ("acme", "zenith"):
        console.post(url("add", Tenant), {"slug": slug, "name": slug})
    console.post(url("delete", tenant("acme")), {"post": "yes"})
    first, second, third = AuditEvent.objects.order_by("id").values_list("pk", flat=True)
    assert listed(console, AuditEvent, "q=acme") == [first, third]
    assert listed(console, AuditEvent, "action=delete") == [third]
    assert listed(console, AuditEvent, "subject_type=tenant&q=zenith") == [second]
    assert listed(console, AuditEvent, "q=chief") == [first, second, third]
