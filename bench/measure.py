"""What a tree of processes costs: CPU, and memory with the kernel's share."""
import os
import pathlib

TICK = os.sysconf("SC_CLK_TCK")


def stat_fields(pid):
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return text[text.rindex(")") + 2:].split()


def tree(root):
    """`root` and all its descendants that live now."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(stat_fields(entry.name)[1])
            except (FileNotFoundError, ProcessLookupError):
                pass
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += [child for child, parent in parents.items() if parent == pid]
    return found


def cpu_seconds(root):
    """CPU of the tree so far, children that were reaped included.

    The kernel counts utime and stime to the nanosecond and shows them in
    ticks; over the hundreds of logins of one measurement that is exact enough.
    """
    ticks = 0
    for pid in tree(root):
        try:
            fields = stat_fields(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += sum(int(fields[i]) for i in (11, 12, 13, 14))
    return ticks / TICK


def meminfo():
    """Kernel memory of the whole machine, in KiB."""
    values = {}
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        name, value = line.split(":")
        values[name] = int(value.split()[0])
    return {name: values[name] for name in ("PageTables", "KernelStack",
                                            "Slab")}


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
    return {"Pss": pss(root), **meminfo()}
