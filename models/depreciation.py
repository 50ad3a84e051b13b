"""What a thing is worth as it ages: market value, and the schedules of the books and of the tax office.

A schedule is a yearly charge, years on the last axis, the first year first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, fraction, not_negative, positive, whole_years

# IRS Publication 946: the declining-balance factor of each recovery period.
_MACRS_FACTORS = {3: 2.0, 5: 2.0, 7: 2.0, 10: 2.0, 15: 1.5, 20: 1.5}


def market_value(
    price_usd: ArrayLike,
    age_years: ArrayLike,
    yearly_loss_fraction: ArrayLike,
    new_to_used_fraction: ArrayLike = 0.0,
) -> FloatArray:
    """Price that a used part fetches, before the cost of selling it.

    Parameters
    ----------
    price_usd : price paid. [USD]
    age_years : years since it was bought. [years]
    yearly_loss_fraction : share of its value lost each year, 0 to 1.
    new_to_used_fraction : share lost on the day of purchase, because it is no longer new; 0 if bought used.

    Returns
    -------
    price * (1 - new_to_used) * (1 - yearly_loss) ** age. [USD]

    Examples
    --------
    >>> round(float(market_value(1000, 2, 0.2, new_to_used_fraction=0.15)), 2)
    544.0
    """
    price, age = not_negative(price_usd=price_usd, age_years=age_years)
    loss, first_step = fraction(
        yearly_loss_fraction=yearly_loss_fraction, new_to_used_fraction=new_to_used_fraction
    )
    return np.asarray(price * (1.0 - first_step) * (1.0 - loss) ** age)


def straight_line(cost_usd: ArrayLike, salvage_usd: ArrayLike, life_years: int) -> FloatArray:
    """Equal charges over the life. [USD a year], shape (..., life_years)"""
    cost, salvage = _cost_and_salvage(cost_usd, salvage_usd)
    years = whole_years("life_years", life_years)
    return np.repeat(((cost - salvage) / years)[..., np.newaxis], years, axis=-1)


def declining_balance(
    cost_usd: ArrayLike,
    salvage_usd: ArrayLike,
    life_years: int,
    factor: float = 2.0,
    switch_to_straight_line: bool = False,
) -> FloatArray:
    """A fixed share of the book value each year, never below the salvage value.

    Parameters
    ----------
    cost_usd, salvage_usd : price paid and value at the end of the life. [USD]
    life_years : whole years, at least 1.
    factor : 2 for double declining balance; the yearly share is factor / life.
    switch_to_straight_line : change to equal charges over the years left as soon as that charges more.

    Returns
    -------
    Yearly charges [USD a year], shape (..., life_years).
    """
    cost, salvage = _cost_and_salvage(cost_usd, salvage_usd)
    years = whole_years("life_years", life_years)
    (share,) = positive(factor=factor)
    yearly_share = min(float(share) / years, 1.0)
    book = cost
    charges = []
    for year in range(years):
        charge = book * yearly_share
        if switch_to_straight_line:
            charge = np.maximum(charge, (book - salvage) / (years - year))
        charge = np.minimum(charge, np.maximum(book - salvage, 0.0))
        charges.append(charge)
        book = book - charge
    return np.stack(charges, axis=-1)


def sum_of_years_digits(cost_usd: ArrayLike, salvage_usd: ArrayLike, life_years: int) -> FloatArray:
    """Charges that fall by equal steps: n, n - 1, ... 1 parts of n (n + 1) / 2. [USD a year]"""
    cost, salvage = _cost_and_salvage(cost_usd, salvage_usd)
    years = whole_years("life_years", life_years)
    digits = np.arange(years, 0, -1)
    return np.asarray((cost - salvage)[..., np.newaxis] * digits / digits.sum())


def macrs(
    cost_usd: ArrayLike,
    recovery_years: int = 5,
    convention: str = "half_year",
    quarter: int | None = None,
) -> FloatArray:
    """Tax depreciation of the United States (MACRS, general depreciation system).

    Parameters
    ----------
    cost_usd : depreciable basis. [USD]
    recovery_years : 3, 5 (computers), 7, 10, 15 or 20.
    convention : ``half_year``, or ``mid_quarter`` with ``quarter`` 1 to 4.
    quarter : quarter of the year in which the thing was placed in service, for ``mid_quarter``.

    Returns
    -------
    Yearly deductions [USD a year], shape (..., recovery_years + 1): the part of the first year that the
    convention leaves out is deducted in an extra last year.

    Source: IRS Publication 946, tables A-1 to A-5; percentages are rounded as printed there, to two decimals,
    for 20 years to three.
    """
    (cost,) = not_negative(cost_usd=cost_usd)
    if recovery_years not in _MACRS_FACTORS:
        raise ValueError(f"recovery_years must be one of {list(_MACRS_FACTORS)}, not {recovery_years!r}")
    shares = _macrs_shares(recovery_years, _first_year_part(convention, quarter))
    return np.asarray(cost[..., np.newaxis] * shares)


def _first_year_part(convention: str, quarter: int | None) -> float:
    if convention == "half_year":
        if quarter is not None:
            raise ValueError(f"quarter belongs to the mid_quarter convention, not {quarter!r} with half_year")
        return 0.5
    if convention == "mid_quarter":
        if quarter not in (1, 2, 3, 4):
            raise ValueError(f"quarter must be 1, 2, 3 or 4 with mid_quarter, not {quarter!r}")
        return 1.0 - (quarter - 0.5) / 4.0
    raise ValueError(f"convention must be 'half_year' or 'mid_quarter', not {convention!r}")


def _macrs_shares(years: int, first_year_part: float) -> FloatArray:
    """Declining balance with a switch to straight line, on a first year that is only partly counted."""
    yearly_share = _MACRS_FACTORS[years] / years
    book, left_years, shares = 1.0, float(years), []
    for year in range(years + 1):
        part = first_year_part if year == 0 else min(1.0, left_years)
        share = max(book * yearly_share * part, book * part / max(left_years, part))
        # The printed tables go on from what they have printed, so rounding errors do not add up.
        shares.append(round(min(share, book), 5 if years == 20 else 4))
        book -= shares[-1]
        left_years -= part
    return np.array(shares)


def _cost_and_salvage(cost_usd: ArrayLike, salvage_usd: ArrayLike) -> tuple[FloatArray, FloatArray]:
    cost, salvage = np.broadcast_arrays(*not_negative(cost_usd=cost_usd, salvage_usd=salvage_usd))
    if (salvage > cost).any():
        raise ValueError(f"salvage_usd must not exceed cost_usd, not {salvage.max()} above {cost.min()}")
    return cost, salvage
