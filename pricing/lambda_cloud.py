"""Lambda: the instance types of its Cloud API, the same prices in every region. Needs a key."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from .adapter import Ask, Fetched
from .errors import Refused, UnknownShape
from .fields import a_list, a_number, a_text, an_object, unknown_shape
from .gpu_names import gpu_of
from .http import Client, Reply
from .instances import Price, Shape, priced_offers, shapes

PROVIDER = "lambda"
BASE_VARIABLE = "RIG_OR_RENT_LAMBDA_URL"
BASE_URL = "https://cloud.lambda.ai"
KEY_VARIABLE = "RIG_OR_RENT_LAMBDA_API_KEY"
PATH = "/api/v1/instance-types"
# An answer about 25 types has 20 KB.
MOST_BYTES = 8 * 2**20

TERMS = ("on_demand",)
# docs.lambda.ai/public-cloud/billing: by the minute, traffic costs nothing.
BILLING_INCREMENT_S = 60.0
TRAFFIC_USD_PER_GB = 0.0

COUNT = re.compile(r"(\d{1,2})x ")
HOW_TO_GET_A_KEY = (
    "create one in the Lambda Cloud console under API keys, and put it into "
    f"{KEY_VARIABLE}; it can do everything that the account can, so keep it to yourself"
)


class Listing(NamedTuple):
    """What is of use in the answer, and the address that gave it."""

    usd_per_hour: Mapping[str, float]
    shapes: Mapping[str, Shape]
    left_out: tuple[str, ...]
    source: str


class Lambda:
    """The adapter. The price of a type holds in every region, also where no machine of it is free now.

    So the region ``global`` stands for all of them, and only whoever asks for others gets them too.
    """

    name = PROVIDER
    default_regions = ("global",)

    def fetch(self, ask: Ask) -> Fetched:
        """Ask for the price of every instance type, once for all regions.

        Raises
        ------
        CannotReach, Refused : from the transport; refused too without a key, or with a bad one.
        UnknownShape : names the instance type and the field; or no GPU has a price.
        """
        key = os.environ.get(KEY_VARIABLE, "").strip()
        if not key:
            raise Refused(f"Lambda tells its prices only to whoever has a key: {HOW_TO_GET_A_KEY}.")

        def read() -> Listing:
            with (
                ask.client(BASE_VARIABLE, BASE_URL) as client,
                client.with_headers({"Authorization": f"Bearer {key}"}) as keyed,
            ):
                return _read(keyed)

        listing = ask.shared.once("instance types", read)
        prices = [
            Price(
                name,
                "on_demand",
                usd,
                listing.source,
                upload_usd_per_gb=TRAFFIC_USD_PER_GB,
                download_usd_per_gb=TRAFFIC_USD_PER_GB,
            )
            for name, usd in listing.usd_per_hour.items()
        ]
        offers = priced_offers(self.name, ask.region, ask.on, prices, listing.shapes)
        offers["billing_increment_s"] = BILLING_INCREMENT_S
        return Fetched(offers, TERMS, {}, listing.left_out)


def _read(client: Client) -> Listing:
    """Read the answer; a refusal says what is wrong with the key."""

    def consume(reply: Reply) -> Listing:
        return parse_listing(reply.json(MOST_BYTES), reply.url)

    try:
        listing = client.read(PATH, consume)
    except Refused as error:
        if error.status == 401 or b"global/invalid-api-key" in error.body:
            sentence = (
                f"Lambda does not accept the key in {KEY_VARIABLE}; for another one, {HOW_TO_GET_A_KEY}."
            )
        elif error.status == 403:
            sentence = (
                f"Lambda does not let the account of the key in {KEY_VARIABLE} read prices; look in the "
                "Lambda Cloud console whether the account is active."
            )
        else:
            raise
        raise Refused(sentence, status=error.status) from None
    # Without validators nothing can be unchanged.
    assert listing is not None
    return listing


def parse_listing(answer: object, source: str) -> Listing:
    """Read the decoded answer.

    Returns
    -------
    The prices and the shapes of the types whose GPU is known here, and the names of the other types with a
    GPU. ``UnknownShape`` names the type, the field, its value and what is allowed.
    """
    place = "Lambda"
    types = an_object(an_object(answer, "the body", place).get("data"), "data", place)
    usd_per_hour: dict[str, float] = {}
    known: dict[str, Shape] = {}
    left_out: list[str] = []
    for number, (name, value) in enumerate(types.items(), 1):
        if not name.strip() or not name.isprintable():
            raise unknown_shape(f"{place}, type {number}", "the name", name, "a name that can be printed")
        row_place = f"{place}, type {number} ({name!r})"
        item = an_object(value, "the type", row_place)
        # Where machines are free now changes by the minute and is not stored, but a type without is none.
        a_list(item, "regions_with_capacity_available", row_place)
        row = an_object(item.get("instance_type"), "instance_type", row_place)
        if row.get("name") != name:
            raise unknown_shape(row_place, "name", row.get("name"), f"{name!r}, as the type is listed")
        usd = _usd_per_hour(row, row_place)
        gpu_count = _gpu_count(row, name, row_place)
        if gpu_count == 0:
            continue
        shape = _shape(row, name, gpu_count, row_place)
        if shape is None:
            left_out.append(name)
        else:
            usd_per_hour[name], known[name] = usd, shape
    if not usd_per_hour:
        raise UnknownShape(f"{place}: no type with a GPU that is known here among {len(types)} types.")
    return Listing(usd_per_hour, known, tuple(sorted(left_out)), source)


def _usd_per_hour(row: Mapping[str, object], place: str) -> float:
    """The price of the whole instance for an hour; it is stated in whole cents."""
    cents = row.get("price_cents_per_hour")
    # A fraction would be another unit.
    if isinstance(cents, bool) or not isinstance(cents, int) or not 0 < cents < 10**9:
        raise unknown_shape(place, "price_cents_per_hour", cents, "a whole number of US cents above 0")
    return float(Decimal(cents) / 100)


def _specs(row: Mapping[str, object], place: str) -> Mapping[str, object]:
    """The stated shape; empty where there is none."""
    return {} if row.get("specs") is None else an_object(row["specs"], "specs", place)


def _gpu_count(row: Mapping[str, object], name: str, place: str) -> int | None:
    """How many GPUs a type has: 0 for one without, None where nothing says it."""
    stated = _amount(_specs(row, place), "gpus", place)
    if stated is not None and stated != int(stated):
        raise unknown_shape(place, "gpus", stated, "a whole number")
    match = COUNT.match(a_text(row, "description", place)) if row.get("description") else None
    described = float(match[1]) if match else None
    # Of a machine without a GPU, the description counts something else.
    if stated and described is not None and stated != described:
        raise unknown_shape(place, "gpus", stated, f"{described:g}, as in the description")
    count = described if stated is None else stated
    if count is None and name in shapes(PROVIDER):
        count = shapes(PROVIDER)[name].gpu_count
    return None if count is None else int(count)


def _amount(specs: Mapping[str, object], name: str, place: str) -> float | None:
    """A number of the specs, None where it is not stated."""
    if specs.get(name) is None:
        return None
    amount = a_number(specs, name, place)
    if amount < 0:
        raise unknown_shape(place, name, amount, "a number from 0 up")
    return amount


def _shape(row: Mapping[str, object], name: str, gpu_count: int | None, place: str) -> Shape | None:
    """The shape of a type: what the answer states, and what the table of instances knows of the rest."""
    listed = shapes(PROVIDER).get(name)
    text = a_text(row, "gpu_description", place) if row.get("gpu_description") else _described_gpu(row, place)
    named = gpu_of(PROVIDER, text)
    if listed is not None and gpu_count not in {None, int(listed.gpu_count)}:
        raise unknown_shape(place, "gpus", gpu_count, f"{listed.gpu_count:g}, the number for this type")
    if listed is not None and named is not None and named.gpu != listed.gpu:
        raise unknown_shape(place, "gpu_description", text, f"one of {listed.gpu}, the GPU of this type")
    if listed is not None:
        gpu, vram_gb, count = listed.gpu, listed.vram_gb, listed.gpu_count
    elif named is not None and gpu_count is not None:
        gpu, vram_gb, count = named.gpu, named.vram_gb, float(gpu_count)
    else:
        return None
    specs = _specs(row, place)
    vcpus, ram_gb, local_ssd_gb = (
        stated
        if (stated := _amount(specs, stated_as, place))
        else (getattr(listed, field) if listed is not None else float("nan"))
        for stated_as, field in (
            ("vcpus", "vcpus"),
            ("memory_gib", "ram_gb"),
            ("storage_gib", "local_ssd_gb"),
        )
    )
    return Shape(gpu, count, vram_gb, vcpus, ram_gb, local_ssd_gb, "vm")


def _described_gpu(row: Mapping[str, object], place: str) -> str:
    """The GPU in the description of a type, such as "8x A100 (80 GB SXM4)"."""
    return COUNT.sub("", a_text(row, "description", place), count=1)


ADAPTER = Lambda()
