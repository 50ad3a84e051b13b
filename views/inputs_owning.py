"""The inputs of owning that stay closed: keeping the build, the tariff, and who pays a part of it."""

from __future__ import annotations

from calendar import month_name
from functools import partial
from typing import get_args

import streamlit as st

from models import load_figures
from models.figures import Figure
from models.input_types import WhenFull
from models.tax import TaxSchedule

from . import flip_notes, words
from .editors import busy_hours_editor, tiers_editor, time_of_use_editor
from .fields import (
    DEFAULT_QUESTION,
    NOT_IN_THE_BILL,
    amount,
    choice,
    converted,
    figure,
    hours_of_week,
    in_pairs,
    in_us_dollars,
    optional,
    percent,
    share,
    switch,
    whole,
)

PSU_GRADES = ("bronze", "gold", "platinum", "titanium")
MAINS_VOLTS = (115, 230)


def keeping() -> None:
    """How many builds, what keeping them costs, and how they are sold."""
    figures = load_figures()
    off = figures.workstation_power["off"]
    in_pairs(
        partial(whole, "workstation.count", "Builds", "How many such builds are bought.", 1, 64),
        partial(
            amount,
            "money.value_per_hour_usd",
            "Your hour ($)",
            "What an hour of your time is worth, when owning and when renting alike.",
            step=5.0,
            default=NOT_IN_THE_BILL,
        ),
        partial(_kept, "building_hours", "Building (your h)", "To choose and build it, once.", step=1.0),
        partial(_kept, "upkeep_hours_per_month", "Upkeep (your h)", "A month, to keep it running.", step=0.5),
        partial(_kept, "warranty_usd", "Warranty ($)", "An extended one, paid with the parts.", step=50.0),
        partial(_kept, "warranty_months", "for (months)", "Failures cost nothing until then.", 6.0, 240.0),
        partial(_kept, "insurance_usd_per_year", "Insured ($/year)", "Premium.", step=10.0),
        partial(_kept, "upkeep_usd_per_month", "Other ($/month)", "Colocation, network.", step=5.0),
        partial(_kept, "sale_delay_months", "Sold after (mo.)", "Months until a buyer pays.", 1.0, 60.0),
        partial(
            optional,
            "workstation.new_generation_month",
            "New cards (mo.)",
            "Month in which a new generation of cards comes.",
            step=1.0,
            empty="never",
            bounds=(0.0, 240.0),
        ),
        partial(
            optional,
            "workstation.power_limit_w",
            "Card's limit (W)",
            "Power limit of the card: fewer watts under load, and a little less speed.",
            step=50.0,
            empty="none",
            bounds=(100.0, 2000.0),
        ),
        partial(figure, "workstation.off_w", "Off (W)", "Watts while switched off.", off),
        partial(
            optional,
            "workstation.psu_rated_w",
            "PSU rated (W)",
            "Rating of the power supply: the watts are then those at its output. Empty: at the wall.",
            step=50.0,
            empty="at the wall",
            bounds=(0.0001, None),
        ),
        partial(
            choice, "workstation.psu_grade", "PSU grade", PSU_GRADES, str.capitalize, "80 PLUS, if rated."
        ),
        partial(choice, "workstation.psu_volts", "Mains (V)", MAINS_VOLTS, str, "Of the supply's losses."),
    )
    choice(
        "workstation.when_full",
        "When the week is full",
        get_args(WhenFull),
        words.when_full_name,
        "What happens with work beyond the 168 hours of a week.",
    )
    hours_of_week(
        "workstation.off_hours_per_week",
        "Switched off",
        "Hours a week switched off instead of asleep.",
    )
    card, other = (figures.assumptions[f"{kind}_yearly_failure_fraction"] for kind in ("gpu", "other_parts"))
    share(
        "workstation.yearly_failure_fraction",
        "Failures a year",
        f"Share of the parts that fail in a year; about {card.value:.1%} of cards and {other.value:.1%} of "
        "other parts do.",
    )
    share("workstation.scrap_fraction", "Scrap value", "Share of its price below which no part falls.")
    share(
        "workstation.new_generation_loss_fraction",
        "New cards take away",
        "Share of its value that the card loses when a new generation comes.",
    )


