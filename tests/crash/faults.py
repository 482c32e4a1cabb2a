"""Lets every write of a run go wrong in turn: faults.py BINARY [--most 60]; needs cc and Linux.

For each call that writes to a file, in turn: the disk is full from there on, the quota is used up, one
call fails, the process is killed in its place, or in the middle of it. Then directories that cannot be
written, that vanish under a run, and a disk without room. The run must say so in one message with exit
code 1, no file may be damaged, and what has a checkpoint must go on to the bytes of a run without fault.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from case import Damage, Folder, cases, hidden

FAULTS = ["ENOSPC", "EDQUOT", "ONCE", "KILL", "TORN"]


def shim():
    """The library that makes calls fail."""
    source = Path(__file__).with_name("fault.c")
    library = Path(tempfile.mkdtemp()) / "fault.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return str(library)


def one_error(name, run):
    lines = [line for line in run.stderr.splitlines() if line.startswith("error:")]
    if run.returncode != 1 or len(lines) != 1 or "panic" in run.stderr:
        raise Damage(f"{name}: exit {run.returncode}, {run.stderr}")


def is_valid(case, folder):
    """A file of the draws so far is one that `summary` takes."""
    if case.out.startswith("draws"):
        return case.run(folder, ["summary", case.out, "--json"]).returncode == 0
    return False


def strike(case, library, fault, at):
    """One run with one fault."""
    with case.folder() as folder:
        before = case.before(folder)
        run = case.run(folder, case.command, env={"LD_PRELOAD": library, "FAULT": fault, "FAULT_AT": str(at)})
        if run.returncode >= 0 and run.returncode != 0:
            one_error(f"{case.name}, {fault} at {at}", run)
            if hidden(folder):
                raise Damage(f"{case.name}, {fault} at {at}: left {hidden(folder)}")
        try:
            case.check(folder, before)
        except Damage:
            if not is_valid(case, folder):
                raise Damage(f"{case.name}, {fault} at {at}: {case.out} is damaged") from None
        if case.resume:
            case.finish(folder)
        return run.returncode


def writes(case, library):
    """How many calls a run makes that write to files."""
    with case.folder() as folder, Folder() as elsewhere:
        count = elsewhere / "count"
        case.run(folder, case.command, env={"LD_PRELOAD": library, "FAULT_COUNT": str(count)})
        return int(count.read_text())


def sweep(case, library, most, generator):
    """Every call in turn, or a random choice of them where they are many."""
    count = writes(case, library)
    calls = range(1, count + 1)
    calls = calls if count <= most else sorted(generator.sample(calls, most))
    faults, damages = 0, []
    for fault in FAULTS:
        for at in calls:
            faults += 1
            try:
                strike(case, library, fault, at)
            except Damage as damage:
                damages.append(damage)
                print(damage, flush=True)
    print(f"{case.name}: {count} writes, {faults} faults, {len(damages)} damages", flush=True)
    return faults, damages


def refused(case, folder, out, name):
    run = case.run(folder, [*case.command, "--out", out])
    one_error(name, run)
    print(f"{name}: {run.stderr.strip()}", flush=True)


def places(case):
    """Places where nothing can be written."""
    with case.folder() as folder:
        (folder / "gone").mkdir()
        # Longer than the others, so that it is under way when its directory goes.
        command = [*case.command, "--out", "gone/draws.arrow"]
        thin = command.index("--thin") + 1
        command[thin] = str(20 * int(command[thin]))
        run = case.start(folder, command)
        time.sleep(0.3 * case.seconds)
        subprocess.run(["rm", "-rf", folder / "gone"], check=True)
        out, err = run.communicate()
        one_error("vanished directory", subprocess.CompletedProcess([], run.returncode, out, err))
        print(f"vanished directory: {err.strip()}", flush=True)
        refused(case, folder, "nowhere/draws.arrow", "no directory")
        if Path("/dev/full").exists():
            refused(case, folder, "/proc/draws.arrow", "a file system that takes no files")
        if os.geteuid() != 0:
            (folder / "closed").mkdir(mode=0o500)
            refused(case, folder, "closed/draws.arrow", "read-only directory")
    mounted(case, "small disk", "size=64k")
    mounted(case, "read-only disk", "ro")


def mounted(case, name, options):
    """A file system of its own, where the system lets us mount one."""
    with case.folder() as folder:
        (folder / "disk").mkdir()
        script = f'mount -t tmpfs -o {options} none disk && exec "$@" --out disk/draws.arrow'
        run = subprocess.run(
            ["unshare", "-rm", "sh", "-c", script, "sh", case.binary, *case.command],
            cwd=folder, capture_output=True, text=True,
        )
        if "mount" in run.stderr or "unshare" in run.stderr:
            print(f"{name}: not tried, {run.stderr.strip()}")
            return
        one_error(name, run)
        print(f"{name}: {run.stderr.strip()}", flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--most", type=int, default=60, help="writes of a run that are tried")
    options.add_argument("--thin", type=int, default=5)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    generator = random.Random(options.seed)
    library = shim()
    faults, damages = 0, []
    all_cases = cases(options.binary, options.thin)
    for case in all_cases:
        more, found = sweep(case, library, options.most, generator)
        faults += more
        damages += found
    places(all_cases[0])
    print(f"{faults} faults: {len(damages)} damaged files or differing bytes")
    sys.exit(1 if damages else 0)


if __name__ == "__main__":
    main()
