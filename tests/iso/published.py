"""Publishers' price files of a day on which the clock is changed, made from UTC instants.

Nothing of Aurum is used here: the rule of the clock and the labels of each publisher are written
down once more, so that a mistake would have to be made twice.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

HOUR = timedelta(hours=1)
STANDARD = {
    "isone": -5, "pjm": -5, "nyiso": -5, "miso": -5, "spp": -6, "ercot": -6, "caiso": -8,
}  # fmt: skip
"""Hours from UTC in winter. MISO keeps them in summer."""


class Hour(NamedTuple):
    """`wall` is what the clock shows at its beginning; `again` marks the second pass."""

    start: datetime
    wall: datetime
    offset: int
    again: bool


def sunday(year: int, month: int, nth: int) -> date:
    """The nth Sunday of a month; the last one for -1."""
    days = [date(year, month, 1) + timedelta(days=n) for n in range(31)]
    return [day for day in days if day.month == month and day.isoweekday() == 7][nth]


def changes(year: int) -> tuple[date, date]:
    """The days on which the clock goes forward and back in the United States."""
    if year < 2007:
        return sunday(year, 4, 0), sunday(year, 10, -1)
    return sunday(year, 3, 1), sunday(year, 11, 0)


def hours_of(publisher: str, day: date) -> list[Hour]:
    """The hours of a market's day, in order."""
    winter = STANDARD[publisher]
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    spring, autumn = changes(day.year)
    if publisher == "miso" or day not in (spring, autumn):
        summer = publisher != "miso" and spring < day < autumn
        offset = winter + summer
        starts = [midnight - offset * HOUR + n * HOUR for n in range(24)]
        return [Hour(s, _wall(s, offset), offset, again=False) for s in starts]
    before, after = (winter, winter + 1) if day == spring else (winter + 1, winter)
    first = midnight - before * HOUR
    count = 23 if day == spring else 25
    made = []
    for n in range(count):
        start = first + n * HOUR
        offset = before if n < 2 else after
        made.append(Hour(start, _wall(start, offset), offset, again=day == autumn and n == 2))
    return made


def _wall(start: datetime, offset: int) -> datetime:
    return (start + offset * HOUR).replace(tzinfo=None)


def cents(hour: Hour) -> tuple[int, int, int]:
    """Energy, congestion and loss: a price that no other hour of the day has."""
    number = int(hour.start.timestamp()) // 3600
    return 2000 + 7 * (number % 240), 150 - number % 5, -30


def total(hour: Hour) -> float:
    return sum(cents(hour)) / 100


def _texts(hour: Hour) -> tuple[str, str, str, str]:
    parts = cents(hour)
    return tuple(f"{part / 100:.2f}" for part in (sum(parts), *parts))  # type: ignore[return-value]


def isone(hours: list[Hour]) -> str:
    day = hours[0].wall.date()
    lines = [
        '"C","Day-Ahead Energy Market Hourly LMP Report"',
        f'"C","Report for: {day:%m/%d/%Y}"',
        '"H","Date","Hour Ending","Location ID","Location Name","Location Type",'
        '"Locational Marginal Price","Energy Component","Congestion Component",'
        '"Marginal Loss Component"',
        '"H","Date","HE","String","String","String","Number","Number","Number","Number"',
    ]
    for hour in hours:
        label = f"{hour.wall.hour + 1:02}{'X' if hour.again else ''}"
        lmp, energy, congestion, loss = _texts(hour)
        lines.append(
            f'"D","{day:%m/%d/%Y}","{label}","7","HUB","HUB",{lmp},{energy},{congestion},{loss}'
        )
    return "\n".join((*lines, f'"T","{len(hours)} lines"')) + "\n"


def pjm(hours: list[Hour]) -> str:
    lines = [
        "datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,"
        "zone,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,"
        "row_is_current,version_nbr"
    ]
    for hour in hours:
        lmp, energy, congestion, loss = _texts(hour)
        lines.append(
            f"{_american(hour.start)},{_american(hour.wall)},7,HUB,,,HUB,,"
            f"{energy},{lmp},{congestion},{loss},True,1"
        )
    return "\r\n".join(lines) + "\r\n"


