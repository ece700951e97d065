-- 2,000 deals with every trap: no account, an account that does not exist, no channel, no amount, an amount of 0.
CREATE SCHEMA co;
CREATE TABLE co.deals AS
SELECT i AS deal_id,
       CASE WHEN i % 23 = 0 THEN NULL WHEN i % 29 = 0 THEN 999 ELSE (i * 17) % 60 + 1 END AS account_id,
       TIMESTAMP '2023-12-24 00:00:00' + INTERVAL 1 MINUTE * ((i * 7919::BIGINT * 131) % 1180000) AS created_at,
       CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN 'web' WHEN 2 THEN 'Web' WHEN 3 THEN 'mail' WHEN 4 THEN 'O''Neill %' ELSE 'partner' END AS channel,
       CASE WHEN i % 19 = 0 THEN NULL WHEN i % 13 = 0 THEN 0 ELSE ((i * 37) % 991 + 0.25) END::DECIMAL(18, 2) AS amount,
       i % 3 = 0 AS is_won
FROM range(1, 2001) AS numbers(i);
-- instants at which a day, a month or a year turns, here or there, and both sides of clocks that are put on and back
INSERT INTO co.deals VALUES
  (5001, 1, '2024-02-29 23:59:59', 'web', 1000, TRUE), (5002, 1, '2024-03-01 00:00:00', 'web', 2000, FALSE),
  (5003, 2, '2024-12-31 23:30:00', 'mail', 3000, TRUE), (5004, 2, '2025-01-01 00:00:00', 'mail', 4000, TRUE),
  (5005, 3, '2025-03-30 00:59:59', 'web', 5000, TRUE), (5006, 3, '2025-03-30 01:00:00', 'web', 6000, TRUE),
  (5007, 3, '2025-10-26 00:30:00', 'web', 7000, TRUE), (5008, 3, '2025-10-26 01:30:00', 'web', 8000, TRUE),
  (5009, 4, '2025-03-31 22:30:00', 'web', 9000, TRUE), (5010, 4, '2025-06-30 23:59:59.999999', 'web', 111, TRUE),
  (5011, 5, '2024-12-30 00:00:00', 'web', 222, TRUE), (5012, 5, '2024-12-29 23:59:00', 'web', 333, TRUE);
CREATE TABLE co.accounts AS
SELECT i AS account_id, 'account ' || i AS name,
       CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'north' WHEN 2 THEN 'south' WHEN 3 THEN 'east' ELSE 'west' END AS region,
       CASE WHEN i % 4 = 0 THEN NULL ELSE i % 4 END AS owner_id
FROM range(1, 63) AS numbers(i);
CREATE TABLE co.owners (owner_id INT, owner TEXT);
INSERT INTO co.owners VALUES (1, 'Ann'), (2, 'Bob'), (4, 'Never');
-- a deal has no line or up to three, several of one product
CREATE TABLE co.lines AS
SELECT d.deal_id * 10 + k AS line_id, d.deal_id,
       CASE (d.deal_id + k) % 4 WHEN 0 THEN 'A' WHEN 1 THEN 'A' WHEN 2 THEN 'B' ELSE NULL END AS product, k + 1 AS quantity
FROM co.deals AS d, range(0, 3) AS numbers(k) WHERE k < d.deal_id % 4;
CREATE TABLE co.spend AS
SELECT CAST(DATE '2023-12-24' + CAST((i * 13) % 815 AS INT) AS DATE) AS spend_date,
       CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'web' WHEN 2 THEN 'tv' WHEN 3 THEN 'mail' ELSE 'partner' END AS channel,
       ((i * 41) % 300)::DECIMAL(18, 2) AS amount,
       CASE WHEN i % 5 = 2 THEN 0 ELSE (i * 7) % 90 END AS impressions, CASE WHEN i % 5 = 2 THEN 0 ELSE i % 4 END AS clicks
FROM range(1, 1201) AS numbers(i);
-- pieces on a shelf: some days are not counted, shelf c stops in May 2025
CREATE TABLE co.stock AS
SELECT CAST(DATE '2024-12-28' + CAST(d AS INT) AS DATE) AS stock_date, shelf,
       CASE WHEN shelf = 'b' THEN NULL ELSE 'web' END AS channel, (d * 3 + ascii(shelf)) % 50 AS pieces
