"""What the tests of the load book share: loads made and published by hand."""

from aurum.loads.log import Counts, LoadLog

SOME = Counts(new=1)
PRICES, TENORS = "curve_observation", "curve_tenor"


def begin(log: LoadLog, *tables: str, file: str = "a.csv") -> int:
    return log.begin(feed="curves.csv", file=file, sha256="", tables=tables or (PRICES,))


def publish(log: LoadLog, *tables: str, file: str = "a.csv") -> int:
    load = begin(log, *tables, file=file)
    log.publish(load, SOME, changed=True)
    return load
