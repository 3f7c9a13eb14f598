"""aaa new-model with what the router knows itself: logins, enable, console."""
import paramiko
import pytest

from console import Terminal
from router import Router
from session import Session

# Some begin where the one before has left the lists.
pytestmark = pytest.mark.xdist_group("aaa_local")

# User lab with password lab (level 15), line password cisco, enable secret
# cisco.
CONFIG = """\
hostname R1
enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0
aaa new-model
username lab privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
ip ssh version 2
ip ssh authentication-retries 1
ip scp server enable
ip sftp server enable
line con 0
line vty 0 15
 password cisco
 transport input ssh
"""


@pytest.fixture(scope="module")
def router():
    with Router(config=CONFIG, keys=("ed25519",)) as router:
        yield router


def configure(router, *lines):
    """Whatever the lists say, an open session goes on."""
    router.admin.configure(*lines)


@pytest.fixture(autouse=True, scope="module")
def admin(router):
    with Session(router) as session:
        session.type("enable\n", "Password: $")
        session.type("cisco\n", "#$")
        router.admin = session
        yield session


def comes_in(router, user, password):
    try:
        with Session(router, user=user, password=password):
            return True
    except paramiko.AuthenticationException:
        return False


def test_without_a_list_local_users_come_in_at_level_1(router):
    with Session(router, user="LAB") as session:
        assert session.command("show privilege") == \
            "Current privilege level is 1\n"
    assert not comes_in(router, "lab", "cisco")
    assert not comes_in(router, "nobody", "lab")


@pytest.mark.parametrize("methods, good, bad", [
    ("local-case", ("lab", "lab"), ("LAB", "lab")),
    ("line", ("anybody", "cisco"), ("lab", "lab")),
    ("enable local", ("anybody", "cisco"), ("lab", "lab")),
    ("group nowhere local", ("lab", "lab"), ("nobody", "lab")),
    ("none", ("anybody", "x"), ("lab\x01", "x")),
])
def test_the_default_list_decides(router, methods, good, bad):
    configure(router, f"aaa authentication login default {methods}")
    assert comes_in(router, *good)
    assert not comes_in(router, *bad)
    configure(router, "no aaa authentication login default")


def test_a_line_has_a_list_of_its_own(router):
    configure(router, "aaa authentication login LINE line",
              "line vty 0 15", "login authentication LINE")
    assert comes_in(router, "anybody", "cisco")
    assert not comes_in(router, "lab", "lab")
    # Never defined: as the default list, and without that one local users.
    configure(router, "line vty 0 15", "login authentication OTHER")
    assert comes_in(router, "lab", "lab")
    configure(router, "line vty 0 15", "no login authentication",
              "no aaa authentication login LINE")


def test_the_question_is_the_configured_one(router):
    configure(router, 'aaa authentication password-prompt "Word: "')
    transport = paramiko.Transport(("127.0.0.1", router.port))
    transport.start_client()
    asked = []

    def answer(title, instructions, prompts):
        asked.extend(prompts)
        return ["lab"]
    try:
        transport.auth_interactive("lab", answer)
        assert asked == [("Word: ", False)]
        assert transport.is_authenticated()
    finally:
        transport.close()
    configure(router, "no aaa authentication password-prompt")


def test_banner_and_fail_message_of_logins(router):
    """The one with the first question, the other with each wrong answer."""
    configure(router, "aaa authentication banner %Authorized users only.%",
              "ip ssh authentication-retries 3")
    router.admin.command("configure terminal")
    assert "End with the character '%'." in router.admin.type(
        "aaa authentication fail-message %Failed login.\n", r"'\.\r\n$")
    router.admin.type("Try again.%\n", r"#$")
    router.admin.command("end")
    transport = paramiko.Transport(("127.0.0.1", router.port))
    transport.start_client()
    instructed, given = [], ["no", "lab"]

    def answer(title, instructions, prompts):
        instructed.append(instructions)
        return [given.pop(0)]
    try:
        with pytest.raises(paramiko.AuthenticationException):
            transport.auth_interactive("lab", answer)
        assert transport.get_banner() == b"Failed login.\r\nTry again.\r\n"
        transport.auth_interactive("lab", answer)
        assert transport.is_authenticated()
        assert instructed == ["Authorized users only.\n", ""]
    finally:
        transport.close()
    text = router.admin.command("show running-config | begin ^aaa")
    assert text.replace("!\n", "").startswith(
        "aaa new-model\n"
        "aaa authentication banner ^C\nAuthorized users only.\n^C\n"
        "aaa authentication fail-message ^C\nFailed login.\nTry again.\n^C\n"
        "aaa session-id common\n")
    # A password that is given at once is asked with no banner.
    transport = paramiko.Transport(("127.0.0.1", router.port))
    transport.start_client()
    try:
        transport.auth_password("lab", "lab")
        assert transport.get_banner() is None
    finally:
        transport.close()
    configure(router, "no aaa authentication banner",
              "no aaa authentication fail-message",
              "ip ssh authentication-retries 1")


def test_enable_goes_by_its_list(router):
    with Session(router) as session:
        session.type("enable\n", "Password: $")
        assert session.type("no\n", ">$") == \
            "\r\n% Access denied\r\n\r\nR1>"
        configure(router, "aaa authentication enable default line")
        session.type("enable\n", "Password: $")
        session.type("cisco\n", "#$")
    configure(router, "no aaa authentication enable default")


