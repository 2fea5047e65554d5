#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""One TCP connection that carries data both ways, all of it compared.

Connects to something that sends back what it gets, and sends random blocks
until the file STOP exists.  Ends with 0 when all came back as it was; each
second the number of bytes that did is written to PROGRESS.
"""

import argparse
import os
import random
import select
import socket
import sys
import time

BLOCK = random.Random(1).randbytes(1 << 20)
PATIENCE = 60       # seconds without a byte are too many


def chunk(at):
    """What the connection carries from byte AT on, up to 32 KiB."""
    at %= len(BLOCK)
    return BLOCK[at:at + (32 << 10)]


def tell(path, count):
    with open(path + ".new", "w", encoding="ascii") as f:
        f.write(f"{count}\n")
    os.rename(path + ".new", path)


def compare(data, at):
    while data:
        want = chunk(at)[:len(data)]
        if data[:len(want)] != want:
            sys.exit(f"net-load: differs after byte {at}")
        data = data[len(want):]
        at += len(want)
    return at


def run(sock, args):
    sent = came = 0
    stopping = False
    heard = told = start = time.monotonic()
    while True:
        now = time.monotonic()
        if now - told >= 1:
            tell(args.progress, came)
            told = now
        if not stopping and os.path.exists(args.stop):
            stopping = True
            sock.shutdown(socket.SHUT_WR)
        if now - heard > PATIENCE:
            sys.exit(f"net-load: silence after byte {came}")
        wants = not stopping and sent < (now - start) * args.rate
        r, w, _ = select.select([sock], [sock] if wants else [], [], 0.05)
        if w:
            sent += sock.send(chunk(sent))
        if r:
            data = sock.recv(1 << 16)
            if not data:
                break
            came = compare(data, came)
            heard = now
    tell(args.progress, came)
    if not stopping or came != sent:
        sys.exit(f"net-load: the other end left at byte {came} of {sent}")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("address")
    p.add_argument("port", type=int)
    p.add_argument("stop", metavar="STOP")
    p.add_argument("progress", metavar="PROGRESS")
    p.add_argument("--rate", type=int, default=1 << 20,
                   help="bytes in a second (default: %(default)s)")
    args = p.parse_args()
    try:
        with socket.create_connection((args.address, args.port), 30) as sock:
            sock.setblocking(False)
            run(sock, args)
    except OSError as e:
        sys.exit(f"net-load: {args.address}:{args.port}: {e.strerror or e}")


main()
