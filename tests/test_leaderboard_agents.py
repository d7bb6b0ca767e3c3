"""Agents over their runs, and what shells and programs get from the command line."""

import json
import re
import subprocess
from contextlib import redirect_stdout
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_leaderboard_entry import ENVS, write_run
from test_leaderboard_page import EVIL, Page

from leaderboard import Leaderboard, RefusedError, StoreError
from leaderboard.__main__ import main
from leaderboard.comparison import ALL_RUNS, compare, pooled
from leaderboard.database import reading
from leaderboard.evidence import Attempt, ProblemScores
from leaderboard.links import ServerLinks
from leaderboard.methods import Player
from leaderboard.pages import Pages
from leaderboard.reader import Reader


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agents")
    board = Leaderboard(folder / "board.sqlite")
    for number, (agent, solved) in enumerate((("weak", 1), ("weak", 2), ("strong", 3), ("strong", 4), (EVIL, 2))):
        board.post(write_run(folder / f"run-{number}", f"run-{number}", agent=agent, solved=solved, labels=("final",)))
    return board


def agents_page(board):
    with reading(board.path) as connection:
        return Page(Pages(Reader(connection), ServerLinks()).agents(board.boards()[0].key))


def test_the_page_of_agents_has_their_interquartile_means_and_profiles(board):
    page = agents_page(board)
    # Scores of a run with s of 4 problems solved, the last one half of the time: (s - 0.5) / 4 in both environments.
    for text in ("strong nano 2 75.0", "weak nano 2 25.0", "87.5", "62.5", "Chance to beat"):
        assert text in page.text
    assert page.text.index("strong") < page.text.index("weak")
    assert "0.0 0.0–0.0" in page.text  # no run of weak beats one of strong
    assert len([tag for tag in page.all("path") if "curve" in tag.get("class", "")]) >= 3
    assert page.all("img") == page.all("script") == []


@pytest.fixture
def variants(tmp_path):
    """Two runs of ``rlvr``, which differ in what is no setting, and one of it with another variant."""
    board = Leaderboard(tmp_path / "variants.sqlite")
    for name, solved, variant, config in (
        ("r0", 1, "grpo", {"validation": {"every": 0}}),
        ("r1", 2, "grpo", {"validation": {"every": 5}, "report_format": 1}),
        ("d0", 4, "dapo", {"lora": 8}),
    ):
        config["settings"] = {"variant": variant, "ours": {"novelty": 0.9}}
        run = write_run(tmp_path / name, name, agent="rlvr", solved=solved, seed=solved, labels=("x",), config=config)
        board.post(run)
    return board


def test_runs_of_other_settings_are_another_agent(variants, tmp_path):
    page = agents_page(variants)
    assert 'rlvr nano · lora=8, variant="dapo" 1 87.5' in page.text
    assert 'rlvr nano · no lora, variant="grpo" 2 25.0' in page.text
    link = next(a["href"] for a in page.all("a") if "compare" in a["href"])
    [(_, first), (_, other)] = re.findall(r"(agent=rlvr&policy=nano&)settings=(\w{12})", link)
    key = variants.boards()[0].key
    with reading(variants.path) as connection:
        pages = Pages(Reader(connection), ServerLinks())
        compared = Page(pages.compare_agents(key, *(Player("rlvr", "nano", each) for each in (first, other))))
        newest = Page(pages.compare_agents(key, Player("rlvr", "nano"), Player("rlvr", "nano", other)))
        with pytest.raises(StoreError, match="there is no ranked run of agent 'rlvr' with policy 'nano' and such"):
            pages.compare_agents(key, Player("rlvr", "nano", "0" * 12), Player("rlvr", "nano", other))
    assert compared.text == newest.text
    heads = 'rlvr (lora=8, variant="dapo") nano, 1 run against rlvr (no lora, variant="grpo") nano, 2 runs'
    assert heads in compared.text
    pages = variants.export(tmp_path / "site").parent / "pages"
    assert any(heads in Page(path.read_text()).text for path in pages.glob(f"agents-{key}-*.html"))


def test_one_run_has_no_interval(board):
    assert f"{EVIL} nano 1 37.5 – 0.0 – Compare" in agents_page(board).text  # every run of the first is better
    with reading(board.path) as connection:
        first, single, last = Pages(Reader(connection), ServerLinks()).shown_agents(board.boards()[0].key).agents
    assert [shown.runs for shown in (first, single, last)] == [2, 1, 2]
    assert (single.middle.low, single.chance.low, single.chance.high) == (None, None, None)
    assert last.chance.low == last.chance.high == 0.0


