"""Data frames of facts. The libraries are asked for only here."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import pandas
    import polars

    from ._karuta import FactTable


def to_pandas(table: FactTable) -> pandas.DataFrame:
    """A row a fact; strings stay strings, lists become arrays."""
    try:
        import pyarrow
    except ImportError as e:
        raise ImportError("to_pandas needs pandas and pyarrow: pip install karuta[pandas]") from e
    return cast("pandas.DataFrame", pyarrow.table(table).to_pandas())


def to_polars(table: FactTable) -> polars.DataFrame:
    """A row a fact."""
    try:
        import polars
    except ImportError as e:
        raise ImportError("to_polars needs polars: pip install karuta[polars]") from e
    return polars.DataFrame(table)
