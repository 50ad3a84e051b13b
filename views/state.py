"""What the reader typed: widgets' state ⇄ scenario ⇄ link. Every field has its path as its widget's key."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import cast

import pandas as pd
import streamlit as st

from models import Comparison, Scenario, compare, explain, load_figures
from pricing import OffersState, load_offers, offers_state

LISTS = ("rental.providers", "rental.regions", "rental.terms")
TABLES = ("workstation.parts", "rental.own_offers", "workload.relative_throughput")
RUNNERS = ("linux", "windows", "macos")
NOT_ASKED = ("money.currency",)
# Where a slider stands for "the dated figure", the value that it shows then.
FIGURES_BEHIND = {"workstation.sale_fee_fraction": "sale_fee_fraction"}

PART_COLUMNS = {
    "name": "str",
    "price_usd": "float64",
    "already_own": "bool",
    "new_to_used_fraction": "float64",
    "yearly_loss_fraction": "float64",
}
OWN_OFFER_COLUMNS = {
    "name": "str",
    "gpu": "str",
    "usd_per_hour": "float64",
    "vram_gb": "float64",
    "access": "str",
    "term": "str",
    "relative_throughput": "float64",
    "gpu_count": "float64",
    "compute_capability": "float64",
    "max_session_hours": "float64",
    "billing_increment_s": "float64",
    "minimum_billing_s": "float64",
    "interruptions_per_hour": "float64",
    "storage_usd_per_gb_month": "float64",
    "egress_usd_per_gb": "float64",
}
SPEED_COLUMNS = {"gpu": "str", "speed": "float64"}

Record = dict[str, object]


def known_offers() -> pd.DataFrame:
    """The offers in force, read once for all readers until a refresh; nobody changes the frame."""
    return _offers(offers_state())


@st.cache_resource(show_spinner=False, max_entries=2)
def _offers(state: OffersState) -> pd.DataFrame:
    return load_offers()


def answer(scenario: Scenario) -> Comparison:
    """The comparison that the page shows."""
    return compare(scenario, known_offers())


def begin() -> None:
    """On the first run, fill the inputs from the link, or from the default question if it is refused."""
    state = st.session_state
    if "last_good" not in state:
        state["editor_numbers"] = count()
        try:
            scenario = Scenario().with_settings(st.query_params.to_dict())
            answer(scenario)
        except ValueError as error:
            state["link_problem"] = explain(error)
            scenario = Scenario()
        fill(scenario)


def link_problem() -> str:
    """What was wrong with the link; empty if nothing was, or once another question was asked."""
    return str(st.session_state.get("link_problem", ""))


def fill(scenario: Scenario) -> None:
    """Put a scenario that can be compared into the inputs."""
    state = st.session_state
    state["last_good"] = scenario
    figures = load_figures()
    for section, fields in scenario.model_dump().items():
        for field, value in fields.items():
            path = f"{section}.{field}"
            if path in TABLES or path in NOT_ASKED:
                continue
            if path == "workload.ci_minutes_per_month":
                for runner in RUNNERS:
                    state[f"{path}.{runner}"] = value[runner]
            elif path == "workload.hours_measured_on":
                state[path] = figures.gpu_name(value)
            elif path in FIGURES_BEHIND and value is None:
                state[path] = figures.assumptions[FIGURES_BEHIND[path]].value
            else:
                state[path] = list(value or ()) if path in LISTS else value
    fill_parts(scenario)
    _begin_table(
        "rental.own_offers",
        [offer.model_dump() for offer in scenario.rental.own_offers],
        OWN_OFFER_COLUMNS,
        scenario.rental.own_offers,
    )
    speeds = scenario.workload.relative_throughput
    rows: list[Record] = [{"gpu": gpu, "speed": speed} for gpu, speed in speeds.items()]
    _begin_table("workload.relative_throughput", rows, SPEED_COLUMNS, speeds)


def fill_parts(scenario: Scenario) -> None:
    """Put the parts of a scenario's build into their table."""
    parts = answer(scenario).scenario.workstation.parts or ()
    _begin_table(
        "workstation.parts", [part.model_dump() for part in parts], PART_COLUMNS, scenario.workstation.parts
    )


