"""What /proc tells about the processes of a router."""
import os
import pathlib
import re
import signal

from router import VTYD, is_sanitized, wait_for

PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024
SANITIZED = VTYD.exists() and is_sanitized()
# A sanitizer catches SIGSEGV, and reports what was no fault of anybody's.
CRASH = signal.SIGABRT if SANITIZED else signal.SIGSEGV


def field(pid, name):
    """The words of one line of /proc/PID/status; [] when there is none."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"^{name}:\s*(.*)$", text, re.M)
    return found.group(1).split() if found else []


def is_alive(pid):
    """It runs: neither gone nor a zombie."""
    try:
        return field(pid, "State")[0] not in ("Z", "X")
    except OSError:
        return False


def rss_kib(pid):
    """Resident memory that is the process's own, shared files left out."""
    parts = pathlib.Path(f"/proc/{pid}/statm").read_text().split()
    return (int(parts[1]) - int(parts[2])) * PAGE_KIB


def cpu_s(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    words = stat.rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def descriptors(pid):
    """How many it has open; 0 for who may not know."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except PermissionError:
        assert os.geteuid() != 0
        return 0


def workers(router):
    return set(router.children("vtyd-worker: server"))


def workers_at_rest(router):
    """The empty set, as soon as workers of earlier connections are gone and
    control knows it: their lines are free."""
    wait_for(lambda: not workers(router) and not zombies(router),
             "the end of earlier workers")
    return set()


def zombies(router):
    """Children of that router that nobody has reaped."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if words[0] == "Z" and int(words[1]) == router.pid:
            found.append(int(entry.name))
    return found


def memory(pid):
    """All that is mapped writable, piece by piece (root)."""
    with open(f"/proc/{pid}/maps") as maps, \
            open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            words = line.split()
            begin, end = (int(part, 16) for part in words[0].split("-"))
            if "r" not in words[1] or "[v" in line:
                continue
            try:
                mem.seek(begin)
                yield words[-1], begin, mem.read(end - begin)
            except OSError:
                continue
