"""What a thing is worth as it ages: market value, and the schedules of the books and of the tax office.

A schedule is a yearly charge, years on the last axis, the first year first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, fraction, not_negative, positive, together, whole_years

# IRS Publication 946: the declining-balance factor of each recovery period.
_MACRS_FACTORS = {3: 2.0, 5: 2.0, 7: 2.0, 10: 2.0, 15: 1.5, 20: 1.5}

# A charge for each period: a hundred years of days are enough, and a typing error must not fill the memory.
_LONGEST_LIFE = 36_525


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
    years = _life(life_years)
    return np.repeat(((cost - salvage) / years)[..., np.newaxis], years, axis=-1)


def declining_balance(
    cost_usd: ArrayLike,
    salvage_usd: ArrayLike,
    life_years: int,
    factor: ArrayLike = 2.0,
    switch_to_straight_line: bool = False,
) -> FloatArray:
    """A fixed share of the book value each year, never below the salvage value.

    The life may as well be counted in months or days; the charges are then those of months or days.

    Parameters
    ----------
    cost_usd, salvage_usd : price paid and value at the end of the life. [USD]
    life_years : whole years, at least 1.
    factor : 2 for double declining balance; the yearly share is factor / life, at most 1. Broadcasts.
    switch_to_straight_line : change to equal charges over the years left as soon as that charges more.

    Returns
    -------
    Yearly charges [USD a year], shape (..., life_years): the lesser of book * factor / life and
    book - salvage, where book = cost * (1 - factor / life) ** years passed.

    Raises
    ------
    ValueError : a cost or salvage that is negative or not finite, a salvage above the cost, a life that is
        not whole, a factor of 0 or less.

    Source: the spreadsheet function DDB (VDB with the switch), as documented by Microsoft.

    Examples
    --------
    >>> declining_balance(2400, 300, 10)[:3].round(2).tolist()
    [480.0, 384.0, 307.2]
    """
    years = _life(life_years)
    cost, salvage = _cost_and_salvage(cost_usd, salvage_usd)
    (times,) = positive(factor=factor)
    cost, salvage, times = together(cost_usd=cost, salvage_usd=salvage, factor=times)
    # A share of the life first: a huge factor divided by a small life may not overflow.
    yearly_share = (np.minimum(times, years) / years)[..., np.newaxis]
    passed = np.arange(years)
    book = np.maximum(cost[..., np.newaxis] * (1.0 - yearly_share) ** passed, salvage[..., np.newaxis])
    above_salvage = book - salvage[..., np.newaxis]
    charges = np.minimum(book * yearly_share, above_salvage)
    if switch_to_straight_line:
        level = above_salvage / (years - passed)
        # From its first year on the level charge stays the greater one, so the first year decides for all.
        switched = np.maximum.accumulate(level >= charges, axis=-1)
        first = switched.argmax(axis=-1)[..., np.newaxis]
        charges = np.where(switched, np.take_along_axis(level, first, axis=-1), charges)
    return np.asarray(charges)


def fixed_declining_balance(
    cost_usd: ArrayLike, salvage_usd: ArrayLike, life_years: int, first_year_months: int = 12
) -> FloatArray:
    """The same share of the book value each year, chosen so that the salvage value is about what is left.

    Parameters
    ----------
    cost_usd, salvage_usd : price paid and value at the end of the life. [USD]
    life_years : whole years, at least 1.
    first_year_months : whole months, 1 to 12, for which the first year counts.

    Returns
    -------
    Yearly charges [USD a year], shape (..., life_years), with one year more where the first is a part of a
    year: the months that it lacks follow at the end.
    The share is 1 - (salvage / cost) ** (1 / life), rounded to three decimals as the spreadsheets do, so the
    book ends near the salvage value, on either side of it.

    Raises
    ------
    ValueError : a cost or salvage that is negative or not finite, a salvage above the cost, a life or a
        number of months that is not whole.

    Source: the spreadsheet function DB, as documented by Microsoft.

    Examples
    --------
    >>> fixed_declining_balance(1_000_000, 100_000, 6, first_year_months=7)[[0, 1, -1]].round(2).tolist()
    [186083.33, 259639.42, 15845.1]
    """
    years = _life(life_years)
    months = whole_months(first_year_months)
    cost, salvage = _cost_and_salvage(cost_usd, salvage_usd)
    left_fraction = np.divide(salvage, cost, out=np.ones_like(cost), where=cost > 0)
    # Half a thousandth is rounded up, also where the binary fraction lies a hair below it.
    share = np.floor((1.0 - left_fraction ** (1.0 / years)) * 1000.0 + 0.5 + 1e-9)[..., np.newaxis] / 1000.0
    first = cost[..., np.newaxis] * (share * months / 12.0)
    later = (cost[..., np.newaxis] - first) * (1.0 - share) ** np.arange(years) * share
    if months == 12:
        return np.concatenate([first, later[..., :-1]], axis=-1)
    later[..., -1] *= (12 - months) / 12.0
    return np.concatenate([first, later], axis=-1)


def units_of_production(
    cost_usd: ArrayLike, salvage_usd: ArrayLike, total_units: ArrayLike, units_by_year: ArrayLike
) -> FloatArray:
    """Charges in proportion to use: the same amount for every unit made, or hour run, until all are used up.

    Parameters
    ----------
    cost_usd, salvage_usd : price paid and value once all units are made. [USD]
    total_units : units that the thing makes in its life, above 0; hours, for a machine. Broadcasts.
    units_by_year : units made in each year, years on the last axis.

    Returns
    -------
    Yearly charges [USD a year]: (cost - salvage) * units / total, shape (..., years). Units beyond the total
    charge nothing more.

    Raises
    ------
    ValueError : a value that is negative or not finite, a salvage above the cost, a total of 0, units
        without an axis of years.

    Source: OpenStax, Principles of Accounting, volume 1, section 11.3.

    Examples
    --------
    >>> units_of_production(10_000, 1000, 100_000, [20_000, 30_000]).tolist()
    [1800.0, 2700.0]
    """
    cost, salvage = _cost_and_salvage(cost_usd, salvage_usd)
    (total,) = positive(total_units=total_units)
    (units,) = not_negative(units_by_year=units_by_year)
    if units.ndim == 0:
        raise ValueError(f"units_by_year needs an axis of years, not the single number {float(units):g}")
    with np.errstate(over="ignore"):
        before = np.cumsum(units, axis=-1)[..., :-1]
    before = np.concatenate([np.zeros_like(units[..., :1]), before], axis=-1)
    charged, total, _ = together(
        cost_usd=(cost - salvage)[..., np.newaxis], total_units=total[..., np.newaxis], units_by_year=units
    )
    counted = np.minimum(np.maximum(total - before, 0.0), units)
    return np.asarray(charged * (counted / total))


def sum_of_years_digits(cost_usd: ArrayLike, salvage_usd: ArrayLike, life_years: int) -> FloatArray:
    """Charges that fall by equal steps: n, n - 1, ... 1 parts of n (n + 1) / 2. [USD a year]"""
    cost, salvage = _cost_and_salvage(cost_usd, salvage_usd)
    years = _life(life_years)
    digits = np.arange(years, 0, -1)
    return np.asarray((cost - salvage)[..., np.newaxis] * (digits / digits.sum()))


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
    if not _is_number(recovery_years) or recovery_years not in _MACRS_FACTORS:
        raise ValueError(f"recovery_years must be one of {list(_MACRS_FACTORS)}, not {recovery_years!r}")
    shares = _macrs_shares(int(recovery_years), _first_year_part(convention, quarter))
    return np.asarray(cost[..., np.newaxis] * shares)


def _first_year_part(convention: str, quarter: int | None) -> float:
    if convention == "half_year":
        if quarter is not None:
            raise ValueError(f"quarter belongs to the mid_quarter convention, not {quarter!r} with half_year")
        return 0.5
    if convention == "mid_quarter":
        if quarter is None or not _is_number(quarter) or quarter not in (1, 2, 3, 4):
            raise ValueError(f"quarter must be 1, 2, 3 or 4 with mid_quarter, not {quarter!r}")
        return 1.0 - (quarter - 0.5) / 4.0
    raise ValueError(f"convention must be 'half_year' or 'mid_quarter', not {convention!r}")


def _macrs_shares(years: int, first_year_part: float) -> FloatArray:
    """Declining balance with a switch to straight line, on a first year that is only partly counted."""
    units = 100_000 if years == 20 else 10_000
    yearly_share = _MACRS_FACTORS[years] / years
    book, left_years, shares = 1.0, float(years), []
    for year in range(years + 1):
        part = first_year_part if year == 0 else min(1.0, left_years)
        share = max(book * yearly_share * part, book * part / max(left_years, part))
        # The printed tables round a half up and go on from what they print, so rounding errors do not add up.
        shares.append(np.floor(min(share, book) * units + 0.5 + 1e-9) / units)
        book -= shares[-1]
        left_years -= part
    return np.array(shares)


def whole_months(first_year_months: int) -> int:
    """Return the months of a first year that count; ``ValueError`` unless whole and 1 to 12."""
    if not _is_number(first_year_months) or first_year_months not in range(1, 13):
        raise ValueError(f"first_year_months must be a whole number, 1 to 12, not {first_year_months!r}")
    return int(first_year_months)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _life(life_years: object) -> int:
    years = whole_years("life_years", life_years)
    if years > _LONGEST_LIFE:
        raise ValueError(f"life_years must be at most {_LONGEST_LIFE}, not {life_years!r}")
    return years


def _cost_and_salvage(cost_usd: ArrayLike, salvage_usd: ArrayLike) -> tuple[FloatArray, FloatArray]:
    cost, salvage = not_negative(cost_usd=cost_usd, salvage_usd=salvage_usd)
    cost, salvage = together(cost_usd=cost, salvage_usd=salvage)
    above = salvage > cost
    if above.any():
        raise ValueError(
            f"salvage_usd must not exceed cost_usd, not {salvage[above].flat[0]} above {cost[above].flat[0]}"
        )
    return cost, salvage
