"""`touchstone ingest check`: ask each system for a little of everything, and say what works and what is missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ingest.contract import promised
from ingest.errors import IngestError, as_ingest_error
from ingest.extract import Extract, Window, without
from ingest.http import DENIED, QUOTA, TOKEN, RetryPolicy, patience
from ingest.new_columns import Fields
from ingest.rows import to_arrow
from ingest.runner import connected
from ingest.sources_file import SourceSettings

RECENT = timedelta(days=2)
# What a vendor has to allow for a table; told when it refuses.
SCOPES = {
    "hubspot__contacts": "crm.objects.contacts.read, crm.objects.companies.read",
    "hubspot__form_submissions": "forms",
    "hubspot__companies": "crm.objects.companies.read",
    "hubspot__deals": "crm.objects.deals.read",
    "hubspot__pipelines": "crm.objects.deals.read",
    "hubspot__owners": "crm.objects.owners.read",
    "hubspot__campaigns": "marketing.campaigns.read",
    "hubspot__emails": "content",
    "hubspot__email_events": "content",
    "linkedin_ads__campaigns": "r_ads",
    "linkedin_ads__analytics": "r_ads_reporting",
    "google_ads__campaigns": "https://www.googleapis.com/auth/adwords",
    "google_ads__campaign_day": "https://www.googleapis.com/auth/adwords",
    "meta_ads__campaigns": "ads_read",
    "meta_ads__insights": "ads_read",
    "microsoft_ads__campaign_day": "https://ads.microsoft.com/msads.manage",
    "ga4__sessions": "https://www.googleapis.com/auth/analytics.readonly",
    "marketo__activities": "Read-Only Activity, Read-Only Lead",
    "marketo__programs": "Read-Only Assets",
}
FIELD_SCOPES = {
    "hubspot__contacts": "crm.schemas.contacts.read",
    "hubspot__companies": "crm.schemas.companies.read",
    "hubspot__deals": "crm.schemas.deals.read",
}
SALESFORCE_SCOPE = "API Enabled, and read access to the object and its fields"

TOKEN_REFUSED = ("answered 401", "invalid_grant", "invalid_client", TOKEN)
REFUSED = (DENIED, "answered 403", "INVALID_FIELD", "INVALID_TYPE", "SalesforceMalformed")


@dataclass(frozen=True)
class Check:
    """Whether a table of a source can be read; `detail` says what was seen, or what is missing."""

    source: str
    object: str
    works: bool
    detail: str


def check_source(settings: SourceSettings) -> tuple[Check, ...]:
    """Ask for the first page of each object of the last two days. Nothing is written.

    With little patience: who asks whether a host is there wants to know within seconds.
    """
    with patience(RetryPolicy(attempts=2)):
        return tuple(_checks(settings))


def _checks(settings: SourceSettings) -> Iterator[Check]:
    try:
        connector = connected(settings)
    except IngestError as error:
        yield Check(settings.name, "settings", False, error.message)
        return
    for extract in connector.extracts:
        yield _check(settings, extract)
        if extract.further is not None:
            scope = FIELD_SCOPES.get(extract.table, SALESFORCE_SCOPE)
            yield _check_fields(settings, promised(extract.table).object, extract.further, scope)
    for one in connector.questions:
        yield _check_fields(settings, one.object, one.ask, one.scope)


def _check(settings: SourceSettings, extract: Extract) -> Check:
    source, table = settings.name, promised(extract.table)
    now = datetime.now(UTC).replace(tzinfo=None)
    window = Window(now - RECENT) if extract.cursor else Window()
    try:
        lacking = extract.lacking() if extract.lacking is not None else {}
        page = next(extract.walk(replace(window, lacking=lacking)), {})
        rows = page.get(extract.table, ())
        to_arrow(table, rows, now)
    except Exception as raised:
        error = as_ingest_error(source, raised)
        scope = SCOPES.get(extract.table, SALESFORCE_SCOPE if source == "salesforce" else "")
        return Check(source, table.object, False, f"{error.message}{_hint(settings, error.message, scope)}")
    told = "; ".join((f"answers; {len(rows)} rows on the first page", *without(lacking), *extract.notes()))
    return Check(source, table.object, True, told)


def _check_fields(settings: SourceSettings, name: str, ask: Callable[[], Fields | int], scope: str) -> Check:
    """Whether the custom fields of an object are told: without them it is loaded with the promised columns."""
    source, name = settings.name, f"{name} (custom fields)"
    try:
        found = ask()
    except Exception as raised:
        error = as_ingest_error(source, raised)
        return Check(source, name, False, f"{error.message}{_hint(settings, error.message, scope)}")
    count = found if isinstance(found, int) else len(found)
    return Check(source, name, True, f"answers; {count} custom fields")


def _hint(settings: SourceSettings, message: str, scope: str) -> str:
    """What to do about a refusal, in words; nothing where its own words have to do."""
    if QUOTA in message:
        return ""
    if any(told in message for told in TOKEN_REFUSED):
        named = [str(value) for key, value in settings.options.items() if key.endswith("_env")]
        told = f"; what is in {', '.join(named)} is wrong, expired, or of another account"
        return told + (f"; it needs: {scope}" if scope else "")
    if "answered 404" in message:
        return "; see base_url and the ids in the sources file"
    return f"; it needs: {scope}" if scope and any(told in message for told in REFUSED) else ""
