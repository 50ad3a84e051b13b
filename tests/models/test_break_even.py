"""Where the two bills meet: in hours, in months, and in hours a week against a brute-force search."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import Scenario, break_even_hours, break_even_months, compare
from models.break_even import break_even_hours_per_week

Offers = Callable[..., pd.DataFrame]
Array = NDArray[np.float64]

INF = float("inf")
money = st.floats(0.01, 1e5)
quick = settings(max_examples=60, deadline=None)


# --- hours of use -------------------------------------------------------------------------------------------


def test_a_card_of_2000_dollars_against_rent_of_50_cents() -> None:
    assert float(break_even_hours(2000, 0.50)) == 4000
    # 10 cents of electricity an hour, and 800 dollars back in the end: 1,200 / 0.40.
    assert float(break_even_hours(2000, 0.50, 0.10, 800)) == pytest.approx(3000)


def test_an_owned_hour_that_is_no_cheaper_never_earns_the_price_back() -> None:
    assert break_even_hours(2000, 0.10, [0.05, 0.10, 0.20]).tolist() == [pytest.approx(40_000), INF, INF]


def test_what_costs_nothing_in_the_end_is_ahead_at_once() -> None:
    assert break_even_hours([0, 500, 500], 0.50, 0.10, [0, 500, 700]).tolist() == [0, 0, 0]


def test_break_even_hours_broadcast() -> None:
    assert break_even_hours([[1000], [2000]], [0.5, 1.0]).tolist() == [[2000, 1000], [4000, 2000]]


@pytest.mark.parametrize("value", [-1, math.nan, INF])
@pytest.mark.parametrize("name", ["purchase_usd", "rental_usd_per_hour", "owning_usd_per_hour", "resale_usd"])
def test_break_even_hours_refuse_a_price_that_is_none(name: str, value: float) -> None:
    prices = {"purchase_usd": 1.0, "rental_usd_per_hour": 1.0, "owning_usd_per_hour": 0.0, "resale_usd": 0.0}
    with pytest.raises(ValueError, match=f"{name} must be .*, not {value}"):
        break_even_hours(**prices | {name: value})


@quick
@given(capex=money, rent=money, own=money)
def test_break_even_is_where_the_two_bills_meet(capex: float, rent: float, own: float) -> None:
    hours = float(break_even_hours(capex, rent, own))
    if rent <= own:
        assert hours == INF
    else:
        assert (rent - own) * hours == pytest.approx(capex)


@quick
@given(capex=money, rent=money, own=money, more=money)
def test_dearer_rent_never_delays_break_even(capex: float, rent: float, own: float, more: float) -> None:
    assert break_even_hours(capex, rent + more, own) <= break_even_hours(capex, rent, own)


# --- months -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owned", "rented", "months"),
    [
        ([100, 100, 100], [0, 80, 160], 1.25),  # a quarter into the second month
        ([100, 110, 120, 130], [0, 60, 120, 180], 2),  # hit exactly at a month
        ([100, 150, 200], [0, 100, 200], 2),  # only at the very end
        ([100, 150, 201], [0, 100, 200], INF),  # not even then
        ([0, 10, 20], [0, 10, 20], 0),  # equal throughout: owning is never dearer
        ([0, 10, 20], [5, 20, 40], 0),
        ([50, 50, 50], [0, 0, 0], INF),
        # A crossing that a later bill undoes is none: ahead in month 1, behind in 2, ahead for good in 3.
        ([100, 100, 250, 250], [0, 150, 200, 300], 2.5),
        # Ahead, then behind at the end.
        ([0, 100, 300], [50, 200, 250], INF),
        # Renting comes in steps: the last month in which owning is dearer is 2.
        ([100, 105, 110, 115, 120], [0, 110, 100, 130, 125], 2.4),
        ([7], [6], INF),
        ([6], [6], 0),
    ],
)
def test_the_month_from_which_owning_stays_no_dearer(
    owned: list[float], rented: list[float], months: float
) -> None:
    assert float(break_even_months(owned, rented)) == pytest.approx(months)


def test_curves_of_many_cases_take_leading_axes() -> None:
    owned = np.array([100.0, 100.0, 100.0])
    rented = np.array([[[0.0, 80.0, 160.0], [0.0, 100.0, 200.0]], [[0.0, 10.0, 20.0], [100.0, 200.0, 300.0]]])
    assert break_even_months(owned, rented).tolist() == [[1.25, 1.0], [INF, 0.0]]
    assert break_even_months(owned[np.newaxis], rented[0]).shape == (2,)


@given(
    capex=st.floats(0, 1e4),
    upkeep=st.floats(0, 100),
    rent=st.lists(st.floats(0, 1000), min_size=1, max_size=24),
)
@quick
def test_the_curves_meet_at_the_break_even_month_and_owning_stays_ahead(
    capex: float, upkeep: float, rent: list[float]
) -> None:
    rented = np.concatenate([[0.0], np.cumsum(rent)])
    owned = capex + upkeep * np.arange(len(rented))
    month = float(break_even_months(owned, rented))
    grid = np.arange(len(rented), dtype=float)
    if month == INF:
        assert owned[-1] > rented[-1]
        return
    after = np.concatenate([[month], grid[grid >= month]])
    lead = np.interp(after, grid, rented) - np.interp(after, grid, owned)
    assert (lead >= -1e-6).all()
    if month > 0:
        assert lead[0] == pytest.approx(0, abs=1e-6)
        assert np.interp(month - 1e-6, grid, owned) > np.interp(month - 1e-6, grid, rented) - 1e-9


@pytest.mark.parametrize(
    ("owned", "rented", "said"),
    [
        ([1, math.nan], [0, 1], "owned_usd_by_month must be finite, not nan"),
        ([1, 2], [0, INF], "rented_usd_by_month must be finite, not inf"),
        (
            [1, 2, 3],
            [0, 1],
            "owned_usd_by_month and rented_usd_by_month need the same months, not 3 against 2",
        ),
    ],
)
def test_curves_that_are_none_are_refused(owned: list[float], rented: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        break_even_months(owned, rented)


def test_a_cost_that_never_changes_may_be_given_as_one_number() -> None:
    assert float(break_even_months(150.0, [0.0, 100.0, 200.0])) == pytest.approx(1.5)


# --- months, by hand from the default question ------------------------------------------------------------

PARTS_USD = 5326.75
POWER_USD = (20 * 650 + 20 * 90 + 128 * 4) / 1000 * 730 / 168 * 0.1844  # a month
WORTH = [1.04 ** (-month / 12) for month in range(37)]


def _resale_usd(month: int) -> float:
    """What the default build fetches after so many months, a tenth of it gone for selling it."""
    years = month / 12.0
    return float(2805 * 0.8**years + 2521.75 * 0.85 * 0.85**years) * 0.9


def _crossing(owned: list[float], rented: list[float]) -> float:
    dearer = [month for month in range(len(owned)) if owned[month] > rented[month]]
    if not dearer:
        return 0.0
    if dearer[-1] == len(owned) - 1:
        return INF
    last = dearer[-1]
    before, after = owned[last] - rented[last], owned[last + 1] - rented[last + 1]
    return last + before / (before - after)


def _paid_usd(flows_usd: list[float]) -> list[float]:
    """Cumulative, worth today, of what is due at the end of months 1, 2, ..."""
    paid = [0.0]
    for month, flow_usd in enumerate(flows_usd, start=1):
        paid.append(paid[-1] + flow_usd * WORTH[month])
    return paid


def test_both_break_even_months_of_a_metered_offer(offers_of: Offers) -> None:
    rented = _paid_usd([25.5 * 730 / 168 * 2.0 + 8.0] * 36)
    owned = [PARTS_USD + power for power in _paid_usd([POWER_USD] * 36)]
    if_sold = [owned[month] - _resale_usd(month) * WORTH[month] for month in range(37)]
    row = compare(Scenario(), offers_of({"usd_per_hour": 2.0})).table.iloc[1]
    assert 20 < _crossing(owned, rented) < 30
    assert row["break_even_months"] == pytest.approx(_crossing(owned, rented), abs=1e-4)
    assert 0 < _crossing(if_sold, rented) < 10
    assert row["break_even_months_if_sold"] == pytest.approx(_crossing(if_sold, rented), abs=1e-4)


@pytest.mark.parametrize(
    ("months", "usd_per_hour", "meets"),
    [(36, 0.26, True), (36, 0.12, False), (30, 0.26, True), (31, 0.115, False)],
)
def test_both_break_even_months_of_a_commitment(
    offers_of: Offers, reserved: dict[str, object], months: int, usd_per_hour: float, meets: bool
) -> None:
    month_usd = 730 * usd_per_hour
    # Who stops in month t owes the rest of the year that is signed; in month 0 the first year is.
    rest_usd = [month_usd * (12 - month if month < 12 else -month % 12) for month in range(months + 1)]
    running = _paid_usd([month_usd + 8.0] * months)
    stopped = [running[month] + rest_usd[month] * WORTH[month] for month in range(months + 1)]
    # The headline pays as due; what is signed beyond the horizon falls due in its last month.
    rented = [*running[:-1], stopped[-1]]
    owned = [PARTS_USD + power for power in _paid_usd([POWER_USD] * months)]
    if_sold = [owned[month] - _resale_usd(month) * WORTH[month] for month in range(months + 1)]
    scenario = Scenario().with_settings({"money.horizon_months": str(months)})
    row = compare(scenario, offers_of(reserved | {"usd_per_hour": usd_per_hour})).table.iloc[1]
    assert (_crossing(owned, rented) < INF) == meets
    assert row["break_even_months"] == pytest.approx(_crossing(owned, rented), abs=1e-4)
    assert row["break_even_months_if_sold"] == pytest.approx(_crossing(if_sold, stopped), abs=1e-4)


# --- hours a week: the solver against closed forms ----------------------------------------------------------


def _assert_flips(
    hours: float, direction: str, owned: Callable[[Array], Array], rented: Callable[[Array], Array]
) -> None:
    """One rental against owning, on a week with room for 100 busy hours."""
    found, directions = break_even_hours_per_week(owned, rented, 100.0, 1)
    assert directions == [direction]
    assert float(found[0]) == pytest.approx(hours, abs=1e-7)


def test_two_straight_lines_meet_where_algebra_says() -> None:
    _assert_flips(62.5, "above", lambda h: 500 + 2 * h, lambda h: 10 * h)


def test_never_always_and_below() -> None:
    _assert_flips(INF, "above", lambda h: 5000 + 2 * h, lambda h: 10 * h)
    _assert_flips(0, "above", lambda h: 2 * h, lambda h: 1 + 10 * h)
    # Owning wins while little is done, and loses when much is: a rental with a fixed price.
    _assert_flips(40, "below", lambda h: 3 * h, lambda h: 120 + 0 * h)


def test_several_offers_are_solved_at_once() -> None:
    rates = np.array([10.0, 4.0, 2.0])
    hours, directions = break_even_hours_per_week(
        lambda h: 300 + 2 * h, lambda h: h * rates, bound_hours=100.0, offers=3
    )
    assert hours.tolist() == [pytest.approx(37.5, abs=1e-7), INF, INF]
    assert directions == ["above"] * 3


def test_a_jump_of_the_rent_is_found_to_the_hour() -> None:
    # A flat rent of 100 up to 30 h, of 1,000 beyond; owning costs 500.
    _assert_flips(30, "above", lambda h: 500 + 0 * h, lambda h: np.where(h > 30, 1000.0, 100.0))


def test_the_last_crossing_counts_above_and_the_first_below() -> None:
    # The rent rises by 100 every 10 h: 100 up to 10 h, 200 up to 20 h, and so on.
    def staircase(h: Array) -> Array:
        return np.asarray(100.0 * np.maximum(np.ceil(h / 10), 1))

    # At 125 + 10 h owning is dearer on every step, the last one too.
    _assert_flips(INF, "above", lambda h: 125 + 10 * h, staircase)
    # At 60 + 5 h: dearer just before 10 h (110 against 100), not before 20 h (160 against 200).
    _assert_flips(10, "above", lambda h: 60 + 5 * h, staircase)
    # At 45 + 8 h: dearer just before 10 h (125 against 100) and 20 h (205 against 200), not before 30 h.
    _assert_flips(20, "above", lambda h: 45 + 8 * h, staircase)
    # Nothing to buy, 11 dollars an hour: ahead at first, dearer for the first time at 100 / 11.
    _assert_flips(100 / 11, "below", lambda h: 11 * h, staircase)


def test_renting_that_jumps_as_soon_as_anything_is_done() -> None:
    # At no hours both cost nothing; the first hour's session is billed whole. Owning wins up to 100 / 11 h.
    _assert_flips(100 / 11, "below", lambda h: 11 * h, lambda h: 100.0 * np.ceil(h / 10))


# --- hours a week: the whole model against a brute-force grid -----------------------------------------------

# One fixed question: a build of 2,000 dollars that is worth nothing in the end and burns no power when idle.
MONTHS = 12
WEEKS = 730 / 168
YEARLY = 0.06
DISCOUNT = (1 + YEARLY) ** (-np.arange(MONTHS + 1) / 12)
ANNUITY = float(DISCOUNT[1:].sum())
START_UP = 0.1


def _question(
    capex_usd: float, *, attended: float = 2.0, sessions: float = 4.0, load_w: float = 500.0
) -> Scenario:
    part = {"name": "the build", "price_usd": capex_usd, "new_to_used_fraction": 1}
    return Scenario.model_validate(
        {
            "workload": {
                "busy_hours_per_week": 10,
                "attended_idle_hours_per_week": attended,
                "sessions_per_week": sessions,
                "longest_run_hours": 1,
                "storage_gb": 0,
                "download_gb_per_month": 0,
            },
            "workstation": {
                "parts": [part],
                "load_w": load_w,
                "idle_w": 0,
                "asleep_w": 0,
                "left_on_hours_per_week": 6,
            },
            "electricity": {"usd_per_kwh": 0.2},
            "money": {"horizon_months": MONTHS, "yearly_discount_fraction": YEARLY},
            "rental": {"terms": ["on_demand", "prepaid", "reserved_1y", "spot"]},
        }
    )


def _owned_by_hand(hours: Array, capex_usd: float, load_w: float = 500.0) -> Array:
    return np.asarray(capex_usd + hours * load_w / 1000 * 0.2 * WEEKS * ANNUITY)


def _session_hours_by_hand(
    hours: Array, increment_s: float, minimum_s: float, attended: float, sessions: float, limit: float = INF
) -> tuple[Array, Array]:
    """Clock and billed hours a week."""
    held = hours + attended
    count = np.maximum(sessions, np.ceil(np.round(held / (limit - START_UP), 6))) * (held > 0)
    clock = held + count * START_UP
    mean_s = clock * 3600 / np.where(count > 0, count, 1.0)
    session_s = np.ceil(np.round(mean_s / increment_s, 6)) * increment_s
    return clock, np.where(count > 0, np.maximum(session_s, minimum_s) * count / 3600, clock)


def _least_hours_by_grid(owned: Array, rented: Array, grid: Array) -> float:
    """Above: just beyond the last grid point at which owning is dearer."""
    dearer = np.flatnonzero(owned > rented)
    return float(grid[dearer[-1]]) if len(dearer) else 0.0


GRID_STEP = 0.001


def _assert_flip(
    scenario: Scenario, offers: pd.DataFrame, owned: Array, rented: Array, grid: Array, *, direction: str
) -> None:
    row = compare(scenario, offers).table.iloc[1]
    assert row["break_even_direction"] == direction
    if direction == "above":
        expected = _least_hours_by_grid(owned, rented, grid)
        assert 0 < expected < grid[-1]
    else:
        expected = float(grid[np.argmax(owned > rented)])
        assert owned[0] <= rented[0]
        assert owned[-1] > rented[-1]
    assert row["break_even_hours_per_week"] == pytest.approx(expected, abs=1.5 * GRID_STEP)


def _grid(attended: float) -> Array:
    return np.arange(0, 168 - attended - 6 + GRID_STEP / 2, GRID_STEP)


@pytest.mark.parametrize("capex_usd", [300, 700, 1000, 1500, 2000])
def test_packs_make_a_staircase(offers_of: Offers, pack: dict[str, object], capex_usd: float) -> None:
    offers = offers_of(pack | {"gpu": "RTX 4090", "pack_usd": 30.0, "pack_hours": 60.0})
    grid = _grid(2)
    _, billed = _session_hours_by_hand(grid, 1, 60, 2, 4, limit=24)
    lasts = np.minimum(60 / (billed * WEEKS), 90 / (730 / 24))
    month = np.arange(MONTHS + 1)
    packs = np.ceil(np.round(month / lasts[:, np.newaxis], 6))
    rented = np.diff(packs, axis=-1) @ DISCOUNT[1:] * 30.0
    owned = _owned_by_hand(grid, capex_usd)
    _assert_flip(_question(capex_usd), offers, owned, rented, grid, direction="above")


@pytest.mark.parametrize("capex_usd", [300, 600, 2000])
@pytest.mark.parametrize("attended", [0, 2])
def test_hours_billed_whole_make_a_staircase(offers_of: Offers, capex_usd: float, attended: float) -> None:
    offers = offers_of({"usd_per_hour": 0.7, "billing_increment_s": 3600.0, "minimum_billing_s": 3600.0})
    grid = _grid(attended)
    _, billed = _session_hours_by_hand(grid, 3600, 3600, attended, 4)
    rented = billed * WEEKS * 0.7 * ANNUITY
    owned = _owned_by_hand(grid, capex_usd)
    _assert_flip(_question(capex_usd, attended=attended), offers, owned, rented, grid, direction="above")


def test_an_hourly_rate_of_ones_own_flips_at_the_same_hours(offers_of: Offers) -> None:
    own = {
        "gpu": "RTX 4090",
        "usd_per_hour": 0.7,
        "billing_increment_s": 3600,
        "minimum_billing_s": 3600,
        "storage_usd_per_gb_month": 0,
        "egress_usd_per_gb": 0,
    }
    asked = _question(600).model_dump()
    asked["rental"] |= {"own_offers": [own]}
    offers = offers_of({"usd_per_hour": 0.7, "billing_increment_s": 3600.0, "minimum_billing_s": 3600.0})
    table = compare(Scenario.model_validate(asked), offers).table.set_index("provider")
    assert table.loc["own rate", "break_even_hours_per_week"] == pytest.approx(
        table.loc["aws", "break_even_hours_per_week"], abs=1e-8
    )


@pytest.mark.parametrize(
    ("limit", "capex_usd"), [(12.5, 500), (12.5, 1300), (24.0, 900), (4.5, 1300), (4.5, 1340), (4.5, 1580)]
)
def test_whole_hours_in_sessions_that_end_early(offers_of: Offers, limit: float, capex_usd: float) -> None:
    # The mean session is rounded up, so one session more can make the week's bill smaller: in sessions of at
    # most 4.5 h, 7 of them (30.8 h) are billed as 35 h and 8 as 32 h. The last excess may lie behind a fall.
    offers = offers_of(
        {
            "usd_per_hour": 1.0,
            "billing_increment_s": 3600.0,
            "minimum_billing_s": 60.0,
            "max_session_hours": limit,
        }
    )
    grid = _grid(0)
    _, billed = _session_hours_by_hand(grid, 3600, 60, 0, 1, limit=limit)
    rented = billed * WEEKS * 1.0 * ANNUITY
    owned = _owned_by_hand(grid, capex_usd)
    _assert_flip(_question(capex_usd, attended=0, sessions=1), offers, owned, rented, grid, direction="above")


def test_a_commitment_needs_a_second_instance_above_168_hours(
    offers_of: Offers, reserved: dict[str, object]
) -> None:
    # An A10G does the work at 0.40 of the speed: a second machine from (168 - 2 - 0.4) * 0.40 = 66.24 h on.
    offers = offers_of(reserved | {"gpu": "A10G", "usd_per_hour": 0.3})
    grid = _grid(2)
    clock = grid / 0.40 + 2 + 4 * START_UP
    instances = np.ceil(np.round(clock / 168, 6))
    rented = instances * 730 * 0.3 * ANNUITY
    capex_usd = 3000.0  # dearer than one machine for a year, cheaper than two
    owned = _owned_by_hand(grid, capex_usd)
    _assert_flip(_question(capex_usd), offers, owned, rented, grid, direction="above")
    hours = compare(_question(capex_usd), offers).table.iloc[1]["break_even_hours_per_week"]
    assert hours == pytest.approx(66.24, abs=0.002)


def test_below_a_commitment_on_the_builds_own_gpu(offers_of: Offers, reserved: dict[str, object]) -> None:
    # Paid around the clock, the rental costs the same however busy it is; the build's power does not.
    offers = offers_of(reserved | {"usd_per_hour": 0.06})
    grid = _grid(2)
    rented = np.full_like(grid, 730 * 0.06 * ANNUITY)
    owned = _owned_by_hand(grid, 100.0, load_w=700.0)
    _assert_flip(_question(100.0, load_w=700.0), offers, owned, rented, grid, direction="below")


@quick
@given(
    capex=st.floats(50, 3000),
    price=st.floats(0.15, 1.5),
    increment=st.sampled_from([1.0, 60.0, 600.0, 3600.0]),
    sessions=st.floats(0.5, 12),
    attended=st.floats(0, 20),
)
def test_metered_offers_flip_where_the_grid_says(
    offers_of: Offers, capex: float, price: float, increment: float, sessions: float, attended: float
) -> None:
    offers = offers_of({"usd_per_hour": price, "billing_increment_s": increment, "minimum_billing_s": 60.0})
    room = 168 - attended - 6
    grid = np.linspace(0, room, 20_001)
    _, billed = _session_hours_by_hand(grid, increment, 60, attended, sessions)
    owned, rented = _owned_by_hand(grid, capex), billed * WEEKS * price * ANNUITY
    row = compare(_question(capex, attended=attended, sessions=sessions), offers).table.iloc[1]
    hours = float(row["break_even_hours_per_week"])
    if row["break_even_direction"] == "above" and hours < INF:
        beyond, last_dearer = grid > hours + 1e-6, np.flatnonzero(owned > rented + 1e-6)
        assert not (owned[beyond] > rented[beyond] + 1e-6).any()
        if len(last_dearer):
            assert grid[last_dearer[-1]] <= hours + 1e-6
    elif hours == INF:
        assert owned[-1] > rented[-1]
        assert owned[0] > rented[0]
    else:
        before = grid < hours - 1e-6
        assert not (owned[before] > rented[before] + 1e-6).any()
        assert owned[-1] > rented[-1]