def choose_build() -> None:
    """The reader picked another build: its parts replace those in the table."""
    fill_parts(Scenario().with_settings({"workstation.build": str(st.session_state["workstation.build"])}))


def change(path: str, value: object) -> None:
    """Set one input, as a button does."""
    st.session_state[path] = value


def table_at(path: str) -> tuple[str, pd.DataFrame]:
    """The key of a table's editor, and the rows it began with."""
    return str(st.session_state[f"{path} key"]), cast(pd.DataFrame, st.session_state[f"{path} rows"])


def typed(tables: Mapping[str, pd.DataFrame]) -> Scenario:
    """The scenario in the inputs, ``tables`` holding what the editors show; ``ValueError`` if refused."""
    state = st.session_state
    values: dict[str, Record] = {}
    for section, fields in Scenario().model_dump().items():
        for field in fields:
            path = f"{section}.{field}"
            if path in NOT_ASKED:
                continue
            values.setdefault(section, {})[field] = (
                _typed_table(path, tables) if path in TABLES else _typed(path)
            )
    if not state["rental.terms"]:
        del values["rental"]["terms"]
    return Scenario.model_validate(values)


def remember(scenario: Scenario) -> None:
    """Keep a scenario that could be compared, and write it into the address."""
    settings = scenario.settings()
    st.session_state["last_good"] = scenario
    if settings:
        st.session_state.pop("link_problem", None)
    if st.query_params.to_dict() != settings:
        st.query_params.from_dict(settings)


def last_good() -> Scenario:
    """The last scenario that could be compared."""
    return cast(Scenario, st.session_state["last_good"])


def link() -> str:
    """The address that leads back to this question."""
    query = last_good().to_query()
    address = (st.context.url or "").partition("?")[0]
    return f"{address}?{query}" if query else address


def _typed(path: str) -> object:
    state = st.session_state
    if path == "workload.ci_minutes_per_month":
        return {runner: state[f"{path}.{runner}"] for runner in RUNNERS}
    value = state[path]
    if path in LISTS:
        return tuple(value) or None
    figure = FIGURES_BEHIND.get(path)
    return None if figure and value == load_figures().assumptions[figure].value else value


def _typed_table(path: str, tables: Mapping[str, pd.DataFrame]) -> object:
    _, rows = table_at(path)
    shown = tables[path]
    if shown.reset_index(drop=True).equals(rows):
        return st.session_state[f"{path} meant"]
    records = _records(shown)
    if path == "workstation.parts":
        return tuple(record for record in records if {"name", "price_usd"} <= record.keys())
    if path == "rental.own_offers":
        return tuple(record for record in records if {"gpu", "usd_per_hour"} <= record.keys())
    return {str(record["gpu"]): record["speed"] for record in records if {"gpu", "speed"} <= record.keys()}


def _records(rows: pd.DataFrame) -> list[Record]:
    """Rows of an editor, without the cells that are empty."""
    return [
        {str(name): value for name, value in record.items() if not (pd.isna(value) or value == "")}
        for record in rows.to_dict("records")
    ]


def _begin_table(path: str, records: list[Record], columns: Mapping[str, str], meant: object) -> None:
    state = st.session_state
    rows = {
        name: pd.Series([record.get(name) for record in records], dtype=dtype)
        for name, dtype in columns.items()
    }
    state[f"{path} rows"] = pd.DataFrame(rows)
    state[f"{path} meant"] = meant
    # A new key, so that the editor forgets what was typed into the former rows.
    state[f"{path} key"] = f"{path} {next(state['editor_numbers'])}"
