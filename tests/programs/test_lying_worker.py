"""Workers that lie, beside honest ones, in every state of a session.

test_lies.py has single lies with a router of their own. Here one router lives
through all of them: liar.c gives connections from 127.0.66.0/24, and the
console, to workers that say what this file says. Whatever they say, they gain
no prompt, no output and no signature that was not due, and users of honest
workers notice nothing.
"""
import re
import signal
import time

import pytest

from lying import (ACCEPT, ASK, Honest, KEY_OK, Liar, LiarsRouter,
                   METHOD_INTERACTIVE, METHOD_KEY, METHOD_PASSWORD,
                   METHOD_QUERY, REJECT, console_liar, disconnect)
from messages import HEADER, MESSAGES, encode
from processes import CRASH, SANITIZED, descriptors, rss_kib
from router import CONFIG, wait_for
from together import at_once
from user_keys import USERS_KEYS, chain
from wire import Wire, string


def sent_by_workers():
    """The names below that heading of the list of messages."""
    part = HEADER.read_text().split("/* worker to control */")[1]
    return re.findall(r"M\((\w+),", part.split("/* control to signer")[0])


BY_WORKERS = sent_by_workers()
EXTRA = ("ip ssh maxstartups 200\nusername keyed\n"
         "line vty 0 199\n login local\n transport input ssh\n")


@pytest.fixture(scope="module")
def liars_router(tmp_path_factory):
    """One for all the lies of this file that need no log of their own."""
    config = CONFIG + EXTRA + chain("keyed", USERS_KEYS)
    with LiarsRouter(tmp_path_factory.mktemp("liars"), config) as router:
        yield router


@pytest.fixture
def fresh_router(tmp_path):
    """One whose log has had no line left out, and somebody honest on it."""
    with LiarsRouter(tmp_path, CONFIG + EXTRA) as router:
        user = Honest(router)
        yield router
        user.check()
        user.wire.close()


@pytest.fixture(scope="module")
def resident(liars_router):
    """Who stays through all of these tests."""
    user = Honest(liars_router)
    yield user
    user.wire.close()


@pytest.fixture
def honest(resident):
    """The same, for a test after which all must be well with him."""
    yield resident
    resident.check()


# --- every message in every state -------------------------------------------

def starting(liar):
    liar.until("SETUP")


def keys(liar):
    liar.exchange()


def judged(liar):
    liar.exchange()
    liar.say("AUTH_TRY", method=METHOD_PASSWORD, user="lab", password="no")


def asked(liar):
    liar.exchange()
    liar.say("AUTH_TRY", method=METHOD_INTERACTIVE, user="lab")
    assert liar.until("AUTH_RESULT")["verdict"] == ASK


def user(liar):
    liar.login()


def prompt(liar):
    liar.shell()


ENTER = 1  # enum line_end


def question(liar):
    liar.shell()
    liar.say("LINE", channel=0, text="enable", end=ENTER)
    liar.until("ASK")


def exec_over(liar):
    liar.login()
    liar.say("EXEC", channel=0, command="show privilege")
    liar.until("EXIT")


def files(liar):
    """A channel for files, though its user may do nothing with them."""
    liar.login()
    liar.say("EXEC", channel=0, command="scp -t flash:x")
    liar.until("SERVE_SCP")


def told_to_go(liar):
    """Every try was wrong: DISCONNECT came."""
    liar.exchange()
    for _ in range(3):
        liar.say("AUTH_TRY", method=METHOD_PASSWORD, user="lab",
                 password="no")
        name, _ = liar.hear()
        while name not in ("AUTH_RESULT", "DISCONNECT"):
            name, _ = liar.hear()
    assert name == "DISCONNECT"


NEWS = {"REPORT", "ENDED"}
# What may cross on the way, by messages.h: without effect. A DETACHED does so
# where there is no shell any more; to one that is not attached it is a lie.
LATE = {"INTERRUPT", "WINDOW", "ACTIVITY", "IDLE", "STREAM_BREAK",
        "CHANNEL_END"}
