"""Every setting, read from `TOUCHSTONE_*` environment variables; docs/settings.md is the same table.

Nothing else in the project reads its configuration from the environment: rooms get what they need as
arguments.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """The settings of one deployment. Paths may be relative to the working directory."""

    model_config = SettingsConfigDict(env_prefix="TOUCHSTONE_", extra="ignore", frozen=True)

    home: Path = Field(
        default=Path(".touchstone"),
        description="The one folder that everything written lives in: warehouse, serving files, state, logs.",
    )
    sources: Path | None = Field(
        default=None,
        description="The sources file. Unset: `sources.yml` in TOUCHSTONE_HOME, else the sandbox's own.",
    )
    glossary: Path = Field(
        default=PROJECT / "semantic" / "glossary",
        description="The folder of metric definitions.",
    )
    gateway: Literal["duckdb", "postgres", "snowflake"] = Field(
        default="duckdb",
        description="The engine that SQLMesh builds on; a refresh needs `duckdb`. See sqlmesh/README.md, Engines.",
    )
    host: str = Field(default="127.0.0.1", description="The address that the doors listen on.")
    port: int = Field(default=8000, description="The doors' port: GraphQL, REST, files, SQL over HTTP.")
    superset_port: int = Field(default=8088, description="Superset's port.")
    sandbox_port: int = Field(default=8900, description="The port of the sandbox of source systems.")
    smtp_port: int = Field(default=8025, description="The SMTP port of the demo's mail sink.")
    mail_port: int = Field(default=8026, description="The port where the demo's mails can be read.")
    sandbox_seed: int = Field(default=7, description="The seed of the sandbox company.")
    sandbox_leads: int = Field(default=5000, description="How many leads the sandbox company has.")
    keep_versions: int = Field(
        default=3, ge=2, description="How many published versions stay on disk, the served one included."
    )
    keep_minutes: int = Field(
        default=60,
        ge=1,
        description="A version younger than this is never removed: a reader may still hold it open.",
    )
    refresh_after_hours: float = Field(
        default=24.0,
        gt=0,
        description="`touchstone up` refreshes in the background when what is published is older than this.",
    )
    source_late_after_hours: float = Field(
        default=26.0,
        gt=0,
        description="A source whose last good load is older than this is late, unless its `expected_every` in the "
        "sources file says otherwise.",
    )
    alerts_to: str | None = Field(
        default=None, description="Who is mailed about incidents: addresses, separated by commas."
    )
    alerts_from: str | None = Field(default=None, description="The sender of those mails.")
    alerts_smtp_host: str | None = Field(
        default=None, description="The mail server for incidents. Unset: no mails."
    )
    alerts_smtp_port: int = Field(default=587, description="Its port: 587 for STARTTLS, 465 for TLS.")
    alerts_smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the connection is encrypted. A password is never sent over one that is not.",
    )
    alerts_smtp_user: str | None = Field(default=None, description="The login there. Unset: none.")
    alerts_smtp_password: SecretStr | None = Field(default=None, description="The password of that login.")
    alerts_smtp_ca_file: Path | None = Field(
        default=None,
        description="The certificate (PEM) of a private authority that signed the mail server's. "
        "Unset: the system's authorities.",
    )
    alerts_webhook_url: SecretStr | None = Field(
        default=None,
        description='A webhook that is told of incidents: Slack\'s, or any that takes `{"text": ...}`. Unset: none.',
    )
    reporting_currency: str = Field(default="USD", description="The currency that money is reported in.")
    opportunity_contact_mapping: Literal["role", "primary", "account"] = Field(
        default="role",
        description="Whose touches count for a deal: its contact roles (else the account's people), its primary "
        "contact, or everybody of the account.",
    )
    value_mapping: Path = Field(
        default=PROJECT / "sqlmesh" / "seeds" / "value_mapping.csv",
        description="What people decided about values that are written in more than one way: `touchstone mapping`.",
    )
    campaign_cost: Literal["actual", "actual_or_budget", "none"] = Field(
        default="actual",
        description="Which cost that CRM and marketing system state of a campaign is spend, spread over its dates: the "
        "actual one, the budget where there is no actual one, or none.",
    )
    campaign_cost_beside_spend: Literal["left_out", "added"] = Field(
        default="left_out",
        description="Such a cost of a campaign whose spend an ad platform or a file tells: left out and reported, or "
        "added because it is other money.",
    )
    fiscal_year_start_month: int = Field(default=1, ge=1, le=12, description="The fiscal year's first month.")
    superset_secret_key: SecretStr | None = Field(
        default=None,
        description="Superset's session key. Unset: drawn once and kept in TOUCHSTONE_HOME (demo only).",
    )
    debug: bool = Field(default=False, description="Print the whole traceback of a failure.")

    @property
    def sources_file(self) -> Path:
        """The sources file in force."""
        own = self.sources or self.home / "sources.yml"
        demo = self.home / "sandbox" / "sources.yml"
        return demo if self.sources is None and not own.exists() and demo.exists() else own


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
