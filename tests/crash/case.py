"""What the crash tests share: commands, their uninterrupted results, and what may be left of them."""

import os
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

SCORES = Path(__file__).parents[2] / "examples" / "data" / "f1.csv"
CHECKPOINT = ["--checkpoint", "run.ckpt", "--checkpoint-every"]


class Damage(Exception):
    """A file that is neither what stood there before nor what was to stand there."""


class Case:
    """A command, the file that it writes, and the bytes which that has if nothing goes wrong."""

    def __init__(self, binary, name, command, out, setup=(), resume=None):
        self.binary, self.name, self.out = str(Path(binary).resolve()), name, out
        self.command, self.setup, self.resume = command, setup, resume
        with self.folder() as folder:
            started = time.monotonic()
            self.run(folder, command).check_returncode()
            self.seconds = time.monotonic() - started
            self.expected = (folder / out).read_bytes()

    def folder(self):
        """A fresh directory with what the command starts from."""
        folder = Folder()
        for command in self.setup:
            self.run(folder.path, command).check_returncode()
        return folder

    def run(self, folder, command, env=None, **more):
        return subprocess.run(
            [self.binary, *command], cwd=folder, env=env and {**os.environ, **env},
            capture_output=True, text=True, **more,
        )

    def start(self, folder, command):
        return subprocess.Popen(
            [self.binary, *command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def before(self, folder):
        path = folder / self.out
        return path.read_bytes() if path.exists() else None

    def check(self, folder, before):
        """The file is complete, or as it was: returns whether it is complete."""
        found = self.before(folder)
        if found == self.expected:
            return True
        if found != before:
            raise Damage(f"{self.name}: {self.out} is neither old nor new")
        return False

    def finish(self, folder):
        """Goes on until the end; the bytes must be those of a run that never stopped."""
        done = self.run(folder, self.resume or self.command)
        if done.returncode != 0:
            raise Damage(f"{self.name}: cannot go on: {done.stderr}")
        if (folder / self.out).read_bytes() != self.expected:
            raise Damage(f"{self.name}: going on gave other bytes")
        left = sorted(p.name for p in folder.iterdir() if p.name.startswith("run.ckpt"))
        left += sorted(p.name for p in folder.iterdir() if p.name.endswith(".partial"))
        if left:
            raise Damage(f"{self.name}: left {left}")


class Folder:
    def __enter__(self):
        return self.path

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="fkbayes-crash-"))

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def hidden(folder):
    """Temporary files that nobody will ever use."""
    return [p for p in folder.iterdir() if p.name.startswith(".fkbayes-")]


def cases(binary, thin):
    """Runs of about a second where `thin` is right for the machine and the build."""
    fit = ["fit", str(SCORES), "--quiet", "--seed", "7", "--thin", str(thin), "--draws", "3000", "--warmup", "2000"]
    per_fk = [*fit, "--noise", "per-fk", "--no-exact"]
    every = [*CHECKPOINT, "20ms"]
    short = ["fit", str(SCORES), "--quiet", "--seed", "3", "--draws", "500"]
    study = ["study", "--quiet", "--k", "2,3,5,10", "--n", "5,20", "--lambda", "1,10", "--replicates", "60",
             "--seed", "4", "--out", "study.arrow"]
    return [
        Case(binary, "fit", fit, "draws.arrow"),
        Case(binary, "fit over an older file", fit, "draws.arrow", setup=[short]),
        Case(binary, "fit --checkpoint", [*per_fk, *every], "draws.arrow", resume=[*per_fk, *every, "--resume"]),
        Case(binary, "fit --checkpoint, Parquet", [*fit, *every, "--out", "draws.parquet"], "draws.parquet",
             resume=[*fit, *every, "--out", "draws.parquet", "--resume"]),
        Case(binary, "study", study, "study.arrow", resume=[*study, "--resume"]),
        Case(binary, "report", ["report", "draws.arrow", "--quiet"], "report.html", setup=[short]),
        Case(binary, "extend", ["extend", "draws.arrow", "--draws", "20000", "--quiet"], "draws.arrow",
             setup=[short]),
    ]


def moment(generator: random.Random, case):
    """A moment of a run, sometimes behind its end."""
    return generator.uniform(0, 1.05 * case.seconds)
