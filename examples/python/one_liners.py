"""Questions to the draws in one line each, with Polars and with DuckDB.

Usage: python one_liners.py draws.arrow draws.parquet list.parquet FIRST SECOND

The three files hold the same draws: wide as Arrow and as Parquet, and in the list layout. FIRST and
SECOND are two foreign keys.
"""

import sys

import duckdb
import polars as pl


def polars_medians(arrow):
    """The median of every importance."""
    return pl.scan_ipc(arrow).select(pl.col(r"^alpha\[.*$").median()).collect().row(0, named=True)


def polars_first_beats_second(arrow, first, second):
    """P(one importance is larger than the other), which no table of single parameters has."""
    return pl.scan_ipc(arrow).select((pl.col(f"alpha[{first}]") > pl.col(f"alpha[{second}]")).mean()).collect().item()


def polars_largest(listed):
    """How often each element of the list is the largest: P(best), by place in the list."""
    return pl.scan_parquet(listed).select(pl.col("alpha").arr.arg_max().value_counts()).unnest("alpha").collect()


def duckdb_first_beats_second(parquet, first, second):
    """The same probability in SQL."""
    return duckdb.sql(f"""SELECT avg(("alpha[{first}]" > "alpha[{second}]")::INT) FROM '{parquet}'""").fetchall()[0][0]


def duckdb_intervals(parquet):
    """One row per FK: median and 90 % interval, from wide draws turned long."""
    return duckdb.sql(f"""
        SELECT fk[7:-2] AS fk, median(alpha), quantile_cont(alpha, 0.05), quantile_cont(alpha, 0.95)
        FROM (UNPIVOT (SELECT COLUMNS('^alpha') FROM '{parquet}') ON * INTO NAME fk VALUE alpha)
        GROUP BY fk ORDER BY 2 DESC""").fetchall()


def main(arrow, parquet, listed, first, second):
    print(polars_medians(arrow))
    print(f"P({first} > {second}) = {polars_first_beats_second(arrow, first, second)} (Polars)")
    print(f"P({first} > {second}) = {duckdb_first_beats_second(parquet, first, second)} (DuckDB)")
    print(polars_largest(listed))
    print(*duckdb_intervals(parquet), sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
