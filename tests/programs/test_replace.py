"""configure replace: a whole configuration in the place of another."""
import re

import pytest
from router import CONFIG, Router, wait_for
from session import Session

FULL = CONFIG + """\
hostname R1
service password-encryption
username old secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
username low privilege 7 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
ip domain name example.com
ip ssh time-out 60
access-list 5 permit 10.0.0.1
access-list 5 permit 10.0.0.3
ip ssh pubkey-chain
username pipi
key-hash ssh-rsa 0123456789ABCDEF0123456789ABCDEF one
exit
exit
alias exec sb show users
privilege exec level 7 show running-config
line vty 3
 exec-timeout 5 0
end
"""

# Of the same router, as another one would have it.
OTHER = """\
! a comment
hostname R2
ip ssh authentication-retries 5
enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0
username lab secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
username low secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
access-list 5 permit 10.0.0.1
access-list 5 permit 10.0.0.2
access-list 5 permit 10.0.0.3
banner motd ^C
! first
no second
^C
line con 0
 exec-timeout 0 0
line vty 0 9
 login local
 transport input ssh
end
"""

ASKED = """\
This will apply all necessary additions and deletions
to replace the current running configuration with the
contents of the specified configuration file, which is
assumed to be a complete configuration, not a partial
configuration. Enter Y if you are sure you want to proceed. ? [no]: """


@pytest.fixture(scope="module")
def plain():
    with Router(config=FULL, keys=("ed25519",)) as one:
        flash = one.state / "flash"
        (flash / "other").write_text(OTHER)
        yield one


@pytest.fixture
def user(plain):
    with Session(plain, enable="cisco") as one:
        yield one


@pytest.fixture(autouse=True)
def same_again(plain):
    """Every test finds and leaves the router as it began."""
    with Session(plain, enable="cisco") as one:
        before = running(one)
        yield
        one.command("configure replace nvram:startup-config force")
        assert running(one) == before


def running(session):
    text = session.command("show running-config")
    return re.sub(r"(?m)^(! Last|! NVRAM|Current).*\n", "",
                  text).replace("!\n!\n", "!\n")


def put(router, name, text):
    (router.state / "flash" / name).write_text(text)


def test_all_that_differs_comes_and_goes(plain, user):
    answer = user.command("configure replace flash:other force")
    assert re.fullmatch(r"Total number of passes: [12]\nRollback Done\n\n",
                        answer), answer
    assert user.prompt == "R2#"
    after = running(user)
    for line in ("ip domain name", "username old", "privilege exec",
                 "alias exec", "pubkey-chain", "time-out",
                 "privilege 7", "exec-timeout 5", "banner login"):
        assert line not in after, line
    assert "access-list 5 permit 10.0.0.1\naccess-list 5 permit 10.0.0.2\n" \
           "access-list 5 permit 10.0.0.3\n" in after
    assert "banner motd ^C\n! first\nno second\n^C\n" in after
    assert "line con 0\n exec-timeout 0 0\n" in after
    assert "line vty 5 9\n login local\n transport input ssh\n!\nend" in after
    assert "Total number of passes: 0\nRollback Done\n\n" == \
        user.command("configure replace system:running-config force")
    plain.wait_log(r"%SYS-5-CONFIG_I: Configured from flash:/?other by lab on "
                   r"vty\d+ \(127.0.0.1\)")


def test_it_asks_first(user):
    before = running(user)
    for answer in ("\n", "n\n", "x\n", "\x03"):
        seen = user.type("configure replace flash:other\n", r"\[no\]: $")
        assert seen.replace("\r\n", "\n").endswith(ASKED)
        user.type(answer)
        assert running(user) == before
    user.type("configure replace flash:other\n", r"\[no\]: $")
    assert "Rollback Done" in user.type("Y\n", r"R2#$")


def test_nothing_changes_when_a_line_is_wrong(plain, user):
    before = running(user)
    put(plain, "bad", OTHER.replace("end\n", "nonsense here\n"
                                    "ip ssh time-out 9999\nend\n"))
    answer = user.command("configure replace flash:bad force")
    assert "nonsense here\n" in answer and "ip ssh time-out 9999\n" in answer
    assert "not a valid config file" in answer and "Error" in answer
    put(plain, "half", OTHER[:OTHER.index("banner")])
    assert "not a valid config file" in \
        user.command("configure replace flash:half force")
    put(plain, "binary", "\x00\x7f\x1b[2J\nend\n")
    answer = user.command("configure replace flash:binary force")
    assert "not a valid config file" in answer and "\x1b" not in answer
    assert "%Error opening flash:/gone (No such file or directory)" in \
        user.command("configure replace flash:gone force")
    assert running(user) == before


