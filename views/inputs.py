"""The sidebar: the week, the work, the build, electricity, renting, money; what is rare stays closed."""

from __future__ import annotations

from functools import partial

import streamlit as st

from models import Comparison, load_figures
from models.figures import Figure

from . import inputs_ci, inputs_owning, inputs_renting, words
from .fields import (
    DEFAULT_QUESTION,
    amount,
    figure,
    hours_of_week,
    in_pairs,
    optional_whole,
    percent,
    whole,
)
from .state import choose_build, choose_country


def sidebar(comparison: Comparison) -> None:
    """All inputs but the tables in the tabs; the answer has notes for some of them."""
    st.subheader("Your week", anchor=False)
    _week()
    with st.expander("The work", expanded=True):
        _work()
    with st.expander("Several GPUs"):
        _several_gpus()
    with st.expander("CI", expanded=bool(st.session_state["workload.needs_runner"])):
        inputs_ci.ci(comparison)
    with st.expander("The build", expanded=True):
        _build()
    with st.expander("Keeping it"):
        inputs_owning.keeping()
    with st.expander("Electricity", expanded=True):
        _electricity()
    with st.expander("Tariff"):
        inputs_owning.tariff()
    with st.expander("Renting"):
        inputs_renting.renting()
    with st.expander("Renting: more"):
        inputs_renting.more()
    with st.expander("Money", expanded=True):
        _money()
    with st.expander("Loan, lease, tax"):
        inputs_owning.loan_lease_tax()


def _week() -> None:
    hours_of_week("workload.busy_hours_per_week", "Busy hours", "Hours a week in which the GPU works.")
    hours_of_week(
        "workload.attended_idle_hours_per_week",
        "Attended idle hours",
        "Hours a week in which you hold the machine while you edit, read, debug: the cloud's clock runs, the "
        "GPU does not.",
    )
    hours_of_week(
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
    in_pairs(
        partial(
            amount, "workload.vram_gb", "VRAM (GB)", "Memory that one process needs on its GPU.", step=1.0
        ),
        partial(whole, "workload.gpus", "GPUs", "GPUs that the work needs at once.", 1, 64),
        partial(
            amount,
            "workload.longest_run_hours",
            "Longest run (h)",
            "The longest run that must not be cut.",
            step=1.0,
        ),
        partial(
            amount,
            "workload.sessions_per_week",
            "Sessions/week",
            "How often a machine is started.",
            step=1.0,
        ),
        partial(
            amount, "workload.storage_gb", "Data kept (GB)", "Stored all month where you rent.", step=10.0
        ),
        partial(
            amount,
            "workload.download_gb_per_month",
            "Download (GB)",
            "Data brought home each month.",
            step=10.0,
        ),
    )
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


def _several_gpus() -> None:
    optional_whole(
        "workload.gpus_measured_on",
        "Hours counted with (GPUs)",
        "GPUs with which you counted the busy hours. Empty: as many as the work needs.",
        1,
        64,
        "as many as needed",
    )
    percent(
        "workload.parallel_efficiency",
        "Speed kept by several GPUs",
        f"Share of their joint speed that several GPUs keep when they work together. {DEFAULT_QUESTION}",
        typical=1.0,
        least=0.05,
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
    in_pairs(
        partial(
            figure,
            "workstation.load_w",
            "Load (W)",
            "Watts at the wall while the GPU works.",
            power["load"],
        ),
        partial(
            figure, "workstation.idle_w", "Idle (W)", "Watts at the wall while on but idle.", power["idle"]
        ),
        partial(
            figure, "workstation.asleep_w", "Asleep (W)", "Watts at the wall while asleep.", power["asleep"]
        ),
        partial(
            percent,
            "workstation.sale_fee_fraction",
            "Sale fee",
            "Share of the sale price that selling costs. "
            + words.source_note(f"{fee.value:.0%}", fee.kind, fee.as_of, fee.source),
        ),
    )


def _electricity() -> None:
    figures = load_figures()
    tariff = figures.tariffs.get(st.session_state["electricity.country"])
    st.selectbox(
        "Country or state",
        sorted(figures.tariffs, key=lambda code: figures.tariffs[code].name),
        key="electricity.country",
        format_func=lambda code: figures.tariffs[code].name,
        on_change=choose_country,
        help="Sets the price of electricity, the currency of the answer, value-added tax, and the continent "
        f"whose cloud regions are considered; each can be changed back by itself. {DEFAULT_QUESTION}",
    )
    st.caption(_came_with_it())
    assert tariff is not None, "the select box offers only countries with a tariff"
    price = Figure(
        tariff.usd_per_kwh, tariff.usd_per_kwh, tariff.usd_per_kwh, tariff.kind, tariff.as_of, tariff.source
    )
    figure(
        "electricity.usd_per_kwh",
        "Price ($/kWh)",
        "What a further kilowatt-hour costs you, taxes included.",
        price,
        step=0.01,
    )


def _came_with_it() -> str:
    """What a country sets beside the price, as it stands now."""
    vat_fraction = st.session_state["money.vat_fraction"]
    regions = st.session_state["rental.regions"]
    clouds = ", ".join(words.region_name(region) for region in regions) or "the country's continent"
    percent_text = f"{vat_fraction:.2%}".rstrip("0%").rstrip(".")
    tax = f"value-added tax {percent_text} %" if vat_fraction else "no value-added tax"
    return words.plain(f"Answer in {st.session_state['money.currency']}, {tax}, clouds of {clouds}.")


def _money() -> None:
    whole(
        "money.horizon_months",
        "Months compared",
        "Both bills run for so long; then the build is sold.",
        1,
        240,
        step=6,
    )
    rate = load_figures().assumptions["yearly_discount_fraction"]
    percent(
        "money.yearly_discount_fraction",
        "Discount rate a year",
        "By how much a dollar next year counts less than one today. "
        + words.source_note(f"{rate.value:.0%}", rate.kind, rate.as_of, rate.source),
    )
