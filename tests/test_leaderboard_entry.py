"""Run folders as an evaluation writes them, made with the real environments and verifiers, and forgeries of them."""

import json
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import pmd_envs  # noqa: F401  registers the environments
from benchmarks.report import BASELINE, EnvSamples, EnvUsed, Provenance, Report, result_row
from leaderboard import Leaderboard
from leaderboard.chain import seal
from leaderboard.entry import Entry
from leaderboard.episodes import EvaluatedEpisode, read_episodes
from leaderboard.errors import RefusedError, ReportError
from leaderboard.rescoring import rescore
from leaderboard.verifiers import verifier_versions

ENVS = ("pmd/GSM8K-v0", "pmd/KnightsKnaves-v0")
KWARGS = {"difficulty": 1, "source": "generated"}
PROBLEMS, K = 4, 2
PACKAGES = {"numpy": "2.3.0", "gymnasium": "1.2.0", "torch": "2.9.0", "transformers": "5.0.0"}
PROVENANCE = Provenance(
    "0123abc" * 5, False, "3.11.7", "Linux", "a processor", 2, 2, PACKAGES, verifier_versions(), ("landlock", "seccomp")
)
SUITE = {"steps": 10, "problems": 2, "rollouts": 4}
CONFIG = {"recall": 3, "agent": "pmd", "policy": "nano", "seed": 0, "suite": {"name": "nano", **SUITE}}


def write_run(
    folder: Path, run_id="run-1", *, solved=2, labels=("pmd", "pmd + memory"), votes=False, **changes
) -> Path:
    """A run whose trained policy solves the first ``solved`` problems of every environment."""
    folder.mkdir(parents=True)
    rows = {BASELINE: 1} | {label: min(solved + index, PROBLEMS) for index, label in enumerate(labels)}
    envs = {env_id: gymnasium.make(env_id, split="test", **KWARGS).unwrapped for env_id in ENVS}
    lines, made = [], []
    for label, right in rows.items():
        samples = {}
        for env_id, env in envs.items():
            scores = np.zeros((PROBLEMS, K))
            answers = [[""] * K for _ in range(PROBLEMS)]
            for problem, sample in np.ndindex(PROBLEMS, K):
                task = env.dataset.at(problem)
                # The last problem solved is solved only half the time.
                good = problem < right - 1 or (problem == right - 1 and sample == 0)
                response = env.family.gold_solution(task) if good else f"I, {run_id}, do not know."
                scores[problem, sample] = float(good)
                answers[problem][sample] = env.family.answer(response)
                lines.append(
                    {"row": label, "env": env_id, "kwargs": KWARGS, "task_id": task.id, "sample": sample}
                    | {"fingerprint": task.fingerprint, "response": response, "score": float(good)}
                )
            samples[env_id] = EnvSamples(scores, answers if votes else None)
        step = 0 if label == BASELINE else 10
        made.append(result_row(label, samples, with_memory="memory" in label, policy_step=step, seed=0))
    report = {
        "run_id": run_id, "agent": "pmd", "policy": "nano", "suite": "nano", "seed": 0, "steps": 10,
        "created": "2026-01-02T03:04:05+00:00", "config": {}, "rows": tuple(made),
        "environments": tuple(EnvUsed(i, KWARGS, e.dataset.fingerprint, e.dataset.name) for i, e in envs.items()),
        "memory_counts": {"behaviors": 7}, "provenance": PROVENANCE, "seconds": {"train": 61.0},
    }  # fmt: skip
    (folder / "evaluation.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    report |= changes
    chosen = {name: report[name] for name in ("agent", "policy", "seed")}
    config = CONFIG | chosen | {"suite": SUITE} | report["config"]
    report["config"] = config | {"suite": {"name": report["suite"], **config["suite"]}}
    Report(**report).write(folder / "report.json")
    return folder


def edit_report(folder, change):
    path = folder / "report.json"
    report = json.loads(path.read_text())
    change(report)
    path.write_text(json.dumps(report))


def reseal(folder):
    """What a forger who knows of the hash chain does."""
    edit_report(folder, set_in("chain", value=seal(folder)))


def edit_episode(folder, number, *, resealed=True, **values):
    path = folder / "evaluation.jsonl"
    lines = path.read_text().splitlines()
    lines[number] = json.dumps(json.loads(lines[number]) | values)
    path.write_text("\n".join(lines))
    if resealed:
        reseal(folder)


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "run")


def test_an_honest_run_becomes_an_entry_that_survives_json(run):
    entry = Entry.from_run(run)
    assert entry.headline.label == "pmd"
    assert entry.headline.overall.avg_at_k == pytest.approx(1.5 / PROBLEMS)
    assert entry.episodes == entry.rescored == 3 * len(ENVS) * PROBLEMS * K
    assert Entry.from_json(entry.to_json()) == entry


def set_in(*path, value):
    def change(report):
        for key in path[:-1]:
            report = report[key]
        report[path[-1]] = value

    return change


