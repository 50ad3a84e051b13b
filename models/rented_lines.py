"""One rental's bill in lines: hours, packs or a commitment, disks, what is kept all month, tax."""

from __future__ import annotations

import numpy as np

from .capacity import break_even_utilization
from .case import Case
from .lines import Line, monthly, once
from .rented_bills import RentedBills
from .resolve import known
from .side_costs import kept_usd_per_month, month_usd
from .usage import spot_overhead


def rented_lines(case: Case, offer: int) -> list[Line]:
    """Every component of the bill of ``case.offers[offer]``; they sum to its row in the table."""
    bills = case.rented_only([offer])
    lines = _hours_lines(case, offer, bills) + _side_lines(case, offer, bills)
    extras, months = bills.extras, bills.months
    credit = bills.credit_usd[0]
    if credit.any():
        lines.append(Line("free credit", f"until month {bills.terms.credit_months[0]:g}", -credit))
    if extras.hosted_ci_usd_per_month:
        ci = monthly(months, extras.hosted_ci_usd_per_month)
        lines.append(Line("hosted CI", "all minutes stay with GitHub", ci))
    bought = np.asarray(sum(line.usd_by_month for line in lines))
    vat = bought * extras.vat_added_fraction
    if vat.any():
        lines.append(Line("VAT", f"{extras.vat_added_fraction:.3g} on listed prices", vat))
    saved = (bought + vat) * extras.marginal_rate_fraction
    if saved.any():
        lines.append(Line("tax saved on renting", f"{extras.marginal_rate_fraction:.0%}", -saved))
    if extras.set_up_time_usd:
        lines.append(Line("set-up time", "hours of a person, once", once(months, extras.set_up_time_usd)))
    if extras.upkeep_time_usd_per_month:
        time = monthly(months, extras.upkeep_time_usd_per_month)
        lines.append(Line("upkeep time", "hours of a person, monthly", time))
    return lines


def _hours_lines(case: Case, offer: int, bills: RentedBills) -> list[Line]:
    """What the hours cost; GPUs that come with the machine and stand idle are a line of their own."""
    terms, hours, paid = bills.terms, bills.hours, bills.paid_hours[0]
    usd_per_hour = float(terms.usd_per_hour[0])
    price = f"${usd_per_hour:g}"
    if np.isfinite(terms.pack_hours[0]):
        packs = paid.sum() / terms.pack_hours[0]
        unused_hours = paid.sum() - hours.billed_per_month[0] * bills.months
        component = "packs"
        detail = (
            f"{packs:.0f} packs of {terms.pack_hours[0]:.2f} h at ${terms.pack_hours[0] * usd_per_hour:.2f}, "
            f"{max(unused_hours, 0.0):.1f} h of them left over or expired"
        )
    elif terms.committed_hours_per_month[0]:
        component = "commitment"
        detail = (
            f"{terms.committed_hours_per_month[0]:g} h a month x {hours.instances[0]:g} "
            f"at {price}, {terms.commitment_months[0]:g} months at a time{_pays_from(case, offer)}"
        )
    else:
        component = "hours"
        detail = f"{hours.billed_per_month[0]:.1f} h a month at {price}{_spot_note(case, offer)}"
    usd = bills.hours_usd[0]
    gpus, needed = float(case.offers.number["gpu_count"][offer]), case.scenario.workload.gpus
    if gpus <= max(needed, 1):
        return [Line(component, detail, usd)]
    used = needed / gpus
    return [
        Line(component, f"{detail}, {needed:g} of {gpus:g} GPUs used", usd * used),
        Line("idle GPUs", f"{gpus - needed:g} of {gpus:g} GPUs are paid and not used", usd * (1.0 - used)),
    ]


def _pays_from(case: Case, offer: int) -> str:
    """From which share of its hours a commitment is cheaper than the same machine on demand."""
    text, prices = case.offers.text, case.offers.number["usd_per_hour"]
    same = ("provider", "instance_type", "region")
    for other, term in enumerate(text["term"]):
        if term == "on_demand" and all(text[name][other] == text[name][offer] for name in same):
            share = float(break_even_utilization(prices[offer], prices[other]))
            return f"; cheaper than on demand from {share:.0%} of the hours" if share <= 1 else ""
    return ""


def _spot_note(case: Case, offer: int) -> str:
    """What interruptions make of the price of an hour."""
    if case.offers.text["term"][offer] != "spot":
        return ""
    rental = case.scenario.rental
    interruptions = case.offers.number["interruptions_per_hour"][offer]
    if np.isnan(interruptions):
        interruptions = case.figures.assumptions["interruptions_per_hour"].value
    overhead = float(
        spot_overhead(interruptions, known(rental.checkpoint_interval_hours), known(rental.restart_hours))
    )
    effective = case.offers.number["usd_per_hour"][offer] * overhead
    return f", with interruptions ${effective:.4g} for an hour of progress"


def _side_lines(case: Case, offer: int, bills: RentedBills) -> list[Line]:
    work, rental, months = case.scenario.workload, case.scenario.rental, bills.months
    price = case.offers.side_prices[offer]
    storage, egress = month_usd(case.scenario, price)
    note = ", price of another region or an assumption" if price.borrowed else ""
    sends = work.upload_gb_per_month and price.upload_usd_per_gb
    sent = f" and {work.upload_gb_per_month:g} GB sent" if sends else ""
    lines = [
        Line("storage", f"{work.storage_gb:g} GB all month{note}", monthly(months, storage)),
        Line("egress", f"{work.download_gb_per_month:g} GB a month{sent}{note}", monthly(months, egress)),
    ]
    kept = kept_usd_per_month(case.scenario)
    if kept:
        detail = (
            f"{rental.object_storage_gb:g} GB in a bucket, {rental.snapshot_gb:g} GB of snapshots, "
            f"a public address at ${rental.public_ip_usd_per_hour:g} an hour"
        )
        lines.append(Line("kept all month", detail, monthly(months, kept)))
    return lines
