"""Write the documents of the benchmarks into a folder, as a server would give them."""

from __future__ import annotations

import argparse
from pathlib import Path

import documents_aws
import documents_azure
import documents_gcp
from measuring import FIRST_PAGE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where to; a page lies below the path that is asked for")
    parser.add_argument("--scale", type=float, default=1.0, help="size against the real one; 0.1 is quick")
    parser.add_argument("--seed", type=int, default=0, help="another seed makes other prices and orders")
    asked = parser.parse_args()
    price_list = asked.folder / documents_aws.PATH / FIRST_PAGE
    documents_aws.write_price_list(price_list, scale=asked.scale, seed=asked.seed)
    documents_azure.write_pages(asked.folder, scale=asked.scale, seed=asked.seed)
    documents_gcp.write_pages(asked.folder, scale=asked.scale, seed=asked.seed)


if __name__ == "__main__":
    main()
