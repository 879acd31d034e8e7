"""The addresses of `ops` besides the console's."""

from django.urls import path

from ops import pages

urlpatterns = [
    path("sign-in", pages.SignIn.as_view(), name="sign-in"),
    path("sign-out", pages.sign_out, name="sign-out"),
]