def test_the_watch_over_logins_goes_on(router):
    configure(router, "login on-failure log", "login on-success log")
    assert not comes_in(router, "mallory", "x")
    assert comes_in(router, "lab", "lab")
    router.wait_log(r"%SEC_LOGIN-4-LOGIN_FAILED: Login failed \[user: mallory\]")
    router.wait_log(r"%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success \[user: lab\]")
    assert "mallory" in router.admin.command("show login failures")


def test_the_configuration_says_so(router):
    text = router.admin.command("show running-config | section aaa")
    assert text == "aaa new-model\naaa session-id common\n"


def test_authorization_gives_the_users_own_level(router):
    configure(router, "aaa authorization exec default local")
    with Session(router) as session:
        assert session.command("show privilege") == \
            "Current privilege level is 15\n"
    configure(router, "aaa authentication login default local none",
              "username ops secret x", "username ops autocommand show privilege")
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect("127.0.0.1", router.port, "ops", "x",
                       look_for_keys=False, allow_agent=False)
        _, output, _ = client.exec_command("show version")
        assert output.read() == b"Current privilege level is 1\r\n"


def test_who_is_not_authorized_gets_no_exec(router):
    configure(router, "aaa authentication login default none",
              "aaa authorization exec default local")
    for ask in ("shell", "exec", "sftp"):
        with paramiko.SSHClient() as client:
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
            client.connect("127.0.0.1", router.port, "anybody", "x",
                           look_for_keys=False, allow_agent=False)
            channel = client.get_transport().open_session()
            channel.settimeout(60)
            if ask == "sftp":
                with pytest.raises(paramiko.SSHException):
                    channel.invoke_subsystem("sftp")
                continue
            if ask == "shell":
                channel.get_pty()
                channel.invoke_shell()
            else:
                channel.exec_command("show version")
            seen = b""
            while part := channel.recv(4096):
                seen += part
            assert seen == b"% Authorization failed.\r\n"
            assert channel.recv_exit_status() == 1
    configure(router, "no aaa authentication login default",
              "no aaa authorization exec default")


def test_commands_are_authorized_however_they_are_typed(router):
    configure(router, "aaa authorization commands 1 LIST none",
              "aaa authorization commands 15 LIST if-authenticated",
              "aaa authentication login default none",
              "line vty 0 15", "authorization commands 1 LIST",
              "authorization commands 15 LIST", "privilege level 15")
    refused = "Command authorization failed.\n\n"
    with Session(router, user="anybody", password="x") as session:
        assert session.command("show privilege") == \
            "Current privilege level is 15\n"
        for line in ("show running-config", "sh run", "SHOW  RUNN | i aaa",
                     "write terminal", "conf t", "copy running-config flash:x",
                     "reload"):
            assert session.command(line) == refused
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect("127.0.0.1", router.port, "anybody", "x",
                       look_for_keys=False, allow_agent=False)
        _, output, _ = client.exec_command("sh run\nshow privilege")
        assert output.read() == (
            b"Command authorization failed.\r\n\r\n"
            b"Current privilege level is 15\r\n")
        assert output.channel.recv_exit_status() == 1
        channel = client.get_transport().open_session()
        channel.settimeout(60)
        channel.exec_command("scp -f running-config")
        # The request is obeyed, and says no in the words of its protocol.
        assert b"Command authorization failed." in \
            b"".join(iter(lambda: channel.recv(4096), b""))
        channel = client.get_transport().open_session()
        with pytest.raises(paramiko.SSHException):
            channel.invoke_subsystem("sftp")
        configure(router, "line vty 0 15", "no authorization commands 15")
        with client.open_sftp() as files:
            assert "running-config" not in files.listdir("/")
    configure(router, "no aaa authentication login default",
              "line vty 0 15", "no authorization commands 1",
              "no authorization commands 15", "no privilege level")


def test_the_console_logs_in_by_the_list(tmp_path):
    config = CONFIG + "aaa authentication login default local\n" \
        "aaa authentication attempts login 2\n"
    router = Router(tmp_path, config=config)
    with Terminal(str(router.program), "--state", str(router.state),
                  "--console", "--listen", "127.0.0.1:0") as terminal:
        for question, answer in (("Username: ", "lab"), ("Password: ", "no")):
            terminal.expect(question + "$")
            terminal.type(answer + "\n")
        terminal.expect("% Authentication failed\r\n\r\nUsername: $")
        terminal.type("lab\n")
        terminal.expect("Password: $")
        terminal.type("lab\n")
        terminal.expect("R1>$")
        terminal.type("show privilege\n")
        terminal.expect("Current privilege level is 1\r\n")


def test_the_consoles_banner_and_fail_message(tmp_path):
    config = CONFIG + "aaa authentication login default local\n" \
        "aaa authentication banner #Unauthorized use is prohibited.#\n" \
        "aaa authentication fail-message #Failed login. Try again.#\n" \
        'aaa authentication username-prompt "Who: "\n' \
        'aaa authentication password-prompt "Word: "\n'
    router = Router(tmp_path, config=config)
    with Terminal(str(router.program), "--state", str(router.state),
                  "--console", "--listen", "127.0.0.1:0") as terminal:
        seen = terminal.expect("Who: $")
        assert "User Access Verification" not in seen
        assert seen.endswith("\r\nUnauthorized use is prohibited.\r\nWho: ")
        terminal.type("lab\n")
        terminal.expect("Word: $")
        terminal.type("no\n")
        seen = terminal.expect("Who: $")
        assert seen == "\r\nFailed login. Try again.\r\nWho: "
