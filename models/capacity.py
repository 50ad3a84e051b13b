"""What a machine gives for its hours: tokens, and the share of its hours from which it is worth its price."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, fraction, not_negative, representable

_MILLION_SECONDS_PER_HOUR = 3600.0 / 1e6


def million_tokens(tokens_per_second: ArrayLike, hours: ArrayLike) -> FloatArray:
    """Tokens that a machine writes in a time, in millions.

    Parameters
    ----------
    tokens_per_second : mean speed while it works. [tokens/s]
    hours : how long it works. [h]

    Returns
    -------
    tokens_per_second * hours * 3600 / 1,000,000. [million tokens]

    Examples
    --------
    >>> float(million_tokens(50, 100))
    18.0
    """
    speed, time = not_negative(tokens_per_second=tokens_per_second, hours=hours)
    with np.errstate(over="ignore", invalid="ignore"):
        tokens = speed * time * _MILLION_SECONDS_PER_HOUR
    return representable(tokens, tokens_per_second=speed, hours=time)


def usd_per_million_tokens(usd_per_hour: ArrayLike, tokens_per_second: ArrayLike) -> FloatArray:
    """Cost of a million tokens on a machine that is paid by the hour.

    Parameters
    ----------
    usd_per_hour : price of an hour, or cost of an owned one. [USD/h]
    tokens_per_second : mean speed while it works. [tokens/s]

    Returns
    -------
    usd_per_hour / million tokens an hour [USD per million tokens]; ``inf`` where no tokens come.

    Examples
    --------
    >>> float(usd_per_million_tokens(0.72, 100))
    2.0
    """
    (price,) = not_negative(usd_per_hour=usd_per_hour)
    tokens_per_hour = million_tokens(tokens_per_second, 1.0)
    return _quotient(price, tokens_per_hour, usd_per_hour=price)


def metered_usd_per_hour(tokens_per_second: ArrayLike, usd_per_million_tokens: ArrayLike) -> FloatArray:
    """What a service that is paid by the token takes for the tokens of one hour.

    Parameters
    ----------
    tokens_per_second : mean speed while the machine at home works. [tokens/s]
    usd_per_million_tokens : price of the service; of reading and writing together, see ``mixed_price``.

    Returns
    -------
    Million tokens an hour * price. [USD/h] The rent that the machine at home saves in each busy hour.

    Examples
    --------
    >>> float(metered_usd_per_hour(100, 2.0))
    0.72
    """
    (price,) = not_negative(usd_per_million_tokens=usd_per_million_tokens)
    tokens_per_hour = million_tokens(tokens_per_second, 1.0)
    with np.errstate(over="ignore"):
        charge = tokens_per_hour * price
    return representable(charge, usd_per_million_tokens=price)


def mixed_price(
    input_usd_per_million_tokens: ArrayLike,
    output_usd_per_million_tokens: ArrayLike,
    output_fraction: ArrayLike,
) -> FloatArray:
    """Mean price of tokens that are partly read and partly written. [USD per million tokens]

    Examples
    --------
    >>> float(mixed_price(1.0, 5.0, output_fraction=0.75))
    4.0
    """
    read, written = not_negative(
        input_usd_per_million_tokens=input_usd_per_million_tokens,
        output_usd_per_million_tokens=output_usd_per_million_tokens,
    )
    (share,) = fraction(output_fraction=output_fraction)
    return np.asarray(read * (1.0 - share) + written * share)


def usd_per_used_hour(usd_per_provisioned_hour: ArrayLike, utilization_fraction: ArrayLike) -> FloatArray:
    """Cost of an hour that is used, where all hours are paid.

    Parameters
    ----------
    usd_per_provisioned_hour : cost of an hour, used or not, as of an owned machine or a commitment. [USD/h]
    utilization_fraction : share of the hours that are used, 0 to 1.

    Returns
    -------
    usd_per_provisioned_hour / utilization_fraction [USD/h]; ``inf`` where none is used.

    Examples
    --------
    >>> usd_per_used_hour(20, [0.4, 0.08]).tolist()
    [50.0, 250.0]
    """
    (price,) = not_negative(usd_per_provisioned_hour=usd_per_provisioned_hour)
    (used,) = fraction(utilization_fraction=utilization_fraction)
    return _quotient(price, used, usd_per_provisioned_hour=price)


def break_even_utilization(
    own_usd_per_provisioned_hour: ArrayLike, rented_usd_per_hour: ArrayLike
) -> FloatArray:
    """Share of its hours from which a machine that is always paid is no dearer than one by the hour.

    Parameters
    ----------
    own_usd_per_provisioned_hour : cost of an hour, used or not: of owning, or of a commitment. [USD/h]
    rented_usd_per_hour : price of an hour that is paid only when it is used. [USD/h]

    Returns
    -------
    own / rented, a fraction from 0 to 1; 0 where owning costs nothing, ``inf`` (never) where an owned hour is
    dearer than a rented one, since no hour can be used more than once.

    Examples
    --------
    >>> break_even_utilization([20, 70, 0], 66).round(3).tolist()
    [0.303, inf, 0.0]
    """
    own, rented = not_negative(
        own_usd_per_provisioned_hour=own_usd_per_provisioned_hour, rented_usd_per_hour=rented_usd_per_hour
    )
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        share = np.where(own > 0, own / rented, 0.0)
    return np.asarray(np.where(share > 1, np.inf, share))


def _quotient(price: FloatArray, quantity: FloatArray, **named: FloatArray) -> FloatArray:
    """Price for each unit, ``inf`` where there are no units."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        each = np.where(quantity > 0, price / quantity, 0.0)
    representable(each, **named)
    return np.asarray(np.where(quantity > 0, each, np.inf))
