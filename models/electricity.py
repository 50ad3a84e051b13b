"""What power costs: flat, by tiers of use, and by the hour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, finite, not_negative


def energy_cost_usd(power_w: ArrayLike, hours: ArrayLike, tariff_usd_per_kwh: ArrayLike) -> FloatArray:
    """Cost of a load over a time at one price.

    Parameters
    ----------
    power_w : mean power at the wall, losses of the supply included. [W]
    hours : how long. [h]
    tariff_usd_per_kwh : price of a further kilowatt-hour, taxes included. [USD/kWh]

    Returns
    -------
    Cost, inputs broadcast. [USD] ``ValueError`` names an input that is negative, NaN or infinite.

    Examples
    --------
    >>> float(energy_cost_usd(450, 100, 0.30))
    13.5
    """
    power, time, tariff = not_negative(power_w=power_w, hours=hours, tariff_usd_per_kwh=tariff_usd_per_kwh)
    return np.asarray(power / 1000.0 * time * tariff)


def tiered_cost_usd(kwh: ArrayLike, tiers: Sequence[tuple[float, float]]) -> FloatArray:
    """Cost of a quantity whose price depends on how much was used before.

    Parameters
    ----------
    kwh : quantity in one billing period. [kWh]
    tiers : ``(upper_kwh, usd_per_kwh)`` pairs in rising order, the last upper bound ``inf``.

    Returns
    -------
    Cost of the period [USD]: each tier prices only what falls into it.

    Examples
    --------
    >>> float(tiered_cost_usd(250, [(100, 0.10), (float("inf"), 0.20)]))
    40.0
    """
    (quantity,) = not_negative(kwh=kwh)
    if len(tiers) == 0:
        raise ValueError("tiers must hold at least one (upper_kwh, usd_per_kwh) pair, not none")
    uppers = np.array([upper for upper, _ in tiers], dtype=float)
    prices = finite(usd_per_kwh=[price for _, price in tiers])[0]
    lowers = np.concatenate([[0.0], uppers[:-1]])
    if not (uppers > lowers).all():
        raise ValueError(f"tiers must rise from above 0, not {uppers.tolist()}")
    if uppers[-1] != np.inf:
        raise ValueError(f"the last tier must reach to inf, not {uppers[-1]}")
    in_tier = np.clip(quantity[..., np.newaxis], lowers, uppers) - lowers
    return np.asarray((in_tier * prices).sum(axis=-1))


def time_of_use_cost_usd(kwh_by_hour: ArrayLike, usd_per_kwh_by_hour: ArrayLike) -> FloatArray:
    """Cost of a load curve against a price curve, hours on the last axis. [USD]

    Prices may be negative, as some hourly tariffs are.
    """
    (quantity,) = not_negative(kwh_by_hour=kwh_by_hour)
    (price,) = finite(usd_per_kwh_by_hour=usd_per_kwh_by_hour)
    if quantity.ndim and price.ndim and quantity.shape[-1] != price.shape[-1]:
        raise ValueError(
            f"usd_per_kwh_by_hour must have as many hours as kwh_by_hour, "
            f"not {price.shape[-1]} against {quantity.shape[-1]}"
        )
    return np.asarray((quantity * price).sum(axis=-1))
