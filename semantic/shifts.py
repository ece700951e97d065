"""Decide how a leaf that looks at another time is read: moved, through a time spine, or over a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from semantic.definitions import Glossary, TimeSpine, Window
from semantic.errors import Refusal
from semantic.expand import Leaf
from semantic.plan import CalendarOffset, Condition, OwnPeriod, Range, Reach, Shift
from semantic.predicates import GRAINS

_BY_MONTHS = ("month", "quarter", "year")
Clocks = tuple[Reach, ...]


def shift_of(
    glossary: Glossary,
    leaf: Leaf,
    keys: Clocks,
    conditions: tuple[Condition, ...],
    range_: Range | None,
    data_grain: str,
) -> tuple[Shift | None, Range | None]:
    """The shift of a leaf and the range that then bounds what is shown. `keys` are the clock's own keys."""
    own = _own_periods(glossary, leaf, keys, data_grain)
    asked = (*keys, *(reach for c in conditions if not c.on_data for _, reach in c.reaches if reach.is_clock))
    if leaf.sliding is not None:
        shift, range_ = _sliding(glossary, leaf, keys, asked, range_, data_grain)
        return (replace(shift, own=own) if shift else None), range_
    if not leaf.offsets:
        return None, range_
    if glossary.settings.semantics == "metricflow" and _at_its_own_grain(leaf, keys):
        return None, range_
    if not asked and range_ is None:
        if any(offset.to_grain for offset in leaf.offsets):
            raise _no_time(leaf)
        return None, range_  # over all time, moving the data moves nothing out of sight
    return replace(_offset(glossary, leaf, keys, asked, range_, data_grain), own=own), range_


def _at_its_own_grain(leaf: Leaf, keys: Clocks) -> bool:
    """The start of the month, shown by month, is the month: MetricFlow aggregates first and offsets then."""
    to = leaf.offsets[0].to_grain if len(leaf.offsets) == 1 else None
    return to not in (None, "week") and len(keys) == 1 and keys[0].grain == to and keys[0].date_part is None


def _own_periods(glossary: Glossary, leaf: Leaf, keys: Clocks, data_grain: str) -> tuple[OwnPeriod, ...]:
    """The periods of own calendars that running numbers and starts of periods are worked out by."""
    sliding = leaf.sliding
    starts = [offset.to_grain for offset in leaf.offsets]
    if sliding is not None:
        starts.append(sliding.grain_to_date)
        _check_windows(glossary, leaf)
    named = [name for name in starts if name in glossary.custom_grains and name]
    if named and GRAINS.index(data_grain) > GRAINS.index("day"):
        raise Refusal(
            f"{leaf.label!r} starts with each {named[0]}, a period of days, and its data is kept by {data_grain}: it "
            f"cannot be told which {named[0]} a {data_grain} lies in."
        )
    if any(starts):
        named += [reach.grain for reach in keys if reach.grain and reach.grain in glossary.custom_grains]
    return tuple(_own(glossary, name) for name in dict.fromkeys(named))


def _own(glossary: Glossary, name: str | None) -> OwnPeriod:
    assert name is not None
    spine, grain = glossary.custom_grains[name]
    return OwnPeriod(name, spine, grain.column)


def _check_windows(glossary: Glossary, leaf: Leaf) -> None:
    """A length of time is counted in standard grains: the periods of an own calendar differ in length.

    A running number as a whole may be that of an earlier period of such a calendar.
    """
    assert leaf.sliding is not None
    offsets = () if _by_calendar(glossary, leaf) else leaf.offsets
    for window in (leaf.sliding.window, *(offset.window for offset in offsets)):
        if window is not None and window.grain in glossary.custom_grains:
            raise Refusal(
                f"{leaf.label!r} is a running number and looks {window} back, periods of an own calendar; running "
                f"numbers reach back by standard grains ({', '.join(GRAINS[GRAINS.index('day') :])}), or to the start "
                f"of a {window.grain} (grain_to_date)."
            )


def _no_time(leaf: Leaf) -> Refusal:
    return Refusal(
        f"{leaf.label!r} is looked at in another period here, so the question must say which period is shown: "
        f"group by metric_time, or give a time range."
    )


