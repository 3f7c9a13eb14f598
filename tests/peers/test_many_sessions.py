"""Many at once: logins that all begin together, sessions that all stay."""
import asyncio
import resource
import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import asyncssh

CONFIG = ("ip ssh maxstartups 1024\n"
          "line vty 0 1199\n login local\n transport input ssh\n"
          " exec-timeout 0 0\n")
# The cheapest choice for the client, who shares this machine.
OPTIONS = dict(username="lab", password="lab", known_hosts=None, config=None,
               client_keys=None, agent_path=None, login_timeout=110,
               kex_algs=["curve25519-sha256"],
               encryption_algs=["aes128-gcm@openssh.com"],
               server_host_key_algs=["ssh-ed25519"])


@pytest.fixture(scope="module")
def large_router(router_of):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    yield router_of(CONFIG)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.heavy
def test_300_concurrent_logins_are_all_served(large_router):
    async def login():
        async with asyncssh.connect("127.0.0.1", large_router.port,
                                    **OPTIONS) as conn:
            return await conn.run("show privilege")

    async def crowd():
        return await asyncio.gather(*(login() for _ in range(300)))

    results = asyncio.run(crowd())
    assert len(results) == 300
    for result in results:
        assert result.exit_status == 0
        assert "Current privilege level is 1" in result.stdout


@pytest.mark.heavy
def test_1000_sessions_are_held_and_each_still_answers(large_router):
    async def session():
        conn = await asyncssh.connect("127.0.0.1", large_router.port,
                                      **OPTIONS)
        shell = await conn.create_process(term_type="vt100")
        await shell.stdout.readuntil("Router>")
        return conn, shell

    async def crowd():
        sessions = []
        for _ in range(20):  # fifty at a time: the client is one thread
            sessions += await asyncio.gather(*(session() for _ in range(50)))
        for _, shell in sessions:
            shell.stdin.write("show privilege\n")
        texts = await asyncio.gather(*(shell.stdout.readuntil("Router>")
                                       for _, shell in sessions))
        for conn, _ in sessions:
            conn.close()
        await asyncio.gather(*(conn.wait_closed() for conn, _ in sessions))
        return texts

    texts = asyncio.run(crowd())
    assert len(texts) == 1000
    assert all("Current privilege level is 1" in text for text in texts)
