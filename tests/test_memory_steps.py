"""Steps and ids that are no plain ints: numpy's are taken, and what is none is refused before anything is written."""

import numpy as np
import pytest
from memory_scene import Scripted, attempts, contents, live_a_step, subject

from memory import Attempt, Caps, ContextRequest, Memory, MemoryUseError

WRITING = {
    "record": lambda memory, step: memory.record(subject(), attempts(2, 70), step),
    "record_batch": lambda memory, step: memory.record_batch([(subject(), attempts(2, 70))], step),
    "count_batch": lambda memory, step: memory.count_batch([(subject(), attempts(2, 70))], step),
    "reflect": lambda memory, step: memory.reflect([subject()], Scripted(50), step),
    "consolidate": lambda memory, step: memory.consolidate(Scripted(50), step),
    "prune": lambda memory, step: memory.prune(step),
    "note_shown": lambda memory, step: memory.note_shown(subject(), [1], step),
    "rewind": lambda memory, step: memory.rewind(step),
}
READING = {
    "context": lambda memory, step: memory.context(subject(), as_of=step),
    "contexts": lambda memory, step: memory.contexts([ContextRequest(subject())], step=step),
    "recall": lambda memory, step: memory.context(subject(), recall=step),
    "counts": lambda memory, step: memory.counts(step),
    "items": lambda memory, step: memory.items("experience", step),
    "as_of": lambda memory, step: memory.as_of(step).items("behavior"),
}


@pytest.fixture
def memory(tmp_path):
    with Memory(tmp_path / "m.sqlite") as opened:
        for step in range(2):
            live_a_step(opened, step)
        yield opened


@pytest.mark.parametrize("use", (WRITING | READING).values(), ids=WRITING | READING)
@pytest.mark.parametrize("step", [1.5, 2.0, "2", b"2", np.float32(2), [2]])
def test_what_is_no_whole_number_is_refused(memory, use, step):
    before = contents(memory.path)
    with pytest.raises(MemoryUseError, match="is a whole number, not"):
        use(memory, step)
    assert contents(memory.path) == before


@pytest.mark.parametrize("use", WRITING.values(), ids=WRITING)
def test_steps_of_numpy_are_written_as_others_are(tmp_path, use):
    held = []
    for kind in (int, np.int64):
        path = tmp_path / f"{kind.__name__}.sqlite"
        with Memory(path, seed=kind(0)) as memory:
            for step in range(2):
                live_a_step(memory, kind(step))
            use(memory, kind(1))
        held.append(contents(path))
    assert held[0] == held[1]


@pytest.mark.parametrize("use", READING.values(), ids=READING)
def test_steps_of_numpy_are_read_as_others_are(memory, use):
    assert use(memory, np.int64(1)) == use(memory, 1)


def test_ids_and_steps_of_policies_are_whole_numbers_too(memory):
    [item, *_] = memory.items("experience")
    memory.note_shown(subject(), [np.int64(item.id)], 2)
    assert memory.items("experience")[0].provenance.shown == item.provenance.shown + 1
    with pytest.raises(MemoryUseError, match="an item's id is a whole number"):
        memory.note_shown(subject(), [1.5], 2)
    with pytest.raises(MemoryUseError, match="policy_step is a whole number"):
        memory.record(subject(), [Attempt("e", "Something else altogether", 1.0, policy_step=1.5)], 2)
    with pytest.raises(MemoryUseError, match="seed is a whole number"):
        Memory(memory.path, seed=0.5)


@pytest.mark.parametrize("caps", [{"novelty": float("nan")}, {"support": float("nan")}, {"novelty": 0.0}])
def test_a_cosine_that_is_no_number_is_no_cap(caps):
    with pytest.raises(MemoryUseError, match="is above 0"):
        Caps(**caps)


def test_caps_count():
    with pytest.raises(MemoryUseError, match=r"Caps\.successes is a whole number, not 2\.5"):
        Caps(successes=2.5)
