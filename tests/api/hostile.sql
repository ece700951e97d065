-- Statements that must be refused, one a line: `statement  --> a word of the refusal`.
select channel from metrics, raw_spend  --> JOIN
select channel from metrics, lateral (select 1) z  --> JOIN
select t.s from (select measure(mqls) s from metrics) t join core.person on true  --> JOIN
select * from (select region from metrics) a, core.person  --> JOIN
select * from core.person as metrics  --> one table
select measure(mqls) from core.metrics  --> one table
select measure(mqls) from pg_catalog.metrics  --> one table
select measure(mqls) from other.semantic.metrics  --> one table
select * from rows  --> one table
select * from members  --> one table
select * from "metrics; drop table x"  --> one table
select * from 'core.person.csv'  --> one table
select * from read_csv('/etc/passwd')  --> one table
select * from duckdb_settings()  --> one table
select * from information_schema.tables  --> one table
select * from (select * from (select * from core.person) a) b  --> one table
with metrics as (select * from core.person) select * from metrics  --> one table
with recursive a as (select 1 union all select * from a) select * from a  --> RECURSIVE
with a as (select channel from metrics) select * from a, a  --> used 2 times
select channel from metrics where exists (select 1 from core.person)  --> sub-query
select channel from metrics where channel in (select channel from core.person)  --> sub-query
select channel from metrics where channel = any (select channel from core.person)  --> not supported
select channel from metrics order by (select max(amount) from core.opportunity)  --> sub-query
select channel from metrics limit (select count(*) from core.person)  --> sub-query
select case when (select 1 from core.person limit 1) = 1 then 'x' end from metrics  --> sub-query
select * from (select channel, measure(mqls) s from metrics group by 1) t where s > (select 1)  --> sub-query
select * from (select * from metrics where region in (select email from core.person)) v  --> sub-query
select email from metrics  --> no column
select core.person.email from metrics  --> no table
select p.channel from metrics m  --> no table
select channel, measure(mqls) from metrics group by rollup (channel)  --> ROLLUP
select channel, measure(mqls) from metrics group by cube (channel)  --> CUBE
select channel, measure(mqls) from metrics group by grouping sets ((channel), ())  --> GROUPING SETS
select channel, measure(mqls) from metrics group by all  --> GROUP BY
select channel from metrics qualify row_number() over () = 1  --> QUALIFY
select * from metrics tablesample (1)  --> not supported
select measure(mqls) over () from metrics  --> window
select row_number() over () from (select channel from metrics) t  --> window
select distinct on (channel) channel from metrics  --> DISTINCT ON
select channel from metrics for update  --> not supported
select * into x from metrics  --> not supported
select channel::regclass from metrics  --> cast
select cast(channel as blob) from metrics  --> cast
select measure(mqls), pg_sleep(9) from metrics  --> pg_sleep
select getenv('HOME')  --> getenv
select current_setting('x')  --> current_setting
select read_text('/etc/passwd')  --> read_text
select getvariable('x') from metrics  --> getvariable
select $1  --> not supported
select :x  --> not supported
select ? from metrics  --> not supported
select array[1, 2]  --> not supported
select {'a': 1}  --> not supported
values (1)  --> Only SELECT
select * from (values (1)) v  --> FROM takes
select channel from metrics union select email from core.person  --> Only SELECT
select * from (select channel from metrics union select email from core.person) t  --> FROM takes
delete from metrics  --> Only SELECT
insert into metrics values (1)  --> Only SELECT
update metrics set channel = 'x'  --> Only SELECT
drop table metrics  --> Only SELECT
create table x as select * from metrics  --> Only SELECT
attach 'x'  --> cannot be read
copy metrics to 'x'  --> Only SELECT
pragma version  --> Only SELECT
set x = 1  --> Only SELECT
explain select 1  --> Only SELECT
call x()  --> Only SELECT
install httpfs  --> Only SELECT
select 1; select 2  --> one statement
select measure('mqls') from metrics  --> bare name
select measure() from metrics  --> bare name
select measure(mqls, sqls) from metrics  --> no comparison
select measure(measure(mqls)) from metrics  --> bare name
select measure(mqls + 1) from metrics  --> MEASURE(mqls)
select measure(mqlz) from metrics  --> 'mqls'
select chanel from metrics  --> 'channel'
select mqls from metrics  --> MEASURE(mqls)
select sum(mqls) from metrics  --> MEASURE(mqls)
select count(distinct channel) from metrics  --> no rows to aggregate
select channel, count(*) from metrics group by channel  --> no rows to aggregate
select channel, max(region) from metrics group by channel  --> no rows to aggregate
select min(channel) from metrics  --> no rows to aggregate
select channel, measure(mqls), count(*) from metrics group by channel  --> no rows to aggregate
select channel, measure(mqls) from metrics  --> GROUP BY
select channel, measure(mqls) from metrics group by region  --> GROUP BY
select measure(mqls) from metrics group by measure(mqls)  --> cannot be grouped
select channel, measure(mqls) from metrics group by 3  --> names no selected column
select channel, measure(mqls) from metrics group by 1 order by 3  --> names no selected column
select measure(mqls) from metrics where measure(mqls) > 1  --> HAVING
select measure(m) from (select channel, measure(mqls) m from metrics group by 1) t  --> already aggregated
select avg(c) from (select channel, measure(cost_per_mql) c from metrics group by 1) t  --> does not add up
select sum(c) from (select channel, measure(cost_per_mql) c from metrics group by 1) t  --> does not add up
select sum(c * 2) from (select channel, measure(cost_per_mql) c from metrics group by 1) t  --> does not add up
select sum(d) from (select channel, measure(marketing_spend) / measure(mqls) d from metrics group by 1) t  --> does not add up
select sum(y) from (select x as y from (select channel, measure(win_rate) x from metrics group by 1) a) b  --> does not add up
select sum(x) from (select max(c) x from (select channel, measure(mqls) c from metrics group by 1) a) b  --> does not add up
select sum(r) from (select attribution_model, measure(attributed_revenue) r from metrics group by 1) t  --> does not add up
select sum(distinct s) from (select channel, measure(mqls) s from metrics group by 1) t  --> distinct
select date_trunc('fortnight', metric_time), measure(mqls) from metrics group by 1  --> fortnight
select date_trunc('month', channel), measure(mqls) from metrics group by 1  --> time dimension
select extract(epoch from metric_time), measure(mqls) from metrics group by 1  --> part of a date
select channel, measure(mqls) from metrics where metric_time > 'soon' group by 1  --> constant
select measure(mqls) from metrics limit 'a'  --> whole number
select measure(mqls) from metrics limit -1  --> whole number
select product, measure(marketing_spend) from metrics group by product  --> product
select channel, measure(mqls) from metrics group by channel having channel_x = 1  --> no column
select 1 from metrics  --> Name a dimension
select nothing  --> FROM is missing
select measure(mqls, last_year) from metrics  --> one of previous_period, previous_year, target, as_reported
select measure(mqls, previous_year, status) from metrics  --> one of difference, change
select measure(mqls, 'previous_year', 'change', 1) from metrics  --> MEASURE(metric, previous_year)
select measure(mqls, 3) from metrics  --> MEASURE(metric, previous_year)
select measure('mqls') from metrics  --> bare name
select measure(mqls__change) from metrics  --> write MEASURE(mqls, previous_period, change) or
select measure(mqls__target) from metrics  --> write MEASURE(mqls, target)
select measure(mqls, previous_year) from metrics  --> group by metric_time, or give a time range
select measure(mqls, previous_year), measure(mqls, target) from metrics  --> send a statement for each
select measure(mqls), measure(sessions, target) from metrics where metric_time >= '2026-01-01' and metric_time < '2026-02-01'  --> has no target
select sum(x) from (select channel, measure(mqls, previous_year) as x from metrics where metric_time >= '2026-01-01' and metric_time < '2026-02-01' group by 1) t  --> does not add up
