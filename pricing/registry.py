"""Every provider that a refresh can ask, one line each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .adapter import Adapter


class Entry(NamedTuple):
    """Where an adapter lies, and what it needs.

    ``module`` is a module of this package that holds it as ``ADAPTER``; it is imported when it is needed.
    ``key_name`` is the environment variable of the key without which a refresh passes it over.
    """

    module: str
    key_name: str = ""
    has_price_service: bool = True


ADAPTERS: Mapping[str, Entry] = MappingProxyType(
    {
        "aws": Entry("aws"),
        "azure": Entry("azure"),
        "gcp": Entry("gcp", key_name="RIG_OR_RENT_GCP_API_KEY"),
        "runpod": Entry("runpod"),
        "lambda": Entry("lambda_cloud", key_name="RIG_OR_RENT_LAMBDA_API_KEY"),
        "vast": Entry("vast"),
        "colab": Entry("colab", has_price_service=False),
        "ecb": Entry("ecb"),
    }
)


def adapter_of(provider: str) -> Adapter:
    """The adapter of a provider.

    Raises
    ------
    ValueError : there is none; names those that there are.
    """
    if provider not in ADAPTERS:
        raise ValueError(f"provider is {provider!r}; a refresh can ask {', '.join(ADAPTERS)}")
    adapter: Adapter = import_module(f".{ADAPTERS[provider].module}", __package__).ADAPTER
    return adapter


def is_passed_over(provider: str) -> bool:
    """Whether a refusal is no failure: there is no service to ask, or no key to ask it with."""
    entry = ADAPTERS[provider]
    return not entry.has_price_service or bool(
        entry.key_name and not os.environ.get(entry.key_name, "").strip()
    )
