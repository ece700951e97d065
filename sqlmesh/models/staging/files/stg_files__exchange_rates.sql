MODEL (
  name staging.stg_files__exchange_rates,
  kind FULL,
  description 'Exchange rates from files, with those that are stated again.',
  owner finance,
  grain (rate_date, currency),
  audits (
    not_null(columns := (rate_date, currency, rate_to_reporting)),
    same_row_count(other := raw.files__exchange_rates)
  )
);

SELECT
  rate_date::DATE AS rate_date, -- the first day that the rate holds
  UPPER(@known(currency))::VARCHAR AS currency, -- ISO code
  _source_file::VARCHAR AS source_file, -- where it stands
  rate_to_reporting::DECIMAL(18, 8) AS rate_to_reporting -- one unit of it in the reporting currency
FROM raw.files__exchange_rates;