def _sliding(
    glossary: Glossary, leaf: Leaf, keys: Clocks, asked: Clocks, range_: Range | None, data_grain: str
) -> tuple[Shift | None, Range | None]:
    sliding = leaf.sliding
    assert sliding is not None
    if not asked:
        return _as_of_end(glossary, leaf, range_)
    needed = (sliding.window.grain if sliding.window else None, sliding.grain_to_date)
    grain = finest([*_steps(data_grain, needed), *(standard(reach) for reach in asked)])
    pick = all(reach.grain != grain for reach in keys)
    spine = spine_for(glossary, grain, leaf)
    if _by_calendar(glossary, leaf):
        if grain != "day":
            raise Refusal(
                f"{leaf.label!r} is of another period of an own calendar, which knows days, not {grain}s."
            )
        # Of several days that are shown as one, the last of a longer year, one counts: always picked.
        return replace(_over_calendar(glossary, leaf), spine=spine, sliding=sliding, pick=True), range_
    if pick and leaf.offsets and _whole_periods(glossary, leaf):
        moved = tuple(offset.window for offset in leaf.offsets if offset.window is not None)
        return Shift(grain, spine, (), sliding, pick, moved=moved), range_
    bounds_data = glossary.settings.semantics == "metricflow" and bool(leaf.offsets)
    return Shift(grain, spine, leaf.offsets, sliding, pick, bounds_data=bounds_data), range_


def _whole_periods(glossary: Glossary, leaf: Leaf) -> bool:
    """A period's earlier running number is the one that the earlier period shows: its own last instant's, which
    may lie days after the one that is a month before this period's last."""
    windows = [offset.window for offset in leaf.offsets]
    standard_ones = all(window is not None and window.grain in GRAINS for window in windows)
    return standard_ones and glossary.settings.semantics == "touchstone"


def _as_of_end(glossary: Glossary, leaf: Leaf, range_: Range | None) -> tuple[Shift | None, Range | None]:
    """Without a time on display, a cumulative number is the one at the end of the range."""
    sliding = leaf.sliding
    assert sliding is not None
    if leaf.offsets:
        raise Refusal(
            f"{leaf.label!r} is a running number, looked at in another period here: which of its instants is meant "
            f"is only known where it is shown by time. Group by metric_time."
        )
    if sliding.window is None and sliding.grain_to_date is None:
        return None, replace(range_, start=None) if range_ is not None else None
    if range_ is None or range_.end is None:
        span = sliding.window or f"{sliding.grain_to_date} to date"
        raise Refusal(
            f"{leaf.label!r} is cumulative over {span}: group it by "
            f"metric_time, or give a time range whose end it is taken at."
        )
    to_date = sliding.grain_to_date
    began = _own(glossary, to_date) if to_date in glossary.custom_grains else to_date
    return None, replace(range_, start=None, back=sliding.window, to_date=began)


def _offset(
    glossary: Glossary, leaf: Leaf, keys: Clocks, asked: Clocks, range_: Range | None, data_grain: str
) -> Shift:
    windows = [offset.window for offset in leaf.offsets if offset.window is not None]
    if any(window.grain in glossary.custom_grains for window in windows):
        return _over_calendar(glossary, leaf)
    grains = [standard(reach) for reach in asked]
    if range_ is not None:
        grains.append(range_.aligned)
    if any(offset.to_grain for offset in leaf.offsets):
        grain = finest([*_steps(data_grain, (offset.to_grain for offset in leaf.offsets)), *grains])
        named = GRAINS if glossary.settings.semantics == "metricflow" else glossary.grains
        coarse = tuple(
            dict.fromkeys(r.grain for r in keys if r.grain in named and r.grain and not r.date_part)
        )
        aligned = () if grain in coarse else coarse
        at_start = not coarse and glossary.settings.semantics == "touchstone"
        if at_start:
            _check_start(leaf, keys, asked, range_)
        spine = spine_for(glossary, grain, leaf)
        return Shift(grain, spine, leaf.offsets, aligned=aligned, at_start=at_start)
    if glossary.settings.semantics == "metricflow" and not _moved_as_shown(keys, windows):
        grains.append(max("day", data_grain, key=GRAINS.index))
    grain = finest([*grains, *(window.grain for window in windows)])
    by_months = grain not in _BY_MONTHS and any(window.grain in _BY_MONTHS for window in windows)
    if by_months and _day_by_day(glossary, keys):
        return Shift(grain, spine_for(glossary, grain, leaf), leaf.offsets)
    return Shift(grain, moved=tuple(windows))


