"""Counts what passed and what failed, and says what was wrong."""


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, problems):
        """`problems`: texts saying what differed; none means the check passed."""
        problems = [problems] if isinstance(problems, str) else list(problems)
        if not problems:
            self.passed += 1
            print(f"ok    {name}")
            return
        self.failed += 1
        print(f"FAIL  {name}")
        for text in problems[:8]:
            print(f"      {text}")
        if len(problems) > 8:
            print(f"      ... and {len(problems) - 8} more")
