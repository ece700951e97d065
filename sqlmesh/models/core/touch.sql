MODEL (
  name core.touch,
  kind FULL,
  description 'A marketing interaction of a person. One whose person is unknown stays, without a person.',
  owner marketing_ops,
  grain touch_id,
  depends_on (core.campaign, core.content, core.person),
  audits (
    not_null(columns := (touch_id, occurred_at, kind)),
    unique_values(columns := (touch_id)),
    same_row_count(other := prep.touch_record),
    references_row(column := person_id, parent := core.person, parent_column := person_id),
    references_row(column := campaign_id, parent := core.campaign, parent_column := campaign_id),
    references_row(column := content_id, parent := core.content, parent_column := content_id)
  )
);

SELECT
  t.touch_id::VARCHAR AS touch_id, -- system, kind and id
  i.person_id::VARCHAR AS person_id, -- who; NULL where the identifier is nobody's
  a.account_id::VARCHAR AS account_id, -- the person's company
  t.occurred_at::TIMESTAMP AS occurred_at, -- UTC
  t.channel::VARCHAR AS channel, -- by the channel rules; NULL where nobody recorded it
  t.source::VARCHAR AS source, -- UTM source
  t.medium::VARCHAR AS medium, -- UTM medium
  COALESCE(ca.campaign_id, @slug(t.campaign))::VARCHAR AS campaign_id, -- campaign, under its present or approved name
  COALESCE(@slug(vc.value), @slug(t.content))::VARCHAR AS content_id, -- asset, by the approved mapping
  t.kind::VARCHAR AS kind, -- form, first_contact, event, ...
  t.source_system::VARCHAR AS source_system, -- where it was recorded
  t.source_raw::VARCHAR AS source_raw, -- UTM source as it was recorded
  t.medium_raw::VARCHAR AS medium_raw, -- UTM medium as it was recorded
  t.campaign::VARCHAR AS campaign_raw, -- UTM campaign as it was recorded
  t.content::VARCHAR AS content_raw -- asset as it was recorded
FROM prep.touch_record AS t
LEFT JOIN prep.identity AS i ON i.node = t.person_node
LEFT JOIN prep.person_account AS a ON a.person_id = i.person_id
LEFT JOIN prep.campaign_alias AS ca ON ca.alias = @slug(t.campaign)
LEFT JOIN prep.value_mapping AS vc ON vc.kind = 'content' AND vc.alias = @slug(t.content);
