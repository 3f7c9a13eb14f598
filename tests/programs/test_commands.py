"""The transcripts that users know, on a real router.

What the configuration guides of the time show is typed here as it is shown.
"""
import re
import socket
import subprocess

import openssh
import pytest
from console import attach
from router import CONFIG, Router, wait_for
from session import Session

ENABLED_2_0 = ("SSH Enabled - version 2.0\n"
               "Authentication timeout: {} secs; "
               "Authentication retries: {}\n")
REACHED = r"Listening on 127\.0\.0\.1:\d+\n"


@pytest.fixture
def fresh(tmp_path):
    """A router that has neither keys nor a configuration of ours."""
    with Router(tmp_path, config="line vty 0 15\n login local\n") as router:
        yield router


def is_refused(router):
    try:
        socket.create_connection(("127.0.0.1", router.port), 60).close()
    except ConnectionRefusedError:
        return True
    return False


# --- configuring a router, by host and domain name --------------------------

def test_by_host_name_and_domain_name(fresh):
    text = attach(fresh,
                  "configure terminal",
                  "crypto key generate rsa",
                  "hostname cisco7200",
                  "crypto key generate rsa",
                  "ip domain-name cisco.com",
                  "crypto key generate rsa",
                  "768",
                  "ip ssh timeout 120",
                  "ip ssh version 2",
                  "end",
                  "show ip ssh",
                  "show running-config").stdout
    assert "% Please define a hostname other than Router.\n" in text
    assert "% Please define a domain-name first.\n" in text
    assert ("The name for the keys will be: cisco7200.cisco.com\n"
            "Choose the size of the key modulus in the range of 360 to 4096 "
            "for your\n"
            "  General Purpose Keys. Choosing a key modulus greater than 512 "
            "may take\n"
            "  a few minutes.\n\n"
            "How many bits in the modulus [2048]: \n") in text
    assert "% Generating 768 bit RSA keys, keys will be non-exportable..." \
        in text
    assert re.search(re.escape(ENABLED_2_0.format(120, 3)) + REACHED, text)
    assert ("\nhostname cisco7200\n!\nno aaa new-model\n!\n"
            "ip domain name cisco.com\n!\nip ssh version 2\n!\n") in text
    fresh.wait_log(r"%SSH-5-ENABLED: SSH (1\.99|2\.0) has been enabled$")


def test_by_rsa_key_pairs_and_no_host_name(fresh):
    text = attach(fresh, "configure terminal",
                  "ip ssh rsa keypair-name sshkeys",
                  "crypto key generate rsa label others modulus 1024",
                  "do show ip ssh").stdout
    assert "Please create RSA keys to enable SSH.\n" in text
    # Another pair is there, but it is not the one that was named.
    assert "SSH Disabled - version 1.99\n%Please create RSA keys" in text
    text = attach(fresh, "configure terminal",
                  "crypto key generate rsa label sshkeys modulus 768",
                  "do show ip ssh").stdout
    assert re.search(re.escape(ENABLED_2_0.format(120, 3).replace("2.0", "1.99")) + REACHED, text)
    fresh.wait_log(r"%SSH-5-ENABLED: SSH 1\.99 has been enabled$")
    fresh.ports = fresh.wait_listening()
    attach(fresh, "configure terminal", "no ip ssh rsa keypair-name")
    assert not is_refused(fresh)


def test_a_pair_below_768_bits_serves_nothing(fresh):
    text = attach(fresh, "configure terminal",
                  "crypto key generate rsa label small modulus 512",
                  "do show ip ssh").stdout
    assert "% Generating 512 bit RSA keys" in text
    assert "SSH Disabled - version 1.99\n" in text
    fresh.wait_log(r"^\S+ +\d+ [\d:.]+:  RSA key size needs to be atleast "
                   r"768 bits for ssh version 2$")
    assert "ENABLED" not in fresh.log()


