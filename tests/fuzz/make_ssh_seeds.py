#!/usr/bin/python3
"""Write the seed corpora of packet_v2, conn_server, conn_client, client_login.

    make_ssh_seeds.py [DIR]      DIR holds the corpora (default: beside this)
"""
import pathlib
import struct
import sys


def u32(value):
    return struct.pack(">I", value)


def string(value):
    if isinstance(value, str):
        value = value.encode()
    return u32(len(value)) + value


def message(number, *fields):
    return bytes([number]) + b"".join(fields)


def conversation(state, flags, piece, *messages):
    return bytes([state, flags, piece]) + b"".join(
        struct.pack(">H", len(m)) + m for m in messages)


def kexinit(kex="curve25519-sha256", follows=0):
    lists = [kex, "ssh-ed25519"] + ["aes128-ctr"] * 2 + ["hmac-sha2-256"] * 2
    lists += ["none"] * 2 + [""] * 2
    return message(20, bytes(16), *map(string, lists), bytes([follows]),
                   u32(0))


def userauth(method, *fields, user="lab"):
    return message(50, string(user), string("ssh-connection"), string(method),
                   *fields)


def request(channel, name, reply, *fields):
    return message(98, u32(channel), string(name), bytes([reply]), *fields)


TRUE, FALSE = b"\1", b"\0"
SERVICE = message(5, string("ssh-userauth"))
PASSWORD = userauth("password", FALSE, string("cisco"))
OPEN = message(90, string("session"), u32(3), u32(100000), u32(32768))
PTY = request(0, "pty-req", 1, string("vt100"), u32(80), u32(24), u32(0),
              u32(0), string(b"\x03\0\0\0\x7f\0"))
NOISE = [message(2, string("x")), message(3, u32(0)),
         message(4, TRUE, string("x"), string("")), message(0),
         message(192, string("ping"))]

SERVER = {
    "idents": b"\0\0\0SSH-2.0-x\r\n" + bytes(20),
    "http": b"\0\0\x04GET / HTTP/1.1\r\n\r\n",
    "kexinit": conversation(1, 0, 0, kexinit(), message(30, string(bytes(32)))),
    "kexinit_guess": conversation(1, 1, 0, kexinit("x,curve25519-sha256", 1),
                                  message(30, string("guess")),
                                  message(30, string(b"\x09" + bytes(31)))),
    "gex": conversation(
        1, 0, 0, kexinit("diffie-hellman-group-exchange-sha256"),
        message(34, u32(2048), u32(2048), u32(8192)),
        message(32, string(b"\x7f" * 200))),
    "value": conversation(2, 1, 3, message(30, string(b"\x09" + bytes(31))),
                          message(21)),
    "ext_info": conversation(3, 0, 0,
                             message(7, u32(1), string("a"), string(b"\0")),
                             SERVICE, userauth("none"), PASSWORD, OPEN),
    "methods": conversation(
        4, 2, 7, userauth("none"), userauth("password", TRUE, string("a"),
                                            string("b")),
        userauth("publickey", FALSE, string("ssh-ed25519"),
                 string(string("ssh-ed25519") + string(bytes(32)))),
        userauth("publickey", TRUE, string("rsa-sha2-256"), string("k"),
                 string("s")),
        userauth("keyboard-interactive", string(""), string("")),
        message(61, u32(1), string("cisco"))),
    "noise": conversation(4, 0, 0, *NOISE[:4], kexinit()),
    "shell": conversation(5, 8, 0, OPEN, PTY, request(0, "env", 1, string("A"),
                                                      string("B")),
                          request(0, "shell", 1),
                          message(94, u32(0), string("show clock\r")),
                          request(0, "window-change", 0, u32(1), u32(2),
                                  u32(0), u32(0)),
                          message(96, u32(0)), message(97, u32(0))),
    "exec": conversation(6, 0, 50, request(0, "exec", 1, string("flood 9999")),
                         message(93, u32(0), u32(10000)), message(97, u32(0))),
    "subsystem": conversation(6, 0, 0, request(0, "subsystem", 1,
                                               string("netconf")),
                              request(0, "subsystem", 1, string("sftp")),
                              request(0, "break", 1, u32(500)),
                              request(0, "signal", 0, string("INT"))),
    "globals": conversation(6, 0, 0, message(80, string("keepalive@openssh.com"),
                                             TRUE),
                            message(80, string("no-more-sessions@openssh.com"),
                                    FALSE), OPEN, *NOISE),
    "channels": conversation(7, 4, 0, *[OPEN] * 9,
                             message(95, u32(1), u32(1), string("err")),
                             message(90, string("x11"), u32(1), u32(2), u32(3),
                                     string("host"), u32(4)),
                             message(94, u32(1), string(b"x" * 300))),
    "rekey": conversation(7, 1, 0, kexinit(), message(30, string(bytes(32)))),
    "disconnect": conversation(7, 0, 0, message(1, u32(11), string("\033bye"),
                                                string(""))),
}

