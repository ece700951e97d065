"""The secrets that were read, and text without them: vendors repeat a token that they refuse."""

from urllib.parse import quote

LEAST = 8  # characters; shorter ones are words, and no vendor gives them out
_KEPT: set[str] = set()


def keep(secret: str) -> str:
    """`secret`, which no message will hold from now on."""
    if len(secret) >= LEAST:
        _KEPT.update((secret, quote(secret, safe="")))
    return secret


def without_secrets(text: str) -> str:
    """`text` with three dots for each secret that was read.

    >>> keep("EAAB-1234567") and without_secrets("Malformed access token EAAB-1234567")
    'Malformed access token ...'
    """
    for secret in sorted(_KEPT, key=len, reverse=True):
        text = text.replace(secret, "...")
    return text