def drop(*path):
    def change(report):
        for key in path[:-1]:
            report = report[key]
        del report[path[-1]]

    return change


def of_every_row(name, value):
    def change(report):
        for row in report["rows"]:
            row["overall"][name] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_in("rows", 1, "overall", "avg_at_k", value=0.99), "overall: avg@k is 0.99 in report.json"),
        (set_in("rows", 1, "per_env", ENVS[0], "avg_at_k", value=0.9), "GSM8K-v0: avg@k is 0.9 in report.json"),
        (set_in("rows", 2, "per_env", ENVS[1], "pass_at_k", value=1.0), "KnightsKnaves-v0: pass@k is 1 in"),
        (set_in("rows", 1, "per_env", ENVS[0], "problems", value=3), "problems is 3 in report.json, 4 from"),
        (set_in("rows", 1, "per_env", ENVS[0], "k", value=1), "has samples [0, 1], not 0 to 0"),
        (set_in("rows", 1, "overall", "k", value=1), "the rows differ in (k, problems)"),
        (of_every_row("k", 1), "row 'frozen (start)', overall: k is 1, the environments have [2, 2]"),
        (of_every_row("problems", 9), "row 'frozen (start)', overall: problems is 9 in report.json, 8 from"),
        (set_in("rows", 1, "label", value="grpo"), "which the report does not have"),
        (set_in("environments", 0, "fingerprint", value="f00"), "the report says 'f00' for pmd/GSM8K-v0"),
        (set_in("environments", 0, "kwargs", value={"difficulty": 2}), 'the report says {"difficulty": 2}'),
        (set_in("provenance", "commit", value="unknown"), "only a run from a git checkout"),
        (set_in("config", value={}), "config is empty"),
    ],
)
def test_a_report_that_does_not_follow_from_its_episodes_is_refused(run, change, message):
    edit_report(run, change)
    with pytest.raises(RefusedError) as error:
        Entry.from_run(run)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("provenance", "commit"), "provenance.commit is missing"),
        (drop("provenance"), "provenance is missing"),
        (drop("config"), "config is missing"),
        (drop("suite"), "suite is missing"),
        (drop("seed"), "seed is missing"),
        (drop("rows", 0, "overall", "k"), "rows[0].overall.k is missing"),
        (drop("environments", 1, "fingerprint"), "environments[1].fingerprint is missing"),
        (set_in("environments", 0, "fingerprint", value=""), "environments[0].fingerprint is empty"),
        (set_in("format", value=2), "format is 2; this version reads format 1"),
        (set_in("run_id", value="a\x1b[31m"), "not a printable text"),
    ],
)
def test_an_incomplete_report_is_refused_with_the_field(run, change, message):
    edit_report(run, change)
    with pytest.raises(ReportError) as error:
        Entry.from_run(run)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("1e999", "is not valid JSON: the number 1e999 is too large"),
        ("-1e999", "is not valid JSON: the number -1e999 is too large"),
        ("[" * 65 + "]" * 65, "is not valid JSON: lists and objects are nested more than 64 deep"),
        ("[" * 900 + "]" * 900, "is not valid JSON: "),
        ('{"a":' * 900 + "1" + "}" * 900, "is not valid JSON: "),
        ("[" * 100_000, "is not valid JSON: "),
    ],
    ids=["infinite", "minus infinite", "deep", "deeper", "deep objects", "deepest"],
)
@pytest.mark.parametrize("name", ["report.json", "config.json", "evaluation.jsonl"])
def test_a_value_that_could_not_be_kept_is_refused(run, name, value, message):
    written = {
        "report.json": (run / "report.json").read_text().replace('"recall": 3', f'"recall": {value}'),
        "config.json": f'{{"recall": {value}}}',
        "evaluation.jsonl": f'{{"kwargs": {value}}}',
    }
    (run / name).write_text(written[name])
    with pytest.raises(ReportError) as error:
        Entry.from_run(run)
    assert message in str(error.value)


def test_a_report_as_deep_as_it_may_be_is_kept(run, tmp_path):
    edit_report(run, set_in("config", "recall", value=json.loads("[" * 62 + "]" * 62)))  # within two objects
    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(run)
    assert board.boards()[0].ranked == 1
    board.export(tmp_path / "site")


def test_an_edited_score_does_not_agree_with_the_report(run):
    edit_episode(run, 20, score=0.5)
    with pytest.raises(RefusedError, match=r"avg@k is .* in report.json, .* from evaluation.jsonl"):
        Entry.from_run(run)


def test_an_edited_response_does_not_get_its_score_again(run):
    edit_episode(run, 0, response="I forged this.")
    with pytest.raises(RefusedError, match=r"sample 0: evaluation.jsonl says 1, the verifier says 0"):
        Entry.from_run(run)


