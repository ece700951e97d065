"""What a question may name besides metrics and dimensions; what would be left unheeded is refused.

A setting that changes nothing would give a number that looks like the one asked for.
"""

from __future__ import annotations

from semantic.definitions import Glossary
from semantic.errors import BadValue, Refusal, UnknownName
from semantic.query import Query


def check_scope(query: Query, glossary: Glossary) -> None:
    """Raise unless every setting of the question can be heeded."""
    twice = [name for name in dict.fromkeys(query.metrics) if query.metrics.count(name) > 1]
    if twice:
        raise BadValue(f"The question names the metric {twice[0]!r} twice.")
    _check_currency(query.currency, glossary.settings.reporting_currency)
    _check_model(query.attribution_model, glossary)


def _check_currency(asked: str | None, reporting: str) -> None:
    if asked and asked.upper() != reporting.upper():
        raise Refusal(
            f"currency is {asked!r}, but money is answered in the reporting currency {reporting!r} only.",
            [reporting] if reporting else [],
        )


def _check_model(asked: str | None, glossary: Glossary) -> None:
    declared = glossary.shared_dimensions.get("attribution_model")
    if asked and declared and declared.values and asked not in declared.values:
        raise UnknownName.of("attribution model", asked, declared.values)
