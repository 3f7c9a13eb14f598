"""Netmiko as Debian has it, unchanged: its cisco_ios driver on a vty."""
import concurrent.futures
import os
import re
import socket
import warnings

import pytest
import tables
from router import CONFIG, Router
from session import Session

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    netmiko = pytest.importorskip("netmiko")

KEYS = ("ed25519", "rsa")
# Of itself it gives the version line 5 s. What it calls fast sleeps a tenth of
# its usual time, and takes a prompt that is later than that for none.
PATIENT = {"banner_timeout": 60, "auth_timeout": 60}
FAST = {"fast_cli": True, "global_delay_factor": 0.4}


@pytest.fixture
def router(tmp_path):
    with Router(tmp_path, config=CONFIG, keys=KEYS) as one:
        yield one


@pytest.fixture
def device(request, router):
    connection = netmiko.ConnectHandler(
        device_type="cisco_ios", host="127.0.0.1", port=router.port,
        username="lab", password="lab", secret="cisco", **PATIENT,
        **getattr(request, "param", FAST))
    yield connection
    connection.disconnect()


@pytest.mark.parametrize("device", ({},), indirect=True, ids=("defaults",))
def test_enable_show_configure_save(router, device):
    assert device.find_prompt() == "Router>"
    device.enable()
    assert device.find_prompt() == "Router#"
    assert device.send_command("show ip ssh") == (
        "SSH Enabled - version 2.0\n"
        "Authentication timeout: 120 secs; Authentication retries: 3\n"
        f"Listening on 127.0.0.1:{router.port}")
    seen = device.send_config_set(["hostname R9"])
    assert "\nR9(config)#" in seen and "%" not in seen
    assert device.find_prompt() == "R9#"
    device.set_base_prompt()
    assert "Building configuration...\n[OK]" in device.save_config()
    assert "\nhostname R9\n" in (router.state / "startup-config").read_text()


def test_sixty_lines_and_the_modes(device):
    device.enable()
    lines = [f"access-list 7 permit 192.0.2.{i}" for i in range(60)]
    assert "%" not in device.send_config_set(lines)
    assert not device.check_config_mode()
    text = device.send_command("show running-config")
    assert re.findall(r"^access-list .*$", text, re.M) == lines
    device.config_mode()
    assert device.check_config_mode()
    device.exit_config_mode()
    device.exit_enable_mode()
    assert not device.check_enable_mode()
    assert device.is_alive()
    # Its end of a session waits long for a # that does not come.
    device.enable()


def test_its_file_transfer_reads_dir_and_verify(router, device, tmp_path):
    """What it asks before and behind a transfer by SCP."""
    device.enable()
    mine = tmp_path / "mine"
    mine.write_bytes(b"x" * 4096)
    (router.state / "flash" / "image.bin").write_bytes(b"x" * 4096)
    transfer = netmiko.FileTransfer(device, "image.bin", str(mine),
                                    direction="get")
    assert transfer.file_system == "flash:"
    assert transfer.file_size == 4096
    assert transfer.remote_space_available() > 4096
    assert transfer.source_md5 == transfer.file_md5(str(mine))
    assert transfer.compare_md5()
    for name, there in (("image.bin", True), ("none.bin", False)):
        transfer = netmiko.FileTransfer(device, str(mine), name)
        assert transfer.check_file_exists() == there, name
        assert transfer.verify_space_available()


# Which template its send_command() takes, in the form of ntc-templates.
INDEX = """\
Template, Hostname, Platform, Command

"""
TEMPLATES = {
    "show version": tables.VERSION,
    "show ip interface brief": tables.IP_INTERFACE_BRIEF,
    "show interfaces": tables.INTERFACES,
    "show inventory": tables.INVENTORY,
    "show users": tables.USERS,
    "dir": tables.DIR,
}


@pytest.fixture
def templates(tmp_path, monkeypatch):
    folder = tmp_path / "templates"
    folder.mkdir()
    rows = ""
    for command, template in TEMPLATES.items():
        name = command.replace(" ", "_") + ".textfsm"
        (folder / name).write_text(template.lstrip("\n"))
        rows += f"{name}, .*, cisco_ios, {command}\n"
    (folder / "index").write_text(INDEX + rows)
    monkeypatch.setenv("NET_TEXTFSM", str(folder))


def test_structured_output(router, device, templates):
    """Each of the templates used most ends in an error for a line that it
    does not know."""
    device.enable()
    (router.state / "flash" / "image.bin").write_bytes(b"x" * 4096)
    rows = {command: device.send_command(command, use_textfsm=True)
            for command in TEMPLATES}
    for command, found in rows.items():
        assert isinstance(found, list) and found, (command, found)
    assert rows["show version"][0]["hostname"] == "Router"
    names = {name for _, name in socket.if_nameindex()}
    assert {row["interface"] for row in rows["show interfaces"]} == names
    brief = {row["interface"]: row for row in rows["show ip interface brief"]}
    assert set(brief) == names
    assert brief["lo"]["address"] == "127.0.0.1"
    assert brief["lo"]["status"] == brief["lo"]["protocol"] == "up"
    assert rows["show inventory"][0]["name"] == "Chassis"
    [mine] = [row for row in rows["show users"] if row["mine"]]
    assert (mine["user"], mine["location"]) == ("lab", "127.0.0.1")
    [file] = rows["dir"]
    assert (file["file_system"], file["name"], file["size"]) == \
        ("flash:/", "image.bin", "4096")


