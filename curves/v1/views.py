"""Curves over HTTP, as v1 has them."""

from aurum.api.v1 import V1View
from curves import policies
from curves.v1 import results, serializers, services


class V1Curves(V1View):
    """Prices of curves.

    Those of one valuation date, or the newest price of each tenor. Without `asof` every tenor and
    price type answers with its newest price, so that the rows of one answer can differ in
    `asof_date`, and a month that is quoted no more keeps its last price. Prices are in the curve's
    own unit, which v1 does not show.
    """

    policy, file_name = policies.CURVES, "curves.csv"
    query_serializer, result_schema = serializers.PointsQuery, results.POINTS
    service = staticmethod(services.list_points)
    successor = "/v2/curves/observations"


class V1CurveDiff(V1View):
    """What curves have moved between two dates.

    A row is a tenor that was quoted on both dates in the same price type. At least one of the
    curve's dimensions has to be given. `diff_pct` is a fraction of `mid_a`: where that is
    negative, its sign is the opposite of the change's.
    """

    policy = policies.DIFF
    query_serializer, result_schema = serializers.ChangesQuery, results.CHANGES
    service = staticmethod(services.list_changes)
    successor = "/v2/curves/diff"


class V1CurveStrips(V1View):
    """Calendar years, seasons and quarters.

    As quoted, or the plain mean of their months. A strip is left out when a month that is still to
    be delivered is not quoted.
    """

    policy = policies.STRIPS
    query_serializer, result_schema = serializers.StripsQuery, results.STRIPS
    service = staticmethod(services.list_whole_strips)
    successor = "/v2/curves/strips"