def test_the_board_leads_to_its_agents_and_an_export_has_the_page(board, tmp_path):
    board.export(tmp_path / "site")
    key = board.boards()[0].key
    [name] = [path.name for path in (tmp_path / "site" / "pages").glob(f"agents-{key}.html")]
    [page] = (tmp_path / "site" / "pages").glob("board-*.html")
    assert name in [link["href"] for link in Page(page.read_text()).all("a")]
    compared = [a["href"] for a in Page((page.parent / name).read_text()).all("a") if a["href"].startswith("agents-")]
    assert len(compared) == 2
    assert all("against" in (page.parent / href).read_text() for href in compared)


def test_two_agents_are_compared_over_all_their_runs(board):
    [key] = [found.key for found in board.boards()]
    link = next(a["href"] for a in agents_page(board).all("a") if "agent=weak" in a["href"])
    settings = "settings=[0-9a-f]{12}"
    agents = rf"agent=strong&policy=nano&{settings}&agent=weak&policy=nano&{settings}"
    assert re.fullmatch(rf"/boards/{key}/agents/compare\?{agents}", link)
    with reading(board.path) as connection:
        pages = Pages(Reader(connection), ServerLinks())
        page = Page(pages.compare_agents(key, Player("strong", "nano"), Player("weak", "nano")))
        with pytest.raises(StoreError, match="no ranked run of agent 'nobody' with policy 'nano'"):
            pages.compare_agents(key, Player("nobody", "nano"), Player("weak", "nano"))
    assert "strong nano, 2 runs against weak nano, 2 runs" in page.text
    assert "all 75.0 25.0 +50.0" in page.text
    # By problem, strong solves (1, 1, 3/4, 1/4) over its two runs and weak (3/4, 1/4, 0, 0), in both environments.
    assert "Solved by strong only (4)" in page.text
    assert "Solved by weak only (0)" in page.text
    assert "0.0078" in page.text  # all eight problems in favour of one: 2 / 2^8
    assert "intervals over runs and problems" in page.text
    assert "The sign test counts problems, so it is about these runs only" in page.text


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        (("strong", "weak"), "intervals over runs and problems;"),
        (("strong", EVIL), "over problems and over the runs of the one that has several."),
        ((EVIL, EVIL), "Intervals and sign test are about these two runs:"),
    ],
)
def test_a_comparison_says_what_its_intervals_are_over(board, sides, words):
    key = board.boards()[0].key
    with reading(board.path) as connection:
        pages = Pages(Reader(connection), ServerLinks())
        assert words in Page(pages.compare_agents(key, *(Player(side, "nano") for side in sides))).text


def answered(*runs, k=1, envs=("e",)):
    """Runs by their scores at each problem, in k attempts at each and in each environment, as one agent."""
    problems = [
        [ProblemScores(env, str(i), {"row": [Attempt(score, i)] * k}) for env in envs for i, score in enumerate(run)]
        for run in runs
    ]
    return pooled([(run, "row") for run in problems])


def test_the_interval_of_two_agents_is_over_their_runs_too():
    # One is always half right; a run of the other solves all or nothing. Over problems alone nothing would vary.
    steady, moody = answered([0.5] * 9, [0.5] * 9), answered([1.0] * 9, [0.0] * 9)
    found = compare(moody, ALL_RUNS, steady, ALL_RUNS, (2, 2)).overall
    assert (found.mean, found.low, found.high) == (0.0, -0.5, 0.5)
    twice = compare(steady, ALL_RUNS, moody, ALL_RUNS, (2, 2))
    assert (twice.overall.low, twice.overall.high) == (-0.5, 0.5)
    assert twice.runs == (2, 2)
    assert twice.environments[0].low == -0.5
    # Two moody ones: of each side both runs that are drawn are the good one in a quarter of all cases.
    both = compare(moody, ALL_RUNS, moody, ALL_RUNS, (2, 2)).overall
    assert (both.mean, both.low, both.high) == (0.0, -1.0, 1.0)
    # Nor does it change anything that they have two attempts at each problem, or two environments.
    often = (answered(*runs, k=2, envs=("e", "f")) for runs in (([1.0] * 9, [0.0] * 9), ([0.5] * 9, [0.5] * 9)))
    found = compare(*(word for side in often for word in (side, ALL_RUNS)), (2, 2)).overall
    assert (found.mean, found.low, found.high) == (0.0, -0.5, 0.5)


def test_problems_that_ask_the_same_are_one_to_a_comparison():
    scores = {"0": 1.0, "1": 1.0, "2": 1.0, "3": 0.0}
    asks = {"1": "0", "2": "0"}

    def answers(better):
        return [ProblemScores("e", i, {"row": [Attempt(better * s, 0)]}, asks.get(i, "")) for i, s in scores.items()]

    found = compare(answers(1), "row", answers(0), "row").overall
    assert (found.mean, found.low, found.high) == (0.75, 0.0, 1.0)
    assert (found.better, found.worse, found.equal) == (1, 0, 1)
    assert found.sign_test == 1.0


