"""The whole of `fkbayes fit` beside a Python that does no more than load numpy.

Usage: python process_vs_numpy.py FKBAYES_BINARY [ROUNDS]

examples/data/f1.csv, `--noise pooled`, 4 chains of 2,500 draws, draws written to a file: wall-clock
time from start to end of the process, in turn with `python -c "import numpy"`, ROUNDS times (41);
medians. Run from the repository.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def seconds(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main():
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    binary = str(Path(sys.argv[1]).resolve())
    rounds = int(sys.argv[2]) if len(sys.argv) == 3 else 41
    with tempfile.TemporaryDirectory() as folder:
        fit = [binary, "fit", "examples/data/f1.csv", "--seed", "1", "--quiet", "--out",
               f"{folder}/draws.arrow"]
        commands = {
            'python -c "import numpy"': [sys.executable, "-c", "import numpy"],
            "fkbayes fit, --noise pooled": [*fit, "--noise", "pooled"],
            "fkbayes fit": fit,
        }
        found = {label: [] for label in commands}
        for _ in range(rounds):
            for label, command in commands.items():
                found[label].append(seconds(command))
    median = {label: statistics.median(times) for label, times in found.items()}
    yardstick, *_ = median.values()
    for label, time_taken in median.items():
        print(f"{label:30}{1e3 * time_taken:8.1f} ms{time_taken / yardstick:7.2f}")


if __name__ == "__main__":
    main()
