#!/usr/bin/python3
"""What serial lines cost: 48 devices that print at 115200 bits a second, each
with a user attached; the share of one core that their workers take. With --ssh
the lines are a router's, each user comes by SSH, and all of its processes count.

    bench/lines.py [--build build] [--lines 48] [--seconds 10] [--log|--ssh]

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
sys.path.insert(0, str(ROOT / "tests" / "peers"))

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


LINE = """\
line {number}
 device {path}
 speed 115200
 login local
 access-user lab
 transport input ssh
"""


def by_kind(router):
    """CPU seconds of a router's processes so far, together by title."""
    found = {"vtyd": cpu_s(router.pid)}
    for pid in router.children():
        title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        name = title.split(b"\0")[0].decode().rstrip(" 0123456789")
        found[name] = found.get(name, 0) + cpu_s(pid)
    return found


class Reader:
    """What a client prints, as a socket that is read."""

    def __init__(self, user):
        self.out = user.process.stdout.fileno()

    def fileno(self):
        return self.out

    def recv(self, size):
        return os.read(self.out, size)


def run_with_ssh(args):
    from reverse_ssh import Device, User, wait_until_free
    from router import CONFIG, Router
    devices = [Device() for _ in range(args.lines)]
    for device in devices:
        device.near, device.far = device.far, device.near
        os.close(device.far)  # what is left is written, below
    text = "".join(LINE.format(number=number, path=device.path)
                   for number, device in enumerate(devices, 1))
    text = CONFIG.replace("line vty 0 15", f"{text}line vty 0 {args.lines + 4}")
    with Router(config=text, keys=("ed25519",)) as router:
        for number in range(1, args.lines + 1):
            wait_until_free(router, number)
        users = [User(router, f"lab:{number}")
                 for number in range(1, args.lines + 1)]
        for user, device in zip(users, devices):
            user.type(b"here")
            os.read(device.near, 4)
        before = by_kind(router)
        read = print_for(args.seconds, devices, [Reader(u) for u in users])
        used = {name: seconds - before.get(name, 0)
                for name, seconds in by_kind(router).items()}
        print(f"{args.lines} lines by SSH, {args.seconds} s: "
              f"{100 * sum(used.values()) / args.seconds:.2f} % of one core, "
              f"{read} bytes read")
        for name, seconds in used.items():
            print(f"  {name:24} {100 * seconds / args.seconds:.2f} %")
        for user in users:
            user.leave()


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
    parser.add_argument("--ssh", action="store_true")
    arguments = parser.parse_args()
    os.environ["VTYD_BUILD"] = str(pathlib.Path(arguments.build).resolve())
    (run_with_ssh if arguments.ssh else run)(arguments)
