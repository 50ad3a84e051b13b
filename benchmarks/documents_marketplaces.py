"""Synthetic answers of RunPod, Vast.ai and Lambda, served as these services answer.

python documents_marketplaces.py HOSTS SEED CUT prints the port. An answer of Vast.ai is cut at CUT offers;
0 cuts nowhere. The answers to POST and GET, and to our questions and gpuhunt's, are the same bodies.
"""

from __future__ import annotations

import bisect
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Row = dict[str, Any]

VAST_PATH = "/api/v0/bundles/"
RUNPOD_PATH = "/graphql"
LAMBDA_PATH = "/api/v1/instance-types"
LAMBDA_IMAGES_PATH = "/api/v1/images"
KEY = "no-real-key"

# Name, MiB of memory, USD an hour of the cheapest.
CARDS = (
    *(("RTX 4090", 24564, 0.3), ("RTX 5090", 32607, 0.4), ("RTX 3090", 24576, 0.12)),
    *(("H100 SXM", 81559, 1.8), ("A100 SXM4", 81920, 0.9), ("L40S", 46068, 0.5)),
)
PLACES = ("Spain, ES", "Japan, JP", "Texas, US", "Chile, CL", ", AU", "Kenya, KE")
GPU_COUNTS = (1, 1, 1, 2, 4, 8)
# As RunPod answers in 2026: about so many types, data centres and countries.
RUNPOD_TYPES = (
    ("NVIDIA GeForce RTX 4090", "RTX 4090", 24),
    ("NVIDIA GeForce RTX 5090", "RTX 5090", 32),
    ("NVIDIA GeForce RTX 3090", "RTX 3090", 24),
    ("NVIDIA H100 80GB HBM3", "H100 SXM", 80),
    ("NVIDIA A100-SXM4-80GB", "A100 SXM", 80),
    ("NVIDIA A100 80GB PCIe", "A100 PCIe", 80),
    ("NVIDIA L40S", "L40S", 48),
    ("NVIDIA L4", "L4", 24),
)
RUNPOD_TYPE_COUNT = 48
RUNPOD_DATA_CENTERS = 30
RUNPOD_COUNTRIES = ("US", "CA", "SE", "CZ", "RO", "NL")


def vast_rows(hosts: int, seed: int) -> list[Row]:
    """One offer for each host, the cheapest first."""
    rng = random.Random(seed)
    rows = []
    for host in range(1, hosts + 1):
        name, mib, usd = CARDS[rng.randrange(len(CARDS))]
        gpus = rng.choice(GPU_COUNTS)
        base = usd * gpus * (1 + rng.random())
        storage = rng.choice((0.1, 0.15, 0.2, 0.3))
        is_verified = rng.random() < 0.6
        rows.append(
            {
                "id": 40_000_000 + host,
                "ask_contract_id": 40_000_000 + host,
                "machine_id": 100_000 + host,
                "host_id": 200_000 + host,
                "num_gpus": gpus,
                "gpu_name": name,
                "gpu_ram": mib,
                "gpu_total_ram": mib * gpus,
                "gpu_frac": 1.0,
                "dph_base": base,
                "dph_total": base + storage * 8 / 720,
                "min_bid": base * rng.uniform(0.3, 0.9),
                "storage_cost": storage,
                "storage_total_cost": storage * 8 / 720,
                "inet_up_cost": rng.choice((0.0, 0.01, 0.02)),
                "inet_down_cost": rng.choice((0.0, 0.005, 0.01)),
                "inet_up": 500.5,
                "inet_down": 812.3,
                "verification": "verified" if is_verified else "unverified",
                "vericode": int(is_verified),
                "rentable": True,
                "rented": False,
                "is_bid": False,
                "reliability": 0.9971,
                "reliability2": 0.9971,
                "geolocation": rng.choice(PLACES),
                "hosting_type": 0,
                "duration": 6743717.40265584,
                "cpu_cores": 64,
                "cpu_cores_effective": 32.0,
                "cpu_ram": 128915,
                "cpu_name": "EPYC",
                "cuda_max_good": 13.0,
                "compute_cap": 890,
                "disk_space": 1425.0,
                "disk_bw": 3121.5,
                "driver_version": "580.95.05",
                "dlperf": 101.2,
                "score": 250.1,
                "external": None,
                "search": {"gpuCostPerHour": base, "diskHour": storage * 8 / 720},
                "instance": {"gpuCostPerHour": 0, "diskHour": storage * 8 / 720},
            }
        )
    return sorted(rows, key=lambda row: row["dph_total"])


