"""`crypto key export` and `import`: openssl(1) reads what is exported, what it
made is imported; and whatever else is pasted changes nothing."""
import contextlib
import os
import re
import signal
import subprocess

import pytest
from console import attach
from router import CONFIG, Router, wait_for
from session import Session

ADMIN = CONFIG.replace("username lab", "username lab privilege 15")
PASSPHRASE = "a pass phrase: 7?"


@pytest.fixture(scope="module")
def router():
    with Router(config=ADMIN, keys=("ed25519",)) as one:
        yield one


@pytest.fixture(scope="module")
def user(router):
    with Session(router) as one:
        one.command("configure terminal")
        yield one


def openssl(*arguments, text=""):
    done = subprocess.run(["openssl", *arguments], input=text,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def key_files(router):
    return sorted(path.name for path in (router.state / "keys").iterdir())


def key_data(user, label):
    """What `show crypto key mypubkey` has for each pair, as bytes."""
    shown = user.command(f"do show crypto key mypubkey rsa {label}")
    return [bytes.fromhex(re.sub(r"\s", "", data)) for data in
            re.findall(r"Key Data:\n((?:  [0-9A-F ]+\n)+)", shown)]


def typed(text):
    """A `?` asks for help unless ^V comes before it."""
    return text.replace("?", "\x16?")


def export(user, label, passphrase=PASSPHRASE):
    line = f"crypto key export rsa {label} pem terminal 3des {passphrase}"
    seen = user.type(typed(line) + "\r").replace("\r\n", "\n")
    return seen.partition("\n")[2].rpartition("\n")[0] + "\n"


PUBLIC = r"-----BEGIN PUBLIC KEY-----\n(?:[\w+/=]{1,64}\n)+" \
    r"-----END PUBLIC KEY-----\n"
PRIVATE = r"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n" \
    r"DEK-Info: DES-EDE3-CBC,[0-9A-F]{16}\n\n(?:[\w+/=]{1,64}\n)+" \
    r"-----END RSA PRIVATE KEY-----\n"


def import_pair(user, label, public, private, passphrase=PASSPHRASE,
                options="", success=True):
    """Paste it all; what was answered at the end."""
    line = f"crypto key import rsa {label} {options} pem terminal " + passphrase
    user.type(typed(line) + "\r", r"on a line by itself\.\r\n$")
    text = public + "quit\n" + private + "quit\n"
    seen = user.type(text, r"\n% Key pair [^\n]*\n[^\n]*#$")
    answer = seen.rpartition("\nquit")[2].replace("\r\n", "\n")
    assert ("import succeeded" in answer) == success, seen
    return answer


# --- out, and in again ------------------------------------------------------

def test_what_is_exported_openssl_reads(router, user):
    user.command("crypto key generate rsa label out exportable modulus 1024",
                 seconds=60)
    text = export(user, "out")
    match = re.fullmatch(r"% Key name: out\n   Usage: General Purpose Key\n"
                         rf"   Key data:\n({PUBLIC})({PRIVATE})\n", text)
    assert match, text
    public, private = match.groups()
    assert openssl("rsa", "-passin", "pass:" + PASSPHRASE, "-pubout",
                   text=private) == public
    assert [openssl("pkey", "-pubin", "-outform", "DER", "-in", "/dev/stdin",
                    "-out", "/dev/null", text=public)] == [""]
    shown = key_data(user, "out")
    stored = (router.state / "keys" / "out.rsa").read_text()
    assert openssl("pkey", "-pubout", text=stored) == public
    assert len(shown) == 1
    # The same pair under another name.
    answer = import_pair(user, "in", public, private)
    assert answer.startswith("\n% Key pair import succeeded.\n")
    assert key_data(user, "in") == shown
    assert "not exportable" in export(user, "in")


def test_usage_keys_go_out_and_in_as_two(router, user):
    user.command("crypto key generate rsa usage-keys label two exportable "
                 "modulus 768", seconds=60)
    text = export(user, "two")
    found = re.findall(r"% Key name: two\n   Usage: (\w+) Key\n   Key data:\n"
                       rf"({PUBLIC})({PRIVATE})\n", text)
    assert [usage for usage, *_ in found] == ["Signature", "Encryption"]
    assert [name for name in key_files(router) if name.startswith("two")] == \
        ["two.rsa-encryption", "two.rsa-signature"]
    user.type(typed("crypto key import rsa again usage-keys exportable pem "
                    f"terminal {PASSPHRASE}") + "\r", r"by itself\.\r\n$")
    for usage, public, private in found:
        user.type(public + "\n" + private + "quit\n",
                  r"Encryption key or certificate\.\r\n.*by itself\.\r\n$"
                  if usage == "Signature" else r"import succeeded\.\r\n.*#$")
    assert key_data(user, "again") == key_data(user, "two")
    # The second has another passphrase: the first does not stay either.
    user.type(typed("crypto key import rsa half usage-keys pem terminal "
                    f"{PASSPHRASE}") + "\r", r"by itself\.\r\n$")
    user.type("quit\n" + found[0][2] + "quit\n",
              r"Encryption key or certificate\.\r\n.*by itself\.\r\n$")
    wrong = openssl("rsa", "-passin", "pass:" + PASSPHRASE, "-traditional",
                    "-des3", "-passout", "pass:other", text=found[1][2])
    seen = user.type("quit\n" + wrong + "quit\n", r"import failed\.\r\n.*#$")
    assert "% The passphrase does not decrypt the private key.\r\n" in seen
    assert not [name for name in key_files(router) if "half" in name]


FORMS = {
    "3des": ("rsa", "-traditional", "-des3"),
    "aes": ("rsa", "-traditional", "-aes256"),
    "pkcs8": ("pkcs8", "-topk8", "-v2", "aes-256-cbc"),
    "pkcs8 3des": ("pkcs8", "-topk8", "-v2", "des3"),
}


@pytest.fixture(scope="module")
def made():
    """A pair in clear, and its public key."""
    private = openssl("genrsa", "1024")
    return private, openssl("rsa", "-pubout", text=private)


def sealed(private, form, passphrase=PASSPHRASE):
    return openssl(*FORMS[form], "-passout", "pass:" + passphrase,
                   text=private)


@pytest.mark.parametrize("form", FORMS)
def test_what_openssl_made_is_imported(router, user, made, form):
    private, public = made
    label = form.replace(" ", "-")
    import_pair(user, label, public, sealed(private, form),
                options="exportable")
    stored = (router.state / "keys" / f"{label}.rsa").read_text()
    assert openssl("pkey", "-pubout", text=stored) == public
    assert "Exportable: yes\n" in stored
    assert "% Key pair exists.\n" == user.command(
        f"crypto key import rsa {label} pem terminal {PASSPHRASE[:4]}")


def test_the_public_half_may_be_a_certificate_or_missing(user, made):
    private, _ = made
    certificate = openssl("req", "-new", "-x509", "-key", "/dev/stdin",
                          "-subj", "/CN=router", text=private)
    import_pair(user, "certified", certificate, sealed(private, "3des"))
    import_pair(user, "alone", "", sealed(private, "3des"))
    assert key_data(user, "alone") == key_data(user, "certified")


# --- what is no pair ---------------------------------------------------------

def other_public():
    return openssl("rsa", "-pubout", text=openssl("genrsa", "1024"))


BAD = [
    ("passphrase", lambda private, public:
     (public, sealed(private, "3des", "wrong"))),
    ("passphrase", lambda private, public:
     (public, sealed(private, "pkcs8", "wrong"))),
    ("No encrypted", lambda private, public: (public, private)),
    ("No encrypted", lambda private, public:
     (public, openssl("rsa", "-traditional", text=private))),
    ("No encrypted", lambda private, public: (public, public)),
    ("No encrypted", lambda private, public: (public, "no key at all\n")),
    ("No encrypted", lambda private, public: (public, "")),
    ("No encrypted", lambda private, public:
     (public, re.sub("DEK-Info: DES-EDE3-CBC", "DEK-Info: NONE",
                     sealed(private, "3des")))),
    # Single DES is in a part of libcrypto that is never loaded.
    ("passphrase", lambda private, public:
     (public, re.sub("DES-EDE3-CBC", "DES-CBC", sealed(private, "3des")))),
    ("RSA key pair", lambda private, public:
     (other_public(), sealed(private, "3des"))),
    ("RSA key pair", lambda private, public:
     ("nothing\n", sealed(private, "3des"))),
    ("RSA key pair", lambda private, public: (public, openssl(
        "pkcs8", "-topk8", "-passout", "pass:" + PASSPHRASE, text=openssl(
            "genpkey", "-algorithm", "ED25519")))),
    ("RSA key pair", lambda private, public: (public, openssl(
        "genrsa", "-aes128", "-passout", "pass:" + PASSPHRASE, "5120"))),
]


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_is_no_pair_changes_nothing(router, user, made, number):
    reason, texts = BAD[number]
    before = key_files(router)
    answer = import_pair(user, "bad", *texts(*made), success=False)
    assert reason in answer
    assert key_files(router) == before
    assert "Key file" not in router.log()


def test_a_text_without_end_is_refused(router, user):
    user.type("crypto key import rsa long pem terminal cisco123\r",
              r"by itself\.\r\n$")
    seen = user.type(400 * ("A" * 64 + "\n"), r"longer than 8192 bytes\r\n")
    assert "import" not in seen
    # What of it was on its way is typed at the prompt.
    user.type("do show privilege\r", r"level is 15\r\n[^\n]*#$")
    assert "long.rsa" not in key_files(router)


@contextlib.contextmanager
def maker_stopped(router):
    """A pair is being made, and is not found before the end of the block."""
    maker, = wait_for(lambda: router.children("key maker"), "the maker")
    os.kill(maker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(maker, signal.SIGCONT)


# --- in the middle -----------------------------------------------------------

def test_an_import_that_is_given_up_changes_nothing(router, user):
    before = key_files(router)
    user.type("crypto key import rsa gone pem terminal cisco123\r",
              r"by itself\.\r\n$")
    user.type("-----BEGIN\n\x03", r"\n[^\n]*#$")
    with Session(router) as other:
        other.command("configure terminal")
        other.type("crypto key import rsa gone pem terminal cisco123\r",
                   r"by itself\.\r\n$")
        other.channel.sendall(b"quit\n-----BEGIN\n")
    user.command("do show privilege")
    assert key_files(router) == before


def test_generating_goes_on_through_an_interrupt(router, user):
    user.type("crypto key generate rsa label busy modulus 3072\r",
              r"non-exportable\.\.\.$")
    with maker_stopped(router):
        user.channel.send("\x03")
        # Until others have come in it has been read, too.
        with Session(router) as other:
            other.command("show privilege")
    seen = user.until(r"\[OK\]\r\n\r\n[^\n]*#$", seconds=120)
    assert seen.count("[OK]") == 1
    assert "busy.rsa" in key_files(router)


def test_a_pair_is_kept_when_its_user_has_gone(router):
    left = router.log().count("CONFIG_I")
    with Session(router) as other:
        other.command("configure terminal")
        other.type("crypto key generate rsa label left modulus 2048\r",
                   r"non-exportable\.\.\.$")
    wait_for(lambda: router.log().count("CONFIG_I") > left, "his end")
    wait_for(lambda: "left.rsa" in key_files(router), "the pair", 60)


def test_no_passphrase_reaches_the_log(router):
    assert PASSPHRASE not in router.log()
    assert "cisco123" not in router.log()


def test_two_users_make_and_remove_at_once(router, user):
    user.command("crypto key generate rsa label old modulus 768", seconds=60)
    user.type("crypto key generate rsa label slow modulus 4096\r",
              r"non-exportable\.\.\.$")
    with maker_stopped(router), Session(router) as other:
        other.command("configure terminal")
        assert "% Other keys are being generated; try again later" in \
            other.command("crypto key generate rsa label slow modulus 768",
                          seconds=60)
        # What is not there yet is not among all that are removed.
        other.type("crypto key zeroize rsa\r", r"\[yes/no\]: $")
        other.type("yes\r", r"\n[^\n]*#$")
        assert key_data(other, "old") == []
    user.until(r"\[OK\]\r\n\r\n[^\n]*#$", seconds=120)
    assert len(key_data(user, "slow")) == 1
    assert key_files(router) == ["slow.rsa", "test.ed25519"]


def test_zeroize_of_all_removes_every_file(router):
    answer = attach(router, "configure terminal",
                    "crypto key generate rsa label last modulus 768",
                    "crypto key zeroize rsa", "yes", "end").stdout
    assert "% All RSA keys will be removed." in answer
    assert key_files(router) == ["test.ed25519"]