ASKED_BY_NAME = {"FILE_STAT", "FILE_LIST", "FILE_MAKE_DIRECTORY", "FILE_SET",
                 "FILE_REMOVE", "FILE_REMOVE_DIRECTORY", "FILE_RENAME",
                 "FILE_SPACE"}
AT_PROMPT = {"LINE", "LINE_HELP", "LINE_COMPLETE", "INPUT_END"}

# State: how to come there, what it is no lie to say there (on channel 0),
# and what may come back for it.
STATES = {
    "starting": (starting, NEWS | {"SIGN"}, {"SIGN_REPLY"}),
    "keys": (keys, NEWS | {"SIGN", "AUTH_TRY"},
             {"SIGN_REPLY", "AUTH_RESULT"}),
    "judged": (judged, NEWS | {"SIGN"}, {"SIGN_REPLY", "AUTH_RESULT"}),
    "asked": (asked, NEWS | {"SIGN", "AUTH_TRY", "AUTH_ANSWER"},
              {"SIGN_REPLY", "AUTH_RESULT"}),
    "user": (user, NEWS | LATE | {"SIGN", "SHELL", "EXEC", "SUBSYSTEM", "SHOWN",
                                  "DETACHED"}, None),
    "prompt": (prompt, NEWS | LATE | AT_PROMPT | {"SIGN"}, None),
    "question": (question, NEWS | LATE | {"SIGN", "ANSWER"}, None),
    "exec over": (exec_over, NEWS | LATE | {"SIGN", "ANSWER"}, None),
    "files": (files, NEWS | LATE | ASKED_BY_NAME | {"SIGN", "DETACHED",
                                                    "SHOWN"}, None),
    "told to go": (told_to_go, set(BY_WORKERS), set()),
}
# What only somebody who is logged in is told.
OF_A_USER = {"REQUEST_REPLY", "TERMINAL", "OUTPUT", "OUTPUT_FILE", "ASK",
             "PROMPT", "HELP", "COMPLETED", "ATTACH", "DETACH", "EXIT", "LOG",
             "FILE_RESULT"}


def tell_one(router, state, name):
    """Say one message in that state, with fields 0 and empty; what came of
    it."""
    prepare, allowed, answers = STATES[state]
    fields = {"end": ENTER} if name == "LINE" else {}
    with Liar.at(router) as liar:
        prepare(liar)
        liar.say(name, **fields)
        news, killed = liar.rest(1.5 if name in allowed else 60)
        names = {found for found, _ in news}
        assert killed == (name not in allowed), f"killed: {killed}, {names}"
        for found, fields in news:
            if found == "SIGN_REPLY":
                assert fields == {"hash": b"", "signature": b""}
            if found == "AUTH_RESULT":
                assert fields["verdict"] != ACCEPT
        if answers is not None:
            assert names <= answers | {"DISCONNECT"}, names
        elif killed and state != "exec over":
            assert not names & OF_A_USER, names


@pytest.mark.parametrize("state", STATES)
def test_each_message_in_each_state(liars_router, honest, state):
    at_once({name: lambda name=name: tell_one(liars_router, state, name)
             for name in MESSAGES}, 60)


@pytest.mark.parametrize("state", ["starting", "keys", "prompt"])
def test_malformed_messages_in_each_state(liars_router, honest, state):
    """Cut, followed by a byte, with a flag that is 2, of no type."""
    def killed_by(data):
        with Liar.at(liars_router) as liar:
            STATES[state][0](liar)
            liar.raw(data)
            news, killed = liar.rest(60)
            assert killed and not {name for name, _ in news} & OF_A_USER

    broken = {"nothing known": b"\xff", "none": b"\0", "too long":
              encode("REPORT", line=b"x" * 65531)}
    for name in BY_WORKERS:
        whole = encode(name)
        broken[name, "cut"] = whole[:-1]
        broken[name, "more"] = whole + b"\0"
        if not {kind for kind, _ in MESSAGES[name][1]} <= {"u8", "u32", "u64"}:
            broken[name, "lengths that lie"] = whole[:1] + b"\xff" * (
                len(whole) - 1)
    at_once({what: lambda data=data: killed_by(data)
             for what, data in broken.items()}, 60)