def test_show_ip_ssh_after_the_settings_of_the_guide(router):
    with Session(router, enable="cisco") as s:
        s.configure("ip ssh time-out 60", "ip ssh authentication-retries 2",
                    "ip ssh version 2")
        text = s.command("show ip ssh")
        assert re.fullmatch(re.escape(ENABLED_2_0.format(60, 2)) +
                            f"({REACHED}|Listening on \\[::1\\]:\\d+\\n)+",
                            text)
        s.configure("no ip ssh timeout", "no ip ssh authentication-retries",
                    "no ip ssh version")
        assert s.command("show ip ssh").startswith(
            ENABLED_2_0.format(120, 3).replace("2.0", "1.99"))
        s.configure("ip ssh version 2")


def test_show_ssh_names_what_was_negotiated(tmp_path):
    with Router(tmp_path, keys=("ed25519",)) as router:
        result = openssh.run(router, "show ssh", "-c", "aes128-cbc", "-m",
                             "hmac-sha1")
        assert result.returncode == 0
        assert result.stdout.decode().replace("\r", "") == (
            "Connection Version Mode Encryption  Hmac         State"
            "                 Username\n"
            "0          2.0     IN   aes128-cbc  hmac-sha1    Session started"
            "       lab\n"
            "0          2.0     OUT  aes128-cbc  hmac-sha1    Session started"
            "       lab\n"
            "%No SSHv1 server connections running.\n")
        result = openssh.run(router, "show ssh", "-c",
                             "chacha20-poly1305@openssh.com")
        assert (b"2.0     IN   chacha20-poly1305@openssh.com implicit"
                b"     Session started       lab\r\n") in result.stdout


# --- keys --------------------------------------------------------------------

def test_zeroizing_the_last_key_closes_the_listener_only(tmp_path):
    with Router(tmp_path, keys=("ed25519",)) as router, \
            Session(router, enable="cisco") as s:
        s.command("configure terminal")
        seen = s.type("crypto key zeroize ed25519\n", r"\[yes/no\]: $")
        assert "% All Ed25519 keys will be removed." in seen
        s.type("yes\n")
        router.wait_log(r"%SSH-5-DISABLED: SSH 2\.0 has been disabled$")
        wait_for(lambda: is_refused(router), "the refusal")
        # Who is here stays here.
        assert s.command("do show ip ssh").startswith(
            "SSH Disabled - version 2.0\n")
        wait_for(lambda: not list((router.state / "keys").iterdir()),
                 "the end of its file")


def test_replacing_a_pair_disables_ssh_while_it_asks(tmp_path):
    with Router(tmp_path, keys=("rsa",)) as router, \
            Session(router, enable="cisco") as s:
        s.command("configure terminal")
        s.type("crypto key generate rsa label test\n", r"\[yes/no\]: $")
        s.type("yes\n", r"modulus \[2048\]: $")
        router.wait_log(r"%SSH-5-DISABLED: SSH 2\.0 has been disabled$")
        s.type("1024\n", r"\[OK\]\r\n\r\nRouter\(config\)#$")
        router.wait_log(r"(?s)DISABLED.*%SSH-5-ENABLED: SSH 2\.0 has been")


def test_key_generation_stalls_nobody(router):
    with Session(router, enable="cisco") as one, \
            Session(router, enable="cisco") as other:
        one.command("configure terminal")
        answers = 0
        for n in range(10):  # some pairs are found at once
            one.channel.send(
                f"crypto key generate rsa label slow{n} modulus 4096\n")
            one.until(r"non-exportable\.\.\.$")
            # An answer that was held up would come together with the pair.
            answers = -1
            while not one.channel.recv_ready() and answers < 50:
                other.command("show privilege")
                answers += 1
            one.until(r"\[OK\]\r\n\r\nRouter\(config\)#$", 180)
            if answers > 2:
                break
        assert answers > 2


