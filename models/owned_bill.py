"""The build's bill, line by line and month by month: parts, electricity, upkeep, tax, and the sale."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import FloatArray
from .lines import Line, once, total
from .ownership import (
    OwnedPart,
    OwnedWeek,
    Sale,
    electricity_usd_by_season,
    energy_kwh_per_month,
    owned_hours_per_week,
    resale_usd_by_month,
)
from .purchase import Paying, Purchase, Tax
from .upkeep import Upkeep, upkeep_lines
from .usage import WEEK_HOURS, WEEKS_PER_MONTH

STATES = ("busy", "idle", "asleep")


@dataclass(frozen=True)
class OwnedBill:
    """The build's bill; arrays over months have shape (months + 1,), index 0 is today. Money in USD.

    ``hours_per_busy_hour`` turns busy hours as the person counts them into hours on the build's GPU.
    ``price_drift`` is the electricity price of each month relative to today's, ``first_month`` the calendar
    month of month 1. ``rented_rest_usd`` is what is rented because the week is full.
    """

    parts: tuple[OwnedPart, ...]
    week: OwnedWeek
    sale: Sale
    busy_hours_per_week: float
    hours_per_busy_hour: float
    discount: FloatArray
    price_drift: FloatArray
    first_month: int = 1
    upkeep: Upkeep = field(default_factory=Upkeep)
    paying: Paying = field(default_factory=Paying)
    tax: Tax = field(default_factory=Tax)
    rented_rest_usd: FloatArray | None = None

    @property
    def months(self) -> int:
        """Length of the horizon."""
        return len(self.discount) - 1

    @cached_property
    def purchase(self) -> Purchase:
        """The parts and how they are paid."""
        return Purchase(self.parts, self.paying, self.tax, self.months)

    @property
    def room_hours(self) -> float:
        """Busy hours a week that the builds have room for."""
        return max(WEEK_HOURS * self.week.count - self.week.attended_idle_hours, 0.0)

    @property
    def most_busy_hours_per_week(self) -> float:
        """Busy hours for which a week has room beside those held, left on and switched off."""
        week = self.week
        room = WEEK_HOURS - week.attended_idle_hours - week.left_on_hours - week.off_hours
        return max(room, 0.0) / max(self.hours_per_busy_hour, 1.0)

    @property
    def busy_on_build_hours(self) -> float:
        """Busy hours a week on the build's GPUs, without those that are rented because the week is full."""
        busy = self.busy_hours_per_week * self.hours_per_busy_hour
        return busy if self.rented_rest_usd is None else min(busy, self.room_hours)

    @property
    def energy_kwh_per_month(self) -> float:
        """Energy that the build draws in a month."""
        return float(sum(energy_kwh_per_month(self.busy_on_build_hours, self.week)))

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every component of the bill, the sale at the horizon's end included."""
        bought, kept, sold = self._fixed_lines
        return (*bought, *self._electricity_lines, *kept, *sold)

    @cached_property
    def resale_usd(self) -> FloatArray:
        """What all parts would fetch if given up at the end of each month, before the sale fee."""
        return np.asarray(self.resale_by_part_usd.sum(axis=0) * self.purchase.is_owned)

    @cached_property
    def resale_by_part_usd(self) -> FloatArray:
        """The same for each part, whoever owns it then; shape (parts, months + 1)."""
        return resale_usd_by_month(self.parts, self.months, self.sale)

    @property
    def total_usd(self) -> float:
        """Nominal cost over the horizon, everything sold at its end."""
        return float(total(self.lines, self.months).sum())

    def present_value_usd(self, busy_hours_per_week: ArrayLike) -> FloatArray:
        """Cost worth today, everything sold at the horizon's end, for any number of busy hours a week."""
        busy = np.asarray(busy_hours_per_week, dtype=float) * self.hours_per_busy_hour
        most = WEEK_HOURS * self.week.count if self.rented_rest_usd is None else self.room_hours
        by_season = sum(electricity_usd_by_season(np.minimum(busy, most), self.week))
        running = by_season @ self._season_weights * self.tax.kept_fraction
        return np.asarray(running + self._fixed_present_value_usd)

    @cached_property
    def cumulative_usd(self) -> FloatArray:
        """Paid by the end of each month, worth today, nothing sold."""
        paid = total([line for line in self.lines if not line.of_the_sale], self.months)
        return np.asarray(np.cumsum(paid * self.discount))

    @property
    def cumulative_if_sold_usd(self) -> FloatArray:
        """The same, less what the parts would fetch on that day, plus what is still owed."""
        return self.cumulative_usd - self._left_by_sale_usd * self.discount

    @property
    def hours_per_month(self) -> float:
        """Hours a month in which a machine is on."""
        busy, idle, _ = owned_hours_per_week(self.busy_on_build_hours, self.week)
        return float(busy + idle) * WEEKS_PER_MONTH

    @cached_property
    def _fixed_present_value_usd(self) -> float:
        lines = [line for group in self._fixed_lines for line in group]
        return float(total(lines, self.months) @ self.discount)

    @cached_property
    def _season_weights(self) -> FloatArray:
        """Worth today of one dollar a month of today's prices, added up by season."""
        weights = np.zeros(self.week.seasons)
        np.add.at(weights, self._seasons, (self.discount * self.price_drift)[1:])
        return weights

    @property
    def _seasons(self) -> NDArray[np.intp]:
        """Season of each of the months 1, 2, ..."""
        return (np.arange(self.months) + self.first_month - 1) % self.week.seasons

    @cached_property
    def _electricity_lines(self) -> tuple[Line, ...]:
        by_season = electricity_usd_by_season(self.busy_on_build_hours, self.week)
        hours = owned_hours_per_week(self.busy_on_build_hours, self.week)
        watts = (self.week.load_w, self.week.idle_w, self.week.asleep_w)
        lines = []
        gross = np.zeros(self.months + 1)
        for state, watt, hour, usd in zip(STATES, watts, hours, by_season, strict=True):
            flows = np.concatenate([[0.0], usd[self._seasons]]) * self.price_drift
            gross += flows
            off = self._off_note(float(hour)) if state == "asleep" else ""
            detail = f"{float(hour) * WEEKS_PER_MONTH:.1f} h a month at {watt:g} W{off}{self._tariff_note}"
            lines.append(Line(f"electricity {state}", detail, flows))
        return (*lines, *self.tax.on_running_cost("electricity", gross))

    def _off_note(self, asleep_hours: float) -> str:
        off_hours = min(self.week.off_hours * self.week.count, asleep_hours)
        if not off_hours:
            return ""
        return f", {off_hours * WEEKS_PER_MONTH:.1f} h of them off at {self.week.off_w:g} W,"

    @property
    def _tariff_note(self) -> str:
        week = self.week
        if week.tiers:
            return f" in tiers after {week.household_kwh_per_month:g} kWh of the household"
        if week.prices_usd_per_kwh is not None:
            return " at the prices of each hour"
        return f" and ${week.usd_per_kwh:.4f}/kWh"

    @cached_property
    def _fixed_lines(self) -> tuple[list[Line], list[Line], list[Line]]:
        """All that does not depend on how busy the GPU is: bought, kept, sold."""
        kept = upkeep_lines(self.upkeep, self.purchase) + self.purchase.write_off_lines
        if self.rented_rest_usd is not None and self.rented_rest_usd.any():
            # What is rented has its tax worked out already.
            kept.append(Line("rented rest", "work beyond 168 hours a week", self.rented_rest_usd))
        return self.purchase.lines, kept, self._sale_lines

    @property
    def _sale_lines(self) -> list[Line]:
        months, sale = self.months, self.sale
        by_part = self.resale_by_part_usd[:, -1]
        gross = float(self.resale_usd[-1])
        lines: list[Line] = []
        for part, value_usd in zip(self.parts, by_part, strict=True):
            if part.price_usd and gross:
                how = (
                    f"-{part.yearly_loss_fraction:.0%} a year"
                    if part.resale_method == "market"
                    else part.resale_method.replace("_", " ")
                )
                lines.append(
                    Line(
                        f"resale {part.name}",
                        f"sold after {months + sale.delay_months:g} months at {how}",
                        once(months, -float(value_usd), months),
                        of_the_sale=True,
                    )
                )
        fee, wait, vat, tax = (float(part[-1]) for part in self._costs_of_sale_usd)
        costs = (
            ("sale fee", f"{sale.fee_fraction:.0%} of the sale price", fee, True),
            ("wait for the sale", f"interest of {sale.delay_months:g} months", wait, bool(wait)),
            ("VAT on the sale", "owed by who reclaimed it", vat, bool(vat)),
            ("tax on the sale", "on what it brings above the written-down value", tax, bool(tax)),
        )
        return lines + [
            Line(component, detail, once(months, usd, months), of_the_sale=True)
            for component, detail, usd, is_there in costs
            if is_there
        ]

    @property
    def _costs_of_sale_usd(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Fee, interest lost by waiting, VAT and income tax of a sale at the end of each month."""
        gross, tax = self.resale_usd, self.tax
        fee = gross * self.sale.fee_fraction
        yearly_discount = self.discount[-1] ** (-12.0 / self.months) - 1.0
        wait = (gross - fee) * (1.0 - (1.0 + yearly_discount) ** (-self.sale.delay_months / 12.0))
        vat = gross * tax.vat_in_price_fraction
        if tax.schedule == "none":
            return fee, wait, vat, np.zeros_like(gross)
        gain = gross - fee - vat - (self.purchase.basis_usd - self.purchase.written_off_usd)
        return fee, wait, vat, gain * tax.marginal_rate_fraction

    @property
    def _left_by_sale_usd(self) -> FloatArray:
        """What a sale at the end of each month would leave after its costs and what is owed."""
        return np.asarray(self.resale_usd - sum(self._costs_of_sale_usd) - self.purchase.owed_usd)
