"""This process's cache."""

from django.conf import settings

from aurum.cache.manager import CacheManager
from aurum.cache.memory import MemoryLayer
from aurum.errors import DeadlineExceeded, StoreUnavailable

CACHE = CacheManager(
    MemoryLayer(settings.AURUM_CACHE_MEMORY_BYTES), failures=(StoreUnavailable, DeadlineExceeded)
)
