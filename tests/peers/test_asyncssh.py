"""asyncssh 2.10."""
import asyncio
import os
import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import asyncssh

LEGACY = dict(kex_algs=["diffie-hellman-group1-sha1"],
              encryption_algs=["3des-cbc"], mac_algs=["hmac-md5"])


def connect(router, legacy=False, **options):
    if legacy:
        options.update(LEGACY)
    return asyncssh.connect("127.0.0.1", router.port, username="lab",
                            password="lab", known_hosts=None, config=None,
                            client_keys=None, agent_path=None, **options)


@pytest.mark.parametrize("legacy", [False, True], ids=["default", "legacy"])
def test_exec(router, legacy):
    async def conversation():
        async with connect(router, legacy) as conn:
            good = await conn.run("show ip ssh")
            bad = await conn.run("show nonsense")
            return good, bad
    good, bad = asyncio.run(conversation())
    assert "SSH Enabled - version 2.0" in good.stdout
    assert good.exit_status == 0 and bad.exit_status == 1


@pytest.mark.parametrize("legacy", [False, True], ids=["default", "legacy"])
def test_shell(router, legacy):
    async def conversation():
        async with connect(router, legacy) as conn:
            shell = await conn.create_process(term_type="vt100")
            first = await shell.stdout.readuntil("Router>")
            shell.stdin.write("show privilege\n")
            second = await shell.stdout.readuntil("Router>")
            shell.stdin.write("exit\n")
            await shell.wait()
            return first, second, shell.exit_status
    _, text, status = asyncio.run(conversation())
    assert "Current privilege level is 1" in text
    assert status == 0


def test_concurrent_channels_on_one_connection(router):
    async def conversation():
        async with connect(router) as conn:
            return await asyncio.gather(
                *(conn.run("show ip ssh") for _ in range(6)))
    for result in asyncio.run(conversation()):
        assert "SSH Enabled" in result.stdout and result.exit_status == 0


def test_rekey_by_bytes(router_of):
    lists = "".join(f"access-list 10 permit 10.0.{n >> 8}.{n & 255}\n"
                    for n in range(1000))
    router = router_of("username lab privilege 15\n" + lists)

    async def conversation():
        async with connect(router, rekey_bytes=16384) as conn:
            return await conn.run("show running-config\n" * 20)
    result = asyncio.run(conversation())
    assert result.stdout.count("access-list 10 permit 10.0.3.231") == 20
    assert result.exit_status == 0


@pytest.mark.parametrize("who", ["client", "router"])
def test_keys_are_changed_while_files_go_both_ways(router_of, tmp_path, who):
    """It sends data up to its NEWKEYS, whoever begins the exchange."""
    router = router_of("username lab privilege 15\nip scp server enable\n"
                       "ip sftp server enable\n"
                       + ("ip ssh rekey volume 1000\n" if who == "router"
                          else ""))
    mine, back = tmp_path / "mine", tmp_path / "back"
    mine.write_bytes(os.urandom(1 << 20) * 8)

    async def conversation():
        size = 1 << (20 if who == "client" else 40)
        async with connect(router, rekey_bytes=size) as conn:
            await asyncssh.scp(str(mine), (conn, "flash:file"))
            await asyncssh.scp((conn, "flash:file"), str(back))
            assert back.read_bytes() == mine.read_bytes()
            async with conn.start_sftp_client() as files:
                await files.put(str(mine), "again")
                await files.get("again", str(back))
    asyncio.run(conversation())
    assert back.read_bytes() == mine.read_bytes()
