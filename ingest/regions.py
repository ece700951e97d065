"""The region of an ad campaign, by what its name begins with."""


def region_of(name: str | None, regions: dict[str, str]) -> str | None:
    """The region whose prefix in `regions` the name begins with, whatever its case; None when none fits.

    >>> region_of("EMEA | Search | GTX", {"emea": "EMEA"})
    'EMEA'
    """
    lowered = (name or "").lower()
    return next((region for prefix, region in regions.items() if lowered.startswith(prefix.lower())), None)
