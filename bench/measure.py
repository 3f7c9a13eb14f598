"""What a tree of processes costs: CPU, and memory with the kernel's share."""
import contextlib
import os
import pathlib
import socket
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")


def cgroup_root():
    """A directory in which groups that count CPU can be made, or None."""
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        _, place, kind, options = line.split()[:4]
        counts = kind == "cgroup2" or (
            kind == "cgroup" and "cpuacct" in options.split(","))
        if counts and os.access(place, os.W_OK):
            found = pathlib.Path(place)
            if kind == "cgroup":
                return found
            if (found / "cpu.stat").exists():
                return found
    return None


class Group:
    """The processes of one server: their CPU to the nanosecond.

    A control group counts all that its members spend, whoever reaps them; it
    is there on any Debian. Without one, the children's ticks are added up.
    """

    def __init__(self, name):
        root = cgroup_root()
        self.path = None
        if root is not None:
            with contextlib.suppress(OSError):
                # Two servers of one name must not fall back to ticks.
                self.path = pathlib.Path(tempfile.mkdtemp(
                    prefix=f"vtyd-bench-{name}-", dir=root))
        self.root = None  # the server's first process

    def command(self, args):
        """`args` as they run from their first instruction inside the group."""
        if self.path is None:
            return args
        return ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"',
                str(self.path / "cgroup.procs"), *args]

    def precise(self):
        return self.path is not None

    def cpu_seconds(self):
        if self.path is None:
            return tree_cpu_seconds(self.root)
        usage = self.path / "cpuacct.usage"
        if usage.exists():
            return int(usage.read_text()) / 1e9
        for line in (self.path / "cpu.stat").read_text().splitlines():
            name, value = line.split()
            if name == "usage_usec":
                return int(value) / 1e6
        raise RuntimeError(f"{self.path} counts no CPU")

    def processes(self):
        """How many live."""
        if self.path is None:
            return len(tree(self.root))
        return len((self.path / "cgroup.procs").read_text().split())

    def settle(self, count, seconds=10):
        """Wait until no more than `count` processes live."""
        end = time.monotonic() + seconds
        while self.processes() > count and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(0.1)

    def close(self):
        if self.path is None:
            return
        for _ in range(100):
            try:
                self.path.rmdir()
                return
            except OSError:  # the last of it are still on their way out
                time.sleep(0.1)


def stat_fields(pid):
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return text[text.rindex(")") + 2:].split()


def tree(root):
    """`root` and all its descendants that live now."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parent = int(stat_fields(entry)[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(entry))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children.get(pid, [])
    return found


def tree_cpu_seconds(root):
    """CPU of the tree so far, in ticks, children that were reaped included."""
    ticks = 0
    for pid in tree(root):
        try:
            fields = stat_fields(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += sum(int(fields[i]) for i in (11, 12, 13, 14))
    return ticks / TICK


def process_cpu_seconds(root):
    """CPU of each process that stays: by its name in ps."""
    spent = {}
    for pid in tree(root):
        try:
            name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
            used = sum(int(task.joinpath("schedstat").read_text().split()[0])
                       for task in pathlib.Path(f"/proc/{pid}/task").iterdir())
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name != "vtyd-worker":
            spent[name] = spent.get(name, 0) + used / 1e9
    return spent


def meminfo():
    """Kernel memory of the whole machine, in KiB."""
    values = {}
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        name, value = line.split(":")
        values[name] = int(value.split()[0])
    return values


def page_tables(pid):
    """Of one process, in KiB."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(text.split("\nVmPTE:")[1].split()[0])


def pss(root):
    """Proportional set size of the tree, in KiB."""
    total = 0
    for pid in tree(root):
        try:
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(text.split("\nPss:")[1].split()[0])
    return total


def memory(root):
    """What the server's processes have, and the machine's kernel for all."""
    kernel = meminfo()
    return {"Pss": pss(root), **{name: kernel[name] for name in
                                 ("PageTables", "KernelStack", "Slab")}}


def socket_slab(count=1000):
    """KiB of slab that one end of an idle TCP connection on loopback takes.

    The driver's end of each connection is in the machine's slab as well; it is
    no cost of the server.
    """
    pairs = []
    with socket.create_server(("127.0.0.1", 0), backlog=count) as listener:
        before = meminfo()["Slab"]
        for _ in range(count):
            out = socket.create_connection(listener.getsockname())
            pairs.append((out, listener.accept()[0]))
        time.sleep(0.5)
        taken = meminfo()["Slab"] - before
        for pair in pairs:
            for end in pair:
                end.close()
    return max(taken, 0) / count / 2
