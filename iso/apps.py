from aurum.apps import DomainConfig


class IsoConfig(DomainConfig):
    name = "iso"
    default = True
