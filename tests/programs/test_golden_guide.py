"""The rest of what "Secure Shell Version 2 Support" shows, byte for byte.

The procedures by host name and by key pairs, and both show commands without a
key, are in test_golden.py; the client's are in test_golden_client.py, those of
version 1 in tests/peers/test_version_1.py, what `debug ip ssh` shows in
test_debug_seed.py, the trap and `debug snmp packet` in test_snmp.py.
"""
import pytest
from golden import play
from processes import workers, zombies
from router import CONFIG, Router, wait_for
from test_golden import ENTER, vty

ADMIN = CONFIG.replace("username lab", "username lab privilege 15")


@pytest.fixture(scope="module")
def router():
    with Router(config=ADMIN, keys=("rsa",)) as one:
        yield one


def test_version_2_connection_with_no_version_1(router):
    """The guide's connection is number 1: somebody held number 0 before."""
    with vty(router) as first:
        first.expect("Router#$")
        with vty(router, "-c", "aes128-cbc", "-m", "hmac-md5") as user:
            user.expect("Router#$")
            first.type("exit\r")
            first.process.wait(60)
            # Its connection is shown until its worker has gone.
            wait_for(lambda: len(workers(router)) == 1 and
                     not zombies(router), "the end of the first one")
            play(user, """{show ssh}
Connection Version Mode Encryption  Hmac         State                 Username
1          2.0     IN   aes128-cbc  hmac-md5     Session started       lab
1          2.0     OUT  aes128-cbc  hmac-md5     Session started       lab
%No SSHv1 server connections running.
Router#{show ip ssh}
SSH Enabled - version 2.0
Authentication timeout: 120 secs; Authentication retries: 3
Listening on 127.0.0.1:<port>
Router#""")


def test_the_configuration_examples(router):
    with vty(router) as user:
        user.expect("Router#$")
        play(user, "{configure terminal}\n" + ENTER + """\
Router(config)#{ip ssh version 1}
Router(config)#{end}
Router#{configure terminal}
""" + ENTER + """\
Router(config)#{ip ssh version 2}
Router(config)#{end}
Router#{configure terminal}
""" + ENTER + """\
Router(config)#{no ip ssh version}
Router(config)#{end}
Router#{configure terminal}
""" + ENTER + """\
Router(config)#{no ip ssh version 2}
Router(config)#{ip ssh rsa keypair-name sshkeys}
Please create RSA keys to enable SSH.
Router(config)#{no ip ssh rsa keypair-name sshkeys}
Router(config)#{ip ssh timeout 120}
Router(config)#{ip ssh authentication-retries 3}
Router(config)#{end}
Router#{show running-config | include ip ssh}
Router#""")