def _american(when: datetime) -> str:
    half = "AM" if when.hour < 12 else "PM"
    return f"{when.month}/{when.day}/{when.year} {when.hour % 12 or 12}:{when:%M:%S} {half}"


def miso(hours: list[Hour]) -> str:
    columns = list(zip(*map(_texts, hours), strict=True))
    rows = (("LMP", columns[0]), ("MCC", columns[2]), ("MLC", columns[3]))
    return "\n".join(
        (
            "Day Ahead Market ExPost LMPs",
            f"{hours[0].wall:%m/%d/%Y}",
            "",
            ",,,All Hours-Ending are Eastern Standard Time (EST)",
            "Node,Type,Value," + ",".join(f"HE {hour.wall.hour + 1}" for hour in hours),
            *(f"7,Hub,{name}," + ",".join(values) for name, values in rows),
            "",
        )
    )


def spp(hours: list[Hour]) -> str:
    lines = ["Interval,GMTIntervalEnd,BAA,Settlement Location,Pnode,LMP,MLC,MCC,MEC"]
    for n, hour in enumerate(hours):
        end = hour.start + HOUR
        offset = hours[n + 1].offset if n + 1 < len(hours) else hour.offset
        lmp, energy, congestion, loss = _texts(hour)
        lines.append(
            f"{_wall(end, offset):%m/%d/%Y %H:%M:%S},{end:%m/%d/%Y %H:%M:%S},SWPP,7,N,"
            f"{lmp},{loss},{congestion},{energy}"
        )
    return "\n".join((*lines, ""))


def nyiso(hours: list[Hour]) -> str:
    """The order of the rows tells the passes; congestion is subtracted."""
    lines = [
        '"Time Stamp","Name","PTID","LBMP ($/MWHr)","Marginal Cost Losses ($/MWHr)",'
        '"Marginal Cost Congestion ($/MWHr)"'
    ]
    for hour in hours:
        lmp, _, congestion, loss = _texts(hour)
        lines.append(f'"{hour.wall:%m/%d/%Y %H:%M}","HUB",7,{lmp},{loss},{-float(congestion):.2f}')
    return "\n".join((*lines, ""))


def caiso(hours: list[Hour], minutes: int = 60) -> str:
    lines = [
        "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,NODE_ID_XML,NODE_ID,"
        "NODE,MARKET_RUN_ID,LMP_TYPE,XML_DATA_ITEM,PNODE_RESMRID,GRP_TYPE,POS,MW,GROUP"
    ]
    for kind, index in (("MCC", 2), ("LMP", 0), ("MCL", 3), ("MGHG", None), ("MCE", 1)):
        for hour in hours:
            value = "0" if index is None else _texts(hour)[index]
            label = 25 if hour.again else hour.wall.hour + 1
            end = hour.start + timedelta(minutes=minutes)
            lines.append(
                f"{hour.start:%Y-%m-%dT%H:%M:%S}-00:00,{end:%Y-%m-%dT%H:%M:%S}-00:00,"
                f"{hour.wall:%Y-%m-%d},{label},0,7,7,7,DAM,{kind},X,7,ALL,1,{value},1"
            )
    return "\n".join((*lines, ""))


def ercot(hours: list[Hour]) -> str:
    lines = ["DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag"]
    for hour in hours:
        flag = "Y" if hour.again else "N"
        ending = f"{hour.wall.hour + 1:02}:00"
        lines.append(f"{hour.wall:%m/%d/%Y},{ending},7,    {_texts(hour)[0]},{flag}")
    return "\n".join((*lines, ""))


def ercot_json(hours: list[Hour]) -> str:
    names = ("deliveryDate", "hourEnding", "settlementPoint", "settlementPointPrice", "DSTFlag")
    rows = [
        [f"{h.wall:%Y-%m-%d}", f"{h.wall.hour + 1:02}:00", "7", float(_texts(h)[0]), h.again]
        for h in hours
    ]
    return json.dumps({"fields": [{"name": name} for name in names], "data": rows})


FORMS: dict[str, Callable[[list[Hour]], str]] = {
    "isone": isone, "pjm": pjm, "miso": miso, "spp": spp, "nyiso": nyiso, "caiso": caiso,
    "ercot": ercot,
}  # fmt: skip
