"""A domain that takes another's cache policy for its own."""

from aurum.domains import Domain
from curves.policies import DIFF

DOMAIN = Domain(name="gas", routes={}, tables=(), feeds=(), policies=(DIFF,))
