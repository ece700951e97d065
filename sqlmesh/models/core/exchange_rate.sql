MODEL (
  name core.exchange_rate,
  kind FULL,
  description 'A currency on a day and its value in the reporting currency. A rate holds until the next one.',
  owner finance,
  grain (rate_date, currency),
  audits (
    not_null(columns := (rate_date, currency, rate_to_reporting)),
    unique_combination_of_columns(columns := (rate_date, currency)),
    forall(criteria := (rate_to_reporting > 0))
  )
);

WITH stated AS (
  -- A rate that is stated again, in another file: the last file is believed.
  SELECT
    currency,
    rate_to_reporting,
    rate_date,
    ROW_NUMBER() OVER (
      PARTITION BY currency, rate_date ORDER BY COALESCE(source_file, '') DESC, rate_to_reporting DESC
    ) AS statement
  FROM staging.stg_files__exchange_rates
  WHERE currency <> @reporting_currency
),
span AS (
  SELECT
    currency,
    rate_to_reporting,
    rate_date AS valid_from,
    LEAD(rate_date) OVER (PARTITION BY currency ORDER BY rate_date) AS valid_to
  FROM stated
  WHERE statement = 1
)
SELECT
  c.calendar_date::DATE AS rate_date, -- the day
  s.currency::VARCHAR AS currency, -- ISO code
  s.rate_to_reporting::DECIMAL(18, 8) AS rate_to_reporting -- one unit in the reporting currency
FROM span AS s
JOIN core.calendar AS c
  ON c.calendar_date >= s.valid_from AND (c.calendar_date < s.valid_to OR s.valid_to IS NULL)
UNION ALL
SELECT calendar_date, @reporting_currency, 1 FROM core.calendar;
