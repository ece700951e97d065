MODEL (
  name prep.identity_link,
  kind FULL,
  description 'Two identifiers that belong to one person (or one account), and why. A record on its own links to itself.',
  owner revops,
  grain (node_a, node_b, reason),
  audits (
    not_null(columns := (node_a, node_b, reason)),
    unique_combination_of_columns(columns := (node_a, node_b, reason))
  )
);

WITH address AS (
  SELECT email FROM prep.person_record
  UNION
  SELECT email FROM staging.stg_hubspot__form_submissions
  UNION
  SELECT email FROM staging.stg_files__touches
  UNION
  SELECT email FROM staging.stg_hubspot__email_events
  UNION
  SELECT user_id FROM staging.stg_ga4__events WHERE user_id LIKE '%@%'
),
further_address AS (
  SELECT DISTINCT c.contact_id, TRIM(SPLIT_PART(c.additional_emails, ';', p.position)) AS email
  FROM staging.stg_hubspot__contacts AS c
  CROSS JOIN prep.position AS p
  WHERE SPLIT_PART(c.additional_emails, ';', p.position) LIKE '%_@%_'
),
sign_in AS (
  -- Analytics asks for ids instead of addresses: both tie. What sites send for nobody in particular ties nobody.
  SELECT DISTINCT
    cookie_id,
    CASE WHEN user_id LIKE '%@%' THEN user_id END AS email,
    CASE WHEN user_id NOT LIKE '%@%' THEN user_id END AS account
  FROM staging.stg_ga4__events
  WHERE cookie_id IS NOT NULL AND user_id IS NOT NULL
    AND user_id NOT IN ('0', '-1', 'guest', 'anonymous', 'unknown', 'undefined', 'null', 'none', '(not set)')
),
signed_in AS (
  -- A browser in which several people signed in is nobody's.
  SELECT cookie_id, MIN(email) AS email, MIN(account) AS account
  FROM sign_in
  GROUP BY cookie_id
  HAVING COUNT(DISTINCT email) <= 1 AND COUNT(DISTINCT account) <= 1
),
one_person AS (
  -- An id under which several addresses signed in is nobody's either.
  SELECT account FROM signed_in WHERE account IS NOT NULL GROUP BY account HAVING COUNT(DISTINCT email) <= 1
),
links AS (
  SELECT record_id AS node_a, record_id AS node_b, 'own record' AS reason FROM prep.person_record
  UNION ALL
  -- An address that several people read links nobody, nor does what is no address: 'n/a', 'none'.
  SELECT r.record_id, 'email:' || r.email, 'same e-mail'
  FROM prep.person_record AS r
  LEFT JOIN seeds.shared_inbox AS s ON s.local_part = SPLIT_PART(SPLIT_PART(r.email, '@', 1), '+', 1)
  WHERE r.email LIKE '%_@%_' AND s.local_part IS NULL
  UNION ALL
  SELECT 'email:' || a.email, 'email:' || @email_without_tag(a.email), 'e-mail with a plus tag'
  FROM address AS a
  LEFT JOIN seeds.shared_inbox AS s ON s.local_part = SPLIT_PART(SPLIT_PART(a.email, '@', 1), '+', 1)
  WHERE SPLIT_PART(a.email, '@', 1) LIKE '_%+%' AND a.email LIKE '%_@%_' AND s.local_part IS NULL
  UNION ALL
  SELECT 'hubspot:contact:' || f.contact_id, 'email:' || f.email, 'further e-mail in HubSpot'
  FROM further_address AS f
  LEFT JOIN seeds.shared_inbox AS s ON s.local_part = SPLIT_PART(SPLIT_PART(f.email, '@', 1), '+', 1)
  WHERE s.local_part IS NULL
  UNION ALL
  SELECT 'cookie:' || g.cookie_id, 'email:' || g.email, 'signed in with this browser'
  FROM signed_in AS g
  LEFT JOIN seeds.shared_inbox AS s ON s.local_part = SPLIT_PART(SPLIT_PART(g.email, '@', 1), '+', 1)
  WHERE g.email IS NOT NULL AND s.local_part IS NULL
  UNION ALL
  SELECT 'cookie:' || g.cookie_id, 'user:' || g.account, 'signed in with this browser'
  FROM signed_in AS g
  JOIN one_person AS o ON o.account = g.account
  UNION ALL
  SELECT survivor_node, merged_node, 'merged in HubSpot' FROM prep.hubspot_merge
  UNION ALL
  SELECT 'marketo:lead:' || winner_id, 'marketo:lead:' || loser_id, 'merged in Marketo' FROM staging.stg_marketo__lead_merges
  UNION ALL
  SELECT 'marketo:lead:' || lead_id, 'salesforce:lead:' || salesforce_lead_id, 'synced to a Salesforce lead'
  FROM staging.stg_marketo__leads
  WHERE salesforce_lead_id IS NOT NULL
  UNION ALL
  SELECT 'marketo:lead:' || lead_id, 'salesforce:contact:' || salesforce_contact_id, 'synced to a Salesforce contact'
  FROM staging.stg_marketo__leads
  WHERE salesforce_contact_id IS NOT NULL
  UNION ALL
  SELECT 'salesforce:contact:' || contact_id, 'salesforce:contact:' || master_contact_id, 'merged in Salesforce'
  FROM staging.stg_salesforce__contact
  WHERE master_contact_id IS NOT NULL
  UNION ALL
  SELECT 'hubspot:contact:' || contact_id, 'salesforce:lead:' || salesforce_lead_id, 'synced to a Salesforce lead'
  FROM staging.stg_hubspot__contacts
  WHERE salesforce_lead_id IS NOT NULL
  UNION ALL
  SELECT 'hubspot:contact:' || contact_id, 'salesforce:contact:' || salesforce_contact_id, 'synced to a Salesforce contact'
  FROM staging.stg_hubspot__contacts
  WHERE salesforce_contact_id IS NOT NULL
  UNION ALL
  SELECT 'salesforce:lead:' || lead_id, 'hubspot:contact:' || hubspot_contact_id, 'synced to a HubSpot contact'
  FROM staging.stg_salesforce__lead
  WHERE hubspot_contact_id IS NOT NULL
  UNION ALL
  SELECT 'salesforce:lead:' || lead_id, 'salesforce:contact:' || contact_id, 'lead converted to a contact'
  FROM staging.stg_salesforce__lead
  WHERE contact_id IS NOT NULL
  UNION ALL
  SELECT 'salesforce:lead:' || lead_id, 'salesforce:lead:' || master_lead_id, 'merged in Salesforce'
  FROM staging.stg_salesforce__lead
  WHERE master_lead_id IS NOT NULL
  UNION ALL
  SELECT 'salesforce:account:' || account_id, 'salesforce:account:' || COALESCE(master_account_id, account_id),
    CASE WHEN master_account_id IS NULL THEN 'own record' ELSE 'merged in Salesforce' END
  FROM staging.stg_salesforce__account
)
SELECT DISTINCT
  node_a::VARCHAR AS node_a, -- an identifier: system, kind and value
  node_b::VARCHAR AS node_b, -- another of the same person
  reason::VARCHAR AS reason -- why they are one
FROM links;
