"""The archive of configurations, and changes that come back by themselves."""
import re
import stat

import pytest
from router import CONFIG, Router, wait_for
from session import Session

LOW = "username low privilege 7 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.\n"
STAMP = r"[A-Z][a-z]{2}-[-\d]\d-\d\d-\d\d-\d\d\.\d{3}"


@pytest.fixture(scope="module")
def plain():
    with Router(config=CONFIG + LOW + "hostname R1\n", keys=("ed25519",)) \
            as one:
        yield one


@pytest.fixture
def user(plain):
    with Session(plain, enable="cisco") as one:
        yield one
        one.command("configure replace nvram:startup-config force")


def names(plain):
    return sorted(path.name for path in (plain.state / "flash").iterdir()
                  if not path.name.startswith("."))


@pytest.fixture(autouse=True)
def empty(plain):
    yield
    for path in (plain.state / "flash").iterdir():
        if path.is_file():
            path.unlink()


def test_without_a_path_there_is_none(user):
    assert user.command("show archive") == "Archive feature not enabled\n"
    assert user.command("archive config") == "Archive feature not enabled\n"
    assert "archive" not in user.command("show running-config")


def test_archive_mode(user):
    user.configure("archive", "path flash:$h-$t", "maximum 14",
                   "write-memory", "time-period 1440")
    assert ("!\narchive\n path flash:$h-$t\n maximum 14\n write-memory\n"
            " time-period 1440\n!\nusername") in \
        user.command("show running-config")
    user.command("configure terminal")
    user.command("archive")
    assert user.prompt == "R1(config-archive)#"
    for path in ("nvram:x", "flash:", "flash:../x", "flash:$t/x", "tftp:x"):
        assert user.command("path " + path).startswith("% "), path
    user.command("end")
    user.configure("no archive")
    assert "archive" not in user.command("show running-config")


def test_the_oldest_goes(plain, user):
    user.configure("archive", "path flash:backup", "maximum 2")
    (plain.state / "flash" / "backup-x").write_text("somebody's own")
    assert user.command("show archive") == (
        "The maximum archive configurations allowed is 2.\n"
        "There are currently 0 archive configurations saved.\n"
        "The next archive file will be named flash:/backup-1\n"
        " Archive #  Name\n"
        "   1        \n"
        "   2        \n")
    for _ in range(3):
        assert user.command("archive config") == ""
    assert names(plain) == ["backup-2", "backup-3", "backup-x"]
    assert user.command("show archive") == (
        "The maximum archive configurations allowed is 2.\n"
        "There are currently 2 archive configurations saved.\n"
        "The next archive file will be named flash:/backup-4\n"
        " Archive #  Name\n"
        "   1        flash:/backup-2\n"
        "   2        flash:/backup-3 <- Most Recent\n")
    path = plain.state / "flash" / "backup-3"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().endswith("\nend\n")
    user.configure("hostname R7")
    assert "Rollback Done" in \
        user.command("configure replace flash:backup-3 force")
    assert user.prompt == "R1#"


def test_names_have_host_and_time(plain, user):
    user.configure("archive", "path flash:$h-$t", "maximum 1")
    user.command("archive config")
    user.command("archive config")
    found = names(plain)
    assert len(found) == 1 and re.fullmatch(f"R1-{STAMP}-2", found[0]), found
    assert f"   1        flash:/{found[0]} <- Most Recent\n" in \
        user.command("show archive")


def test_each_save_is_archived(plain, user):
    before = (plain.state / "startup-config").read_text()
    user.configure("archive", "path flash:saved", "write-memory")
    user.command("write memory")
    wait_for(lambda: names(plain) == ["saved-1"], "the copy")
    plain.write_state("startup-config", before)


def test_a_directory_that_is_not_there(plain, user):
    user.configure("archive", "path flash:gone/backup")
    assert "(No such file or directory)" in user.command("archive config")
    plain.wait_log("%SYS-4-CONFIG_ARCHIVE: The configuration could not be "
                   "archived")
