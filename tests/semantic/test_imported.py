"""What an imported manifest means: the places where MetricFlow's numbers are kept although a glossary's differ."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.semantic.imported import Imported


@pytest.fixture(scope="module")
def shop() -> Iterator[Imported]:
    found = Imported()
    yield found
    found.connection.close()


def test_a_filled_part_does_not_make_rows_of_its_own(shop: Imported) -> None:
    """Invariant 4. On 3 January there is a visit only: `filled` itself is 0 there; alone, `twice` has no such row."""
    days = [{"name": "metric_time", "grain": "day"}]
    assert [row[0] for row in shop.rows(metrics=["twice"], group_by_objs=days)][:2] == [
        "2024-01-01",
        "2024-01-09",
    ]
    assert shop.rows(metrics=["filled", "twice", "visits"], group_by_objs=days) == [
        ("2024-01-01", 1, 2, 1),
        ("2024-01-03", 0, None, 1),
        ("2024-01-09", 1, 2, None),
        ("2024-02-02", 1, 2, None),
    ]


def test_a_filled_running_number_by_week_is_that_of_the_first_day(shop: Imported) -> None:
    """Invariant 6. In the week of 8 January the first order is on Tuesday: on Monday the last two days had none."""
    weeks = shop.rows(metrics=["two_days"], group_by=["metric_time__week"])
    assert weeks[:3] == [("2024-01-01", 1), ("2024-01-08", 0), ("2024-01-15", 0)]


def test_a_balance_is_kept_by_one_of_the_times_that_are_shown(shop: Imported) -> None:
    """Invariant 7. By year and month part the balance is the year's last, shown in its month; not one a month."""
    times = [{"name": "metric_time", "grain": "year"}, {"name": "metric_time", "date_part": "month"}]
    assert shop.rows(metrics=["balance"], group_by_objs=times) == [("2024-01-01", 2, 9)]


def test_the_start_of_the_month_by_month_is_the_month(shop: Imported) -> None:
    """Invariant 6. By week it is the first day's number, for weeks that begin in a month with a first day."""
    assert shop.rows(metrics=["at_start"], group_by=["metric_time__month"]) == [
        ("2024-01-01", 2),
        ("2024-02-01", 1),
    ]
    assert shop.rows(metrics=["at_start"], group_by=["metric_time__day"])[0] == ("2024-01-01", 1)


def test_a_unique_key_names_the_rows_as_well_as_the_primary_one(shop: Imported) -> None:
    asked = shop.rows(metrics=["orders"], group_by=["receipt__channel"], order=["-receipt__channel"])
    assert asked == [("web", 2), ("shop", 1)]
    assert shop.rows(metrics=["orders"], group_by=["receipt__order"]) == [(1, 1), (2, 1), (3, 1)]


@pytest.mark.parametrize(
    ("group_by", "order", "rows"),
    [
        (["Dimension('order__channel')"], ["-Dimension('order__channel')"], [("web", 2), ("shop", 1)]),
        (["ORDER__CHANNEL"], ["Metric('orders')"], [("shop", 1), ("web", 2)]),
        (
            ["TimeDimension('metric_time', 'MONTH')"],
            ["TimeDimension('metric_time', 'month').descending(True)"],
            [("2024-02-01", 1), ("2024-01-01", 2)],
        ),
        (["Dimension('metric_time').date_part('year')"], [], [(2024, 3)]),
        (["Entity('customer')"], ["customer"], [(1, 2), (2, 1)]),
    ],
)
def test_names_and_orders_in_every_form(
    shop: Imported, group_by: list[str], order: list[str], rows: list[tuple[object, ...]]
) -> None:
    assert shop.rows(metrics=["orders"], group_by=group_by, order=order) == rows


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("DATE_TRUNC('month', {{ TimeDimension('metric_time', 'day') }}) = '2024-01-01'", 2),
        ("EXTRACT(month FROM {{ TimeDimension('metric_time', 'day') }}) = 2", 1),
        ("{{ TimeDimension(time_dimension_name='metric_time') }} < DATE '2024-01-01' + INTERVAL 2 DAY", 1),
        ("CASE WHEN {{ Dimension('order__channel') }} = 'web' THEN 1 ELSE 0 END = 1", 2),
        ("{{ Dimension('order__channel') }} || '!' = 'shop!'", 1),
        ("{{ Dimension('order__channel') }} IS DISTINCT FROM 'shop'", 2),
        ("SUBSTRING({{ Dimension('order__channel') }}, 1, 1) = 's'", 1),
        ("CAST({{ Entity(entity_name='order') }} AS DECIMAL(10, 2)) > 1.5", 2),
        ("DATE_DIFF('day', {{ TimeDimension('order__made_on') }}, '2024-01-10') <= 1", 2),
    ],
)
def test_conditions_with_functions(shop: Imported, where: str, count: int) -> None:
    assert shop.rows(metrics=["orders"], where=where) == [(count,)]


def test_a_time_constraint_may_be_open_on_one_side(shop: Imported) -> None:
    assert shop.rows(metrics=["orders"], time_constraint=["2024-01-09", None]) == [(2,)]
    assert shop.rows(metrics=["orders"], time_constraint=[None, "2024-01-09"]) == [(2,)]


def test_a_calendar_is_joined_by_every_time_that_is_shown(shop: Imported) -> None:
    """Invariant 2. By week and weekday the three orders are three; joined by the week alone they would be 21."""
    times = [{"name": "metric_time", "grain": "week"}, {"name": "metric_time", "date_part": "dow"}]
    assert sum(row[-1] for row in shop.rows(metrics=["daily"], group_by_objs=times)) == 3


def test_a_range_does_not_begin_a_running_number(shop: Imported) -> None:
    """Invariant 6. By its own time too: on 10 January the two days before hold the order of the ninth."""
    asked = shop.rows(
        metrics=["two_days"], group_by=["order__made_on"], time_constraint=["2024-01-10", "2024-01-11"]
    )
    assert asked == [("2024-01-10", 1), ("2024-01-11", 0)]
