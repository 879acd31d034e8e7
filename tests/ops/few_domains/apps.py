from aurum.apps import DomainConfig


class FewConfig(DomainConfig):
    name = "tests.ops.few_domains"
    label = "few_domains"
    default = True
