"""What the tax office lets a business deduct for a machine, and what it takes of a sale.

These are rules of law, apart from what the market pays (:mod:`.resale`), and no tax advice: they know neither
other income nor the months until a refund. A private buyer deducts nothing.

A schedule is a deduction for each year, years on the last axis, the year of purchase first.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, fraction, not_negative, positive, together, whole_years
from .depreciation import macrs, whole_months

TaxSchedule = Literal[
    "none",
    "macrs_half_year",
    "macrs_mid_quarter",
    "section_179",
    "bonus_100",
    "germany_one_year",
    "germany_three_years",
    "uk_annual_investment_allowance",
    "uk_writing_down",
    "uk_first_year_40",
]

# United States, Internal Revenue Code section 179(b)(1) for 2025; above 4,000,000 USD a year it shrinks.
SECTION_179_LIMIT_USD = 2_500_000.0
# United Kingdom, Capital Allowances Act 2001, section 51A; 2024/25 to 2026/27.
ANNUAL_INVESTMENT_ALLOWANCE_GBP = 1_000_000.0
# United Kingdom, main pool: 18 % a year to 2026-04-05, 14 % from 2026-04-06.
UK_WRITING_DOWN_FRACTION = 0.14
# United Kingdom, new assets of the main pool bought from 2026-01-01; second-hand ones are excluded.
UK_FIRST_YEAR_FRACTION = 0.40
# Reference rate of the European Central Bank, August 2026, within 2 %.
USD_PER_GBP = 1.34

_LONGEST_SPAN_YEARS = 1000


def tax_deductions_usd(
    cost_usd: ArrayLike,
    schedule: TaxSchedule,
    years: int,
    *,
    quarter: int | None = None,
    first_year_months: int = 12,
    writing_down_fraction: ArrayLike = UK_WRITING_DOWN_FRACTION,
    usd_per_gbp: float = USD_PER_GBP,
) -> FloatArray:
    """Deductions from the taxable profit in each tax year, the year of purchase first.

    Parameters
    ----------
    cost_usd : the cost that counts: its business share, without the VAT that is reclaimed. [USD]
    schedule : which rule; below.
    years : how many tax years to return, at least 1. Later deductions are cut off, missing ones are 0.
    quarter : of the year in which the machine is placed in service, 1 to 4; only ``macrs_mid_quarter`` asks.
    first_year_months : of ``germany_three_years``: months of the year of purchase, the month of purchase
        included. 12, a purchase in January, deducts a third in each of three years.
    writing_down_fraction : of the two schedules that write down: share of the pool each year, 0 to 1.
    usd_per_gbp : exchange rate, for the limit of the annual investment allowance.

    Returns
    -------
    Deductions [USD a year], shape (..., years).

    ``none``
        A private buyer, or one that pays no tax: nothing.
    ``macrs_half_year``, ``macrs_mid_quarter``
        United States, 5-year property, the class of computers (IRC section 168; IRS Publication 946, tables
        A-1 to A-5). Mid-quarter where more than 40 % of a year's purchases fall into its last quarter. The
        law halves the deduction of a year of sale; this leaves it to the tax on the sale, where the same
        amount counts.
    ``section_179``
        United States, everything in the year of purchase (IRC section 179): up to 2.5 million USD (2025),
        with more than 50 % business use, and never into a loss.
    ``bonus_100``
        United States, everything in the year of purchase (IRC section 168(k) as changed in 2025), without a
        limit, for property acquired after 2025-01-19, new or used.
    ``germany_one_year``
        Germany, everything in the year of purchase: a computer's useful life may be taken as one year
        (letter of the Federal Ministry of Finance of 2022-02-22).
    ``germany_three_years``
        Germany, a third a year by months (EStG section 7(1)): the older table of useful lives, still the rule
        in commercial accounts.
    ``uk_annual_investment_allowance``
        United Kingdom, everything in the year of purchase, up to 1 million GBP a year (Capital Allowances Act
        2001, section 51A; 2024/25 to 2026/27).
    ``uk_writing_down``
        United Kingdom, a share of what is left each year, without end (main pool): 18 % to 2026-04-05, 14 %
        from 2026-04-06. The rule that writes off small pools at once is left out; it only hastens.
    ``uk_first_year_40``
        United Kingdom, 40 % in the year of purchase, then writing down (new main-rate assets from
        2026-01-01; second-hand ones are excluded).

    Raises
    ------
    ValueError : a cost that is negative, not finite, or above the limit of ``section_179`` or of the annual
        investment allowance, which are limits of a whole business in a year; an unknown schedule; years that
        are not whole; a quarter or months of no year.

    Sources, read 2026-11-23: accounting-usa.com and beancount.io (section 179, bonus), haufe.de HI16755281
    and brodbeck-dd.de (Germany), delphiniaccounting.co.uk and gov.uk (United Kingdom).

    Examples
    --------
    >>> tax_deductions_usd(3000, "germany_three_years", 4, first_year_months=3).tolist()
    [250.0, 1000.0, 1000.0, 750.0]
    """
    (cost,) = not_negative(cost_usd=cost_usd)
    count = whole_years("years", years)
    if count > _LONGEST_SPAN_YEARS:
        raise ValueError(f"years must be at most {_LONGEST_SPAN_YEARS}, not {years!r}")
    (writing_down,) = fraction(writing_down_fraction=writing_down_fraction)
    (exchange,) = positive(usd_per_gbp=usd_per_gbp)
    if schedule not in get_args(TaxSchedule):
        raise ValueError(f"schedule must be one of {list(get_args(TaxSchedule))}, not {schedule!r}")
    months = whole_months(first_year_months)
    if schedule == "section_179":
        _within(cost, SECTION_179_LIMIT_USD, "section 179 deducts in a year")
    if schedule == "uk_annual_investment_allowance":
        limit_usd = ANNUAL_INVESTMENT_ALLOWANCE_GBP * float(exchange)
        _within(cost, limit_usd, "the annual investment allowance covers")
    if schedule in ("uk_writing_down", "uk_first_year_40"):
        first = writing_down if schedule == "uk_writing_down" else np.asarray(UK_FIRST_YEAR_FRACTION)
        cost, writing_down, first = together(
            cost_usd=cost, writing_down_fraction=writing_down, first_year_fraction=first
        )
        shares = _written_down_shares(first, writing_down, count)
    else:
        shares = _fixed_shares(schedule, quarter, months, count)
    return np.asarray(cost[..., np.newaxis] * shares)


def written_down_usd(cost_usd: ArrayLike, deductions_usd: ArrayLike) -> FloatArray:
    """Value in the books of the tax office: the cost less what was deducted so far.

    Parameters
    ----------
    cost_usd : the cost that counts, as for :func:`tax_deductions_usd`. [USD]
    deductions_usd : deductions, years on the last axis. [USD a year]

    Returns
    -------
    Value today and at the end of each year [USD], shape (..., years + 1).

    Raises
    ------
    ValueError : a value that is negative or not finite, deductions without an axis of years, or of more than
        the cost.

    Examples
    --------
    >>> written_down_usd(1000, tax_deductions_usd(1000, "macrs_half_year", 3)).round(2).tolist()
    [1000.0, 800.0, 480.0, 288.0]
    """
    cost, deductions = not_negative(cost_usd=cost_usd, deductions_usd=deductions_usd)
    if deductions.ndim == 0:
        raise ValueError(
            f"deductions_usd needs an axis of years, not the single number {float(deductions):g}"
        )
    cost, deductions = together(cost_usd=cost[..., np.newaxis], deductions_usd=deductions)
    with np.errstate(over="ignore"):
        deducted = np.cumsum(deductions, axis=-1)
    # The shares of a schedule may miss 1 by a rounding error.
    if (deducted > cost * (1.0 + 1e-9)).any():
        raise ValueError(f"deductions_usd must not sum to more than cost_usd, not to {deducted.max():g}")
    return np.concatenate([cost[..., :1], np.maximum(cost - deducted, 0.0)], axis=-1)


def tax_saving_usd(deductions_usd: ArrayLike, marginal_rate_fraction: ArrayLike) -> FloatArray:
    """Tax that a deduction saves where there is a profit: deduction * marginal rate. [USD]

    Parameters
    ----------
    deductions_usd : from :func:`tax_deductions_usd`, or what was paid for electricity or rented hours. [USD]
    marginal_rate_fraction : tax on the last dollar of profit, all taxes on it together, 0 to 1.

    Raises
    ------
    ValueError : a deduction that is negative or not finite, a fraction above 1.

    Examples
    --------
    >>> tax_saving_usd([1000, 1600], 0.25).tolist()
    [250.0, 400.0]
    """
    (deductions,) = not_negative(deductions_usd=deductions_usd)
    (marginal,) = fraction(marginal_rate_fraction=marginal_rate_fraction)
    deductions, marginal = together(deductions_usd=deductions, marginal_rate_fraction=marginal)
    return np.asarray(deductions * marginal)


def tax_on_sale_usd(
    proceeds_usd: ArrayLike, written_down_usd: ArrayLike, marginal_rate_fraction: ArrayLike
) -> FloatArray:
    """Tax on a sale above the written-down value; below 0 for the tax that a sale at a loss saves.

    Parameters
    ----------
    proceeds_usd : what the sale brings after its fees, without VAT. [USD]
    written_down_usd : cost not yet deducted on that day, from :func:`written_down_usd`. [USD]
    marginal_rate_fraction : tax on the last dollar of profit, 0 to 1.

    Returns
    -------
    (proceeds - written-down value) * marginal rate. [USD]

    Raises
    ------
    ValueError : a value that is negative or not finite, a fraction above 1.

    Source: United States, IRC section 1245 (a gain up to the deductions is ordinary income; a gain above the
    cost is taxed at this rate too, here); Germany, EStG section 4; United Kingdom, balancing charge and
    allowance, as for a short-life asset (Capital Allowances Act 2001, section 83).

    Examples
    --------
    >>> tax_on_sale_usd([700, 100], 300, 0.25).tolist()
    [100.0, -50.0]
    """
    proceeds, value = not_negative(proceeds_usd=proceeds_usd, written_down_usd=written_down_usd)
    (marginal,) = fraction(marginal_rate_fraction=marginal_rate_fraction)
    proceeds, value, marginal = together(
        proceeds_usd=proceeds, written_down_usd=value, marginal_rate_fraction=marginal
    )
    return np.asarray((proceeds - value) * marginal)


def net_of_vat_usd(gross_usd: ArrayLike, vat_fraction: ArrayLike) -> FloatArray:
    """Price without its value-added tax, gross / (1 + rate): what a business pays that reclaims it. [USD]

    ``vat_fraction`` is the rate, 0 to 1 (0.19 in Germany); ``ValueError`` names a value that is refused.
    Source: EU directive 2006/112/EC, article 78.

    Examples
    --------
    >>> round(float(net_of_vat_usd(1190, 0.19)), 2)
    1000.0
    """
    (gross,) = not_negative(gross_usd=gross_usd)
    (rate,) = fraction(vat_fraction=vat_fraction)
    gross, rate = together(gross_usd=gross, vat_fraction=rate)
    return np.asarray(gross / (1.0 + rate))


def with_vat_usd(net_usd: ArrayLike, vat_fraction: ArrayLike) -> FloatArray:
    """Price with its value-added tax, net * (1 + rate): what a private buyer pays. [USD]

    ``vat_fraction`` is the rate, 0 to 1 (0.19 in Germany); ``ValueError`` names a value that is refused.
    Source: EU directive 2006/112/EC, article 78.

    Examples
    --------
    >>> float(with_vat_usd(1000, 0.25))
    1250.0
    """
    (net,) = not_negative(net_usd=net_usd)
    (rate,) = fraction(vat_fraction=vat_fraction)
    net, rate = together(net_usd=net, vat_fraction=rate)
    with np.errstate(over="ignore"):
        gross = net * (1.0 + rate)
    if not np.isfinite(gross).all():
        raise ValueError(f"net_usd is too large to carry a tax, at {net.max():g}")
    return np.asarray(gross)


def _within(cost_usd: FloatArray, limit_usd: float, what: str) -> None:
    above = cost_usd > limit_usd
    if above.any():
        worst = cost_usd[above].flat[0]
        raise ValueError(f"cost_usd must be at most the {limit_usd:.0f} USD that {what}, not {worst:g}")


def _fixed_shares(schedule: TaxSchedule, quarter: int | None, months: int, years: int) -> FloatArray:
    """Share of the cost deducted in each year, for the schedules that end."""
    if schedule == "macrs_half_year":
        shares = macrs(1.0)
    elif schedule == "macrs_mid_quarter":
        shares = macrs(1.0, convention="mid_quarter", quarter=quarter)
    elif schedule == "germany_three_years":
        shares = np.array([months / 12, 1.0, 1.0, 1.0 - months / 12]) / 3.0
    else:  # nothing, or everything at once
        shares = np.array([0.0 if schedule == "none" else 1.0])
    shares = shares[:years]
    return np.concatenate([shares, np.zeros(years - len(shares))])


def _written_down_shares(first: FloatArray, later: FloatArray, years: int) -> FloatArray:
    left = (1.0 - first)[..., np.newaxis] * (1.0 - later)[..., np.newaxis] ** np.arange(years - 1)
    return np.concatenate([first[..., np.newaxis], left * later[..., np.newaxis]], axis=-1)
