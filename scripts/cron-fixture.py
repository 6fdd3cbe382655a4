#!/usr/bin/env python3
"""Makes the fixtures of Tests/CronTests: what schedules must do, without the code of Sources/Cron.

zones.json: ticks around changes of the clocks, found by trying every minute of a few days with Python's zoneinfo.
croniter.json: the first ticks of expressions in UTC according to croniter, and where its rules are others than ours.

Needs Python 3.11, the system's tz database (tzdata) and `pip install croniter==7.0.0`. The output depends on nothing
else; run it from the repository's root.
"""

import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from croniter import croniter

FIXTURES = Path("Tests/CronTests/Fixtures")
MINUTE = timedelta(minutes=1)

# Years whose changes are tried. Those before 2026 are the last changes of zones that have none any more.
ZONES = {
    "Europe/Vienna": (2026, 2028),
    "America/New_York": (2026, 2028),
    "America/Sao_Paulo": (2017, 2019),  # gaps at midnight, until 2018
    "Australia/Lord_Howe": (2026, 2028),  # half an hour
    "Africa/Casablanca": (2026, 2028),  # back during Ramadan
    "Asia/Kolkata": (2026, 2028),
    "Asia/Kathmandu": (1985, 1986),  # a quarter of an hour, at midnight
    "America/St_Johns": (2026, 2028),
    "Pacific/Chatham": (2026, 2028),  # at 2:45
    "Atlantic/Azores": (2026, 2028),  # at midnight, and forward to it
    "Africa/Cairo": (2026, 2028),  # gaps at midnight
    "Asia/Beirut": (2026, 2028),  # gaps at midnight
    "America/Santiago": (2026, 2028),
    "Europe/Dublin": (2026, 2028),  # the offset of summer is the standard one
    "America/Nuuk": (2026, 2028),  # the change is on the evening before
    "Asia/Tehran": (2021, 2022),
    "Pacific/Apia": (2011, 2012),  # without 30 December 2011
    "Antarctica/Troll": (2026, 2028),  # two hours
    "Asia/Pyongyang": (2015, 2018),  # half an hour, without summer time
    "UTC": (2026, 2028),
}

EXPRESSIONS = [
    "0 0 * * *", "30 0 * * *", "15,45 1 * * *", "0,30 2 * * *", "30 2 * * *", "0 3 * * *", "50 23 * * *",
    "0,20,40 0-3 * * *", "5 22-23 * * *", "0 9 * * 1-5", "0 4 30 * *",
    "*/30 * * * *", "17 * * * *", "*/20 1-3 * * *", "10 */2 * * *", "*/15 0 * * *",
]


def values(text, low, high):
    found = set()
    for item in text.split(","):
        bounds, _, step = item.partition("/")
        first, _, last = (f"{low}-{high}" if bounds == "*" else bounds).partition("-")
        found |= set(range(int(first), int(last or first) + 1, int(step or 1)))
    return found


def matcher(expression):
    """Whether a local minute matches; for expressions that restrict one of day of month and day of week."""
    minute, hour, day, month, weekday = (
        values(text, low, high)
        for text, low, high in zip(expression.split(), (0, 0, 1, 1, 0), (59, 23, 31, 12, 6))
    )
    return lambda at: (
        at.minute in minute and at.hour in hour and at.day in day and at.month in month
        and at.isoweekday() % 7 in weekday
    )


def changes(zone, first, last):
    """The minutes (UTC) at which the offset changes."""
    at, end = datetime(first, 1, 1, tzinfo=timezone.utc), datetime(last + 1, 1, 1, tzinfo=timezone.utc)
    while at < end:
        later = at + timedelta(hours=6)
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            minute = at
            while minute.astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset():
                minute += MINUTE
            yield minute
        at = later


def around(zone, change):
    """A day and a half before and after, as pairs of UTC and local minutes."""
    start = change - timedelta(hours=36)
    return [(at, at.astimezone(zone).replace(tzinfo=None)) for at in (start + MINUTE * n for n in range(72 * 60))]


def ticks(expression, minutes):
    """By the rule: (once, twice)."""
    matches = matcher(expression)
    if "*" in (expression[0], expression.split()[1][0]):
        clock = [at for at, local in minutes if matches(local)]
        return clock, clock
    first, every = set(), set()
    local = minutes[0][1]
    while local <= minutes[-1][1]:
        if matches(local):
            at = [utc for utc, other in minutes if other == local]
            if not at:
                at = [next(utc for utc, other in minutes if other > local)]
            first.add(at[0])
            every |= set(at)
        local += MINUTE
    return sorted(first), sorted(every)


