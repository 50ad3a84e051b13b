"""Where the figures of a comparison are from, and how old they are."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from .figures import Figure
from .verdict import provider_name

if TYPE_CHECKING:
    from .comparison import Comparison

YOURS = "yours"
PRICE_COLUMNS = ("provider", "offers", "considered", "oldest", "newest", "newest_age_days", "sources")
INPUT_COLUMNS = ("input", "value", "unit", "kind", "as_of", "source")

Row = tuple[str, float, str, str, str, str]


def price_dates(comparison: Comparison, on: date) -> pd.DataFrame:
    """How old each provider's prices are on a day.

    Returns
    -------
    One row a provider: offers and considered ones counted, dates of the oldest and the newest price, age of
    the newest [days], and the sources of its considered offers, of all its offers where none is considered.
    """
    rows = []
    table = comparison.table.iloc[1:]
    for provider, offers in table.groupby("provider", sort=True):
        considered = offers[offers["considered"]]
        newest = str(offers["as_of"].max())
        listed = considered if len(considered) else offers
        rows.append(
            (
                provider_name(str(provider)),
                len(offers),
                len(considered),
                str(offers["as_of"].min()),
                newest,
                (on - date.fromisoformat(newest)).days,
                "; ".join(dict.fromkeys(str(source) for source in listed["source"])),
            )
        )
    return pd.DataFrame(rows, columns=list(PRICE_COLUMNS))


def input_sources(comparison: Comparison) -> pd.DataFrame:
    """The figures behind the build's bill and the assumptions, each with its kind, date and source.

    A value that the reader changed has the kind ``yours``. Fractions are 0 to 1.
    """
    scenario, figures = comparison.scenario, comparison.case.figures
    station, rental = scenario.workstation, scenario.rental
    tariff = figures.tariff(scenario.electricity.country)
    of_tariff = Figure(
        tariff.usd_per_kwh, tariff.usd_per_kwh, tariff.usd_per_kwh, tariff.kind, tariff.as_of, tariff.source
    )
    power, assumed = figures.workstation_power, figures.assumptions
    given = [
        (f"electricity, {tariff.name}", scenario.electricity.usd_per_kwh, "USD/kWh", of_tariff),
        ("build under load", station.load_w, "W", power["load"]),
        ("build on and idle", station.idle_w, "W", power["idle"]),
        ("build asleep", station.asleep_w, "W", power["asleep"]),
        ("sale fee", station.sale_fee_fraction, "of the price", assumed["sale_fee_fraction"]),
        (
            "discount rate",
            scenario.money.yearly_discount_fraction,
            "a year",
            assumed["yearly_discount_fraction"],
        ),
        ("start-up of a rented session", rental.start_up_hours, "h", assumed["start_up_hours"]),
        (
            "checkpoint interval on spot",
            rental.checkpoint_interval_hours,
            "h",
            assumed["checkpoint_interval_hours"],
        ),
        ("restart after an interruption", rental.restart_hours, "h", assumed["restart_hours"]),
    ]
    rows = _part_rows(comparison) + [_row(name, value, unit, figure) for name, value, unit, figure in given]
    rows += [
        _row(name, assumed[key].value, unit, assumed[key])
        for name, key, unit in (
            ("GPU's loss of value", "gpu_yearly_loss_fraction", "a year"),
            ("other parts' loss of value", "other_parts_yearly_loss_fraction", "a year"),
            ("loss on the day a part is bought new", "new_to_used_fraction", "of the price"),
            ("interruptions on spot, where unknown", "interruptions_per_hour", "an hour"),
            ("billing increment, where unknown", "billing_increment_s", "s"),
            ("least billed, where unknown", "minimum_billing_s", "s"),
            ("age from which a price counts as old", "max_price_age_days", "days"),
        )
    ]
    return pd.DataFrame(rows, columns=list(INPUT_COLUMNS))


def _part_rows(comparison: Comparison) -> list[Row]:
    listed = {
        f"{part.part}: {part.model}": part
        for part in comparison.case.figures.build(comparison.scenario.workstation.build)
    }
    rows: list[Row] = []
    # As `resolve` lists them: elsewhere than in the United States with value-added tax.
    with_tax = 1.0 + comparison.scenario.money.vat_fraction
    for part in comparison.scenario.workstation.parts or ():
        known = listed.get(part.name)
        if known is not None and known.price_usd * with_tax == part.price_usd:
            rows.append((part.name, part.price_usd, "USD", known.kind, known.as_of, known.source))
        else:
            rows.append((part.name, part.price_usd, "USD", YOURS, "", ""))
    return rows


def _row(name: str, value: float | None, unit: str, figure: Figure) -> Row:
    assert value is not None, f"{name} of a resolved scenario has a value"
    if value != figure.value:
        return (name, value, unit, YOURS, "", "")
    return (name, value, unit, figure.kind, figure.as_of, figure.source)
