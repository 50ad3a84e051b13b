"""What the reader typed: widgets' state ⇄ scenario ⇄ link. Every field has its path as its widget's key."""

from __future__ import annotations

from itertools import count
from typing import cast

import pandas as pd
import streamlit as st

from models import Comparison, Scenario, compare, explain, in_country, load_figures
from models.ci import SYSTEMS
from models.currency import Exchange, exchange
from pricing import OffersState, load_offers, offers_state

from .currency import DOLLARS
from .in_force import figures_in_force
from .tables import COLUMNS, PARTS, as_rows, as_value

LISTS = ("rental.providers", "rental.regions", "rental.terms")
# Fields with a value for each of the systems.
BY_SYSTEM = ("workload.ci_minutes_per_month", "workload.ci_jobs_per_month", "workload.ci_runners")
COMES_WITH_A_COUNTRY = (
    ("electricity", "usd_per_kwh"),
    ("electricity", "grams_co2_per_kwh"),
    ("rental", "regions"),
    ("money", "currency"),
    ("money", "vat_fraction"),
)
# Where a slider stands for "the dated figure", the value that it shows then.
FIGURES_BEHIND = {"workstation.sale_fee_fraction": "sale_fee_fraction"}
# What the reader chose in a tab. Streamlit forgets what is not drawn, and of the tabs only the open one is.
CHOSEN_IN_TABS = ("view gpu", "view considered", "view month by month", "map across", "map up")

Record = dict[str, object]


def known_offers() -> pd.DataFrame:
    """The offers in force, read once for all readers until a refresh; nobody changes the frame."""
    return _offers(offers_state())


@st.cache_resource(show_spinner=False, max_entries=2)
def _offers(state: OffersState) -> pd.DataFrame:
    return load_offers()


def answer(scenario: Scenario) -> Comparison:
    """The comparison that the page shows."""
    return compare(scenario, known_offers(), figures_in_force())


def begin() -> None:
    """On the first run, fill the inputs from the link, or from the default question if it is refused."""
    state = st.session_state
    for key in CHOSEN_IN_TABS:
        if key in state:
            state[key] = state[key]
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
            if path in COLUMNS:
                continue
            if path in BY_SYSTEM:
                for system in SYSTEMS:
                    state[f"{path}.{system}"] = value[system]
            elif path == "workload.hours_measured_on":
                state[path] = figures.gpu_name(value)
            elif path in FIGURES_BEHIND and value is None:
                state[path] = figures.assumptions[FIGURES_BEHIND[path]].value
            else:
                state[path] = list(value or ()) if path in LISTS else value
    fill_parts(scenario)
    for path in COLUMNS:
        if path != PARTS:
            section, _, field = path.partition(".")
            meant = getattr(getattr(scenario, section), field)
            _begin_table(path, meant, meant)


def fill_parts(scenario: Scenario) -> None:
    """Put the parts of a scenario's build into their table."""
    meant = scenario.workstation.parts
    resolved = answer(scenario).scenario.workstation.parts or ()
    own_rates = [part.yearly_failure_fraction for part in meant or ()] or [None] * len(resolved)
    # Left empty where the rate of all parts holds: that may still change.
    shown = tuple(
        part.model_copy(update={"yearly_failure_fraction": rate})
        for part, rate in zip(resolved, own_rates, strict=True)
    )
    _begin_table(PARTS, shown, meant)
    st.session_state["vat of the parts"] = scenario.money.vat_fraction


def choose_build() -> None:
    """The reader picked another build: its parts replace those in the table."""
    state = st.session_state
    chosen = {name: str(state[name]) for name in ("workstation.build", "money.vat_fraction")}
    fill_parts(Scenario().with_settings(chosen))


def renew_parts() -> None:
    """Show listed parts with the value-added tax that is chosen, until the reader changes them."""
    state = st.session_state
    typed_into = state.get(str(state[f"{PARTS} key"])) or {}
    is_untouched = state[f"{PARTS} meant"] is None and not any(typed_into.values())
    if is_untouched and state["vat of the parts"] != state["money.vat_fraction"]:
        choose_build()


def choose_country() -> None:
    """The reader picked a country: its tariff, currency, value-added tax and cloud regions come with it."""
    state, figures = st.session_state, figures_in_force()
    there = in_country(Scenario(), str(state["electricity.country"]), figures)
    for section, field in COMES_WITH_A_COUNTRY:
        path, value = f"{section}.{field}", getattr(getattr(there, section), field)
        state[path] = list(value or ()) if path in LISTS else value


def chosen_rate() -> Exchange:
    """The rate of the chosen currency; that of the dollar where none is known, which the answer says."""
    figures, chosen = figures_in_force(), str(st.session_state["money.currency"])
    return exchange(chosen, figures) if chosen in figures.currencies else DOLLARS


def change(path: str, value: object) -> None:
    """Set one input, as a button does."""
    st.session_state[path] = value


def keep_table(path: str, shown: pd.DataFrame) -> None:
    """Remember what a table's editor shows; where the reader has just changed it, the page is drawn anew.

    The answer is drawn before the editors, from what they showed last.
    """
    if not shown.equals(_shown(path)):
        st.session_state[f"{path} shown"] = shown
        st.rerun()


def table_at(path: str) -> tuple[str, pd.DataFrame]:
    """The key of a table's editor, and the rows it began with."""
    return str(st.session_state[f"{path} key"]), cast(pd.DataFrame, st.session_state[f"{path} rows"])


def typed() -> Scenario:
    """The scenario in the inputs and tables; ``ValueError`` if refused."""
    state = st.session_state
    values: dict[str, Record] = {}
    for section, fields in Scenario().model_dump().items():
        for field in fields:
            path = f"{section}.{field}"
            values.setdefault(section, {})[field] = _typed_table(path) if path in COLUMNS else _typed(path)
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
    if path in BY_SYSTEM:
        return {system: state[f"{path}.{system}"] for system in SYSTEMS}
    value = state[path]
    if path in LISTS:
        return tuple(value) or None
    figure = FIGURES_BEHIND.get(path)
    return None if figure and value == load_figures().assumptions[figure].value else value


def _shown(path: str) -> pd.DataFrame:
    return cast(pd.DataFrame, st.session_state[f"{path} shown"])


def _typed_table(path: str) -> object:
    (_, rows), shown = table_at(path), _shown(path)
    if shown.reset_index(drop=True).equals(rows):
        return st.session_state[f"{path} meant"]
    return as_value(path, shown)


def _begin_table(path: str, value: object, meant: object) -> None:
    state = st.session_state
    state[f"{path} rows"] = state[f"{path} shown"] = as_rows(path, value)
    state[f"{path} meant"] = meant
    # A new key, so that the editor forgets what was typed into the former rows.
    state[f"{path} key"] = f"{path} {next(state['editor_numbers'])}"
