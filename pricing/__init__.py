"""What renting costs: the offers table, the gate it passes, the search in it, and today's prices."""

from .asking import Progress
from .catalogue import OffersState, load_offers, offers_state
from .currencies import Rates, load_currencies
from .offers import OFFER_COLUMNS, check_offers
from .refresh import RefreshReport, RegionResult, refresh
from .search import find_offers
from .status import price_ages, price_problems, price_status

__all__ = [
    "OFFER_COLUMNS",
    "OffersState",
    "Progress",
    "Rates",
    "RefreshReport",
    "RegionResult",
    "check_offers",
    "find_offers",
    "load_currencies",
    "load_offers",
    "offers_state",
    "price_ages",
    "price_problems",
    "price_status",
    "refresh",
]