def test_show_crypto_key_mypubkey(router):
    with Session(router) as s:
        text = s.command("show crypto key mypubkey rsa test")
        assert re.match(r"% Key pair was generated at: \d\d:\d\d:\d\d UTC "
                        r"[A-Z][a-z]{2} \d{1,2} \d{4}\n"
                        r"Key name: test\nKey type: RSA KEYS\n"
                        r" Storage Device: private-config\n"
                        r" Usage: General Purpose Key\n"
                        r" Key is not exportable\.\n Key Data:\n"
                        r"  30820122 300D0609 2A864886 F70D0101 01050003 "
                        r"82010F00 3082010A 02820101 \n", text)
        der = bytes.fromhex("".join(text.partition("Key Data:\n")[2].split()))
        opened = subprocess.run(
            ["openssl", "pkey", "-pubin", "-inform", "DER", "-noout"],
            input=der, check=False)
        assert opened.returncode == 0
        for kind in ("ec", "ed25519", "all"):
            assert "Key Data:" in s.command(f"show crypto key mypubkey {kind}")


# --- modes and dialogues -------------------------------------------------------

def test_a_first_session_as_the_readme_has_it(tmp_path):
    router = Router(tmp_path, keys=("ed25519", "rsa"))
    with router:
        with Session(router) as s:
            assert s.greeting == "\r\n\r\nRouter>"
            s.type("enable\n", r"\r\nPassword: $")
            assert s.type("cisco\n") == "\r\nRouter#"
            assert s.type("configure terminal\n") == (
                "configure terminal\r\nEnter configuration commands, one per "
                "line.  End with CNTL/Z.\r\nRouter(config)#")
            assert s.type("hostname R1\n") == "hostname R1\r\nR1(config)#"
            assert s.type("end\n") == "end\r\nR1#"
            assert s.command("write memory") == \
                "Building configuration...\n[OK]\n"
            router.wait_log(r"%SYS-5-CONFIG_I: Configured from console by lab "
                            r"on vty\d+ \(127\.0\.0\.1\)$")
        keys = subprocess.run(["ssh-keyscan", "-T", "60", "-p", str(router.port),
                               "127.0.0.1"], capture_output=True, text=True)
        router.restart()
        again = subprocess.run(["ssh-keyscan", "-T", "60", "-p", str(router.port),
                                "127.0.0.1"], capture_output=True, text=True)

        def of(scan):
            return sorted(line.split()[-1] for line in
                          scan.stdout.splitlines() if line[0] != "#")
        assert of(keys) and of(keys) == of(again)
        with Session(router) as s:
            assert s.greeting == "\r\n\r\nR1>"


def test_banners_stand_before_the_prompt(tmp_path):
    config = CONFIG + "banner motd ^C\nAll is watched\n^C\n" \
                      "banner exec ^C\nline $(line) of $(hostname)\n^C\n"
    with Router(tmp_path, config=config, keys=("ed25519",)) as router:
        with Session(router) as s:
            assert s.greeting == ("\r\nAll is watched\r\n\r\n"
                                  "line 1 of Router\r\n\r\nRouter>")
        result = openssh.run(router, "show privilege")
        assert result.stdout == b"Current privilege level is 1\r\n"
        assert b"Authorized users only" in result.stderr


def test_two_users_configure_at_once(router):
    with Session(router, enable="cisco") as one, \
            Session(router, enable="cisco") as other:
        for s in (one, other):
            s.command("configure terminal")
        for i in range(20):
            assert one.command(f"access-list 20 permit 192.0.2.{i}") == ""
            assert other.command(f"access-list 21 deny 192.0.2.{i}") == ""
        for s in (one, other):
            s.command("end")
            text = s.command("show running-config")
            assert text.count("access-list 20 permit ") == 20
            assert text.count("access-list 21 deny ") == 20
        one.configure("no access-list 20", "no access-list 21")


