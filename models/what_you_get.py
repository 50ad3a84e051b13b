"""What the price of an offer includes, in one short line: processor, memory, disk, traffic, least time."""

from __future__ import annotations

import math

from .case import Case
from .side_costs import SidePrice

ACCESS_NAMES = {
    "vm": "a machine of your own",
    "container": "a container",
    "notebook": "a notebook",
    "runner": "a CI runner",
}


def what_you_get(case: Case) -> list[str]:
    """What one hour of each offer buys, and what is paid beside it."""
    text, number, terms = case.offers.text, case.offers.number, case.offers.terms
    prices = case.offers.side_prices
    beside = {price: _beside(price) for price in set(prices)}
    machines = zip(
        text["access"],
        text["tier"],
        number["hosts"].tolist(),
        number["vcpus"].tolist(),
        number["ram_gb"].tolist(),
        strict=True,
    )
    times = zip(
        terms.pack_hours.tolist(),
        terms.pack_valid_days.tolist(),
        terms.commitment_months.tolist(),
        terms.billing_increment_s.tolist(),
        terms.minimum_billing_s.tolist(),
        strict=True,
    )
    return [
        f"{_machine(*machine)}; {beside[price]}; {_least(*time)}"
        for machine, price, time in zip(machines, prices, times, strict=True)
    ]


def _machine(access: str, tier: str, hosts: float, vcpus: float, ram_gb: float) -> str:
    said = ACCESS_NAMES[access] + (f" of the tier {tier}" if tier else "")
    if math.isfinite(hosts):
        said += f"; one of {hosts:.0f} hosts"
    if math.isfinite(vcpus) and math.isfinite(ram_gb):
        said += f"; {vcpus:g} vCPUs and {ram_gb:g} GB RAM"
    return said


def _beside(price: SidePrice) -> str:
    said = f"disk ${price.storage_usd_per_gb_month:.3g} a GB-month"
    paid = [(start, usd) for start, usd in price.download_tiers if usd > 0]
    if paid:
        start, usd = paid[0]
        said += f", download ${usd:.3g} a GB" + (f" after {start:g} GB" if start else "")
    else:
        said += ", download free"
    return said + (f", upload ${price.upload_usd_per_gb:.3g} a GB" if price.upload_usd_per_gb else "")


def _least(pack_hours: float, valid_days: float, months: float, increment_s: float, minimum_s: float) -> str:
    if math.isfinite(pack_hours):
        return "units by the pack" + (f", valid {valid_days:g} days" if math.isfinite(valid_days) else "")
    if months:
        return f"signed for {months:g} months"
    return f"billed by {_time(increment_s)}" + (f", at least {_time(minimum_s)}" if minimum_s else "")


def _time(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
