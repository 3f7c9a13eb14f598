"""The long form of the kills of the whole router during uploads: 200 for each
protocol and side, at least 50 of them inside."""
from test_router_kills import (  # noqa: F401
    place, test_kills_of_the_router_during_an_upload,
    test_kills_of_the_router_during_its_copy)
