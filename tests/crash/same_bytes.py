"""The same bytes on 1, 2 and 8 threads, from every build: same_bytes.py BINARY [BINARY...].

Every member of the family that chains draw from: noise, importances, location, sampler, format.
"""

import hashlib
import itertools
import subprocess
import sys
from pathlib import Path

from case import SCORES, Folder

NOISES = ["pooled", "known=1e-4", "sampled", "per-fk", "per-fk=fixed"]
MEMBERS = [
    *itertools.product(NOISES, ["normal", "student-t=4"], ["zero", "flat"], ["gibbs"]),
    *itertools.product(["pooled", "sampled"], ["normal"], ["zero", "flat"], ["exact"]),
]


def digest(binary, threads, member, out):
    noise, importance, location, sampler = member
    with Folder() as folder:
        subprocess.run(
            [binary, "fit", SCORES, "--quiet", "--seed", "11", "--draws", "400", "--chains", "5", "--out", out,
             "--threads", str(threads), "--noise", noise, "--importance", importance, "--location", location,
             "--sampler", sampler],
            cwd=folder, check=True, capture_output=True,
        )
        return hashlib.sha256((folder / out).read_bytes()).hexdigest()


def main():
    binaries = [str(Path(binary).resolve()) for binary in sys.argv[1:]]
    runs, differing = 0, []
    for member, out in itertools.product(MEMBERS, ["draws.arrow", "draws.parquet"]):
        ways = list(itertools.product(binaries, [1, 2, 8]))
        digests = {digest(binary, threads, member, out) for binary, threads in ways}
        runs += len(ways)
        if len(digests) > 1:
            differing.append((member, out))
            print("differs:", member, out, flush=True)
    print(f"{runs} runs of {len(MEMBERS)} members in 2 formats: {len(differing)} differ")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