def test_a_consistent_forgery_fails_at_the_verifier(run):
    text = (run / "evaluation.jsonl").read_text()
    (run / "evaluation.jsonl").write_text(text.replace('"score": 0.0', '"score": 1.0'))
    reseal(run)

    def claim_everything(report):
        for row in report["rows"]:
            for scores in [*row["per_env"].values(), row["overall"]]:
                scores.update(avg_at_k=1.0, pass_at_k=1.0)

    edit_report(run, claim_everything)
    with pytest.raises(RefusedError, match=r"evaluation.jsonl says 1, the verifier says 0"):
        Entry.from_run(run)


def test_another_data_set_is_refused_and_named(run):
    fingerprint = Report.read(run / "report.json").environments[0].fingerprint
    for name in ("report.json", "evaluation.jsonl"):
        (run / name).write_text((run / name).read_text().replace(fingerprint, "0" * 16))
    reseal(run)
    with pytest.raises(RefusedError, match="evaluated on data with fingerprint '0000000000000000'"):
        Entry.from_run(run)


def test_a_sample_that_counts_twice_is_refused(run):
    edit_episode(run, 1, sample=0)
    with pytest.raises(RefusedError, match=r"episode 2 is sample 0 of .* a second time"):
        Entry.from_run(run)


def test_samples_are_numbered_from_0(run):
    edit_episode(run, 1, sample=7)
    with pytest.raises(RefusedError, match=r"has samples \[0, 7\], not 0 to 1"):
        Entry.from_run(run)


def test_a_missing_answer_is_refused(run):
    lines = (run / "evaluation.jsonl").read_text().splitlines()
    (run / "evaluation.jsonl").write_text("\n".join(lines[1:]))
    reseal(run)
    with pytest.raises(RefusedError, match=r"has samples \[1\], not 0 to 1"):
        Entry.from_run(run)


def test_rows_that_answer_different_problems_are_refused(run):
    episode = json.loads((run / "evaluation.jsonl").read_text().splitlines()[-1])
    other = episode["task_id"].rpartition("/")[0] + "/99"
    edit_episode(run, -1, task_id=other)
    edit_episode(run, -2, task_id=other)
    with pytest.raises(RefusedError, match="answer different problems of pmd/KnightsKnaves-v0"):
        Entry.from_run(run)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "evaluation.jsonl line 1 is not valid JSON"),
        ('{"row": "pmd"}', "evaluation.jsonl line 1: env is missing"),
        ("[" * 100_000, "evaluation.jsonl line 1 is not valid JSON"),
        ("[]", "evaluation.jsonl line 1: the file is not a JSON object"),
    ],
)
def test_a_damaged_line_is_named(run, line, message):
    (run / "evaluation.jsonl").write_text(line)
    with pytest.raises(ReportError) as error:
        Entry.from_run(run)
    assert message in str(error.value)


def test_missing_files_are_named(run, tmp_path):
    (run / "evaluation.jsonl").unlink()
    with pytest.raises(ReportError, match=r"cannot read .*evaluation.jsonl: No such file"):
        Entry.from_run(run)
    with pytest.raises(ReportError, match="nowhere is not a run folder"):
        Entry.from_run(tmp_path / "nowhere")


def first_episode(run, **changes):
    episode = read_episodes((run / "evaluation.jsonl").read_bytes())[0]
    return EvaluatedEpisode(**{**vars(episode), **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"env": "pmd/GSM9K-v0"}, "Did you mean 'pmd/GSM8K-v0'"),
        ({"env": "os:pmd/GSM8K-v0"}, "unknown environment 'os:pmd/GSM8K-v0'"),
        ({"kwargs": {"family": "os:system"}}, "unknown environment setting 'family'"),
        ({"kwargs": {"source": "generated", "difficulty": [1]}}, "not a single value"),
        ({"kwargs": {"source": "generated", "difficulty": "hard"}}, "unknown difficulty of GSM8K 'hard'"),
        ({"kwargs": {"source": "generated", "split": "exam"}}, "unknown split 'exam'"),
        ({"task_id": "pmd/elsewhere/1"}, "task id 'pmd/elsewhere/1' is not of the form"),
        ({"env": ENVS[1], "kwargs": {"source": "local"}}, "its data is not available here"),
    ],
)
def test_what_cannot_be_scored_again_is_refused_with_the_reason(run, changes, message, monkeypatch, tmp_path):
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path / "empty"))
    with pytest.raises(RefusedError) as error:
        rescore([first_episode(run, **changes)])
    assert message in str(error.value)


def test_one_problem_does_not_count_twice_under_another_spelling(run):
    head, _, index = first_episode(run).task_id.rpartition("/")
    with pytest.raises(RefusedError, match="is not of the form"):
        rescore([first_episode(run, task_id=f"{head}/0{index}")])


def test_a_run_without_a_trained_row_is_kept_but_has_no_headline(tmp_path):
    assert Entry.from_run(write_run(tmp_path / "a", labels=())).headline is None
    assert Entry.from_run(write_run(tmp_path / "b", labels=("pmd + memory",))).headline is None
