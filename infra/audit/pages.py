"""The report as pages: one self-contained HTML file, one Markdown file. Everything from the data is escaped."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from infra.audit.nouns import MOST_EXAMPLES, SEVERITIES, Audit, Column, Section, Table, light

TEMPLATES = Path(__file__).with_name("templates")
MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$])")
# Line ends and what else moves the cursor would break out of a table's row.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
ADVICE = {
    "high": "Put right before the first dashboard is shown",
    "medium": "Put right in the first month",
    "low": "Good to know; put right when convenient",
    "info": "Expected in every company; the rules of the numbers take care of it",
}


def html_page(audit: Audit) -> str:
    """The page for people: no script, no picture and no address that a browser would load."""
    return _render("report.html.j2", audit, autoescape=True)


def markdown_page(audit: Audit) -> str:
    """The same page as Markdown, for a repository or a ticket."""
    return _render("report.md.j2", audit, autoescape=False)


def _render(template: str, audit: Audit, autoescape: bool) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,  # noqa: S701 - Markdown has its own escape, `md`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"md": markdown_text, "plain": plain, "prose": prose, "day": _day}
    return environment.get_template(template).render(
        audit=audit,
        severities=SEVERITIES,
        advice=ADVICE,
        most=MOST_EXAMPLES,
        score=overall(audit),
        score_text=score_text,
        light=light,
        headline=headline(audit),
        by_severity={name: [f for f in audit.findings() if f.severity == name] for name in SEVERITIES},
        cell=_html_cell,
        said=said,
        visible=_visible,
        numeric=lambda column: column.kind in ("count", "share", "percent", "score", "number"),
    )


def overall(audit: Audit) -> float | None:
    """The mean of the sources' scores; None where there is none."""
    scores = [row["score"] for row in audit.table("quality").records() if row["score"] is not None]
    return sum(scores) / len(scores) if scores else None


def headline(audit: Audit) -> str:
    """What somebody who reads one sentence should know."""
    high, medium = audit.count("high"), audit.count("medium")
    if not audit.sources:
        return "Nothing is connected yet."
    if high:
        told = f"{high} {'thing needs' if high == 1 else 'things need'} repair before numbers are shown to leadership"
        return told + (f"; {medium} more in the first month." if medium else ".")
    if medium:
        return f"Fit to report on; {medium} {'thing' if medium == 1 else 'things'} to put right in the first month."
    return "Fit to report on."


def said(column: Column, value: Any) -> str:
    """A cell as people read it."""
    if value is None or value == "":
        return ""
    if column.kind in ("share", "percent"):
        return f"{value:.1%}"
    if column.kind == "score":
        return score_text(value)
    if column.kind == "count":
        return f"{value:,}"
    if column.kind == "number":
        return f"{value:,.2f}"
    if column.kind == "moment":
        return _day(value)
    return plain(value)


def score_text(score: float) -> str:
    """A score with one decimal, never rounded up: 99.97 is not 100.

    >>> score_text(99.97), score_text(100.0), score_text(80.0)
    ('99.9', '100', '80')
    """
    return f"{int(score * 10) / 10:.1f}".removesuffix(".0")


def plain(value: object) -> str:
    """Text on one line, without marks that steer the cursor or turn the writing."""
    return CONTROLS.sub(" ", str(value)).strip()


def markdown_text(value: object) -> str:
    r"""Text that Markdown shows as it is.

    >>> markdown_text("<script> | *x*")
    '\\<script\\> \\| \\*x\\*'
    """
    return MARKS.sub(r"\\\1", plain(value))


def _day(value: date | datetime | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d}"


def _visible(section: Section) -> list[Table]:
    """The tables of a chapter that have rows to show; the scores stand at the top of the page already."""
    return [table for table in section.tables if table.rows and table.shown and table.name != "quality"]


def _html_cell(column: Column, value: Any) -> Markup | str:
    text = said(column, value)
    if column.kind in ("light", "severity"):
        return Markup('<span class="pill {0}">{0}</span>').format(text) if text else ""
    if column.kind == "score" and value is not None:
        return _bar(value, light(value), text)
    if column.kind == "share" and value is not None:
        return _bar(100 * value, "grey", text)
    return text


def prose(text: str) -> Markup:
    """Words of this project: what stands between backticks is code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def _bar(width: float, colour: str, text: str) -> Markup:
    return Markup('<span class="bar {}"><i style="width:{:.0f}%"></i></span>{}').format(
        colour, min(max(width, 0), 100), text
    )
