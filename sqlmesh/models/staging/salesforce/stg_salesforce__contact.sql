MODEL (
  name staging.stg_salesforce__contact,
  kind FULL,
  description 'Salesforce contacts with ids in their 18-character form; deleted and merged ones stay, flagged.',
  owner revops,
  grain contact_id,
  audits (
    not_null(columns := (contact_id)),
    unique_values(columns := (contact_id)),
    same_row_count(other := raw.salesforce__contact)
  )
);

SELECT
  @salesforce_id(c.id)::VARCHAR AS contact_id, -- 18 characters
  @salesforce_id(c.master_record_id)::VARCHAR AS master_contact_id, -- the contact it was merged into
  @salesforce_id(c.account_id)::VARCHAR AS account_id, -- its account; some have none
  @normal_email(c.email)::VARCHAR AS email, -- lower case
  COALESCE(r.channel, LOWER(@known(c.lead_source)))::VARCHAR AS channel, -- lead source by the channel rules
  COALESCE(u.name, @known(c.owner_name))::VARCHAR AS owner, -- the owner's name; a queue's as it was read
  c.created_date::TIMESTAMP AS created_at, -- UTC
  COALESCE(c.is_deleted, FALSE)::BOOLEAN AS is_deleted -- deleted or merged away
FROM raw.salesforce__contact AS c
LEFT JOIN seeds.channel_rule AS r
  ON r.field = 'lead_source' AND r.value = LOWER(TRIM(c.lead_source))
LEFT JOIN staging.stg_salesforce__user AS u ON u.owner_id = @salesforce_id(c.owner_id);
