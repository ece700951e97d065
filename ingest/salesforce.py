"""Salesforce: objects by SOQL through simple-salesforce, deleted and merged records with them.

What has more than `bulk_above` records is asked for as a Bulk API 2.0 job instead.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import requests
from simple_salesforce import Salesforce as Client
from simple_salesforce.exceptions import SalesforceError

from ingest import refusals
from ingest.contract import Column, promised
from ingest.errors import IngestError
from ingest.extract import Connector, Extract, Lacking, Page, Window
from ingest.http import QUOTA, VendorSession
from ingest.new_columns import NUMBER, Fields, column_name
from ingest.oauth import OAuth, client_credentials, refreshing
from ingest.paging import Walk
from ingest.rows import Row
from ingest.salesforce_bulk import UNSUPPORTED, BulkQueries, is_whole
from ingest.sources_file import SourceSettings
from ingest.sweep import Sweep

VERSION = "62.0"
DEFAULT_ADDRESS = "https://login.salesforce.com"
BULK_ABOVE = 20_000  # records: ten pages of REST; a job takes its half minute whatever the size
SWEPT_AT_ONCE = 200_000  # records of an object: one job, whose answers hold 50,000 ids each
# Promised columns whose field is not simply the column in camel case.
FIELDS = {
    "owner_name": "Owner.Name",
    "product_name": "Product2.Name",
    "split_owner_name": "SplitOwner.Name",
    "split_type_name": "SplitType.DeveloperName",
    "split_field": "SplitType.SplitField",
    "is_total_validated": "SplitType.IsTotalValidated",
    "is_deleted": "IsDeleted",
    "currency_iso_code": "CurrencyIsoCode",
    "accepted_at": "Accepted_Date__c",
    "hubspot_contact_id": "HubSpot_Contact_Id__c",
    "region": "Region__c",
    "segment": "Segment__c",
    "product": "Product__c",
    "utm_campaign": "UTM_Campaign__c",
}
OBJECTS = {
    "salesforce__lead": "Lead",
    "salesforce__account": "Account",
    "salesforce__opportunity": "Opportunity",
    "salesforce__contact": "Contact",
    "salesforce__opportunity_contact_role": "OpportunityContactRole",
    "salesforce__opportunity_history": "OpportunityHistory",
    "salesforce__opportunity_field_history": "OpportunityFieldHistory",
    "salesforce__opportunity_line_item": "OpportunityLineItem",
    "salesforce__opportunity_split": "OpportunitySplit",
    "salesforce__campaign": "Campaign",
    "salesforce__campaign_member": "CampaignMember",
    "salesforce__user": "User",
}
# Objects that an org has only where it uses them: splits have to be switched on.
OPTIONAL = frozenset({"OpportunitySplit"})
# What Salesforce's field types become; everything else is text. Compound fields are read by their parts.
FIELD_TYPES = {
    "double": NUMBER,
    "currency": NUMBER,
    "percent": NUMBER,
    "int": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
UNREAD = frozenset({"address", "location", "base64"})
# History rows are written once: they have no SystemModstamp, and are deleted with their record in silence.
CURSORS = {"salesforce__opportunity_field_history": "created_date"}
FOLLOW_DELETES = (
    "UPDATE raw.salesforce__opportunity_field_history AS h SET is_deleted = o.is_deleted "
    "FROM raw.salesforce__opportunity AS o "
    "WHERE o.id = h.opportunity_id AND h.is_deleted IS DISTINCT FROM o.is_deleted",
)


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings`: `base_url`, `client_id_env`, `client_secret_env`, and
    `refresh_token_env` where the connected app uses the web flow; `fields` renames custom fields:
    `fields: {accepted_at: Sales_Accepted__c}`; `bulk_above`: records from which on a job is used."""
    address = str(settings.options.get("base_url", DEFAULT_ADDRESS)).rstrip("/")
    grant = refreshing if "refresh_token_env" in settings.options else client_credentials
    login = grant(settings, f"{address}/services/oauth2/token")
    fields = FIELDS | dict(settings.options.get("fields", {}))
    salesforce = Salesforce(
        login,
        fields,
        int(settings.options.get("bulk_above", BULK_ABOVE)),
        str(settings.options.get("version", VERSION)),
    )
    extracts = tuple(
        Extract(
            table,
            partial(salesforce.changed, table, name),
            cursor=_cursor(table),
            further=partial(salesforce.custom, name) if table not in CURSORS else None,
            lacking=partial(salesforce.lacking, table, name),
        )
        for table, name in OBJECTS.items()
    )
    return Connector(
        settings.name,
        extracts,
        salesforce.session,
        after_load=FOLLOW_DELETES,
        sweeps=tuple(
            Sweep(table, partial(salesforce.keys, name), at_once=SWEPT_AT_ONCE)
            for table, name in OBJECTS.items()
        ),
        sweep_days=settings.sweep_days,
    )


class _InstanceSession(VendorSession):
    """simple-salesforce insists on https and drops a path; this puts the real instance back in front."""

    instance_url = ""

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        host = self.instance_url.split("://", 1)[1].split("/", 1)[0]
        return super().request(
            method, str(url).replace(f"https://{host}", self.instance_url, 1), *args, **kwargs
        )


class _Client(Client):
    """simple-salesforce reads an answer once more and slowly; this takes what its session has read of it."""

    session: VendorSession

    def parse_result_to_json(self, result: requests.Response) -> Any:
        return self.session.body(result)


