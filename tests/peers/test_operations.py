"""docs/operations.md is what happens."""
import os

import pytest

import operations
import rsyslog

pytestmark = pytest.mark.skipif(
    not os.path.exists(rsyslog.PROGRAM), reason="rsyslogd is not installed")


def test_the_page_is_what_a_run_shows():
    text = operations.PAGE.read_text()
    made = operations.page_with(operations.blocks(), text)
    assert operations.stable(made) == operations.stable(text)