@given(st.lists(st.integers(0, 8), min_size=6, max_size=6), st.permutations(range(6)), st.permutations(range(2)))
def test_problems_on_which_both_solved_as_many_are_equal(solved, order, runs):
    """Two problems that ask the same, three attempts each of which eight ninths or fewer are right, in any order."""
    scores = [[count / 9 for count in solved[:3]], [count / 9 for count in solved[3:]]]

    def answers(scores):
        return [
            ProblemScores("e", str(i), {"row": [Attempt(score, 0) for score in made]}, "0" if i else "")
            for i, made in enumerate(scores)
        ]

    flat = [scores[place // 3][place % 3] for place in order]
    other = [[flat[:3], flat[3:]][place] for place in runs]
    found = compare(answers(scores), "row", answers(other), "row").overall
    assert (found.better, found.worse, found.equal) == (0, 0, 1)
    best = [[*other[0][:2], 1.0], other[1]]
    found = compare(answers(best), "row", answers(other), "row").overall
    assert (found.better, found.worse, found.equal) == (1, 0, 0)
    assert compare(answers(other), "row", answers(best), "row").overall.worse == 1


def test_the_interval_of_two_runs_is_over_problems():
    one, other = answered([1.0, 0.0] * 20), answered([0.0] * 40)
    found = compare(one, ALL_RUNS, other, ALL_RUNS).overall
    # The 2.5 and 97.5 % quantiles of the binomial distribution of 40 draws, of which half are right.
    assert (found.low, found.high) == pytest.approx((14 / 40, 26 / 40))


def test_runs_on_other_problems_are_not_taken_together():
    one = [ProblemScores("env", "1", {"row": [Attempt(1.0, 0)]})]
    other = [ProblemScores("env", "2", {"row": [Attempt(1.0, 0)]})]
    assert [p.attempts[ALL_RUNS] for p in pooled([(one, "row"), (one, "row")])] == [[Attempt(1.0, 0)] * 2]
    with pytest.raises(RefusedError, match="did not answer the same problems"):
        pooled([(one, "row"), (other, "row")])


def complete(*words):
    """What bash would offer for the last of the words."""
    script = main_output("complete", "bash")
    line = " ".join(words)
    asked = (
        f"{script}\nCOMP_WORDS=({line} {'' if words[-1] else chr(39) * 2}); COMP_CWORD={len(words) - 1}; "
        "_pmd_leaderboard; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    return subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True).stdout.split()


def main_output(*arguments):
    out = StringIO()
    with redirect_stdout(out):
        assert main(arguments) == 0
    return out.getvalue()


def test_bash_completes_commands_and_options():
    assert complete("pmd-leaderboard", "se") == ["serve"]
    assert set(complete("pmd-leaderboard", "")) >= {"show", "post", "serve", "export", "verify", "rebuild"}
    assert complete("pmd-leaderboard", "serve", "--po") == ["--port"]
    assert "--json" in complete("pmd-leaderboard", "export", "--")
    assert complete("pmd-leaderboard", "show", "--sui") == ["--suite"]


def test_every_command_speaks_json(board, tmp_path, capsys):
    database = ("--db", str(board.path), "--json")
    assert main(["export", str(tmp_path / "site"), *database]) == 0
    assert json.loads(capsys.readouterr().out) == {"page": str(tmp_path / "site" / "index.html")}
    broken = board.path.parent / "run-broken"
    broken.mkdir()
    (broken / "report.json").write_text("{")
    assert main(["rebuild", str(board.path.parent), "--db", str(tmp_path / "new.sqlite"), "--json"]) == 1
    rebuilt = json.loads(capsys.readouterr().out)
    assert rebuilt["entries"] == 5
    assert rebuilt["left_out"][0]["folder"] == str(broken)
    assert main(["show", *database]) == 0
    assert json.loads(capsys.readouterr().out)[0]["environments"][0]["id"] == ENVS[0]


def test_agents_are_compared_whose_newest_run_is_not_among_those_of_the_exported_board(tmp_path, monkeypatch):
    board = Leaderboard(tmp_path / "board.sqlite")
    for name, agent, solved in (("x1", "pmd", 4), ("x2", "rlvr", 3), ("x3", "rlvr", 1)):
        board.post(write_run(tmp_path / name, name, agent=agent, solved=solved))
    monkeypatch.setattr("leaderboard.export.RUNS_OF_A_BOARD", 2)
    pages = board.export(tmp_path / "site").parent / "pages"
    linked = {name for page in pages.iterdir() for name in re.findall(r'href="(run-[^"#]+)', page.read_text())}
    assert len(linked) == 3
    assert {name for name in linked if not (pages / name).exists()} == set()