def test_sixty_lines_pasted_at_once_are_all_applied(router):
    lines = [f"access-list 30 permit 198.51.100.{i}" for i in range(60)]
    with Session(router, enable="cisco") as s:
        s.channel.send("configure terminal\n" + "\n".join(lines) +
                       "\nend\nshow privilege\n")
        s.until(r"Current privilege level is 15\r\nRouter#$")
        assert s.command("show running-config").count("access-list 30 ") == 60
        s.configure("no access-list 30")


def test_a_banner_and_a_key_pasted_with_more_behind(router):
    with Session(router, enable="cisco") as s:
        s.channel.send(
            "configure terminal\nbanner exec @\nfirst\nip ssh version 2\n@\n"
            "ip ssh pubkey-chain\nusername pasted\nkey-string\n"
            "AAAAC3NzaC1lZDI1NTE5AAAAILbnyOBWU7UiJh8D4SHxMZQjCb2Z\n"
            "Jo2w4M8qweJylbLJ somebody\nexit\nend\nshow privilege\n")
        s.until(r"Current privilege level is 15\r\nRouter#$")
        text = s.command("show running-config")
        assert "banner exec ^C\nfirst\nip ssh version 2\n^C\n" in text
        assert ("  username pasted\n   key-hash ssh-ed25519 "
                "2F3B4403F2689968F409E8830CC84964 somebody\n  quit\n") in text
        s.configure("no banner exec", "ip ssh pubkey-chain",
                    "no username pasted")


def test_a_new_users_secret_works_at_once_and_is_never_shown(router):
    with Session(router, enable="cisco") as s:
        s.configure("username fresh privilege 15 secret open sesame")
        text = s.command("show running-config")
        assert re.search(r"\nusername fresh privilege 15 secret 9 "
                         r"\$9\$.{14}\$.{43}\n", text)
        assert "sesame" not in text
        result = openssh.run(router, "show privilege", user="fresh",
                             password="open sesame")
        assert result.stdout == b"Current privilege level is 15\r\n"
        s.configure("no username fresh")
        result = openssh.run(router, "show privilege",
                             "NumberOfPasswordPrompts=1", user="fresh",
                             password="open sesame")
        assert result.returncode == 255


def test_reload_ends_the_router_with_status_0(tmp_path):
    with Router(tmp_path, keys=("ed25519",)) as router:
        with Session(router, enable="cisco") as s:
            s.configure("hostname R2")
            s.type("reload\n", r"\[yes/no\]: $")
            s.type("yes\n", r"\[OK\]\r\nProceed with reload\? \[confirm\]$")
            s.channel.send("\n")
            assert router.process.wait(60) == 0
        assert "\nhostname R2\n" in \
            (router.state / "startup-config").read_text()


# --- exec --------------------------------------------------------------------

def test_exec_tells_by_its_status_whether_a_line_failed(router):
    def run(text):
        result = openssh.run(router, text)
        return result.returncode, result.stdout.decode().replace("\r", "")

    assert run("show privilege") == (0, "Current privilege level is 1\n")
    assert run("show privilege\nshow privilege\n") == \
        (0, 2 * "Current privilege level is 1\n")
    status, text = run("nonsense\nshow privilege")
    assert status == 1
    assert text == ("^\n% Invalid input detected at '^' marker.\n\n"
                    "Current privilege level is 1\n")
    assert run("show" + 251 * " ") == (1, "% Invalid input\n")
    assert run("show\tprivilege") == (0, "Current privilege level is 1\n")


def test_exec_reads_answers_from_its_input(router):
    result = openssh.run(router, "enable\nshow privilege", stdin=b"cisco\n")
    assert result.returncode == 0
    assert result.stdout.endswith(b"Current privilege level is 15\r\n")
    result = openssh.run(router, "enable\nshow privilege", stdin=b"")
    assert result.returncode == 1
    assert b"% Bad secrets" in result.stdout