def runpod_body(seed: int) -> bytes:
    """Everything that one or the other asks for."""
    rng = random.Random(seed)
    names = [
        *RUNPOD_TYPES,
        *((f"NVIDIA Other {number}", "Other", 16) for number in range(RUNPOD_TYPE_COUNT - len(RUNPOD_TYPES))),
    ]
    types = []
    for name, shown, vram_gb in names:
        secure, community = round(rng.uniform(0.5, 2.5), 2), round(rng.uniform(0.2, 1.5), 2)
        types.append(
            {
                "id": name,
                "displayName": shown,
                "manufacturer": "Nvidia",
                "memoryInGb": vram_gb,
                "maxGpuCount": 8,
                "maxGpuCountSecureCloud": 8,
                "maxGpuCountCommunityCloud": 8,
                "secureCloud": True,
                "communityCloud": True,
                "securePrice": secure,
                "communityPrice": community,
                "secureSpotPrice": secure,
                "communitySpotPrice": community,
                "clusterPrice": None,
                "nodeGroupDatacenters": [],
                "lowestPrice": {"stockStatus": "Low", "minVcpu": 8, "minMemory": 32},
            }
        )
    data = {
        "gpuTypes": types,
        "dataCenters": [{"id": f"EU-{number}", "listed": True} for number in range(RUNPOD_DATA_CENTERS)],
        "countryCodes": list(RUNPOD_COUNTRIES),
        "cpuFlavors": [],
    }
    return json.dumps({"data": data}).encode()


def lambda_body() -> bytes:
    """Ten sizes of known GPUs."""
    listed = {}
    for gpu, vram_gb, name, cents in (
        ("H100", "80 GB SXM5", "h100_sxm5", 429),
        ("A10", "24 GB PCIe", "a10", 129),
    ):
        for gpus in (1, 2, 4, 8, 16)[: 4 if gpu == "H100" else 1]:
            specs = {"vcpus": 26 * gpus, "memory_gib": 225 * gpus, "storage_gib": 2816 * gpus, "gpus": gpus}
            listed[f"gpu_{gpus}x_{name}"] = {
                "instance_type": {
                    "name": f"gpu_{gpus}x_{name}",
                    "description": f"{gpus}x {gpu} ({vram_gb})",
                    "gpu_description": f"{gpu} ({vram_gb})",
                    "price_cents_per_hour": cents * gpus,
                    "architecture": "x86_64",
                    "specs": specs,
                },
                "regions_with_capacity_available": [{"name": "us-east-1", "description": "USA"}],
            }
    return json.dumps({"data": listed}).encode()


class _Handler(BaseHTTPRequestHandler):
    """Answers as the three services do."""

    protocol_version = "HTTP/1.1"

    def __init__(self, market: _Market, *given: Any) -> None:
        self.market = market
        super().__init__(*given)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        question = parse_qs(address.query).get("q")
        self._answer(address.path, json.loads(question[0]) if question else {})

    def do_POST(self) -> None:
        self._answer(
            urlsplit(self.path).path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        )

    def _answer(self, path: str, question: Row) -> None:
        body = self.market.body(path, question)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Market:
    """The bodies, made once."""

    def __init__(self, hosts: int, seed: int, cut: int) -> None:
        self.cut = cut or hosts
        rows = vast_rows(hosts, seed)
        self.of_tier = {
            tier: [row for row in rows if tier is None or (row["verification"] == "verified") is tier]
            for tier in (None, True, False)
        }
        self.encoded = {row["id"]: json.dumps(row).encode() for row in rows}
        self.totals = {tier: [row["dph_total"] for row in of] for tier, of in self.of_tier.items()}
        self.fixed = {
            RUNPOD_PATH: runpod_body(seed),
            LAMBDA_PATH: lambda_body(),
            LAMBDA_IMAGES_PATH: json.dumps({"data": [{"region": {"name": "us-east-1"}}]}).encode(),
        }

    def body(self, path: str, question: Row) -> bytes:
        if path != VAST_PATH:
            return self.fixed[path]
        tier = question.get("verified", {}).get("eq")
        least = question.get("dph_total", {}).get("gte", 0.0)
        start = bisect.bisect_left(self.totals[tier], least)
        count = min(self.cut, question.get("limit", self.cut))
        chosen = self.of_tier[tier][start : start + count]
        return b'{"offers": [' + b", ".join(self.encoded[row["id"]] for row in chosen) + b"]}"


@contextmanager
def served_market(hosts: int, seed: int, cut: int) -> Iterator[str]:
    """Serve the market from another process; gives the base URL."""
    program = [sys.executable, str(Path(__file__)), str(hosts), str(seed), str(cut)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def main() -> None:
    """Serve until the process is ended."""
    hosts, seed, cut = map(int, sys.argv[1:])
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, _Market(hosts, seed, cut))) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
