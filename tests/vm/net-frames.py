#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sends numbered frames by one interface, and says how many came in by another.

Frames that come in count if nobody has changed what is in them, each number
once.  Ends when all have come, or none has for a while.
"""

import argparse
import random
import socket
import struct

ETHERTYPE = 0x88b5          # for experiments
HEADER = struct.Struct("!6s6sH")
BURST = 16                  # so many may be on their way


def payload(number):
    """Numbers, then up to 1 KiB that follows from them."""
    size = 46 + number * 37 % 1000
    return struct.pack("!I", number) + random.Random(number).randbytes(size)


def take(sock, seen, patience):
    """Add the number of a frame that came; False: none did."""
    sock.settimeout(patience)
    try:
        data = sock.recv(4096)[HEADER.size:]
    except TimeoutError:
        return False
    number = struct.unpack_from("!I", data)[0]
    want = payload(number)
    if data[:len(want)] == want:
        seen.add(number)
    return True


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("sender", help="interface")
    p.add_argument("to", help="address that the frames go to")
    p.add_argument("receiver", help="interface, may be the same")
    p.add_argument("--count", type=int, default=200)
    p.add_argument("--patience", type=float, default=15,
                   help="seconds without a frame that end it (default: %(default)s)")
    args = p.parse_args()
    seen = set()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out, \
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                          socket.htons(ETHERTYPE)) as come:
        out.bind((args.sender, 0))
        come.bind((args.receiver, ETHERTYPE))
        header = HEADER.pack(bytes.fromhex(args.to.replace(":", "")),
                             out.getsockname()[4], ETHERTYPE)
        for number in range(args.count):
            out.send(header + payload(number))
            if number - len(seen) >= BURST:
                take(come, seen, min(args.patience, 1))
        while len(seen) < args.count and take(come, seen, args.patience):
            pass
    print(len(seen))


main()
