"""RunPod: the GPU types of its GraphQL interface, in one question without a key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from .adapter import Ask, Fetched
from .errors import LOOK_FOR_NEWER, TRY_LATER, Refused, UnknownShape
from .fields import a_list, a_number, a_text, an_object, unknown_shape
from .gpu_names import gpu_of
from .http import Client, Reply
from .instances import Price, Shape, priced_offers

BASE_VARIABLE = "RIG_OR_RENT_RUNPOD_URL"
BASE_URL = "https://api.runpod.io"
PATH = "/graphql"
# Fields that recorded answers hold; a field that RunPod does not know would fail the whole question.
QUERY = (
    "query { gpuTypes { id memoryInGb secureCloud communityCloud securePrice communityPrice "
    "secureSpotPrice communitySpotPrice } }"
)
# An answer about 50 types has 20 KB.
MOST_BYTES = 8 * 2**20

TERMS = ("on_demand", "spot")
TIERS = ("secure", "community")
# The volume disk, per GB and month, while the pod runs and while it is stopped; traffic costs nothing.
# docs.runpod.io/pods/storage/types and /pods/pricing, read for 2026-11-23.
STORAGE_USD_PER_GB_MONTH = 0.10
STOPPED_STORAGE_USD_PER_GB_MONTH = 0.20
TRAFFIC_USD_PER_GB = 0.0
# docs.runpod.io/pods/pricing: by the second, and no minimum is stated.
BILLING_INCREMENT_S = 1.0

SHOWN_CHARACTERS = 120


class Found(NamedTuple):
    """One price of one GPU for an hour, and the row it stands in. [USD/h]"""

    gpu: str
    vram_gb: float
    tier: str
    term: str
    usd_per_hour: float
    place: str


class RunPod:
    """The adapter. Prices are the same everywhere, so there is one region."""

    name = "runpod"
    default_regions = ("global",)

    def fetch(self, ask: Ask) -> Fetched:
        """Ask for the prices of every GPU type.

        Raises
        ------
        CannotReach, Refused : from the transport; refused too where the answer is an error.
        UnknownShape : names the row and the field; or no GPU has a price.
        """
        with ask.client(BASE_VARIABLE, BASE_URL) as client:
            answer, source = _read(client)
        found, left_out = parse_types(answer)
        offers = priced_offers(
            self.name,
            ask.region,
            ask.on,
            prices_of(found, source),
            {_type(row): _shape(row) for row in found},
        )
        offers["billing_increment_s"] = BILLING_INCREMENT_S
        return Fetched(offers, TERMS, {}, left_out)


def _read(client: Client) -> tuple[object, str]:
    """The decoded answer, and the address that gave it."""

    def consume(reply: Reply) -> tuple[object, str]:
        return reply.json(MOST_BYTES), reply.url

    try:
        read = client.read(PATH, consume, body={"query": QUERY})
    except Refused as error:
        if error.status in {401, 403}:
            raise Refused(
                f"RunPod does not tell its prices without a key any more (status {error.status}); "
                f"{LOOK_FOR_NEWER}.",
                status=error.status,
            ) from None
        if message := _said(error.body):
            raise Refused(f"{_refusal(message)}.", status=error.status) from None
        raise
    # Without validators nothing can be unchanged.
    assert read is not None
    return read


def _said(body: bytes) -> str:
    """The message of an error that came beside a status; empty if there is none."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return _message(answer.get("errors")) if isinstance(answer, dict) else ""


def _message(errors: object) -> str:
    """The first message of a list of errors, short and printable; empty where there is none."""
    first = errors[0] if isinstance(errors, list) and errors else None
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(message, str):
        return ""
    text = "".join(sign if sign.isprintable() else " " for sign in message)
    return " ".join(text.split())[:SHOWN_CHARACTERS]


def _refusal(message: str) -> str:
    return f"RunPod answered with an error: {message!r}; {TRY_LATER}, and if it stays, {LOOK_FOR_NEWER}"


