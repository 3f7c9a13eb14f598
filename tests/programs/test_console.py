"""--console: line con 0 on the terminal, or on a script."""
import os
import signal
import subprocess
import time

from console import Terminal, attach
from router import CONFIG, Router, VTYD, wait_for


def on_terminal(state, *options):
    return Terminal(str(VTYD), "--state", str(state), "--listen",
                    "127.0.0.1:0", *options)


def run_attach(state, typed):
    return subprocess.run([str(VTYD), "attach", "--state", str(state)],
                          input=typed, capture_output=True, text=True,
                          timeout=60)


def workers(pid, role):
    """Children of that process with this role in their title."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as stat, \
                    open(f"/proc/{entry}/cmdline") as title:
                fields = stat.read().rpartition(")")[2].split()
                if int(fields[1]) == pid and fields[0] != "Z" and \
                        role in title.read():
                    found.append(int(entry))
        except OSError:
            pass
    return found


def test_a_script_is_carried_out_and_the_router_goes_on(tmp_path):
    router = Router(tmp_path, config=None, script="enable\nconfigure terminal\n"
                    "hostname R1\nend\nwrite memory\n")
    with router:
        wait_for(lambda: "[OK]" in router.console(), "the end of the script")
        # The line is free again when the script is through.
        wait_for(lambda: attach(router, "show privilege").returncode == 0,
                 "the line")
        router.assert_running()
        assert "R1#" in router.console()
        text = (router.state / "startup-config").read_text()
        assert "\nhostname R1\n" in text


def test_a_script_longer_than_any_buffer_is_carried_out_whole(tmp_path):
    script = ["enable", "configure terminal"]
    script += [f"access-list {1 + i % 99} permit host 10.{i >> 8}.{i & 255}.1"
               for i in range(4000)]
    script += ["end", "write memory"]
    router = Router(tmp_path, config=None, script="\n".join(script) + "\n")
    with router:
        wait_for(lambda: "[OK]" in router.console(), "the end", 120)
        text = (router.state / "startup-config").read_text()
        assert text.count("access-list ") == 4000


def test_a_pipe_that_stays_open_is_a_console(tmp_path):
    state = tmp_path / "state"
    process = subprocess.Popen(
        [str(VTYD), "--state", str(state), "--listen", "127.0.0.1:0",
         "--console"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, bufsize=0)
    try:
        os.set_blocking(process.stdout.fileno(), True)
        process.stdin.write(b"enable\nshow privilege\n")
        seen = b""
        while b"privilege level is 15" not in seen:
            part = process.stdout.read(1000)
            assert part, seen
            seen += part
        result = subprocess.run(
            [str(VTYD), "attach", "--state", str(state)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert result.returncode == 1
        assert "in use on the router's own standard input" in result.stderr
    finally:
        process.terminate()
        assert process.wait(60) == 0
        process.stdin.close()
        process.stdout.close()


def test_nobody_reading_the_output_does_not_stop_the_script(tmp_path):
    state = tmp_path / "state"
    script = tmp_path / "script"
    script.write_text("enable\n" + "show privilege\n" * 500 +
                      "configure terminal\nhostname R1\nend\nwrite memory\n")
    reader, writer = os.pipe()
    with open(script) as lines:
        process = subprocess.Popen(
            [str(VTYD), "--state", str(state), "--listen", "127.0.0.1:0",
             "--console"], stdin=lines, stdout=writer,
            stderr=subprocess.DEVNULL)
    os.close(writer)
    os.close(reader)
    try:
        wait_for(lambda: (state / "startup-config").exists(), "the save")
        assert "hostname R1" in (state / "startup-config").read_text()
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_a_terminal_is_line_con_0_by_default(tmp_path):
    with on_terminal(tmp_path / "state") as screen:
        screen.expect("Router>")
        screen.type("enable\r")
        screen.expect("Router#")
        screen.type("show users\r")
        screen.expect(r"\* +0 con 0")


def test_no_console_leaves_the_terminal_alone(tmp_path):
    state = tmp_path / "state"
    with on_terminal(state, "--no-console") as screen:
        before = screen.first_modes
        wait_for(lambda: (state / "console.sock").exists(), "console.sock")
        assert screen.modes() == before
        screen.type("enable\r")
        time.sleep(0.3)
        assert workers(screen.process.pid, "console") == []


def test_the_terminal_is_given_back_as_it_was(tmp_path):
    with on_terminal(tmp_path / "state") as screen:
        before = screen.first_modes
        screen.expect("Router>")
        assert screen.modes() != before
        screen.type("enable\r")
        screen.expect("Router#")
        screen.type("reload\r")
        screen.expect("confirm")
        screen.type("\r")
        assert screen.process.wait(60) == 0
        assert screen.modes() == before
    with on_terminal(tmp_path / "state") as screen:
        before = screen.first_modes
        screen.expect("Router>")
        screen.process.send_signal(signal.SIGTERM)
        assert screen.process.wait(60) == 0
        assert screen.modes() == before


def test_exit_offers_the_line_to_the_next(tmp_path):
    with on_terminal(tmp_path / "state") as screen:
        screen.expect("Router>")
        screen.type("exit\r")
        screen.expect("Press RETURN to get started")
        screen.type("\r")
        screen.expect("Router>")


def test_attach_says_which_terminal_has_the_line(tmp_path):
    state = tmp_path / "state"
    with on_terminal(state) as screen:
        screen.expect("Router>")
        result = run_attach(state, "")
        assert result.returncode == 1
        assert f"on the router's own {screen.name}" in result.stderr
        screen.type("enable\r")
        screen.expect("Router#")


def test_a_terminal_where_nobody_is_steps_back_for_attach(tmp_path):
    state = tmp_path / "state"
    with on_terminal(state) as screen:
        screen.expect("Router>")
        screen.type("exit\r")
        screen.expect("Press RETURN to get started")
        for _ in range(2):
            result = run_attach(state, "show privilege\n")
            assert result.returncode == 0, result
            assert "privilege level is 15" in result.stdout
            screen.expect("vtyd attach has line con 0")
            # And here it is again, for whoever sits there.
            screen.expect("Router>")
            screen.type("exit\r")
            screen.expect("Press RETURN to get started")


def test_a_login_nobody_answers_steps_back_too(tmp_path):
    """The way out when the console's own password is lost."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "startup-config").write_text(
        CONFIG.replace("line con 0\n", "line con 0\n login local\n"))
    with on_terminal(state) as screen:
        screen.expect("Username: ")
        result = run_attach(state, "show privilege\n")
        assert result.returncode == 0, result
        assert "privilege level is 15" in result.stdout
        screen.expect("Username: ")


