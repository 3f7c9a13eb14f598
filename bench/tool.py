"""A session of a tool that types on routers: what it takes, from the outside.

Netmiko reads until it sees what it waits for and sleeps between two looks. How
long it slept says more of Netmiko than of the server, so it is counted apart.
"""
import contextlib
import statistics
import threading
import time

import servers


class Failed(Exception):
    """The tool is not installed, or could not do its work."""


class Sleeps:
    """How long this thread has slept by time.sleep()."""

    def __init__(self):
        self.seconds, self.count = 0.0, 0

    @contextlib.contextmanager
    def counted(self):
        real, mine = time.sleep, threading.get_ident()

        def sleep(seconds):
            began = time.perf_counter()
            real(seconds)
            if threading.get_ident() == mine:
                self.seconds += time.perf_counter() - began
                self.count += 1

        time.sleep = sleep
        try:
            yield self
        finally:
            time.sleep = real


def on_router(connect, port):
    """Connect, enable, show, disconnect."""
    with connect(device_type="cisco_ios", host="127.0.0.1", port=port,
                 username="bench", password=servers.PASSWORD,
                 secret=servers.PASSWORD) as session:
        session.enable()
        shown = session.send_command("show privilege")
    if "15" not in shown:
        raise RuntimeError(f"the router answered {shown!r}")


def on_sshd(connect, port):
    """The nearest that a shell has: as many commands."""
    with connect(device_type="linux", host="127.0.0.1", port=port,
                 username=servers.USER,
                 password=servers.PASSWORD) as session:
        session.send_command("cd /")
        shown = session.send_command("id -un")
    if servers.USER not in shown:
        raise RuntimeError(f"the shell answered {shown!r}")


def timed(session, connect, port):
    sleeps = Sleeps()
    began = time.perf_counter()
    with sleeps.counted():
        session(connect, port)
    all_ms = (time.perf_counter() - began) * 1000
    slept_ms = sleeps.seconds * 1000
    return {"all": all_ms, "slept": slept_ms, "sleeps": sleeps.count,
            "rest": all_ms - slept_ms}


def netmiko_sessions(ours, sshd, count):
    """Medians of so many sessions each, in turns: milliseconds by part."""
    try:
        from netmiko import ConnectHandler
    except ImportError:
        raise Failed("python3-netmiko is not installed") from None
    taken = {ours.name: [], sshd.name: []}
    for turn in range(1 + count):
        for server, session in ((ours, on_router), (sshd, on_sshd)):
            try:
                times = timed(session, ConnectHandler, server.port)
            except Exception as wrong:  # Netmiko's and Paramiko's have no base
                server.check()
                raise Failed(f"Netmiko and {server.name}: {wrong!r}") from wrong
            if turn > 0:  # the first one loads modules
                taken[server.name].append(times)
    return {name: {part: statistics.median(t[part] for t in list_of)
                   for part in list_of[0]}
            for name, list_of in taken.items()}
