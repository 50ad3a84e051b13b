"""Time value of money as closed forms that broadcast.

Conventions, for every function here: the discount rate is effective a year (a rate of 0.04 turns 100 into
104 after a year, whatever the number of periods); a loan's rate is nominal, divided by 12; the flow of a
month falls on its end; costs are positive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, finite, not_negative, positive, rate


def discount_factors(yearly_rate_fraction: float, months: int) -> FloatArray:
    """Worth today of one dollar at the end of months 0, 1, ... ``months``; shape (months + 1,)."""
    (yearly,) = rate(yearly_rate_fraction=yearly_rate_fraction)
    return np.asarray((1.0 + yearly) ** (-np.arange(months + 1) / 12.0))


def annuity_factor(yearly_rate_fraction: float, months: int) -> float:
    """Worth today of one dollar at the end of each of the months 1 to ``months``."""
    return float(discount_factors(yearly_rate_fraction, months)[1:].sum())


def present_value(
    cash_flows_usd: ArrayLike, yearly_rate_fraction: ArrayLike, periods_per_year: float = 12
) -> FloatArray:
    """Worth today of a series of flows, the first of which falls on today.

    Parameters
    ----------
    cash_flows_usd : flows at times 0, 1, 2, ... periods on the last axis. [USD]
    yearly_rate_fraction : effective yearly discount rate, above -1; broadcasts against the other axes.
    periods_per_year : 12 for months, 1 for years.

    Returns
    -------
    Sum of flow * (1 + rate) ** (-k / periods_per_year), the last axis summed away. [USD]

    Examples
    --------
    >>> round(float(present_value([0, 104, 108.16], 0.04, periods_per_year=1)), 2)
    200.0
    """
    (flows,) = finite(cash_flows_usd=cash_flows_usd)
    (yearly,) = rate(yearly_rate_fraction=yearly_rate_fraction)
    positive(periods_per_year=periods_per_year)
    if flows.ndim == 0:
        raise ValueError("cash_flows_usd needs an axis of periods, not a single number")
    growth = 1.0 + np.asarray(yearly)[..., np.newaxis]
    return np.asarray((flows * growth ** (-np.arange(flows.shape[-1]) / periods_per_year)).sum(axis=-1))


def loan_payment(principal_usd: ArrayLike, yearly_rate_fraction: ArrayLike, months: ArrayLike) -> FloatArray:
    """Level monthly payment that repays a loan, the first at the end of month 1.

    Parameters
    ----------
    principal_usd : amount borrowed. [USD]
    yearly_rate_fraction : nominal yearly rate as banks quote it (APR), a twelfth of it a month.
    months : number of payments, above 0.

    Returns
    -------
    Payment a month [USD]: principal * i / (1 - (1 + i) ** -months), principal / months without interest.
    """
    principal, yearly = not_negative(principal_usd=principal_usd, yearly_rate_fraction=yearly_rate_fraction)
    (count,) = positive(months=months)
    return np.asarray(principal * _repayment_share(yearly / 12.0, count))


def equivalent_annual_cost(
    present_value_usd: ArrayLike, yearly_rate_fraction: ArrayLike, years: ArrayLike
) -> FloatArray:
    """Level yearly cost, at each year's end, that is worth the given present value. [USD a year]"""
    (value,) = finite(present_value_usd=present_value_usd)
    (yearly,) = rate(yearly_rate_fraction=yearly_rate_fraction)
    (count,) = positive(years=years)
    return np.asarray(value * _repayment_share(yearly, count))


def levelized_usd_per_hour(
    present_value_usd: ArrayLike, hours_per_month: ArrayLike, yearly_rate_fraction: float, months: int
) -> FloatArray:
    """Price an hour at which hours sold every month would pay for a present value.

    Parameters
    ----------
    present_value_usd : cost over the whole span, worth today. [USD]
    hours_per_month : useful hours each month. [h]
    yearly_rate_fraction : effective yearly discount rate; the hours are discounted like the money.
    months : length of the span.

    Returns
    -------
    Present value divided by the discounted hours [USD/h]; ``inf`` where there are no hours.

    Source: the levelised cost of the energy trade (NREL, Manual for the Economic Evaluation of Energy
    Efficiency and Renewable Energy Technologies, 1995), with months for years.
    """
    (value,) = finite(present_value_usd=present_value_usd)
    (hours,) = not_negative(hours_per_month=hours_per_month)
    positive(months=months)
    discounted_hours = hours * annuity_factor(yearly_rate_fraction, months)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(discounted_hours > 0, value / discounted_hours, np.inf))


def _repayment_share(rate_per_period: FloatArray, periods: FloatArray) -> FloatArray:
    """Payment per dollar borrowed: i / (1 - (1 + i) ** -n), by ``expm1`` so that tiny rates stay exact."""
    log_growth = np.log1p(rate_per_period)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = rate_per_period / -np.expm1(-periods * log_growth)
    return np.asarray(np.where(rate_per_period == 0, 1.0 / periods, share))
