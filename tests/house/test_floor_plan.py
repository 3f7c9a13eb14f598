"""The house keeps its own rules: who may include whom, and what nobody calls.

docs/architecture.md, section "Layout", is the list that RULES repeats.
"""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / "src"

SHARED = ["base/", "os/", "ipc/"]
CONTROL = SHARED + ["crypto/", "config/", "cli/", "ssh/conn.h", "ssh/event.h",
                    "control/"]
RULES = {
    "base": ["base/"],
    "crypto": ["base/", "crypto/"],
    "os": ["base/", "os/"],
    "ipc": ["base/", "ipc/"],
    "ssh": ["base/", "crypto/", "ssh/"],
    "config": ["base/", "config/"],
    "cli": ["base/", "config/", "cli/"],
    "term": ["base/", "term/"],
    "control": CONTROL,
    "commands": CONTROL + ["commands/"],
    "worker": SHARED + ["crypto/crypto.h", "crypto/random.h", "ssh/conn.h",
                        "ssh/event.h", "term/", "worker/"],
    "signer": SHARED + ["crypto/", "signer/"],
    "aaa": SHARED + ["crypto/", "aaa/"],
}
# Libraries stay behind the folders, or the one file, named here.
LIBRARIES = {
    "openssl/": ["crypto/"],
    "seccomp.h": ["os/sandbox"],
    "uv.h": ["control/", "commands/", "aaa/"],
}
BANNED = re.compile(
    r"\b(strcpy|strcat|sprintf|vsprintf|alloca|strtok|system|popen|gets)\s*\(")
# No code runs in a signal handler (hardening 6.3): a signal is ignored, or
# read by libuv.
HANDLER = re.compile(r"\bsignal\s*\((?!\w+, SIG_(IGN|DFL)\))|\bsa_handler\b"
                     r"(?!\s*=\s*SIG_(IGN|DFL))")
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def sources():
    return sorted(p for p in SRC.rglob("*.[ch]"))


def code_of(path):
    """The text without comments and string contents."""
    text = path.read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', text)


def test_there_are_sources():
    assert len(sources()) > 50


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(SRC)))
def test_includes_keep_to_the_floor_plan(path):
    name = str(path.relative_to(SRC))
    folder = name.split("/")[0]
    if name == "control/main.c":  # hands the vocabulary to the engine
        folder = "commands"
    for quote, header in INCLUDE.findall(path.read_text()):
        if quote == '"':
            assert (SRC / header).exists(), f"{name}: {header} is not in src/"
            assert any(header.startswith(rule) for rule in RULES[folder]), \
                f"{name} may not include {header}"
        for library, homes in LIBRARIES.items():
            if header.startswith(library):
                assert any(name.startswith(home) for home in homes), \
                    f"{name} may not include {header}"


def test_protocol_versions_do_not_know_each_other():
    for version, other in (("v1", "v2"), ("v2", "v1")):
        for path in (SRC / "ssh" / version).glob("*.[ch]"):
            assert f"ssh/{other}/" not in path.read_text(), path


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(SRC)))
def test_no_banned_function_is_called(path):
    for banned in (BANNED, HANDLER):
        found = banned.search(code_of(path))
        assert not found, f"{path.relative_to(SRC)}: {found.group(0)}"


def test_engines_and_core_reach_no_socket_clock_or_file():
    reach = re.compile(r"(?<![.>])\b(socket|connect|open|openat|fopen|read|write|poll"
                       r"|time|clock_gettime|gettimeofday)\s*\(")
    for folder in ("ssh", "cli", "term", "config"):
        for path in (SRC / folder).rglob("*.c"):
            for match in reach.finditer(code_of(path)):
                pytest.fail(f"{path.relative_to(SRC)}: {match.group(0)}")


def test_secrets_are_compared_in_constant_time_only():
    """memcmp on digests, tags and passwords has no place in these folders."""
    for folder in ("crypto", "aaa"):
        for path in (SRC / folder).rglob("*.c"):
            assert not re.search(r"\bmemcmp\s*\(", code_of(path)), path


def test_no_stranger_is_named():
    """The project speaks of itself alone."""
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    for path in sources() + sorted((ROOT / "docs").rglob("*.md")):
        found = words.search(path.read_text())
        assert not found, f"{path}: {found.group(0)}"


def test_sources_are_formatted():
    import shutil
    import subprocess
    if shutil.which("clang-format") is None:
        pytest.skip("clang-format is not installed")
    result = subprocess.run(
        ["clang-format", "--dry-run", "--Werror", *map(str, sources())],
        cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[:4000]
