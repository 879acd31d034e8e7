"""The feeds of curves, in the order in which they are offered a file's name."""

from curves.feeds import nymex, own_csv

FEEDS = (nymex.FEED, own_csv.FEED)
