"""What a computer draws at the wall, what a power limit saves and costs, climate, and emissions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .checks import LARGEST, FloatArray, finite, fraction, moderate, positive, within

# Far below any supply and any air conditioner; a quotient stays finite.
LOWEST_EFFICIENCY = 0.01
LOWEST_COP = 0.1

Curve = Sequence[tuple[float, float]]


def psu_efficiency(load_fraction: ArrayLike, points: Curve) -> FloatArray:
    """Efficiency of a power supply at a load.

    Parameters
    ----------
    load_fraction : output as a share of the rated output, 0 to 1.
    points : ``(load_fraction, efficiency)`` pairs in any order, such as the 20, 50 and 100 % of an 80 PLUS
        certificate.

    Returns
    -------
    Efficiency, interpolated on straight lines. Below the lowest load of the table and above the highest it is
    held constant: supplies do worse at very low load, but how much worse only a table that goes there can
    say. ``ValueError`` names a load outside 0 to 1 and an efficiency outside 0.01 to 1.

    Examples
    --------
    >>> gold = [(0.2, 0.87), (0.5, 0.90), (1.0, 0.87)]  # 80 PLUS Gold, 115 V
    >>> psu_efficiency([0.1, 0.35, 0.5], gold).tolist()
    [0.87, 0.885, 0.9]
    """
    (load,) = fraction(load_fraction=load_fraction)
    loads, efficiencies = _curve(points)
    fraction(load_fraction=loads)
    within(LOWEST_EFFICIENCY, 1.0, efficiency=efficiencies)
    return np.asarray(np.interp(load, loads, efficiencies))


def wall_power_w(output_w: ArrayLike, rated_w: ArrayLike, points: Curve) -> FloatArray:
    """Power at the wall for an output of the supply.

    Parameters
    ----------
    output_w : what the parts draw from the supply, at most what it is rated for. [W]
    rated_w : rated output of the supply. [W]
    points : efficiency by load, as in ``psu_efficiency``.

    Returns
    -------
    output_w / efficiency(output_w / rated_w), inputs broadcast. [W] ``ValueError`` names an output above the
    rating.

    Examples
    --------
    >>> float(wall_power_w(450, 900, [(0.2, 0.87), (0.5, 0.90), (1.0, 0.87)]))
    500.0
    """
    (output,) = moderate(output_w=output_w)
    positive(rated_w=rated_w)
    (rated,) = within(1e-9, LARGEST, rated_w=rated_w)
    output, rated = np.broadcast_arrays(output, rated)
    over = output > rated
    if over.any():
        raise ValueError(f"output_w must not exceed the rated {rated[over][0]:g} W, not {output[over][0]:g}")
    return np.asarray(output / psu_efficiency(output / rated, points))


def power_limited(limit_w: ArrayLike, stock_w: ArrayLike, points: Curve) -> FloatArray:
    """Throughput of a GPU under a power limit, relative to its stock limit.

    Parameters
    ----------
    limit_w : the limit set; one above the stock limit changes nothing. [W]
    stock_w : the limit the card comes with. [W]
    points : ``(limit_w, relative_throughput)`` pairs in any order, measured on that card and kind of work.

    Returns
    -------
    Curve at the limit / curve at stock, interpolated on straight lines and held constant above the highest
    point; 1 = no loss. ``ValueError`` names a limit below the lowest point, where nothing was measured.

    Examples
    --------
    >>> training = [(450, 1.0), (350, 0.95), (300, 0.90), (250, 0.80)]
    >>> power_limited([450, 325, 250], 450, training).tolist()
    [1.0, 0.925, 0.8]
    """
    (limit,) = moderate(limit_w=limit_w)
    (stock,) = moderate(stock_w=stock_w)
    limits, throughputs = _curve(points)
    moderate(limit_w=limits)
    within(1e-9, LARGEST, relative_throughput=throughputs)
    for name, watts in (("limit_w", limit), ("stock_w", stock)):
        if (watts < limits[0]).any():
            raise ValueError(f"{name} must be at least {limits[0]:g}, the lowest point, not {watts.min():g}")
    at_limit = np.interp(np.minimum(limit, stock), limits, throughputs)
    return np.asarray(at_limit / np.interp(stock, limits, throughputs))


def wall_power_at_limit_w(
    load_w: ArrayLike, stock_w: ArrayLike, limit_w: ArrayLike, efficiency: ArrayLike
) -> FloatArray:
    """Power at the wall under load when the GPU is limited.

    The card is taken to use the whole limit, before and after; one that uses less saves less.

    Parameters
    ----------
    load_w : power at the wall under load at the stock limit. [W]
    stock_w : the limit the card comes with. [W]
    limit_w : the limit set; one above the stock limit changes nothing. [W]
    efficiency : of the power supply, 0.01 to 1.

    Returns
    -------
    load_w - (stock_w - limit_w) / efficiency, inputs broadcast. [W] ``ValueError`` names a load that is
    smaller than what the card alone no longer takes.

    Examples
    --------
    >>> float(wall_power_at_limit_w(650, 450, 300, 0.9).round(1))
    483.3
    """
    load, stock, limit = moderate(load_w=load_w, stock_w=stock_w, limit_w=limit_w)
    (share,) = within(LOWEST_EFFICIENCY, 1.0, efficiency=efficiency)
    load, saved = np.broadcast_arrays(load, np.maximum(stock - limit, 0.0) / share)
    short = load < saved
    if short.any():
        raise ValueError(
            f"load_w must be at least the {saved[short][0]:g} W that the limit saves, not {load[short][0]:g}"
        )
    return np.asarray(load - saved)


def climate_usd_per_kwh(
    usd_per_kwh: ArrayLike,
    cooling_cop: ArrayLike = 3.0,
    cooling_share_of_year: ArrayLike = 0.0,
    heating_share_of_year: ArrayLike = 0.0,
    heat_usd_per_kwh: ArrayLike = 0.0,
) -> FloatArray:
    """Price of a kilowatt-hour for the computer when its heat is cooled away, or replaces other heat.

    All of the energy becomes heat in the room. While the room is cooled, an air conditioner uses 1 / COP kWh
    to remove a kWh; while it is heated, the computer's heat replaces as much from the heating.

    Parameters
    ----------
    usd_per_kwh : price of electricity; negative as some hourly tariffs are, or of any shape, such as prices
        by hour. [USD/kWh]
    cooling_cop : heat removed per electricity used by the air conditioner, at least 0.1.
    cooling_share_of_year : share of the computer's energy used while the room is cooled.
    heating_share_of_year : the same while the room is heated; both together at most 1.
    heat_usd_per_kwh : price of a kWh of the other heat in the room, its losses included. [USD/kWh]

    Returns
    -------
    usd_per_kwh * (1 + cooling_share / COP) - heating_share * credit, inputs broadcast. [USD/kWh] The credit
    is ``heat_usd_per_kwh``, but at most the price of electricity and at least 0: heat that is dearer than
    electricity could be had from a plain heater, so the computer cannot save more, and the bill never falls
    with more hours (unless electricity itself has a negative price).

    Examples
    --------
    >>> float(climate_usd_per_kwh(0.32, 4, 0.25, 0.50, 0.10).round(6))
    0.29
    """
    (price,) = within(-LARGEST, LARGEST, usd_per_kwh=usd_per_kwh)
    (cop,) = within(LOWEST_COP, LARGEST, cooling_cop=cooling_cop)
    cooled, heated = fraction(
        cooling_share_of_year=cooling_share_of_year, heating_share_of_year=heating_share_of_year
    )
    (heat,) = moderate(heat_usd_per_kwh=heat_usd_per_kwh)
    # A billionth: 0.7 and 0.3 are not exact either.
    both = cooled + heated
    if (both > 1.0 + 1e-9).any():
        raise ValueError(
            f"cooling_share_of_year and heating_share_of_year must be at most 1 together, not {both.max():g}"
        )
    credit = np.clip(heat, 0.0, np.maximum(price, 0.0))
    return np.asarray(price * (1.0 + cooled / cop) - heated * credit)


def emissions_kg(kwh: ArrayLike, grams_per_kwh: ArrayLike) -> FloatArray:
    """Emissions of an energy in a grid.

    Parameters
    ----------
    kwh : energy at the wall, cooling included. [kWh]
    grams_per_kwh : carbon intensity of the grid, CO2 or CO2 equivalent. [g/kWh]

    Returns
    -------
    kwh * grams_per_kwh / 1000, inputs broadcast. [kg]

    Examples
    --------
    >>> float(emissions_kg(1000, 380))
    380.0
    """
    energy, grams = moderate(kwh=kwh, grams_per_kwh=grams_per_kwh)
    return np.asarray(energy * grams / 1000.0)


def rented_energy_kwh(
    board_power_w: ArrayLike,
    gpus: ArrayLike,
    hours: ArrayLike,
    rest_w: ArrayLike = 0.0,
    pue: ArrayLike = 1.0,
) -> FloatArray:
    """Energy that rented GPUs use in a data center.

    Parameters
    ----------
    board_power_w : mean power of one GPU. [W]
    gpus : how many are held, whether used or not.
    hours : how long. [h]
    rest_w : what the rest of the machine draws for them: processor, memory, fans, losses of the supply. [W]
    pue : power usage effectiveness, energy of the data center over that of its computers; 1 or more.

    Returns
    -------
    (board_power_w * gpus + rest_w) * hours * pue / 1000, inputs broadcast. [kWh] The provider pays for it: it
    counts for emissions, never for the bill.

    Examples
    --------
    >>> float(rented_energy_kwh(400, 1, 100, rest_w=100, pue=1.2))
    60.0
    """
    board, count, time, rest = moderate(board_power_w=board_power_w, gpus=gpus, hours=hours, rest_w=rest_w)
    (overhead,) = within(1.0, LARGEST, pue=pue)
    return np.asarray((board * count + rest) * time * overhead / 1000.0)


def _curve(points: Curve) -> tuple[FloatArray, FloatArray]:
    """Sorted arguments and values of a curve."""
    if len(points) == 0 or any(np.shape(point) != (2,) for point in points):
        raise ValueError(f"points must be pairs, at least one, not {list(points)}")
    (table,) = finite(points=points)
    table = table[np.argsort(table[:, 0])]
    if not (np.diff(table[:, 0]) > 0).all():
        raise ValueError(f"points must not hold an argument twice, not {table[:, 0].tolist()}")
    return table[:, 0], table[:, 1]
