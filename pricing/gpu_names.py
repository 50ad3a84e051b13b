"""What a provider's name of a GPU means in the vocabulary of the GPU table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from .tables import DATA, read_table

ANY_PROVIDER = "*"


class NamedGpu(NamedTuple):
    """One GPU of the table, and how much memory one of it has. [GB]"""

    gpu: str
    vram_gb: float


def gpu_of(provider: str, name: str, vram_gb: float | None = None) -> NamedGpu | None:
    """Find the GPU that a provider calls by a name; None where nothing says so for sure.

    Parameters
    ----------
    provider : whose name it is. What it calls a GPU goes before what everybody does.
    name : as the provider writes it, letter by letter.
    vram_gb : the memory of one GPU, if the provider states it. A name that stands for another size only is
        not known then. Without it, only names count that leave no size open. [GB]
    """
    sizes = _aliases(provider).get(name) or _aliases(ANY_PROVIDER).get(name, {})
    gpu = sizes.get(vram_gb, sizes.get(None))
    return None if gpu is None else NamedGpu(gpu, _vram_gb()[gpu])


@cache
def gpus_by_name(provider: str) -> Mapping[str, tuple[NamedGpu, ...]]:
    """Every name of a provider with the GPUs that it stands for, which differ in memory; read-only."""
    return MappingProxyType(
        {
            name: tuple(NamedGpu(gpu, _vram_gb()[gpu]) for gpu in sizes.values())
            for name, sizes in _aliases(provider).items()
        }
    )


@cache
def _aliases(provider: str) -> Mapping[str, Mapping[float | None, str]]:
    """The GPUs by name and size; the size is None where the name says it, or does not matter."""
    table = read_table(DATA / "gpu_aliases.csv", ("vram_gb",))
    found: dict[str, dict[float | None, str]] = {}
    # A name that holds for some instance types only is none for a GPU alone.
    rows = table[(table["provider"] == provider) & (table["instance_prefix"] == "")]
    for row in rows.to_dict("records"):
        size = None if row["vram_gb"] != row["vram_gb"] else float(row["vram_gb"])
        found.setdefault(row["alias"], {})[size] = row["gpu"]
    return MappingProxyType(found)


@cache
def _vram_gb() -> Mapping[str, float]:
    """The memory of every GPU of the table. [GB]"""
    table = read_table(DATA / "gpus.csv", ("vram_gb",))
    return MappingProxyType(dict(zip(table["gpu"], table["vram_gb"], strict=True)))
