"""Who waits for a turn gets it in the order of coming, and one who gives up holds nobody up."""

import threading
import time

import pytest

from pmd_envs.sandbox.turns import Turns


def wait_until(holds):
    for _ in range(2_000):
        if holds():
            return
        time.sleep(0.001)
    raise AssertionError("it did not come to that")


def begin(turns, name, order):
    """Start a thread that takes a turn, and wait until it waits for it."""

    def take():
        with turns:
            order.append(name)

    before = len(turns._waiting)
    thread = threading.Thread(target=take, daemon=True)  # one that waits for ever would keep pytest
    thread.start()
    wait_until(lambda: len(turns._waiting) == before + 1)
    return thread


def test_turns_go_to_those_who_came_first():
    turns, order = Turns(1), []
    with turns:
        threads = [begin(turns, name, order) for name in range(4)]
        assert order == []
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3]


def test_as_many_go_on_at_once_as_there_are_turns_also_after_an_error():
    turns, order = Turns(2), []
    with pytest.raises(ValueError, match="in it"), turns:
        raise ValueError("in it")
    with turns:
        with turns:  # the second of two
            thread = begin(turns, "third", order)
        thread.join(10)
        assert order == ["third"]


@pytest.mark.parametrize("too_late", [False, True], ids=["while it waits", "when its turn has come"])
def test_a_turn_that_is_given_up_goes_to_the_next(monkeypatch, too_late):
    turns, order = Turns(1), []

    class Interrupted:
        """A lock that is waited for until Ctrl-C."""

        def __init__(self):
            self.taken = False

        def acquire(self):
            if self.taken:
                if too_late:
                    turns._pass_on()
                raise KeyboardInterrupt
            self.taken = True

        def release(self):
            self.taken = False

    with turns:
        with monkeypatch.context() as patch:
            patch.setattr("pmd_envs.sandbox.turns.threading.Lock", Interrupted)
            with pytest.raises(KeyboardInterrupt), turns:
                raise AssertionError("there was no turn")
        assert not turns._waiting
        if not too_late:
            thread = begin(turns, "next", order)
    if not too_late:
        thread.join(10)
        assert order == ["next"]
    assert turns._free == 1 + too_late  # the turn that came too late was passed on