def tariff() -> None:
    """Prices by the hour or by consumption, panels, cooling and heat."""
    figures = load_figures()
    st.caption("Prices by the hour; the price above holds for all other hours. 22 to 6 passes midnight.")
    time_of_use_editor()
    st.caption("Or prices by the month's consumption, the lowest block first.")
    tiers_editor()
    in_pairs(
        partial(
            _power, "household_kwh_per_month", "Household (kWh)", "A month; fills the blocks.", step=50.0
        ),
        partial(
            _power,
            "standing_charge_usd_per_month",
            "Standing ($)",
            "Standing charge a month; only where the workstation causes it.",
            step=1.0,
        ),
        partial(
            choice,
            "electricity.first_month",
            "First month",
            range(1, 13),
            _month,
            "Month of the year in which the comparison begins.",
        ),
        partial(_power, "feed_in_usd_per_kwh", "Feed-in ($/kWh)", "What a kWh sold would earn.", step=0.01),
        partial(
            figure,
            "electricity.cooling_cop",
            "Cooling (COP)",
            "Heat moved per kilowatt-hour of cooling.",
            figures.assumptions["cooling_cop"],
            step=0.1,
        ),
        partial(_power, "heating_usd_per_kwh", "Heat ($/kWh)", "Price of the heat replaced.", step=0.01),
    )
    percent(
        "electricity.yearly_price_drift_fraction",
        "Price rises by, a year",
        f"By how much the price of electricity rises, below 0 where it falls. {NOT_IN_THE_BILL}",
        least=-0.3,
    )
    share("electricity.solar_fraction", "From own panels", "Share of the energy, at the feed-in price.")
    share(
        "electricity.cooling_share_of_year_fraction",
        "Cooled",
        "Share of the year in which the heat must be cooled away.",
    )
    share(
        "electricity.heating_share_of_year_fraction",
        "Heats",
        "Share of the year in which the heat replaces other heating.",
    )
    grid = figures.carbon_of(st.session_state["electricity.country"])
    optional(
        "electricity.grams_co2_per_kwh",
        "CO₂ of the grid (g/kWh)",
        "Carbon intensity. "
        + ("" if grid is None else words.source_note(f"{grid.value:g}", grid.kind, grid.as_of, grid.source)),
        step=10.0,
        empty="unknown" if grid is None else f"{grid.value:g}",
    )
    st.caption("When the machine is busy: weights of the hours of the day. Empty: at any hour.")
    busy_hours_editor()


def loan_lease_tax() -> None:
    """Who pays a part: the bank, the lessor, the tax office."""
    share("money.loan_fraction", "Borrowed", "Share of the parts' price that a loan pays.")
    in_pairs(
        partial(
            figure,
            "money.loan_yearly_rate_fraction",
            "Loan's rate",
            "A year, nominal; 0.1 is 10 %.",
            _loan_rate(),
            step=0.005,
        ),
        partial(whole, "money.loan_months", "Loan (months)", "Months of repayment.", 1, 240, step=6),
        partial(
            optional,
            "workstation.lease_usd_per_month",
            "Lease ($/month)",
            "A lease in place of buying the parts.",
            step=10.0,
            empty="none",
        ),
        partial(
            whole, "workstation.lease_months", "Lease (months)", "For which it is signed.", 1, 240, step=6
        ),
        partial(
            optional,
            "workstation.lease_buyout_usd",
            "Buyout ($)",
            "For which the parts are bought at the lease's end. Empty: the lease goes on.",
            step=50.0,
            empty="none",
        ),
    )
    country = str(st.session_state["electricity.country"]).partition("-")[0]
    vat = load_figures().vat.get(country)
    listed = f" In {country}: {vat.value:.1%}, {vat.kind}, {words.plain(vat.source)}." if vat else ""
    share(
        "money.vat_fraction",
        "Value-added tax",
        f"Is in the prices of parts and electricity, comes on top of cloud prices.{listed}",
    )
    switch("money.vat_reclaimed", "It is reclaimed", "The tax office gives the value-added tax back.")
    share(
        "money.marginal_tax_rate_fraction",
        "Income tax",
        "On the last dollar earned; 0 where the costs are private.",
    )
    choice(
        "money.tax_schedule",
        "Parts are written off by",
        get_args(TaxSchedule),
        words.tax_schedule_name,
        "How the tax office lets the parts be deducted.",
    )
    st.selectbox(
        "Quarter of purchase",
        range(1, 5),
        key="money.tax_quarter",
        help=f"For the mid-quarter convention only. {DEFAULT_QUESTION}",
    )


def _month(number: object) -> str:
    return month_name[int(str(number))]


def _loan_rate() -> Figure:
    """The consumer's loan behind an empty rate: that of the country, else of the United States."""
    rates, country = load_figures().interest, str(st.session_state["electricity.country"])
    of_country = rates.get((country.partition("-")[0], "instalment_loan_paid"))
    return of_country or rates["US", "personal_loan_24_months"]


def _kept(field: str, label: str, meaning: str, step: float, most: float | None = None) -> None:
    path = f"workstation.{field}"
    st.number_input(
        in_us_dollars(label),
        min_value=0.0,
        max_value=most,
        step=step,
        format="%g",
        key=path,
        help=f"{meaning} {NOT_IN_THE_BILL}{converted(path, label)}",
    )
    flip_notes.beneath(path)


def _power(field: str, label: str, meaning: str, step: float) -> None:
    amount(f"electricity.{field}", label, meaning, step, NOT_IN_THE_BILL)
