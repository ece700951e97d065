"""The types of the GraphQL door. Each description is what an app developer reads in the explorer."""

from __future__ import annotations

from enum import Enum

import strawberry

from api.graphql.scalars import BigInt, Document, Rows


@strawberry.enum(description="How a metric is made.")
class MetricType(Enum):
    SIMPLE = "simple"
    RATIO = "ratio"
    DERIVED = "derived"
    CUMULATIVE = "cumulative"
    CONVERSION = "conversion"


@strawberry.enum(description="Whether those who must sign the definition have signed what it means today.")
class Status(Enum):
    ASSUMED = "assumed"
    CONFIRMED = "confirmed"
    DEPRECATED = "deprecated"


@strawberry.enum(description="Which direction is good.")
class Better(Enum):
    HIGHER = "higher"
    LOWER = "lower"


@strawberry.enum(description="What a question may be compared with.")
class Comparison(Enum):
    PREVIOUS_PERIOD = "previous_period"
    PREVIOUS_YEAR = "previous_year"
    TARGET = "target"
    AS_REPORTED = "as_reported"


@strawberry.type(description="A way to group and filter. Shared dimensions mean the same on every metric.")
class Dimension:
    name: str
    label: str
    description: str
    type: str = strawberry.field(description="`categorical` or `time`.")
    grains: list[str] = strawberry.field(description="For a time: the grains, as in `metric_time:month`.")
    values: list[str] = strawberry.field(description="Its members, where the glossary lists them.")


@strawberry.type(description="A threshold, as a share of the target.")
class Threshold:
    name: str
    value: float


@strawberry.type(description="A number with a name, one definition and an owner.")
class Metric:
    name: str
    label: str
    definition: str
    type: MetricType
    area: str
    format: str = strawberry.field(description="`number`, `integer`, `currency`, `percent` or `days`.")
    unit: str
    owner: str
    status: Status
    fingerprint: str = strawberry.field(description="A hash of the meaning; approvals are signed over it.")
    better: Better | None
    target: str | None = strawberry.field(description="The name under which its growth-model target is kept.")
    thresholds: list[Threshold]
    synonyms: list[str]
    dimensions: list[Dimension] = strawberry.field(description="The shared dimensions it can be asked by.")
    made_of: list[str] = strawberry.field(description="The metrics it is made of.")


@strawberry.type(description="What one column of an answer holds.")
class Column:
    name: str
    type: str = strawberry.field(description="text, integer, decimal, float, boolean, date or timestamp.")
    role: str = strawberry.field(description="dimension, metric, comparison or share.")
    metric: str | None
    label: str
    format: str
    additive: bool = strawberry.field(description="Whether a client may add the column up. Ratios never.")
    status: str
    grain: str | None


@strawberry.type(description="Rows in a total order, with what they mean and what they rest on.")
class Answer:
    columns: list[Column]
    rows: Rows
    total: BigInt = strawberry.field(description="Rows before limit and offset.")
    totals: Rows | None = strawberry.field(description="Totals, computed from the facts.")
    sql: str
    freshness: Document = strawberry.field(description="version, published_at, watermark by source.")
    notes: list[str]


@strawberry.type(description="Members of a dimension, in order; a missing value is null.")
class DimensionValues:
    dimension: str
    values: list[str | None]


@strawberry.type(description="A column of rows behind a number.")
class FactColumn:
    name: str
    type: str


@strawberry.type(description="The rows of one fact behind a number, and the SQL that found them.")
class Fact:
    metric: str
    model: str
    columns: list[FactColumn]
    rows: Rows
    sql: str


@strawberry.input(description="From the start of `from` to the end of `to`: a whole last day is included.")
class TimeRangeInput:
    from_: str | None = strawberry.field(name="from", default=None, description="2026-01-01")
    to: str | None = strawberry.field(default=None, description="2026-03-31")


@strawberry.input(description="Keep the members with the highest metric; the rest become one member.")
class TopInput:
    dimension: str
    metric: str
    count: int
    other: str | None = "Other"


@strawberry.input(description="A condition: a dimension, an operator, and a value or values.")
class ConditionInput:
    dimension: str
    op: str = strawberry.field(
        default="eq",
        description="eq ne lt lte gt gte in not_in like ilike not_like contains between is_null not_null",
    )
    value: str | None = None
    values: list[str | None] | None = strawberry.field(
        default=None, description="For in, not_in and between."
    )


@strawberry.input(description="A question: metrics by dimensions. Every door asks this same question.")
class QuestionInput:
    metrics: list[str]
    group_by: list[str] | None = strawberry.field(
        default=None, description='Names; a time takes a grain: ["channel", "metric_time:month"].'
    )
    where: list[str] | None = strawberry.field(
        default=None, description="Conditions on dimensions as text: [\"region = 'EMEA'\"]. All must hold."
    )
    filters: list[ConditionInput] | None = strawberry.field(
        default=None,
        description="Conditions on dimensions as data, for values that come from a user. All must hold.",
    )
    having: list[str] | None = strawberry.field(
        default=None, description='Conditions on the answer\'s metrics: ["mqls > 10"].'
    )
    time_range: TimeRangeInput | None = None
    time_zone: str | None = None
    compare: Comparison | None = None
    totals: bool | None = None
    subtotals: bool | None = strawberry.field(default=None, description="Every level of totals.")
    share_of_total: list[str] | None = None
    top: TopInput | None = None
    order_by: list[str] | None = strawberry.field(
        default=None, description='Columns of the answer; a minus means descending: ["-mqls", "channel"].'
    )
    limit: int | None = None
    offset: int | None = None
    attribution_model: str | None = None
    currency: str | None = None
    as_of: str | None = None
