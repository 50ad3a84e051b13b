"""Time value of money as closed forms that broadcast.

Conventions, for every function here: the discount rate is effective a year (a rate of 0.04 turns 100 into
104 after a year, whatever the number of periods); a loan's rate is nominal, divided by 12; the flow of a
month falls on its end; costs are positive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, finite, not_negative, positive, rate, representable

# Below it binary fractions grow coarse; as interest it is nothing.
_NO_INTEREST = 1e-290


def discount_factors(yearly_rate_fraction: float, months: int) -> FloatArray:
    """Worth today of one dollar at the end of months 0, 1, ... ``months``; shape (months + 1,)."""
    (yearly,) = rate(yearly_rate_fraction=yearly_rate_fraction)
    return np.asarray((1.0 + yearly) ** (-np.arange(months + 1) / 12.0))


def annuity_factor(yearly_rate_fraction: ArrayLike, months: ArrayLike) -> FloatArray:
    """Worth today of one dollar at the end of each of the months 1 to ``months``.

    Examples
    --------
    >>> float(annuity_factor(0.0, 36))
    36.0
    """
    (yearly,) = rate(yearly_rate_fraction=yearly_rate_fraction)
    (count,) = positive(months=months)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        factor = 1.0 / _repayment_share(np.expm1(np.log1p(yearly) / 12.0), count)
    return representable(factor, yearly_rate_fraction=yearly, months=count)


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
    flows = series("cash_flows_usd", cash_flows_usd)
    (yearly,) = rate(yearly_rate_fraction=yearly_rate_fraction)
    positive(periods_per_year=periods_per_year)
    return worth_today(flows, np.arange(flows.shape[-1]), yearly, periods_per_year)


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

    Examples
    --------
    >>> round(float(loan_payment(10_000, 0.06, 60)), 2)
    193.33
    """
    principal, yearly, count = _loan(principal_usd, yearly_rate_fraction, months)
    with np.errstate(over="ignore", invalid="ignore"):
        payment = principal * _repayment_share(yearly / 12.0, count)
    return representable(payment, principal_usd=principal, yearly_rate_fraction=yearly)


def loan_balance(
    principal_usd: ArrayLike, yearly_rate_fraction: ArrayLike, months: ArrayLike, paid_months: ArrayLike
) -> FloatArray:
    """What is still owed on a loan with level payments, right after some of them.

    Parameters
    ----------
    principal_usd, yearly_rate_fraction, months : the loan, as in ``loan_payment``.
    paid_months : payments made so far, 0 to ``months``.

    Returns
    -------
    Balance [USD]: principal * (1 - (1 + i) ** -(months - paid)) / (1 - (1 + i) ** -months), which is the
    worth of the payments that remain; without interest principal * (months - paid) / months.

    Source: the annuity's closed form, as in OpenStax, Principles of Finance (2022), section 8.3.

    Examples
    --------
    >>> loan_balance(1200, 0.0, 12, [0, 3, 12]).tolist()
    [1200.0, 900.0, 0.0]
    """
    principal, yearly, count = _loan(principal_usd, yearly_rate_fraction, months)
    (paid,) = not_negative(paid_months=paid_months)
    _not_after("paid_months", paid, "months", count)
    left = count - paid
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        log_growth = np.log1p(yearly / 12.0)
        share = np.expm1(-left * log_growth) / np.expm1(-count * log_growth)
        owed_fraction = np.where(log_growth * count < _NO_INTEREST, left / count, share)
    return np.asarray(principal * owed_fraction)


def loan_interest(
    principal_usd: ArrayLike,
    yearly_rate_fraction: ArrayLike,
    months: ArrayLike,
    from_month: ArrayLike = 1,
    to_month: ArrayLike | None = None,
) -> FloatArray:
    """Interest in the payments of a loan: over its whole term, or from one month to another.

    Parameters
    ----------
    principal_usd, yearly_rate_fraction, months : the loan, as in ``loan_payment``.
    from_month, to_month : first and last payment that count, 1 to ``months``; ``to_month`` is the last
        payment of the loan where it is left out.

    Returns
    -------
    Payments of these months less what they repay of the principal. [USD]

    Examples
    --------
    >>> round(float(loan_interest(32_000, 0.06, 36, from_month=1, to_month=1)), 2)
    160.0
    """
    first, count = positive(from_month=from_month, months=months)
    last = count if to_month is None else positive(to_month=to_month)[0]
    _not_after("to_month", last, "months", count)
    if (first > last).any():
        raise ValueError(
            f"from_month must not be after to_month, not {np.max(first):g} after {np.min(last):g}"
        )
    terms = (principal_usd, yearly_rate_fraction, months)
    owed_before = loan_balance(*terms, np.maximum(first - 1.0, 0.0))
    repaid = owed_before - loan_balance(*terms, last)
    with np.errstate(over="ignore", invalid="ignore"):
        interest = loan_payment(*terms) * (last - first + 1.0) - repaid
    # Without interest the two differ by no more than the noise of binary fractions.
    return representable(np.maximum(interest, 0.0), principal_usd=np.asarray(principal_usd, dtype=float))


