CREATE SCHEMA shop;
-- order 4 has no customer, order 5 a customer that does not exist, order 6 no channel
CREATE TABLE shop.orders (order_id INT, customer_id INT, ordered_at TIMESTAMP, channel TEXT, is_paid BOOLEAN, total DECIMAL(18, 2));
INSERT INTO shop.orders VALUES
  (1, 1, '2026-01-05 10:00', 'web', TRUE, 100), (2, 1, '2026-01-31 23:30', 'web', FALSE, 50),
  (3, 2, '2026-02-10 09:00', 'shop', TRUE, 30), (4, NULL, '2026-02-28 12:00', 'web', TRUE, 20),
  (5, 9, '2026-03-01 00:00', 'shop', NULL, 7), (6, 3, '2026-03-31 08:00', NULL, TRUE, 11);
-- order 1 has three lines, two of them by air
CREATE TABLE shop.lines (line_id INT, order_id INT, ship_mode TEXT, quantity INT);
INSERT INTO shop.lines VALUES (1, 1, 'air', 2), (2, 1, 'air', 1), (3, 1, 'sea', 5), (4, 2, 'sea', 1), (5, 3, 'air', 4);
CREATE TABLE shop.customers (customer_id INT, name TEXT, region TEXT, city_id INT);
INSERT INTO shop.customers VALUES (1, 'Ann', 'north', 10), (2, 'Bob', 'south', 11), (3, 'Cid', NULL, NULL);
CREATE TABLE shop.cities (city_id INT, city_name TEXT, country_id INT);
INSERT INTO shop.cities VALUES (10, 'Oslo', 100), (11, 'Rome', 101);
CREATE TABLE shop.countries (country_id INT, country_name TEXT);
INSERT INTO shop.countries VALUES (100, 'Norway'), (101, 'Italy');
-- spend has a channel that no order has, and a missing one
CREATE TABLE shop.spend (spend_date DATE, channel TEXT, amount DECIMAL(18, 2));
INSERT INTO shop.spend VALUES ('2026-01-01', 'web', 40), ('2026-01-31', 'tv', 5), ('2026-02-01', NULL, 3), ('2026-02-15', 'web', 10);
-- on the last day of January only shelf a was counted for the shop; the web had none left
CREATE TABLE shop.stock (stock_date DATE, shelf TEXT, channel TEXT, pieces INT);
INSERT INTO shop.stock VALUES ('2026-01-30', 'a', 'web', 9), ('2026-01-30', 'a', 'shop', 4), ('2026-01-31', 'a', 'shop', 6), ('2026-02-28', 'a', 'web', 2);
-- two visits at the same instant, and an order that follows both
CREATE TABLE shop.visits (customer_id INT, visited_at TIMESTAMP, channel TEXT);
INSERT INTO shop.visits VALUES (1, '2026-01-04 10:00', 'ad'), (1, '2026-01-04 10:00', 'mail'), (1, '2026-01-01', 'mail'), (2, '2026-02-01', 'ad'), (NULL, '2026-02-20', 'ad');
CREATE TABLE shop.credit (credited_on DATE, channel TEXT, attribution_model TEXT, amount DECIMAL(18, 2));
INSERT INTO shop.credit VALUES ('2026-01-05', 'ad', 'first', 100), ('2026-01-05', 'mail', 'last', 60), ('2026-01-05', 'ad', 'last', 40);
CREATE TABLE shop.target (metric TEXT, target_month DATE, channel TEXT, value DECIMAL(18, 4));
INSERT INTO shop.target VALUES
  ('order_total', '2026-01-01', NULL, 120), ('order_total', '2026-02-01', NULL, 100), ('order_total', '2026-01-01', 'web', 100),
  ('cost_per_order', '2026-01-01', NULL, 20), ('cost_per_order', '2026-02-01', NULL, 8);
-- a fiscal month runs from the 26th to the 25th, a fiscal year from 26 December
CREATE TABLE shop.days AS
  SELECT CAST(day AS DATE) AS day,
         CAST(date_trunc('month', day - INTERVAL 25 DAY) + INTERVAL 25 DAY AS DATE) AS fiscal_month,
         CAST(date_trunc('year', day + INTERVAL 6 DAY) - INTERVAL 6 DAY AS DATE) AS fiscal_year
  FROM range(TIMESTAMP '2024-12-26', TIMESTAMP '2027-01-01', INTERVAL 1 DAY) AS days(day);
