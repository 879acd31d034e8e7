"""How plots look: colours that are read on a light page and on a dark one."""

from typing import Any, Final

WIDTH, HEIGHT = 860, 320
GREY: Final = "#7d7d7d"

CONFIG: dict[str, Any] = {
    "background": None,
    "font": "sans-serif",
    "view": {"stroke": GREY, "strokeOpacity": 0.4},
    "axis": {
        **{f"{part}Color": GREY for part in ("label", "title", "domain", "tick", "grid")},
        "gridOpacity": 0.25,
        "labelFontSize": 12,
        "titleFontSize": 12,
    },
    "legend": {"labelColor": GREY, "titleColor": GREY, "labelLimit": 260, "orient": "bottom"},
    "title": {"color": GREY, "subtitleColor": GREY, "anchor": "start", "fontSize": 14},
    "range": {
        "category": [
            *("#3f7fc4", "#d9822b", "#2f9e6e", "#c94f4f", "#8e6bbf", "#a0795a"),
            *("#d073b3", "#8a8f2a", "#2aa3b0", "#7d7d7d"),
        ]
    },
}
