"""Answers in the format of RunPod's GraphQL interface, with planted prices.

    server.plant_handler(PATH, answers(truth_rows()))
    TRUTH[("RTX 4090 secure", "on_demand")] == 0.71

`truth_rows` are rows of which every one counts, `trap_rows` rows of which none does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from pricing.tables import DATA, read_table
from tests.live.server import Answer, Request

PATH = "/graphql"
REGION = "global"
Row = dict[str, Any]


def row(name: str, vram_gb: float, secure: object, community: object, **other: object) -> Row:
    """One GPU type as the service sends it: its spot fields repeat the price on demand.

    Other fields replace those of an ordinary row.
    """
    fields: Row = {
        "id": name,
        "memoryInGb": vram_gb,
        "secureCloud": bool(secure),
        "communityCloud": bool(community),
        "securePrice": secure,
        "communityPrice": community,
        "secureSpotPrice": secure,
        "communitySpotPrice": community,
    }
    return fields | other


def truth_rows() -> list[Row]:
    """Each kind of row that the service sends."""
    return [
        row("NVIDIA GeForce RTX 4090", 24, 0.71, 0.33),
        row("NVIDIA A100 80GB PCIe", 80, 1.75, 1.15, secureSpotPrice=0.95, communitySpotPrice=0.6),
        row("NVIDIA A100-SXM4-40GB", 40, 0, 1),
        row("NVIDIA B300 SXM6 AC", 288, 7.85, None, communitySpotPrice=None),
        row("NVIDIA H100 80GB HBM3", 80, 3.95, 2.65),
        row("NVIDIA L4", 24, 0.47, 0.41, secureSpotPrice=None, communitySpotPrice=0),
        row("Tesla V100-SXM2-32GB", 32, 0.0, 0.25),
    ]


TRUTH: dict[tuple[str, str], float] = {
    ("RTX 4090 secure", "on_demand"): 0.71,
    ("RTX 4090 community", "on_demand"): 0.33,
    ("A100 80GB PCIe secure", "on_demand"): 1.75,
    ("A100 80GB PCIe secure", "spot"): 0.95,
    ("A100 80GB PCIe community", "on_demand"): 1.15,
    ("A100 80GB PCIe community", "spot"): 0.6,
    ("A100 40GB SXM community", "on_demand"): 1.0,
    ("B300 SXM 270GB secure", "on_demand"): 7.85,
    ("H100 SXM 80GB secure", "on_demand"): 3.95,
    ("H100 SXM 80GB community", "on_demand"): 2.65,
    ("L4 secure", "on_demand"): 0.47,
    ("L4 community", "on_demand"): 0.41,
    ("V100 SXM2 32GB community", "on_demand"): 0.25,
}

# Each of these offers nothing of a GPU that is known here.
TRAPS: dict[str, Row] = {
    "a price that stayed": row("NVIDIA A40", 48, 0.4, 0.3, secureCloud=False, communityCloud=False),
    "nothing": row("NVIDIA A40", 48, None, None),
    "zero": row("NVIDIA A40", 48, 0, 0.0, secureCloud=True, communityCloud=True),
    "interruptible alone": row("NVIDIA A40", 48, 0, None, secureSpotPrice=0.2, communitySpotPrice=0.1),
    "a stranger without a price": row("Imaginary GPU", 16, 0, 0),
}
STRANGERS: dict[str, Row] = {
    "AMD Instinct MI300X OAM": row("AMD Instinct MI300X OAM", 192, 2.35, 0.5, communityCloud=False),
    "NVIDIA L40": row("NVIDIA L40", 48, 0.8, 0.65),
    # The name is known, the slice of the card is not.
    "NVIDIA GeForce RTX 4090": row("NVIDIA GeForce RTX 4090", 12, 0.2, 0.1),
}


_ALIASES = read_table(DATA / "gpu_aliases.csv", ("vram_gb",))
# Each GPU of the table by the name and the memory under which RunPod lists it.
NAMES: dict[tuple[str, float], str] = {
    (alias["alias"], alias["vram_gb"]): alias["gpu"]
    for alias in _ALIASES[_ALIASES["provider"] == "runpod"].to_dict("records")
}

# What the service lists beside them, so that an answer has its usual length.
FILLER = [row(f"Imaginary GPU {number}", 16, 0, None) for number in range(40)]


def body(rows: Iterable[object], **other: object) -> bytes:
    """One answer; other fields stand beside its data, or replace it."""
    return json.dumps({"data": {"gpuTypes": list(rows)}} | other).encode()


def answers(rows: Iterable[object]) -> Callable[[Request], Answer]:
    """A handler that answers the question about GPU types, and any other as the service does."""
    listed = body(rows)

    def handler(request: Request) -> Answer:
        asked = json.loads(request.body) if request.method == "POST" else {}
        if "gpuTypes" not in asked.get("query", ""):
            return Answer(b'{"errors": [{"message": "Must provide query string."}]}', status=400)
        return Answer(listed)

    return handler
