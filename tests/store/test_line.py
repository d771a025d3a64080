"""Writers of one process stand in line before a SQLite database."""

from threading import Event, Thread

import pytest

from ziggurat.store.errors import DatabaseLockedError
from ziggurat.store.line import Line

FOREVER_S = 60.0


def test_who_comes_first_is_served_first() -> None:
    line, served = Line(), list[int]()
    threads = []

    def stand(number: int) -> None:
        with line.turn(FOREVER_S):
            served.append(number)

    with line.turn(FOREVER_S):
        for number in range(5):
            thread = Thread(target=stand, args=(number,))
            thread.start()
            threads.append(thread)
            while line.waiting <= number:
                pass
    for thread in threads:
        thread.join()
    assert served == [0, 1, 2, 3, 4]


def test_who_leaves_the_line_keeps_nobody_waiting() -> None:
    line, left, served = Line(), Event(), Event()
    faults: list[DatabaseLockedError] = []

    def give_up() -> None:
        try:
            with line.turn(0.001):
                pass
        except DatabaseLockedError as error:
            faults.append(error)
        left.set()

    def come_after() -> None:
        with line.turn(FOREVER_S):
            served.set()

    with line.turn(FOREVER_S):
        Thread(target=give_up).start()
        assert left.wait(FOREVER_S)
        last = Thread(target=come_after)
        last.start()
        while not line.waiting:
            pass
        assert not served.is_set()
    last.join()
    assert [fault.code for fault in faults] == ["database_locked"]
    assert served.is_set()


def test_an_error_gives_the_turn_back() -> None:
    line = Line()
    with pytest.raises(ZeroDivisionError), line.turn(FOREVER_S):
        raise ZeroDivisionError
    with line.turn(0):
        assert line.waiting == 0
