"""The offers table: its columns, its vocabulary, and the gate that every new table passes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    from pandera.errors import SchemaError
    from pandera.pandas import DataFrameSchema

TEXT_COLUMNS = (
    "provider",
    "instance_type",
    "gpu",
    "region",
    "term",
    "access",
    "kind",
    "as_of",
    "source",
    "tier",
    "listed_currency",
)
OFFER_COLUMNS = (
    "provider",
    "instance_type",
    "gpu",
    "gpu_count",
    "vram_gb",
    "vcpus",
    "ram_gb",
    "region",
    "term",
    "access",
    "usd_per_hour",
    "committed_hours_per_month",
    "commitment_months",
    "billing_increment_s",
    "minimum_billing_s",
    "pack_usd",
    "pack_hours",
    "pack_valid_days",
    "free_hours_per_month",
    "max_session_hours",
    "interruptions_per_hour",
    "kind",
    "as_of",
    "source",
    "tier",
    "hosts",
    "storage_usd_per_gb_month",
    "stopped_storage_usd_per_gb_month",
    "upload_usd_per_gb",
    "download_usd_per_gb",
    "listed_currency",
    "listed_per_hour",
    "quantile",
)
OFFER_KEY = ("provider", "region", "term", "instance_type")
COMMITMENTS = ("reserved_1y", "reserved_3y", "savings_1y", "savings_3y")
UNPAID = ("free", "included")
TERMS = ("on_demand", "spot", *COMMITMENTS, "prepaid", *UNPAID)
ACCESS = ("vm", "container", "notebook", "runner")
KINDS = ("published", "measured", "derived", "estimate", "assumption")

# Zero means something in these columns; in every other number it would stand for "unknown".
MAY_BE_ZERO = (
    "usd_per_hour",
    "minimum_billing_s",
    "free_hours_per_month",
    "interruptions_per_hour",
    "storage_usd_per_gb_month",
    "stopped_storage_usd_per_gb_month",
    "upload_usd_per_gb",
    "download_usd_per_gb",
    "listed_per_hour",
)
ALWAYS_KNOWN = ("gpu_count", "vram_gb", "usd_per_hour", "listed_per_hour")
PRICES = ("usd_per_hour", "listed_per_hour")
# Only some providers sort their hosts into tiers; an empty text says that there are none.
MAY_BE_EMPTY = ("tier",)
CURRENCY = r"[A-Z]{3}"
VOCABULARIES = {"term": TERMS, "access": ACCESS, "kind": KINDS}
PRICE_RULE = "a finite price above 0, or 0 where the term is free or included"
COLUMN_FAULTS = {
    "COLUMN_NOT_IN_SCHEMA": "unknown",
    "COLUMN_NOT_IN_DATAFRAME": "missing",
    "COLUMN_NOT_ORDERED": "out of place",
}
INFINITY = float("inf")


def check_offers(frame: pd.DataFrame, *, today: date | None = None) -> pd.DataFrame:
    """Let a sound offers table pass, and refuse any other.

    Parameters
    ----------
    frame : a table with `OFFER_COLUMNS` in that order; texts as pandas strings, numbers as float64.
    today : the day after which no price can be dated; the computer's date if left out.

    Returns
    -------
    The same table. ``ValueError`` says in one sentence what is wrong first: the column, the value,
    the offer it belongs to, and what is allowed.
    """
    # Pandera takes longer to import than a comparison takes to run, and only the gates need it.
    from pandera.errors import SchemaErrors

    try:
        _schema(today or date.today()).validate(frame.reset_index(drop=True), lazy=True)
    except SchemaErrors as errors:
        raise ValueError(_sentence(frame, errors.schema_errors[0])) from None
    return frame


def _schema(today: date) -> DataFrameSchema:
    """Say everything that holds for an offers table."""
    from pandera.pandas import Check, Column, DataFrameSchema

    def text(name: str) -> Column:
        if name in MAY_BE_EMPTY:
            rule = Check(
                lambda texts: texts.str.strip() == texts, error="empty, or a text without blanks at its ends"
            )
            return Column(str, rule)
        if name in VOCABULARIES:
            words = VOCABULARIES[name]
            rule = Check.isin(words, error=f"one of {', '.join(words)}")
        elif name == "as_of":
            rule = Check(lambda days: _is_past_day(days, today), error=f"an ISO day up to {today}")
        elif name == "listed_currency":
            rule = Check(
                lambda texts: texts.str.fullmatch(CURRENCY),
                error="a code of three capital letters, such as EUR",
            )
        else:
            rule = Check(lambda texts: texts.str.strip() != "", error="a text that is not empty")
        return Column(str, rule)

    def number(name: str) -> Column:
        if name == "quantile":
            rule = Check.in_range(0, 1, error="a fraction from 0 to 1")
        elif name in MAY_BE_ZERO:
            allowed = PRICE_RULE if name in PRICES else "a number from 0 up"
            rule = Check.in_range(0, INFINITY, include_max=False, error=allowed)
        else:
            rule = Check.in_range(0, INFINITY, include_min=False, include_max=False, error="a number above 0")
        return Column(float, rule, nullable=name not in ALWAYS_KNOWN)

    def across(column: str, allowed: str, rule: Callable[[pd.DataFrame], pd.Series[bool]]) -> Check:
        return Check(rule, name=column, error=allowed, ignore_na=False)

    return DataFrameSchema(
        {name: text(name) if name in TEXT_COLUMNS else number(name) for name in OFFER_COLUMNS},
        checks=[
            *(across(column, PRICE_RULE, _is_paid(column)) for column in PRICES),
            *(
                across(column, "a number for every commitment", _needs(column, COMMITMENTS))
                for column in ("committed_hours_per_month", "commitment_months")
            ),
            *(
                across(column, "a number for every prepaid offer", _needs(column, ("prepaid",)))
                for column in ("pack_usd", "pack_hours")
            ),
            across(
                "instance_type",
                "one row for each provider, region, term and instance type",
                lambda offers: ~offers.duplicated(list(OFFER_KEY)),
            ),
        ],
        strict=True,
        ordered=True,
    )


def _needs(column: str, terms: tuple[str, ...]) -> Callable[[pd.DataFrame], pd.Series[bool]]:
    """Build the rule that a column is filled wherever the term is one of these."""
    return lambda offers: offers[column].notna() | ~offers["term"].isin(terms)


def _is_paid(column: str) -> Callable[[pd.DataFrame], pd.Series[bool]]:
    """Build the rule that a price is above 0 wherever the term is not free or included."""
    return lambda offers: (offers[column] > 0) | offers["term"].isin(UNPAID)


def _is_past_day(days: pd.Series[str], today: date) -> pd.Series[bool]:
    """Say for each text whether it is an ISO day that is not in the future."""
    is_day = pd.to_datetime(days, format="%Y-%m-%d", errors="coerce").notna() & (days.str.len() == 10)
    return is_day & (days <= today.isoformat())


def _sentence(frame: pd.DataFrame, error: SchemaError) -> str:
    """Word one failure for a person: the column, the value, the offer, and what is allowed."""
    cases, reason = error.failure_cases, error.reason_code.name
    if reason in COLUMN_FAULTS:
        columns = ", ".join(OFFER_COLUMNS)
        return f"offers: column {cases!r} is {COLUMN_FAULTS[reason]}; allowed are, in this order: {columns}"
    column = error.schema.name or error.check.name
    if reason == "WRONG_DATATYPE":
        wanted = "text" if column in TEXT_COLUMNS else "float64"
        return f"offers: column {column!r} holds {frame[column].dtype}; allowed is {wanted}"
    allowed = "a known value" if reason == "SERIES_CONTAINS_NULLS" else error.check.error
    row = frame.iloc[int(cases["index"].iloc[0])]
    offer = ", ".join(f"{name} {_shown(row[name])}" for name in OFFER_KEY)
    return f"offers: {column} is {_shown(row[column])} in the row of {offer}; allowed is {allowed}"


def _shown(value: str | float) -> str:
    """Show a cell: texts in quotes, numbers plain, unknown ones as such."""
    if isinstance(value, str):
        return repr(value)
    return "empty" if pd.isna(value) else str(value)
