"""vtyd check FILE: the configuration as the router understands it, or where it
does not."""
import subprocess

from router import CONFIG, VTYD


def check(path):
    return subprocess.run([str(VTYD), "check", str(path)],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)


def test_a_good_file_is_printed_back(tmp_path):
    path = tmp_path / "config"
    path.write_text(CONFIG)
    result = check(path)
    assert result.returncode == 0
    assert result.stderr == ""
    assert "username lab secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA." \
        in result.stdout.splitlines()
    assert result.stdout.endswith("\nend\n")


def test_what_is_printed_is_printed_back_unchanged(tmp_path):
    path = tmp_path / "config"
    path.write_text(CONFIG)
    first = check(path).stdout
    path.write_text(first)
    again = check(path)
    assert again.returncode == 0
    assert again.stdout == first


def test_abbreviations_are_written_in_full(tmp_path):
    path = tmp_path / "config"
    path.write_text("hostn R1\nlin vty 0 4\n transp inp ssh\n")
    result = check(path)
    assert result.returncode == 0
    assert "hostname R1\n" in result.stdout
    assert "line vty 0 4\n transport input ssh\n" in result.stdout


def test_each_bad_line_is_named_and_nothing_printed(tmp_path):
    path = tmp_path / "config"
    path.write_text("hostname R1\nnonsense\nline vty 0 4\n transport input ssh\n"
                    " exec-timeout forty\nend\n")
    result = check(path)
    assert result.returncode == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{path}:2", f"{path}:5"]
    assert all(line.split(": ", 1)[1] for line in lines)


def test_a_nul_spoils_its_line_only(tmp_path):
    path = tmp_path / "config"
    path.write_bytes(b"hostname R1\nip domain name a\0b\n")
    result = check(path)
    assert result.returncode == 1
    assert result.stderr.startswith(f"{path}:2: ")
    assert result.stderr.count("\n") == 1


def test_a_file_that_cannot_be_read_is_a_failure(tmp_path):
    result = check(tmp_path / "missing")
    assert result.returncode == 1
    assert "No such file" in result.stderr
    (tmp_path / "blank").write_bytes(bytes(4096))
    assert "no text" in check(tmp_path / "blank").stderr
    (tmp_path / "giant").write_bytes(b"!\n" * (3 * 1024 * 1024))
    assert check(tmp_path / "giant").returncode == 1


def test_output_that_cannot_be_written_is_a_failure(tmp_path):
    path = tmp_path / "config"
    path.write_text(CONFIG)
    with open("/dev/full", "wb") as full:
        result = subprocess.run([str(VTYD), "check", str(path)], stdout=full,
                                stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == 1
