"""How a build is paid for: at once, by a loan or by a lease, and what the tax office gives back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .checks import FloatArray
from .finance import loan_balance, loan_payment
from .lines import Line, once
from .ownership import OwnedPart
from .tax import TaxSchedule, tax_deductions_usd


@dataclass(frozen=True, slots=True)
class Tax:
    """What the tax office gives back: a share of each price that bears value-added tax, and income tax.

    ``vat_in_price_fraction`` is the share of a price with tax that is given back, 0 for a private person.
    """

    vat_in_price_fraction: float = 0.0
    marginal_rate_fraction: float = 0.0
    schedule: TaxSchedule = "none"
    quarter: int | None = None

    @property
    def kept_fraction(self) -> float:
        """What is left to pay of a running cost that bears value-added tax."""
        return (1.0 - self.vat_in_price_fraction) * (1.0 - self.marginal_rate_fraction)

    def vat_back(self, what: str, flows: FloatArray) -> list[Line]:
        """Value-added tax that a price brings back, if any."""
        back = flows * self.vat_in_price_fraction
        return [Line(f"VAT given back on {what}", "reclaimed", -back)] if back.any() else []

    def on_running_cost(self, what: str, flows: FloatArray, *, bears_vat: bool = True) -> list[Line]:
        """Value-added tax and income tax that a running cost brings back, if any."""
        lines = self.vat_back(what, flows) if bears_vat else []
        net = flows * (1.0 - self.vat_in_price_fraction if bears_vat else 1.0)
        saved = net * self.marginal_rate_fraction
        if saved.any():
            lines.append(Line(f"tax saved on {what}", f"{self.marginal_rate_fraction:.0%}", -saved))
        return lines


@dataclass(frozen=True, slots=True)
class Paying:
    """How the parts are paid: at once, in part by a loan, or by a lease."""

    loan_fraction: float = 0.0
    loan_yearly_rate_fraction: float = 0.0
    loan_months: int = 36
    lease_usd_per_month: float | None = None
    lease_months: int = 36
    lease_buyout_usd: float | None = None


@dataclass(frozen=True)
class Purchase:
    """The parts and how they are paid over a number of months; arrays have shape (months + 1,). [USD]"""

    parts: tuple[OwnedPart, ...]
    paying: Paying
    tax: Tax
    months: int

    @property
    def price_usd(self) -> float:
        """Price of all parts that are not owned yet."""
        return sum(part.price_usd for part in self.parts)

    @property
    def is_leased(self) -> bool:
        """Whether the parts are leased in place of being bought."""
        return self.paying.lease_usd_per_month is not None

    @property
    def bought_at(self) -> int | None:
        """Month in which the parts become the reader's own: today, or with a lease's buyout; None = never."""
        if not self.is_leased:
            return 0
        paying = self.paying
        is_bought = paying.lease_buyout_usd is not None and paying.lease_months <= self.months
        return paying.lease_months if is_bought else None

    @property
    def is_owned(self) -> FloatArray:
        """1 from the month on in which the parts can be sold."""
        month = np.arange(self.months + 1)
        return np.asarray(month >= (np.inf if self.bought_at is None else self.bought_at), dtype=float)

    @property
    def lines(self) -> list[Line]:
        """Parts, loan or lease, and the tax on them; what is owed at the end is part of the sale."""
        return self._lease_lines if self.is_leased else self._part_lines + self._loan_lines

    @cached_property
    def owed_usd(self) -> FloatArray:
        """What the bank or the lessor would still get if all ended with each month."""
        month = np.arange(self.months + 1)
        paying = self.paying
        if paying.lease_usd_per_month is not None:
            left = np.maximum(paying.lease_months - month, 0)
            return np.asarray(paying.lease_usd_per_month * self.tax.kept_fraction * left, dtype=float)
        borrowed = paying.loan_fraction * self.price_usd
        paid = np.minimum(month, paying.loan_months)
        return loan_balance(borrowed, paying.loan_yearly_rate_fraction, paying.loan_months, paid)

    @cached_property
    def written_off_usd(self) -> FloatArray:
        """Written off by the tax office up to each month; a year counts at its end."""
        years = self.months // 12
        off = np.zeros(self.months + 1)
        if self.tax.schedule == "none" or self.is_leased or not years:
            return off
        try:
            off[12::12][:years] = tax_deductions_usd(
                float(self.basis_usd[0]), self.tax.schedule, years, quarter=self.tax.quarter
            )
        except ValueError as error:
            raise ValueError(f"money.tax_schedule: {error}") from None
        return np.cumsum(off)

    @property
    def basis_usd(self) -> FloatArray:
        """What the parts were bought for by each month, without the value-added tax that came back."""
        paid = self.paying.lease_buyout_usd or 0.0 if self.is_leased else self.price_usd
        return paid * self.is_owned * (1.0 - self.tax.vat_in_price_fraction)

    @property
    def write_off_lines(self) -> list[Line]:
        """Income tax saved by writing the parts off."""
        rate = self.tax.marginal_rate_fraction
        saved = np.diff(self.written_off_usd, prepend=0.0) * rate
        if not saved.any():
            return []
        detail = f"{self.tax.schedule.replace('_', ' ')}, {rate:.0%} of what is written off"
        return [Line("tax saved by writing off", detail, -saved)]

    @property
    def _part_lines(self) -> list[Line]:
        lines = [
            Line(
                f"part {part.name}",
                "bought today" if part.price_usd else "already owned",
                once(self.months, part.price_usd),
            )
            for part in self.parts
        ]
        return lines + self.tax.vat_back("parts", once(self.months, self.price_usd))

    @property
    def _loan_lines(self) -> list[Line]:
        months, paying = self.months, self.paying
        if not paying.loan_fraction:
            return []
        borrowed = paying.loan_fraction * self.price_usd
        payment = float(loan_payment(borrowed, paying.loan_yearly_rate_fraction, paying.loan_months))
        month = np.arange(months + 1)
        paid = np.where((month > 0) & (month <= paying.loan_months), payment, 0.0)
        terms = f"{paying.loan_months} months at {paying.loan_yearly_rate_fraction:.2%} a year"
        interest = np.concatenate([[0.0], np.diff(self.owed_usd)]) + paid
        lines = [
            Line("loan received", f"{paying.loan_fraction:.0%} of the parts", once(months, -borrowed)),
            Line("loan payments", f"${payment:,.2f} a month, {terms}", paid),
            *self.tax.on_running_cost("loan interest", interest, bears_vat=False),
        ]
        return lines + self._owed_line("loan paid off", "what is owed on the day of the sale")

    @property
    def _lease_lines(self) -> list[Line]:
        months, paying = self.months, self.paying
        rate = paying.lease_usd_per_month or 0.0
        month = np.arange(months + 1)
        last = months if self.bought_at is None else self.bought_at
        flows = np.where((month > 0) & (month <= last), rate, 0.0)
        lines = [
            Line("lease", f"${rate:,.2f} a month, signed for {paying.lease_months} months", flows),
            *self.tax.on_running_cost("lease", flows),
        ]
        if self.bought_at is not None:
            price = once(months, paying.lease_buyout_usd or 0.0, self.bought_at)
            lines += [Line("lease buyout", "the parts are bought at the lease's end", price)]
            lines += self.tax.vat_back("lease buyout", price)
        return lines + self._owed_line("lease beyond the end", f"what is signed is owed{self._less_tax}")

    @property
    def _less_tax(self) -> str:
        return ", less the tax that it brings back" if self.tax.kept_fraction < 1 else ""

    def _owed_line(self, component: str, detail: str) -> list[Line]:
        owed = float(self.owed_usd[-1])
        return (
            [Line(component, detail, once(self.months, owed, self.months), of_the_sale=True)] if owed else []
        )
