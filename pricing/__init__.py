"""What renting costs: the offers table, the gate it passes, and the search in it."""

from .catalogue import find_offers, load_offers
from .offers import OFFER_COLUMNS, check_offers

__all__ = ["OFFER_COLUMNS", "check_offers", "find_offers", "load_offers"]
