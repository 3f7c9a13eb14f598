"""The long form of the kills during transfers: 200 each way and for each side,
at least 50 of them inside."""
from test_scp_kills import (  # noqa: F401
    test_kills_at_instants_leave_nothing)
