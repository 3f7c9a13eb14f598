"""The long form of logins that are broken off while a TACACS+ server is asked:
10,000 in each phase."""
from test_hardening_11_tacacs import (  # noqa: F401
    test_hardening_11_4_aborted_logins_leave_nothing)
