"""Mutated files of every format through the real command.

    python tests/hostile/mutated_files.py target/release/fkbayes [FILES_PER_FORMAT [SEED]]

Every file must end in exit code 0, 1 or 2 within ten seconds and two gigabytes of address space, with one
message at most on stderr, and no panic. What does not is kept in target/hostile.
"""

import collections
import pathlib
import random
import re
import resource
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).parents[2]
SEEDS = ROOT / "tests" / "reading" / "seeds"
KEPT = ROOT / "target" / "hostile"
MEMORY = 2 << 30
PATIENCE = 10

COMPARE = ["compare", "{}", "--no-mcmc", "--noise", "known=1", "--threads", "2"]
WIDE = COMPARE + ["--wide"]
SUMMARY = ["summary", "{}"]
STUDY = ["study", "--k", "2,3,5,10,20,50,100", "--n", "5", "--lambda", "1,10", "--replicates", "20",
         "--threads", "1", "--seed", "1", "--resume", "--out"]
FORMATS = {
    "long CSV": (["long.csv", "long.tsv"], COMPARE),
    "wide CSV": (["wide.csv"], WIDE),
    "aggregated CSV": (["stats.csv", "estimates.csv"], COMPARE),
    "Parquet": (["plain.parquet", "keys.parquet"], COMPARE),
    "Parquet, wide": (["wide.parquet"], WIDE),
    "Arrow file": (["plain.arrow", "keys.arrow"], COMPARE),
    "Arrow file, wide": (["wide.arrow"], WIDE),
    "Arrow stream": (["plain.arrows", "keys.arrows"], COMPARE),
    "draws, Arrow": (["draws_wide.arrow", "draws_list.arrow"], SUMMARY),
    "draws, Parquet": (["draws_wide.parquet", "draws_list.parquet"], SUMMARY),
    "model": (["model.toml"], ["model", "check", "{}"]),
    "costs": (["costs.csv"], ["plan", str(SEEDS / "long.csv"), "--budget", "9", "--noise", "known=1", "--cost", "{}"]),
    "partial study": (["study.partial"], STUDY + ["{}"]),
}

NUMBERS = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, 1 << 63,
           (1 << 64) - 1]
TEXTS = [b'"', b'""', b"\n", b"\r", b",", b"\t", b"\0", b"NaN", b"inf", b"1e400", b"1e-400", b"-1e150", b"fk", b"score",
         b"null", b"{", b"[" * 200, b"=", b"'''", b"9" * 400, b"99999999999"]


def mutate(data, other, random):
    data = bytearray(data)
    for _ in range(2 ** random.randrange(4)):
        at = random.choice([random.randrange(len(data) + 1), max(0, len(data) - random.randrange(700)), random.randrange(64)])
        at = min(at, len(data))
        kind = random.randrange(8)
        if kind < 2 and at < len(data):
            data[at] ^= 1 << random.randrange(8)
        elif kind == 2:
            width = random.choice([1, 2, 4, 8])
            number = random.choice(NUMBERS) & ((1 << 8 * width) - 1)
            data[at:at + width] = number.to_bytes(width, "little")
        elif kind == 3:
            del data[at:at + random.randrange(1, 200)]
        elif kind == 4:
            start = random.randrange(len(other))
            data[at:at] = other[start:start + random.randrange(1, 300)]
        elif kind == 5:
            text = random.choice(TEXTS)
            data[at:at + random.choice([0, len(text)])] = text
        elif kind == 6 and random.random() < 0.3:
            del data[at:]
        else:
            data[at:at + 1] = bytes([random.randrange(256)])
    return bytes(data)


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(command):
    start = time.monotonic()
    try:
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               preexec_fn=limit, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return "hang", "", PATIENCE
    return ended.returncode, ended.stderr.decode(errors="replace"), time.monotonic() - start


def complaint(code, stderr):
    if code not in (0, 1, 2):
        return f"exit {code}"
    if "panicked" in stderr or "overflowed" in stderr or "memory allocation" in stderr:
        return "panic"
    errors = re.findall(r"^error:", stderr, re.M)
    if (code != 0) != (len(errors) == 1):
        return f"exit {code} with {len(errors)} errors"
    return None


def main():
    fkbayes, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    KEPT.mkdir(parents=True, exist_ok=True)
    failures = 0
    for name, (seeds, arguments) in FORMATS.items():
        chance = random.Random(f"{seed} {name}")
        sound = [(SEEDS / s).read_bytes() for s in seeds]
        codes, slowest = collections.Counter(), 0
        for i in range(count):
            data = mutate(chance.choice(sound), chance.choice(sound), chance)
            file = KEPT / "current"
            if name == "partial study":
                # The side file of an output that is not there yet.
                file = KEPT / "current.arrow"
                file.unlink(missing_ok=True)
            (KEPT / "current.arrow.partial" if name == "partial study" else file).write_bytes(data)
            code, stderr, seconds = run([fkbayes, *(a.replace("{}", str(file)) for a in arguments), "--quiet"])
            codes[code] += 1
            slowest = max(slowest, seconds)
            problem = complaint(code, stderr)
            if problem:
                failures += 1
                kept = KEPT / f"{name.replace(', ', '-').replace(' ', '-')}-{i}"
                kept.write_bytes(data)
                print(f"{name}: {problem}: {kept}\n  {stderr.strip()[:300]}")
        told = ", ".join(f"exit {code}: {n}" for code, n in sorted(codes.items(), key=str))
        print(f"{name:18} {count} files  {told}  slowest {slowest:.2f} s", flush=True)
    print(f"{failures} failures")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
