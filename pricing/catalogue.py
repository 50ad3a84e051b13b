"""Every offer that is known, in one table: the refreshed prices, and the bundled ones of all the rest."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import pandas as pd

from .arrow import frame, packed, packed_and_sorted
from .cache import Stored, cache_folder, read_stored, stored_files
from .colab import load_colab, own_tables
from .files import FileState
from .offers import OFFER_COLUMNS, TEXT_COLUMNS
from .tables import DATA, read_table

ORDER = ["provider", "instance_type", "region", "term"]
# A price for which no region is named.
NO_REGION = "global"
# A sign that stands in no name of a provider, a region or a term.
SEPARATOR = "\x1f"


class OffersState(NamedTuple):
    """What the table of offers is made of beside the bundled figures; equal states give equal tables."""

    stored: tuple[FileState, ...]
    own_tables: tuple[FileState, ...]


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
    return OffersState(stored, own_tables())


# As many as a page and a refresh need at once: each table of 60,000 offers takes some 20 MB.
@lru_cache(maxsize=2)
def _offers(state: OffersState) -> pd.DataFrame:
    """Put the table together once for each state; callers get copies."""
    stored = [found for file in state.stored if isinstance(found := read_stored(file), Stored)]
    bundled = [_without(_listed_offers(), stored), load_colab(state.own_tables)[0]]
    tables = [*map(packed, bundled), *(of_region.table for of_region in stored)]
    return frame(packed_and_sorted(tables, ORDER))


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
