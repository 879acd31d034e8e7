"""How long answers about curves are kept. All tenants see the same curves."""

from aurum.cache.policies import loaded_data

CURVES = loaded_data(namespace="curves")
DIFF = loaded_data(namespace="curves-diff")
STRIPS = loaded_data(namespace="curve-strips")
CATALOGUE = loaded_data(namespace="curve-catalogue")

COVERAGE = loaded_data(namespace="curve-coverage")
"""From when to when there are valuation dates: asked of every curve, and the same until a load."""

SPELLINGS = loaded_data(namespace="curve-spellings")
"""How curves spell their markets and blocks: asked before filters, and the same until a load."""

NAMES = loaded_data(namespace="curve-names")
"""The same of their other names, of which there are many more."""

POLICIES = (CURVES, DIFF, STRIPS, CATALOGUE, COVERAGE, SPELLINGS, NAMES)
