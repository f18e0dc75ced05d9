"""The pulse by which a worker knows that its heartbeat does not hang."""

import threading

import pytest

from vnx_jobs.settings import Settings
from workers.heart import Heart


def test_no_pulse_while_a_thread_hangs(capfd: pytest.CaptureFixture[str]) -> None:
    """A byte goes to the worker while every thread comes back in time, and none while one of them does not."""
    heart, ticked, go_on = Heart(Settings()), threading.Event(), threading.Event()
    heart._limit = 0.0

    def watch() -> None:
        heart.wait(0)
        ticked.set()
        go_on.wait(60)
        heart.wait(600)

    thread = threading.Thread(target=watch, name="watch box")
    thread.start()
    assert ticked.wait(60)
    heart.pulse()
    said = capfd.readouterr().out
    assert not said.startswith(".")
    assert "watch box" in said
    go_on.set()
    heart.set()
    thread.join()
    heart.pulse()
    assert capfd.readouterr().out == "."