def parse_types(answer: object) -> tuple[list[Found], tuple[str, ...]]:
    """Read the decoded answer.

    Returns
    -------
    Every price that is offered, of GPUs that are known here, and the names of the other GPUs with a price.
    ``Refused`` passes on an error of RunPod, ``UnknownShape`` names the row, the field and what is allowed.
    """
    place = "RunPod"
    body = an_object(answer, "the body", place)
    if errors := body.get("errors"):
        raise Refused(f"{_refusal(_message(errors) or 'without a message')}.")
    types = a_list(an_object(body.get("data"), "data", place), "gpuTypes", place)
    found: dict[tuple[str, str, str], Found] = {}
    left_out: set[str] = set()
    for number, item in enumerate(types, 1):
        row = an_object(item, "a GPU type", f"{place}, row {number}")
        name = a_text(row, "id", f"{place}, row {number}")
        if not name or not name.isprintable():
            raise unknown_shape(f"{place}, row {number}", "id", name, "a name that can be printed")
        row_place = f"{place}, row {number} ({name!r})"
        gpu = gpu_of(RunPod.name, name, _vram_gb(row, row_place))
        prices = _prices(row, row_place)
        if prices and gpu is None:
            left_out.add(name)
        elif gpu is not None:
            for (tier, term), usd in prices.items():
                _add(found, Found(gpu.gpu, gpu.vram_gb, tier, term, usd, row_place))
    if not found:
        raise UnknownShape(f"{place}: no GPU that is known here has a price among {len(types)} types.")
    return list(found.values()), tuple(sorted(left_out))


def _add(found: dict[tuple[str, str, str], Found], new: Found) -> None:
    """Keep a price, refused where another row states another one for the same."""
    other = found.setdefault((new.gpu, new.tier, new.term), new)
    if other.usd_per_hour != new.usd_per_hour:
        raise UnknownShape(
            f"{new.place}: {new.gpu} {new.tier} costs {new.usd_per_hour!r} USD an hour {new.term}, but "
            f"{other.usd_per_hour!r} in {other.place}; allowed is one price."
        )


def _vram_gb(row: Mapping[str, object], place: str) -> float:
    vram_gb = a_number(row, "memoryInGb", place)
    if vram_gb < 0:
        raise unknown_shape(place, "memoryInGb", vram_gb, "a number from 0 up")
    return vram_gb


def _prices(row: Mapping[str, object], place: str) -> dict[tuple[str, str], float]:
    """The prices of a GPU type by tier and term, where it is offered. [USD/h]"""
    prices: dict[tuple[str, str], float] = {}
    for tier in TIERS:
        on_demand = _usd(row, f"{tier}Price", place)
        spot = _usd(row, f"{tier}SpotPrice", place)
        is_offered = row.get(f"{tier}Cloud")
        if not isinstance(is_offered, bool):
            raise unknown_shape(place, f"{tier}Cloud", is_offered, "true or false")
        # The price of a tier in which a type is not offered any more stays in the answer.
        if not is_offered or not on_demand:
            continue
        prices[tier, "on_demand"] = on_demand
        # Mostly the field only repeats the price on demand, which is no price for being interrupted.
        if 0 < spot < on_demand:
            prices[tier, "spot"] = spot
    return prices


def _usd(row: Mapping[str, object], name: str, place: str) -> float:
    """A price; 0 where nothing is offered, which null says too."""
    if name not in row:
        raise UnknownShape(f"{place}: there is no {name}; allowed is a price, 0 or null.")
    if row[name] is None:
        return 0.0
    usd = a_number(row, name, place)
    if usd < 0:
        raise unknown_shape(place, name, usd, "a price, 0 or null")
    return usd


def prices_of(found: list[Found], source: str) -> list[Price]:
    """The prices as the table of offers wants them."""
    return [
        Price(
            _type(row),
            row.term,
            row.usd_per_hour,
            source,
            tier=row.tier,
            storage_usd_per_gb_month=STORAGE_USD_PER_GB_MONTH,
            stopped_storage_usd_per_gb_month=STOPPED_STORAGE_USD_PER_GB_MONTH,
            upload_usd_per_gb=TRAFFIC_USD_PER_GB,
            download_usd_per_gb=TRAFFIC_USD_PER_GB,
        )
        for row in found
    ]


def _type(row: Found) -> str:
    return f"{row.gpu} {row.tier}"


def _shape(row: Found) -> Shape:
    """A pod with one GPU. Its processor and its memory depend on the host."""
    unknown = float("nan")
    return Shape(row.gpu, 1.0, row.vram_gb, unknown, unknown, unknown, "container")


ADAPTER = RunPod()
