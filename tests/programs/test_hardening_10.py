"""Hardening, section 10: what is shown, logged, written and read again."""
import os
import re
import socket
import subprocess

import pytest

from router import CONFIG, Router, VTYD, free_port, wait_for
from wire import (CHANNEL_SUCCESS, DISCONNECT, USERAUTH_FAILURE, Wire,
                  string, u32)

# Escapes of terminals in all their forms, and what turns text around.
NASTY = (b"\x1b[2J\x1b]0;owned\x07\x9b31m\xc2\x9b31m\xe2\x80\xaetxet"
         b"\x08\x7f\xff\xfe\xe2\x80\xa8%n%s")
# What may reach a terminal: printable text and line ends.
SHOWN = re.compile(rb"[\x20-\x7e\r\n]*")

SHOWS = ["show running-config", "show users", "show ssh", "show ip ssh",
         "show privilege", "show crypto key mypubkey all"]


def is_clean(output):
    return SHOWN.fullmatch(output) is not None


@pytest.fixture(scope="module")
def root_router(router_of):
    return router_of("username root privilege 15 password 0 pw\n")


def all_shows(router):
    with Wire(router.port).login("root", "pw") as wire:
        for number, command in enumerate(SHOWS):
            output, status = wire.exec(command, number)
            assert status == 0, command
            yield command, output


# --- 10.1, 10.2: what a peer says ---------------------------------------------

def test_hardening_10_1_what_peers_say_is_shown_escaped(root_router):
    ident = Wire(root_router.port)
    ident.IDENT = b"SSH-2.0-" + NASTY.replace(b"\n", b"")
    name = Wire(root_router.port)
    terminal = Wire(root_router.port)
    with ident, name, terminal:
        ident.connect()
        name.connect().service()
        name.send(name.password_request(NASTY.decode("latin-1"), "x"))
        name.expect(USERAUTH_FAILURE)
        terminal.login()
        channel = terminal.open_session()
        terminal.send(terminal.channel_request(
            channel, "pty-req", data=string(NASTY) + u32(80) + u32(24)
            + u32(0) * 2 + string(b"\0")))
        terminal.expect(CHANNEL_SUCCESS)
        terminal.send(terminal.channel_request(channel, "shell"))
        terminal.expect(CHANNEL_SUCCESS)
        for command, output in all_shows(root_router):
            assert is_clean(output), (command, output)
        ident.send(bytes([DISCONNECT]) + u32(2) + string(NASTY) + string(""))
    # Somebody who breaks the protocol has a line in the log.
    with Wire(root_router.port) as broken:
        broken.IDENT = b"SSH-2.0-" + NASTY
        broken.identify()
        broken.raw(b"\0" * 64)
        broken.rest()
    assert is_clean(root_router.log().encode("utf-8", "surrogateescape"))


def test_hardening_10_2_no_line_of_the_log_can_be_forged(root_router):
    forged = "x\r\n*Nov 22 00:00:00.000: %SYS-5-CONFIG_I: Configured by me"
    with Wire(root_router.port).connect().service() as wire:
        for method in ("password", "keyboard-interactive", "x" * 3000):
            wire.send(wire.auth_request(method, forged))
            if wire.disconnect_reason() is not None:
                break
    # What the router says of itself when it starts has four lines.
    log = re.sub(r"(%SYS-5-RESTART: System restarted --)\nvtyd Software .*\n"
                 r"Copyright .*\nCompiled .*\n", r"\1\n", root_router.log())
    for line in log.splitlines():
        assert re.match(r"\*\w{3} [ \d]\d \d\d:\d\d:\d\d\.\d{3}: ", line), line
        assert len(line) <= 1024
    assert "Configured by me" not in root_router.log()


# --- 10.1, 10.4: what a configuration says --------------------------------------

HOSTILE_LINES = [
    b"hostname " + NASTY, b"hostname a\x1b[2J", b"ip domain name " + NASTY,
    b"username " + NASTY + b" password 0 x", b"username e\x1b[2J password 0 x",
    b"username evil password 0 x\x1b[2J", b"username evil secret 0 a\x07b",
    b"ip ssh rsa keypair-name " + NASTY, b"line vty 0 4\x1b[2J",
    b"access-list 1 permit " + NASTY, b"enable secret 0 \x1b[2J",
    b"crypto key generate rsa label " + NASTY,
    b"ip ssh pubkey-chain\n username lab\n  key-hash ssh-rsa "
    b"00112233445566778899AABBCCDDEEFF " + NASTY + b"\nexit\nexit",
    b"banner motd ^C\nhello\x1b[2J\n^C", b"banner motd z" + NASTY + b"z",
    b"\x1b[2J", NASTY, b"!" + NASTY,
]


