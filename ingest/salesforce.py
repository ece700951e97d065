"""Salesforce: objects by SOQL through simple-salesforce, deleted and merged records with them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import requests
from simple_salesforce import Salesforce as Client
from simple_salesforce.exceptions import SalesforceError

from ingest.contract import promised
from ingest.errors import IngestError
from ingest.extract import Connector, Extract, Page, Window
from ingest.http import VendorSession
from ingest.oauth import OAuth, client_credentials, refreshing
from ingest.rows import Row
from ingest.sources_file import SourceSettings

VERSION = "62.0"
DEFAULT_ADDRESS = "https://login.salesforce.com"
# Promised columns whose field is not simply the column in camel case.
FIELDS = {
    "owner_name": "Owner.Name",
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
    "salesforce__campaign": "Campaign",
    "salesforce__campaign_member": "CampaignMember",
    "salesforce__user": "User",
}


def connect(settings: SourceSettings) -> Connector:
    """The connector for `settings`: `base_url`, `client_id_env`, `client_secret_env`, and
    `refresh_token_env` where the connected app uses the web flow; `fields` renames custom fields:
    `fields: {accepted_at: Sales_Accepted__c}`."""
    address = str(settings.options.get("base_url", DEFAULT_ADDRESS)).rstrip("/")
    grant = refreshing if "refresh_token_env" in settings.options else client_credentials
    login = grant(settings, f"{address}/services/oauth2/token")
    fields = FIELDS | dict(settings.options.get("fields", {}))
    salesforce = Salesforce(login, fields)
    extracts = tuple(
        Extract(table, partial(salesforce.changed, table, name), cursor="system_modstamp")
        for table, name in OBJECTS.items()
    )
    return Connector(settings.name, extracts, lambda: salesforce.requests_made)


class _InstanceSession(VendorSession):
    """simple-salesforce insists on https and drops a path; this puts the real instance back in front."""

    instance_url = ""

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        host = self.instance_url.split("://", 1)[1].split("/", 1)[0]
        return super().request(
            method, str(url).replace(f"https://{host}", self.instance_url, 1), *args, **kwargs
        )


class Salesforce:
    """The walks over one org."""

    def __init__(self, login: OAuth, fields: dict[str, str]) -> None:
        self._login = login
        self._fields = fields
        self._session = _InstanceSession(login.source, login.authority())
        self._client: Client | None = None

    @property
    def requests_made(self) -> int:
        """Requests so far, logins not counted."""
        return self._session.requests_made

    def changed(self, table: str, name: str, window: Window) -> Iterator[Page]:
        """Records of object `name` by SystemModstamp, oldest change first, deleted ones included."""
        columns = {
            column.name: self._fields.get(column.name) or camel(column.name)
            for column in promised(table).columns
            if column.name != "_loaded_at"
        }
        for records in self._query(soql(name, columns.values(), window)):
            yield {
                table: [
                    {column: _dig(record, path) for column, path in columns.items()} for record in records
                ]
            }

    def _query(self, query: str) -> Iterator[list[Row]]:
        client = self._connected()
        try:
            answer = client.query(query, include_deleted=True)
            while True:
                yield answer["records"]
                if answer["done"]:
                    return
                answer = client.query_more(answer["nextRecordsUrl"], identifier_is_url=True)
        except SalesforceError as error:
            raise IngestError(self._login.source, f"{type(error).__name__}: {error}") from None

    def _connected(self) -> Client:
        if self._client is None:
            token = self._login.token()
            self._session.instance_url = str(self._login.answer["instance_url"]).rstrip("/")
            self._client = Client(
                session_id=token,
                instance_url=self._session.instance_url,
                version=VERSION,
                session=self._session,
            )
        return self._client


def camel(column: str) -> str:
    """The standard field of a column: `system_modstamp` -> `SystemModstamp`.

    >>> camel("converted_account_id")
    'ConvertedAccountId'
    """
    return "".join(part.capitalize() for part in column.split("_"))


def soql(name: str, fields: Any, window: Window) -> str:
    """The query for a window. Names come from the promise and the sources file, instants are formatted."""
    conditions = []
    if window.since is not None:
        conditions.append(f"SystemModstamp >= {_literal(window.since)}")
    if window.until is not None:
        conditions.append(f"SystemModstamp < {_literal(window.until)}")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(fields)} FROM {name}{where} ORDER BY SystemModstamp, Id"  # noqa: S608 - no user input


def _literal(at: datetime) -> str:
    return f"{at.replace(tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}"


def _dig(record: Row, path: str) -> Any:
    value: Any = record
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
