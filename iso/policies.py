"""How long answers about prices are kept. All tenants see the same prices."""

from aurum.cache.policies import loaded_data

PRICES = loaded_data(namespace="iso-prices")
LOCATIONS = loaded_data(namespace="iso-locations")
SERIES = loaded_data(namespace="iso-series")
COVERAGE = loaded_data(namespace="iso-coverage")
"""From when to when each market is priced: asked of every series, and the same until a load."""

POLICIES = (PRICES, LOCATIONS, SERIES, COVERAGE)
