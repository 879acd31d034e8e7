"""The feeds of curves, in the order in which they are offered a file's name."""

from curves.feeds import nymex, table

FEEDS = (nymex.FEED, table.FEED)
