"""The receipt: every component of the build's bill and of the compared rental's, summing to their totals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .case import Case
from .checks import FloatArray
from .options import side_costs_usd_per_month
from .ownership import owned_hours_per_week, resale_usd_by_month
from .scenario import OwnOffer
from .usage import WEEKS_PER_MONTH

RECEIPT_COLUMNS = ("option", "component", "detail", "total_usd", "present_value_usd")

Line = tuple[str, str, FloatArray]


def receipt(case: Case, build_name: str) -> pd.DataFrame:
    """Columns option, component, detail, total_usd, present_value_usd.

    The components of an option sum to its ``total_usd`` and ``present_value_usd`` in the table. The build
    comes first if the work fits it, then the rental that it is compared with, if one is left.
    """
    lines = [] if case.build_misfit else [(build_name, *line) for line in _build_lines(case)]
    if case.against is not None:
        name = case.offers.names[case.against]
        lines += [(name, *line) for line in _rental_lines(case, case.against)]
    discount = case.owned.discount
    return pd.DataFrame(
        [
            (option, component, detail, float(flows.sum()), float(flows @ discount))
            for option, component, detail, flows in lines
        ],
        columns=list(RECEIPT_COLUMNS),
    )


def _build_lines(case: Case) -> list[Line]:
    owned = case.owned
    months = owned.months
    lines: list[Line] = []
    for part, asked in zip(owned.parts, case.scenario.workstation.parts or (), strict=True):
        note = "already owned" if asked.already_own else "bought today"
        lines.append((f"part {part.name}", note, _at(0, months, part.price_usd)))
    busy = owned.busy_hours_per_week * owned.hours_per_busy_hour
    hours = owned_hours_per_week(busy, owned.week)
    watts = (owned.week.load_w, owned.week.idle_w, owned.week.asleep_w)
    for state, watt, hour, usd in zip(
        ("busy", "idle", "asleep"), watts, hours, owned.electricity_usd, strict=True
    ):
        detail = f"{hour * WEEKS_PER_MONTH:.1f} h a month at {watt:g} W and ${owned.week.usd_per_kwh:.4f}/kWh"
        lines.append((f"electricity {state}", detail, _monthly(months, usd)))
    resale = resale_usd_by_month(owned.parts, months)[:, -1]
    for part, value_usd in zip(owned.parts, resale, strict=True):
        if part.price_usd:
            detail = f"sold after {months} months at -{part.yearly_loss_fraction:.0%} a year"
            lines.append((f"resale {part.name}", detail, _at(months, months, -float(value_usd))))
    fee_usd = float(resale.sum()) * owned.sale_fee_fraction
    lines.append(
        ("sale fee", f"{owned.sale_fee_fraction:.0%} of the sale price", _at(months, months, fee_usd))
    )
    return lines


def _rental_lines(case: Case, offer: int) -> list[Line]:
    bills = case.rented_only([offer])
    months, terms, hours = bills.months, bills.terms, bills.hours
    own = _own_offer(case, offer)
    provider, region = case.offers.text["provider"][offer], case.offers.text["region"][offer]
    storage, egress, borrowed = side_costs_usd_per_month(case.scenario, provider, region, own, case.figures)
    note = ", price of another region or an assumption" if borrowed else ""
    paid = bills.paid_hours[0]
    usd_per_hour = float(terms.usd_per_hour[0])
    if np.isfinite(terms.pack_hours[0]):
        packs = paid.sum() / terms.pack_hours[0]
        detail = (
            f"{packs:.0f} packs of {terms.pack_hours[0]:.2f} h at ${terms.pack_hours[0] * usd_per_hour:.2f}"
        )
        component = "packs"
    elif terms.committed_hours_per_month[0]:
        detail = (
            f"{terms.committed_hours_per_month[0]:g} h a month x {hours.instances[0]:g} "
            f"at ${usd_per_hour:g}, {terms.commitment_months[0]:g} months at a time"
        )
        component = "commitment"
    else:
        detail = f"{hours.billed_per_month[0]:.1f} h a month at ${usd_per_hour:g}"
        component = "hours"
    workload = case.scenario.workload
    return [
        (component, detail, paid * usd_per_hour),
        ("storage", f"{workload.storage_gb:g} GB all month{note}", _monthly(months, storage)),
        ("egress", f"{workload.download_gb_per_month:g} GB a month{note}", _monthly(months, egress)),
    ]


def _own_offer(case: Case, offer: int) -> OwnOffer | None:
    own = case.scenario.rental.own_offers
    first = len(case.offers.names) - len(own)
    return own[offer - first] if offer >= first else None


def _at(month: int, months: int, usd: float) -> FloatArray:
    flows = np.zeros(months + 1)
    flows[month] = usd
    return flows


def _monthly(months: int, usd: float) -> FloatArray:
    flows = np.full(months + 1, usd)
    flows[0] = 0.0
    return flows
