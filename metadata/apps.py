from aurum.apps import DomainConfig


class MetadataConfig(DomainConfig):
    name = "metadata"
    default = True
