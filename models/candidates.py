"""Which offers could be the cheapest of their provider when some numbers of a question change."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .figures import Figures
from .numeric_inputs import with_value
from .options import columns_of, options
from .scenario import Scenario

# A week in which no number that a trial changes keeps an offer out.
_EASIEST_WEEK = {
    "workload.busy_hours_per_week": 0.0,
    "workload.attended_idle_hours_per_week": 0.0,
    "workload.longest_run_hours": 0.0,
    "rental.start_up_hours": 0.0,
    "rental.data_loading_hours": 0.0,
    "rental.checkpoint_interval_hours": 0.0,
    "rental.restart_hours": 0.0,
}


def ever_cheapest(scenario: Scenario, offers: pd.DataFrame, figures: Figures, on: date) -> NDArray[np.bool_]:
    """Which of the offers could be the cheapest of their provider, whatever numeric input changes.

    Filters look at names, and most requirements at what an offer is: what they keep out stays out. Of offers
    that differ in their price alone, only the least price can win; AWS asks the same in several regions.

    Parameters
    ----------
    scenario : resolved.
    offers, figures, on : as for ``options``.

    Returns
    -------
    Shape (offers,).
    """
    easiest = scenario
    for name, value in _EASIEST_WEEK.items():
        easiest = with_value(easiest, name, value, figures)
    judged = options(easiest, columns_of(offers), figures, on)
    # Unknown is -1 here: a NaN would equal nothing, not even another one.
    columns = [
        np.nan_to_num(judged.number[name], nan=-1.0).tolist()
        for name in ("free_hours_per_month", "interruptions_per_hour")
    ]
    columns += judged.terms.sold_alike.tolist()
    text = judged.text
    keys = list(zip(text["provider"], text["term"], judged.side_prices, *columns, strict=True))
    price = judged.number["usd_per_hour"]
    cheapest: dict[tuple[object, ...], int] = {}
    for offer in np.flatnonzero(judged.considered).tolist():
        if price[offer] < price[cheapest.setdefault(keys[offer], offer)]:
            cheapest[keys[offer]] = offer
    chosen = np.zeros(len(keys), dtype=bool)
    chosen[list(cheapest.values())] = True
    # The reader's own rates come last, and stay with the scenario.
    return chosen[: len(offers)]
