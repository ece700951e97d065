"""Salesforce's record ids: 15 characters where case matters, and the 18 characters that do not need it."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def salesforce_id(prefix: str, number: int) -> str:
    """The 18-character id of record `number` of the object with this three-character prefix."""
    digits = ""
    rest = number * 7919 + 238_328  # spread, so that upper and lower case both occur
    while rest:
        rest, digit = divmod(rest, 62)
        digits = _DIGITS[digit] + digits
    return with_checksum(f"{prefix}5e0000{digits:0>6}")


def with_checksum(short: str) -> str:
    """The 18-character form of a 15-character id.

    >>> with_checksum("001A0000006Vm9r")
    '001A0000006Vm9rIAC'
    """
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << i for i, char in enumerate(short[start : start + 5]) if char.isupper())
        suffix += _ALPHABET[bits]
    return short + suffix
