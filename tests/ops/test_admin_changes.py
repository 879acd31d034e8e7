"""What operators change in the console: keys, flags, tenants, users; all of it is audited."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from ops.models import ApiKey, AuditEvent, Flag, Tenant, User
from tests.conftest import Api, Market
from tests.ops.console import PASSWORD, audit, listed, new_key, tenant, url

pytestmark = pytest.mark.usefixtures("db", "cheap_passwords")


# Keys


def issue(console: Client, **more: str) -> Any:
    form = {"name": "a notebook", "tenant": str(tenant().pk), "scopes": '["read"]', **more}
    return console.post(url("add", ApiKey), form, follow=True)


def secret_in(text: str) -> str:
    (whole,) = re.findall(r"au_[0-9a-f]{10}\.[\w-]{43}", text)
    return str(whole)


def test_issuing_a_key_shows_it_once_and_it_works(
    market: Market, keys: None, console: Client, far_api: Api
) -> None:
    whole = secret_in(issue(console).text)
    answer = far_api.get("/v1/curves", headers={"Authorization": f"Bearer {whole}"})
    assert answer.status_code == 200
    secret = whole.split(".")[1]
    for path in ("/admin/", url("changelist", ApiKey), url("change", ApiKey.objects.get())):
        assert secret not in console.get(path).text


def test_a_key_that_is_edited_keeps_its_secret_and_shows_none(
    market: Market, keys: None, console: Client, far_api: Api
) -> None:
    whole = secret_in(issue(console).text)
    key = ApiKey.objects.get()
    form = {"name": "renamed", "tenant": str(key.tenant_id), "scopes": '["read"]'}
    answer = console.post(url("change", key), form, follow=True)
    assert whole.split(".")[1] not in answer.text
    assert ApiKey.objects.get().name == "renamed"
    assert far_api.get("/v1/curves", headers={"X-API-Key": whole}).status_code == 200


@pytest.mark.parametrize("scopes", ['"read"', "5", '{"read": 1}', "[1]", '[["read"]]', "read"])
def test_scopes_that_are_no_list_of_words_are_refused(
    keys: None, console: Client, scopes: str
) -> None:
    answer = issue(console, scopes=scopes)
    assert answer.context["adminform"].form.errors["scopes"]
    assert not ApiKey.objects.exists()


def test_revoking_ends_a_key_and_leaves_it_in_the_list(
    market: Market, keys: None, console: Client, far_api: Api
) -> None:
    whole = secret_in(issue(console).text)
    key = ApiKey.objects.get()
    form = {"action": "revoke", "_selected_action": key.pk}
    answer = console.post(url("changelist", ApiKey), form, follow=True)
    assert "every server refuses them" in answer.text
    assert far_api.get("/v1/curves", headers={"X-API-Key": whole}).status_code == 401
    assert listed(console, ApiKey, "") == [key.pk]
    assert (audit().actor, audit().action, audit().subject) == ("chief", "revoke", str(key))


def test_a_key_cannot_be_deleted(keys: None, console: Client) -> None:
    key = new_key()
    assert console.post(url("delete", key), {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": key.pk, "post": "yes"}
    console.post(url("changelist", ApiKey), form)
    assert ApiKey.objects.exists()


def test_who_may_only_look_at_keys_cannot_revoke_one(keys: None) -> None:
    key = new_key()
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_apikey"))
    browser = Client()
    browser.force_login(looker)
    assert browser.get(url("changelist", ApiKey)).status_code == 200
    browser.post(url("changelist", ApiKey), {"action": "revoke", "_selected_action": key.pk})
    assert ApiKey.objects.get().revoked_at is None


# Flags


def flag_form(flag: Flag, **more: Any) -> dict[str, Any]:
    return {"name": flag.name, "everyone": "unknown", "note": flag.note, **more}


def test_a_flag_change_is_audited_with_before_and_after(console: Client) -> None:
    flag = Flag.objects.create(name="new-strips", percent="12.5", superusers=False)
    answer = console.post(url("change", flag), flag_form(flag, percent="25", note="wider"))
    assert answer.status_code == 302
    event = audit()
    assert (event.actor, event.action) == ("chief", "change")
    assert (event.subject_type, event.subject) == ("flag", "new-strips")
    for facts in (event.before, event.after):
        facts.pop("modified")
    assert event.before == {"note": "", "percent": "12.500"}
    assert event.after == {"note": "wider", "percent": "25.000"}


def test_whom_a_flag_is_for_is_audited_too(console: Client, chief: User) -> None:
    flag = Flag.objects.create(name="new-strips", superusers=False)
    group = Group.objects.create(name="analysts")
    form = flag_form(flag, users=[chief.pk], groups=[group.pk])
    assert console.post(url("change", flag), form).status_code == 302
    event = audit()
    assert (event.before["users"], event.after["users"]) == ([], ["chief"])
    assert (event.before["groups"], event.after["groups"]) == ([], ["analysts"])


def test_a_new_flag_and_a_deleted_one_are_audited(console: Client) -> None:
    console.post(url("add", Flag), {"name": "new-strips", "everyone": "true", "percent": "100"})
    event, flag = audit(), Flag.objects.get()
    assert (event.action, event.after["everyone"], event.after["percent"]) == (
        "add",
        "True",
        "100.000",
    )
    assert event.before == {}
    console.post(url("delete", flag), {"post": "yes"})
    assert not Flag.objects.exists()
    assert (audit().action, audit().subject, audit().before["everyone"]) == (
        "delete", "new-strips", "True",
    )  # fmt: skip


@pytest.mark.parametrize("percent", ["0", "0.001", "99.999", "100"])
def test_a_share_of_callers_reaches_from_nobody_to_everybody(console: Client, percent: str) -> None:
    form = {"name": "new-strips", "everyone": "unknown", "percent": percent}
    assert console.post(url("add", Flag), form).status_code == 302


@pytest.mark.parametrize("percent", ["-1", "100.001", "0.0001", "half"])
def test_a_share_that_cannot_be_is_refused(console: Client, percent: str) -> None:
    form = {"name": "new-strips", "everyone": "unknown", "percent": percent}
    answer = console.post(url("add", Flag), form)
    assert answer.context["adminform"].form.errors["percent"]
    assert not AuditEvent.objects.exists()


# Tenants


@pytest.mark.parametrize("user", [new_key, lambda: User.objects.create(tenant=tenant())])
def test_a_tenant_in_use_cannot_be_deleted_and_the_page_says_why(
    keys: None, console: Client, user: Callable[[], Model]
) -> None:
    used_by = user()
    subject = tenant()
    for answer in (
        console.post(url("delete", subject), {"post": "yes"}),
        console.post(
            url("changelist", Tenant),
            {"action": "delete_selected", "_selected_action": subject.pk, "post": "yes"},
        ),
    ):
        assert answer.status_code == 200
        assert "Cannot delete tenant" in answer.text
        assert str(used_by._meta.verbose_name) in answer.text
    assert Tenant.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("several", [False, True])
def test_a_tenant_that_nobody_uses_can_be_deleted_and_that_is_audited(
    console: Client, several: bool
) -> None:
    subject = tenant()
    path = url("changelist", Tenant) if several else url("delete", subject)
    console.post(path, {"action": "delete_selected", "_selected_action": subject.pk, "post": "yes"})
    assert not Tenant.objects.exists()
    assert (audit().action, audit().before["slug"]) == ("delete", "acme")


@pytest.mark.parametrize("slug", ["Acme", "-acme", "a b", "a/b", "ä", "x" * 65])
def test_a_tenant_has_a_plain_name(console: Client, slug: str) -> None:
    answer = console.post(url("add", Tenant), {"slug": slug, "name": "Acme"})
    assert answer.context["adminform"].form.errors["slug"]


# Users and groups


def test_what_a_user_or_a_group_may_do_is_audited(console: Client) -> None:
    right = Permission.objects.get(codename="change_tenant")
    group = Group.objects.create(name="analysts")
    form = {"name": "analysts", "permissions": [right.pk]}
    assert console.post(url("change", group), form).status_code == 302
    assert audit().subject_type == "group"
    assert audit().after == {"permissions": [str(right)]}
    deputy = User.objects.create_user("deputy")
    form = {
        "username": "deputy", "is_active": "on", "is_staff": "on", "groups": [group.pk],
        "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00",
    }  # fmt: skip
    assert console.post(url("change", deputy), form).status_code == 302
    after = audit().after
    assert (after["is_staff"], after["groups"]) == ("True", ["analysts"])


def test_a_password_that_was_set_for_somebody_is_audited_without_it(console: Client) -> None:
    deputy = User.objects.create_user("deputy", password=PASSWORD)
    path = reverse("admin:auth_user_password_change", args=(deputy.pk,))
    new = {"password1": "another fine password", "password2": "another fine password"}
    assert console.post(path, new | {"set-password": "1"}).status_code == 302
    assert (audit().action, audit().subject) == ("set password", "deputy")
    assert console.get(path).status_code == 200
    assert console.post(path, new | {"password2": "other"}).status_code == 200
    assert AuditEvent.objects.count() == 1


def test_no_secret_and_no_password_is_in_the_audit_or_the_history(
    keys: None, console: Client
) -> None:
    whole = secret_in(issue(console).text)
    console.post(
        url("add", User), {"username": "deputy", "password1": PASSWORD, "password2": PASSWORD,
                           "usable_password": "true"},
    )  # fmt: skip
    deputy, key = User.objects.get(username="deputy"), ApiKey.objects.get()
    path = reverse("admin:auth_user_password_change", args=(deputy.pk,))
    new = "another fine password"
    console.post(path, {"password1": new, "password2": new, "set-password": "1"})
    hashes = [deputy.password, User.objects.get(username="deputy").password]
    assert hashes[0] != hashes[1]
    kept = [*AuditEvent.objects.values(), *LogEntry.objects.values()]
    assert len(kept) >= 5
    text = json.dumps(kept, default=str)
    for hidden in (PASSWORD, new, *hashes, whole.split(".")[1], key.sha256):
        assert hidden not in text