@pytest.mark.parametrize("line", HOSTILE_LINES, ids=range(len(HOSTILE_LINES)))
def test_hardening_10_1_hostile_lines_of_a_configuration(tmp_path, line):
    """Refused, or shown without harm; the rest of the file holds."""
    router = Router(tmp_path, config="", keys=("ed25519",))
    (router.state / "startup-config").write_bytes(
        CONFIG.encode() + b"hostname R7\n" + line + b"\n"
        b"username root privilege 15 password 0 pw\n")
    with router:
        for command, output in all_shows(router):
            assert is_clean(output), (command, output)
        log = router.log().encode("utf-8", "surrogateescape")
        assert is_clean(log), log
        with Wire(router.port).login("root", "pw") as wire:
            assert wire.shell(0, b"#") is not None


def check(tmp_path, text):
    """What `vtyd check` makes of a configuration; None: it is refused."""
    path = tmp_path / "config"
    path.write_bytes(text)
    result = subprocess.run([str(VTYD), "check", str(path)],
                            capture_output=True, timeout=60)
    return result.stdout if result.returncode == 0 else None


EVIL = b"username evil privilege 15 password 0 evil"
INJECTIONS = [
    b"banner motd z\nhello ^C\n" + EVIL + b"\nz",
    b"banner motd z\nhello ^\nC\n" + EVIL + b"\nz",
    b"banner motd z\nhello\x03\n" + EVIL + b"\nz",
    b"banner motd \x03\nhello\n" + EVIL + b"\n\x03",
    b"banner motd ^C\nhello\n" + EVIL + b"\n^C",
    b"banner motd ^Chello^C" + EVIL, b"banner login z^z",
    b"banner motd #\nend\n" + EVIL + b"\nexit\n#",
    b"banner motd #!\n" + EVIL + b"\n#",
    b"banner exec x\n$(hostname)$($(x))%n%s\\\n" + EVIL + b"\nx",
    b"hostname a" + EVIL.replace(b" ", b"."), b"hostname ^C",
    b"username a password 0 x\r" + EVIL, b"username a password 0 ^C",
    b"username a password 0 !x", b"username a password 0 x y  z ",
    b"username a secret 0 end", b"enable secret 0 exit",
    b"username ! password 0 x", b"username end password 0 x",
    b"ip domain name exit", b"hostname no",
    b"ip ssh pubkey-chain\n username lab\n  key-hash ssh-rsa "
    b"00112233445566778899AABBCCDDEEFF " + EVIL,
]


@pytest.mark.parametrize("text", INJECTIONS, ids=range(len(INJECTIONS)))
def test_hardening_10_4_what_is_written_is_what_was_meant(tmp_path, text):
    """Written, read and written again it is the same, and no text of a
    banner, name or password becomes a line of its own."""
    first = check(tmp_path, CONFIG.encode() + text + b"\n")
    if first is None:
        return
    second = check(tmp_path, first)
    assert second == first
    with Router(tmp_path / "r", config=first.decode("latin-1"),
                keys=("ed25519",)) as router:
        with Wire(router.port).connect().service() as wire:
            wire.send(wire.password_request("evil", "evil"))
            wire.expect(USERAUTH_FAILURE)
        assert "CONFIG_LINE" not in router.log()


def test_hardening_10_4_a_banner_typed_by_a_user_stays_a_banner(tmp_path):
    """The same by hand, saved, and loaded by the next start."""
    config = CONFIG + "username root privilege 15 password 0 pw\n"
    with Router(tmp_path, config=config, keys=("ed25519",)) as router:
        with Wire(router.port).login("root", "pw") as wire:
            channel = wire.shell(0, b"#")
            lines = ["configure terminal", "banner motd z", "hello ^C",
                     EVIL.decode(), "z", "banner exec #", "line vty 0 4",
                     " no login", "end", "#", "end", "write memory"]
            wire.data(channel, "\n".join(lines) + "\n")
            wire.until(b"[OK]\r\nRouter#")
        router.restart()
        with Wire(router.port).connect().service() as wire:
            wire.send(wire.password_request("evil", "evil"))
            wire.expect(USERAUTH_FAILURE)
            wire.send(wire.password_request("root", "pw"))
            wire.expect(52)
            wire.session = wire.open_session()
            wire.send(wire.channel_request(wire.session, "shell"))
            wire.expect(CHANNEL_SUCCESS)
            assert b"line vty 0 4" in wire.until(b"#")


