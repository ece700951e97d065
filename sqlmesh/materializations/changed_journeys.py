"""Keep a table and add what the query gives; the model's own statement has deleted what is stale by then.

SQLMesh's incremental kinds go by time or by a key that stays. A journey that lost its last touch, or its deal, has no row
left that would replace the old ones, and it may be of any date.
"""

from __future__ import annotations

from typing import Any

from sqlmesh import CustomMaterialization


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
        columns = model.columns_to_types
        if self.adapter.table_exists(table_name):
            self.adapter.insert_append(table_name, query_or_df, target_columns_to_types=columns)
        else:
            self.adapter.ctas(
                table_name,
                query_or_df,
                target_columns_to_types=columns,
                table_description=model.description,
                column_descriptions=model.column_descriptions,
            )
