"""What the sandbox writes beside its service: exports, the true answers, a sources file."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from infra.sandbox.cases.catalogue import NAMES
from infra.sandbox.company import REGIONS, Company
from infra.sandbox.plan import VERSION
from infra.sandbox.truth import TrueAnswer, true_answers, true_answers_by
from infra.sandbox.vendors import ga4, google_ads, meta_ads, microsoft_ads
from infra.sandbox.vendors.linkedin_ads import ACCOUNT, GEO
from infra.sandbox.vocabulary import CHANNELS

SERVED_PLATFORMS = (
    "linkedin_ads",
    "google_ads",
    "meta_ads",
    "microsoft_ads",
)  # spend over the wire; other spend is an export
IS_GA4_ON = True
MOST_EXAMPLES = 20
SPEND_COLUMNS = (
    "date",
    "platform",
    "channel",
    "source",
    "medium",
    "campaign",
    "region",
    "cost",
    "currency",
    "impressions",
    "clicks",
    "until",
)
RATE_COLUMNS = ("date", "currency", "rate")
TARGET_COLUMNS = ("metric", "month", "channel", "version", "value")


def write_exports(company: Company, folder: Path, now: datetime) -> None:
    """Write targets.csv, spend.csv and the analytics export into `folder`, as a company would export them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = (
        (
            spend.day,
            spend.platform,
            spend.campaign.channel,
            spend.campaign.source,
            CHANNELS[channel].medium if (channel := spend.campaign.channel) in CHANNELS else channel,
            spend.campaign.key,
            spend.campaign.region,
            spend.amount,
            spend.currency,
            spend.impressions,
            spend.clicks,
            None,
        )
        for spend in company.spend
        if spend.platform not in SERVED_PLATFORMS and spend.day <= now.date()
    )
    _write_csv(folder / "spend.csv", SPEND_COLUMNS, chain(rows, _periods(company, now)))
    targets = ((t.metric, t.month, t.channel or "", VERSION, t.value) for t in company.targets)
    _write_csv(folder / "targets.csv", TARGET_COLUMNS, targets)
    rates = ((rate.day, rate.currency, rate.value) for rate in company.rates)
    _write_csv(folder / "exchange_rates.csv", RATE_COLUMNS, rates)
    ga4.write_export(company.visits, now, folder / "ga4")


