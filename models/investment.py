"""What a stream of money earns: on dated flows, as a rate of return, as time to pay back, per dollar put in.

A flow is negative when money is put in and positive when it comes back. Rates are fractions for one period of
the flows, and fractions a year where they say so. The two rates of return load pyxirr when they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .break_even import break_even_months
from .checks import FloatArray, fraction, positive, rate, representable
from .finance import equivalent_annual_cost, series, worth_today

Dates = Sequence[date] | Sequence[str] | NDArray[np.datetime64]


def present_value_on_dates(
    cash_flows_usd: ArrayLike, dates: Dates, yearly_rate_fraction: ArrayLike
) -> FloatArray:
    """Worth of dated flows on the day of the first of them.

    Parameters
    ----------
    cash_flows_usd : flows, one for each date, on the last axis. [USD]
    dates : days of the flows, as ``date``, text like "2026-11-23" or NumPy dates; none before the first.
    yearly_rate_fraction : effective yearly discount rate, above -1; broadcasts against the other axes.

    Returns
    -------
    Sum of flow * (1 + rate) ** (-days / 365), the last axis summed away. [USD] A leap year is a day longer
    than a year of the rate.

    Source: the spreadsheet function XNPV (Microsoft Support, XNPV function).

    Examples
    --------
    >>> round(float(present_value_on_dates([-100, 220], ["2025-01-01", "2026-01-01"], 0.10)), 2)
    100.0
    """
    flows = series("cash_flows_usd", cash_flows_usd)
    days = _checked_days(dates, flows.shape[-1])
    (yearly,) = rate(yearly_rate_fraction=yearly_rate_fraction)
    return worth_today(flows, (days - days[0]).astype(float), yearly, 365.0)


def future_value(
    cash_flows_usd: ArrayLike, yearly_rate_fraction: ArrayLike, periods_per_year: float = 12
) -> FloatArray:
    """Worth of a series of flows on the day of the last of them.

    Parameters
    ----------
    cash_flows_usd : flows at times 0, 1, 2, ... periods on the last axis. [USD]
    yearly_rate_fraction : effective yearly rate at which the flows grow, above -1.
    periods_per_year : 12 for months, 1 for years.

    Returns
    -------
    Sum of flow * (1 + rate) ** ((last - k) / periods_per_year), the last axis summed away. [USD]

    Examples
    --------
    >>> round(float(future_value([100, 100, 100], 0.10, periods_per_year=1)), 2)
    331.0
    """
    flows = series("cash_flows_usd", cash_flows_usd)
    (yearly,) = rate(yearly_rate_fraction=yearly_rate_fraction)
    positive(periods_per_year=periods_per_year)
    return worth_today(flows, np.arange(1 - flows.shape[-1], 1), yearly, periods_per_year)


def internal_rate_of_return(cash_flows_usd: ArrayLike, dates: Dates | None = None) -> FloatArray:
    """Rate at which the flows are worth nothing today.

    Parameters
    ----------
    cash_flows_usd : flows at times 0, 1, 2, ... periods, or on ``dates``, on the last axis. [USD]
    dates : one day for each flow, none before the first; without them the flows come every period.

    Returns
    -------
    Rate a period, or effective rate a year of 365 days with dates [fraction]; NaN where no rate above -1
    does it, as where all flows have one sign. Where several do, the one that is found from 10 % on.

    Source: the spreadsheet functions IRR and XIRR; the root is found by pyxirr.

    Examples
    --------
    >>> round(float(internal_rate_of_return([-100, 39, 59, 55, 20])), 5)
    0.28095
    """
    from pyxirr import irr, xirr

    flows = series("cash_flows_usd", cash_flows_usd)
    if dates is None:
        return _for_each_series(lambda one: irr(one, silent=True), flows)
    days = _checked_days(dates, flows.shape[-1])
    if (days == days[0]).all():
        return np.full(flows.shape[:-1], np.nan)
    return _for_each_series(lambda one: xirr(days, one, silent=True), flows)


def modified_internal_rate_of_return(
    cash_flows_usd: ArrayLike, finance_rate_fraction: ArrayLike, reinvest_rate_fraction: ArrayLike
) -> FloatArray:
    """Rate a period that turns what is put in into what comes back, with rates of its own for both.

    Parameters
    ----------
    cash_flows_usd : flows at times 0, 1, 2, ... periods on the last axis. [USD]
    finance_rate_fraction : rate a period at which money put in later is discounted to today, above -1.
    reinvest_rate_fraction : rate a period at which money that came back grows until the end, above -1.
        Both broadcast against the other axes of the flows.

    Returns
    -------
    (worth at the end of what came back / worth today of what was put in) ** (1 / periods) - 1 [fraction];
    NaN where nothing is put in or nothing comes back.

    Source: the spreadsheet function MIRR, calculated by pyxirr.

    Examples
    --------
    >>> flows_usd = [-120_000, 39_000, 30_000, 21_000, 37_000, 46_000]
    >>> round(float(modified_internal_rate_of_return(flows_usd, 0.10, 0.12)), 4)
    0.1261
    """
    from pyxirr import mirr

    flows = series("cash_flows_usd", cash_flows_usd)
    (finance,) = rate(finance_rate_fraction=finance_rate_fraction)
    (reinvest,) = rate(reinvest_rate_fraction=reinvest_rate_fraction)
    return _for_each_series(lambda one, *both: mirr(one, *both, silent=True), flows, finance, reinvest)


def payback_periods(cash_flows_usd: ArrayLike) -> FloatArray:
    """Periods after which the money is back for good.

    Parameters
    ----------
    cash_flows_usd : flows at times 0, 1, 2, ... periods on the last axis. [USD]

    Returns
    -------
    Earliest time from which the sum of the flows so far stays at 0 or above to the end, linear inside a
    period; 0 where nothing has to come back, ``inf`` (never) where money is still missing at the end.

    Source: OpenStax, Principles of Finance (2022), section 16.1.

    Examples
    --------
    >>> float(payback_periods([-100, 40, 40, 40]))
    2.5
    """
    return _payback(series("cash_flows_usd", cash_flows_usd))


def discounted_payback_periods(cash_flows_usd: ArrayLike, rate_fraction: ArrayLike) -> FloatArray:
    """Periods after which the money is back for good, with interest.

    Parameters
    ----------
    cash_flows_usd : flows at times 0, 1, 2, ... periods on the last axis. [USD]
    rate_fraction : discount rate a period, above -1; broadcasts against the other axes.

    Returns
    -------
    As ``payback_periods``, of the discounted flows: flow * (1 + rate) ** -k.

    Source: OpenStax, Principles of Finance (2022), section 16.4.

    Examples
    --------
    >>> float(discounted_payback_periods([-100, 110, 121], 0.10))
    1.0
    """
    return _payback(_discounted(series("cash_flows_usd", cash_flows_usd), rate_fraction))


def profitability_index(cash_flows_usd: ArrayLike, rate_fraction: ArrayLike) -> FloatArray:
    """Worth today of what follows, for each dollar that is put in at the start.

    Parameters
    ----------
    cash_flows_usd : flows at times 0, 1, 2, ... periods on the last axis, the first of them negative. [USD]
    rate_fraction : discount rate a period, above -1; broadcasts against the other axes.

    Returns
    -------
    Present value of the flows after the first, divided by the money put in first. [1] Above 1 it pays.

    Source: OpenStax, Principles of Finance (2022), section 16.4.

    Examples
    --------
    >>> round(float(profitability_index([-100, 60.5, 66.55], 0.10)), 2)
    1.1
    """
    flows = series("cash_flows_usd", cash_flows_usd)
    put_in = flows[..., 0]
    if (put_in >= 0).any():
        raise ValueError(
            f"cash_flows_usd must begin with money put in, below 0, not {put_in[put_in >= 0].flat[0]:g}"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        index = _discounted(flows, rate_fraction)[..., 1:].sum(axis=-1) / -put_in
    return representable(index, cash_flows_usd=flows)


def fixed_charge_rate(
    yearly_rate_fraction: ArrayLike,
    years: ArrayLike,
    tax_rate_fraction: ArrayLike = 0.0,
    depreciation_present_value_fraction: ArrayLike = 0.0,
) -> FloatArray:
    """Share of a price that has to come in each year to pay for it, interest and tax included.

    Parameters
    ----------
    yearly_rate_fraction : effective yearly discount rate, above -1.
    years : length of the life, above 0. [years]
    tax_rate_fraction : rate of tax on what comes in, 0 to below 1; 0 leaves the capital recovery factor.
    depreciation_present_value_fraction : worth today of the deductions for each dollar of the price, 0 to 1.

    Returns
    -------
    CRF * (1 - tax rate * worth of the deductions) / (1 - tax rate), with the capital recovery factor
    CRF = r / (1 - (1 + r) ** -years) [fraction a year]; 1 / years at rate 0.

    Source: NREL, Annual Technology Baseline (atb.nrel.gov): capital recovery and project finance factor.

    Examples
    --------
    >>> round(float(fixed_charge_rate(0.10, 5)), 4)
    0.2638
    >>> worth_of_deductions = 0.2 * sum(1.10**-year for year in range(1, 6))
    >>> round(float(fixed_charge_rate(0.10, 5, 0.25, worth_of_deductions)), 4)
    0.2851
    """
    tax, deducted = fraction(
        tax_rate_fraction=tax_rate_fraction,
        depreciation_present_value_fraction=depreciation_present_value_fraction,
    )
    if (tax >= 1).any():
        raise ValueError("tax_rate_fraction must be below 1, not 1")
    recovery = equivalent_annual_cost(1.0, yearly_rate_fraction, years)
    with np.errstate(over="ignore"):
        charge = recovery * (1.0 - tax * deducted) / (1.0 - tax)
    return representable(charge, tax_rate_fraction=tax)


def _checked_days(dates: Dates, count: int) -> NDArray[np.datetime64]:
    try:
        days = np.asarray(dates, dtype="datetime64[D]")
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"dates must be days such as 2026-11-23, not {dates!r}") from error
    if days.shape != (count,) or np.isnat(days).any():
        raise ValueError(f"dates must be one day for each of the {count} flows, not {dates!r}")
    if (days < days[0]).any():
        raise ValueError(f"dates must not lie before the first, {days[0]}, not {days.min()}")
    return days


def _discounted(flows: FloatArray, rate_fraction: ArrayLike) -> FloatArray:
    (per_period,) = rate(rate_fraction=rate_fraction)
    with np.errstate(over="ignore", invalid="ignore"):
        worth = flows * (1.0 + per_period[..., np.newaxis]) ** -np.arange(flows.shape[-1], dtype=float)
    return representable(worth, cash_flows_usd=flows, rate_fraction=per_period)


def _payback(flows: FloatArray) -> FloatArray:
    scaled = flows / _scale(flows)[..., np.newaxis]  # no sum of these is too large
    still_missing = -np.cumsum(scaled, axis=-1)
    # What binary fractions leave over of a sum that is 0 is not missing.
    noise = 1e-12 * np.abs(scaled).sum(axis=-1, keepdims=True)
    return break_even_months(np.where(np.abs(still_missing) <= noise, 0.0, still_missing), 0.0)


def _scale(flows: FloatArray) -> FloatArray:
    largest = np.abs(flows).max(axis=-1)
    return np.asarray(np.where(largest > 0, largest, 1.0))


def _for_each_series(solve: Callable[..., float | None], flows: FloatArray, *rates: FloatArray) -> FloatArray:
    """Solve one series of flows after the other, with rates that broadcast; NaN where there is no answer."""
    leading = np.broadcast_shapes(flows.shape[:-1], *(each.shape for each in rates))
    all_flows = np.broadcast_to(flows / _scale(flows)[..., np.newaxis], (*leading, flows.shape[-1]))
    all_rates = [np.broadcast_to(each, leading) for each in rates]
    answers = np.full(leading, np.nan)
    for index in np.ndindex(leading):
        answer = solve(all_flows[index], *(float(each[index]) for each in all_rates))
        if answer is not None and np.isinf(answer):
            representable(np.asarray(answer), cash_flows_usd=flows)
        answers[index] = np.nan if answer is None else answer
    return answers
