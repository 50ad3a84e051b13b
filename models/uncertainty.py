"""How sure the answer is: thousands of futures, and in how many of them building wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .break_even import break_even_months
from .case import Case, case_of
from .checks import FloatArray
from .currency import Exchange, exchange, from_usd, in_usd, money
from .draws import quantiles
from .figures import Figures
from .owned_draws import OwnedDraws
from .refusals import refuse_one_sided
from .rented_draws import RentedDraws, busy_hours_by_month, rented_rest_usd_by_month, summed
from .scenario import Scenario
from .uncertain_inputs import Draws, Range, Spread, drawn, spreads
from .verdict import provider_name

BAD_CASE, GOOD_CASE = 0.05, 0.95

# Draws worked on together, few enough for their months to stay in the processor's cache.
_BLOCK = 4096
# Bills by month and draw that a simulation keeps for its band: 34 MB for both sides.
_MOST_KEPT = 2**21


@dataclass(frozen=True, slots=True)
class _Futures:
    """Both bills of some draws: cumulative, worth today, shape (months + 1, draws). [USD]"""

    owned_usd: FloatArray
    rented_usd: FloatArray
    sale_usd: FloatArray
    chosen: NDArray[np.intp]


@dataclass(frozen=True)
class Simulation:
    """What came out of each draw, shape (draws,); money is worth today, in USD.

    ``saving_usd`` is what building saves over the horizon against the cheapest rental of that draw, all sold
    in the end; ``break_even_months`` is ``inf`` where the bills never meet, nothing sold. ``inputs`` are the
    draws themselves, ``ranges`` where they come from. ``compared_with`` is an index into the offers.
    ``kept_futures`` are the bills behind them, none where they would take much memory.
    """

    case: Case
    ranges: Mapping[str, Spread]
    inputs: Draws
    saving_usd: FloatArray
    break_even_months: FloatArray
    compared_with: NDArray[np.intp]
    kept_futures: tuple[_Futures, ...]

    @property
    def chance_build_wins(self) -> float:
        """Share of the draws in which building is cheaper."""
        return float((self.saving_usd > 0).mean())

    @property
    def never_fraction(self) -> float:
        """Share of the draws in which the bills never meet within the horizon."""
        return float(np.isinf(self.break_even_months).mean())

    def saving_quantiles_usd(self, at_fractions: ArrayLike) -> FloatArray:
        """Savings that a share of the draws stays below. [USD]"""
        return quantiles(self.saving_usd, at_fractions)

    def break_even_quantiles_months(self, at_fractions: ArrayLike) -> FloatArray:
        """Months by which a share of the draws has met; ``inf`` where that many never do."""
        ordered = np.sort(self.break_even_months)
        at = np.ceil(np.asarray(at_fractions, dtype=float) * len(ordered)).astype(int) - 1
        return np.asarray(ordered[np.clip(at, 0, len(ordered) - 1)])

    @property
    def met_by_month(self) -> pd.DataFrame:
        """Share of the draws in which the bills have met by each month: columns month and met_fraction."""
        month = np.arange(len(self.case.owned.discount))
        met = np.searchsorted(np.sort(self.break_even_months), month, side="right")
        return pd.DataFrame({"month": month, "met_fraction": met / len(self.break_even_months)})

    @property
    def sentence(self) -> str:
        """The answer in words: how often building wins, a bad case and a good one (5 % and 95 %).

        Amounts are in the reader's currency. Where ``rental.against`` names a provider, it is named.
        """
        scenario = self.case.scenario
        rate = exchange(scenario.money.currency, self.case.figures)
        against = scenario.rental.against
        than = "" if against == "cheapest" else f" than {provider_name(against)}"
        bad, good = self.saving_quantiles_usd([BAD_CASE, GOOD_CASE]).tolist()
        return (
            f"Building is cheaper{than} in {share_of_cases(self.chance_build_wins)} of cases; "
            f"bad case {_signed(bad, rate)}, good case {_signed(good, rate)}."
        )

    @cached_property
    def cost_band(self) -> pd.DataFrame:
        """Cumulative cost worth today, nothing sold: columns role, month, low_usd, middle_usd, high_usd.

        ``role`` is ``build`` or ``against``; nine draws of ten lie from low to high.
        """
        futures = self.kept_futures or tuple(_futures(self.case, self.inputs))
        bands = []
        for role, name in (("build", "owned_usd"), ("against", "rented_usd")):
            usd = np.concatenate([getattr(future, name) for future in futures], axis=-1)
            low, middle, high = quantiles(usd, [BAD_CASE, 0.5, GOOD_CASE])
            band = {"role": role, "month": np.arange(len(low))}
            bands.append(pd.DataFrame(band | {"low_usd": low, "middle_usd": middle, "high_usd": high}))
        return pd.concat(bands, ignore_index=True)


def simulate(
    scenario: Scenario,
    offers: pd.DataFrame,
    ranges: Mapping[str, Range] | None = None,
    draws: int = 10_000,
    seed: int = 0,
    figures: Figures | None = None,
) -> Simulation:
    """Compare building with renting in many futures.

    Parameters
    ----------
    scenario : the question.
    offers : table of offers, as ``load_offers()`` returns it.
    ranges : by input, where it lies in nine cases of ten, as (low, high); both the same to fix it. The
        inputs and their own ranges: ``spreads`` of :mod:`.uncertain_inputs`.
    draws : how many futures, spread evenly over what can happen.
    seed : the same seed gives the same futures on every machine.
    figures : dated figures; the bundled ones by default.

    Returns
    -------
    Simulation. ``ValueError`` names what is not known, and says why where one of both sides has no bill.

    In each draw the usage, its growth, the month in which the project ends, the prices of rentals and of
    electricity, what the parts fetch and how often one fails are drawn, some of them together; then the build
    is compared with the cheapest considered offer, or that of the provider named in ``rental.against``. A
    part that fails is replaced, which the central answer counts only where the scenario asks for repairs.
    """
    return simulate_case(case_of(scenario, offers, figures), ranges, draws, seed)


def simulate_case(
    case: Case, ranges: Mapping[str, Range] | None = None, draws: int = 10_000, seed: int = 0
) -> Simulation:
    """The same for a case that is worked out already, such as that of a comparison."""
    refuse_one_sided(case, "nothing can be simulated")
    of = spreads(case, ranges)
    inputs = drawn(of, draws, seed, case.owned.months, OwnedDraws(case).months_without_repairs)
    saving, months, chosen, kept = [], [], [], []
    for future in _futures(case, inputs):
        saving.append(future.rented_usd[-1] - future.owned_usd[-1] + future.sale_usd)
        months.append(break_even_months(future.owned_usd.T, future.rented_usd.T))
        chosen.append(future.chosen)
        if draws * len(case.owned.discount) <= _MOST_KEPT:
            kept.append(future)
    return Simulation(
        case,
        of,
        inputs,
        np.concatenate(saving),
        np.concatenate(months),
        np.concatenate(chosen),
        tuple(kept),
    )


def _futures(case: Case, inputs: Draws) -> Iterator[_Futures]:
    """Both bills, some thousand draws at a time."""
    owned, rented = OwnedDraws(case), RentedDraws(case.rented, case.compared_rows)
    discount = case.owned.discount
    for start in range(0, len(inputs.last_month), _BLOCK):
        some = inputs.part(slice(start, start + _BLOCK))
        hours = busy_hours_by_month(some, case.owned.months)
        chosen = rented.cheapest(some, hours)
        rented_usd = rented.flows_usd(some, hours, chosen)
        owned_usd = owned.flows_usd(some, hours) + rented_rest_usd_by_month(case, some, hours)
        worth = discount[:, np.newaxis]
        yield _Futures(
            summed(owned_usd * worth),
            summed(rented_usd * worth),
            owned.sale_usd(some) * discount[some.last_month.astype(int)],
            case.rows[rented.rows[chosen]],
        )


def share_of_cases(fraction: float) -> str:
    """A chance in whole percents, but never 0 or 100 where it is not certain."""
    if 0.0 < fraction < 0.01:
        return "less than 1%"
    return "more than 99%" if 0.99 < fraction < 1.0 else f"{fraction:.0%}"


def _signed(amount_usd: float, rate: Exchange) -> str:
    """An amount with its sign, to the nearest 10 of its currency: the draws know it no better."""
    rounded = round(from_usd(amount_usd, rate), -1)
    text = money(in_usd(abs(rounded), rate), rate)
    return f"{'−' if rounded < 0 else '+' if rounded else ''}{text}"
