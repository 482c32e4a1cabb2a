"""Writes the seeds: one small sound file, or more, of every format that fkbayes reads.

    python fuzz/seeds.py target/release/fkbayes     (needs pyarrow)
"""

import pathlib
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq

SEEDS = pathlib.Path(__file__).parents[1] / "tests" / "reading" / "seeds"
FKS = ["orders.customer_id", "orders.store_id", 'a "quoted", name', "visits.page_id"]


def score(k, i):
    return round(0.1 * k + ((i * 7919 + k * 104729) % 1000) / 1000 - 0.5, 3)


def write_text(name, lines):
    (SEEDS / name).write_text("\n".join(lines) + "\n")


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def texts():
    rows = [(fk, score(k, i)) for i in range(12) for k, fk in enumerate(FKS)]
    write_text("long.csv", ["fk,score,note"] + [f"{quoted(fk)},{s},x" for fk, s in rows])
    write_text("long.tsv", ["fk\tscore"] + [f"{fk.split()[0]}\t{s}" for fk, s in rows[:20]])
    wide = [",".join(str(score(k, i)) if i + k < 12 else "" for k in range(4)) for i in range(10)]
    write_text("wide.csv", [",".join(map(quoted, FKS))] + wide)
    stats = [f"{quoted(fk)},{5 + k},{score(k, 3)},{0.1 + k}" for k, fk in enumerate(FKS)]
    write_text("stats.csv", ["fk,n,mean,sd"] + stats)
    write_text("estimates.csv", ["fk,mean,se"] + [f"{fk[:6]}{k},{k},{1 + k}" for k, fk in enumerate(FKS)])
    write_text("costs.csv", ["fk,cost"] + [f"{quoted(fk)},{1 + k}" for k, fk in enumerate(FKS)])
    write_text("model.toml", [
        'hyperprior = "ig=2,1"', 'noise = "sampled=2,1"', 'importance = "student-t=4"', 'location = "flat"',
        "", "[sampler]", "chains = 2", "warmup = 50", "draws = 100", "thin = 1", "interweave = true", 'kind = "gibbs"',
    ])


def columnar():
    rows = [(fk, score(k, i)) for i in range(50) for k, fk in enumerate(FKS)]
    fks, scores = pa.array([r[0] for r in rows]), pa.array([r[1] for r in rows])
    long = pa.table({"fk": fks, "score": scores, "other": pa.array([[1, 2]] * len(rows))})
    keyed = pa.table({"fk": fks.dictionary_encode(), "score": scores})
    wide = pa.table({fk: pa.array([score(k, i) for i in range(8)]) for k, fk in enumerate(FKS)})
    pq.write_table(long, SEEDS / "plain.parquet", use_dictionary=False, compression="none", row_group_size=100)
    pq.write_table(keyed, SEEDS / "keys.parquet", compression="zstd", row_group_size=64)
    pq.write_table(wide, SEEDS / "wide.parquet", compression="snappy", data_page_version="2.0")
    for name, table, codec in [("plain", long, None), ("keys", keyed, "lz4"), ("wide", wide, "zstd")]:
        options = pa.ipc.IpcWriteOptions(compression=codec)
        with pa.ipc.new_file(SEEDS / f"{name}.arrow", table.schema, options=options) as out:
            out.write_table(table, max_chunksize=128)
        with pa.ipc.new_stream(SEEDS / f"{name}.arrows", table.schema, options=options) as out:
            out.write_table(table, max_chunksize=128)


def by_the_command(fkbayes):
    def run(*arguments):
        subprocess.run([fkbayes, *arguments, "--quiet"], check=True, stdout=subprocess.DEVNULL)

    short = ["--chains", "2", "--warmup", "20", "--draws", "40", "--seed", "1", "--noise", "pooled"]
    for layout in ("wide", "list"):
        for kind in ("arrow", "parquet"):
            run("fit", str(SEEDS / "long.csv"), *short, "--layout", layout,
                "--out", str(SEEDS / f"draws_{layout}.{kind}"))
    out = SEEDS / "study"
    study = [fkbayes, "study", "--k", "2,3,5,10,20,50,100", "--n", "5", "--lambda", "1,10", "--replicates", "3000",
             "--threads", "1", "--seed", "1", "--out", f"{out}.arrow", "--quiet"]
    try:
        subprocess.run(study, timeout=0.7)
    except subprocess.TimeoutExpired:
        partial = pathlib.Path(f"{out}.arrow.partial")
        # As if it had been a small study: to go on with it must take no time.
        pathlib.Path(f"{out}.partial").write_text(partial.read_text().replace('"replicates":3000', '"replicates":20'))
        partial.unlink()


if __name__ == "__main__":
    SEEDS.mkdir(exist_ok=True)
    texts()
    columnar()
    by_the_command(sys.argv[1])
