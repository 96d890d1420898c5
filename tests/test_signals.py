"""SIGTERM as a flag, and as it was before once nobody looks at the flag."""

import os
import signal
import threading

import pytest

from convscale.signals import noticing_sigterm, raising_at_sigterm


@pytest.fixture
def heard():
    """Who heard a SIGTERM, with a handler of the program around us."""
    heard: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append("program"))
    yield heard
    signal.signal(signal.SIGTERM, before)


def test_sigterm_sets_the_flag_and_is_the_programs_own_afterwards(heard):
    """Also after an error; or a notebook in which a run has failed could not be ended any more."""
    with pytest.raises(KeyboardInterrupt), noticing_sigterm(lambda: heard.append("also")) as told:
        assert not told.is_set()
        signal.raise_signal(signal.SIGTERM)
        assert told.is_set() and heard == ["also"]
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGTERM)
    assert heard == ["also", "program"]


def test_work_in_another_thread_goes_without(heard):
    flags = []

    def work():
        with noticing_sigterm() as told:
            flags.append(told.is_set())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    signal.raise_signal(signal.SIGTERM)
    assert flags == [False] and heard == ["program"]


def test_who_is_around_hears_of_it_when_the_inner_one_ended_all_the_same():
    """A run whose last step was done stops nothing by itself; what begins the next run has to know."""
    with pytest.raises(ArithmeticError), raising_at_sigterm(ArithmeticError()), noticing_sigterm() as told:
        os.kill(os.getpid(), signal.SIGTERM)
        assert told.is_set()
