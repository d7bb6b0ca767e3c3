"""What a matrix says of learning curves: of validation scores where a run has them, else of training rewards."""

import json

import pytest
from test_benchmarks_matrix import write_cell

from benchmarks.matrix_page import as_json, write_results
from benchmarks.matrix_results import read_matrix


def test_a_learning_curve_is_of_validation_scores_where_there_are_some(tmp_path):
    looked, start = write_cell(tmp_path, "pmd", 0, 3), {"validation/avg": 0.125, "validation/pass": 1.0}
    rows = [json.loads(line) for line in (looked / "metrics.jsonl").read_text().splitlines()]
    for row, score in zip(rows[1::2], (0.25, 0.75, 0.5), strict=True):  # after every second of six batches
        row["validation/avg"] = score
    (looked / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (looked / "validation_start.json").write_text(json.dumps(start))
    folders = {("s", "pmd", 0): looked, ("s", "rlvr", 0): write_cell(tmp_path, "rlvr", 0, 3)}
    folders["s", "frozen", 0] = write_cell(tmp_path, "frozen", 0, 1)
    found = read_matrix(folders, ("s",), ("frozen", "rlvr", "pmd"), 1)
    untrained, rewarded, validated = (found.cells["s", agent, 0] for agent in found.agents)
    # 64 rollouts a batch: scores of 0.125, 0.25, 0.75 and 0.5 after 0, 128, 256 and 384. Trapezoids of equal width.
    assert validated.area == pytest.approx((0.1875 + 0.5 + 0.625) / 3)
    assert validated.rollouts_to_target == pytest.approx(128 + 64)  # 0.5 is in the middle of 0.25 and 0.75
    assert rewarded.area == pytest.approx(0.55)  # 0.3 to 0.8 in equal steps
    assert (untrained.curve, untrained.area, untrained.rollouts_to_target) == ("", None, None)
    page = write_results(found, tmp_path).read_text()
    for row in (
        "| frozen |  |  |  |",
        "| rlvr | training reward | 0.550 |",
        "| pmd | validation score | 0.438 | 192 |",
    ):
        assert f"| s {row}" in page
    assert [cell["curve"] for cell in as_json(found)["cells"]] == ["", "validation score", "training reward"]


def test_a_policy_that_begins_above_the_score_needs_no_rollouts(tmp_path):
    looked = write_cell(tmp_path, "pmd", 0, 3)
    (looked / "validation_start.json").write_text('{"validation/avg": 0.5}')
    [cell] = read_matrix({("s", "pmd", 0): looked}, ("s",), ("pmd",), 1).cells.values()
    assert (cell.curve, cell.rollouts_to_target, cell.area) == ("validation score", 0, 0.5)