def test_a_killed_worker_is_replaced(tmp_path):
    with on_terminal(tmp_path / "state") as screen:
        screen.expect("Router>")
        for _ in range(3):
            pid, = workers(screen.process.pid, "console")
            os.kill(pid, signal.SIGKILL)
            screen.expect("Router>")
            screen.type("enable\r")
            screen.expect("Router#")
        assert screen.process.poll() is None


def test_log_lines_come_to_the_terminal_once(tmp_path):
    with on_terminal(tmp_path / "state") as screen:
        screen.expect("Router>")
        screen.type("enable\r")
        screen.expect("Router#")
        screen.type("configure terminal\r")
        screen.expect(r"Router\(config\)#")
        screen.type("end\r")
        screen.expect("%SYS-5-CONFIG_I: Configured from console by console")
        screen.type("show privilege\r")
        assert "CONFIG_I" not in screen.expect("privilege level is 15")


def test_a_closed_window_ends_the_router_in_order(tmp_path):
    with open(tmp_path / "log", "wb") as log, \
            Terminal(str(VTYD), "--state", str(tmp_path / "state"), "--listen",
                     "127.0.0.1:0", stderr=log) as screen:
        screen.expect("Router>")
        screen.hang_up()
        assert screen.process.wait(60) == 0


def test_login_local_on_the_console_asks(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "startup-config").write_text(
        CONFIG.replace("line con 0\n", "line con 0\n login local\n"))
    with on_terminal(state) as screen:
        screen.expect("Username: ")
        screen.type("lab\r")
        screen.expect("Password: ")
        screen.type("lab\r")
        screen.expect("Router>")


def test_a_router_in_the_background_takes_no_terminal(tmp_path):
    """Started with `&` from a shell with job control."""
    state = tmp_path / "state"
    with Terminal("/bin/bash", "--norc", "-im") as shell:
        shell.type(f"{VTYD} --state {state} --listen 127.0.0.1:0 "
                   "2>/dev/null & echo pid=$!.\r")
        shell.expect(r"pid=\d+\.")
        wait_for(lambda: (state / "console.sock").exists(), "console.sock")
        shell.type("echo still $((40 + 2)) here\r")
        shell.expect("still 42 here")
        shell.type("kill %1; wait %1; echo status=$?.\r")
        shell.expect(r"status=0\.")
        shell.type("exit\r")
        shell.process.wait(60)
