"""Kills and interrupts runs at random moments: kills.py BINARY [--kills 200] [--interrupts 40].

SIGKILL leaves every file as it was or complete, and what goes on ends with the bytes of a run that was
never stopped. Ctrl-C leaves a valid file of the draws so far, from which `extend` gives these very bytes.
"""

import argparse
import json
import random
import signal
import sys
import time

from case import Damage, cases, hidden, moment


def kill(case, generator, left_over):
    """Kills a run, once or, where it can go on, until it has come to its end; returns how often."""
    kills = 0
    with case.folder() as folder:
        command = case.command
        while True:
            before = case.before(folder)
            run = case.start(folder, command)
            time.sleep(moment(generator, case))
            run.kill()
            run.communicate()
            kills += 1
            complete = case.check(folder, before)
            left_over.extend(hidden(folder))
            if not case.resume or complete or kills == 12:
                break
            command = case.resume
        case.finish(folder) if case.resume else None
    return kills


def interrupt(case, generator):
    """Interrupts a fit, checks what it left, and completes it."""
    with case.folder() as folder:
        run = case.start(folder, [*case.command, "--json"])
        time.sleep(moment(generator, case))
        run.send_signal(generator.choice([signal.SIGINT, signal.SIGTERM]))
        out, said = run.communicate()
        if hidden(folder):
            raise Damage(f"{case.name}: interrupted, it left {hidden(folder)}")
        if run.returncode == 0:
            return "complete" if case.check(folder, None) else "nothing"
        if run.returncode < 0:
            # Before it listened.
            return "nothing" if case.before(folder) is None else "damaged"
        if run.returncode != 1 or sum(line.startswith("error:") for line in said.splitlines()) != 1:
            raise Damage(f"{case.name}: exit {run.returncode}, {said}")
        if case.before(folder) is None:
            if out:
                raise Damage(f"{case.name}: an answer without draws")
            return "nothing"
        missing = json.loads(out)["incomplete"]["draws_requested"] - json.loads(out)["sampler"]["draws"]
        case.run(folder, ["extend", case.out, "--draws", str(missing), "--quiet"]).check_returncode()
        if case.before(folder) != case.expected:
            raise Damage(f"{case.name}: interrupted and extended gives other bytes")
        return "draws so far"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--interrupts", type=int, default=40)
    options.add_argument("--thin", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    generator = random.Random(options.seed)
    all_cases = cases(options.binary, options.thin)
    for case in all_cases:
        print(f"{case.name}: {case.seconds:.2f} s, {len(case.expected)} bytes", flush=True)
    damages, kills, left_over, per_case = [], 0, [], {}
    while kills < options.kills:
        for case in all_cases:
            try:
                done = kill(case, generator, left_over)
            except Damage as damage:
                damages.append(str(damage))
                done = 1
                print(damage, flush=True)
            kills += done
            per_case[case.name] = per_case.get(case.name, 0) + done
    print(f"{kills} kills {per_case}: {len(damages)} damaged files or differing bytes, "
          f"{len(left_over)} hidden temporary files left")
    outcomes = {}
    for i in range(options.interrupts):
        case = all_cases[0]
        try:
            outcome = interrupt(case, generator)
        except Damage as damage:
            outcome = "damaged"
            print(damage, flush=True)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    print(f"{options.interrupts} interruptions: {outcomes}")
    sys.exit(1 if damages or outcomes.get("damaged") else 0)


if __name__ == "__main__":
    main()
