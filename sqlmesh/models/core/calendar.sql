MODEL (
  name core.calendar,
  kind FULL,
  description 'A day with its weeks, months, quarters and years: calendar, fiscal and retail (4-4-5).',
  owner finance,
  grain calendar_date,
  audits (not_null(columns := (calendar_date, fiscal_year, retail_month_start)), unique_values(columns := (calendar_date)))
);

-- 1995-01-01 was a Sunday: weeks are counted from the one before it. The days go on to 2039. The retail year starts on the Sunday nearest to the first day of
-- the fiscal year; its quarters have 4, 4 and 5 weeks, and a 53rd week falls into the last month.
WITH day AS (
  SELECT DATEADD(DAY, a.position - 1 + 64 * (b.position - 1) + 4096 * (c.position - 1), '1995-01-01'::DATE)::DATE AS d
  FROM prep.position AS a
  CROSS JOIN prep.position AS b
  CROSS JOIN prep.position AS c
  WHERE c.position <= 4
),
fiscal AS (
  SELECT
    d,
    DATEADD(MONTH, 1 - @fiscal_year_start_month, d)::DATE AS shifted,
    DATEADD(MONTH, @fiscal_year_start_month - 1, DATE_TRUNC('year', DATEADD(MONTH, 1 - @fiscal_year_start_month, d)))::DATE AS fiscal_start
  FROM day
),
candidate AS (
  -- The retail year that a day belongs to starts near this fiscal year's first day, or the one before, or the one after.
  SELECT
    f.d,
    f.shifted,
    DATEADD(DAY, -MOD(DATEDIFF(DAY, '1994-12-25'::DATE, DATEADD(DAY, 3, DATEADD(YEAR, y.position - 2, f.fiscal_start))::DATE), 7),
      DATEADD(DAY, 3, DATEADD(YEAR, y.position - 2, f.fiscal_start)))::DATE AS retail_start
  FROM fiscal AS f
  CROSS JOIN prep.position AS y
  WHERE y.position <= 3
),
retail AS (
  SELECT d, shifted, MAX(retail_start) AS retail_start
  FROM candidate
  WHERE retail_start <= d
  GROUP BY d, shifted
),
week AS (
  SELECT d, shifted, retail_start, FLOOR(DATEDIFF(DAY, retail_start, d) / 7)::INTEGER AS retail_week
  FROM retail
),
quarter AS (
  SELECT
    d,
    shifted,
    retail_start,
    retail_week,
    CASE WHEN retail_week >= 39 THEN 39 WHEN retail_week >= 26 THEN 26 WHEN retail_week >= 13 THEN 13 ELSE 0 END AS quarter_week
  FROM week
)
SELECT
  d::DATE AS calendar_date, -- the day
  DATEADD(DAY, -MOD(DATEDIFF(DAY, '1994-12-26'::DATE, d), 7), d)::DATE AS iso_week_start, -- Monday
  DATEADD(DAY, -MOD(DATEDIFF(DAY, '1994-12-25'::DATE, d), 7), d)::DATE AS sunday_week_start, -- Sunday
  DATE_TRUNC('month', d)::DATE AS month_start, -- first of the month
  DATE_TRUNC('quarter', d)::DATE AS quarter_start, -- first of the quarter
  DATE_TRUNC('year', d)::DATE AS year_start, -- first of the year
  DATE_TRUNC('month', d)::DATE AS fiscal_month, -- first of the fiscal month
  DATEADD(MONTH, @fiscal_year_start_month - 1, DATE_TRUNC('quarter', shifted))::DATE AS fiscal_quarter, -- first of the fiscal quarter
  DATEADD(MONTH, @fiscal_year_start_month - 1, DATE_TRUNC('year', shifted))::DATE AS fiscal_year, -- first of the fiscal year
  DATEADD(DAY, 7 * (quarter_week + CASE
    WHEN retail_week - quarter_week >= 8 THEN 8
    WHEN retail_week - quarter_week >= 4 THEN 4
    ELSE 0
  END), retail_start)::DATE AS retail_month_start, -- first day of the 4-4-5 month
  DATEADD(DAY, 7 * quarter_week, retail_start)::DATE AS retail_quarter_start, -- first day of the 13-week quarter
  retail_start::DATE AS retail_year_start -- first day of the 52- or 53-week year
FROM quarter;