# --- signatures ---------------------------------------------------------------

def refuses(liar, **changes):
    reply = liar.sign(**changes)
    assert reply == {"hash": b"", "signature": b""}


def test_what_is_no_exchange_is_not_signed(liars_router, honest):
    idents = string("SSH-2.0-a") + string("SSH-2.0-b")
    kexinit = string(b"\x14" * 62)
    foreign = {
        "nothing": b"", "text": b"I owe you", "no idents": kexinit * 2,
        "three parts": idents + kexinit, "five parts": idents + kexinit * 3,
        "cut": (idents + kexinit * 2)[:-1],
        "no SSH": string("GET / HTTP") * 2 + kexinit * 2,
        "a user's request": string(b"\x01" * 32) + Wire.password_request()
        + kexinit,
        "no KEXINIT": idents + string(b"\x15" * 62) * 2,
        "short KEXINIT": idents + string(b"\x14" * 61) * 2,
        "long ident": string("SSH-" + "a" * 252) * 2 + kexinit * 2,
        "ident of two lines": string("SSH-2.0-a\r\nb") * 2 + kexinit * 2,
    }
    with Liar.at(liars_router) as liar:
        for before in foreign.values():
            refuses(liar, before=before)
        for method in ("", "rsa-sha2-512", "ecdsa-sha2-nistp256", "none",
                       "ssh-ed25519\x01"):
            refuses(liar, method=method)
        for number in (0, 5, 200):  # MD5, and none at all
            refuses(liar, hash=number)
        # As much as fits a message, and the signer's has one field more.
        refuses(liar, after=b"x" * 65349)
        # What was refused is no exchange either.
        liar.say("KEYS")
        news, killed = liar.rest(60)
        assert killed and news == []


def test_a_key_that_was_not_offered(liars_router, honest):
    for index in (2, 7, 8, 1 << 31, (1 << 32) - 1):
        with Liar.at(liars_router) as liar:
            liar.say("SIGN", method="ssh-ed25519", host_key=index)
            news, killed = liar.rest(60)
            assert killed and {name for name, _ in news} <= {"SETUP"}


@pytest.mark.parametrize("at_once_too", [False, True])
def test_one_signature_for_one_exchange(liars_router, honest, at_once_too):
    for prepare in (starting, keys, user, prompt):
        with Liar.at(liars_router) as liar:
            prepare(liar)
            liar.say_sign()
            if not at_once_too:
                assert liar.until("SIGN_REPLY")["signature"]
            liar.say_sign()
            news, killed = liar.rest(60)
            assert killed
            assert sum(name == "SIGN_REPLY" for name, _ in news) <= at_once_too


def test_keys_that_belong_to_no_signature(liars_router, honest):
    with Liar.at(liars_router) as liar:
        liar.exchange()
        liar.say("KEYS")
        assert liar.rest(60)[1]


# --- proofs -------------------------------------------------------------------

def key_try(pair, session_id, **changes):
    """AUTH_TRY of the user `keyed` with a signature over that session."""
    data = string(session_id) + Wire.key_request(
        pair.algorithm, pair.blob, user="keyed", signed=True)
    values = {"method": METHOD_KEY, "user": "keyed", "key": pair.blob,
              "algorithm": pair.algorithm, "signature": pair.signature(data)}
    values.update(changes)
    return values


def test_a_signature_of_another_session(liars_router, honest):
    """Control keeps the session id from the signer's answer; a worker cannot
    bring the user's signature along from elsewhere."""
    key = USERS_KEYS[0]
    with Liar.at(liars_router) as one, Liar.at(liars_router) as two:
        one.exchange()
        two.exchange()
        proof = key_try(key, one.session_id)
        for liar, verdict in ((two, REJECT), (one, ACCEPT)):
            liar.say("AUTH_TRY", **proof)
            assert liar.until("AUTH_RESULT")["verdict"] == verdict
        # A second exchange has another hash and the same session id.
        two.exchange()
        second = two.sign()["hash"]
        two.say("AUTH_TRY", **key_try(key, second))
        assert two.until("AUTH_RESULT")["verdict"] == REJECT
        two.say("SHELL")
        assert two.rest(60)[1]


