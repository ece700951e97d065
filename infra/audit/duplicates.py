"""Records that are probably the same: people, accounts, deals, each pair with its reason."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from rapidfuzz import fuzz

from infra.audit.ground import Ground
from infra.audit.nouns import Column, Example, Finding, Section, Severity, Table

ALIKE = 92  # of 100: company names from here on are taken for one
LARGEST_BLOCK = 200  # names that begin alike are compared with each other, up to this many
LEGAL = re.compile(
    r"\b(inc|incorporated|corp|corporation|co|company|ltd|limited|llc|llp|plc|gmbh|ag|kg|sa|sas|sarl|bv|nv|oy|ab|as"
    r"|srl|spa|pty|kk|holding|holdings|group|the)\b"
)

DUPLICATES = Table(
    "duplicates",
    "Probable duplicates",
    "One row a group of records that are probably one.",
    (
        Column("what", "people, accounts or deals"),
        Column("system", "Where the records are"),
        Column("reason", "Why they are held for one"),
        Column("key", "What they share"),
        Column("records", "How many records", "count"),
        Column("ids", "Their ids"),
    ),
    shown=20,
)
Group = tuple[str, str, str, str, int, str]


def duplicates(ground: Ground) -> Section:
    """The chapter on duplicates."""
    found = [*_people(ground), *_accounts(ground), *_deals(ground)]
    facts = tuple(
        (f"groups of {what}", str(sum(row[0] == what for row in found)))
        for what in ("people", "accounts", "deals")
    )
    return Section(
        "duplicates",
        "Duplicates",
        "Records within one system that are probably the same. A record of a person in each of several systems is no "
        "duplicate (case 1). Records that were deleted or merged are left out.",
        (DUPLICATES.filled(found),),
        tuple(_findings(found)),
        facts=facts,
        ok="No record looks like another.",
    )


def _people(ground: Ground) -> Iterator[Group]:
    for system, name, key, count, ids in ground.ask("""
        SELECT system, object, email, COUNT(*), STRING_AGG(id, ', ' ORDER BY id) FROM audit.record
        WHERE NOT is_gone AND email IS NOT NULL GROUP BY 1, 2, 3 HAVING COUNT(*) > 1 ORDER BY 4 DESC, 1, 2, 3
    """):
        yield ("people", f"{system} {name}", "same e-mail", key, count, ids)
    for system, name, first, last, domain, count, ids in ground.ask("""
        SELECT system, object, LOWER(TRIM(first_name)), LOWER(TRIM(last_name)), email_domain(email), COUNT(*),
          STRING_AGG(id, ', ' ORDER BY id)
        FROM audit.record WHERE NOT is_gone AND known(first_name) IS NOT NULL AND known(last_name) IS NOT NULL
          AND email IS NOT NULL AND email_domain(email) NOT IN (SELECT domain FROM audit.excluded_domain)
        GROUP BY 1, 2, 3, 4, 5 HAVING COUNT(DISTINCT email) > 1 ORDER BY 6 DESC, 1, 2, 5
    """):
        # The domain is enough of a key: a name is nobody's business here.
        initials = f"{first[:1].upper()}. {last[:1].upper()}. at {domain}"
        yield ("people", f"{system} {name}", "same name, same company domain", initials, count, ids)


def _accounts(ground: Ground) -> Iterator[Group]:
    rows = ground.ask("""
        SELECT 'salesforce account' AS system, sfid(id), name, domain_of(website) FROM raw.salesforce__account
        WHERE NOT COALESCE(is_deleted, FALSE)
        UNION ALL
        SELECT 'hubspot company', id, name, domain_of(domain) FROM raw.hubspot__companies
        WHERE NOT COALESCE(archived, FALSE) ORDER BY 1, 2
    """)
    by_system: dict[str, list[tuple[str, str, str | None]]] = defaultdict(list)
    for system, number, name, domain in rows:
        by_system[system].append((number, name or "", domain))
    for system, accounts in by_system.items():
        yield from _same_domain(system, accounts)
        yield from _alike_names(system, accounts)


def _same_domain(system: str, accounts: Sequence[tuple[str, str, str | None]]) -> Iterator[Group]:
    by_domain: dict[str, list[str]] = defaultdict(list)
    for number, _, domain in accounts:
        if domain:
            by_domain[domain].append(number)
    for domain, ids in sorted(by_domain.items()):
        if len(ids) > 1:
            yield ("accounts", system, "same website", domain, len(ids), ", ".join(ids))


def company_key(name: str) -> str:
    """A company's name without legal form, case and punctuation.

    >>> company_key("The Acme Co., Ltd.")
    'acme'
    """
    return " ".join(LEGAL.sub(" ", re.sub(r"[^\w ]", " ", name.lower())).split())


def _alike_names(system: str, accounts: Sequence[tuple[str, str, str | None]]) -> Iterator[Group]:
    by_key: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
    for number, name, domain in accounts:
        if key := company_key(name):
            by_key[key].append((number, domain))
    for key, members in sorted(by_key.items()):
        if len(members) > 1 and (near := _not_contradicted(members)):
            yield ("accounts", system, "same name without legal form", key, len(near), ", ".join(near))
    blocks: dict[str, list[str]] = defaultdict(list)
    for key in by_key:
        blocks[key[:4]].append(key)
    for block in blocks.values():
        for one, other in combinations(sorted(block)[:LARGEST_BLOCK], 2):
            # Numbers in a name tell branches apart.
            if fuzz.ratio(one, other) >= ALIKE and re.findall(r"\d+", one) == re.findall(r"\d+", other):
                near = _not_contradicted([*by_key[one], *by_key[other]])
                if near:
                    yield (
                        "accounts",
                        system,
                        "nearly the same name",
                        f"{one} / {other}",
                        len(near),
                        ", ".join(near),
                    )


def _not_contradicted(members: Sequence[tuple[str, str | None]]) -> list[str]:
    """The records among namesakes that no website tells apart: those without one, and those that share one."""
    domains = [domain for _, domain in members]
    without = [number for number, domain in members if not domain]
    if without:
        return [number for number, _ in members]
    return [
        number
        for number, domain in members
        if domain and any(_same_site(domain, other) for other in _others(domains, domain))
    ]


def _others(domains: Sequence[str | None], domain: str) -> list[str]:
    left = [one for one in domains if one]
    left.remove(domain)
    return left


def _same_site(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _deals(ground: Ground) -> Iterator[Group]:
    for number, ids, count in ground.ask("""
        SELECT sfid(salesforceopportunityid), STRING_AGG(id, ', ' ORDER BY id), COUNT(*) FROM raw.hubspot__deals
        WHERE known(salesforceopportunityid) IS NOT NULL AND NOT COALESCE(archived, FALSE)
        GROUP BY 1 HAVING COUNT(*) > 1 ORDER BY 1
    """):
        yield ("deals", "hubspot deal", "mirror the same CRM opportunity", number, count, ids)
    for system, name, amount, count, ids in ground.ask("""
        SELECT system, name, amount, COUNT(*), STRING_AGG(deal_id, ', ' ORDER BY deal_id) FROM audit.deal
        WHERE NOT is_deleted AND known(name) IS NOT NULL AND amount IS NOT NULL
        GROUP BY system, name, account_id, amount, close_date HAVING COUNT(*) > 1 ORDER BY 1, 2
    """):
        yield (
            "deals", f"{system} deal", "same account, name, amount and close date", f"{name}, {amount:,.2f}", count, ids
        )  # fmt: skip


def _findings(found: Sequence[Group]) -> Iterator[Finding]:
    told: tuple[tuple[str, Severity, str, str], ...] = (
        ("people", "medium", "One person counts as several leads.", "Merge them in the system they are in."),
        ("accounts", "medium", "One company's pipeline is split.", "Merge the accounts; move their deals."),
        (
            "deals",
            "high",
            "Revenue is counted twice where mirrors are added to opportunities.",
            "Delete the copies.",
        ),
    )
    for what, severity, matters, to_do in told:
        groups = [row for row in found if row[0] == what]
        if groups:
            yield Finding(
                f"duplicate_{what}",
                f"Probable duplicates among {what}",
                severity,
                len(groups),
                matters,
                to_do,
                tuple(
                    Example(row[1], row[5] if len(row[5]) < 90 else f"{row[5][:88]}…", f"{row[2]}: {row[3]}")
                    for row in groups
                ),
            )
