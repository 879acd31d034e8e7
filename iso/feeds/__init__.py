"""The feeds of market operators' prices, in the order in which they are offered a file's name."""

from iso.feeds import pjm, table

FEEDS = (pjm.FEED, pjm.FIVE_MINUTE, table.FEED)
