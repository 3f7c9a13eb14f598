#!/usr/bin/python3
"""What serial lines cost: 48 devices that print at 115200 bits a second, each
with a user attached; the share of one core that their workers take.

    bench/lines.py [--build build] [--lines 48] [--seconds 10] [--log]

A device is a pseudo-terminal into which 11.5 KB a second are written, in the
pieces of a UART's FIFO; a user is a socket that is read. What this script and
the kernel's side of the pseudo-terminals take for themselves is not counted.
Nothing is asserted.
"""
import argparse
import os
import pathlib
import select
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "programs"))

RATE = 11520   # bytes a second: 115200 bits, with start and stop bit
TICK = 0.004   # between two pieces of a device
PIECE = round(RATE * TICK)


def cpu_s(pid):
    """User and system time, from the scheduler's own clock."""
    text = pathlib.Path(f"/proc/{pid}/schedstat").read_text()
    return int(text.split()[0]) / 1e9


def switches(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return sum(int(line.split()[1]) for line in text.splitlines()
               if "ctxt_switches" in line)


def run(args):
    from line_worker import Nursery, Port
    with Nursery() as nursery, tempfile.TemporaryDirectory() as directory:
        lines, ports, users = [], [], []
        for i in range(args.lines):
            line, port = nursery.line(speed=115200), Port()
            line.device(port.far)
            users.append(line.user(1))
            users[-1].setblocking(False)
            if args.log:
                log = os.open(f"{directory}/{i}", os.O_WRONLY | os.O_CREAT)
                line.send("LINE_LOG", log, room=1 << 30)
                os.close(log)
            lines.append(line)
            ports.append(port)
        before = [(cpu_s(line.pid), switches(line.pid)) for line in lines]
        read = print_for(args.seconds, ports, users)
        after = [(cpu_s(line.pid), switches(line.pid)) for line in lines]
        used = sum(b[0] - a[0] for a, b in zip(before, after))
        switched = sum(b[1] - a[1] for a, b in zip(before, after))
        print(f"{args.lines} lines, {args.seconds} s{', logs' * args.log}: "
              f"{100 * used / args.seconds:.2f} % of one core in their "
              f"workers, {switched / args.seconds / args.lines:.0f} switches "
              f"a second each, {read} bytes read")
        for line, port in zip(lines, ports):
            line.__exit__()
            port.__exit__()


def print_for(seconds, ports, users):
    """The devices print, the users read; how many bytes."""
    text = (b"Router# show something long on a console\r\n" * 5)[:PIECE]
    poll, streams, read = select.poll(), {}, 0
    for user in users:
        poll.register(user, select.POLLIN)
        streams[user.fileno()] = user
    end = time.monotonic() + seconds
    due = time.monotonic()
    while due < end:
        for port in ports:
            os.write(port.near, text)
        due += TICK
        while (left := due - time.monotonic()) > 0:
            for fd, _ in poll.poll(left * 1000):
                read += len(streams[fd].recv(65536))
    return read


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=ROOT / "build")
    parser.add_argument("--lines", type=int, default=48)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--log", action="store_true")
    arguments = parser.parse_args()
    os.environ["VTYD_BUILD"] = str(pathlib.Path(arguments.build).resolve())
    run(arguments)
