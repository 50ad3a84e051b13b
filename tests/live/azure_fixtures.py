"""Pages in the format of Azure's Retail Prices API, with planted prices.

    server.plant_handler(PATH, pages(server.url, rows, page_size=100))
    TRUTH[("Standard_NC24ads_A100_v4", "reserved_1y")] == 21900.0 / 8760

`truth_rows` are rows of which every one counts, `trap_rows` rows of which none does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from tests.live.server import Answer, Request

PATH = "/api/retail/prices"
REGION = "westeurope"
Row = dict[str, Any]
Planted = dict[str, tuple[float, float, float, float, float, float]]
Truth = dict[tuple[str, str], float]

# Per hour: on demand, spot, savings plan of 1 and 3 years. In total: reservation of 1 and 3 years.
PLANTED: Planted = {
    "Standard_NC6s_v3": (3.823, 0.764632, 2.6761, 1.9115, 21_332.0, 42_999.0),
    "Standard_NC4as_T4_v3": (0.658, 0.073504, 0.48034, 0.32242, 3_727.0, 7_351.0),
    "Standard_NV6ads_A10_v5": (0.568, 0.0568, 0.4544, 0.3408, 3_981.0, 7_957.0),
    "Standard_NV36ads_A10_v5": (4.0, 0.4, 3.2, 2.4, 28_032.0, 56_064.0),
    "Standard_NC24ads_A100_v4": (4.775, 0.863517, 3.53828, 2.33975, 21_900.0, 52_560.0),
    "Standard_ND96asr_v4": (35.3529, 6.857843, 26.161146, 17.322921, 217_394.0, 470_988.0),
    "Standard_ND96amsr_A100_v4": (42.6044, 8.0949, 31.527256, 20.876156, 261_990.0, 567_544.0),
    "Standard_NC40ads_H100_v5": (9.07575, 1.512625, 6.80681, 4.537875, 55_838.0, 120_966.0),
    "Standard_ND96isr_H100_v5": (127.816, 24.19553, 94.58384, 62.62984, 786_017.0, 1_702_862.0),
    "Standard_ND96isr_H200_v5": (110.24, 21.0013, 81.5776, 54.0176, 677_912.0, 1_468_669.0),
}

# The same in EUR, as amounts of their own: no one rate leads from those in USD to these.
PLANTED_EUR: Planted = {
    "Standard_NC4as_T4_v3": (0.5576, 0.0623, 0.4071, 0.27324, 3_158.0, 6_229.0),
    "Standard_NV6ads_A10_v5": (0.4808, 0.0481, 0.3846, 0.28845, 3_369.0, 6_734.0),
    "Standard_NC24ads_A100_v4": (4.4, 0.8, 3.2604, 2.156, 17_520.0, 42_048.0),
    "Standard_ND96isr_H100_v5": (108.308, 20.5029, 80.14792, 53.07092, 666_049.0, 1_442_950.0),
}


def truth(planted: Planted) -> Truth:
    """The price for an hour of every planted size and term, in the currency in which it was planted."""
    return {
        (size, term): price
        for size, (on_demand, spot, one_year, three_years, total_1y, total_3y) in planted.items()
        for term, price in {
            "on_demand": on_demand,
            "spot": spot,
            "savings_1y": one_year,
            "savings_3y": three_years,
            "reserved_1y": total_1y / 8760,
            "reserved_3y": total_3y / 26280,
        }.items()
    }


TRUTH = truth(PLANTED)
TRUTH_EUR = truth(PLANTED_EUR)


def row(size: str, usd: float, **other: object) -> Row:
    """One consumption row as the service sends it; other fields replace those of an ordinary row."""
    name = size.strip().removeprefix("Standard_").replace("_", " ")
    fields: Row = {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": usd,
        "unitPrice": usd,
        "armRegionName": REGION,
        "location": "EU West",
        "effectiveStartDate": "2024-03-01T00:00:00Z",
        "meterId": f"meter of {name}",
        "meterName": name,
        "productId": "DZH318Z0BQ4W",
        "skuId": f"DZH318Z0BQ4W/{name}",
        "productName": f"Virtual Machines {name} Series",
        "skuName": name,
        "serviceName": "Virtual Machines",
        "serviceId": "DZH313Z7MMC8",
        "serviceFamily": "Compute",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": size,
    }
    return fields | other


def spot_row(size: str, usd: float, **other: object) -> Row:
    name = f"{size.removeprefix('Standard_').replace('_', ' ')} Spot"
    return row(size, usd, **({"skuName": name, "meterName": name} | other))


def reservation_row(size: str, total_usd: float, length: str, **other: object) -> Row:
    return row(size, total_usd, **({"type": "Reservation", "reservationTerm": length} | other))


def plan(term: str, usd: float) -> Row:
    return {"term": term, "unitPrice": usd, "retailPrice": usd}


def truth_rows(planted: Planted = PLANTED, currency: str = "USD") -> list[Row]:
    """Every planted price once, the kinds mixed as the service mixes them."""
    rows: list[Row] = []
    for size, (on_demand, spot, one_year, three_years, total_1y, total_3y) in planted.items():
        plans = [plan("3 Years", three_years), plan("1 Year", one_year)]
        rows += [
            reservation_row(size, total_3y, "3 Years"),
            row(size, on_demand, savingsPlan=plans),
            spot_row(size, spot),
            reservation_row(size, total_1y, "1 Year"),
        ]
    return in_currency(rows, currency)


def in_currency(rows: Iterable[Row], currency: str) -> list[Row]:
    """The same rows and amounts, said to be in another currency."""
    return [{**fields, "currencyCode": currency} for fields in rows]


SIZE = "Standard_NC24ads_A100_v4"
# Each of these is no Linux price of a machine in force; a price of 1 would be seen at once.
TRAPS: dict[str, Row] = {
    "Windows": row(SIZE, 1.0, productName="Virtual Machines NCads A100 v4 Series Windows"),
    "Windows, short": row(SIZE, 1.0, productName="Virtual Machines NCads A100 v4 Srs Win"),
    "Windows on spot": spot_row(SIZE, 1.0, productName="Virtual Machines NCads A100 v4 Srs Win"),
    "Cloud Services": row(SIZE, 1.0, productName="NCads A100 v4 Series Cloud Services"),
    "CloudServices": row(SIZE, 1.0, productName="NCads A100 v4 Series CloudServices"),
    "Cloud Services as a service": row(SIZE, 1.0, serviceName="Cloud Services"),
    "Dedicated": row(SIZE, 1.0, productName="NCads A100 v4 Series Dedicated Host"),
    "Low Priority": row(SIZE, 1.0, meterName="NC24ads A100 v4 Low Priority"),
    "DevTest": row(SIZE, 1.0, type="DevTestConsumption"),
    "zero": row(SIZE, 0.0, skuName="NC24ads A100 v4 Expired"),
    "still to come": row(SIZE, 1.0, effectiveStartDate="2026-11-24T00:00:00Z"),
    "over": row(
        SIZE, 1.0, effectiveStartDate="2025-01-01T00:00:00Z", effectiveEndDate="2026-10-31T23:59:59Z"
    ),
    "over since midnight": row(
        SIZE, 1.0, effectiveStartDate="2025-01-01T00:00:00Z", effectiveEndDate="2026-11-23T00:00:00Z"
    ),
    "older": row(SIZE, 1.0, effectiveStartDate="2023-01-01T00:00:00Z", savingsPlan=[plan("1 Year", 1.0)]),
    "by the month": row(SIZE, 1.0, unitOfMeasure="1/Month"),
    "by the ten hours": row(SIZE, 1.0, unitOfMeasure="10 Hours"),
    "higher tier": row(SIZE, 1.0, tierMinimumUnits=100.0),
    "other region": row(SIZE, 1.0, armRegionName="westeurope2"),
    "no primary meter": row(SIZE, 1.0, isPrimaryMeterRegion=False, effectiveStartDate="2026-01-01T00:00:00Z"),
    "reservation of five years": reservation_row(SIZE, 1.0, "5 Years"),
    "no GPU": row("Standard_D4ds_v5", 1.0),
    "no size": row("", 1.0),
}


def body(rows: list[Row], *, link: object = None, currency: object = "USD", **other: object) -> bytes:
    """One page; other fields replace those of the envelope."""
    envelope: Row = {
        "BillingCurrency": currency,
        "CustomerEntityId": "Default",
        "CustomerEntityType": "Retail",
        "Items": list(rows),
        "NextPageLink": link,
        "Count": len(rows),
    }
    return json.dumps(envelope | other).encode()


def pages(
    url: str, rows: Iterable[Row], *, page_size: int = 1000, currency: str = "USD"
) -> Callable[[Request], Answer]:
    """A handler that pages through rows as the service does: the link repeats the question and adds $skip."""
    listed = list(rows)

    def handler(request: Request) -> Answer:
        start = int(request.query.get("$skip", "0"))
        rest = start + page_size
        link = f"{url}{PATH}?$filter=the%20same&$skip={rest}" if rest < len(listed) else None
        return Answer(body(listed[start:rest], link=link, currency=currency))

    return handler
