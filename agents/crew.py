"""Work that threads do side by side, and that is left behind where it fails or somebody interrupts it.

The threads of an executor are waited for, by itself and by the interpreter, however long a server takes to answer.
These are not.
"""

from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Barrier, Event, Thread
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Crew(Generic[Result]):
    """Threads at work on jobs 0 to ``jobs`` - 1."""

    def __init__(
        self, work: Callable[[int], Result], jobs: int, at_once: int, stop: Event, leave: Callable[[], None]
    ) -> None:
        """Begin.

        Args:
            work: Does a job.
            jobs: How many there are, at least 1.
            at_once: Threads, at most.
            stop: Once it is set no job is begun; a job that fails sets it.
            leave: Called when the last thread has nothing to do any more.
        """
        self._work, self._stop = work, stop
        self._todo: SimpleQueue[int] = SimpleQueue()
        self._done: SimpleQueue[tuple[int, Result | BaseException]] = SimpleQueue()
        self._jobs = range(jobs)
        for number in self._jobs:
            self._todo.put(number)
        threads = min(at_once, jobs)
        self._all = Barrier(threads, leave)
        self._threads = [Thread(target=self._go_on, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def results(self) -> Iterator[tuple[int, Result]]:
        """Each job's number and result, as they come; what a job raised is raised."""
        for _ in self._jobs:
            number, result = self._done.get()
            if isinstance(result, BaseException):
                raise result
            yield number, result
        for thread in self._threads:
            thread.join()

    def _go_on(self) -> None:
        while not self._stop.is_set():
            try:
                number = self._todo.get_nowait()
            except Empty:
                break
            try:
                self._done.put((number, self._work(number)))
            except BaseException as error:  # noqa: BLE001  it is raised where the results are read
                self._done.put((number, error))  # before those of the jobs that this stops
                self._stop.set()
        self._all.wait()
