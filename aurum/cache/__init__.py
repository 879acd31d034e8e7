"""The only cache: it knows no HTTP framework and no domain.

`policies` say how long a kind of answer is good, `manager` is what everyone calls, `memory` holds
the entries, `tags` tell which of them a purge has reached, `singleflight` runs each load once.
"""