FROM range(0, 300) AS days(d), (VALUES ('a'), ('b'), ('c')) AS shelves(shelf)
WHERE (d + ascii(shelf)) % 6 <> 0 AND NOT (shelf = 'c' AND d > 140);
CREATE TABLE co.visits AS
SELECT i AS visit_id, CASE WHEN i % 31 = 0 THEN NULL ELSE (i * 11) % 60 + 1 END AS account_id,
       TIMESTAMP '2024-06-01 00:00:00' + INTERVAL 1 MINUTE * ((i * 104729::BIGINT) % 400000) AS visited_at,
       CASE i % 3 WHEN 0 THEN 'home' WHEN 1 THEN 'price' ELSE NULL END AS page
FROM range(1, 401) AS numbers(i);
INSERT INTO co.visits SELECT visit_id + 1000, account_id, visited_at, 'twice' FROM co.visits WHERE visit_id <= 60;
CREATE TABLE co.target (metric TEXT, target_month DATE, channel TEXT, value DECIMAL(18, 4));
INSERT INTO co.target
SELECT 'amount', CAST(month AS DATE), NULL, 9000 + 100 * month(month) FROM range(TIMESTAMP '2025-01-01', TIMESTAMP '2025-12-01', INTERVAL 1 MONTH) AS months(month)
UNION ALL SELECT 'amount', CAST(month AS DATE), 'web', 2000 FROM range(TIMESTAMP '2025-01-01', TIMESTAMP '2025-04-01', INTERVAL 1 MONTH) AS months(month)
UNION ALL SELECT 'cost_per_deal', DATE '2025-02-01', NULL, 90;
-- a fiscal year from 1 February; a retail year of 4-4-5 weeks from the Sunday nearest 1 February, 2023 with 53 weeks
CREATE TABLE co.days AS
WITH years(retail_year, weeks) AS (VALUES (DATE '2023-01-29', 53), (DATE '2024-02-04', 52), (DATE '2025-02-02', 52), (DATE '2026-02-01', 52)),
days AS (SELECT CAST(day AS DATE) AS day FROM range(TIMESTAMP '2023-01-29', TIMESTAMP '2027-01-31', INTERVAL 1 DAY) AS days(day)),
placed AS (SELECT day, retail_year, (day - retail_year) // 7 AS week FROM days JOIN years ON day >= retail_year AND day < retail_year + weeks * 7),
months AS (SELECT *, LEAST(week // 13, 3) AS quarter, week - 13 * LEAST(week // 13, 3) AS week_in_quarter FROM placed)
SELECT day, retail_year, CAST(retail_year + CAST(quarter * 91 AS INT) AS DATE) AS retail_quarter,
       CAST(retail_year + CAST(quarter * 91 + CASE WHEN week_in_quarter < 4 THEN 0 WHEN week_in_quarter < 8 THEN 28 ELSE 56 END AS INT) AS DATE) AS retail_month,
       CAST(date_trunc('year', day - INTERVAL 1 MONTH) + INTERVAL 1 MONTH AS DATE) AS fiscal_year,
       CAST(date_trunc('week', day + 1) - INTERVAL 1 DAY AS DATE) AS sunday_week
FROM months;
-- the plan of an account changes at noon of its own day; some accounts have a gap of a month, some have none
CREATE TABLE co.plans AS
SELECT i AS account_id, TIMESTAMP '2023-01-01' AS valid_from, TIMESTAMP '2024-06-01 12:00:00' + INTERVAL 1 DAY * i AS valid_to, 'small' AS plan
FROM range(1, 50) AS numbers(i)
UNION ALL SELECT i, TIMESTAMP '2024-06-01 12:00:00' + INTERVAL 1 DAY * (i + CASE WHEN i % 3 = 0 THEN 30 ELSE 0 END), NULL, CASE WHEN i % 2 = 0 THEN 'large' ELSE 'huge' END
FROM range(1, 50) AS numbers(i);