@pytest.fixture
def admin(tmp_path):
    """A device of an administrator, who has level 15 and may send files."""
    config = CONFIG.replace("username lab secret",
                            "username lab privilege 15 secret") \
        + "ip scp server enable\n"
    with Router(tmp_path, config=config, keys=KEYS) as router:
        connection = netmiko.ConnectHandler(
            device_type="cisco_ios", host="127.0.0.1", port=router.port,
            username="lab", password="lab", **PATIENT, **FAST)
        yield router, connection
        connection.disconnect()


def test_its_file_transfer_with_its_checks(admin, tmp_path):
    """There, compared by MD5, and back; a second time it is there already."""
    router, device = admin
    mine, back = tmp_path / "mine", tmp_path / "back"
    mine.write_bytes(bytes(range(256)) * 1000)
    put = dict(source_file=str(mine), dest_file="image.bin",
               file_system="flash:", direction="put", overwrite_file=True)
    assert netmiko.file_transfer(device, **put) == {
        "file_exists": True, "file_transferred": True, "file_verified": True}
    assert (router.state / "flash" / "image.bin").read_bytes() \
        == mine.read_bytes()
    assert netmiko.file_transfer(device, **put) == {
        "file_exists": True, "file_transferred": False, "file_verified": True}
    assert netmiko.file_transfer(
        device, source_file="image.bin", dest_file=str(back),
        file_system="flash:", direction="get") == {
        "file_exists": True, "file_transferred": True, "file_verified": True}
    assert back.read_bytes() == mine.read_bytes()


def test_a_configuration_is_merged_as_napalm_does_it(admin, tmp_path):
    """load_merge_candidate() and commit_config(), by Netmiko's calls."""
    router, device = admin
    candidate = tmp_path / "candidate"
    candidate.write_text("access-list 44 permit 192.0.2.44\n")
    device.send_config_set(["file prompt quiet"])
    assert device.send_command(
        "show running-config | inc ip scp server enable") \
        == "ip scp server enable"
    with netmiko.FileTransfer(device, source_file=str(candidate),
                              dest_file="merge_config.txt",
                              file_system="flash:", direction="put") as scp:
        assert not scp.check_file_exists()
        assert scp.verify_space_available()
        scp.transfer_file()
        assert scp.verify_file()
    seen = device.send_command(
        "copy flash:/merge_config.txt running-config")
    assert "33 bytes copied" in seen
    assert "access-list 44 permit 192.0.2.44" \
        in device.send_command("show running-config")
    device.send_command("delete /force flash:/merge_config.txt")
    assert os.listdir(router.state / "flash") == [".new"]


def test_whoever_has_not_level_15_is_told_by_scp(router, device, tmp_path):
    mine = tmp_path / "mine"
    mine.write_bytes(b"x")
    device.enable()
    for line, told in (("no ip scp server enable",
                        "Administratively disabled."),
                       ("ip scp server enable", "Privilege denied.")):
        device.send_config_set([line])
        with netmiko.FileTransfer(device, source_file=str(mine),
                                  dest_file="x", file_system="flash:",
                                  direction="put") as scp:
            with pytest.raises(Exception, match=told):
                scp.put_file()


def test_names_and_banners_change_in_the_middle_of_a_set(device):
    device.enable()
    seen = device.send_config_set(
        ["hostname R8", "banner motd ^C", "One line,", "  another.", "^C",
         "hostname Router"])
    assert "R8(config)#" in seen and "Router(config)#" in seen
    assert "%" not in seen
    text = device.send_command("show running-config")
    assert "\nbanner motd ^C\nOne line,\n  another.\n^C\n" in text


@pytest.mark.parametrize("ios", (False, True))
def test_what_it_detects(router, device, ios):
    """By the beginning of `show version`, where that is configured."""
    device.enable()
    device.send_config_set(
        [("" if ios else "no ") + "service show-version ios"])
    text = device.send_command("show version")
    assert text.startswith("Cisco IOS Software, vtyd Software (VTYD-" if ios
                           else "vtyd Software (VTYD-")
    if ios:
        detector = netmiko.SSHDetect(
            device_type="autodetect", host="127.0.0.1", port=router.port,
            username="lab", password="lab", **PATIENT)
        assert detector.autodetect() == "cisco_ios"


def test_a_wrong_secret_is_an_error(device):
    device.secret = "wrong"
    with pytest.raises(ValueError):
        device.enable()
    # Two more tries are asked for.
    for _ in range(2):
        device.write_channel("wrong\n")
    assert "% Bad secrets" in device.read_until_pattern("secrets")
    assert device.find_prompt() == "Router>"
    # Its end of a session waits long for a # that does not come.
    device.secret = "cisco"
    device.enable()


@pytest.mark.heavy
def test_twenty_threads_at_once(tmp_path):
    more = "line vty 16 31\n login local\n transport input ssh\n"

    def work(number):
        with netmiko.ConnectHandler(
                device_type="cisco_ios", host="127.0.0.1", port=router.port,
                username="lab", password="lab", secret="cisco",
                fast_cli=True, timeout=120, auth_timeout=60,
                banner_timeout=60) as one:
            one.enable()
            one.send_config_set(
                [f"access-list 7 permit 192.0.2.{number}"],
                delay_factor=10)
            return one.send_command("show privilege", delay_factor=10)

    with Router(tmp_path, config=CONFIG + more, keys=KEYS) as router:
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(work, range(20)))
        assert answers == ["Current privilege level is 15"] * 20
        with Session(router, enable="cisco") as session:
            text = session.command("show running-config")
    assert sorted(re.findall(r"^access-list 7 permit 192.0.2.(\d+)$", text,
                             re.M), key=int) == [str(i) for i in range(20)]