def equivalent_annual_cost(
    present_value_usd: ArrayLike, yearly_rate_fraction: ArrayLike, years: ArrayLike
) -> FloatArray:
    """Level yearly cost that is worth a given present value.

    Parameters
    ----------
    present_value_usd : cost over the whole life, worth today. [USD]
    yearly_rate_fraction : effective yearly discount rate, above -1.
    years : length of the life, above 0. [years]

    Returns
    -------
    Cost at the end of each year [USD a year]: value * r / (1 - (1 + r) ** -years), value / years at rate 0.

    Examples
    --------
    >>> round(float(equivalent_annual_cost(1000, 0.10, 2)), 2)
    576.19
    """
    (value,) = finite(present_value_usd=present_value_usd)
    (yearly,) = rate(yearly_rate_fraction=yearly_rate_fraction)
    (count,) = positive(years=years)
    with np.errstate(over="ignore", invalid="ignore"):
        cost = value * _repayment_share(yearly, count)
    return representable(cost, present_value_usd=value, yearly_rate_fraction=yearly, years=count)


def levelized_usd_per_hour(
    present_value_usd: ArrayLike,
    hours_per_month: ArrayLike,
    yearly_rate_fraction: ArrayLike,
    months: ArrayLike,
) -> FloatArray:
    """Price an hour at which hours sold every month would pay for a present value.

    Parameters
    ----------
    present_value_usd : cost over the whole span, worth today. [USD]
    hours_per_month : useful hours each month. [h]
    yearly_rate_fraction : effective yearly discount rate; the hours are discounted like the money.
    months : length of the span, above 0.

    Returns
    -------
    Present value divided by the discounted hours [USD/h]; ``inf`` where there are no hours.

    Source: the levelised cost of the energy trade (NREL, Manual for the Economic Evaluation of Energy
    Efficiency and Renewable Energy Technologies, 1995), with months for years.

    Examples
    --------
    >>> float(levelized_usd_per_hour(3600, 50, 0.0, 36))
    2.0
    """
    (value,) = finite(present_value_usd=present_value_usd)
    (hours,) = not_negative(hours_per_month=hours_per_month)
    factor = annuity_factor(yearly_rate_fraction, months)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        discounted_hours = hours * factor
        price = np.where(hours > 0, value / discounted_hours, 0.0)
    representable(discounted_hours, hours_per_month=hours)
    representable(price, present_value_usd=value)
    return np.asarray(np.where(hours > 0, price, np.inf))


def series(name: str, flows_usd: ArrayLike) -> FloatArray:
    """Return flows as a float array; ``ValueError`` unless there is a last axis with at least one period."""
    (flows,) = finite(**{name: flows_usd})
    if flows.ndim == 0:
        raise ValueError(f"{name} needs an axis of periods, not a single number")
    if flows.shape[-1] == 0:
        raise ValueError(f"{name} needs at least one flow, not none")
    return flows


def worth_today(
    flows_usd: FloatArray, periods: ArrayLike, yearly: FloatArray, periods_per_year: float
) -> FloatArray:
    """Sum of flows on the last axis, each discounted over its periods; rates stand on the other axes."""
    with np.errstate(over="ignore", invalid="ignore"):
        years = np.asarray(periods) / periods_per_year
        worth = (flows_usd * (1.0 + np.asarray(yearly)[..., np.newaxis]) ** -years).sum(axis=-1)
    return representable(worth, cash_flows_usd=flows_usd, yearly_rate_fraction=yearly)


def _not_after(name: str, month: FloatArray, last_name: str, last: FloatArray) -> None:
    """``ValueError`` names a month that lies after the last."""
    months, lasts = np.broadcast_arrays(month, last)
    late = months > lasts
    if late.any():
        raise ValueError(
            f"{name} must not exceed {last_name}, not {months[late].flat[0]:g} of {lasts[late].flat[0]:g}"
        )


def _loan(
    principal_usd: ArrayLike, yearly_rate_fraction: ArrayLike, months: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    principal, yearly = not_negative(principal_usd=principal_usd, yearly_rate_fraction=yearly_rate_fraction)
    return principal, yearly, positive(months=months)[0]


def _repayment_share(rate_per_period: FloatArray, periods: FloatArray) -> FloatArray:
    """Payment per dollar borrowed: i / (1 - (1 + i) ** -n), by ``expm1`` so that tiny rates stay exact."""
    log_growth = np.log1p(rate_per_period)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        share = rate_per_period / -np.expm1(-periods * log_growth)
        return np.asarray(np.where(np.abs(periods * log_growth) < _NO_INTEREST, 1.0 / periods, share))
