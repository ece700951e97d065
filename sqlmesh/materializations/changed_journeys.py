"""Keep a table and add what the query gives; the model's own statement has deleted what is stale by then.

SQLMesh's incremental kinds go by time or by a key that stays. A journey that lost its last touch, or its deal, has no row
left that would replace the old ones, and it may be of any date.

A new table, for a model that follows a change of another one, begins with the rows of the former table that still hold.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlmesh import CustomMaterialization
from sqlmesh.core.macros import RuntimeStage


class ChangedJourneysMaterialization(CustomMaterialization):
    """`kind CUSTOM (materialization 'changed_journeys')`: see macros/journeys.py."""

    NAME = "changed_journeys"

    def insert(
        self,
        table_name: str,
        query_or_df: Any,
        model: Any,
        is_first_insert: bool,
        render_kwargs: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        """Add the rows; make the table where there is none. A restatement is no reason to forget what still holds."""
        if not self.adapter.table_exists(table_name):
            former = self._former(table_name, kwargs["snapshot"])
            if former is None:
                self._create(table_name, query_or_df, model)
                return
            # What the model does at any later refresh, over the rows of the former table.
            told = render_kwargs | {"runtime_stage": RuntimeStage.EVALUATING}
            [stale] = model.render_pre_statements(**told)
            still_holds = exp.not_(exp.paren(stale.args["where"].this))
            self._create(table_name, exp.select(*_columns(model)).from_(former).where(still_holds), model)
            query_or_df = model.render_query_or_raise(**told)
        self.adapter.insert_append(table_name, query_or_df, target_columns_to_types=model.columns_to_types)

    def _former(self, table_name: str, snapshot: Any) -> exp.Table | None:
        """The latest table that the very same rule filled: what it reads is another, its own text and settings are not."""
        for version in reversed(snapshot.previous_versions):
            table = exp.to_table(table_name.replace(snapshot.version, version.version), dialect=self.adapter.dialect)
            same_rule = version.fingerprint.data_hash == snapshot.fingerprint.data_hash
            if same_rule and version.version != snapshot.version and self.adapter.table_exists(table):
                return table
        return None

    def _create(self, table_name: str, query_or_df: Any, model: Any) -> None:
        self.adapter.ctas(
            table_name,
            query_or_df,
            target_columns_to_types=model.columns_to_types,
            table_description=model.description,
            column_descriptions=model.column_descriptions,
        )


def _columns(model: Any) -> list[exp.Column]:
    return [exp.column(name, quoted=True) for name in model.columns_to_types]
