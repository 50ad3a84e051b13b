"""Answers in the format of Lambda's Cloud API, with planted prices.

server.plant_handler(PATH, answers(truth_types()))
TRUTH[("gpu_1x_h100_sxm5", "on_demand")] == 4.31
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.live.server import Answer, Request

PATH = "/api/v1/instance-types"
KEY = "secret_rig-or-rent_0123456789.NotARealKey"
REGION = "global"
Row = dict[str, Any]

BAD_KEY_BODY = json.dumps(
    {
        "error": {
            "code": "global/invalid-api-key",
            "message": f"The key {KEY} is not valid.",
            "suggestion": None,
        }
    }
).encode()


def listed(
    name: str,
    gpus: int,
    gpu: str,
    cents: object,
    specs: tuple[int, int, int] | None = None,
    regions: tuple[str, ...] = (),
    **other: object,
) -> Row:
    """One type as the service sends it; other fields replace those of an ordinary one.

    Parameters
    ----------
    specs : cores, memory and disk [GiB]; None leaves them out, as older answers do.
    """
    fields: Row = {
        "name": name,
        "description": f"{gpus}x {gpu}",
        "gpu_description": gpu,
        "price_cents_per_hour": cents,
        "architecture": "x86_64",
    }
    if specs is not None:
        vcpus, memory_gib, storage_gib = specs
        fields["specs"] = {
            "vcpus": vcpus,
            "memory_gib": memory_gib,
            "storage_gib": storage_gib,
            "gpus": gpus,
        }
    return {
        "instance_type": fields | other,
        "regions_with_capacity_available": [{"name": region, "description": "USA"} for region in regions],
    }


def truth_types() -> dict[str, Row]:
    """Each kind of type that the service sends."""
    types = [
        listed("gpu_1x_h100_sxm5", 1, "H100 (80 GB SXM5)", 431, (26, 225, 2816), ("us-east-1", "us-south-2")),
        listed("gpu_8x_a100_80gb_sxm4", 8, "A100 (80 GB SXM4)", 2237, None, ("us-east-1",)),
        listed("gpu_1x_a10", 1, "A10 (24 GB PCIe)", 131, (30, 200, 1400)),
        listed("gpu_1x_gh200", 1, "GH200 (96 GB)", 227, (64, 432, 4096), architecture="arm64"),
        # A name that is new, of a GPU that is known.
        listed("gpu_16x_a6000", 16, "A6000 (48 GB)", 1747, (224, 1600, 8192)),
    ]
    return {row["instance_type"]["name"]: row for row in types}


TRUTH: dict[tuple[str, str], float] = {
    ("gpu_1x_h100_sxm5", "on_demand"): 4.31,
    ("gpu_8x_a100_80gb_sxm4", "on_demand"): 22.37,
    ("gpu_1x_a10", "on_demand"): 1.31,
    ("gpu_1x_gh200", "on_demand"): 2.27,
    ("gpu_16x_a6000", "on_demand"): 17.47,
}

WITHOUT_GPU = listed("cpu_4x_general", 0, "N/A", 20, (4, 16, 512), ("us-west-1",), description="4x CPU")
STRANGERS: dict[str, Row] = {
    "gpu_1x_rtx6000": listed("gpu_1x_rtx6000", 1, "RTX 6000 (24 GB)", 69, (14, 46, 512)),
    "gpu_2x_x900": listed("gpu_2x_x900", 2, "X900 (512 GB)", 6900, (64, 1024, 8192)),
    # Nothing says how many.
    "gpu_many": listed("gpu_many", 2, "A10 (24 GB PCIe)", 300, None, description="A10 (24 GB PCIe)"),
}


def body(types: Mapping[str, object], **other: object) -> bytes:
    """One answer; other fields stand beside its data, or replace it."""
    return json.dumps({"data": dict(types)} | other).encode()


def answers(types: Mapping[str, object]) -> Callable[[Request], Answer]:
    """A handler that answers whoever has the key."""
    listing = body(types)

    def handler(request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return Answer(BAD_KEY_BODY, status=401)
        return Answer(listing)

    return handler
