"""docs/hardening.md names tests that exist, for every entry it has."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "hardening.md").read_text()
ENTRIES = {2: 19, 3: 18, 4: 20, 5: 15, 6: 4, 7: 12, 8: 5, 9: 8, 10: 13, 11: 6,
           12: 8}
ABSENT = set()


def tests():
    names = set()
    for path in (ROOT / "tests").rglob("*.[cp]*"):
        if path.suffix in (".c", ".py") and "node_modules" not in path.parts:
            names |= set(re.findall(r"^(?:def )?(test_\w+)\(",
                                    path.read_text(), re.M))
    return names


TESTS = tests()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(test_\w+\*?)`",
                                                       PAGE))))
def test_a_named_test_exists(name):
    if name.endswith("*"):
        assert any(test.startswith(name[:-1]) for test in TESTS)
    else:
        assert name in TESTS


def test_every_entry_has_its_row():
    rows = {}
    for line in PAGE.splitlines():
        found = re.match(r"\| (\d+\.\d+) \|", line)
        if found:
            rows[found.group(1)] = line.rpartition("|")[0].rpartition("|")[2]
    wanted = {f"{section}.{number}" for section, count in ENTRIES.items()
              for number in range(1, count + 1)} - ABSENT
    assert set(rows) == wanted
    assert all(shown.strip() for shown in rows.values())


def test_every_test_of_an_entry_names_an_entry_there_is():
    wanted = {f"{section}_{number}" for section, count in ENTRIES.items()
              for number in range(1, count + 1)}
    for name in TESTS:
        found = re.match(r"test_hardening_(\d+_\d+)_", name)
        assert found is None or found.group(1) in wanted, name
