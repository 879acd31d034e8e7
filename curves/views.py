"""Curves over HTTP."""

from aurum.api.v2 import V2View
from curves import policies, results, serializers, services


class Curves(V2View):
    """The catalogue of curves.

    What each curve is, its unit, and the valuation dates it has. Every filter takes several
    values. Start here to find the keys of the curves you need.
    """

    policy = policies.CATALOGUE
    query_serializer, result_schema = serializers.CatalogueQuery, results.CATALOGUE
    service = staticmethod(services.list_curves)


class Curve(V2View):
    """One curve of the catalogue.

    `data` is the row itself. An unknown key is a 404 that offers the nearest ones.
    """

    policy, shape = policies.CATALOGUE, "one"
    query_serializer, result_schema = serializers.CurveQuery, results.CATALOGUE
    service = staticmethod(services.one_curve)


class Dates(V2View):
    """The valuation dates of curves.

    Each date on which a curve was quoted, with how many tenors and which months. Here you see which
    dates can be asked for, compared, or tested against, and where a history has holes.
    """

    policy = policies.CATALOGUE
    query_serializer, result_schema = serializers.DatesQuery, results.DATES
    service = staticmethod(services.list_dates)


class Observations(V2View):
    """Prices of curves.

    Of many curves, tenors and valuation dates, each with its unit. Without `asof_date`, or with
    `latest`, each curve answers with its newest valuation date. With `known_at` the answer is what
    it would have been at that moment, before later corrections. As a table, without `limit`, it has
    all of them.
    """

    policy = policies.CURVES
    query_serializer, result_schema = serializers.ObservationsQuery, results.OBSERVATIONS
    service = staticmethod(services.list_observations)


class Diff(V2View):
    """What was added, removed or changed.

    Between two looks at the same curves. Give `asof_date_a` and `asof_date_b` to compare two
    valuation dates. Give one `asof_date` with `known_at_a` or `known_at_b`, or both, to see what a
    correction has changed. `change_fraction` has the sign of the change, with negative prices too.
    """

    policy = policies.DIFF
    query_serializer, result_schema = serializers.DiffQuery, results.CHANGES
    service = staticmethod(services.list_diff)


class Strips(V2View):
    """Strips of months.

    Calendar years, seasons, quarters, or any run of months: as quoted, and derived. A strip with
    months missing is shown and says so in `months_covered`, `months_missing` and `partial`. Months
    count alike, by their days, or by the hours of the curve's block.
    """

    policy = policies.STRIPS
    query_serializer, result_schema = serializers.StripsOfMonthsQuery, results.STRIPS
    service = staticmethod(services.list_strips)


class Spreads(V2View):
    """Spreads of two curves.

    Leg a less leg b on the tenors that both have, in one unit. Any two curves whose units have an
    exact factor between them. For a spark spread leg b is the fuel and `heat_rate` says how much
    of it is burnt. What cannot be converted is refused.
    """

    policy = policies.CURVES
    query_serializer, result_schema = serializers.SpreadsQuery, results.SPREADS
    service = staticmethod(services.list_spreads)
