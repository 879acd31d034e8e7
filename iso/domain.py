"""Market operators' prices: what power cost at each place, in each interval."""

from aurum.domains import Domain
from iso import urls
from iso.feeds import FEEDS
from iso.tables import TABLES

DOMAIN = Domain(
    name="iso",
    routes={"v1": urls.V1, "v2": urls.V2},
    tables=TABLES,
    feeds=FEEDS,
)
