"""The doors: GraphQL, REST, files for spreadsheets, and SQL over HTTP. No arithmetic is done here.

app = create_app(ApiSettings(warehouse, glossary, credentials))
"""

from api.app import create_app
from api.settings import ApiSettings, Limits

__all__ = ["ApiSettings", "Limits", "create_app"]
