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
    with Router(config=CONFIG + LOW + "hostname R1\nend\n", keys=("ed25519",)) \
            as one:
        yield one


@pytest.fixture
def user(plain):
    with Session(plain, enable="cisco") as one:
        yield one
        assert "Rollback Done" in \
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


# --- changes that are to be confirmed ---------------------------------------

NONE = "%No Rollback Confirmed Change pending\n"


@pytest.fixture
def archived(user):
    user.configure("archive", "path flash:backup")
    return user


def test_revert_needs_the_archive(plain, user):
    for line in ("configure terminal revert timer 5",
                 "configure replace nvram:startup-config force revert trigger "
                 "error",
                 "configure replace nvram:startup-config force revert timer 5"):
        assert "%Please turn config archive on" in user.command(line)
        assert user.prompt == "R1#"
    assert user.command("show archive config rollback timer") == NONE
    assert user.command("configure confirm") == NONE
    assert user.command("configure revert now") == NONE
    assert user.command("configure revert timer 3") == NONE


def test_a_change_is_confirmed(plain, archived):
    assert archived.command("configure terminal revert timer 5") == (
        "Rollback Confirmed Change: Backing up current running config to "
        "flash:/backup-1\n\n"
        "Enter configuration commands, one per line.  End with CNTL/Z.\n")
    assert archived.prompt == "R1(config)#"
    archived.command("hostname R2")
    archived.command("end")
    shown = archived.command("show archive config rollback timer")
    assert re.fullmatch(
        r"Time configured\(or reconfigured\): \d\d:\d\d:\d\d UTC [\w ]+\n"
        r"Timer type: absolute timer\nTimer value: 5 min\n"
        r"User: lab on vty\d+ \(127.0.0.1\)\n", shown), shown
    assert "pending" in archived.command("configure terminal revert timer 5")
    assert archived.command("configure revert idle 7") == ""
    assert "Timer type: idle timer\nTimer value: 7 min\n" in \
        archived.command("show archive config rollback timer")
    assert archived.command("configure confirm") == ""
    assert archived.command("show archive config rollback timer") == NONE
    assert archived.prompt == "R2#"
    plain.wait_log("%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_CONFIRM: User: lab on")


def test_a_change_is_taken_back(plain, archived):
    archived.command("configure terminal revert idle 5")
    archived.command("hostname R2")
    archived.command("username more privilege 3")
    archived.command("end")
    assert archived.command("configure revert now").endswith("Rollback Done\n\n")
    assert archived.prompt == "R1#"
    assert "username more" not in archived.command("show running-config")
    assert archived.command("show archive config rollback timer") == NONE


def test_a_change_outlives_its_session(plain, archived):
    with Session(plain, enable="cisco") as other:
        other.command("configure terminal revert timer 5")
        other.command("hostname R2")
    assert "flash:/backup" in archived.command("configure revert now")
    assert archived.prompt == "R1#"


def test_a_failing_archive_starts_nothing(plain, user):
    user.configure("archive", "path flash:gone/backup")
    assert "(No such file or directory)" in \
        user.command("configure terminal revert timer 5")
    assert user.prompt == "R1#"
    assert user.command("show archive config rollback timer") == NONE


def test_replacing_with_a_limit(plain, archived):
    text = (plain.state / "startup-config").read_text()
    (plain.state / "flash" / "next").write_text(
        text.replace("R1", "R3"))
    answer = archived.command("configure replace flash:next force revert "
                              "trigger error timer 5")
    assert "Rollback Done" in answer and archived.prompt == "R3#"
    assert "absolute timer\nTimer value: 5 min" in \
        archived.command("show archive config rollback timer")
    archived.command("configure revert now")
    assert archived.prompt == "R1#"
    (plain.state / "flash" / "next").write_text("nonsense\nend\n")
    assert "not a valid config file" in archived.command(
        "configure replace flash:next force revert timer 5")
    assert archived.command("show archive config rollback timer") == NONE


# --- as NAPALM types it (its order of commands) -----------------------------

MERGE = "hostname R1\nip ssh time-out 55\nbanner motd ^C\nhi\n^C\n"


def napalm_begins(user):
    assert "Directory of flash:/" in user.command("dir")
    user.configure("file prompt quiet")
    assert "%No Rollback Confirmed Change pending" in \
        user.command("show archive config rollback timer")
    assert "bytes copied" in \
        user.command("copy running-config flash:/rollback_config.txt")


def test_napalm_merges(plain, archived):
    (plain.state / "flash" / "merge_config.txt").write_text(MERGE)
    difference = archived.command("show archive config incremental-diffs "
                                  "flash:/merge_config.txt ignorecase")
    assert difference.startswith("!List of Commands:\nip ssh time-out 55\n")
    assert difference.endswith("end\n\n")
    napalm_begins(archived)
    assert "Directory of flash:/merge_config.txt" in \
        archived.command("dir flash:/merge_config.txt")
    answer = archived.command("copy flash:/merge_config.txt running-config")
    assert "bytes copied" in answer
    assert "Invalid input detected" not in answer
    assert "!No changes were found" in \
        archived.command("show archive config incremental-diffs "
                         "flash:/merge_config.txt ignorecase")
    assert "ip ssh time-out 55" in archived.command("show running-config")
    # What it does after a merge that went wrong, or to take it back.
    answer = archived.command("configure replace flash:/rollback_config.txt "
                              "force")
    assert "Rollback Done" in answer and "rror" not in answer
    assert "time-out 55" not in archived.command("show running-config")


def test_napalm_replaces(plain, archived):
    archived.configure("file prompt quiet")
    archived.command("copy running-config flash:/candidate_config.txt")
    path = plain.state / "flash" / "candidate_config.txt"
    path.write_text(path.read_text().replace("hostname R1", "hostname R6"))
    difference = archived.command(
        "show archive config differences system:/running-config "
        "flash:/candidate_config.txt")
    assert "+hostname R6\n" in difference and "-hostname R1\n" in difference
    napalm_begins(archived)
    answer = archived.command("configure replace flash:/candidate_config.txt "
                              "force revert trigger error").lower()
    assert "rollback done" in answer
    for word in ("error", "failed", "not a valid config file",
                 "original configuration has been successfully restored",
                 "%please turn config archive on"):
        assert word not in answer
    assert archived.prompt == "R6#"
    assert "Rollback Done" in archived.command(
        "configure replace flash:/rollback_config.txt force")
    assert archived.prompt == "R1#"
