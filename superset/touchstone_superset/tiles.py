"""Handlebars templates: the KPI tile and the funnel, drawn from metrics that the door answered together.

A template formats and picks a colour; every number in it, attainment and rates included, is a metric.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from touchstone_sqlalchemy.formats import SIGNS
from touchstone_superset.glossary import Metric

GREEN, AMBER, RED = "#1a7f37", "#9a6700", "#c62828"
COLOURS = ("ts-green", "ts-amber", "ts-red")

KPI_STYLE = f"""
.ts-kpi {{ border-left: 5px solid #9aa4b2; padding: 2px 0 2px 14px; line-height: 1.35; }}
.ts-kpi .ts-value {{ font-size: 32px; font-weight: 600; letter-spacing: -0.5px; color: #1f2937; }}
.ts-kpi .ts-plan {{ font-size: 13px; color: #4b5563; }}
.ts-kpi .ts-status {{ font-size: 13px; font-weight: 600; color: #4b5563; }}
.ts-kpi.ts-green {{ border-color: {GREEN}; }} .ts-kpi.ts-green .ts-status {{ color: {GREEN}; }}
.ts-kpi.ts-amber {{ border-color: {AMBER}; }} .ts-kpi.ts-amber .ts-status {{ color: {AMBER}; }}
.ts-kpi.ts-red {{ border-color: {RED}; }} .ts-kpi.ts-red .ts-status {{ color: {RED}; }}
"""

BOARD_STYLE = (
    KPI_STYLE
    + """
.ts-board { display: flex; flex-wrap: wrap; gap: 18px 12px; }
.ts-board .ts-kpi { flex: 0 0 230px; }
.ts-board .ts-name { font-size: 14px; font-weight: 600; color: #374151; }
.ts-board .ts-value { font-size: 26px; }
"""
)

FUNNEL_STYLE = """
.ts-funnel { display: flex; flex-direction: column; gap: 4px; }
.ts-funnel .ts-step { display: flex; align-items: center; gap: 12px; }
.ts-funnel .ts-name { width: 108px; text-align: right; color: #374151; }
.ts-funnel .ts-track { flex: 1; display: flex; justify-content: center; }
.ts-funnel .ts-bar { height: 34px; width: 0; min-width: 3px; max-width: 100%; }
.ts-funnel .ts-bar { background: #1f77a4; border-radius: 3px; }
.ts-funnel .ts-count { width: 64px; font-weight: 600; color: #1f2937; }
.ts-funnel .ts-rate { text-align: center; font-size: 12px; color: #4b5563; padding: 0 76px 0 120px; }
"""


def kpi_template(value: Metric, target: Metric, attainment: Metric) -> str:
    """Value, plan and status. Colour never stands alone: the status says the same in words."""
    name = attainment.name
    share = _decimals(f"(multiplication {name} 100)", 1)
    planned = f"{share}% of plan {_number(target.name, value)}"
    words, colours = _status(attainment, _words(value)), _status(attainment, COLOURS)
    body = (
        f'<div class="ts-value">{_number(value.name, value)}</div>'
        f'<div class="ts-plan">{_if_known(name, planned, "no plan for this period")}</div>'
        f'<div class="ts-status">{_if_known(name, words, "")}</div>'
    )
    kind = f"ts-kpi {_if_known(name, colours, '')}"
    return f'{{{{#with data.[0]}}}}<div class="{kind}">{body}</div>{{{{/with}}}}'


def number_template(value: Metric) -> str:
    """The value alone."""
    shown = f'<div class="ts-value">{_number(value.name, value)}</div>'
    return f'{{{{#with data.[0]}}}}<div class="ts-kpi">{shown}</div>{{{{/with}}}}'


def board_template(
    dimension: str, metrics: tuple[Metric, Metric, Metric, Metric], words: tuple[str, str, str]
) -> str:
    """Hours of each member: its name, value and limit, the age of its newest record, and the status in words."""
    value, target, attainment, also = metrics
    name, hours = attainment.name, f"{_decimals(value.name, 1)} h"
    limit = _if_known(target.name, f"expected within {_decimals(target.name, 0)} h", "no limit is known")
    record = _if_known(also.name, f"newest record {_age(also.name)} old", "records without a time")
    body = (
        f'<div class="ts-name">{{{{{dimension}}}}}</div>'
        f'<div class="ts-value">{_if_known(value.name, hours, "never loaded")}</div>'
        f'<div class="ts-plan">{limit}</div><div class="ts-plan">{record}</div>'
        f'<div class="ts-status">{_if_known(name, _status(attainment, words), "")}</div>'
    )
    kind = f"ts-kpi {_if_known(name, _status(attainment, COLOURS), '')}"
    return f'<div class="ts-board">{{{{#each data}}}}<div class="{kind}">{body}</div>{{{{/each}}}}</div>'


def _age(name: str) -> str:
    """Hours, from three days on as days."""
    days = f"{_decimals(f'(division {name} 24)', 0)} days"
    return f"{{{{#if (gte {name} 72)}}}}{days}{{{{else}}}}{_decimals(name, 1)} h{{{{/if}}}}"


def _if_known(name: str, known: str, unknown: str) -> str:
    return f"{{{{#if (eqw {name} null)}}}}{unknown}{{{{else}}}}{known}{{{{/if}}}}"


def funnel_template(stages: Sequence[Metric], rates: Sequence[Metric]) -> str:
    """A bar for each stage, as wide as its share of the first; between two stages their conversion rate."""
    steps = [_step(stages[0], stages[0])]
    for stage, rate in zip(stages[1:], rates, strict=True):
        shown = f"{html.escape(rate.label)} {_number(rate.name, rate)}"
        steps += [f'<div class="ts-rate">↓ {shown}</div>', _step(stage, stages[0])]
    return f'{{{{#with data.[0]}}}}<div class="ts-funnel">{"".join(steps)}</div>{{{{/with}}}}'


def _step(stage: Metric, first: Metric) -> str:
    width = f"{{{{multiplication (division {stage.name} {first.name}) 100}}}}"
    return (
        f'<div class="ts-step"><div class="ts-name">{html.escape(stage.label)}</div>'
        f'<div class="ts-track"><div class="ts-bar" style="width: {width}%"></div></div>'
        f'<div class="ts-count">{_number(stage.name, stage)}</div></div>'
    )


def _words(value: Metric) -> tuple[str, str, str]:
    if value.lower_is_better:
        return ("Within plan", "Slightly over plan", "Over plan")
    return ("On plan", "Slightly under plan", "Under plan")


def _status(attainment: Metric, choices: tuple[str, str, str]) -> str:
    """One of three texts by the attainment's thresholds, which the glossary owns."""
    slack = (
        1e-9 if attainment.lower_is_better else -1e-9
    )  # a quotient of doubles may miss 0.9 by its last digit
    green, red = (f"{limit + slack:.9f}" for limit in attainment.thresholds)
    good, bad = ("lte", "gt") if attainment.lower_is_better else ("gte", "lt")
    first, middle, last = choices
    return (
        f"{{{{#if ({good} {attainment.name} {green})}}}}{first}"
        f"{{{{else if ({bad} {attainment.name} {red})}}}}{last}{{{{else}}}}{middle}{{{{/if}}}}"
    )


def _number(name: str, metric: Metric) -> str:
    """The value of `name` in the format of `metric`; a dash where there is none."""
    return _if_known(name, _formatted(name, metric), "-")


def _formatted(name: str, metric: Metric) -> str:
    if metric.format == "percent":
        return f"{_decimals(f'(multiplication {name} 100)', 1)}%"
    if metric.format == "currency":
        return _money(name, SIGNS.get(str(metric.facts.get("currency") or "USD"), ""))
    if metric.format == "days":
        return f"{_decimals(name, 1)} days"
    return _whole(name)


def _money(name: str, sign: str) -> str:
    """`$1.24M`, `$312K`, `$31.2K`, `$1,240`: three figures tell an executive what six would hide."""
    millions, thousands = f"(division {name} 1000000)", f"(division {name} 1000)"
    steps = (
        (999_500, f"{_decimals(millions, 2)}M"),
        (99_950, f"{_decimals(thousands, 0)}K"),
        (10_000, f"{_decimals(thousands, 1)}K"),
    )
    tests = "else ".join(f"if (gte (abs {name}) {limit})}}}}{sign}{shown}{{{{" for limit, shown in steps)
    return f"{{{{#{tests}else}}}}{sign}{_whole(name)}{{{{/if}}}}"


def _whole(name: str) -> str:
    return f'{{{{formatNumber (floor (sum {name} 0.5)) "en-US"}}}}'


def _decimals(expression: str, places: int) -> str:
    return f'{{{{sprintf "%.{places}f" {expression}}}}}'