CONFIRM = message(91, u32(0), u32(9), u32(100000), u32(32768))
CLIENT = {
    "idents": b"\0\0\0welcome\r\nSSH-2.0-x\r\n" + bytes(20),
    "kexinit": conversation(1, 0, 0, kexinit()),
    "reply": conversation(2, 0, 0, message(
        31, string(string("ssh-ed25519") + string(bytes(32))),
        string(b"\x09" + bytes(31)),
        string(string("ssh-ed25519") + string(bytes(64)))), message(21)),
    "ext_info": conversation(3, 0, 0, message(
        7, u32(1), string("server-sig-algs"), string("ssh-ed25519")),
        message(6, string("ssh-userauth"))),
    "failure": conversation(4, 0, 3, message(53, string("hello"), string("")),
                            message(51, string("password"), FALSE),
                            message(52)),
    "question": conversation(4, 2, 0, message(
        60, string(""), string(""), string(""), u32(1), string("Password: "),
        FALSE), message(7, u32(0)), message(52)),
    "opens": conversation(5, 0, 0, message(92, u32(0), u32(1), string("no"),
                                           string("")),
                          message(90, string("x11"), u32(1), u32(2), u32(3))),
    "session": conversation(
        6, 8, 0, message(99, u32(0)), message(94, u32(0), string("output")),
        message(95, u32(0), u32(1), string("error")),
        request(0, "exit-status", 0, u32(3)), message(96, u32(0)),
        message(97, u32(0))),
    "signal": conversation(6, 4, 9, request(
        0, "exit-signal", 0, string("TERM"), FALSE, string(""), string("")),
        message(93, u32(0), u32(5)), message(100, u32(0)), *NOISE),
    "globals": conversation(6, 0, 0, message(
        80, string("hostkeys-00@openssh.com"), FALSE, string("key")),
        message(80, string("keepalive@openssh.com"), TRUE)),
    "rekey": conversation(6, 1, 0, kexinit(), message(31, string(""),
                                                      string(""), string(""))),
}

def login(flags, *messages):
    """The state is the flags'."""
    return conversation(0, flags, 0, *messages)[1:]


def failure(methods, partial=0):
    return message(51, string(methods), bytes([partial]))


def question(*prompts, instruction=""):
    return message(60, string(""), string(instruction), string(""),
                   u32(len(prompts)), *[string(p) + FALSE for p in prompts])


ALL = "publickey,keyboard-interactive,password"
LOGIN = {
    "password": login(0, message(53, string("\033[2Jhello\n"), string("")),
                      failure("password"), failure("password"), message(52)),
    "question": login(0, failure(ALL), question(instruction="look"),
                      question("Password: ", "Pick\n1 push\n\x07: "),
                      failure(ALL), question("Again: "), message(52)),
    "keys": login(1, failure(ALL), failure("publickey"),
                  failure("password", 1), failure(ALL)),
    "expired": login(0, failure("password"),
                     message(60, string("New: "), string(""))),
    "sha1": login(7, message(7, u32(1), string("server-sig-algs"),
                             string("ssh-rsa")),
                  message(6, string("ssh-userauth")), failure("publickey"),
                  message(60, string("ssh-rsa"), string("key"))),
    "leaves": login(32, failure("password"), failure("password"),
                    failure("password")),
    "rounds": login(0, failure(ALL), *[question()] * 70),
    "rekey": login(0, failure("password"), kexinit()),
    "group": login(8, message(31, string(b"\x7f" * 256), string(b"\x02")),
                   message(33, string("key"), string(b"\x03"), string("s"))),
    "reply": login(16, message(
        33, string(string("ssh-ed25519") + string(bytes(32))),
        string(b"\x7f" * 256), string(string("ssh-ed25519") +
                                      string(bytes(64)))), message(21)),
}

PACKET = {}
for suite in range(11):
    PACKET[f"payload_{suite}"] = bytes([suite, 2, 6]) + b"\2\0\0\0\5hello"
    PACKET[f"plain_{suite}"] = bytes([suite, 1, 255]) + u32(28) + b"\4\2" + \
        bytes(60)
    PACKET[f"raw_{suite}"] = bytes([suite, 0, 15]) + bytes(range(64))


def main():
    beside = pathlib.Path(__file__).resolve().parent
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else beside
    for target, seeds in (("packet_v2", PACKET), ("conn_server", SERVER),
                          ("conn_client", CLIENT), ("client_login", LOGIN)):
        folder = root / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in seeds.items():
            (folder / name).write_bytes(content)


main()
