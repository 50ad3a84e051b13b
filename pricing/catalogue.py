"""Every offer that is known, in one table: the refreshed prices, and the bundled ones of all the rest."""

from __future__ import annotations

from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

import pandas as pd

from .arrow import frame, packed, packed_and_sorted
from .cache import Stored, cache_folder, read_stored, stored_files
from .colab import load_colab, own_tables
from .files import FileState, file_state
from .offers import OFFER_COLUMNS, TEXT_COLUMNS
from .own_tables import Rows, load_runner_tables
from .tables import DATA, config_folder, read_table

ORDER = ["provider", "instance_type", "region", "term"]
# A price for which no region is named.
MINUTES_PER_HOUR = 60
NO_REGION = "global"
# A sign that stands in no name of a provider, a region or a term.
SEPARATOR = "\x1f"


class OffersState(NamedTuple):
    """What the table of offers is made of beside the bundled figures; equal states give equal tables."""

    stored: tuple[FileState, ...]
    own_tables: tuple[FileState, ...]
    own_runners: FileState | None = None


def load_offers() -> pd.DataFrame:
    """Load every offer: what was refreshed, and what is bundled of all the rest.

    Returns
    -------
    A table of its own for each caller, with `OFFER_COLUMNS`, sorted by provider, instance type, region and
    term. Unknown numbers are NaN; texts are never missing. Prices are for the whole instance. [USD/h]
    A stored file that cannot be read is left out; `price_status` names it.
    """
    return _offers(offers_state()).copy()


def offers_state() -> OffersState:
    """What `load_offers` would be made of now: it changes with every refresh."""
    try:
        stored = stored_files(cache_folder())
    except OSError:
        # `price_status` says so; the bundled prices are there in any case.
        stored = ()
    return OffersState(stored, own_tables(), file_state(config_folder() / "actions_runners.csv"))


# As many as a page and a refresh need at once: each table of 60,000 offers takes some 20 MB.
@lru_cache(maxsize=2)
def _offers(state: OffersState) -> pd.DataFrame:
    """Put the table together once for each state; callers get copies."""
    stored = [found for file in state.stored if isinstance(found := read_stored(file), Stored)]
    listed = _with_own_runners(_listed_offers(), load_runner_tables().runners if state.own_runners else ())
    bundled = [_without(listed, stored), load_colab(state.own_tables)[0]]
    tables = [*map(packed, bundled), *(of_region.table for of_region in stored)]
    return frame(packed_and_sorted(tables, ORDER))


def _with_own_runners(listed: pd.DataFrame, own: Rows) -> pd.DataFrame:
    """The bundled offers with the reader's own prices of GitHub's GPU runners, sold by the minute."""
    rows = {row["sku"]: row for row in own}
    mine = listed.copy() if rows else listed
    for at, name, usd in listed.loc[
        listed["provider"] == "github", ["instance_type", "usd_per_hour"]
    ].itertuples():
        # In decimals: what is copied and not edited changes nothing.
        own_usd = float(Decimal(rows[name]["usd_per_minute"]) * MINUTES_PER_HOUR) if name in rows else usd
        if own_usd != usd:
            mine.loc[at, ["usd_per_hour", "listed_per_hour"]] = own_usd
            mine.loc[at, ["as_of", "source"]] = rows[name]["as_of"], rows[name]["source"]
    # A runner that costs nothing is no offer.
    return mine[(mine["provider"] != "github") | (mine["usd_per_hour"] > 0)]


def _without(listed: pd.DataFrame, stored: list[Stored]) -> pd.DataFrame:
    """The bundled rows whose provider, region and way of buying no refresh has replaced.

    A price without a region gives way as soon as any region of its provider has one for that way of buying.
    """
    replaced = {
        SEPARATOR.join((of_region.provider, region, term))
        for of_region in stored
        for region in (of_region.region, NO_REGION)
        for term in of_region.terms
    }
    if not replaced:
        return listed
    keys = listed["provider"] + SEPARATOR + listed["region"] + SEPARATOR + listed["term"]
    return listed[~keys.isin(replaced)]


@cache
def _listed_offers() -> pd.DataFrame:
    """Read the bundled offers once."""
    numbers = [name for name in OFFER_COLUMNS if name not in TEXT_COLUMNS]
    return read_table(DATA / "offers.csv", numbers)[list(OFFER_COLUMNS)]
