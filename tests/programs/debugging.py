"""What a router's log tells of a session that is debugged."""
import re

from router import wait_for

HEAD = re.compile(r"^[*.]?[A-Z][a-z]{2} [ \d]\d [\d:]{8}\.\d{3}: (.*)$", re.M)
ENDS = re.compile(r"SSH(?: CLIENT)?N: Session (terminated|disconnected)")


class Watch:
    """What is told of the session that begins next; `client`: a connection to
    another machine. Its number is N."""

    def __init__(self, router, client=False):
        self.router, self.start = router, len(router.log())
        self.client = " CLIENT" if client else ""
        self.number = None

    def find_number(self, log):
        begins = r"protocol version id" if self.client else \
            r"starting SSH control process"
        found = re.search(rf"SSH{self.client}(\d+): .*{begins}", log)
        return found and found[1]

    def lines(self):
        """Without time stamps; those of nobody's number too."""
        log = self.router.log()[self.start:]
        if self.number is None:
            self.number = self.find_number(log)
        if self.number is None:
            return []
        found = []
        for line in HEAD.findall(log):
            # They could be of vty 2, by their beginning.
            if re.match(r"SSH2: ?kex|SSH2:kex|SSH: ", line):
                found.append(line)
                continue
            own = re.match(
                rf"(SSH{self.client}|SSH2{self.client} ){self.number}:", line)
            if own:
                found.append(own[1] + "N:" + line[own.end():])
        return found

    def until(self, line):
        """All lines up to that one."""
        found = wait_for(lambda: line in self.lines() and self.lines(),
                         f"debug line {line!r}")
        return found[:found.index(line) + 1]

    def whole(self):
        """All lines, up to the session's end."""
        def ended():
            found = self.lines()
            return found if any(ENDS.match(line) for line in found) else None
        return wait_for(ended, "the end of the session")


def check_numbers(lines, strict):
    """Lengths, and sequence numbers of packets with a MAC, of a session that
    was told from its beginning to its end; how many came and went."""
    came, packets, mac_in, mac_out, length, sent = 0, 0, [], [], None, []
    for line in lines:
        text = line.partition(": ")[2]
        if found := re.fullmatch(r"ssh_receive: (\d+) bytes received", text):
            came += int(found[1])
        elif found := re.fullmatch(r"input: packet len (\d+)", text):
            length = int(found[1])
        elif found := re.fullmatch(r"partial packet (\d+), need (\d+), "
                                   r"maclen (\d+)", text):
            first, rest, mac = map(int, found.groups())
            assert first + rest == length and first in (4, 8, 16)
        elif found := re.fullmatch(r"input: padlen (\d+)", text):
            assert 4 <= int(found[1]) < length
            packets += length + mac
        elif found := re.fullmatch(r"MAC #(\d+) ok", text):
            mac_in.append(int(found[1]))
        elif found := re.fullmatch(r"send: len (\d+) \(includes padlen (\d+)\)",
                                   text):
            sent.append(tuple(map(int, found.groups())))
        elif found := re.fullmatch(r"done calc MAC out #(\d+)", text):
            mac_out.append(int(found[1]))
    assert came == packets
    assert all(4 <= padding < 5 + 4 + 16 and length % 4 == 0
               for length, padding in sent)
    for numbers in (mac_in, mac_out):
        first = 0 if strict else 3
        assert numbers == list(range(first, first + len(numbers)))
    return len(mac_in), len(mac_out)
