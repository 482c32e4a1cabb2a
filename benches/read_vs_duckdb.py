"""Ten million scores of fifty FKs, CSV and Parquet: time of the whole process against DuckDB's.

    python benches/read_vs_duckdb.py target/release/fkbayes [DIRECTORY]     (needs duckdb, numpy and pyarrow)

DuckDB computes count, avg and var_samp by FK; fkbayes reads the file and, on top of that, finds the exact
posterior of the importances (`compare --no-mcmc --noise pooled`: some milliseconds). Runs alternate; the
shortest of each counts, wall and CPU. The answers of both are compared.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROWS, FKS, REPEATS = 10_000_000, 50, 5

DUCKDB = """
import duckdb, json, sys
file, threads = sys.argv[1:]
connection = duckdb.connect()
connection.execute(f"SET threads={threads}")
connection.execute("SET enable_progress_bar=false")
table = f"read_csv('{file}')" if file.endswith("csv") else f"read_parquet('{file}')"
print(json.dumps(connection.execute(
    f"SELECT fk, count(*), avg(score), var_samp(score) FROM {table} GROUP BY fk ORDER BY fk").fetchall()))
"""


def write(directory):
    import numpy
    import pyarrow
    import pyarrow.csv
    import pyarrow.parquet

    random = numpy.random.default_rng(1)
    fk = random.integers(0, FKS, ROWS).astype(numpy.int32)
    names = [f"table{k % 7}.key_{k:02d}_id" for k in range(FKS)]
    fks = pyarrow.DictionaryArray.from_arrays(pyarrow.array(fk), pyarrow.array(names)).cast(pyarrow.string())
    scores = random.normal(0.01, 1, ROWS) * 0.02 + fk * 1e-4
    table = pyarrow.table({"fk": fks, "score": scores})
    pyarrow.parquet.write_table(table, directory / "scores.parquet")
    pyarrow.csv.write_csv(table, directory / "scores.csv", pyarrow.csv.WriteOptions(quoting_style="none"))


def run(command):
    """Wall and CPU seconds, peak MB, and what was printed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    wall = time.perf_counter() - start
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out


def check(ours, theirs):
    fks = {fk["fk"]: fk for fk in json.loads(ours)["data"]["fks"]}
    rows = json.loads(theirs)
    assert len(rows) == len(fks) == FKS
    for name, n, mean, variance in rows:
        assert fks[name]["n"] == n
        assert abs(fks[name]["mean"] - mean) <= 1e-12 * abs(mean) + 1e-15
        assert abs(fks[name]["sd"] ** 2 - variance) <= 1e-10 * variance


def main():
    fkbayes = sys.argv[1]
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else temporary)
        if not (directory / "scores.csv").exists():
            write(directory)
        print("format   threads  wall s: ours DuckDB ratio   CPU s: ours DuckDB ratio   peak MB: ours DuckDB")
        for name in ("csv", "parquet"):
            file = str(directory / f"scores.{name}")
            for threads in ("1", "2"):
                us = [fkbayes, "compare", file, "--no-mcmc", "--noise", "pooled", "--json", "--threads", threads]
                them = [sys.executable, "-c", DUCKDB, file, threads]
                runs = [(run(us), run(them)) for _ in range(REPEATS)]
                check(runs[0][0][3], runs[0][1][3])
                wall, cpu, peak = ([min(r[who][i] for r in runs) for who in (0, 1)] for i in range(3))
                print(f"{name:8} {threads:7}  {wall[0]:12.2f} {wall[1]:6.2f} {wall[0] / wall[1]:5.2f}"
                      f"   {cpu[0]:11.2f} {cpu[1]:6.2f} {cpu[0] / cpu[1]:5.2f}   {peak[0]:13.0f} {peak[1]:6.0f}")


if __name__ == "__main__":
    main()
