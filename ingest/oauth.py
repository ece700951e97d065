"""OAuth 2: a short-lived access token from credentials that live long."""

from dataclasses import dataclass, field
from typing import Any

from ingest.answers import read_json
from ingest.errors import IngestError
from ingest.http import Authority, VendorSession
from ingest.secrecy import keep
from ingest.sources_file import SourceSettings


@dataclass
class OAuth:
    """A token endpoint and what is posted to it; `answer` is its last answer.

    The token is fetched at the first use and again when the vendor refuses it.
    """

    source: str
    token_url: str
    form: dict[str, str] = field(repr=False)
    answer: dict[str, Any] = field(default_factory=dict, repr=False)

    def token(self) -> str:
        """The access token in use."""
        if not self.answer:
            self.renew()
        return str(self.answer["access_token"])

    def renew(self) -> None:
        """Fetch another access token. IngestError when the endpoint refuses."""
        response = VendorSession(self.source).post(self.token_url, data=self.form)
        answer = read_json(response.content)
        if not isinstance(answer, dict) or "access_token" not in answer:
            raise IngestError(self.source, f"{self.token_url} gave no access token")
        keep(str(answer["access_token"]))
        self.answer = answer

    def authority(self) -> Authority:
        """This, as a session wants it."""
        return Authority(self.token, self.renew)


def refreshing(settings: SourceSettings, token_url: str) -> OAuth:
    """The refresh-token grant with `client_id_env`, `client_secret_env`, `refresh_token_env`."""
    form = {
        "grant_type": "refresh_token",
        "client_id": settings.secret("client_id"),
        "client_secret": settings.secret("client_secret"),
        "refresh_token": settings.secret("refresh_token"),
    }
    return OAuth(settings.name, str(settings.options.get("token_url", token_url)), form)


def client_credentials(settings: SourceSettings, token_url: str) -> OAuth:
    """The client-credentials grant with `client_id_env`, `client_secret_env`."""
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.secret("client_id"),
        "client_secret": settings.secret("client_secret"),
    }
    return OAuth(settings.name, str(settings.options.get("token_url", token_url)), form)
