"""docs/operations.md is what happens."""
import os
import re

import pytest

import operations
import rsyslog
import snmptrapd

pytestmark = pytest.mark.skipif(
    not (os.path.exists(rsyslog.PROGRAM) and os.path.exists(snmptrapd.PROGRAM)),
    reason="rsyslogd or snmptrapd is not installed")


def test_the_page_is_what_a_run_shows():
    text = operations.PAGE.read_text()
    found = operations.blocks()
    made = operations.page_with(found, text)
    assert operations.stable(made) == operations.stable(text)
    # All sides have seen the same session.
    octets = [re.search(rf"9\.2\.6\.1\.1\.{n}\..* = INTEGER: (\d+)",
                        found["trap"])[1] for n in (1, 2)]
    assert octets == re.findall(r"_bytes_total (\d+)", found["metrics"])
