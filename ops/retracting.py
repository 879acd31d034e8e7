"""Taking a load back on behalf of an operator, who is kept in the audit events."""

import getpass
from contextlib import closing

from aurum.domains import Domain, domains
from aurum.loads.log import LoadRefused, load_log
from aurum.loads.retract import retract
from aurum.loads.run import Loaded
from aurum.stores.registry import writer_of
from ops.admin.audited import facts, record
from ops.models import Load


def retract_load(load: int, *, dry_run: bool) -> Loaded:
    """LoadRefused where the load cannot be taken back."""
    domain = _domain_of(load)
    with closing(writer_of(domain.name)) as writer:
        before = Load.objects.filter(id=load).first()
        done = retract(load, domain.tables, writer, load_log(), dry_run=dry_run)
    if before is not None and done.load is not None:
        after = facts(Load.objects.get(id=load))
        record(f"command:{getpass.getuser()}", "retract", before, facts(before), after)
    return done


def _domain_of(load: int) -> Domain:
    entry = load_log().entry(load)
    if entry is None:
        raise LoadRefused(f"there is no load {load}")
    for domain in domains():
        if entry.tables and entry.tables[0] in {table.name for table in domain.tables}:
            return domain
    raise LoadRefused(f"load {load} is of no table that this release has")