def test_proofs_that_prove_nothing(liars_router, honest):
    key = USERS_KEYS[0]
    with Liar.at(liars_router) as liar:
        liar.exchange()
        # That the key would do, as often as one asks, is no proof.
        for _ in range(3):
            liar.say("AUTH_TRY", **key_try(key, b"", method=METHOD_QUERY))
            assert liar.until("AUTH_RESULT")["verdict"] == KEY_OK
        for changes in ({"signature": b""}, {"user": "lab"}):
            liar.say("AUTH_TRY", **key_try(key, liar.session_id, **changes))
            assert liar.until("AUTH_RESULT")["verdict"] == REJECT
        liar.say("SHELL")
        assert liar.rest(60)[1]


def test_methods_that_are_none(liars_router, honest):
    with Liar.at(liars_router) as liar:
        liar.exchange()
        for method in (0, 77):
            liar.say("AUTH_TRY", method=method, user="lab", password="lab")
            assert liar.until("AUTH_RESULT")["verdict"] == REJECT


def test_an_answer_for_another_user_or_another_question(liars_router, honest):
    with Liar.at(liars_router) as liar:
        asked(liar)
        liar.say("AUTH_ANSWER", count=1, answers=string("no"))
        assert liar.until("AUTH_RESULT")["verdict"] == REJECT
        liar.say("AUTH_ANSWER", count=1, answers=string("lab"))
        news, killed = liar.rest(60)
        assert killed and news == []
    for count, answers in ((1, b""), (1, string("lab") + b"x"),
                           (1, string("lab") * 2)):
        with Liar.at(liars_router) as liar:
            asked(liar)
            liar.say("AUTH_ANSWER", count=count, answers=answers)
            news, killed = liar.rest(60)
            assert killed and news == []


# --- channels -----------------------------------------------------------------

@pytest.mark.parametrize("channel", [1, 8, 1 << 31, (1 << 32) - 1])
def test_channels_that_do_not_exist(liars_router, honest, channel):
    def one(name):
        with Liar.at(liars_router) as liar:
            liar.shell()
            liar.say(name, channel=channel)
            news, killed = liar.rest(0.7 if name in LATE else 20)
            assert killed == (name not in LATE)
            assert not {found for found, _ in news} & OF_A_USER
    at_once({name: lambda name=name: one(name) for name in
             LATE | AT_PROMPT | {"ANSWER"}})


def test_nine_channels(liars_router, honest):
    with Liar.at(liars_router) as liar:
        liar.login()
        for channel in range(8):
            liar.say("SHELL", channel=(1 << 31) + channel)
            assert liar.until("REQUEST_REPLY")["ok"]
        liar.say("SHELL", channel=77)
        assert liar.rest(60)[1]


def test_a_user_gets_no_more_than_his_privilege(liars_router, honest):
    """Whoever holds his worker has what he had."""
    with Liar.at(liars_router) as liar:
        liar.login()
        for channel, command in enumerate((
                "show running-config", "configure terminal", "reload",
                "write memory", "clear line 1", "disconnect ssh 0",
                "crypto key zeroize rsa")):
            liar.say("EXEC", channel=channel, command=command)
            liar.until("REQUEST_REPLY")
            assert liar.until("EXIT")["status"] == 1
            liar.say("CHANNEL_END", channel=channel)
        liar.say("SHELL", channel=50)
        liar.until("PROMPT")
        liar.say("LINE", channel=50, text="enable", end=ENTER)
        for _ in range(3):
            liar.until("ASK")
            liar.say("ANSWER", channel=50, given=1, text="guess")
        assert liar.until("PROMPT")["prompt"].endswith(b">")
        liar.say("ANSWER", channel=50, given=1, text="cisco")
        assert liar.rest(60)[1]


