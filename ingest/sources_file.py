"""The sources file: which source systems are on, where they are, and where their secrets are kept.

Secrets stay out of it: `token_env: HUBSPOT_TOKEN` names the environment variable that holds the token.
"""

import difflib
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from ingest.contract import promised_tables
from ingest.errors import IngestError, SourcesFileError
from ingest.secrecy import keep
from ingest.sweep import DEFAULT_DAYS

# The options that say whose data it is.
WHOSE = ("base_url", "accounts", "customers", "customer", "properties", "without")
# The options that say how fresh a source has to be: lengths of time, such as `6h`, `90 minutes`, `2 days`.
LENGTHS = ("expected_every", "newest_within")
LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(m|min|minutes?|h|hours?|d|days?)?")
ADDRESSES = ("base_url", "token_url")
ADDRESS = re.compile(r"https?://[^\s/@]+(/\S*)?")
# What a source may be told; every source takes COMMON besides.
COMMON = frozenset({"on", "base_url", "expected_every", "newest_within", "without"})
_LOGIN = frozenset({"client_id_env", "client_secret_env"})
_OAUTH = _LOGIN | {"refresh_token_env", "token_url"}
_ADS = frozenset({"regions", "restated_days", "accounts"})
OPTIONS: dict[str, frozenset[str]] = {
    "hubspot": frozenset({"token_env", "sweep_days"}),
    "salesforce": _OAUTH | {"fields", "bulk_above", "sweep_days", "version"},
    "linkedin_ads": _ADS | {"token_env", "version"},
    "google_ads": _ADS - {"accounts"}
    | _OAUTH
    | {"developer_token_env", "customers", "login_customer", "version"},
    "meta_ads": _ADS | {"token_env", "version"},
    "microsoft_ads": _ADS | _OAUTH | {"developer_token_env", "customer"},
    "ga4": _OAUTH | {"properties", "start", "restated_days", "export", "key_events"},
    "marketo": _LOGIN | {"token_url", "start", "fields", "stage_field"},
    "files": frozenset({"tables"}),
}
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
EXPECTED_EVERY = timedelta(hours=26)  # a day, and two hours for the run that takes longer than yesterday's


