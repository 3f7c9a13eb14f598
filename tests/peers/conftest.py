"""Routers for the peers: one that most tests share, others with more to say."""
import pytest

from router import CONFIG, KEYS, Router, free_port


def everywhere():
    port = free_port()
    return [f"127.0.0.1:{port}", f"[::1]:{port}"]


@pytest.fixture(scope="session")
def router():
    """The language's default lists (modern first, then the seed's), all keys."""
    with Router(keys=KEYS, listen=everywhere()) as shared:
        yield shared


@pytest.fixture(scope="module")
def router_of():
    """Routers with additional configuration, ended with the module."""
    started = []

    def start(extra):
        # Last in the text, so that it may end in a sub-mode.
        started.append(Router(config=CONFIG + extra, keys=KEYS))
        return started[-1].start()

    yield start
    for each in started:
        each.__exit__(None, None, None)


@pytest.fixture
def factory_router(tmp_path):
    """What a fresh state directory starts with, and keys as one makes them."""
    with Router(tmp_path, config=None, keys=("ed25519", "rsa")) as fresh:
        yield fresh
