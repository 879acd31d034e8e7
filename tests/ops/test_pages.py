"""The pages /sign-in and /sign-out: for everyone with an account, staff or not."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from ops.models import AuditEvent, User
from ops.signin import FAILED, OF_ADDRESS
from tests.ops.console import PASSWORD

pytestmark = pytest.mark.usefixtures("db", "cheap_passwords")


@pytest.fixture
def anna() -> User:
    """A reader: no staff."""
    return User.objects.create_user("anna", password=PASSWORD)


def sign_in(client: Client, password: str = PASSWORD, **more: Any) -> HttpResponse:
    return client.post("/sign-in", {"username": "anna", "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return "You are signed in as" in client.get("/sign-in").text


def test_an_account_without_staff_status_signs_in_and_out(anna: User) -> None:
    client = Client()
    assert not is_signed_in(client)
    assert sign_in(client)["Location"] == "/sign-in"
    assert is_signed_in(client)
    assert client.get("/admin/").status_code == 302, "the console is for staff"
    assert client.post("/sign-out")["Location"] == "/sign-in"
    assert not is_signed_in(client)


def test_the_page_has_a_form_that_works_and_loads_nothing_from_elsewhere(anna: User) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/sign-in?next=/v2/curves")
    assert page["Content-Security-Policy"].startswith("default-src 'none'")
    assert "no-store" in page["Cache-Control"]
    assert 'name="next" value="/v2/curves"' in page.text
    sent = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value, "next": "/v2/curves"}
    assert sign_in(client).status_code == 403
    assert sign_in(client, **sent)["Location"] == "/v2/curves"
    assert client.post("/sign-out").status_code == 403


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/v2/curves?limit=1", "/v2/curves?limit=1"),
        ("https://evil.example/", "/sign-in"),
        ("//evil.example/", "/sign-in"),
        ("/\\evil.example", "/sign-in"),
        ("///evil.example", "/sign-in"),
        ("javascript:alert(1)", "/sign-in"),
        ("http://testserver/docs", "/sign-in"),
        ("", "/sign-in"),
    ],
)
def test_it_leads_on_to_paths_of_this_server_alone(anna: User, asked: str, leads_to: str) -> None:
    assert sign_in(Client(), next=asked)["Location"] == leads_to
    assert "evil" not in Client().get("/sign-in", {"next": asked}).text


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_other_methods_are_refused_as_everywhere(anna: User, path: str) -> None:
    client = Client()
    client.force_login(anna)
    for method in ("put", "delete", "options", *(["get"] if path == "/sign-out" else [])):
        answer = getattr(client, method)(path)
        assert answer.status_code == 405
        assert answer["Content-Type"] == "application/problem+json"
        assert "POST" in answer["Allow"]
    assert is_signed_in(client)


def test_who_is_not_active_or_mistyped_stays_out(anna: User) -> None:
    client = Client()
    assert "Please enter a correct username and password" in sign_in(client, "wrong").text
    User.objects.update(is_active=False)
    assert sign_in(client).status_code == 200
    assert not is_signed_in(client)
    assert AuditEvent.objects.filter(action=FAILED, subject="anna").count() == 2


def test_its_failures_count_with_the_console_s(anna: User) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7")
    for _ in range(OF_ADDRESS):
        assert sign_in(client, "wrong").status_code == 200
    for page in ("/sign-in", "/admin/login/"):
        answer = client.post(page, {"username": "anna", "password": PASSWORD})
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 0
        assert "Too many attempts." in answer.text
