"""The page of `telemetry prometheus`, as a scraper has it."""
import http.client
import re

from router import wait_for

SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")


def fetch(port, path="/metrics", method="GET", host="127.0.0.1", headers={}):
    """Status, headers and content."""
    connection = http.client.HTTPConnection(host, port, timeout=60)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


class Samples(dict):
    """By name and labels as they are written: 'x_total{cause="y"}'."""

    def __init__(self, text):
        super().__init__()
        for line in text.splitlines():
            if not line.startswith("#"):
                name, labels, value = SAMPLE.match(line).groups()
                key = f"{name}{{{labels}}}" if labels else name
                assert key not in self, f"twice: {key}"
                self[key] = float(value)

    def that_are_not_0(self, name):
        """Of one metric, by labels."""
        return {key[len(name) + 1:-1]: value for key, value in self.items()
                if key.startswith(name + "{") and value != 0}


def scrape(port, host="127.0.0.1"):
    status, headers, text = fetch(port, host=host)
    assert status == 200
    assert headers["Content-Type"] == \
        "text/plain; version=0.0.4; charset=utf-8"
    return Samples(text)


def wait_served(port, host="127.0.0.1"):
    """Until the page is there: the process begins with the setting."""
    def served():
        try:
            return scrape(port, host)
        except (OSError, http.client.HTTPException):
            return None
    return wait_for(served, "the page")
