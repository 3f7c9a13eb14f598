"""Routers for the tests of programs/, peers/ and soak/."""
import pathlib
import sys

import pytest

for _folder in ("programs", "peers"):
    sys.path.insert(0, str(pathlib.Path(__file__).with_name(_folder)))

import router as routers  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def made_keys():
    yield
    routers.forget_keys()


@pytest.fixture(scope="module")
def router_of():
    """A router with the usual user, keys and lines, and this text behind."""
    running = []

    def start(text="", **options):
        options.setdefault("keys", routers.KEYS)
        port = routers.free_port()
        options.setdefault("listen", (f"127.0.0.1:{port}", f"[::1]:{port}"))
        one = routers.Router(config=routers.CONFIG + text, **options)
        running.append(one)
        return one.__enter__()

    yield start
    for one in running:
        one.__exit__(None, None, None)


@pytest.fixture(scope="module")
def router(router_of):
    return router_of()


@pytest.fixture(scope="module")
def factory_router():
    """One that was never configured, but has a pair of each type."""
    with routers.Router(config=None, keys=routers.KEYS) as one:
        yield one
