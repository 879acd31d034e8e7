"""Signing in, at the console or elsewhere: limited by address and by name, audited, one password at
a time.

What is counted are the audit events of failures, which are kept in any case: so all server
processes count alike, and a restart forgets nothing.
"""

from contextlib import ExitStack
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from threading import BoundedSemaphore, Lock
from typing import Any, TypeVar

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ops.models import AuditEvent

WINDOW = timedelta(minutes=15)
OF_ADDRESS, OF_NAME = 10, 20
"""Failures within the window after which an address, or a name from anywhere, has to wait."""
FAILED, BARRED = "failed sign-in", "barred sign-in"
PATIENCE_SECONDS = 10
"""How long an attempt waits for those before it."""

_one_at_a_time = Lock()
"""Hashing a password takes a core for a third of a second: guesses must not take them all."""
_waiting_room = BoundedSemaphore(50)
"""Each that waits has a thread."""


Response = TypeVar("Response", bound=HttpResponse)


class LimitedForm(AuthenticationForm):
    """Django's, for who has not failed too often; `retry_after` is the seconds others must wait."""

    retry_after: int | None = None

    def clean(self) -> dict[str, Any]:
        assert self.request is not None
        address = network_of(self.request.META.get("REMOTE_ADDR", ""))
        name = self.cleaned_data.get("username", "")
        with ExitStack() as held:
            for gate, patience in ((_waiting_room, 0), (_one_at_a_time, PATIENCE_SECONDS)):
                if not gate.acquire(timeout=patience):
                    raise self._too_many(PATIENCE_SECONDS)
                held.callback(gate.release)
            if (wait := _seconds_to_wait(address, name)) is not None:
                raise self._too_many(wait)
            return self._cleaned(address, name)

    def _cleaned(self, address: str, name: str) -> dict[str, Any]:
        try:
            return super().clean()
        except ValidationError:
            _keep(FAILED, address, name)
            if _seconds_to_wait(address, name) is not None:
                _keep(BARRED, address, name)
            raise

    def _too_many(self, seconds: int) -> ValidationError:
        self.retry_after = seconds
        minutes = -(-seconds // 60)
        when = f"{minutes} minutes" if minutes > 1 else "a minute"
        return ValidationError(f"Too many attempts. Try again in {when}.", code="too_many")


class SignInForm(LimitedForm, AdminAuthenticationForm):
    """The console's: for staff alone."""


def with_wait(response: Response, form: object) -> Response:
    """The page of a form; who must wait hears so by the status as well."""
    if isinstance(form, LimitedForm) and form.retry_after is not None:
        response.status_code = 429
        response["Retry-After"] = str(form.retry_after)
    return response


def network_of(address: str) -> str:
    """What is counted as one address: of IPv6 the network, as one caller has all of it."""
    try:
        known = ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
    return str(known)


def _seconds_to_wait(address: str, name: str) -> int | None:
    """Until enough failures are older than the window; None where there are not too many."""
    since = timezone.now() - WINDOW
    failures = AuditEvent.objects.filter(action=FAILED, at__gt=since).order_by("-at")
    waits: list[int] = []
    for allowed, found in (
        (OF_ADDRESS, failures.filter(actor=address)),
        (OF_NAME, failures.filter(subject=name)),
    ):
        # The oldest of the newest that are too many: when it leaves the window, one more may.
        oldest = found.values_list("at", flat=True)[allowed - 1 : allowed]
        waits += [int((at - since).total_seconds()) + 1 for at in oldest]
    return max(waits, default=None)


def _keep(action: str, address: str, name: str) -> None:
    AuditEvent.objects.create(actor=address, action=action, subject_type="user", subject=name)


class ConsoleSite(AdminSite):
    """Django's, but with our form."""

    login_form = SignInForm

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().login(request, extra_context)
        return with_wait(response, (getattr(response, "context_data", None) or {}).get("form"))
