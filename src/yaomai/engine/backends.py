"""The two engines that run the same Ibis expressions: DuckDB in this process, or Spark."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from pyarrow import parquet

ENGINES: Final = ("duckdb", "spark")
MEMORY_LIMIT: Final = "2500MB"
"""What DuckDB may hold before it spills to the temporary folder; a run as a whole stays under 4 GiB."""


class EngineMissing(RuntimeError):
    """The packages of an engine are not installed."""


@contextmanager
def connected(engine: str = "duckdb", *, threads: int | None = None) -> Iterator[Any]:
    """Give an Ibis connection with a temporary folder of its own; closed, and the folder removed, at the end.

    Spark uses the cluster of `SPARK_REMOTE` or the master of the Spark configuration, else all cores of this machine.

    Raises:
        EngineMissing: Spark is wanted and pyspark is not installed.
    """
    with TemporaryDirectory(prefix="yaomai-engine-") as folder:
        if engine == "spark":
            session = _spark_session()
            try:
                yield ibis.pyspark.connect(session)
            finally:
                session.stop()
            return
        connection = ibis.duckdb.connect(
            threads=threads or os.cpu_count() or 1, memory_limit=MEMORY_LIMIT, temp_directory=folder
        )
        connection.raw_sql("SET preserve_insertion_order = false; SET enable_progress_bar = false")
        try:
            yield connection
        finally:
            connection.disconnect()


def arrow_table(connection: Any, table: pa.Table, folder: Path | str, name: str) -> ir.Table:
    """Give an Arrow table to an engine, by way of a Parquet file in `folder`."""
    path = Path(folder) / f"{name}.parquet"
    parquet.write_table(table, path, compression="zstd")
    lazy: ir.Table = connection.read_parquet(str(path))
    return lazy


def _spark_session() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineMissing("pip install 'yaomai[spark]'") from error
    builder = SparkSession.builder.appName("yaomai-engine")
    for name, value in (
        ("spark.ui.enabled", "false"),
        ("spark.ui.showConsoleProgress", "false"),
        ("spark.sql.session.timeZone", "Asia/Shanghai"),
        ("spark.sql.shuffle.partitions", str(4 * (os.cpu_count() or 1))),
    ):
        builder = builder.config(name, value)
    if not os.environ.get("SPARK_REMOTE") and not os.environ.get("MASTER"):
        builder = builder.master("local[*]")
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
