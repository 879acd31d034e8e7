"""compose.yaml starts every engine that AURUM_STORES may name, but for the embedded one."""

from pathlib import Path

import yaml

from aurum.stores.registry import ENGINES

COMPOSE = Path(__file__).parents[1] / "compose.yaml"


def test_every_engine_has_a_service_that_others_cannot_reach() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    assert {*ENGINES} - {"embedded"} <= {*services}
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_it_says_where_each_engine_is() -> None:
    text = COMPOSE.read_text()
    for engine in ENGINES.values():
        for setting in engine.needs:
            assert f"#   {setting}=" in text
