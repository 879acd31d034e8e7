"""The feeds of the reference catalogues: one file is one whole catalogue."""

from metadata.feeds.catalogue import feed
from metadata.tables import BLOCK_CATALOG, ISO_CATALOG, MARKET_CATALOG, PRODUCT_CATALOG

FEEDS = (
    feed("isos", ISO_CATALOG, "Market operators, the whole catalogue"),
    feed("markets", MARKET_CATALOG, "Markets of the operators, the whole catalogue"),
    feed("blocks", BLOCK_CATALOG, "Blocks of hours, the whole catalogue"),
    feed("products", PRODUCT_CATALOG, "Products, the whole catalogue"),
)