def test_hardening_10_3_banners_are_no_formats(tmp_path):
    text = "%n%s%x$(hostname)$($(hostname))$(x)$(domain)$$("
    config = (CONFIG.replace("Authorized users only", text)
              + f"hostname R$\nhostname R7\nip domain name d.example\n"
              f"banner motd ^C\n{text}\n^C\nbanner exec ^C\n{text}\n^C\n")
    shown = b"%n%s%xR7$(R7)$(x)d.example$$("
    with Router(tmp_path, config=config, keys=("ed25519",)) as router:
        with Wire(router.port).connect().service() as wire:
            wire.send(wire.password_request())
            banner = wire.receive()
            while banner[0] != 53:
                banner = wire.receive()
            assert shown in banner
            wire.expect(52)
            channel = wire.open_session()
            wire.send(wire.channel_request(channel, "shell"))
            wire.expect(CHANNEL_SUCCESS)
            assert wire.until(b">").count(shown) == 2


def test_hardening_10_6_privilege_is_of_the_command_not_its_spelling(
        root_router):
    """Abbreviated, in capitals, with blanks, behind `do`: refused below 15."""
    with Wire(root_router.port).login() as wire:
        for number, line in enumerate((
                "show running-config", "sh run", "SH RUN", "show  run",
                " sho running-c", "do show run", "do sh run", "show run ?",
                "configure terminal", "conf t", "CONF T", "wr", "wr mem",
                "reload", "relo", "clear line 0", "disc ssh 0",
                "copy run start", "erase startup", "show run\\", "!show run",
                "show\trun", "show startup")):
            output, status = wire.exec(line, number)
            assert b"username" not in output and b"$1$" not in output, line
            assert status == 1 or output == b"", (line, output)


# --- 10.10: files ----------------------------------------------------------------

def start_with_key(tmp_path, change):
    """A router whose only key file was changed; its log once it is up."""
    port = free_port()
    with Router(tmp_path, keys=("ed25519",)) as router:
        pass
    change(next((router.state / "keys").iterdir()))
    again = Router(tmp_path, listen=(f"127.0.0.1:{port}",))
    with again:
        again.wait_log(r"keys/|Listening")
        try:
            socket.create_connection(("127.0.0.1", port), 60).close()
            served = True
        except ConnectionRefusedError:
            served = False
        again.assert_running()
        return again.log(), served


def make_fifo(path):
    path.unlink()
    os.mkfifo(path, 0o600)


def make_link(path):
    aside = path.parent.parent / "aside"
    path.rename(aside)
    path.symlink_to(aside)


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-60])


def add_behind(path):
    path.write_bytes(path.read_bytes() + b"x\n")


def make_directory(path):
    path.unlink()
    path.mkdir(0o700)


CHANGES = {
    "0644": lambda path: path.chmod(0o644),
    "0640": lambda path: path.chmod(0o640),
    "0622": lambda path: path.chmod(0o622),
    "fifo": make_fifo, "link": make_link, "directory": make_directory,
    "empty": lambda path: path.write_bytes(b""), "cut": cut_short,
    "more behind": add_behind,
    "zeros": lambda path: path.write_bytes(b"\0" * 4000),
    "a megabyte": lambda path: path.write_bytes(b"Name: a\n" * 131072),
    "escapes": lambda path: path.write_bytes(b"Name: " + NASTY + b"\n"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_hardening_10_10_a_key_file_that_is_not_to_be_trusted(tmp_path, name):
    """Not used, and told by name; the router starts."""
    log, served = start_with_key(tmp_path, CHANGES[name])
    assert not served, log
    assert re.search(r"keys/\S+", log), log
    assert is_clean(log.encode("utf-8", "surrogateescape"))


def test_hardening_10_10_what_a_router_writes_only_its_owner_reads(tmp_path):
    before = os.umask(0)
    try:
        with Router(tmp_path, keys=("ed25519",), script="enable\ncisco\n"
                    "configure terminal\ncrypto key generate ed25519 label b\n"
                    "end\nwrite memory\nwrite memory\n") as router:
            # Of the pair, and of two saves.
            wait_for(lambda: router.console().count("[OK]") == 3, "saves")
            for path in [router.state, *router.state.rglob("*")]:
                mode = path.lstat().st_mode & 0o777
                assert mode in (0o700, 0o600), (path, oct(mode))
            names = {path.name for path in router.state.rglob("*")}
            assert {"startup-config", "startup-config.old",
                    "console.sock"} <= names
            # But for the directory in which files of flash: begin.
            assert not [name for name in names - {".new"}
                        if name.endswith(".new")]
    finally:
        os.umask(before)


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722])
def test_hardening_10_10_a_directory_that_others_write(tmp_path, mode):
    with Router(tmp_path, keys=("ed25519",)) as router:
        pass
    router.state.chmod(mode)
    result = subprocess.run(
        [str(VTYD), "--state", str(router.state), "--no-console", "--listen",
         "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert "can be written by others" in result.stderr
