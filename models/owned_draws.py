"""The build's bill in many draws at once, month by month.

Months are the first axis, 0 to the horizon, draws the last. Where a project ends early the build is sold in
that month.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .case import Case
from .checks import FloatArray
from .owned_bill import STATES, OwnedBill
from .ownership import electricity_usd_by_season
from .uncertain_inputs import Draws, central_loss_fraction, failures_of_parts
from .upkeep import upkeep_lines

_ON_RUNNING_COST = ("", "VAT given back on ", "tax saved on ")


class OwnedDraws:
    """The build's bill, prepared for any draws."""

    def __init__(self, case: Case) -> None:
        owned = replace(case.owned, rented_rest_usd=np.zeros(case.owned.months + 1))
        self.owned, self.months = owned, owned.months
        self.central_loss_fraction = central_loss_fraction(case)
        drawn = {name + part for name in _ON_RUNNING_COST for part in ("electricity", "repairs")}
        drawn |= {f"electricity {state}" for state in STATES}
        kept = [line for line in owned.lines if not line.of_the_sale and line.component not in drawn]
        self.fixed_usd = sum((line.usd_by_month for line in kept), np.zeros(self.months + 1))
        self.repairs_usd_per_failure = _repairs_usd_per_failure(case, owned)
        self.cards_usd, self.others_usd, self.least_for_cards_usd = _resale(owned)
        self.unsold_usd, self.kept_of_sale_fraction = _sale(owned)
        # A dear kilowatt-hour makes all of the bill dearer, whatever the tariff.
        self.usd_per_kwh = case.scenario.electricity.usd_per_kwh or 0.0

    @property
    def months_without_repairs(self) -> int:
        """Months from the first on in which a failure costs nothing: warranty, or the lessor's machine."""
        costs = np.flatnonzero(self.repairs_usd_per_failure[1:])
        return int(costs[0]) if len(costs) else self.months

    def flows_usd(self, draws: Draws, busy_hours: FloatArray) -> FloatArray:
        """What is due each month, nothing sold. [USD]"""
        owned, month = self.owned, np.arange(self.months + 1)[:, np.newaxis]
        is_on = month <= draws.last_month
        flows = np.where(is_on, self.fixed_usd[:, np.newaxis], 0.0)
        price = draws.usd_per_kwh / self.usd_per_kwh if self.usd_per_kwh else 1.0
        hours = np.minimum(busy_hours * owned.hours_per_busy_hour, owned.room_hours)
        electricity = self._electricity_usd(hours[1:]) * owned.price_drift[1:, np.newaxis] * price
        flows[1:] += electricity * is_on[1:]
        repairs = self.repairs_usd_per_failure[:, np.newaxis] * is_on
        exposed = np.maximum(draws.last_month - self.months_without_repairs, 1)
        return np.asarray(flows + repairs * (draws.failures / exposed))

    def sale_usd(self, draws: Draws) -> FloatArray:
        """What a sale in the last month leaves after its costs and what is owed, shape (draws,). [USD]"""
        owned, last = self.owned, draws.last_month.astype(int)
        age_years = (last + owned.sale.delay_months) / 12.0
        kept = ((1.0 - draws.gpu_yearly_loss_fraction) / (1.0 - self.central_loss_fraction)) ** age_years
        cards_usd = np.maximum(self.cards_usd[last] * kept, self.least_for_cards_usd[last])
        gross = cards_usd + self.others_usd[last]
        return np.asarray(self.unsold_usd[last] + gross * self.kept_of_sale_fraction)

    def _electricity_usd(self, hours: FloatArray) -> FloatArray:
        """Electricity of months 1, 2, ... at today's prices. [USD]"""
        owned, week = self.owned, self.owned.week
        season = (np.arange(len(hours)) + owned.first_month - 1) % week.seasons
        usd = np.empty_like(hours)
        for one in np.unique(season):
            prices = None if week.prices_usd_per_kwh is None else week.prices_usd_per_kwh[one : one + 1]
            of_season = replace(week, prices_usd_per_kwh=prices)
            load, idle, asleep = electricity_usd_by_season(hours[season == one], of_season)
            usd[season == one] = (load + idle + asleep)[..., 0]
        return usd * owned.tax.kept_fraction


def _repairs_usd_per_failure(case: Case, owned: OwnedBill) -> FloatArray:
    """What a failure costs in each month, after tax; 0 while the warranty holds. [USD]"""
    rates = failures_of_parts(case)
    parts = tuple(
        replace(part, yearly_failure_fraction=float(share))
        for part, share in zip(owned.parts, rates / max(rates.sum(), 1e-300), strict=True)
    )
    failing = replace(owned, parts=parts)
    lines = upkeep_lines(owned.upkeep, failing.purchase)
    usd = [12.0 * line.usd_by_month for line in lines if line.component == "repairs"]
    return np.asarray(sum(usd, np.zeros(owned.months + 1)) * owned.tax.kept_fraction)


def _resale(owned: OwnedBill) -> tuple[FloatArray, FloatArray, FloatArray]:
    """By month what the cards fetch, whose loss is drawn, what the other parts do, the cards' least. [USD]"""
    drawn = np.array([part.is_card and part.resale_method == "market" for part in owned.parts], dtype=bool)
    by_part = owned.resale_by_part_usd * owned.purchase.is_owned
    least = owned.sale.scrap_fraction * sum(
        part.price_usd for part, is_drawn in zip(owned.parts, drawn, strict=True) if is_drawn
    )
    return by_part[drawn].sum(axis=0), by_part[~drawn].sum(axis=0), least * owned.purchase.is_owned


def _sale(owned: OwnedBill) -> tuple[FloatArray, float]:
    """What the end of the build leaves in each month if nothing is paid for it, and what is kept of a price.

    What a sale leaves is linear in its price; two prices tell the line.
    """
    left = []
    for fraction in (0.0, 1.0):
        parts = tuple(
            replace(part, resale_method="own_table", value_by_year_fraction=(fraction,))
            for part in owned.parts
        )
        sale = replace(owned.sale, scrap_fraction=0.0, generation_loss_fraction=0.0)
        bill = replace(owned, parts=parts, sale=sale)
        left.append((bill.cumulative_usd - bill.cumulative_if_sold_usd) / bill.discount)
    owns = owned.purchase.is_owned > 0
    price = owned.purchase.price_usd
    if not owns.any() or not price:
        return left[0], 0.0
    return left[0], float((left[1] - left[0])[owns][-1] / price)
