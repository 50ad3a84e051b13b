"""The inputs: single values in the sidebar, tables of them in their tabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import load_figures
from models.figures import REFERENCE_GPU, Figure
from models.scenario import Access, OwnTerm
from models.verdict import TERM_NAMES

from . import words
from .state import choose_build, known_offers, table_at

DEFAULT_QUESTION = "Assumption: part of the default question."
ACCESS: tuple[str, ...] = get_args(Access)
OWN_TERMS: tuple[str, ...] = get_args(OwnTerm)


def sidebar() -> None:
    """Everything that is one value."""
    st.subheader("Your week", anchor=False)
    _week()
    with st.expander("The work", expanded=True):
        _work()
    with st.expander("The build", expanded=True):
        _build()
    with st.expander("Electricity", expanded=True):
        _electricity()
    with st.expander("Renting"):
        _renting()
    with st.expander("Money", expanded=True):
        _money()


def parts_editor() -> pd.DataFrame:
    """The build's parts, one a row."""
    key, rows = table_at("workstation.parts")
    column = st.column_config
    return st.data_editor(
        rows,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        column_config={
            "name": column.TextColumn("part", required=True, width="medium"),
            "price_usd": column.NumberColumn("price", required=True, min_value=0.0, format="dollar"),
            "already_own": column.CheckboxColumn(
                "already own", default=False, help="Costs nothing, sells for nothing; its electricity counts."
            ),
            "new_to_used_fraction": column.NumberColumn(
                "loss on day one",
                min_value=0.0,
                max_value=1.0,
                format="percent",
                help="Value lost by being no longer new: 0.15 is 15 %, 0 for a used part. Assumption.",
            ),
            "yearly_loss_fraction": column.NumberColumn(
                "loss a year",
                min_value=0.0,
                max_value=1.0,
                format="percent",
                help="Share of its value that it loses each year: 0.2 is 20 %. Sources are in the last tab.",
            ),
        },
    )


def own_rates_editor() -> pd.DataFrame:
    """Rates of the reader's own, one a row."""
    key, rows = table_at("rental.own_offers")
    column, gpus = st.column_config, list(dict.fromkeys([*load_figures().gpus, *rows["gpu"]]))
    number = column.NumberColumn
    return st.data_editor(
        rows,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        column_config={
            "name": column.TextColumn("name", default="my rate", required=True),
            "gpu": column.SelectboxColumn("GPU", options=gpus, default=REFERENCE_GPU, required=True),
            "usd_per_hour": number("$ an hour", required=True, min_value=0.0001, format="$%.4f"),
            "vram_gb": number("GB a GPU", min_value=0.0001, help="Empty: what the GPU has."),
            "access": column.SelectboxColumn("access", options=ACCESS, default="vm", required=True),
            "term": column.SelectboxColumn("term", options=OWN_TERMS, default="on_demand", required=True),
            "relative_throughput": number(
                "speed", min_value=0.0001, help="The RTX 4090 is 1; empty: the figure for this GPU and work."
            ),
            "gpu_count": number("GPUs", default=1.0, min_value=0.0001),
            "compute_capability": number("compute capability", min_value=0.0001),
            "max_session_hours": number("session ends after (h)", min_value=0.0001),
            "billing_increment_s": number("billed by (s)", min_value=0.0001),
            "minimum_billing_s": number("least billed (s)", min_value=0.0),
            "interruptions_per_hour": number("interruptions an hour", min_value=0.0),
            "storage_usd_per_gb_month": number("storage, $ a GB-month", min_value=0.0),
            "egress_usd_per_gb": number("download, $ a GB", min_value=0.0),
        },
    )


def speeds_editor() -> pd.DataFrame:
    """Speeds of the reader's own, one GPU a row."""
    key, rows = table_at("workload.relative_throughput")
    column, gpus = st.column_config, list(dict.fromkeys([*load_figures().gpus, *rows["gpu"]]))
    return st.data_editor(
        rows,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "gpu": column.SelectboxColumn("GPU", options=gpus, required=True, width="medium"),
            "speed": column.NumberColumn("speed, RTX 4090 = 1", required=True, min_value=0.0001),
        },
    )


def _week() -> None:
    _hours("workload.busy_hours_per_week", "Busy hours", "Hours a week in which the GPU works.")
    _hours(
        "workload.attended_idle_hours_per_week",
        "Attended idle hours",
        "Hours a week in which you hold the machine while you edit, read, debug: the cloud's clock runs, the "
        "GPU does not.",
    )
    _hours(
        "workstation.left_on_hours_per_week",
        "Left-on hours of the build",
        "Hours a week in which the workstation is on beyond that.",
    )


