"""The inputs of renting: who is considered, and what a rental costs beside its hours."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import load_figures
from models.verdict import TERM_NAMES

from . import words
from .editors import free_credits_editor
from .fields import DEFAULT_QUESTION, NOT_IN_THE_BILL, amount, figure, in_pairs, optional, percent
from .state import known_offers


def renting() -> None:
    """Whom to consider, and what each session costs in time."""
    rental_filters()
    assumed = load_figures().assumptions
    for path, label, meaning in (
        ("start_up_hours", "Start-up of a session (h)", "Paid time until a rented machine is ready."),
        (
            "checkpoint_interval_hours",
            "Checkpoint every (h)",
            "On spot, half of it is lost at an interruption.",
        ),
        ("restart_hours", "Restart (h)", "Time lost to coming back after an interruption on spot."),
    ):
        figure(f"rental.{path}", label, meaning, assumed[path], step=0.05)


def more() -> None:
    """What a rental costs beside its hours."""
    _extra(
        "data_loading_hours", "Loading data, each session (h)", "Paid time to bring the data back.", step=0.05
    )
    percent(
        "rental.yearly_price_drift_fraction",
        "Prices rise by, a year",
        f"By how much the hourly prices rise, below 0 where they fall. {NOT_IN_THE_BILL}",
        least=-0.3,
    )
    bucket = load_figures().side_prices("*", "global").storage_usd_per_gb_month
    in_pairs(
        partial(_extra, "object_storage_gb", "Bucket (GB)", "Data kept in it all month.", step=100.0),
        partial(
            optional,
            "rental.object_storage_usd_per_gb_month",
            "Bucket ($/GB)",
            "Price of a GB in a bucket for a month.",
            step=0.005,
            empty=f"{bucket:g}",
        ),
        partial(_extra, "snapshot_gb", "Snapshots (GB)", "Snapshots of disks kept all month.", step=100.0),
        partial(
            amount,
            "rental.snapshot_usd_per_gb_month",
            "Snapshot ($/GB)",
            "Price of a GB of snapshots for a month.",
            step=0.005,
        ),
        partial(_extra, "set_up_hours", "Set-up (your h)", "To set the rental up, once.", step=1.0),
        partial(_extra, "upkeep_hours_per_month", "Upkeep (your h)", "A month, to keep it usable.", step=0.5),
    )
    amount(
        "workload.upload_gb_per_month",
        "Upload (GB a month)",
        "Data sent to the rented machine, where a host charges for it.",
        step=10.0,
        default=NOT_IN_THE_BILL,
    )
    _extra(
        "public_ip_usd_per_hour", "Public address ($/h)", "Paid around the clock, as AWS does.", step=0.005
    )
    grid = load_figures().carbon_of(st.session_state["electricity.country"])
    optional(
        "rental.grams_co2_per_kwh",
        "CO₂ where you rent (g/kWh)",
        "Carbon intensity of the grid where the rented machine stands. Empty: that of your country.",
        step=10.0,
        empty="unknown" if grid is None else f"{grid.value:g}",
    )
    st.caption("Free credits, one provider a row. *Your h* count at the value under *Keeping it*.")
    free_credits_editor()


def rental_filters(prefix: str = "", columns: Sequence[DeltaGenerator] = ()) -> None:
    """Providers, regions and terms to consider; ``prefix`` tells a second set of the same widgets apart.

    The second set shows the first one's choice and hands its own on. ``columns`` are three places for them.
    """
    offers, figures = known_offers(), load_figures()
    providers = sorted(set(offers["provider"]))
    continents = sorted({place for place in figures.continents.values() if place not in ("", "global")})
    chosen = st.session_state["rental.regions"]
    regions = list(dict.fromkeys([*continents, *sorted(set(offers["region"])), *chosen]))
    places = columns or [st.container() for _ in range(3)]
    filters = (
        ("rental.providers", "Providers", providers, words.provider_name, "all", "Empty: all of them."),
        (
            "rental.regions",
            "Regions",
            regions,
            words.region_name,
            "the country's continent",
            "Regions or whole continents. Empty: the continent of your country, without government clouds.",
        ),
        (
            "rental.terms",
            "Ways of buying",
            list(TERM_NAMES),
            words.term_name,
            "on demand, prepaid units",
            "Empty: on demand and prepaid units.",
        ),
    )
    for place, (path, label, options, name, empty, meaning) in zip(places, filters, strict=True):
        if prefix:
            st.session_state[f"{prefix}{path}"] = list(st.session_state[path])
        place.multiselect(
            label,
            options,
            key=f"{prefix}{path}",
            format_func=name,
            placeholder=empty,
            help=f"{meaning} {DEFAULT_QUESTION}",
            on_change=_hand_on if prefix else None,
            args=(prefix, path),
        )


def _hand_on(prefix: str, path: str) -> None:
    if prefix:
        st.session_state[path] = list(st.session_state[f"{prefix}{path}"])


def _extra(field: str, label: str, meaning: str, step: float) -> None:
    amount(f"rental.{field}", label, meaning, step, NOT_IN_THE_BILL)
