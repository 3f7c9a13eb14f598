"""The house keeps its own rules: who may include whom, and what nobody calls.

docs/architecture.md, section "Layout", is the list that RULES repeats.
"""
import collections
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
    "transfer": ["base/", "transfer/"],
    "control": CONTROL,
    "commands": CONTROL + ["commands/"],
    "worker": SHARED + ["crypto/crypto.h", "crypto/random.h", "ssh/conn.h",
                        "ssh/event.h", "ssh/client_login.h", "term/",
                        "transfer/", "worker/"],
    "vtyssh": ["base/", "crypto/", "os/", "ssh/conn.h", "ssh/event.h",
               "ssh/client_login.h", "ssh/ttymodes.h", "vtyssh/"],
    "signer": SHARED + ["crypto/", "signer/"],
    "aaa": SHARED + ["crypto/", "aaa/"],
    "notify": SHARED + ["notify/"],
}
# Libraries stay behind the folders, or the one file, named here.
LIBRARIES = {
    "openssl/": ["crypto/"],
    "sodium": ["crypto/curve25519"],
    "seccomp.h": ["os/sandbox"],
    "pcre2.h": ["term/filter"],
    "libmnl/": ["os/netlink"],
    "ares.h": ["worker/probe_name"],
    "net-snmp/": ["notify/trap"],
    "uv.h": ["control/", "commands/", "aaa/", "notify/"],
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
    for folder in ("ssh", "cli", "term", "transfer", "config"):
        for path in (SRC / folder).rglob("*.c"):
            for match in reach.finditer(code_of(path)):
                pytest.fail(f"{path.relative_to(SRC)}: {match.group(0)}")


def test_secrets_are_compared_in_constant_time_only():
    """memcmp on digests, tags and passwords has no place in these folders."""
    for folder in ("crypto", "aaa"):
        for path in (SRC / folder).rglob("*.c"):
            assert not re.search(r"\bmemcmp\s*\(", code_of(path)), path


def test_every_file_is_on_the_map():
    """docs/architecture.md, section "Every file"; a header goes without saying
    where its source is named."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    block = text.split("## Every file")[1].split("```")[1]
    named, folder = set(), None
    for line in block.splitlines():
        if re.fullmatch(r"[\w/]+/", line):
            folder = line
        else:
            named |= {folder + name for name in re.findall(r"\b\w+\.[ch]\b", line)}
    present = {str(path.relative_to(SRC)) for path in sources()}
    assert not named - present, "on the map only"
    assert not {name for name in present - named
                if name[:-1] + "c" not in named}, "not on the map"


def test_every_message_is_sent_by_one_program_and_read_by_another():
    names = re.findall(r"\bM\(([A-Z_]+),\s*\w+,\s*\w+\)",
                       code_of(SRC / "ipc" / "messages.h"))
    assert len(names) > 40
    programs = {folder: "".join(map(code_of, (SRC / folder).rglob("*.c")))
                for folder in ("control", "worker", "signer", "aaa",
                               "notify")}
    programs["control"] += "".join(map(code_of, (SRC / "commands").rglob("*.c")))
    for name in names:
        users = {folder for folder, code in programs.items()
                 if re.search(rf"\bMSG_{name}\b", code)}
        assert len(users) >= 2, f"{name}: {users}"


# Called by tests alone: the other half of a pair, the face of a structure, or
# the client's half of the protocol core (CLIENTS_HALF).
NOT_CALLED = {"config_equal",
              "sftp_client_free",
              "uplink_clear"}
CLIENTS_HALF = {"ssh/conn.h"}


DECLARATION = re.compile(
    r"^(?:MUST_CHECK )?(?:const )?(?:enum |struct |unsigned )?\w+ \**(\w+)\(",
    re.M)


def test_every_declared_function_is_defined_and_called():
    words = {path: collections.Counter(re.findall(r"\w+", code_of(path)))
             for path in sources()}
    everywhere = sum(words.values(), collections.Counter())
    count = 0
    for header in words:
        if header.suffix != ".h" or \
                str(header.relative_to(SRC)) in CLIENTS_HALF:
            continue
        for name in DECLARATION.findall(code_of(header)):
            elsewhere = everywhere[name] - words[header][name]
            assert elsewhere > 0, f"{name} is not defined"
            assert (elsewhere < 2) == (name in NOT_CALLED), f"{name}: callers?"
            count += 1
    assert count > 300


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


def test_no_two_tests_have_one_name():
    """They run as one, and a module is known by its name alone."""
    names = [path.name for folder in ("house", "programs", "peers", "soak",
                                        "machine")
             for path in (ROOT / "tests" / folder).glob("*.py")]
    assert not [name for name, count in collections.Counter(names).items()
                if count > 1]
