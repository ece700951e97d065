"""SQLMesh's configuration: where the warehouse is, how it is spoken to, and the house rules.

The environment decides the engine, because one set of models serves all of them (README.md, Engines):

* TOUCHSTONE_GATEWAY: `duckdb` (default), `snowflake` or `postgres`.
* TOUCHSTONE_WAREHOUSE_FILE: the DuckDB file (the default gateway, `duckdb`).
* TOUCHSTONE_SNOWFLAKE_ACCOUNT, _USER, _PASSWORD or _PRIVATE_KEY_PATH, _WAREHOUSE, _DATABASE, _ROLE: gateway `snowflake`.
* TOUCHSTONE_POSTGRES_HOST, _PORT, _USER, _PASSWORD, _DATABASE: gateway `postgres`.
* TOUCHSTONE_STATE_FILE: the DuckDB file that keeps SQLMesh's state for `snowflake` (the other two keep it beside the data).
* TOUCHSTONE_VALUE_MAPPING: the file of what people decided about values; seeds/value_mapping.csv where it is not set.
* TOUCHSTONE_REPORTING_CURRENCY and the other settings of the numbers: see VARIABLES below.
"""

import csv
import os
from pathlib import Path

import yaml
from sqlmesh.core.config import (
    CategorizerConfig,
    Config,
    DuckDBConnectionConfig,
    GatewayConfig,
    LinterConfig,
    ModelDefaultsConfig,
    PlanConfig,
    PostgresConnectionConfig,
    SnowflakeConnectionConfig,
)

os.environ.setdefault("SQLMESH__DISABLE_ANONYMIZED_ANALYTICS", "true")

# Settings that change numbers. A model reads them as @name; the environment overrides them as TOUCHSTONE_<NAME>.
VARIABLES = {
    "reporting_currency": "USD",
    "opportunity_contact_mapping": "role",  # role (else account) | primary | account
    "fiscal_year_start_month": 1,
    "campaign_cost": "actual",  # actual | actual_or_budget | none: what CRM and marketing system state of a campaign
    "campaign_cost_beside_spend": "left_out",  # left_out | added: where platform or file tell spend of the same campaign
}


# The dialect that models are written in, whatever they run on.
DIALECT = "snowflake"
GATEWAY = os.environ.get("TOUCHSTONE_GATEWAY", "duckdb")

# The weights of the attribution models, half-life, lookback and training window: see the file itself.
ATTRIBUTION = yaml.safe_load((Path(__file__).parent / "attribution.yml").read_text())
# What the forecast is made from, and when it refuses: see the file itself.
FORECAST = yaml.safe_load((Path(__file__).parent / "forecast.yml").read_text())
# What more spend would bring, and how far a proposal goes: see the file itself.
BUDGET = yaml.safe_load((Path(__file__).parent / "budget.yml").read_text())
# What the tables of content keep: see the file itself.
CONTENT = yaml.safe_load((Path(__file__).parent / "content.yml").read_text())