def _periods(company: Company, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Amounts for a period, as rows of the spend file."""
    for cost in company.costs:
        if cost.stated_in == "files" and cost.starts <= now.date():
            one = cost.campaign
            origin = (one.platform, one.channel, one.source, one.channel, one.key, one.region)
            yield (cost.starts, *origin, cost.amount, cost.currency, None, None, cost.ends)


def write_truth(company: Company, file: Path, now: datetime) -> None:
    """Write the true answers at `now` as a JSON list of {metric, month, channel, value}."""
    _write_answers(true_answers(company, now), file)


def write_truth_by(company: Company, file: Path, now: datetime, built_on: date) -> None:
    """Write what is true of each attribution model, campaign, program and asset: as above, with {by, member}.

    The data-driven models learn from the days before `built_on`, the day the warehouse is built.
    """
    _write_answers(true_answers_by(company, now, built_on), file)


def _write_answers(answers: Iterable[TrueAnswer], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    documents = [answer.to_document() for answer in answers]
    file.write_text(json.dumps(documents, indent=0) + "\n", encoding="utf-8")


def write_planted(company: Company, file: Path) -> None:
    """Write which of the forty cases were planted, how often and where."""
    cases: dict[int, Any] = {case: {"name": name, "count": 0, "examples": []} for case, name in NAMES.items()}
    for one in company.planted:
        cases[one.case]["count"] += 1
        if len(cases[one.case]["examples"]) < MOST_EXAMPLES:
            told = {"entity": one.entity, "number": one.number, "detail": one.detail}
            cases[one.case]["examples"].append(told)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(cases, indent=1) + "\n", encoding="utf-8")


def write_sources(file: Path, address: str, exports: Path) -> None:
    """Write the sources file of a company whose systems are this sandbox at `address`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(sources_document(address, exports), sort_keys=False)
    file.write_text(f"# Written by the sandbox: its own sources.\n{text}", encoding="utf-8")


def sources_document(address: str, exports: Path) -> dict[str, Any]:
    """The sources file as a document; any token will do, the environment variables only have to be set."""
    return {
        "sources": {
            "hubspot": {"on": True, "base_url": f"{address}/hubspot", "token_env": "HUBSPOT_TOKEN"},
            "salesforce": {
                "on": True,
                "base_url": f"{address}/salesforce",
                "client_id_env": "SALESFORCE_CLIENT_ID",
                "client_secret_env": "SALESFORCE_CLIENT_SECRET",
            },
            "linkedin_ads": {
                "on": True,
                "base_url": f"{address}/linkedin",
                "token_env": "LINKEDIN_TOKEN",
                "accounts": [ACCOUNT],
                "regions": {urn: region for region, urn in GEO.items()},
            },
            **_ad_platforms(address),
            "marketo": {
                "on": False,  # the same people as in HubSpot: a company runs one of the two
                "base_url": f"{address}/marketo",
                "client_id_env": "MARKETO_CLIENT_ID",
                "client_secret_env": "MARKETO_CLIENT_SECRET",
            },
            "ga4": {
                "on": IS_GA4_ON,
                "base_url": f"{address}/ga4",
                "token_url": f"{address}/ga4/token",
                "client_id_env": "GA4_CLIENT_ID",
                "client_secret_env": "GA4_CLIENT_SECRET",
                "refresh_token_env": "GA4_REFRESH_TOKEN",
                "properties": [ga4.PROPERTY],
                "export": str(exports / "ga4"),
            },
            "files": {"on": True, "tables": _file_tables(exports)},
        }
    }


def _ad_platforms(address: str) -> dict[str, Any]:
    regions = {region.lower(): region for region in REGIONS}
    return {
        "google_ads": {
            "on": "google_ads" in SERVED_PLATFORMS,
            "base_url": f"{address}/google",
            "token_url": f"{address}/google/token",
            "client_id_env": "GOOGLE_ADS_CLIENT_ID",
            "client_secret_env": "GOOGLE_ADS_CLIENT_SECRET",
            "refresh_token_env": "GOOGLE_ADS_REFRESH_TOKEN",
            "developer_token_env": "GOOGLE_ADS_DEVELOPER_TOKEN",
            "customers": [google_ads.CUSTOMER],
            "regions": regions,
        },
        "meta_ads": {
            "on": "meta_ads" in SERVED_PLATFORMS,
            "base_url": f"{address}/meta",
            "token_env": "META_ADS_TOKEN",
            "accounts": [meta_ads.ACCOUNT],
            "regions": regions,
        },
        "microsoft_ads": {
            "on": "microsoft_ads" in SERVED_PLATFORMS,
            "base_url": f"{address}/microsoft",
            "token_url": f"{address}/microsoft/token",
            "client_id_env": "MICROSOFT_ADS_CLIENT_ID",
            "client_secret_env": "MICROSOFT_ADS_CLIENT_SECRET",
            "refresh_token_env": "MICROSOFT_ADS_REFRESH_TOKEN",
            "developer_token_env": "MICROSOFT_ADS_DEVELOPER_TOKEN",
            "customer": microsoft_ads.CUSTOMER,
            "accounts": [microsoft_ads.ACCOUNT],
            "regions": regions,
        },
    }


def _file_tables(exports: Path) -> dict[str, Any]:
    return {
        "spend": {
            "path": str(exports / "spend.csv"),
            "columns": {
                "spend_date": "date",
                "platform": "platform",
                "channel": "channel",
                "source": "source",
                "medium": "medium",
                "campaign": "campaign",
                "region": "region",
                "amount": "cost",
                "currency": "currency",
                "impressions": "impressions",
                "clicks": "clicks",
                "spend_until": "until",
            },
        },
        "exchange_rates": {
            "path": str(exports / "exchange_rates.csv"),
            "columns": {"rate_date": "date", "currency": "currency", "rate_to_reporting": "rate"},
        },
        "targets": {
            "path": str(exports / "targets.csv"),
            "columns": {
                "metric": "metric",
                "target_month": "month",
                "channel": "channel",
                "version": "version",
                "value": "value",
            },
        },
    }


def _write_csv(file: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(header)
        writer.writerows(rows)