class Salesforce:
    """The walks over one org."""

    def __init__(
        self, login: OAuth, fields: dict[str, str], bulk_above: int = BULK_ABOVE, version: str = VERSION
    ) -> None:
        self._version = version
        self._login = login
        self._fields = fields
        self._bulk_above = bulk_above
        self.session = _InstanceSession(
            login.source, login.authority(), refusal=refusals.salesforce, is_whole=is_whole
        )
        self._client: Client | None = None
        self._descriptions: dict[str, list[Row]] = {}

    def changed(self, table: str, name: str, window: Window) -> Iterator[Page]:
        """Records of object `name` that changed in the window, deleted ones included."""
        if self._is_absent(name):
            return
        gone = window.lacking.get(table, frozenset())
        promise = {name: field for name, field in self._promise(table).items() if name not in gone}
        columns = promise | {column.name: field for field, column in window.fields.items()}
        conditions = where(camel(_cursor(table)), window)
        query = f"SELECT {', '.join(columns.values())} FROM {name}{conditions}"  # noqa: S608 - no user input
        for records in self._query(query, f" ORDER BY {camel(_cursor(table))}, Id"):
            yield {
                table: [
                    {column: _dig(record, path) for column, path in columns.items()} for record in records
                ]
            }

    def custom(self, name: str) -> Fields:
        """The org's own fields of object `name` that are not mapped to a promised column."""
        mapped = set(self._fields.values())
        return {
            one["name"]: Column(column_name(one["name"]), FIELD_TYPES.get(one["type"], "VARCHAR"))
            for one in ([] if self._is_absent(name) else self._described(name))
            if one.get("custom") and one["name"] not in mapped and one["type"] not in UNREAD
        }

    def lacking(self, table: str, name: str) -> Lacking:
        """The columns of `table` whose field not every org has: its own ones, the currency of an amount, and
        all those of an object that the org does not use."""
        if self._is_absent(name):
            return {table: frozenset(self._promise(table))}
        told = {column for column, field in self._promise(table).items() if _is_optional(field)}
        if not told:
            return {}
        try:
            known = {one["name"] for one in self._described(name)}
        except IngestError as error:
            if "answered 403" not in error.message or QUOTA in error.message:
                raise
            return {}
        return {table: frozenset(column for column in told if self._fields[column] not in known)}

    def _promise(self, table: str) -> dict[str, str]:
        """The promised columns of `table` and the fields that fill them."""
        return {
            column.name: self._fields.get(column.name) or camel(column.name)
            for column in promised(table).columns
            if column.name != "_loaded_at"
        }

    def _is_absent(self, name: str) -> bool:
        """Whether the org does without the object; a user who may not see it is told the same."""
        if name not in OPTIONAL:
            return False
        try:
            return not self._described(name)
        except IngestError as error:
            if "answered 404" not in error.message:
                return False  # what is wrong is said when its records are asked for
            self._descriptions[name] = []
            return True

    def _described(self, name: str) -> list[Row]:
        if name not in self._descriptions:
            address = f"{self._connected().base_url}sobjects/{name}/describe"
            self._descriptions[name] = self.session.get_json(address)["fields"]
        return self._descriptions[name]

    def keys(self, name: str) -> Iterator[list[str]]:
        """Pages of the ids of object `name`, deleted ones too as long as the recycle bin has them."""
        if self._is_absent(name):
            return
        for records in self._query(f"SELECT Id FROM {name}", " ORDER BY Id"):  # noqa: S608 - no user input
            yield [record["Id"] for record in records]

    def _query(self, query: str, order: str) -> Iterator[list[Row]]:
        """Pages by REST; the first one says how many there are, and too many become a job.

        A job has no order: Salesforce splits it by key, and the cursor moves after the last row only.
        """
        client = self._connected()
        try:
            answer = client.query(query + order, include_deleted=True)
            if answer["totalSize"] > self._bulk_above:
                try:
                    yield from BulkQueries(self.session, client.base_url.rstrip("/")).records(query)
                    return
                except IngestError as error:
                    if UNSUPPORTED not in error.message:
                        raise
            walk = Walk(self._login.source, "the query")
            while True:
                yield answer["records"]
                if answer["done"]:
                    return
                answer = client.query_more(walk.on(answer["nextRecordsUrl"]), identifier_is_url=True)
        except SalesforceError as error:
            raise IngestError(self._login.source, f"{type(error).__name__}: {error}") from None

    def _connected(self) -> Client:
        if self._client is None:
            token = self._login.token()
            self.session.instance_url = str(self._login.answer["instance_url"]).rstrip("/")
            self._client = _Client(
                session_id=token,
                instance_url=self.session.instance_url,
                version=self._version,
                session=self.session,
            )
        return self._client


def camel(column: str) -> str:
    """The standard field of a column: `system_modstamp` -> `SystemModstamp`.

    >>> camel("converted_account_id")
    'ConvertedAccountId'
    """
    return "".join(part.capitalize() for part in column.split("_"))


def where(field: str, window: Window) -> str:
    """The condition that `field` lies in the window; nothing for everything.

    >>> where("SystemModstamp", Window(datetime(2026, 1, 5)))
    ' WHERE SystemModstamp >= 2026-01-05T00:00:00Z'
    """
    conditions = []
    if window.since is not None:
        conditions.append(f"{field} >= {_literal(window.since)}")
    if window.until is not None:
        conditions.append(f"{field} < {_literal(window.until)}")
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _is_optional(field: str) -> bool:
    return field.endswith("__c") or field == "CurrencyIsoCode"


def _cursor(table: str) -> str:
    return CURSORS.get(table, "system_modstamp")


def _literal(at: datetime) -> str:
    return f"{at.replace(tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}"


def _dig(record: Row, path: str) -> Any:
    """A field, a parent's by its path: REST nests it, a job's CSV has a column of that name."""
    if path in record:
        return record[path]
    value: Any = record
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
