from aurum.apps import DomainConfig


class GasConfig(DomainConfig):
    name = "tests.aurum.api.gas"
    label = "gas"
    default = True
