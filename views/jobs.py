"""Which jobs of a list run at home: the list that the reader types, and the plan for it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from models import Comparison, Job, plan_jobs
from models.hybrid import HybridPlan

from . import currency, state, words
from .kept_answers import KEPT_ANSWERS, Question, download

MOST_JOBS = 100
EXAMPLE = Job("example: a model of 40 GB", 10.0, 40.0)
WITH_EXAMPLE = "jobs with an example"
COLUMNS = {
    "name": "str",
    "hours_per_month": "float64",
    "vram_gb": "float64",
    "gpus": "float64",
    "deadline_hours": "float64",
}

column = st.column_config
number = column.NumberColumn


def section(comparison: Comparison, question: Question, own_work: Job, is_open: bool) -> None:
    """The list, and where the tab is open the sentence, the table of the plan and its file."""
    st.subheader("Own for what fits, rent for the rest", anchor=False)
    answer = st.container()
    own = [own_work] if own_work.hours_per_month else []
    with_example = st.toggle(
        "With an example of 40 GB", key=WITH_EXAMPLE, help="A job that no card of 24 GB holds."
    )
    first = [*own, EXAMPLE] if with_example or not own else own
    shown = _editor(pd.DataFrame(first, columns=list(COLUMNS)).astype(COLUMNS))
    whose = "The first row is your own work. " if own else ""
    if st.session_state["jobs are the reader's"]:
        whose = "The list is as you typed it, and no longer follows your week. "
    st.caption(
        words.plain(
            f"{whose}Hours on the build's GPU at full speed. A double click changes a cell, the last row "
            "adds a job. Jobs share your attended hours, sessions and data by their hours. At home one job "
            "runs at a time, the earliest deadline first, in hours from the start of the month."
        )
    )
    st.button("Start over with my work", on_click=_forget)
    if not is_open:
        return
    jobs, incomplete = _jobs(shown)
    with answer:
        if incomplete:
            rows = ", ".join(map(str, incomplete))
            st.caption(f"Not counted yet: row {rows}. A job needs its hours a month and its VRAM.")
        if len(jobs) > MOST_JOBS:
            st.warning(
                f"At most {MOST_JOBS} jobs can be planned at once, not {len(jobs)}: put some together."
            )
            return
        try:
            plan = _planned(question, tuple(jobs), comparison)
        except ValueError as error:
            st.warning(
                words.refused(error, "Change the jobs, the build, or what is considered under Renting")
            )
            return
        st.markdown(f"**{words.plain(sentence(comparison, plan))}**")
    _table(comparison, plan)
    download(
        comparison,
        "the jobs",
        plan.jobs,
        (
            f"with the build [USD a month] {plan.own_and_rent_usd_per_month!r}",
            f"renting all [USD a month] {plan.rent_all_usd_per_month!r}",
        ),
    )


def sentence(comparison: Comparison, plan: HybridPlan) -> str:
    """What to do with the jobs, and what the month costs either way."""
    rate = currency.rate_of(comparison)
    both, renting, between = (
        currency.amount(usd, rate, cents=True)
        for usd in (
            plan.own_and_rent_usd_per_month,
            plan.rent_all_usd_per_month,
            abs(plan.saving_usd_per_month),
        )
    )
    if plan.saving_usd_per_month <= 0:
        return (
            f"Rent all: {renting} a month. With the build it is at best {both}: "
            f"the build costs {between} a month more."
        )
    what = "Own for what fits, rent for the rest" if "rented" in set(plan.jobs["where"]) else "Own for all"
    return f"{what}: {both} a month with the build, {renting} renting all: the build saves {between} a month."


@st.cache_data(show_spinner=False, max_entries=KEPT_ANSWERS)
def _planned(question: Question, jobs: tuple[Job, ...], _comparison: Comparison) -> HybridPlan:
    return plan_jobs(state.last_good(), state.known_offers(), jobs, _comparison.case.figures)


def _editor(first_rows: pd.DataFrame) -> pd.DataFrame:
    """The list, which follows the question until the reader changes it."""
    kept = st.session_state
    rows: pd.DataFrame | None = kept.get("jobs rows")
    if rows is None or not (kept["jobs are the reader's"] or rows.equals(first_rows)):
        rows = kept["jobs rows"] = first_rows
        kept["jobs are the reader's"] = False
        # A new key, so that the editor forgets what was typed into the former rows.
        kept["jobs key"] = f"jobs {next(kept['editor_numbers'])}"
    shown = st.data_editor(
        rows,
        key=str(kept["jobs key"]),
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "name": column.TextColumn("job", width="medium"),
            "hours_per_month": number("hours a month", format="%.1f"),
            "vram_gb": number("VRAM (GB)", format="%g", help="A GPU."),
            "gpus": number("GPUs", default=1.0, format="%g", help="At once."),
            "deadline_hours": number("done by (h)", default=730.0, format="%g", help="From 0 to 730."),
        },
    )
    kept["jobs are the reader's"] = not shown.equals(rows)
    return shown


def _forget() -> None:
    del st.session_state["jobs rows"]


def _jobs(shown: pd.DataFrame) -> tuple[list[Job], list[int]]:
    """The jobs of the rows that have hours and memory, and the numbers of those that lack one of them."""
    jobs, incomplete = [], []
    for place, row in enumerate(shown.to_dict("records"), start=1):
        filled = {str(name): value for name, value in row.items() if not (pd.isna(value) or value == "")}
        if {"hours_per_month", "vram_gb"} <= filled.keys():
            gpus = filled.get("gpus", 1.0)
            whole = int(gpus) if float(gpus).is_integer() else gpus
            jobs.append(Job(**{"name": f"job {place}", **filled, "gpus": whole}))
        elif filled.keys() & {"name", "hours_per_month", "vram_gb"}:
            incomplete.append(place)
    return jobs, incomplete


def _table(comparison: Comparison, plan: HybridPlan) -> None:
    rate, jobs = currency.rate_of(comparison), plan.jobs
    st.dataframe(
        pd.DataFrame(
            {
                "job": jobs["job"],
                "where": jobs["where"],
                "why rented": jobs["why"],
                "hours a month": jobs["hours_per_month"].map("{:,.1f}".format),
                "at home": jobs["home_usd_per_month"].map(lambda usd: currency.cell(usd, rate)),
                "rented": jobs["rented_usd_per_month"].map(lambda usd: currency.cell(usd, rate)),
                "done at": [f"{at:.1f} h" if at > 0 else "" for at in jobs["done_at_hours"]],
                "cheapest rental": [comparison.labels.get(offer, offer) for offer in jobs["offer"]],
            }
        ),
        key="table of jobs",
        hide_index=True,
    )
    st.caption(
        "The best plan with the build. At home and rented: what each job costs a month either way; at home "
        "it is the electricity of its hours, the rest of the build's cost is there whatever runs. CI is in "
        "both plans; free credits and your own time are in neither."
    )