def test_what_cannot_be_done_is_undone(plain, user):
    """The text is good, but the machine has no such interface."""
    before = running(user)
    put(plain, "machine", OTHER.replace(
        "line con 0", "interface nosuch0\n mtu 1400\n!\nline con 0"))
    answer = user.command("configure replace flash:machine force")
    assert "interface nosuch0\n" in answer and "failed" in answer
    assert "original configuration has been successfully restored" in answer
    assert running(user) == before


def test_the_list_of_commands(user):
    answer = user.command("configure replace flash:other force list")
    assert answer.startswith("!List of Commands:\n")
    assert "\nhostname R2\n" in answer and "\nno ip domain name" in answer
    assert re.search(r"\nend\n\nTotal number of passes: \d\n", answer)


def test_others_go_on_in_the_mode_they_are_in(plain, user):
    with Session(plain, enable="cisco") as other:
        other.command("configure terminal")
        other.command("line vty 3")
        user.command("configure replace flash:other force")
        other.command("exec-timeout 7 0")
        assert other.prompt == "R2(config-line)#"
        other.command("ip ssh pubkey-chain")
        other.command("username pipi")
        user.command("configure replace nvram:startup-config force")
        assert other.command("key-hash ssh-rsa "
                             "0123456789ABCDEF0123456789ABCDE0") == ""
        other.command("end")


def test_only_level_15_replaces(plain, user):
    user.configure("privilege exec level 7 configure replace")
    with Session(plain, user="low") as low:
        assert "(Permission denied)" in \
            low.command("configure replace flash:other force")


def test_five_thousand_lines(plain, user):
    users = "".join(f"username u{i} privilege {i % 15}\n" for i in range(5000))
    put(plain, "large", OTHER.replace("line con 0", users + "line con 0"))
    for name in ("large", "other"):
        assert "Rollback Done" in \
            user.command(f"configure replace flash:{name} force")


def test_contextual_differences(plain, user):
    put(plain, "small", "hostname R9\nline con 0\n exec-timeout 7 0\nend\n")
    user.command("write memory")
    put(plain, "base", "hostname R8\nline con 0\n exec-timeout 6 0\nend\n")
    assert user.command("show archive config differences flash:base "
                        "flash:/small") == (
        "!Contextual Config Diffs:\n+hostname R9\nline con 0\n"
        "+ exec-timeout 7 0\n-hostname R8\nline con 0\n- exec-timeout 6 0\n\n")
    for line in ("show archive config differences flash:small flash:small",
                 "show archive config differences"):
        assert user.command(line) == "!No changes were found\n"
    user.configure("hostname R5")
    assert user.command("show archive config differences") == \
        "!Contextual Config Diffs:\n+hostname R5\n-hostname R1\n\n"
    answer = user.command("show archive config differences "
                          "system:/running-config flash:/other")
    assert "\n-hostname R5\n" in answer and "\n+hostname R2\n" in answer
    assert "(No such file" in \
        user.command("show archive config differences flash:gone")


def test_incremental_differences(plain, user):
    before = running(user)
    put(plain, "merge", "hostname r1\nip ssh time-out 60\nline con 0\n"
        " exec-timeout 3 0\nno ip domain name\n")
    assert user.command("show archive config incremental-diffs flash:/merge "
                        "ignorecase") == (
        "!List of Commands:\nno ip domain name example.com\nline con 0\n"
        " exec-timeout 3 0\nend\n\n")
    put(plain, "merge", "hostname R1\nip ssh time-out 60\n")
    assert user.command("show archive config incremental-diffs flash:/merge "
                        "ignorecase") == "!No changes were found\n"
    put(plain, "merge", "nonsense\nhostname R7\n")
    answer = user.command("show archive config incremental-diffs flash:/merge")
    assert answer.startswith("nonsense\n") and "% Invalid input" in answer
    assert answer.endswith("!List of Commands:\nhostname R7\nend\n\n")
    assert running(user) == before


def test_differences_hide_secrets_from_lower_levels(plain, user):
    user.configure("privilege exec level 7 show archive")
    with Session(plain, user="low") as low:
        for what in ("differences", "differences nvram:startup-config",
                     "incremental-diffs flash:other"):
            assert "(Permission denied)" in \
                low.command("show archive config " + what)


def many(count, hostname):
    users = "".join(
        f"username user{n} secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.\n"
        for n in range(count))
    return FULL.replace("hostname R1\n", f"hostname {hostname}\n{users}")


MANY = 10000
BUSY = "% The configuration is being replaced; try again\n"


def replace_while_others_work(plain, user, look):
    """`look` is called again and again while it goes on."""
    with Session(plain, enable="cisco") as other:
        other.command("configure terminal")
        user.channel.send("configure replace flash:many force\n")

        def is_under_way():
            answer = other.command("alias exec x1 show clock")
            assert answer in ("", BUSY)
            return answer == BUSY
        wait_for(is_under_way, "a replacement under way")
        look(other)
        other.command("end")


