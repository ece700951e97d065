MODEL (
  name core.campaign,
  kind FULL,
  description 'A campaign under its UTM name, which every system shares.',
  owner marketing_ops,
  grain campaign_id,
  audits (not_null(columns := (campaign_id, name)), unique_values(columns := (campaign_id)))
);

WITH RECURSIVE every_crm AS (
  SELECT
    c.*,
    COALESCE(a.campaign_id, @slug(c.utm_campaign), @slug(c.name)) AS key,
    CASE WHEN a.alias IS NULL THEN 0 ELSE 1 END AS is_alias
  FROM staging.stg_salesforce__campaign AS c
  LEFT JOIN prep.campaign_alias AS a ON a.alias = COALESCE(@slug(c.utm_campaign), @slug(c.name))
  WHERE NOT c.is_deleted
),
crm AS (
  -- Two campaigns of one UTM name are one here; who bears it as its own name, else the older id, names it.
  SELECT * FROM every_crm
  QUALIFY ROW_NUMBER() OVER (PARTITION BY key ORDER BY is_alias, campaign_id) = 1
),
parent AS (
  -- A parent that is gone leaves an orphan: reported, not fatal. Of two campaigns of one UTM name either may know it.
  SELECT c.key, p.key AS parent_key
  FROM every_crm AS c
  JOIN every_crm AS p ON p.campaign_id = c.parent_campaign_id
  WHERE p.key <> c.key
  QUALIFY ROW_NUMBER() OVER (PARTITION BY c.key ORDER BY c.is_alias, c.campaign_id) = 1
),
up AS (
  -- The way up ends at the top, or where it comes back to itself: the keys on it are told apart by blanks, which no key has.
  SELECT key, parent_key AS above, (' ' || key || ' ')::VARCHAR AS way
  FROM parent
  UNION ALL
  SELECT u.key, p.parent_key, (u.way || u.above || ' ')::VARCHAR
  FROM up AS u
  JOIN parent AS p ON p.key = u.above
  WHERE CHARINDEX(' ' || u.above || ' ', u.way) = 0
),
circle AS (
  SELECT key FROM up WHERE above = key
),
program AS (
  -- The top of the hierarchy; of a circle, which has none, the smallest key in it, for what lies below it as well.
  SELECT
    u.key,
    COALESCE(
      MAX(CASE WHEN p.parent_key IS NULL THEN u.above END),
      MIN(CASE WHEN c.key IS NOT NULL THEN u.above END)
    ) AS program_key
  FROM up AS u
  LEFT JOIN parent AS p ON p.key = u.above
  LEFT JOIN circle AS c ON c.key = u.above
  GROUP BY u.key
),
mention AS (
  SELECT COALESCE(@slug(crm.utm_campaign), @slug(crm.name)) AS campaign_id, name, 1 AS priority, r.channel, NULL AS source, NULL AS medium, region, campaign_type, start_date, end_date
  FROM crm
  LEFT JOIN seeds.channel_rule AS r ON r.field = 'lead_source' AND r.value = LOWER(crm.campaign_type)
  UNION ALL
  SELECT @slug(name), name, 2, 'paid_social', 'linkedin', 'paid_social', region, campaign_type, start_date, end_date
  FROM staging.stg_linkedin_ads__campaigns
  UNION ALL
  SELECT @slug(name), name, 2, NULL, 'google', 'cpc', region, campaign_type, start_date, end_date
  FROM staging.stg_google_ads__campaigns
  UNION ALL
  SELECT @slug(name), name, 2, 'paid_social', 'facebook', 'paid_social', region, campaign_type, start_date, end_date
  FROM staging.stg_meta_ads__campaigns
  UNION ALL
  SELECT COALESCE(@slug(utm_campaign), @slug(name)), name, 3, NULL, NULL, NULL, NULL, NULL, start_date, end_date
  FROM staging.stg_hubspot__campaigns
  UNION ALL
  SELECT COALESCE(@slug(utm_campaign), @slug(name)), name, 3, NULL, NULL, NULL, NULL, campaign_type, start_date, end_date
  FROM staging.stg_marketo__programs
  UNION ALL
  SELECT @slug(campaign), campaign, 4, channel, source, medium, region, NULL, spend_date, spend_date FROM prep.ad_day
  UNION ALL
  SELECT @slug(campaign), campaign, 4, channel, source, medium, region, NULL, spend_date, spend_date FROM staging.stg_files__spend
  UNION ALL
  SELECT @slug(campaign), campaign, 5, channel, source, medium, NULL, NULL, NULL, NULL FROM prep.touch_record
  UNION ALL
  SELECT @slug(campaign), campaign, 6, channel, source, medium, NULL, NULL, NULL, NULL FROM prep.person_record
  UNION ALL
  SELECT @slug(campaign), campaign, 6, channel, source, medium, NULL, NULL, NULL, NULL FROM staging.stg_ga4__sessions
  UNION ALL
  SELECT @slug(campaign), campaign, 6, channel, source, medium, NULL, NULL, NULL, NULL FROM prep.web_visit
),
told AS (
  -- What is told of a campaign under another name is told of it; only how it is called is its own.
  SELECT
    COALESCE(a.campaign_id, m.campaign_id) AS campaign_id,
    CASE WHEN a.alias IS NULL THEN m.name END AS name,
    a.name AS alias_name,
    m.priority,
    m.channel,
    m.source,
    m.medium,
    m.region,
    m.campaign_type,
    m.start_date,
    m.end_date
  FROM mention AS m
  LEFT JOIN prep.campaign_alias AS a ON a.alias = m.campaign_id
  WHERE m.campaign_id IS NOT NULL
),
campaign AS (
  SELECT
    campaign_id,
    COALESCE(@first_known(name, priority), MIN(alias_name)) AS name,
    @first_known(campaign_type, priority) AS campaign_type,
    @first_known(channel, priority) AS channel,
    @first_known(source, priority) AS source,
    @first_known(medium, priority) AS medium,
    @first_known(region, priority) AS region,
    MIN(start_date) AS start_date,
    MAX(end_date) AS end_date
  FROM told
  GROUP BY campaign_id
)
SELECT
  c.campaign_id::VARCHAR AS campaign_id, -- the UTM campaign in lower case
  c.name::VARCHAR AS name, -- as the CRM writes it, else the ad platform, else the UTM
  p.parent_key::VARCHAR AS parent_campaign_id, -- the campaign above
  COALESCE(n.name, CASE WHEN k.parent_key IS NOT NULL THEN c.name END)::VARCHAR AS parent_name, -- its name; a campaign on top of others is its own, so that a roll-up has what it cost itself
  COALESCE(t.campaign_id, c.campaign_id)::VARCHAR AS program_id, -- the top of the hierarchy, however deep; itself where nothing is above
  COALESCE(t.name, c.name)::VARCHAR AS program_name, -- its name
  c.campaign_type::VARCHAR AS campaign_type, -- kind of campaign
  c.channel::VARCHAR AS channel, -- channel
  c.source::VARCHAR AS source, -- UTM source
  c.medium::VARCHAR AS medium, -- UTM medium
  c.region::VARCHAR AS region, -- targeted region
  c.start_date::DATE AS start_date, -- planned start, or first spend
  c.end_date::DATE AS end_date -- planned end, or last spend
FROM campaign AS c
LEFT JOIN parent AS p ON p.key = c.campaign_id
LEFT JOIN campaign AS n ON n.campaign_id = p.parent_key
LEFT JOIN (SELECT DISTINCT parent_key FROM parent) AS k ON k.parent_key = c.campaign_id
LEFT JOIN program AS g ON g.key = c.campaign_id
LEFT JOIN campaign AS t ON t.campaign_id = g.program_key;
