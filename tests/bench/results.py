# SPDX-License-Identifier: GPL-2.0-only
"""What a bench run measured: reads the raw files that tests/bench/inside left,
makes rows of them, and writes the table, the JSON and the chart.

Raw files are named ROUND.STACK.JOB.fio (fio's JSON), ROUND.STACK.JOB.stats
(hvhost's statistics, reset just before the job) and ROUND.STACK.JOB.cpu (what the
guest's processors had run in ns, before and after fio's jobs).  A file that is missing or
makes no sense is an error that names it: a bench with holes is no bench.
"""
import json
import statistics
import subprocess

STACKS = ("ours", "inbox")
ROOF = "null"           # the guest whose disk is the kernel's null_blk
POLL = "--hipri=1"      # an option of fio that the in-box driver refuses
COUNTED = "count"       # the round whose instructions are counted


class BadResult(Exception):
    """A raw file that cannot be used; the text says which and why."""


class Job:
    """One line of jobs.list or storage.list."""

    def __init__(self, line):
        self.name, self.unit, count, *self.options = line.split()
        self.count = int(count)
        self.jobs = max([int(word.split("=")[1]) for word in self.options
                         if word.startswith("--numjobs=")], default=1)

    def options_on(self, stack):
        return [word for word in self.options
                if stack != "inbox" or word != POLL]


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
            sides = run["read"], run["write"]
            self.side = max(sides, key=lambda s: s["total_ios"])
            self.ops = sum(s["total_ios"] for s in sides)
            self.seconds = self.side["runtime"] / 1e3
        except (KeyError, IndexError) as why:
            raise BadResult(f"{raw}.fio: no {why} in fio's output") from why
        if self.failed or not self.ops or not self.seconds:
            raise BadResult(f"{raw}.fio: fio error {self.failed}, "
                            f"{self.ops} operations in {self.seconds} s")
        self.bytes = sum(s["io_bytes"] for s in sides)
        self.value = (sum(s["iops"] for s in sides) if job.unit == "IOPS"
                      else sum(s["bw_bytes"] for s in sides) / 1e6)
        self.count_events(load(f"{raw}.stats"), raw)
        self.raw = raw

    def percentile(self, percent):
        """Of completion latencies, in microseconds"""
        try:
            return self.side["clat_ns"]["percentile"][f"{percent}.000000"] / 1e3
        except KeyError as why:
            raise BadResult(f"{self.raw}.fio: no {why} in fio's output") from why

    def processors(self):
        """Seconds that the guest's processors ran"""
        try:
            with open(f"{self.raw}.cpu") as f:
                begin, end = (int(word) for word in f.read().split())
        except (OSError, ValueError) as why:
            raise BadResult(f"{self.raw}.cpu: {why}") from why
        return (end - begin) / 1e9

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


def add_costs(row, raw, job, rounds):
    """What is measured of the long list only"""
    got = both(lambda stack: samples(raw, job, stack, rounds))

    def median(measure):
        return both(lambda stack: statistics.median(
            measure(s) for s in got[stack]))

    row["p50_us"] = median(lambda s: s.percentile(50))
    row["p99_us"] = median(lambda s: s.percentile(99))
    row["cpu_s_per_gib"] = median(lambda s: s.processors() / s.bytes * 2 ** 30)
    row["cpu_s_per_million"] = median(lambda s: s.processors() / s.ops * 1e6)
    roof = samples(raw, job, ROOF, rounds)
    row["null_blk"] = statistics.median(s.value for s in roof)
    row["null_blk_p50_us"] = statistics.median(s.percentile(50) for s in roof)


def read_marks(path, jobs):
    """Instructions of each job: what was executed between its two marks.  The
    last ones count, since a guest that was lost has left marks, too."""
    try:
        marks = [int(line) for line in path.read_text().split()]
    except (OSError, ValueError) as why:
        raise BadResult(f"{path}: {why}") from why
    wanted = sum(2 * job.jobs for job in jobs)
    marks = marks[-wanted:]
    if len(marks) != wanted or marks != sorted(marks):
        raise BadResult(f"{path}: not two growing sums for each job")
    spans = []
    for job in jobs:
        own, marks = marks[:2 * job.jobs], marks[2 * job.jobs:]
        spans.append(own[-1] - own[0])
    return spans


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


COST_HEAD = ("", "ours", "in-box", "ours", "in-box", "ours", "in-box", "ratio",
             "", "p50 us", "ours/it")
COST_GROUPS = (f"{'':25}{'p50 us':^18}{'p99 us':^18}{'CPU s':^27}"
               f"{'null_blk':^27}")
COST_FORMAT = "{:<25}" + "{:>9}" * 10


def short(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def cost_row(row):
    cpu = row["cpu_s_per_million" if row["unit"] == "IOPS" else "cpu_s_per_gib"]
    return COST_FORMAT.format(
        row["name"],
        *(f"{row[k][s]:.0f}" for k in ("p50_us", "p99_us") for s in STACKS),
        *(short(cpu[s]) for s in STACKS), f"{cpu['inbox'] / cpu['ours']:.2f}",
        f"{row['null_blk']:.0f}", f"{row['null_blk_p50_us']:.0f}",
        f"{row['ours'] / row['null_blk']:.2f}")


def cost_table(report):
    return "\n".join([COST_GROUPS.rstrip(), COST_FORMAT.format(*COST_HEAD).rstrip()]
                     + [cost_row(row) for row in report["rows"]])


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
