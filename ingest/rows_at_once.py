"""Columns whose values all come in one usual form, converted by Arrow instead of one by one.

Whatever is in another form is left to `ingest/rows.py`, which knows them all and says what cannot be read.
"""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

LEAST_MILLIS = 10**11  # of March 1973
MOST_MILLIS = 253_402_300_799_999  # of the year 9999
NUL = "\x00"  # which PostgreSQL cannot hold
UTC = pa.timestamp("us", "UTC")
INSTANT = pa.timestamp("us")
NOTHING = type(None)
NOT_SO = (ValueError, TypeError, OverflowError, pa.ArrowInvalid)  # Arrow does not read it: one by one, then


def at_once(type_name: str, values: list[Any]) -> pa.Array | None:
    """`values` as the promised type, blank text as NULL; None where they have to be read one by one."""
    if type_name not in _READERS:
        return None
    try:
        return _READERS[type_name](values, set(map(type, values)) - {NOTHING})
    except NOT_SO:
        return None


def _texts(values: list[Any], kinds: set[type]) -> pa.Array | None:
    """The texts as they are. Most columns are."""
    array = _strings(values)
    if _holds(array, NUL):
        return _strings(pc.replace_substring(array, NUL, "").to_pylist())
    return array


def _instants(values: list[Any], kinds: set[type]) -> pa.Array | None:
    """ISO 8601 with its zone, or milliseconds since 1970."""
    if kinds <= {str}:
        instants = _strings(values).cast(UTC).cast(INSTANT)
        pc.min_max(instants).as_py()  # years that Python does not know are told one by one
        return instants
    if kinds != {int}:
        return None
    millis = pa.array(values, pa.int64())
    least, most = pc.min_max(millis).as_py().values()
    is_usual = least >= LEAST_MILLIS and most <= MOST_MILLIS
    return millis.cast(pa.timestamp("ms")).cast(INSTANT) if is_usual else None


def _dates(values: list[Any], kinds: set[type]) -> pa.Array | None:
    """2026-01-05."""
    if not kinds <= {str}:
        return None
    dates = _strings(values).cast(pa.date32())
    pc.min_max(dates).as_py()
    return dates


def _truths(values: list[Any], kinds: set[type]) -> pa.Array | None:
    return pa.array(values, pa.bool_()) if kinds <= {bool} else None


def _integers(values: list[Any], kinds: set[type]) -> pa.Array | None:
    if kinds <= {int}:
        return pa.array(values, pa.int64())
    if kinds != {str}:
        return None
    texts = _strings(values)
    return None if _holds(texts, "x") or _holds(texts, "X") else texts.cast(pa.int64())  # 0x1F is a text


def _strings(values: list[Any]) -> pa.Array:
    texts = [None if value == "" else value for value in values] if "" in values else values
    return pa.array(texts, pa.string())


def _holds(texts: pa.Array, character: str) -> bool:
    """Whether one of the texts, an array of its own, holds the character: looked for in all of them at once."""
    data = texts.buffers()[2]
    return data is not None and character.encode() in data.to_pybytes()


_READERS: dict[str, Callable[[list[Any], set[type]], pa.Array | None]] = {
    "VARCHAR": _texts,
    "TIMESTAMP": _instants,
    "DATE": _dates,
    "BOOLEAN": _truths,
    "BIGINT": _integers,
}