def zones():
    cases = []
    for name, (first, last) in ZONES.items():
        zone = ZoneInfo(name)
        found = list(changes(zone, first, last)) or [datetime(first, 3, 29, tzinfo=timezone.utc)]
        for change in found:
            minutes = around(zone, change)
            start = minutes[0][0]

            def since(times):
                return [(time - start) // MINUTE for time in times]

            expected = {}
            for expression in EXPRESSIONS:
                once, twice = ticks(expression, minutes)
                expected[expression] = {"once": since(once)}
                if twice != once:
                    expected[expression]["twice"] = since(twice)
            cases.append({
                "zone": name, "change": change.isoformat(), "start": int(start.timestamp()) // 60,
                "minutes": len(minutes), "expected": expected,
            })
    return {"tzdata": tzdata(), "cases": cases}


def tzdata():
    return Path("/usr/share/zoneinfo/tzdata.zi").read_text().splitlines()[0].removeprefix("# version ")


START = datetime(2026, 1, 1, 0, 0, tzinfo=timezone.utc)
COUNT = 20

AGREEING = """
* * * * *|*/2 * * * *|*/5 * * * *|*/7 * * * *|*/10 * * * *|*/15 * * * *|*/20 * * * *|*/30 * * * *|*/59 * * * *
0 * * * *|1 * * * *|59 * * * *|0,30 * * * *|5,10,15 * * * *|1-5 * * * *|10-20/3 * * * *|0-59/13 * * * *|7/11 * * * *
50/3 * * * *|0/15 * * * *|59/1 * * * *|00 * * * *|05,09 * * * *|1,1,1 * * * *|1-5,3-8 * * * *|1,2-4,50/5,*/25 * * * *
0 0 * * *|30 2 * * *|59 23 * * *|0 */2 * * *|0 */3 * * *|0 */5 * * *|15 */6 * * *|0 */8 * * *|0 */12 * * *
0 9-17 * * *|30 9-17 * * *|0 9-17/2 * * *|0 8,12,18 * * *|0,15,30,45 8-10 * * *|*/10 22-23 * * *|0 1/5 * * *
0 22/1 * * *|0 0/4 * * *|*/13 */7 * * *|5-10 1-3 * * *|*/20 9-17/4 * * *|0 23,0,1 * * *|1 2,4,6,8 * * *|* 5 * * *
*/30 12 * * *|0-10/2 0-10/5 * * *|45 13-23/3 * * *
0 0 1 * *|0 0 15 * *|0 0 31 * *|0 0 30 * *|0 0 29 * *|0 0 28 * *|0 0 1,15 * *|0 0 1-7 * *|0 0 */2 * *|0 0 */3 * *
0 0 */10 * *|0 0 */15 * *|0 0 */31 * *|0 0 10-20/5 * *|0 0 20/3 * *|0 12 1/10 * *|30 4 1,15,31 * *|0 0 L * *
0 0 15,L * *|0 0 l * *|15 6 L * *|0 0 L 2 *|0 0 L */3 *|0 0 28,L * *|0 0 30,L * *|0 0 1,L 1,2 *|*/30 12 L * *
0 0 * 1 *|0 0 1 1 *|0 0 1 */2 *|0 0 1 */3 *|0 0 1 */4 *|0 0 1 */6 *|0 0 1 2/3 *|0 0 1 1-3 *|0 0 1 1-12/5 *
0 0 1 jan *|0 0 1 JAN *|0 0 1 Jan-Mar *|0 0 1 jan,jul *|0 0 1 feb-apr,oct *|0 0 1 mar/3 *|0 0 1 sep-dec/2 *|0 0 31 dec *
0 0 29 2 *|0 0 29 feb *|30 12 29 2 *|0 0 28 2 *|0 0 31 1,3 *|0 0 31 4,5 *|0 0 30 2,3 *|0 0 31 2-4 *|0 0 30,31 2,4 *
0 0 30 4 *|0 0 31 */2 *|0 0 4 7 *|0 0 25 12 *|* * 1 1 *|0 6 10-12 may,jun *
0 0 * * 0|0 0 * * 7|0 0 * * 1|0 0 * * 2|0 0 * * 3|0 0 * * 4|0 0 * * 5|0 0 * * 6|0 0 * * 1-5|0 0 * * 0-6|0 0 * * 1-7
0 0 * * 0,6|0 0 * * 6,7|0 0 * * 5-7|0 0 * * 6-7|0 0 * * 0-2|0 0 * * 1,3,5|0 0 * * 1-5/2|0 0 * * 0/2|0 0 * * 1/2
0 0 * * 2/3|0 0 * * 6/1|0 0 * * sun|0 0 * * SUN|0 0 * * Mon|0 0 * * tue|0 0 * * wed|0 0 * * thu|0 0 * * fri
0 0 * * sat|0 0 * * mon-fri|0 0 * * MON-FRI|0 0 * * sun-tue|0 0 * * fri-sun|0 0 * * sat-sun|0 0 * * mon-sun
0 0 * * sun,wed|0 0 * * mon,wed-fri|0 0 * * mon-fri/2|0 0 * * sun-sat|0 0 * * sun-sat/3|0 0 * * tue-thu,sun
0 0 * * */2|0 0 * * */3|0 0 * * */5|30 9 * * 1-5|*/15 9-17 * * mon-fri|0 22 * * 1-5|5 4 * * sun|23 0-20/2 * * *
0 0,12 1 */2 *|0 4 8-14 * *|0 0 1,15 * 3|0 0 13 * 5|0 0 13 * fri|0 0 1 * mon|0 0 1-7 * 1|30 4 1,15 * 5|0 0 31 * 0
0 0 1 1 1|0 0 29 2 1|0 0 1,11,21 6 2,4|0 9 10-15 * sat,sun|0 0 1/7 * 1-2|0 0 L * 1|0 0 L * sun|0 12 15,L * wed
*/10 9 1 * mon|0 0 30 2 1|0 0 31 4 fri|0 0 1-31 * 1|0 0 1-31/2 * 3|* 12 13 * 5|0 0 2 * 7|0 0 5 6 0,7
@hourly|@daily|@midnight|@weekly|@monthly|@yearly|@annually|1 1 1 1 *|2 2 2 2 *|3 3 3 3 *|4 4 4 4 *|5 5 5 5 *|6 6 6 6 *
7 7 7 7 *|8 8 8 8 *|9 9 9 9 *|10 10 10 10 *|11 11 11 11 *|12 12 12 12 *|13 13 13 1-6 *|14 14 14 7-12 *|0 0 31 8 *
""".replace("\n", "|")

# Ours is a refusal (the name of the error), or the ticks of other words in which croniter says the same.
AND = {"day_or": False}
DIFFERENT = [
    ("0 0 */2 * 1", "day of month begins with *, so both days must match (crontab(5)); croniter takes either", "0 0 1-31/2 * 1", AND),
    ("0 0 */3 * mon-wed", "as before", "0 0 1-31/3 * 1-3", AND),
    ("0 0 1 * */2", "day of week begins with *, so both days must match; croniter takes either", "0 0 1 * 0,2,4,6", AND),
    ("30 6 13 * */5", "as before", "30 6 13 * 0,5", AND),
    ("0 0 */5 * */2", "both days begin with *, so both must match; croniter takes either", "0 0 1-31/5 * 0,2,4,6", AND),
    ("0 0 * * 5L", "the last Friday; croniter writes it L5", "0 0 * * L5", {}),
    ("0 0 * * friL", "as before", "0 0 * * L5", {}),
    ("0 12 * 3 7L", "as before", "0 12 * 3 L0", {}),
    ("0 0 * * 1L,5L", "as before", "0 0 * * L1,L5", {}),
    ("0 0 * * sun-sun", "Sunday; croniter takes the second for 7, which makes it every day", "0 0 * * 0", {}),
    ("0 22-2 * * *", "croniter goes on from the field's start; we refuse", "backwards", None),
    ("50-10 * * * *", "as before", "backwards", None),
    ("0 0 * nov-feb *", "as before", "backwards", None),
    ("0 0 28-3 * *", "as before", "backwards", None),
    ("0 0 * * fri-mon", "as before", "backwards", None),
    ("0 0 * * 6-1", "as before", "backwards", None),
    ("*/90 * * * *", "a step larger than the field looks like an interval; croniter ticks every hour", "stepTooLarge", None),
    ("0 */48 * * *", "as before", "stepTooLarge", None),
    ("0 0 * * L5", "croniter's word for 5L", "notAValue", None),
    ("0 0 * * 5#2", "croniter's word for the second Friday, which we don't have", "notAValue", None),
    ("* * * * * 5", "croniter's sixth field is seconds", "secondsField", None),
    ("0 0 15W * *", "croniter's word for the weekday nearest to the 15th, which we don't have", "notAValue", None),
    ("0 0 30 2 *", "both refuse it: croniter when it is asked for a tick, we when it is read", "neverOccurs", None),
    ("0 0 31 4 *", "as before", "neverOccurs", None),
]


def croniter_ticks(expression, **options):
    try:
        ticks = croniter(expression, START - timedelta(seconds=1), **options)
        return [(ticks.get_next(datetime) - START) // MINUTE for _ in range(COUNT)]
    except Exception as error:
        return type(error).__name__


def compared():
    agreeing = {}
    for expression in filter(None, AGREEING.split("|")):
        assert expression not in agreeing, expression
        agreeing[expression] = croniter_ticks(expression)
        assert isinstance(agreeing[expression], list), (expression, agreeing[expression])
    different, reason = [], ""
    for expression, why, ours, options in DIFFERENT:
        reason = reason if why == "as before" else why
        theirs = croniter_ticks(expression)
        entry = {"expression": expression, "why": reason}
        entry["croniter" if isinstance(theirs, list) else "croniterError"] = theirs
        if options is None:
            entry["refused"] = ours
        else:
            entry["ours"] = croniter_ticks(ours, **options)
            assert isinstance(entry["ours"], list), (expression, entry["ours"])
            assert entry["ours"] != theirs, expression
        different.append(entry)
    return {"start": int(START.timestamp()) // 60, "agreeing": agreeing, "different": different}


def write(name, value):
    text = json.dumps(value, indent=1)
    # One line for each list of ticks.
    text = re.sub(r"\[\s+((?:\d+,\s+)*\d+)\s+\]", lambda match: "[" + re.sub(r"\s+", "", match[1]) + "]", text)
    (FIXTURES / name).write_text(text + "\n")


if __name__ == "__main__":
    write("croniter.json", compared())
    write("zones.json", zones())