def approved_values() -> list[list[str]]:
    """[kind, from, to] of the mappings that people approved. Models read them as @approved_values()."""
    file = os.environ.get("TOUCHSTONE_VALUE_MAPPING") or Path(__file__).parent / "seeds" / "value_mapping.csv"
    with open(file, newline="", encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    return [[row["kind"], row["from_value"], row["to_value"]] for row in rows if row["status"] == "approved"]


def setting(name: str) -> object:
    """The value of one of VARIABLES, from the environment where it is set there, as the default's type."""
    default = VARIABLES[name]
    return type(default)(os.environ.get(f"TOUCHSTONE_{name.upper()}", default))


def given(prefix: str, *names: str) -> dict[str, str]:
    """The settings of a gateway that the environment has, e.g. {'account': ...}."""
    found = {name: os.environ.get(f"TOUCHSTONE_{prefix}_{name.upper()}") for name in names}
    return {name: value for name, value in found.items() if value}


def duckdb_gateway() -> GatewayConfig:
    path = os.environ.get("TOUCHSTONE_WAREHOUSE_FILE", "warehouse.duckdb")
    # The catalog has one name on every gateway, whatever the file is called. In capitals, as the models' dialect writes
    # names: SQLMesh looks for its tables by the letter, and would take every one of them for missing.
    return GatewayConfig(
        connection=DuckDBConnectionConfig(
            catalogs={"WAREHOUSE": path},
            connector_config={"TimeZone": "UTC"},
            register_comments=False,
            # While DuckDB runs the query of one model, Python writes the next one's.
            concurrent_tasks=2,
        )
    )


def snowflake_gateway() -> GatewayConfig:
    options = given(
        "SNOWFLAKE", "account", "user", "password", "private_key_path", "warehouse", "database", "role"
    )
    state = os.environ.get("TOUCHSTONE_STATE_FILE", "state.duckdb")
    return GatewayConfig(
        connection=SnowflakeConnectionConfig(**options),
        state_connection=DuckDBConnectionConfig(database=state),
        state_schema="sqlmesh_snowflake",
    )


def postgres_gateway() -> GatewayConfig:
    options = given("POSTGRES", "host", "user", "password", "database")
    port = int(os.environ.get("TOUCHSTONE_POSTGRES_PORT", "5432"))
    options.setdefault("password", "")
    return GatewayConfig(
        connection=PostgresConnectionConfig(port=port, **options),
        # PostgreSQL keeps unquoted names in small letters, as raw tables are landed there and as the glossary asks.
        model_defaults=ModelDefaultsConfig(dialect=f"{DIALECT}, normalization_strategy=lowercase"),
    )


def gateways() -> dict[str, GatewayConfig]:
    """The gateways that the environment describes; DuckDB always."""
    found = {"duckdb": duckdb_gateway()}
    if os.environ.get("TOUCHSTONE_SNOWFLAKE_ACCOUNT"):
        found["snowflake"] = snowflake_gateway()
    if os.environ.get("TOUCHSTONE_POSTGRES_HOST"):
        found["postgres"] = postgres_gateway()
    return found


class ProjectConfig(Config):
    """SQLMesh's configuration, whose fingerprint does not say where the warehouse is.

    What SQLMesh has parsed it keeps in `cache_dir` under this fingerprint, the gateway's and the catalog's name. No
    model depends on more of a gateway than those: another warehouse file need not parse every model again.
    """

    @property
    def fingerprint(self) -> str:
        """A digest of everything that a model may depend on."""
        return Config.fingerprint.fget(self.copy(update={"gateways": {}}))


config = ProjectConfig(
    gateways=gateways(),
    default_gateway=GATEWAY,
    # What SQLMesh remembers of a rendered model does not say for which engine: one folder each.
    cache_dir=f".cache/{GATEWAY}",
    before_all=["@refuse_other_order()"] if GATEWAY == "postgres" else [],
    model_defaults=ModelDefaultsConfig(dialect=DIALECT, start="2015-01-01", cron="@daily"),
    variables={name: setting(name) for name in VARIABLES}
    | {
        "attribution": ATTRIBUTION,
        "content": CONTENT,
        "forecast": FORECAST,
        "budget": BUDGET,
        "approved_values": approved_values(),
    },
    linter=LinterConfig(
        enabled=True,
        rules=[
            "ambiguousorinvalidcolumn",
            "invalidselectstarexpansion",
            "noselectstar",
            "nomissingowner",
            "nomissingdescription",
            "nomissinggrain",
            "nomissingaudits",
            "nomissingexternalmodels",
            "nomissingcolumncomments",
            "noforgottenauditparent",
            "nounnamedframe",
        ],
    ),
    # A changed model gets new tables for itself and all that follows. Reusing the tables of what looks unaffected leaves
    # two versions of one model after a restatement, and SQLMesh then refuses the next one.
    plan=PlanConfig(auto_categorize_changes=CategorizerConfig.all_full()),
    disable_anonymized_analytics=True,
    # requirements/ says what is installed; looking through every installed package for it took a second of each plan.
    infer_python_dependencies=False,
)
