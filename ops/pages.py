"""The pages where people sign in to read the API, staff or not, and sign out."""

from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from aurum.api.problems import problem_response
from aurum.errors import MethodNotAllowed
from ops.signin import LimitedForm, with_wait

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)


class SignIn(LoginView):
    """Django's, with the limits of the console's; it leads on to paths of this server alone."""

    authentication_form = LimitedForm
    template_name = "ops/sign_in.html"
    next_page = "sign-in"
    http_method_names = ["get", "head", "post"]

    def get_success_url_allowed_hosts(self, request: HttpRequest | None = None) -> set[str]:
        return set()

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return _not_allowed(request, *self.http_method_names)

    def render_to_response(self, context: dict[str, Any], **more: Any) -> Any:
        response = super().render_to_response(context, **more)
        response["Content-Security-Policy"] = POLICY
        return with_wait(response, context["form"])


@never_cache
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Ends the session; only by POST, as any site could have a browser ask for an address."""
    if request.method != "POST":
        return _not_allowed(request, "post")
    logout(request)
    return HttpResponseRedirect("/sign-in")


def _not_allowed(request: HttpRequest, *methods: str) -> HttpResponse:
    allowed = [method.upper() for method in methods]
    return problem_response(MethodNotAllowed(request.method or "", allowed), request)
