"""A domain with faults: another's cache policy for its own, and a v1 route without successor."""

from aurum.domains import Domain
from curves.policies import DIFF

DOMAIN = Domain(
    name="gas",
    urls={"v1": "tests.aurum.api.gas.v1_urls", "v2": "tests.aurum.api.gas.urls"},
    tables=(),
    feeds=(),
    policies=(DIFF,),
)
