"""Google Colab sells compute units and no GPU hours: the plans and the measured rates make offers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from .errors import Refused
from .files import FileState, file_state
from .offers import OFFER_COLUMNS, TEXT_COLUMNS, check_offers
from .tables import DATA, config_folder, read_table

if TYPE_CHECKING:
    from .adapter import Ask, Fetched

# The tables, with the columns that hold numbers.
TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "colab_plans.csv": ("usd", "compute_units", "valid_days", "max_session_hours", "commitment_months"),
        "colab_rates.csv": ("vram_gb", "compute_units_per_hour"),
    }
)
# Every paid plan can draw any accelerator; without paying there is only this one.
FREE_ACCELERATOR = "T4"


def colab_offers(plans: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Turn Colab's plans and the measured rates into offers.

    Parameters
    ----------
    plans : the columns of `data/colab_plans.csv`; 0 commitment months mean none.
    rates : the columns of `data/colab_rates.csv`. Of every accelerator that is offered and has a GPU,
        the newest rate counts. [compute units/h]

    Returns
    -------
    An offers table: each plan with each accelerator, Free with the T4 alone. The price of an hour is the
    price of the pack over the hours that it lasts. [USD/h]
    """
    newest = _newest_rates(rates).to_dict("records")
    rows = [
        _offer(plan, rate)
        for plan in plans.to_dict("records")
        for rate in newest
        if plan["term"] != "free" or rate["accelerator"] == FREE_ACCELERATOR
    ]
    types = {name: "str" if name in TEXT_COLUMNS else "float64" for name in OFFER_COLUMNS}
    return pd.DataFrame(rows, columns=list(OFFER_COLUMNS)).astype(types)


def own_tables() -> tuple[FileState, ...]:
    """The tables in the user's configuration folder that stand in for the bundled ones."""
    states = (file_state(config_folder() / name) for name in TABLES)
    return tuple(state for state in states if state is not None)


@lru_cache(maxsize=4)
def load_colab(own: tuple[FileState, ...]) -> tuple[pd.DataFrame, str]:
    """The offers of Colab, and why the user's own tables are ignored; empty if they are not.

    Parameters
    ----------
    own : the user's tables, as `own_tables` finds them. Each replaces the bundled one of its name.
    """
    bundled = {name: DATA / name for name in TABLES}
    if not own:
        return _read_colab(bundled), ""
    paths = {Path(state.path).name: Path(state.path) for state in own}
    try:
        for path in paths.values():
            _check_days(path)
        offers = check_offers(_read_colab(bundled | paths))
        known = set(read_table(DATA / "gpus.csv", ())["gpu"])
        strangers = set(offers["gpu"]) - known
        if strangers:
            raise ValueError(f"gpu is {min(strangers)!r}; allowed are the names in gpus.csv")
    except KeyError as error:
        problem = f"the column {error} is missing"
    except (ValueError, TypeError, OSError, ZeroDivisionError) as error:
        problem = " ".join(str(error).split())
    else:
        return offers, ""
    return _read_colab(bundled), f"{' and '.join(paths)} of your own ignored: {problem}"


def _check_days(path: Path) -> None:
    """Refuse a day that is none, or still to come: the newest rate counts."""
    days = read_table(path, ())["as_of"]
    if (pd.to_datetime(days, format="%Y-%m-%d") > pd.Timestamp.now()).any():
        raise ValueError(f"as_of is {max(days)!r}, which is still to come")


def _read_colab(paths: Mapping[str, Path]) -> pd.DataFrame:
    plans, rates = (read_table(paths[name], numbers) for name, numbers in TABLES.items())
    return colab_offers(plans, rates)


class Colab:
    """Says that there is nothing to ask."""

    name = "colab"
    default_regions = ("global",)

    def fetch(self, ask: Ask) -> Fetched | None:
        """Raise ``Refused`` with the age of the table and where to put another."""
        offers, _ = load_colab(own_tables())
        newest = max(offers["as_of"])
        age_days = (ask.on - date.fromisoformat(newest)).days
        raise Refused(
            "Google Colab has no price service: its prices are a dated table, the newest of "
            f"{newest} ({age_days} days old); {' and '.join(TABLES)} in {config_folder()} would replace it."
        )


ADAPTER = Colab()


def _newest_rates(rates: pd.DataFrame) -> pd.DataFrame:
    """Keep the newest rate of every accelerator that is offered and has a GPU."""
    offered = rates[(rates["offered"] == "yes") & rates["gpu"].fillna("").ne("")]
    return offered.sort_values(["accelerator", "as_of"]).drop_duplicates("accelerator", keep="last")


def _offer(plan: dict[Any, Any], rate: dict[Any, Any]) -> dict[str, object]:
    """Combine one plan with one accelerator."""
    row: dict[str, object] = {
        "provider": "colab",
        "instance_type": f"{rate['accelerator']}, {plan['plan']}",
        "gpu": rate["gpu"],
        "gpu_count": 1.0,
        "vram_gb": rate["vram_gb"],
        "region": "global",
        "term": plan["term"],
        "access": "notebook",
        "usd_per_hour": 0.0,
        "max_session_hours": plan["max_session_hours"],
        "kind": rate["kind"],
        # An offer is as old as the older of its two figures.
        "as_of": min(plan["as_of"], rate["as_of"]),
        "source": f"plan: {plan['source']}; rate: {rate['source']}",
        "tier": "",
        "listed_currency": "USD",
        "listed_per_hour": 0.0,
    }
    if plan["term"] == "free":
        return row
    pack_hours = plan["compute_units"] / rate["compute_units_per_hour"]
    usd_per_hour = plan["usd"] / pack_hours
    return row | {
        "usd_per_hour": usd_per_hour,
        "listed_per_hour": usd_per_hour,
        "commitment_months": plan["commitment_months"] or None,
        "pack_usd": plan["usd"],
        "pack_hours": pack_hours,
        "pack_valid_days": plan["valid_days"],
    }
