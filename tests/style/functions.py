#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""functions.py FILE...: the budget of functions, measured by ctags.

No function is longer than 100 lines unless it is one flat switch, and half of
all functions are shorter than 20.  Prints the offenders, then the figures.
"""
import json
import re
import subprocess
import sys

LONGEST = 100
MEDIAN = 20


def functions(files):
    """Yield (path, name, first line, last line) of every C function."""
    if not files:
        return
    out = subprocess.run(
        ["ctags", "--languages=C", "--langmap=C:.c.h", "--kinds-C=f",
         "--fields=+ne", "--output-format=json", "-f", "-", *files],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in out.splitlines():
        tag = json.loads(line)
        if "end" in tag:
            yield tag["path"], tag["name"], tag["line"], tag["end"]


def flat_switch(path, first, last):
    """True for one switch with short arms and next to nothing around it."""
    with open(path, encoding="utf-8") as f:
        body = f.read().splitlines()[first - 1:last]
    opens = [i for i, l in enumerate(body) if re.match(r"\tswitch \(", l)]
    if len(opens) != 1:
        return False
    end = next((i for i in range(opens[0] + 1, len(body)) if body[i] == "\t}"),
               None)
    if end is None or len(body) - (end - opens[0]) > 25:
        return False
    arm = 0
    for line in body[opens[0] + 1:end]:
        arm = 0 if re.match(r"\t(case\b|default:)", line) else arm + 1
        if arm > 10:
            return False
    return True


def main():
    lengths = []
    bad = 0
    for path, name, first, last in functions(sys.argv[1:]):
        lines = last - first + 1
        lengths.append(lines)
        if lines > LONGEST and not flat_switch(path, first, last):
            print(f"{path}:{first}: {name}() has {lines} lines, "
                  f"more than {LONGEST}, and is no flat switch")
            bad += 1
    lengths.sort()
    if lengths:
        median = lengths[len(lengths) // 2]
        p90 = lengths[len(lengths) * 9 // 10]
        print(f"{len(lengths)} functions: median {median} lines, "
              f"nine tenths within {p90}, longest {lengths[-1]}")
        if median >= MEDIAN:
            print(f"the median function must be shorter than {MEDIAN} lines")
            bad += 1
    return 1 if bad else 0


sys.exit(main())
