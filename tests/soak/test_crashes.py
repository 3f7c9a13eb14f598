"""A thousand workers are crashed while others work on."""
import os
import signal
import threading

from router import CONFIG, Router, wait_for
from wire import Wire

CRASHES = 1000
LINES = "line vty 0 99\n login local\n transport input ssh\n"


def test_a_thousand_crashes_disturb_nobody_else():
    with Router(config=CONFIG + LINES, keys=("ed25519",)) as router:
        with Wire(router.port).login() as bystander:
            mine = set(router.children("vtyd-worker: server"))
            ended, answers = threading.Event(), []

            def work():
                number = 0
                while not ended.is_set():
                    number += 1
                    output, status = bystander.exec("show ip ssh", number)
                    assert status == 0
                    answers.append(len(output))
            worker = threading.Thread(target=work)
            worker.start()
            crashed = 0
            while crashed < CRASHES:
                wires = [Wire(router.port) for _ in range(20)]
                for pid in wait_for(
                        lambda: set(router.children("vtyd-worker: server"))
                        - mine, "workers"):
                    try:
                        os.kill(pid, signal.SIGABRT)
                        crashed += 1
                    except ProcessLookupError:
                        pass
                for wire in wires:
                    wire.close()
            ended.set()
            worker.join()
            print(f"\n{crashed} crashes, {len(answers)} answers meanwhile")
            assert len(set(answers)) == 1
        with Wire(router.port).login() as wire:
            assert wire.exec("show privilege")[1] == 0
