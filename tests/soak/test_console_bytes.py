"""A hundred megabytes each way between a user and a console, by reverse SSH."""
from reverse_ssh import Device, User, exchange, wait_until_free
from router import CONFIG, Router


def test_a_hundred_megabytes_each_way(tmp_path):
    device = Device()
    config = CONFIG.replace(
        "line vty 0 15", f"line 1\n device {device.path}\n login local\n"
        " access-user lab\n transport input ssh\nbanner incoming #begin#\n"
        "line vty 0 15")
    with Router(tmp_path, config=config, keys=("ed25519",)) as router:
        wait_until_free(router)
        user = User(router, "lab:1")
        user.wait_for(b"begin\r\n")
        exchange(user, device, 100 << 20)
        user.leave()
    device.close()
