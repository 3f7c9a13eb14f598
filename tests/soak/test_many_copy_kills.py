"""The long form of the ends of copies from and to other hosts: 200, at least 50
of them inside the transfer."""
from test_copy_kills import (  # noqa: F401
    plain, there, test_an_end_at_any_instant_leaves_nothing_behind)
