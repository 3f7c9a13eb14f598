"""Netmiko as Debian has it, unchanged: its cisco_ios driver on a vty."""
import re
import warnings

import pytest
from router import CONFIG, Router

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    netmiko = pytest.importorskip("netmiko")

KEYS = ("ed25519", "rsa")


@pytest.fixture
def router(tmp_path):
    with Router(tmp_path, config=CONFIG, keys=KEYS) as one:
        yield one


@pytest.fixture
def device(request, router):
    """`fast_cli`, an option of Netmiko, sleeps a tenth of the time."""
    connection = netmiko.ConnectHandler(
        device_type="cisco_ios", host="127.0.0.1", port=router.port,
        username="lab", password="lab", secret="cisco",
        **getattr(request, "param", {"fast_cli": True}))
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
