"""The nouns of the glossary, a file for each: frozen, hashable, and free of behaviour beyond look-ups.

Names follow the field: semantic model, entity, dimension, measure, metric, time spine (MetricFlow);
conformed dimension, semi-additive measure, conversion (Kimball). Expressions are SQL text in one dialect,
WRITTEN_IN, over the model's own columns, whatever dialect the files are written in and whatever database is asked;
conditions are the trees of `semantic.predicates`.
"""

from semantic.definitions.closing_rule import ClosingRule
from semantic.definitions.glossary import Glossary
from semantic.definitions.measure import AGGREGATIONS, Aggregation, Measure, NonAdditive, Percentile
from semantic.definitions.metric import (
    Approval,
    ConstantProperty,
    Conversion,
    Cumulative,
    Derived,
    Metric,
    MetricInput,
    PeriodAggregation,
    Ratio,
    Recipe,
    Simple,
)
from semantic.definitions.model import (
    Dimension,
    DimensionKind,
    Entity,
    EntityKind,
    RequiredDimension,
    SemanticModel,
    SharedDimension,
)
from semantic.definitions.place import Place
from semantic.definitions.role import Role
from semantic.definitions.rollup import Rollup
from semantic.definitions.saved_query import SavedQuery
from semantic.definitions.settings import WRITTEN_IN, Settings
from semantic.definitions.target_table import TargetTable
from semantic.definitions.time import METRIC_TIME, CustomGrain, TimeSpine, Window

__all__ = [
    "AGGREGATIONS",
    "METRIC_TIME",
    "WRITTEN_IN",
    "Aggregation",
    "Approval",
    "ClosingRule",
    "ConstantProperty",
    "Conversion",
    "Cumulative",
    "CustomGrain",
    "Derived",
    "Dimension",
    "DimensionKind",
    "Entity",
    "EntityKind",
    "Glossary",
    "Measure",
    "Metric",
    "MetricInput",
    "NonAdditive",
    "Percentile",
    "PeriodAggregation",
    "Place",
    "Ratio",
    "Recipe",
    "RequiredDimension",
    "Role",
    "Rollup",
    "SavedQuery",
    "SemanticModel",
    "Settings",
    "SharedDimension",
    "Simple",
    "TargetTable",
    "TimeSpine",
    "Window",
]
