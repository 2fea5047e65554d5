#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""exports.py FILE...: what a module exports is for GPL modules, bears our
prefix, so that no driver of the kernel's own can bind to it by accident, and
is described: kernel-doc above the function with Context: and, unless the
function is void, Return:.
"""
import re
import sys

EXPORT = re.compile(r"^EXPORT_SYMBOL(\w*)\((\w+)\);", re.M)
DOC = re.compile(r"/\*\*\n \* (\w+)(?:\(\))? - .*?\*/\n", re.S)


def problems(path):
    """Yield (line, what is wrong) for every export of one file."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    docs = {m.group(1): m for m in DOC.finditer(text)}
    for m in EXPORT.finditer(text):
        kind, name = m.groups()
        line = text.count("\n", 0, m.start()) + 1
        if kind != "_GPL":
            yield line, f"{name} is exported by EXPORT_SYMBOL{kind}, not _GPL"
        if not re.match(r"(__)?lis_", name):
            yield line, f"{name} is exported without the prefix lis_"
        doc = docs.get(name)
        if not doc:
            yield line, f"{name} is exported without kernel-doc in this file"
            continue
        if "Context:" not in doc.group(0):
            yield line, f"the kernel-doc of {name} has no Context:"
        void = text[doc.end():].lstrip().startswith("void ")
        if not void and "Return:" not in doc.group(0):
            yield line, f"the kernel-doc of {name} has no Return:"


def main():
    bad = 0
    for path in sys.argv[1:]:
        for line, what in problems(path):
            print(f"{path}:{line}: {what}")
            bad = 1
    return bad


sys.exit(main())