def test_who_has_said_his_last_word_must_go(liars_router, honest):
    """His line is free at once, and he is killed if he stays all the same."""
    with Liar.at(liars_router) as liar:
        liar.shell()
        liar.say("ENDED")
        liar.say("LINE", channel=0, text="show users", end=ENTER)
        news, killed = liar.rest(60)
        assert killed and not {name for name, _ in news} & OF_A_USER


def test_lines_that_no_editor_makes(liars_router, honest):
    with Liar.at(liars_router) as liar:
        liar.shell()
        for text in (b"x" * 60000, b"\x1b[2Jshow users", b"\xff" * 300,
                     b"show users\nreload", b"%n%s%n"):
            liar.say("LINE", channel=0, text=text, end=ENTER)
            while liar.hear()[0] != "PROMPT":
                pass
        for name in ("LINE_HELP", "LINE_COMPLETE"):
            liar.say(name, channel=0, text=b"sho\x1b[2J" + b"w" * 60)
        liar.say("LINE_COMPLETE", channel=0, text=b"sh", cursor=70000)
        assert liar.rest(60)[1]
    # A NUL in it, and an end that no key has.
    for text, end in ((b"show\0users", ENTER), (b"show users", 77)):
        with Liar.at(liars_router) as liar:
            liar.shell()
            liar.say("LINE", channel=0, text=text, end=end)
            assert liar.rest(60)[1]
    assert "\x1b" not in liars_router.log()


# --- floods -------------------------------------------------------------------

FLOODS = {
    "REPORT": {"line": b"\x1b[2J" + b"x" * 900, "level": 3},
    "ENDED": {"broken": 1, "text": "\x1b[2J"}, "ACTIVITY": {},
    "INTERRUPT": {}, "WINDOW": {}, "IDLE": {}, "STREAM_BREAK": {},
}


@pytest.mark.heavy
def test_floods_of_messages_without_an_answer(liars_router, honest):
    """All at once: they cost their senders' share of control and no memory;
    the log takes a few lines."""
    lines = liars_router.log().count("\n")
    size = rss_kib(liars_router.pid)
    honest.check()
    liars = []
    for number, (name, fields) in enumerate(FLOODS.items(), 1):
        liars.append(Liar.at(liars_router, number).login())
        liars[-1].often(50000, name, **fields)
    for _ in range(5):
        honest.check()
    assert rss_kib(liars_router.pid) < size + 2048
    for liar in liars:
        liar.socket.close()
    assert liars_router.log().count("\n") - lines < 100
    assert "\x1b" not in liars_router.log()


def test_a_flood_whose_answers_nobody_reads(liars_router, honest):
    size = rss_kib(liars_router.pid)
    with Liar.at(liars_router) as liar:
        liar.shell()
        liar.tell("q")
        liar.often(100000, "LINE_HELP", channel=0)
        wait_for(lambda: liar.rest(1)[1], "its end")
    # Nothing is kept of it; a sanitizer keeps what was freed for a while.
    assert SANITIZED or rss_kib(liars_router.pid) < size + 2048


def test_descriptors_are_closed_and_their_sender_killed(liars_router, honest):
    before = descriptors(liars_router.pid)
    for letter in ("d", "o"):
        for name in ("REPORT", "SHELL"):
            with Liar.at(liars_router) as liar:
                liar.until("SETUP")
                liar.tell(letter, encode(name))
                assert liar.rest(60)[1]
    wait_for(lambda: descriptors(liars_router.pid) <= before + 1,
             "the end of all descriptors")


# --- workers that do not go, or go in odd ways ----------------------------------

# Each gives the time at which it was not yet to go.

def closes_its_pipe(liar):
    liar.login()
    begin = time.monotonic()
    liar.tell("c")
    return begin


def sends_an_empty_message(liar):
    liar.login()
    begin = time.monotonic()
    liar.raw(b"")
    return begin


