"""Forward curves: the price of each delivery month as seen on each valuation date."""

from aurum.domains import Domain
from curves import demo
from curves.feeds import FEEDS
from curves.policies import POLICIES
from curves.tables import TABLES

DOMAIN = Domain(
    name="curves",
    urls={"v1": "curves.v1.urls", "v2": "curves.urls"},
    tables=TABLES,
    feeds=FEEDS,
    policies=POLICIES,
    warm=("/v2/curves", "/v2/curves/observations", "/v2/curves/strips", "/v1/curves"),
    demo=demo.demo_files,
    moved_streams={"/v2/curves/export": "/v2/curves/observations"},
    look_at=(
        ("The newest power curves of PJM", "/v2/curves/observations?iso=PJM&block=ON_PEAK"),
        ("The same as a spreadsheet", "/v2/curves/observations?iso=PJM&block=ON_PEAK&format=xlsx"),
        ("Calendar strips", "/v2/curves/strips?type=CALENDAR&iso=PJM"),
        ("Which curves there are", "/v2/curves"),
        ("On which dates they were quoted", "/v2/curves/dates?iso=PJM"),
    ),
)
