MODEL (
  name staging.stg_salesforce__campaign_member,
  kind FULL,
  description 'A lead or contact who is a member of a Salesforce campaign. Only who responded was touched.',
  owner marketing_ops,
  grain member_id,
  audits (
    not_null(columns := (member_id)),
    unique_values(columns := (member_id)),
    same_row_count(other := raw.salesforce__campaign_member)
  )
);

SELECT
  @salesforce_id(id)::VARCHAR AS member_id, -- 18 characters
  @salesforce_id(campaign_id)::VARCHAR AS campaign_id, -- the campaign
  @salesforce_id(lead_id)::VARCHAR AS lead_id, -- the lead, else
  @salesforce_id(contact_id)::VARCHAR AS contact_id, -- the contact
  @known(status)::VARCHAR AS status, -- Sent, Responded, Registered, Attended
  COALESCE(has_responded, FALSE)::BOOLEAN AS has_responded, -- FALSE for Sent
  CASE WHEN created_date::DATE = first_responded_date THEN created_date ELSE COALESCE(first_responded_date, created_date) END::TIMESTAMP AS responded_at, -- the first response; midnight where only its day is known
  COALESCE(is_deleted, FALSE)::BOOLEAN AS is_deleted -- removed
FROM raw.salesforce__campaign_member;