def is_told_to_go(liar):
    liar.login()
    begin = time.monotonic()
    disconnect(liar.router, liar.socket.getsockname()[0])
    return begin


def guesses_three_times(liar):
    """It is told to go, and not listened to."""
    begin = time.monotonic()
    told_to_go(liar)
    liar.say("AUTH_TRY", method=METHOD_PASSWORD, user="lab", password="lab")
    liar.say("SHELL")
    return begin


def test_a_worker_that_stays_is_killed_after_five_seconds(liars_router,
                                                          honest):
    def stays(number, prepare):
        with Liar.at(liars_router, number) as liar:
            liar.router = liars_router
            begin, before = prepare(liar), len(liar.seen)
            while not gone(liar):
                assert time.monotonic() - begin < 120
            assert 4 < time.monotonic() - begin
            assert {name for name, _ in liar.seen[before:]} <= {"DISCONNECT"}
    at_once({prepare.__name__: lambda values=(number, prepare): stays(*values)
             for number, prepare in enumerate((
                 closes_its_pipe, sends_an_empty_message, is_told_to_go,
                 guesses_three_times), 20)})


def gone(liar):
    """The process has closed the connection."""
    liar.socket.settimeout(0.2)
    try:
        liar.hear()
        return False
    except TimeoutError:
        return False
    except EOFError:
        return True


def test_the_end_of_a_worker_is_told_by_its_status(fresh_router):
    ends = [("x", 0, None), ("x", 3, "exit status 3"),
            ("k", CRASH, f"signal {int(CRASH)}"),
            ("k", signal.SIGSYS, "signal 31"),
            ("k", signal.SIGKILL, "signal 9")]
    for number, (letter, status, told) in enumerate(ends, 10):
        with Liar.at(fresh_router, number) as liar:
            liar.shell()
            liar.tell(letter, bytes([status]))
            assert liar.rest(60)[1]
        if told:
            fresh_router.wait_log(rf"%SYS-2-WORKER: Worker of vty \d+ "
                                  rf"\(127\.0\.66\.{number}\) ended with "
                                  rf"{told}")
    assert fresh_router.log().count("WORKER") == len(ends) - 1


# --- the log --------------------------------------------------------------------

def test_the_log_names_the_liar_and_the_lie(fresh_router):
    lies = [
        ("it sent a message that no worker sends", starting,
         lambda liar: liar.say("SETUP")),
        ("it sent a message that it may not send now", keys,
         lambda liar: liar.say("SHELL")),
        ("it sent a message that makes no sense", prompt,
         lambda liar: liar.say("ANSWER")),
        ("a message cannot be decoded", starting,
         lambda liar: liar.raw(b"\xff")),
        ("a message is too long", starting,
         lambda liar: liar.raw(b"x" * 65537)),
        ("it sent a descriptor", user,
         lambda liar: liar.tell("d", encode("REPORT"))),
    ]
    for number, (why, prepare, lie) in enumerate(lies, 10):
        with Liar.at(fresh_router, number) as liar:
            prepare(liar)
            lie(liar)
            assert liar.rest(60)[1]
        fresh_router.wait_log(
            rf"%SYS-3-WORKER: Worker of vty \d+ \(127\.0\.66\.{number}\) is "
            rf"killed: {why}$")
    # And never a second line for the same worker.
    assert fresh_router.log().count("%SYS-3-WORKER") == len(lies)
    assert "%SYS-2-WORKER" not in fresh_router.log()


# --- the console ------------------------------------------------------------------

@pytest.mark.parametrize("name", ["SIGN", "KEYS", "AUTH_TRY", "AUTH_ANSWER",
                                  "EXEC", "LINE", "LINE_HELP", "ANSWER",
                                  "INPUT_END", "SETUP", "JUDGE"])
def test_lies_of_the_console(liars_router, honest, name):
    """It logs nobody in and has no keys; the line is free again at once."""
    with console_liar(liars_router) as liar:
        liar.until("SETUP")
        liar.say(name)
        news, killed = liar.rest(60)
        assert killed and not {found for found, _ in news} - {"LOG"}
