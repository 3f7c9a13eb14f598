"""Debian's OpenSSH client, with nothing of the machine's own configuration."""
import os
import pathlib
import subprocess

ASKPASS = pathlib.Path(__file__).with_name("askpass")


def environment(password="lab"):
    """No agent, no terminal: passwords come from a little program."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "DISPLAY": ":0",
        "SSH_ASKPASS": str(ASKPASS),
        "SSH_ASKPASS_REQUIRE": "force",
        "VTYD_TEST_PASSWORD": password,
    }


def arguments(router, *options, user="lab", address="127.0.0.1"):
    """The command line up to and including the destination.

    Options are ssh's own, or "Keyword=value" for -o. Algorithms are OpenSSH's
    defaults unless an option says otherwise.
    """
    args = ["ssh", "-F", "none", "-p", str(router.port),
            "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=INFO"]
    for option in options:
        if "=" in option and not option.startswith("-"):
            args += ["-o", option]
        else:
            args.append(option)
    return args + [f"{user}@{address}"]


def run(router, command, *options, password="lab", user="lab",
        address="127.0.0.1", timeout=120, stdin=b""):
    """Run `ssh ... command`; a CompletedProcess with bytes."""
    return subprocess.run(
        arguments(router, *options, user=user, address=address)
        + ([command] if command is not None else []),
        env=environment(password), input=stdin, capture_output=True,
        timeout=timeout, start_new_session=True)