@dataclass(frozen=True)
class SourceSettings:
    """One source of the sources file. `folder` is where the sources file lies.

    A source whose last good load is older than `expected_every` is late, and so is one whose newest record is
    older than `newest_within` (None: records may be as old as they like).
    """

    name: str
    is_on: bool
    options: dict[str, Any] = field(default_factory=dict)
    folder: Path = Path()
    expected_every: timedelta = EXPECTED_EVERY
    newest_within: timedelta | None = None

    def required(self, key: str) -> Any:
        """The option `key`; IngestError names the source and the key when it is missing."""
        if key not in self.options:
            raise IngestError(self.name, f"the sources file gives no {key!r} for it")
        return self.options[key]

    def secret(self, key: str) -> str:
        """The value of the environment variable that the option `<key>_env` names."""
        variable = str(self.required(f"{key}_env"))
        value = os.environ.get(variable, "").strip()
        if not value:
            raise IngestError(self.name, f"the environment variable {variable!r} ({key}_env) is not set")
        if not (value.isascii() and value.isprintable()):  # it could not be sent, and would be shown instead
            raise IngestError(
                self.name,
                f"the environment variable {variable!r} ({key}_env) holds a line break or another character "
                "that no vendor gives out; set it again",
            )
        return keep(value)

    def names(self, key: str, otherwise: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """The option `key` as a list of names or ids; one alone needs no brackets."""
        given = self.options.get(key, otherwise) if otherwise is not None else self.required(key)
        if isinstance(given, str | int):
            given = (given,)
        if not isinstance(given, list | tuple) or not all(isinstance(one, str | int) for one in given):
            raise IngestError(self.name, f"{key!r} has to be a list of ids or names, found {given!r}")
        return tuple(str(one) for one in given)

    @property
    def base_url(self) -> str:
        """The vendor's address without a trailing slash."""
        return str(self.required("base_url")).rstrip("/")

    @property
    def sweep_days(self) -> float:
        """After how many days the keys that still exist are listed again; 0 for each load."""
        return float(self.options.get("sweep_days", DEFAULT_DAYS))

    def identity(self) -> str:
        """A fingerprint of which account this is: when it changes, what was loaded is another company's."""
        told = {key: self.options[key] for key in WHOSE if key in self.options}
        return hashlib.sha256(yaml.safe_dump(told, sort_keys=True).encode()).hexdigest()[:16]


def known_sources() -> tuple[str, ...]:
    """Every source that ingest has promised tables for."""
    return tuple(dict.fromkeys(table.source for table in promised_tables() if table.source))


def read_sources(file: Path, expected_every: timedelta = EXPECTED_EVERY) -> tuple[SourceSettings, ...]:
    """The sources of `file`, those that it does not mention as off.

    `expected_every` holds for the sources that name none. Raises SourcesFileError with every problem at once.
    """
    if not file.is_file():
        raise SourcesFileError([f"{file}: there is no such sources file"])
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f":{where.line + 1}" if where else ""
        raise SourcesFileError([f"{file}{line}: not YAML: {getattr(error, 'problem', error)}"]) from None
    sources = document.get("sources") if isinstance(document, dict) else None
    if not isinstance(sources, dict):
        raise SourcesFileError([f"{file}: expected `sources:` with a mapping of source names"])
    sources = {name: _with_on(options) for name, options in sources.items()}
    problems = [problem for name, options in sources.items() for problem in _problems(file, name, options)]
    if problems:
        raise SourcesFileError(problems)
    return tuple(
        _settings(name, sources.get(name, {"on": False}), file.parent, expected_every)
        for name in known_sources()
    )


def _with_on(options: Any) -> Any:
    """YAML 1.1 reads the bare key `on` as the truth value: put the word back."""
    if isinstance(options, dict):
        return {"on" if key is True else key: value for key, value in options.items()}
    return options


def length_of_time(written: Any) -> timedelta | None:
    """`6h`, `90 minutes`, `2 days` as a length; a bare number is hours; None when it is none above zero."""
    found = LENGTH.fullmatch(str(written).strip().lower())
    if isinstance(written, bool) or not found or float(found[1]) == 0:
        return None
    return timedelta(**{UNITS[(found[2] or "h")[0]]: float(found[1])})


def _settings(
    name: str, options: dict[str, Any] | None, folder: Path, expected_every: timedelta
) -> SourceSettings:
    given = dict(options or {})
    every, within = (length_of_time(given.pop(key, None)) for key in LENGTHS)
    is_on = bool(given.pop("on", True))
    return SourceSettings(name, is_on, given, folder.resolve(), every or expected_every, within)


def _problems(file: Path, name: str, options: Any) -> list[str]:
    if name not in known_sources():
        return [f"{file}: sources.{name}: unknown source {name!r}{_near(str(name), known_sources())}"]
    if options is not None and not isinstance(options, dict):
        return [f"{file}: sources.{name}: expected a mapping, found {options!r}"]
    given = options or {}
    problems = [
        f"{file}: sources.{name}.{key}: expected a length of time such as 6h or 2 days, found {given[key]!r}"
        for key in LENGTHS
        if key in given and length_of_time(given[key]) is None
    ]
    known = sorted(COMMON | OPTIONS[name])
    problems += [
        f"{file}: sources.{name}.{key}: unknown option {key!r}{_near(str(key), known)}"
        for key in given
        if key not in known
    ]
    problems += [
        f"{file}: sources.{name}.{key}: expected an address that begins with https:// or http://, found "
        f"{given[key]!r}"
        for key in ADDRESSES
        if key in given and not ADDRESS.fullmatch(str(given[key]))
    ]
    is_on = given.get("on", True)
    if not isinstance(is_on, bool):
        problems.append(f"{file}: sources.{name}.on: expected true or false, found {is_on!r}")
    return problems


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
