"""The inputs of continuous integration: minutes, jobs, hosted runners, the plan."""

from __future__ import annotations

import streamlit as st

from models import Comparison
from models.ci import SYSTEMS
from models.currency import Exchange
from models.figures import Runner

from . import currency, flip_notes, words
from .fields import DEFAULT_QUESTION, NOT_IN_THE_BILL, amount, switch
from .in_force import figures_in_force
from .state import chosen_rate


def ci(comparison: Comparison) -> None:
    """What runs each month, on which hosted runners, who pays for them, and what the answer says of it."""
    with flip_notes.beneath_row():
        for column, system in zip(st.columns(3), SYSTEMS, strict=True):
            with column:
                amount(
                    f"workload.ci_minutes_per_month.{system}",
                    words.SYSTEM_NAMES[system],
                    "CI minutes a month. The build serves those of Linux and Windows in private "
                    "repositories; macOS stays with GitHub.",
                    step=100.0,
                )
    switch(
        "workload.ci_public_repositories",
        "Public repositories",
        "The jobs are those of public repositories. Standard runners are free there, and GitHub advises "
        "against self-hosted ones, so the build serves none of the jobs.",
    )
    figures, rate = figures_in_force(), chosen_rate()
    plans, runners = figures.runner_plans, figures.runners
    st.selectbox(
        "GitHub plan",
        list(words.PLAN_NAMES),
        key="workload.ci_plan",
        format_func=lambda plan: f"{words.PLAN_NAMES[plan]}: {plans[plan].value:,.0f} min included",
        help=words.source_note("free", *_origin(plans["free"])),
    )
    for column, system in zip(st.columns(3), SYSTEMS, strict=True):
        with column:
            amount(
                f"workload.ci_jobs_per_month.{system}",
                "Its jobs",
                "CI jobs a month: each is billed in whole minutes. 0: not known, the minutes are taken as "
                "billed.",
                step=10.0,
                default=NOT_IN_THE_BILL,
            )
    for system in SYSTEMS:
        chosen = str(st.session_state[f"workload.ci_runners.{system}"])
        # A table of the reader's own may have lost the chosen one: the answer says so.
        skus = dict.fromkeys([*(sku for sku, runner in runners.items() if runner.system == system), chosen])
        st.selectbox(
            f"Hosted runner, {words.SYSTEM_NAMES[system]}",
            list(skus),
            key=f"workload.ci_runners.{system}",
            format_func=lambda sku: _runner_name(runners[sku], rate) if sku in runners else sku,
            help="The runner that does these minutes today. "
            + words.source_note(runners[system].label, *_origin(runners[system]))
            + f" {DEFAULT_QUESTION}",
        )
    for note in comparison.judgement.notes:
        if "GitHub" in note:
            st.caption(words.plain(note))


def _runner_name(runner: Runner, rate: Exchange) -> str:
    listed = currency.listed(f"{runner.label}, ${runner.usd_per_minute:g} a minute", rate)
    return listed if currency.is_dollar(rate) else f"{listed} = {currency.price(runner.usd_per_minute, rate)}"


def _origin(figure: object) -> tuple[str, str, str]:
    kind, as_of, source = (str(getattr(figure, name)) for name in ("kind", "as_of", "source"))
    return kind, as_of, source
