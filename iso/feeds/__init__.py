"""The feeds of market operators' prices, in the order in which they are offered a file's name."""

from iso.feeds import caiso, ercot, isone, miso, nyiso, own_csv, pjm, spp

FEEDS = (
    *isone.FEEDS,
    *nyiso.FEEDS,
    *pjm.FEEDS,
    *miso.FEEDS,
    *spp.FEEDS,
    *caiso.FEEDS,
    *ercot.FEEDS,
    own_csv.FEED,
)
