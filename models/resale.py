"""What a part fetches when it is sold: the curve behind dated used prices, and its value month by month.

Nothing here knows a tax office; :mod:`.tax` has the values of the books.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, fraction, not_negative, positive, together
from .depreciation import declining_balance, market_value, sum_of_years_digits

ResaleMethod = Literal["market", "straight_line", "declining_balance", "sum_of_years_digits", "own_table"]

# A hundred years; a typing error must not fill the memory with the schedule of a longer life.
_LONGEST_LIFE_MONTHS = 1200


@dataclass(frozen=True, slots=True)
class Fit:
    """Curve through dated used prices: price / launch price = level * (1 - yearly loss) ** age.

    Attributes
    ----------
    yearly_loss_fraction : share of its value lost each year; below 0 where prices rose.
    level_fraction : height of the curve at age 0, in launch prices; 1 where it was forced through 1.
    residual_log_sd : root mean square distance of ln(price / launch price) from the curve; 0.05 says that a
        usual price lies 5 % above or below it.
    points : number of prices.
    """

    yearly_loss_fraction: float
    level_fraction: float
    residual_log_sd: float
    points: int


def fit_yearly_loss(age_years: ArrayLike, price_fraction: ArrayLike, *, through_one: bool = False) -> Fit:
    """Curve of constant yearly loss through dated used prices.

    Parameters
    ----------
    age_years : years from the launch to each price, 0 or more; one axis. [years]
    price_fraction : each price as a fraction of the launch price, above 0; as many.
    through_one : force the curve through the launch price at age 0, instead of letting its level float.

    Returns
    -------
    The curve with the least squares of ln(price / launch price); see :class:`Fit`.

    Raises
    ------
    ValueError : values that are not finite, negative ages, prices of 0, different numbers of both, or too few
        points: two ages are needed, one above 0 with ``through_one``.

    Source: ordinary least squares on the logarithm, as in an exponential trend line.

    Examples
    --------
    >>> fit = fit_yearly_loss([1, 2, 3], [0.72, 0.576, 0.4608])
    >>> round(fit.yearly_loss_fraction, 6), round(fit.level_fraction, 6), fit.points
    (0.2, 0.9, 3)
    """
    (age,) = not_negative(age_years=age_years)
    (price,) = positive(price_fraction=price_fraction)
    if age.ndim != 1 or age.shape != price.shape:
        raise ValueError(
            f"age_years and price_fraction must be two lists of one length, not of shapes {age.shape} and "
            f"{price.shape}"
        )
    needed = 1 if through_one else 2
    # Through one, the launch itself says nothing.
    distinct = len(set(age[age > 0].tolist() if through_one else age.tolist()))
    if distinct < needed:
        what = "one age above 0" if through_one else "two different ages"
        raise ValueError(f"age_years needs at least {what} to show a loss, not {age.tolist()}")
    log_price = np.log(price)
    longest = age.max()
    time = age / longest  # so that no square of an age can overflow
    middle = (0.0, 0.0) if through_one else (time.mean(), log_price.mean())
    moved, log_moved = time - middle[0], log_price - middle[1]
    slope = float((moved * log_moved).sum() / (moved**2).sum())
    with np.errstate(over="ignore"):
        loss = -float(np.expm1(slope / longest))
        level = float(np.exp(middle[1] - slope * middle[0]))
    if not np.isfinite([loss, level]).all():
        raise ValueError(
            f"age_years lie too close together for a yearly loss: {age.min():g} to {age.max():g} years with "
            f"price_fraction from {price.min():g} to {price.max():g}"
        )
    residual = float(np.sqrt(np.mean((log_moved - slope * moved) ** 2)))
    return Fit(loss, level, residual, len(age))


def resale_value_usd(
    price_usd: ArrayLike,
    age_months: ArrayLike,
    *,
    method: ResaleMethod = "market",
    yearly_loss_fraction: ArrayLike | None = None,
    new_to_used_fraction: ArrayLike = 0.0,
    life_months: ArrayLike = 60,
    salvage_fraction: ArrayLike = 0.0,
    value_fractions: ArrayLike | None = None,
    generation_month: ArrayLike = np.inf,
    generation_loss_fraction: ArrayLike = 0.0,
    scrap_fraction: ArrayLike = 0.0,
) -> FloatArray:
    """Price that a part fetches at an age, before the cost of selling it.

    All arguments but ``value_fractions`` broadcast against each other: parts down, months across. A part that
    was owned already has the price 0 and fetches 0: it is there with or without the build.

    Parameters
    ----------
    price_usd : price paid. [USD]
    age_months : months from the purchase to the sale; a part that takes two months to sell is sold two
        months older. [months]
    method : ``market``, a constant yearly loss (:func:`.market_value`); ``straight_line``,
        ``declining_balance`` (double, with the switch to straight line) or ``sum_of_years_digits``, down to
        ``salvage_fraction`` at ``life_months`` and level from there; ``own_table``.
    yearly_loss_fraction, new_to_used_fraction : of ``market``, which needs the first of them; 0 to 1.
    life_months, salvage_fraction : of the three schedules. The two that charge unequal years need whole
        years, 12 to 1200 months; between two years' ends the value falls evenly.
    value_fractions : of ``own_table``: value as a fraction of the price today, after one year, after two, ...
        Between two of them the value runs straight, after the last it stays. Above 1 where prices rose.
    generation_month : months from the purchase to the next generation of hardware; ``inf`` for never.
    generation_loss_fraction : share of its value that the part loses in that month, for good.
    scrap_fraction : share of the price below which the value never falls: what the materials or a hobbyist
        pay. 0 to 1.

    Returns
    -------
    max(scrap * price, curve(age) * (1 - generation loss, from its month on)) [USD]. Only ``own_table`` can
    exceed the price.

    Raises
    ------
    ValueError : a value that is negative or not finite (``generation_month`` may be ``inf``), a fraction
        above 1, an unknown method, a life that is not whole years, or a missing loss or table.

    Source: :mod:`.depreciation` for the schedules; step and floor are assumptions of this model.

    Examples
    --------
    >>> resale_value_usd(1000, [0, 12, 24], yearly_loss_fraction=0.2, generation_month=24,
    ...                  generation_loss_fraction=0.1).round(2).tolist()
    [1000.0, 800.0, 576.0]
    """
    price, age = not_negative(price_usd=price_usd, age_months=age_months)
    step, scrap = fraction(generation_loss_fraction=generation_loss_fraction, scrap_fraction=scrap_fraction)
    launch = np.asarray(generation_month, dtype=float)
    not_negative(generation_month=launch[~np.isposinf(launch)])
    if method == "market":
        if yearly_loss_fraction is None:
            raise ValueError("yearly_loss_fraction must be given with the method 'market', not None")
        share = market_value(1.0, age / 12.0, yearly_loss_fraction, new_to_used_fraction)
    elif method == "own_table":
        share = _from_table(age, value_fractions)
    else:
        share = _from_schedule(method, age, life_months, salvage_fraction)
    price, share, age, launch, step, scrap = together(
        price_usd=price,
        curve=share,
        age_months=age,
        generation_month=launch,
        generation_loss_fraction=step,
        scrap_fraction=scrap,
    )
    share = np.where(age >= launch, share * (1.0 - step), share)
    with np.errstate(over="ignore"):
        value = price * np.maximum(share, scrap)
    if not np.isfinite(value).all():
        raise ValueError(f"price_usd times value_fractions is too large, with a price_usd of {price.max():g}")
    return np.asarray(value)


def sale_proceeds_usd(value_usd: ArrayLike, sale_fee_fraction: ArrayLike) -> FloatArray:
    """What is left of a sale once the marketplace has taken its share.

    Parameters
    ----------
    value_usd : price that the buyer pays. [USD]
    sale_fee_fraction : share of it that marketplace, payment and shipping take, 0 to 1.

    Returns
    -------
    value * (1 - fee). [USD]

    Raises
    ------
    ValueError : a value that is negative or not finite, a fraction above 1.

    Examples
    --------
    >>> float(sale_proceeds_usd(800, 0.125))
    700.0
    """
    (value,) = not_negative(value_usd=value_usd)
    (fee,) = fraction(sale_fee_fraction=sale_fee_fraction)
    value, fee = together(value_usd=value, sale_fee_fraction=fee)
    return np.asarray(value * (1.0 - fee))


def _from_table(age_months: FloatArray, value_fractions: ArrayLike | None) -> FloatArray:
    if value_fractions is None:
        raise ValueError("value_fractions must be given with the method 'own_table', not None")
    (table,) = not_negative(value_fractions=value_fractions)
    if table.ndim != 1 or not table.size:
        raise ValueError(f"value_fractions must be a list of at least one fraction, not {table.tolist()}")
    return np.asarray(np.interp(age_months / 12.0, np.arange(table.size), table))


def _from_schedule(
    method: str, age_months: FloatArray, life_months: ArrayLike, salvage_fraction: ArrayLike
) -> FloatArray:
    """Book value per dollar paid, straight between the ends of the years of use."""
    if method not in get_args(ResaleMethod):
        raise ValueError(f"method must be one of {list(get_args(ResaleMethod))}, not {method!r}")
    (life,) = positive(life_months=life_months)
    (salvage,) = fraction(salvage_fraction=salvage_fraction)
    age, life, salvage = together(age_months=age_months, life_months=life, salvage_fraction=salvage)
    passed = np.minimum(age, life)
    if method == "straight_line":
        return np.asarray(1.0 - (1.0 - salvage) * (passed / life))
    unfit = (life % 12 != 0) | (life > _LONGEST_LIFE_MONTHS)
    if unfit.any():
        raise ValueError(
            f"life_months must be whole years of 12 months, at most {_LONGEST_LIFE_MONTHS}, with the method "
            f"{method!r}, not {life[unfit].flat[0]:g}"
        )
    share = np.empty(age.shape)
    for months in sorted(set(life.ravel().tolist())):
        here = life == months
        share[here] = _between_year_ends(method, passed[here] / 12.0, salvage[here], int(months) // 12)
    return share


def _between_year_ends(
    method: str, age_years: FloatArray, salvage: FloatArray, life_years: int
) -> FloatArray:
    if method == "declining_balance":
        charges = declining_balance(1.0, salvage, life_years, switch_to_straight_line=True)
    else:
        charges = sum_of_years_digits(1.0, salvage, life_years)
    year = np.minimum(age_years.astype(int), life_years - 1)[..., np.newaxis]
    charged = np.concatenate([np.zeros((*salvage.shape, 1)), np.cumsum(charges, axis=-1)], axis=-1)
    before = np.take_along_axis(charged, year, axis=-1)[..., 0]
    in_year = np.take_along_axis(charges, year, axis=-1)[..., 0]
    # The sum of the charges may miss cost less salvage by a rounding error.
    return np.asarray(np.maximum(1.0 - before - in_year * (age_years - year[..., 0]), salvage))
