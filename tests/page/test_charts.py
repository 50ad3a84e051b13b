"""The charts show the curves of the comparison, and mark where they cross."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from charts import cost_by_hours, cost_over_time
from models import Comparison, Scenario, compare
from pricing import load_offers
from views.money_charts import KINDS, OTHER_KIND, kind_of, used_prices, what_money_goes_to


def asked(**settings: str) -> Comparison:
    named = {name.replace("__", "."): value for name, value in settings.items()}
    return compare(Scenario().with_settings(named), load_offers())


def roles(figure: Any) -> list[str]:
    return [trace.meta for trace in figure.data]


def trace_of(figure: Any, role: str) -> Any:
    (trace,) = [trace for trace in figure.data if trace.meta == role]
    return trace


def words(figure: Any) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


@pytest.mark.parametrize(
    ("draw", "curves", "axis"),
    [
        (cost_over_time, "cost_by_month", "month"),
        (cost_by_hours, "cost_by_hours", "busy_hours_per_week"),
    ],
)
def test_every_curve_of_the_comparison_is_drawn_as_it_is(draw: Any, curves: str, axis: str) -> None:
    comparison = asked(rental__against="aws")
    expected = getattr(comparison, curves)
    figure = draw(comparison)
    drawn = [trace for trace in figure.data if trace.meta != "break_even"]
    assert len(drawn) == expected["option"].nunique() >= 4
    found = pd.concat(pd.DataFrame({"x": trace.x, "y": trace.y, "role": trace.meta}) for trace in drawn)
    wanted = expected.rename(columns={axis: "x", "usd": "y"})[["x", "y", "role"]]
    order = ["role", "y", "x"]
    pd.testing.assert_frame_equal(
        found.sort_values(order, ignore_index=True),
        wanted.sort_values(order, ignore_index=True),
        check_dtype=False,
    )


def test_the_compared_lines_are_solid_and_the_others_dashed() -> None:
    figure = cost_over_time(asked(rental__against="azure"))
    dashes: dict[str, set[str]] = {trace.meta: set() for trace in figure.data if trace.meta != "break_even"}
    for trace in figure.data:
        if trace.meta in dashes:
            dashes[trace.meta].add(trace.line.dash)
    assert dashes["build"] == dashes["against"] == {"solid"}
    assert dashes["other"]
    assert "solid" not in dashes["other"]


def test_the_dot_stands_at_the_break_even_month_on_both_curves() -> None:
    comparison = asked(rental__against="aws")
    months = comparison.break_even["months"]
    assert isinstance(months, float)
    assert 0 < months < 36
    figure = cost_over_time(comparison)
    dot = trace_of(figure, "break_even")
    assert list(dot.x) == [months]
    for role in ("build", "against"):
        curve = trace_of(figure, role)
        month = math.floor(months)
        before, after = curve.y[month], curve.y[month + 1]
        assert dot.y[0] == pytest.approx(before + (after - before) * (months - month))
    assert "month 24" in dot.text[0]
    assert words(figure) == ["renting has cost less", "the build has cost less"]


def test_never_has_no_dot_and_renting_is_shaded_throughout() -> None:
    comparison = asked(rental__against="runpod")
    assert comparison.break_even["months"] == math.inf
    figure = cost_over_time(comparison)
    assert "break_even" not in roles(figure)
    assert words(figure) == ["renting has cost less"]
    (band,) = figure.layout.shapes
    assert (band.x0, band.x1) == (0, 36)


def test_a_build_that_is_ahead_at_once_is_marked_on_the_first_day() -> None:
    comparison = asked(workstation__parts='[{"name": "gpu", "price_usd": 2805, "already_own": true}]')
    assert comparison.break_even["months"] == 0
    figure = cost_over_time(comparison)
    assert list(trace_of(figure, "break_even").x) == [0]
    assert words(figure) == ["the build has cost less"]


def test_the_flip_is_marked_where_both_cost_the_same() -> None:
    # Packs make a staircase, which a straight line between two points of the curve cuts off.
    comparison = asked(rental__against="runpod")
    hours = comparison.break_even["hours_per_week"]
    assert isinstance(hours, float)
    assert 0 < hours < 148
    figure = cost_by_hours(comparison)
    dot = trace_of(figure, "break_even")
    assert list(dot.x) == [hours]
    for role in ("build", "against"):
        curve = trace_of(figure, role)
        right = next(i for i, x in enumerate(curve.x) if x > hours)
        share = (hours - curve.x[right - 1]) / (curve.x[right] - curve.x[right - 1])
        between = curve.y[right - 1] + (curve.y[right] - curve.y[right - 1]) * share
        assert dot.y[0] == pytest.approx(between, rel=1e-4)


@pytest.mark.parametrize("hours", ["0", "7.5", "100"])
def test_the_readers_own_hours_are_a_line(hours: str) -> None:
    figure = cost_by_hours(asked(workload__busy_hours_per_week=hours))
    (line,) = [shape for shape in figure.layout.shapes if shape.type == "line"]
    assert line.x0 == line.x1 == float(hours)
    assert f"yours: {hours} h" in words(figure)


def test_an_answer_that_never_flips_is_shaded_on_one_side() -> None:
    comparison = asked(electricity__usd_per_kwh="5")
    assert comparison.break_even["hours_per_week"] == math.inf
    figure = cost_by_hours(comparison)
    assert "break_even" not in roles(figure)
    assert "renting is cheaper" in words(figure)
    assert "building is cheaper" not in words(figure)


@pytest.mark.parametrize("draw", [cost_over_time, cost_by_hours])
def test_nothing_left_to_rent_still_draws_the_build(draw: Any) -> None:
    comparison = asked(rental__providers="vast", rental__terms="reserved_3y")
    assert not comparison.table["considered"].iloc[1:].any()
    assert roles(draw(comparison)) == ["build"]


@pytest.mark.parametrize("draw", [cost_over_time, cost_by_hours])
def test_work_that_does_not_fit_the_build_draws_the_rentals(draw: Any) -> None:
    drawn = roles(draw(asked(workload__vram_gb="25")))
    assert "against" in drawn
    assert not {"build", "break_even"} & set(drawn)


@pytest.mark.parametrize("draw", [cost_over_time, cost_by_hours])
def test_nothing_at_all_is_an_empty_chart(draw: Any) -> None:
    assert roles(draw(asked(workload__vram_gb="5000"))) == []


@pytest.mark.parametrize("draw", [cost_over_time, cost_by_hours])
def test_the_axes_say_what_they_measure(draw: Any) -> None:
    layout = draw(asked()).layout
    assert "months" in layout.xaxis.title.text or "hours a week" in layout.xaxis.title.text
    assert "today's dollars" in layout.yaxis.title.text
    assert layout.yaxis.tickprefix == "$"


# A question in which every kind of cost occurs.
EVERYTHING = {
    "workload__gpus": "1",
    "workload__ci_minutes_per_month": '{"linux": 9000, "windows": 600, "macos": 900}',
    "workstation__warranty_usd": "100",
    "workstation__yearly_failure_fraction": "0.05",
    "workstation__insurance_usd_per_year": "50",
    "workstation__upkeep_usd_per_month": "3",
    "workstation__building_hours": "8",
    "workstation__upkeep_hours_per_month": "1",
    "workstation__sale_delay_months": "2",
    "electricity__standing_charge_usd_per_month": "4",
    "rental__object_storage_gb": "100",
    "rental__set_up_hours": "3",
    "rental__upkeep_hours_per_month": "1",
    "rental__free_credits": '[{"provider": "aws", "usd": 300}]',
    "rental__against": "aws",
    "money__value_per_hour_usd": "20",
    "money__loan_fraction": "0.5",
    "money__loan_months": "48",
    "money__vat_fraction": "0.19",
    "money__vat_reclaimed": "true",
    "money__marginal_tax_rate_fraction": "0.3",
    "money__tax_schedule": "bonus_100",
}


def bill_usd(comparison: Comparison, role: str) -> float:
    option = comparison.table["option"].iloc[0] if role == "build" else comparison.break_even["against"]
    usd = comparison.table.loc[comparison.table["option"] == option, "present_value_usd"]
    return float(usd.item())


def last_columns_usd(figure: Any, role: str) -> float:
    bars = [trace for trace in figure.data if trace.meta == role]
    assert bars
    return float(sum(trace.y[-1] for trace in bars))


@pytest.mark.parametrize(
    "settings", [{}, {"rental__against": "aws"}, EVERYTHING], ids=["plain", "aws", "all"]
)
def test_the_last_columns_of_the_money_are_both_bills(settings: dict[str, str]) -> None:
    comparison = asked(**settings)
    figure = what_money_goes_to(comparison)
    for role in ("build", "against"):
        assert last_columns_usd(figure, role) == pytest.approx(bill_usd(comparison, role))


def test_month_by_month_the_columns_add_up_to_the_same_bills() -> None:
    comparison = asked(**EVERYTHING)
    figure = what_money_goes_to(comparison, by_month=True)
    for role in ("build", "against"):
        usd = sum(float(sum(trace.y)) for trace in figure.data if trace.meta == role)
        assert usd == pytest.approx(bill_usd(comparison, role))


def test_every_component_of_a_bill_has_its_kind_and_there_are_few_of_them() -> None:
    assert len(KINDS) <= 8
    lease = asked(**EVERYTHING | {"workstation__lease_usd_per_month": "150", "money__loan_fraction": "0"})
    full = asked(
        workload__hours_measured_on="H100 SXM 80GB",
        workload__busy_hours_per_week="100",
        workstation__when_full="rent_the_rest",
    )
    committed = asked(rental__terms="reserved_1y")
    components = {
        str(component)
        for comparison in (asked(**EVERYTHING), lease, full, committed)
        for component in comparison.cash_flows["component"]
    }
    assert len(components) > 30
    assert {"rented rest", "commitment", "packs", "lease", "loan payments", "free credit"} <= components
    assert [component for component in components if kind_of(component) == OTHER_KIND] == []
    drawn = {trace.name for trace in what_money_goes_to(asked(**EVERYTHING)).data}
    assert drawn == set(KINDS)


def test_each_kind_stands_once_in_the_legend() -> None:
    figure = what_money_goes_to(asked(**EVERYTHING))
    listed = [trace.name for trace in figure.data if trace.showlegend]
    assert len(listed) == len(set(listed)) == len({trace.name for trace in figure.data})


def test_one_bill_alone_is_one_panel_and_none_is_an_empty_chart() -> None:
    assert set(roles(what_money_goes_to(asked(workload__vram_gb="25")))) == {"against"}
    alone = what_money_goes_to(asked(rental__providers="vast", rental__terms="reserved_3y"))
    assert set(roles(alone)) == {"build"}
    assert roles(what_money_goes_to(asked(workload__vram_gb="5000"))) == []


def test_used_prices_and_their_curve_are_drawn_as_they_are() -> None:
    prices = pd.DataFrame(
        {
            "age_months": [1.0, 14.0],
            "price_fraction": [0.9, 0.7],
            "usd": [900.0, 700.0],
            "as_of": ["2025-01-31", "2026-02-28"],
        }
    )
    curve = pd.DataFrame({"age_months": [0, 12], "price_fraction": [0.92, 0.73]})
    figure = used_prices(prices, curve)
    assert list(trace_of(figure, "prices").y) == [0.9, 0.7]
    assert list(trace_of(figure, "curve").y) == [0.92, 0.73]
    assert list(trace_of(figure, "prices").customdata[1]) == [700.0, "2026-02-28"]
    assert figure.layout.yaxis.tickformat == ".0%"
