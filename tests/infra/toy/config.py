"""A SQLMesh project of one model, so that the refresh itself is tested in seconds."""

import os

from sqlmesh.core.config import Config, DuckDBConnectionConfig, GatewayConfig, ModelDefaultsConfig

config = Config(
    gateways={
        "duckdb": GatewayConfig(
            connection=DuckDBConnectionConfig(
                catalogs={"warehouse": os.environ["TOUCHSTONE_WAREHOUSE_FILE"]}, concurrent_tasks=2
            )
        )
    },
    model_defaults=ModelDefaultsConfig(dialect="snowflake", start="2026-01-01", cron="@daily", kind="FULL"),
    disable_anonymized_analytics=True,
)
