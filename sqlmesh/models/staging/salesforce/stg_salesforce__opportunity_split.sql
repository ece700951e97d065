MODEL (
  name staging.stg_salesforce__opportunity_split,
  kind FULL,
  description 'Who shares a Salesforce opportunity, in percent. is_revenue tells the shares of its amount from overlays.',
  owner revops,
  grain split_id,
  audits (
    not_null(columns := (split_id, is_revenue, is_deleted)),
    unique_values(columns := (split_id)),
    same_row_count(other := raw.salesforce__opportunity_split)
  )
);

SELECT
  @salesforce_id(s.id)::VARCHAR AS split_id, -- 18 characters
  @salesforce_id(s.opportunity_id)::VARCHAR AS opportunity_id, -- the deal
  @salesforce_id(s.split_type_id)::VARCHAR AS split_type_id, -- an org may have several types over one field
  @known(s.split_type_name)::VARCHAR AS split_type, -- Revenue and Overlay, or an own one
  COALESCE(u.name, @known(s.split_owner_name), @salesforce_id(s.split_owner_id))::VARCHAR AS owner, -- by the present name
  s.split_percentage::DECIMAL(18, 6) AS percentage, -- of the field that the type splits
  (COALESCE(s.is_total_validated, FALSE) AND LOWER(COALESCE(s.split_field, 'amount')) IN ('amount', 'opportunity.amount'))::BOOLEAN AS is_revenue, -- its deal's shares of the amount must sum to 100
  COALESCE(s.is_deleted, FALSE)::BOOLEAN AS is_deleted -- taken off the deal, or gone with it
FROM raw.salesforce__opportunity_split AS s
LEFT JOIN staging.stg_salesforce__user AS u ON u.owner_id = @salesforce_id(s.split_owner_id);
