"""Time zones are those of the package, whatever the machine has."""

import subprocess
import sys
from pathlib import Path

import pytest

from aurum.market.time import ZONES, ZoneError, zone_info

NONE = (
    *("localtime", "posixrules", "Factory", "posix/America/Chicago", "right/America/Chicago"),
    *("america/chicago", "America", "America/../UTC", "", "/etc/localtime", "tzdata.zi"),
)


@pytest.mark.parametrize("name", NONE)
def test_a_name_that_hangs_on_the_machine_is_none(name: str) -> None:
    with pytest.raises(ZoneError):
        zone_info(name)


def test_every_name_there_is_has_a_zone() -> None:
    assert {"UTC", "America/New_York", "Europe/London", "US/Eastern"} <= ZONES
    assert all(zone_info(name).key == name for name in ZONES)


def test_the_rules_of_the_system_are_not_read(tmp_path: Path) -> None:
    """A machine whose files say that New York is Tokyo, and that has a zone of its own."""
    import tzdata

    tokyo = (Path(tzdata.__file__).parent / "zoneinfo" / "Asia" / "Tokyo").read_bytes()
    (tmp_path / "America").mkdir()
    for name in ("America/New_York", "Local"):
        (tmp_path / name).write_bytes(tokyo)
    asked = (
        "from zoneinfo import ZoneInfo; ZoneInfo('America/New_York')\n"
        "from datetime import datetime; from aurum.market.time import ZONES, local_hour\n"
        "noon = datetime.fromisoformat('2025-07-01T12:00Z')\n"
        "print(local_hour('America/New_York', noon).hour, 'Local' in ZONES)"
    )
    found = subprocess.run(
        [sys.executable, "-c", asked],
        env={"PYTHONTZPATH": str(tmp_path), "PYTHONPATH": "."},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "8 False\n"
