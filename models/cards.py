"""Own some cards and rent the overflow: how many of them cost least."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, finite, not_negative, positive
from .usage import WEEK_HOURS, whole_above

_MOST_CARDS = 10_000
# Differences below a millionth of a dollar are arithmetic noise.
_USD_DECIMALS = 6


class CardsToOwn(NamedTuple):
    """How many cards cost least, and what 0, 1, 2, ... of them cost over all weeks. [USD]"""

    cards: int
    usd_by_cards: FloatArray


def cards_to_own(
    hours_by_week: ArrayLike,
    owning_usd_per_card_week: float,
    rental_usd_per_hour: float,
    owned_usd_per_hour: float = 0.0,
    capacity_hours_per_card: float = WEEK_HOURS,
) -> CardsToOwn:
    """Own k cards and rent the overflow: the k that costs least.

    Parameters
    ----------
    hours_by_week : GPU hours of each week, as many weeks as are known. [h]
    owning_usd_per_card_week : what a card costs a week whether it works or not. [USD]
    rental_usd_per_hour, owned_usd_per_hour : of an hour rented, and what one at home adds. [USD/h]
    capacity_hours_per_card : hours a week that a card can work, above 0 and at most 168.

    Returns
    -------
    CardsToOwn, the fewest cards where several numbers cost the same. Hours that are over in one week cannot
    wait for the next, and any hour can run on any card.

    Examples
    --------
    >>> cards_to_own([100, 100, 400], 40, 0.5)
    CardsToOwn(cards=1, usd_by_cards=array([300., 236., 272., 360.]))
    """
    hours, rented = not_negative(
        hours_by_week=np.atleast_1d(hours_by_week), rental_usd_per_hour=rental_usd_per_hour
    )
    # Owning may bring in more than it costs, and electricity may have a price below 0.
    owning, running = finite(
        owning_usd_per_card_week=owning_usd_per_card_week, owned_usd_per_hour=owned_usd_per_hour
    )
    (capacity,) = positive(capacity_hours_per_card=capacity_hours_per_card)
    if capacity > WEEK_HOURS:
        raise ValueError(
            f"capacity_hours_per_card must be at most {WEEK_HOURS:g}, a whole week, "
            f"not {capacity_hours_per_card:g}"
        )
    most = float(whole_above(hours.max(initial=0.0) / capacity))
    if not hours.size or most > _MOST_CARDS:
        raise ValueError(f"hours_by_week must name a week and need at most {_MOST_CARDS:,} cards")
    usd = np.empty(int(most) + 1)
    for cards in range(len(usd)):
        at_home = np.minimum(hours, cards * capacity) if running < rented else np.zeros_like(hours)
        usd[cards] = cards * owning * hours.size + (at_home * running + (hours - at_home) * rented).sum()
    return CardsToOwn(int(np.argmin(np.round(usd, _USD_DECIMALS))), usd)
