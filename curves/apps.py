from aurum.apps import DomainConfig


class CurvesConfig(DomainConfig):
    name = "curves"
    default = True
