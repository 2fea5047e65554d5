# SPDX-License-Identifier: GPL-2.0-only
"""What a bench run measured: reads the raw files that tests/bench/inside left,
makes rows of them, and writes the table, the JSON and the chart.

Raw files are named ROUND.STACK.JOB.fio (fio's JSON) and ROUND.STACK.JOB.stats
(hvhost's statistics, reset just before the job).  A file that is missing or
makes no sense is an error that names it: a bench with holes is no bench.
"""
import json
import statistics
import subprocess

STACKS = ("ours", "inbox")
COUNTED = "count"       # the round whose instructions are counted


class BadResult(Exception):
    """A raw file that cannot be used; the text says which and why."""


class Job:
    """One line of jobs.list."""

    def __init__(self, line):
        self.name, self.unit, count, *self.options = line.split()
        self.count = int(count)


def read_jobs(path):
    with open(path) as f:
        lines = [line for line in f if line.strip() and line[0] != "#"]
    return [Job(line) for line in lines]


def load(path):
    """JSON of a file; fio may print warnings before it."""
    try:
        with open(path) as f:
            text = f.read()
        return json.loads(text[text.index("{"):])
    except (OSError, ValueError) as why:
        raise BadResult(f"{path}: {why}") from why


class Sample:
    """One job in one round on one stack."""

    def __init__(self, raw, job):
        fio = load(f"{raw}.fio")
        try:
            run = fio["jobs"][0]
            self.failed = run["error"]
            side = max((run["read"], run["write"]), key=lambda s: s["total_ios"])
            self.ops = side["total_ios"]
            self.seconds = side["runtime"] / 1e3
        except (KeyError, IndexError) as why:
            raise BadResult(f"{raw}.fio: no {why} in fio's output") from why
        if self.failed or not self.ops or not self.seconds:
            raise BadResult(f"{raw}.fio: fio error {self.failed}, "
                            f"{self.ops} operations in {self.seconds} s")
        self.value = (side["iops"] if job.unit == "IOPS"
                      else side["bw_bytes"] / 1e6)
        self.count_events(load(f"{raw}.stats"), raw)

    def count_events(self, stats, raw):
        try:
            disks = [c for c in stats["channels"]
                     if c["device"].startswith("scsi")]
            self.signals = sum(c["guest_signals"] for c in disks) / self.ops
            self.interrupts = (sum(c["host_interrupts"] for c in disks)
                               / self.ops)
        except (KeyError, TypeError) as why:
            raise BadResult(f"{raw}.stats: no {why} in hvhost's statistics") from why
        if stats.get("violations"):
            raise BadResult(f"{raw}.stats: hvhost counted protocol violations")


def samples(raw, job, stack, rounds):
    return [Sample(raw / f"{n}.{stack}.{job.name}", job) for n in rounds]


def both(measure):
    return {stack: measure(stack) for stack in STACKS}


def make_row(raw, job, rounds):
    got = both(lambda stack: samples(raw, job, stack, rounds))

    def median(field):
        return both(lambda stack: statistics.median(
            getattr(s, field) for s in got[stack]))

    value = median("value")
    return {
        "name": job.name, "unit": job.unit,
        "ours": value["ours"], "inbox": value["inbox"],
        "ratio": value["ours"] / value["inbox"],
        "spread": both(lambda stack: [min(s.value for s in got[stack]),
                                      max(s.value for s in got[stack])]),
        "signals": median("signals"), "interrupts": median("interrupts"),
        "options": " ".join(job.options),
    }


def read_marks(path, jobs):
    """Instructions of each job: what was executed between its two marks.  The
    last ones count, since a guest that was lost has left marks, too."""
    try:
        marks = [int(line) for line in path.read_text().split()]
    except (OSError, ValueError) as why:
        raise BadResult(f"{path}: {why}") from why
    marks = marks[-2 * len(jobs):]
    if len(marks) != 2 * len(jobs) or marks != sorted(marks):
        raise BadResult(f"{path}: not two growing sums for each job")
    return [end - begin for begin, end in zip(marks[::2], marks[1::2])]


def add_instructions(rows, raw, jobs):
    total = both(lambda stack: read_marks(raw / f"{stack}.marks", jobs))
    for n, (row, job) in enumerate(zip(rows, jobs)):
        row["instructions"] = both(
            lambda stack: total[stack][n]
            / samples(raw, job, stack, [COUNTED])[0].ops)


# ---- what people look at ---------------------------------------------------

HEAD = ("", "", "ours", "in-box", "ratio", "ours", "in-box", "ours", "in-box",
        "ours", "in-box", "ratio")
GROUPS = f"{'':31}{'throughput':^25}{'signals/op':^16}{'interrupts/op':^16}"
FORMAT = "{:<25}{:<6}{:>8}{:>8}{:>8} {:>8}{:>8}{:>8}{:>8}{:>9}{:>8}{:>8}"


def table_row(row):
    count = row.get("instructions")
    thousands = ([f"{count[s] / 1e3:.1f}" for s in STACKS]
                 + [f"{count['inbox'] / count['ours']:.2f}"]
                 if count else ["-"] * 3)
    return FORMAT.format(
        row["name"], row["unit"], f"{row['ours']:.0f}", f"{row['inbox']:.0f}",
        f"{row['ratio']:.2f}",
        *(f"{row[k][s]:.2f}" for k in ("signals", "interrupts")
          for s in STACKS), *thousands)


def table(report):
    lines = [f"{GROUPS}{'1000 instructions/op':^26}".rstrip(),
             FORMAT.format(*HEAD).rstrip()]
    lines += [table_row(row) for row in report["rows"]]
    return "\n".join(lines)


def write_json(report, path):
    path.write_text(json.dumps(report, indent=1) + "\n")


def write_chart(report, script, path):
    """Times better than in-box, a cluster of bars a row."""
    data = path.with_suffix(".dat")
    counted = int(all("instructions" in row for row in report["rows"]))
    with data.open("w") as f:
        for row in report["rows"]:
            count = row.get("instructions")
            cost = count["inbox"] / count["ours"] if count else 0
            print(row["name"], row["ratio"], cost, file=f)
    subprocess.run(["gnuplot", "-e", f"data='{data}'; chart='{path}'; "
                    f"counted={counted}; "
                    f"name='Linux {report['kernel']}, "
                    f"median of {report['rounds']}'", script], check=True)
    data.unlink()
