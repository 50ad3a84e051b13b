"""What power costs: flat, by tiers of use, and by the hour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .checks import LARGEST, FloatArray, moderate, within


def energy_cost_usd(power_w: ArrayLike, hours: ArrayLike, tariff_usd_per_kwh: ArrayLike) -> FloatArray:
    """Cost of a load over a time at one price.

    Parameters
    ----------
    power_w : mean power at the wall, losses of the supply included. [W]
    hours : how long. [h]
    tariff_usd_per_kwh : price of a further kilowatt-hour, taxes included. [USD/kWh]

    Returns
    -------
    power_w / 1000 * hours * tariff_usd_per_kwh, inputs broadcast. [USD] ``ValueError`` names an input that is
    negative, NaN, infinite or beyond 1e15.

    Examples
    --------
    >>> float(energy_cost_usd(450, 100, 0.30))
    13.5
    """
    power, time, tariff = moderate(power_w=power_w, hours=hours, tariff_usd_per_kwh=tariff_usd_per_kwh)
    return np.asarray(power / 1000.0 * time * tariff)


def tiered_cost_usd(kwh: ArrayLike, tiers: Sequence[tuple[float, float]]) -> FloatArray:
    """Cost of a quantity whose price depends on how much was used before.

    Parameters
    ----------
    kwh : quantity in one billing period. [kWh]
    tiers : ``(upper_kwh, usd_per_kwh)`` pairs in rising order, the last upper bound ``inf``. Prices may fall
        from tier to tier as well as rise.

    Returns
    -------
    Cost of the period, in the shape of ``kwh``: each tier prices only what falls into it. [USD]
    ``ValueError`` names a quantity that is negative or not finite, and tiers that do not rise up to ``inf``.

    Examples
    --------
    >>> float(tiered_cost_usd(250, [(100, 0.10), (float("inf"), 0.20)]))
    40.0
    """
    (quantity,) = moderate(kwh=kwh)
    uppers, prices = _tiers(tiers)
    lowers = np.concatenate([[0.0], uppers[:-1]])
    in_tier = np.clip(quantity[..., np.newaxis], lowers, uppers) - lowers
    return np.asarray((in_tier * prices).sum(axis=-1))


def time_of_use_cost_usd(kwh_by_hour: ArrayLike, usd_per_kwh_by_hour: ArrayLike) -> FloatArray:
    """Cost of a load curve against a price curve.

    Parameters
    ----------
    kwh_by_hour : energy of each hour, or of any other periods, which lie on the last axis. [kWh]
    usd_per_kwh_by_hour : price of each of them, or one price for all. It may be negative, as some hourly
        tariffs are. [USD/kWh]

    Returns
    -------
    Sum of energy * price over the last axis, the other axes broadcast. [USD] ``ValueError`` names an input
    that is not finite, a negative energy, and periods that do not match.

    Examples
    --------
    >>> float(time_of_use_cost_usd([3, 2], [0.10, 0.35]))
    1.0
    """
    (quantity,) = moderate(kwh_by_hour=kwh_by_hour)
    (price,) = within(-LARGEST, LARGEST, usd_per_kwh_by_hour=usd_per_kwh_by_hour)
    if quantity.ndim == 0:
        raise ValueError(f"kwh_by_hour needs an axis of hours, not the single number {quantity:g}")
    if price.ndim and quantity.shape[-1] != price.shape[-1]:
        raise ValueError(
            f"usd_per_kwh_by_hour must have as many hours as kwh_by_hour, "
            f"not {price.shape[-1]} against {quantity.shape[-1]}"
        )
    return np.asarray((quantity * price).sum(axis=-1))


def _tiers(tiers: Sequence[tuple[float, float]]) -> tuple[FloatArray, FloatArray]:
    """Upper bounds and prices of the tiers."""
    if len(tiers) == 0:
        raise ValueError("tiers must hold at least one (upper_kwh, usd_per_kwh) pair, not none")
    if any(np.shape(tier) != (2,) for tier in tiers):
        raise ValueError(f"tiers must be (upper_kwh, usd_per_kwh) pairs, not {list(tiers)}")
    table = np.array(tiers, dtype=float)
    uppers = table[:, 0]
    (prices,) = within(-LARGEST, LARGEST, usd_per_kwh=table[:, 1])
    if not (np.diff(uppers, prepend=0.0) > 0).all():
        raise ValueError(f"tiers must rise from above 0, not {uppers.tolist()}")
    if uppers[-1] != np.inf:
        raise ValueError(f"the last tier must reach to inf, not {uppers[-1]}")
    return uppers, prices