def test_a_large_configuration_is_shown_whole(tmp_path):
    lines = [f"access-list {1 + i // 2000} permit 10.{i >> 8}.{i & 255}.1\n"
             for i in range(20000)]
    config = CONFIG.replace("username lab", "username lab privilege 15") + \
        "".join(lines)
    with Router(tmp_path, config=config, keys=("ed25519",)) as router:
        result = openssh.run(router, "show running-config")
        assert result.returncode == 0
        text = result.stdout.decode().replace("\r\n", "\n")
        assert "".join(lines) in text
        size = int(re.search(r"Current configuration : (\d+) bytes\n",
                             text)[1])
        body = text[text.index("bytes\n") + 6:]
        assert body.endswith("\nend\n\n") and len(body) == size + 1
        with Session(router) as s:
            assert "".join(lines) in s.command("show running-config")


def test_an_interrupt_stops_a_long_output(tmp_path):
    lines = [f"access-list {1 + i // 2000} permit 10.{i >> 8}.{i & 255}.1\n"
             for i in range(20000)]
    config = CONFIG.replace("username lab", "username lab privilege 15") + \
        "".join(lines)
    with Router(tmp_path, config=config, keys=("ed25519",)) as router, \
            Session(router, rows=24) as s:
        s.type("show running-config\n", r" --More-- $")
        s.channel.send(" ")
        s.until(r" --More-- $")
        s.type("q", r"Router#$")
        assert s.command("show privilege") == "Current privilege level is 15\n"


# --- lines -------------------------------------------------------------------

def test_exec_timeout_ends_an_idle_session(tmp_path):
    with Router(tmp_path, config=CONFIG.replace(" login local", " login "
                "local\n exec-timeout 0 2"), keys=("ed25519",)) as router:
        with Session(router) as s:
            router.wait_log(r"%SYS-6-TTY_EXPIRE_TIMER: \(exec timer expired, "
                            r"tty 1 \(127\.0\.0\.1\)\), user lab$")
            wait_for(lambda: not s.client.get_transport().is_active(),
                     "the end of the connection")


def vtys(session):
    """Those that somebody is on, in `show users`."""
    return set(re.findall(r"^[ *] +\d+ vty (\d+) +lab        idle",
                          session.command("show users"), re.M))


def test_clear_line_and_disconnect_ssh_end_another_session(router):
    with Session(router, enable="cisco") as s:
        for how in ("clear line vty", "disconnect ssh"):
            before = vtys(s)
            with Session(router) as other:
                vty = (vtys(s) - before).pop()
                how += f" {vty}"
                if how.startswith("clear"):
                    s.type(how + "\n", r"\[confirm\]$")
                    assert s.type("\n") == "\r\n [OK]\r\nRouter#"
                else:
                    assert s.command(how) == ""
                wait_for(lambda: not other.client.get_transport().is_active(),
                         "the end of the connection")
                wait_for(lambda: vty not in vtys(s), "the free line")


def test_a_closed_transport_closes_the_listener(tmp_path):
    with Router(tmp_path, keys=("ed25519",)) as router, \
            Session(router, enable="cisco") as s:
        s.configure("line vty 0 15", "transport input none")
        wait_for(lambda: is_refused(router), "the refusal")
        s.configure("line vty 0 4", "transport input ssh")
        router.ports = router.wait_listening(2)[-1:]
        assert not is_refused(router)


def test_a_question_without_an_answer_fails_an_exec_request(tmp_path):
    config = CONFIG + "username lab privilege 15\n"
    with Router(tmp_path, config=config, keys=("ed25519",)) as router:
        saved = router.state / "startup-config"
        before = saved.read_text()
        copy = "copy running-config startup-config"
        result = openssh.run(router, copy)
        assert result.returncode == 1
        assert b"% No answer was given\r\n" in result.stdout
        assert saved.read_text() == before
        result = openssh.run(router, copy, stdin=b"\n")
        assert result.returncode == 0 and b"[OK]" in result.stdout
        assert saved.read_text() != before
