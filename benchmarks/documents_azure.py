"""Write pages of Azure's retail prices in the official form and at real size, with planted prices."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from decimal import Decimal
from itertools import count, islice, product
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from measuring import FIRST_PAGE

REGION, LOCATION = "westeurope", "EU West"
SERVER = "https://prices.azure.com"
PATH = "api/retail/prices"
ITEMS = 20_000
ITEMS_A_PAGE = 1000
GPU_SIZE_EVERY = 8
EXTRAS = ("s", "as", "ds", "ads", "ls", "pls")
VCPUS = (2, 4, 8, 16, 32, 48, 64, 96)
RESERVED = {"1 Year": 8760, "3 Years": 26280}
TERMS = {"1 Year": "1y", "3 Years": "3y"}
DATA = Path(__file__).resolve().parent.parent / "data"

Item = dict[str, object]


def write_pages(folder: Path, *, scale: float = 1.0, seed: int = 0) -> dict[tuple[str, str], float]:
    """Write every page of one region: 20,000 items in pages of 1,000 at scale 1, linked as Azure links them.

    Returns
    -------
    What a reader must find, by instance type and term: GPU sizes with a known shape, Linux. [USD/h]
    """
    rng = random.Random(seed)
    planted: dict[tuple[str, str], float] = {}
    items = list(islice(_items(rng, planted), round(ITEMS * scale)))
    rng.shuffle(items)
    (folder / PATH).mkdir(parents=True, exist_ok=True)
    for start in range(0, len(items), ITEMS_A_PAGE):
        page = items[start : start + ITEMS_A_PAGE]
        following = start + ITEMS_A_PAGE
        answer = {
            "BillingCurrency": "USD",
            "CustomerEntityId": "Default",
            "CustomerEntityType": "Retail",
            "Items": page,
            "NextPageLink": _link(following) if following < len(items) else None,
            "Count": len(page),
        }
        (folder / PATH / (str(start) if start else FIRST_PAGE)).write_text(
            json.dumps(answer, separators=(",", ":")), encoding="utf-8"
        )
    return planted


def _link(skip: int) -> str:
    wanted = quote(f"serviceName eq 'Virtual Machines' and armRegionName eq '{REGION}'")
    return f"{SERVER}:443/{PATH}?api-version=2023-01-01-preview&$filter={wanted}&$skip={skip}"


def _items(rng: random.Random, planted: dict[tuple[str, str], float]) -> Iterator[Item]:
    """Give the items of one size after the other without end, GPU sizes first and then among the others."""
    with (DATA / "instances.csv").open(encoding="utf-8", newline="") as file:
        gpu_sizes = iter([row for row in csv.DictReader(file) if row["provider"] == "azure"])
    numbers = count(1)
    others = (
        f"Standard_{family}{vcpus}{extra}_v{version}"
        for version in count(1)
        for family, extra, vcpus in product("DEFL", EXTRAS, VCPUS)
    )
    for place in count():
        row = next(gpu_sizes, None) if place % GPU_SIZE_EVERY == 0 else None
        size = row["instance_type"] if row else next(others)
        # In cents an hour and GPU, so that the price stays within what a GPU can cost.
        gpus = float(row["gpu_count"]) if row else 1.0
        usd = (Decimal(rng.randrange(1_000_000, 9_000_000)) * Decimal(repr(gpus))).scaleb(-6)
        usd = usd.quantize(Decimal("0.000001"))
        yield from _of_size(size, usd, numbers)
        if row:
            planted.update(_planted(size, usd))


def _planted(size: str, usd: Decimal) -> dict[tuple[str, str], float]:
    """Say what is to be found of one size."""
    found = {(size, "on_demand"): float(usd), (size, "spot"): float(_share(usd, "0.2"))}
    for term, hours in RESERVED.items():
        found[size, f"reserved_{TERMS[term]}"] = float(_total(usd, term) / hours)
        found[size, f"savings_{TERMS[term]}"] = float(_saved(usd, term))
    return found


def _share(usd: Decimal, fraction: str) -> Decimal:
    return (usd * Decimal(fraction)).quantize(Decimal("0.000001"))


def _total(usd: Decimal, term: str) -> Decimal:
    return (usd * RESERVED[term] * Decimal("0.6" if term == "1 Year" else "0.4")).quantize(Decimal(1))


def _saved(usd: Decimal, term: str) -> Decimal:
    return _share(usd, "0.7" if term == "1 Year" else "0.5")


def _of_size(size: str, usd: Decimal, numbers: Iterator[int]) -> Iterator[Item]:
    """Give every item of one size: Linux and Windows, spot, batch, reservations, Cloud Services, tests."""
    name = size.removeprefix("Standard_").replace("_", " ")
    product_name = f"Virtual Machines {name} Series"
    plans = [
        {"unitPrice": float(_saved(usd, term)), "retailPrice": float(_saved(usd, term)), "term": term}
        for term in ("3 Years", "1 Year")
    ]
    windows_usd = usd + Decimal("0.184")
    variants: tuple[tuple[str, str, Decimal, Item], ...] = (
        (product_name, name, usd, {"savingsPlan": plans}),
        (product_name, f"{name} Spot", _share(usd, "0.2"), {}),
        (product_name, f"{name} Low Priority", _share(usd, "0.25"), {}),
        (f"{product_name} Windows", name, windows_usd, {}),
        (f"{product_name} Windows", f"{name} Spot", _share(windows_usd, "0.2"), {}),
        (f"{product_name} Windows", f"{name} Low Priority", _share(windows_usd, "0.25"), {}),
        (f"{product_name} Windows", name, usd, {"type": "DevTestConsumption"}),
        (f"{name} Series Cloud Services", name, usd + Decimal("0.1"), {}),
        *(
            (product_name, name, _total(usd, term), Item(type="Reservation", reservationTerm=term))
            for term in RESERVED
        ),
    )
    for product_name, meter, price, more in variants:
        number = next(numbers)
        yield {
            "currencyCode": "USD",
            "tierMinimumUnits": 0.0,
            "retailPrice": float(price),
            "unitPrice": float(price),
            "armRegionName": REGION,
            "location": LOCATION,
            "effectiveStartDate": "2026-08-01T00:00:00Z",
            "meterId": str(UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)),
            "meterName": meter,
            "productId": f"DZH318Z0{number:04X}",
            "skuId": f"DZH318Z0{number:04X}/{number % 4096:04X}",
            "productName": product_name,
            "skuName": meter,
            "serviceName": "Virtual Machines",
            "serviceId": "DZH313Z7MMC8",
            "serviceFamily": "Compute",
            "unitOfMeasure": "1 Hour",
            "type": "Consumption",
            "isPrimaryMeterRegion": True,
            "armSkuName": size,
            **more,
        }