def _moved_as_shown(keys: Clocks, windows: list[Window]) -> bool:
    """What is shown by month, offset by months or years, is moved month by month in MetricFlow too."""
    grains = [standard(reach) for reach in keys]
    if not grains or not all(grain in _BY_MONTHS for grain in (*grains, *(each.grain for each in windows))):
        return False
    finest_offset = min(GRAINS.index(window.grain) for window in windows)
    return min(GRAINS.index(grain) for grain in grains) <= finest_offset


def _day_by_day(glossary: Glossary, keys: Clocks) -> bool:
    """Only where single days are shown does each look up the day before it: a longer period would meet the last
    days of a month several times or never, so there each row is moved instead, and counts once."""
    if glossary.settings.semantics == "metricflow":
        return True
    return any(key.grain in GRAINS and GRAINS.index(key.grain) <= GRAINS.index("day") for key in keys)


def _check_start(leaf: Leaf, keys: Clocks, asked: Clocks, range_: Range | None) -> None:
    """What is looked at from the start of a period needs one: a range has a first day, a part of dates has none."""
    if keys:
        raise Refusal(
            f"{leaf.label!r} is looked at from the start of the shown period, and {keys[0].date_part!r} is a part of "
            f"many dates. Group by metric_time at a grain."
        )
    if asked or range_ is None or range_.start is None:
        raise _no_time(leaf)


def _steps(data_grain: str, needed: Iterable[str | None]) -> list[str]:
    """Days, and what a window or an offset counts in where that is finer (but no finer than the data)."""
    fine = [grain for grain in needed if grain in GRAINS and grain]
    return [max(grain, data_grain, key=GRAINS.index) for grain in ("day", *fine)]


def _by_calendar(glossary: Glossary, leaf: Leaf) -> bool:
    """Whether a running number is shown by the periods of an own calendar later."""
    windows = [offset.window for offset in leaf.offsets]
    return any(window is not None and window.grain in glossary.custom_grains for window in windows)


def _over_calendar(glossary: Glossary, leaf: Leaf) -> Shift:
    """The data moved over the periods of an own calendar."""
    window = next(o.window for o in leaf.offsets if o.window and o.window.grain in glossary.custom_grains)
    if len(leaf.offsets) > 1:
        raise Refusal(
            f"{leaf.label!r} is offset by {window} and by something else; an offset by an own calendar's periods "
            f"cannot be combined with another offset."
        )
    spine, grain = glossary.custom_grains[window.grain]
    return Shift("day", calendar_offset=CalendarOffset(spine, grain.column, window.count))


def standard(reach: Reach) -> str:
    """The finest standard grain that a reach needs to be worked out."""
    if reach.date_part or reach.grain not in GRAINS:
        return "day"
    return reach.grain


def finest(grains: Iterable[str]) -> str:
    """The finest grain whose periods make up all of these: weeks and months only share days."""
    found = list(grains)
    lowest = min(found, key=GRAINS.index)
    if lowest == "week" and any(grain in _BY_MONTHS for grain in found):
        return "day"
    return lowest


def spine_for(glossary: Glossary, grain: str, leaf: Leaf | None = None) -> TimeSpine:
    """The time spine of a grain: the coarsest that is not coarser."""
    fine = [s for s in glossary.time_spines if GRAINS.index(s.grain) <= GRAINS.index(grain)]
    if not fine:
        what = f"{leaf.label!r}" if leaf else "This question"
        raise Refusal(
            f"{what} needs a calendar by {grain}, and the glossary declares none. "
            f"Add one under calendars/ with grain: {grain} or finer."
        )
    return max(fine, key=lambda spine: GRAINS.index(spine.grain))
