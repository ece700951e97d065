MODEL (
  name core.campaign,
  kind FULL,
  description 'A campaign under its UTM name, which every system shares.',
  owner marketing_ops,
  grain campaign_id,
  audits (not_null(columns := (campaign_id, name)), unique_values(columns := (campaign_id)))
);

WITH mention AS (
  SELECT @slug(name) AS campaign_id, name, 1 AS priority, 'paid_social' AS channel, 'linkedin' AS source,
    'paid_social' AS medium, region, campaign_type, start_date, end_date
  FROM staging.stg_linkedin_ads__campaigns
  UNION ALL
  SELECT @slug(campaign), campaign, 2, channel, source, medium, region, NULL, spend_date, spend_date FROM staging.stg_files__spend
  UNION ALL
  SELECT @slug(campaign), campaign, 3, channel, source, medium, NULL, NULL, NULL, NULL FROM prep.touch_record
  UNION ALL
  SELECT @slug(campaign), campaign, 4, channel, source, medium, NULL, NULL, NULL, NULL FROM prep.person_record
)
SELECT
  campaign_id::VARCHAR AS campaign_id, -- the UTM campaign in lower case
  @first_known(name, priority)::VARCHAR AS name, -- as the ad platform writes it, else as the UTM has it
  NULL::VARCHAR AS parent_campaign_id, -- the campaign above
  NULL::VARCHAR AS parent_name, -- its name
  @first_known(campaign_type, priority)::VARCHAR AS campaign_type, -- kind of campaign
  @first_known(channel, priority)::VARCHAR AS channel, -- channel
  @first_known(source, priority)::VARCHAR AS source, -- UTM source
  @first_known(medium, priority)::VARCHAR AS medium, -- UTM medium
  @first_known(region, priority)::VARCHAR AS region, -- targeted region
  MIN(start_date)::DATE AS start_date, -- planned start, or first spend
  MAX(end_date)::DATE AS end_date -- planned end, or last spend
FROM mention
WHERE campaign_id IS NOT NULL
GROUP BY campaign_id;