def test_a_large_one_goes_in_turns(plain, user):
    """Others are answered meanwhile, but change, save and copy nothing."""
    put(plain, "many", many(MANY, "Large"))
    put(plain, "small", "hostname Small\n")

    def look(other):
        for line in ("write memory", "configure memory",
                     "configure replace flash:other force"):
            assert other.command("do " + line) == BUSY, line
        for line in ("copy flash:small running-config",
                     "copy running-config flash:copied",
                     "copy running-config startup-config"):
            other.type(f"do {line}\n", r"\]\? $")
            assert BUSY.strip() in other.type("\n"), line
        assert "Current privilege level is 15" in \
            other.command("do show privilege")

    replace_while_others_work(plain, user, look)
    assert "Rollback Done" in user.until(r"\nLarge#$")
    assert user.command("show running-config | count ^username user") == \
        f"Number of lines which match regexp = {MANY}\n"
    assert "alias exec x1" not in user.command("show running-config")


def test_it_is_finished_though_its_user_has_gone(plain, user):
    put(plain, "many", many(MANY, "Gone"))
    def told():
        return len(re.findall(r"CONFIG_I: Configured from flash:/?many by lab "
                              r"on vty", plain.log()))

    before = told()
    replace_while_others_work(plain, user, lambda other: user.client.close())
    with Session(plain, enable="cisco") as later:
        wait_for(lambda: later.command(
            "show running-config | count ^username user") ==
            f"Number of lines which match regexp = {MANY}\n", "all of them")
        wait_for(lambda: later.command("configure replace flash:other force")
                 != BUSY, "the end")
    wait_for(lambda: told() == before + 1, "who has configured it")


CLEAR = 40


def kept(session):
    return re.findall(r"(?m)^username (clear\d+) secret 9 (\$9\$\S+)$",
                      session.command("show running-config"))


def test_secrets_in_clear_are_hashed_while_others_work(plain, user):
    """By aaa, one after the other: control has no hand in it."""
    lines = "".join(f"username clear{n} secret same\n" for n in range(CLEAR))
    put(plain, "clear", lines + "enable secret level 9 other\n")
    user.channel.send("copy flash:clear running-config\n")
    user.until(r"Destination filename \[running-config\]\? $")
    with Session(plain, enable="cisco") as other:
        user.channel.send("\n")
        seen = 0
        while not user.channel.recv_ready() or seen < 3:
            assert "Current privilege level is 15" in \
                other.command("show privilege")
            seen += 1
        assert re.search(r"\d+ bytes copied", user.until(r"\n\S+#$"))
        entries = kept(other)
        assert [name for name, _ in entries] == [f"clear{n}" for n in
                                                range(CLEAR)]
        # Each with a salt of its own.
        assert len({stored for _, stored in entries}) == CLEAR
        assert "enable secret level 9 9 $9$" in \
            other.command("show running-config")
    with Session(plain, user="clear7", password="same"):
        pass


def test_a_replacement_hashes_them_too(plain, user):
    put(plain, "replaced", FULL.replace(
        "hostname R1\n", "hostname Clear\nusername clear1 secret same\n"))
    assert "Rollback Done" in user.command(
        "configure replace flash:replaced force")
    assert len(kept(user)) == 1
    with Session(plain, user="clear1", password="same"):
        pass


def test_who_gives_up_leaves_what_is_done(plain, user):
    lines = "".join(f"username clear{n} secret same\n" for n in range(2000))
    put(plain, "clear", lines)
    user.channel.send("copy flash:clear running-config\n\n")
    with Session(plain, enable="cisco") as other:
        wait_for(lambda: kept(other), "the first one")
        user.type("\x03")
        assert 0 < len(kept(other)) < 2000
        assert "Current privilege" in user.command("show privilege")
    plain.wait_log(r"CONFIG_I: Configured from flash:/?clear by lab on ")


def test_a_text_that_is_read_is_not_replaced_below(plain, user):
    """Nor carried on with after a way back was taken."""
    put(plain, "wrong", "no such line at all\n" * 3000 + "hostname Late\n")
    user.configure("archive", "path flash:kept", "exit", "hostname First")
    with Session(plain, enable="cisco", rows=24) as reader:
        reader.type("copy flash:wrong running-config\n\n", r" --More-- $")
        answer = user.command("configure replace flash:other force")
        assert answer.endswith("% The configuration is being changed by a "
                               "file; try again\n")
        user.command("configure terminal revert timer 100")
        user.command("hostname Second")
        user.command("end")
        assert "Rollback Done" in user.command("configure revert now")
        assert user.prompt == "First#"
        rest = ""
        while not rest.endswith("#"):
            rest += reader.type(" ", r"( --More-- |\n\w+#)$")
        rest = re.sub(r" --More-- \x08+ +\x08+", "", rest)
        assert "\r\n...\r\n% The configuration is being replaced: this line " \
            "and those below it were not carried out\r\n" in rest
    plain.wait_log(r"CONFIG_I: Configured from flash:/?wrong by lab on vty")
    assert "hostname First\n" in running(user)
