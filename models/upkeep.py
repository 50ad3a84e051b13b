"""What keeping a build costs beside electricity: warranty, repairs, insurance, a person's time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .checks import FloatArray
from .lines import Line, monthly, once
from .ownership import Sale, resale_usd_by_month
from .purchase import Purchase

# A premium bears none; GitHub's list price is without, and what is added to it is in the figure already.
WITHOUT_VAT = ("insurance", "hosted CI")


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Prices of keeping a build. Time is already turned into money."""

    warranty_usd: float = 0.0
    warranty_months: float = 0.0
    insurance_usd_per_month: float = 0.0
    other_usd_per_month: float = 0.0
    standing_charge_usd_per_month: float = 0.0
    building_time_usd: float = 0.0
    upkeep_time_usd_per_month: float = 0.0
    hosted_ci_usd_per_month: float = 0.0


def upkeep_lines(upkeep: Upkeep, purchase: Purchase) -> list[Line]:
    """The lines of what is not 0.

    An insurance premium bears no value-added tax. A person's own time is no cost to the tax office.
    """
    months, tax = purchase.months, purchase.tax
    lines: list[Line] = []
    for component, detail, flows in (
        ("warranty", "paid with the parts", once(months, upkeep.warranty_usd)),
        (
            "repairs",
            "expected failures after the warranty, at the parts' market value",
            _repairs_usd(upkeep, purchase),
        ),
        ("upkeep", "colocation, network and the like", monthly(months, upkeep.other_usd_per_month)),
        ("standing charge", "of electricity", monthly(months, upkeep.standing_charge_usd_per_month)),
        ("hosted CI", "what the build cannot serve", monthly(months, upkeep.hosted_ci_usd_per_month)),
        ("insurance", "premium", monthly(months, upkeep.insurance_usd_per_month)),
    ):
        if flows.any():
            lines.append(Line(component, detail, flows))
            lines += tax.on_running_cost(component, flows, bears_vat=component not in WITHOUT_VAT)
    for component, detail, flows in (
        ("building time", "hours of a person, once", once(months, upkeep.building_time_usd)),
        ("upkeep time", "hours of a person, monthly", monthly(months, upkeep.upkeep_time_usd_per_month)),
    ):
        if flows.any():
            lines.append(Line(component, detail, flows))
    return lines


def _repairs_usd(upkeep: Upkeep, purchase: Purchase) -> FloatArray:
    """A part that fails is replaced by a used one of its age; who leases does not pay for it."""
    failing = np.array([part.yearly_failure_fraction for part in purchase.parts]) / 12.0
    if not failing.any():
        return np.zeros(purchase.months + 1)
    values = failing @ resale_usd_by_month(purchase.parts, purchase.months, Sale()) * purchase.is_owned
    month = np.arange(purchase.months + 1)
    return np.where((month > 0) & (month > upkeep.warranty_months), values, 0.0)