def _work() -> None:
    figures = load_figures()
    st.selectbox(
        "Kind of work",
        list(words.WORKLOAD_NAMES),
        key="workload.workload_class",
        format_func=lambda name: words.WORKLOAD_NAMES[name],
        help=f"Decides how much faster one GPU is than another. {DEFAULT_QUESTION}",
    )
    st.selectbox(
        "Hours counted on",
        list(figures.gpus),
        key="workload.hours_measured_on",
        help=f"The GPU on which you know your busy hours; every other GPU's follow. {DEFAULT_QUESTION}",
    )
    left, right = st.columns(2)
    with left:
        _amount("workload.vram_gb", "VRAM (GB)", "Memory that one process needs on its GPU.", step=1.0)
        _amount(
            "workload.longest_run_hours", "Longest run (h)", "The longest run that must not be cut.", step=1.0
        )
        _amount("workload.storage_gb", "Data kept (GB)", "Stored all month where you rent.", step=10.0)
    with right:
        st.number_input(
            "GPUs", 1, 64, key="workload.gpus", help=f"GPUs that the work needs at once. {DEFAULT_QUESTION}"
        )
        _amount("workload.sessions_per_week", "Sessions/week", "How often a machine is started.", step=1.0)
        _amount("workload.download_gb_per_month", "Download (GB)", "Data brought home each month.", step=10.0)
    st.toggle(
        "Needs an own environment",
        key="workload.needs_own_environment",
        help="Root, own drivers and containers, an IDE with a debugger, still there tomorrow: no notebooks. "
        f"{DEFAULT_QUESTION}",
    )
    st.toggle(
        "Needs a CI runner",
        key="workload.needs_runner",
        help=f"The machine must serve as a runner: no notebooks, no containers. {DEFAULT_QUESTION}",
    )
    st.number_input(
        "Least compute capability",
        value=None,
        min_value=0.1,
        max_value=99.0,
        step=0.1,
        format="%.1f",
        key="workload.min_compute_capability",
        placeholder="any",
        help=f"Such as 8.9 for FP8 kernels. {DEFAULT_QUESTION}",
    )
    if st.session_state["workload.needs_runner"]:
        for column, runner in zip(st.columns(3), ("linux", "windows", "macos"), strict=True):
            with column:
                _ci_minutes(runner)
    else:
        for runner in ("linux", "windows", "macos"):
            _keep(f"workload.ci_minutes_per_month.{runner}")


def _ci_minutes(runner: str) -> None:
    _amount(
        f"workload.ci_minutes_per_month.{runner}",
        {"linux": "Linux", "windows": "Windows", "macos": "macOS"}[runner],
        "CI minutes a month, kept with the question but not priced yet.",
        step=100.0,
    )


def _build() -> None:
    figures = load_figures()
    st.selectbox(
        "Preset",
        list(figures.builds),
        key="workstation.build",
        format_func=words.build_name,
        on_change=choose_build,
        help="A parts list with its dates: the tab *The build* changes single parts, the tab *Sources* says "
        "where each price is from.",
    )
    power = figures.workstation_power
    fee = figures.assumptions["sale_fee_fraction"]
    left, right = st.columns(2)
    with left:
        _figure("workstation.load_w", "Load (W)", "Watts at the wall while the GPU works.", power["load"])
        _figure("workstation.asleep_w", "Asleep (W)", "Watts at the wall while asleep.", power["asleep"])
    with right:
        _figure("workstation.idle_w", "Idle (W)", "Watts at the wall while on but idle.", power["idle"])
        _percent(
            "workstation.sale_fee_fraction",
            "Sale fee",
            "Share of the sale price that selling costs. "
            + words.source_note(f"{fee.value:.0%}", fee.kind, fee.as_of, fee.source),
        )


def _electricity() -> None:
    figures = load_figures()
    tariff = figures.tariffs.get(st.session_state["electricity.country"])
    st.selectbox(
        "Country or state",
        sorted(figures.tariffs, key=lambda code: figures.tariffs[code].name),
        key="electricity.country",
        format_func=lambda code: figures.tariffs[code].name,
        help="Sets the price of electricity, and the continent whose cloud regions are considered. "
        f"{DEFAULT_QUESTION}",
    )
    assert tariff is not None, "the select box offers only countries with a tariff"
    price = Figure(
        tariff.usd_per_kwh, tariff.usd_per_kwh, tariff.usd_per_kwh, tariff.kind, tariff.as_of, tariff.source
    )
    _figure(
        "electricity.usd_per_kwh",
        "Price ($/kWh)",
        "What a further kilowatt-hour costs you, taxes included.",
        price,
        step=0.01,
    )


def _renting() -> None:
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
        _figure(f"rental.{path}", label, meaning, assumed[path], step=0.05)


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


def _money() -> None:
    st.number_input(
        "Months compared",
        1,
        240,
        step=6,
        key="money.horizon_months",
        help=f"Both bills run for so long; then the build is sold. {DEFAULT_QUESTION}",
    )
    rate = load_figures().assumptions["yearly_discount_fraction"]
    _percent(
        "money.yearly_discount_fraction",
        "Discount rate a year",
        "By how much a dollar next year counts less than one today. "
        + words.source_note(f"{rate.value:.0%}", rate.kind, rate.as_of, rate.source),
    )


def _hours(path: str, label: str, meaning: str) -> None:
    st.slider(
        label,
        0.0,
        168.0,
        step=0.5,
        format="%g h",
        key=path,
        help=f"{meaning} {DEFAULT_QUESTION}",
    )


def _amount(path: str, label: str, meaning: str, step: float) -> None:
    st.number_input(
        label, min_value=0.0, step=step, format="%g", key=path, help=f"{meaning} {DEFAULT_QUESTION}"
    )


def _figure(path: str, label: str, meaning: str, figure: Figure, step: float = 10.0) -> None:
    """An input that stands for a dated figure while it is empty."""
    st.number_input(
        label,
        value=None,
        min_value=0.0,
        step=step,
        format="%g",
        key=path,
        placeholder=f"{figure.value:g}",
        help=f"{meaning} " + words.source_note(f"{figure.value:g}", figure.kind, figure.as_of, figure.source),
    )


def _percent(path: str, label: str, meaning: str) -> None:
    typical = 0.3
    st.slider(
        label,
        0.0,
        max(typical, st.session_state[path]),
        step=0.005,
        format="percent",
        key=path,
        help=meaning,
    )


def _keep(path: str) -> None:
    """Streamlit forgets the state of a widget that is not drawn, unless it is set again."""
    st.session_state[path] = st.session_state[path]
