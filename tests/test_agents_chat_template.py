"""What chat templates add to a prompt: the same date every day, and the beginning of a thought, which is no answer."""

import datetime

import pytest
import torch
from agent_scene import TASK
from hypothesis import given
from hypothesis import strategies as st
from tiny_policy import tiny_policy
from transformers import AddedToken
from transformers.utils import chat_template_utils

from agents.chat_template import resumed, text_of
from agents.nano.course import answered, lesson
from agents.policy import Sampling
from agents.prompts import demonstration
from agents.records import View
from agents.reflector import PolicyReflector, subject_of
from agents.rollout import Rollout, roll_out
from agents.sampling import generate
from benchmarks.evaluate import Problems, lanes
from benchmarks.suites import EnvChoice
from memory import InsightRequest
from pmd_envs.thoughts import is_thinking


class Clock(datetime.datetime):
    """A clock that stands still, at a time that can be set."""

    today = datetime.datetime(2024, 7, 26)

    @classmethod
    def now(cls, tz=None):
        return cls.today


def policy_with(template):
    policy = tiny_policy()
    policy.tokenizer.chat_template = template
    return policy


def written(template):
    """What a policy with this chat template is asked, as text."""
    policy = policy_with(template)
    return policy.tokenizer.decode(policy.encode("2 + 2?"))


DATED = "{% for message in messages %}{{ message['content'] }}{% endfor %} on {{ strftime_now(FORMAT) }}"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("%d %b %Y", "26 Jul 2024"),  # Llama 3.2
        ("%d %B %Y", "26 July 2024"),  # SmolLM3
        ("%B %d, %Y", "July 26, 2024"),  # Granite
        ("%Y-%m-%d", "2024-07-26"),  # gpt-oss
        ("%A, %-d %B", "Friday, 26 July"),
        ("today", "today"),
    ],
)
def test_a_template_that_writes_the_date_writes_the_same_every_day(form, said, monkeypatch):
    monkeypatch.setattr(chat_template_utils, "datetime", Clock)
    for day in (datetime.datetime(2024, 7, 26), datetime.datetime(2031, 12, 1, 17)):
        monkeypatch.setattr(Clock, "today", day)
        assert written(DATED.replace("FORMAT", f"'{form}'")) == f"2 + 2? on {said}"


def test_a_template_that_asks_whether_there_is_a_date_is_told_so():
    template = "{%- if strftime_now is defined %}{%- set day = strftime_now('%d %b %Y') %}{%- endif %}{{ day }}"
    assert written(template) == "26 Jul 2024"


def test_of_several_templates_the_usual_one_is_taken():
    dated = DATED.replace("FORMAT", "'%Y'")
    assert written({"default": dated, "tool_use": "{{ strftime_now('%d') }}"}) == "2 + 2? on 2024"


@given(st.text("\n\t a", max_size=6), st.sampled_from(["{% if true %}", "{%- if true %}", "{%+ if true -%}"]))
def test_pinning_the_date_changes_nothing_else(beginning, opened):
    policy = policy_with(f"{beginning}{opened} \nx{{% endif %}}{{{{ strftime_now('%Y-%m-%d') }}}}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chat_template_utils, "datetime", Clock)
        asked = [{"role": "user", "content": "?"}]
        theirs = policy.tokenizer.apply_chat_template(asked, return_dict=False, add_generation_prompt=True)
    assert policy.encode("?") == tuple(theirs)


SAID = "{% for message in messages %}user: {{ message['content'] }}\n{% endfor %}"
THINKS = SAID + "{% if add_generation_prompt %}assistant: <think>\n{% endif %}"


@pytest.mark.parametrize(
    ("ending", "thought"),
    [
        ("assistant: {{ '<think>\n' }}", "<think>\n"),
        ("assistant: <thinking>Well,", "<thinking>Well,"),
        ("assistant: <think>\n\n</think>\n\n", ""),
        ("assistant:{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}", ""),
        ("assistant:", ""),
    ],
)
def test_a_thought_that_the_template_begins_is_known(ending, thought):
    assert policy_with("system: think in <think> and </think>, <think>\n" + SAID + ending).begun_thought == thought


def test_a_base_model_has_no_template_that_begins_a_thought():
    assert tiny_policy().begun_thought == ""


def say(monkeypatch, place, texts):
    """Have the policy answer with texts, one call after the other."""
    left = iter(texts)

    def generate(policy, prompts, *_):
        said = [policy.tokenizer(text)["input_ids"] for text in next(left)]
        return [policy.completion(tokens, [0.0] * len(tokens)) for tokens in said]

    monkeypatch.setattr(f"agents.{place}.generate", generate)


def episodes_of(policy, granularity, count):
    settings = {"granularity": granularity, "source": "generated", "difficulty": 1}
    part = Problems.open(EnvChoice("pmd/GSM8K-v0", settings), "train", 1)
    env = lanes([part], [count])
    [group] = roll_out(env, policy, part.tasks, Rollout(count))
    env.close()
    return group.episodes


def gold():
    settings = {"granularity": "episode", "source": "generated", "difficulty": 1}
    return Problems.open(EnvChoice("pmd/GSM8K-v0", settings), "train", 1).tasks[0].gold


@pytest.mark.parametrize("template", [THINKS, SAID + "assistant:"], ids=["begins a thought", "begins none"])
def test_a_thought_that_was_cut_off_is_no_answer(template, monkeypatch):
    answer = gold()
    texts = [
        f"It might be \\boxed{{{answer}}}. Hmm, wait",
        f"#### {answer}",
        f"Hm.</think>\n#### {answer}",
        f"Hm, {answer}1.</think>\n<think>#### {answer}",
        f"<think>Hm.</think>\n#### {answer}",
    ]
    policy = policy_with(template)
    say(monkeypatch, "rollout", [texts])
    episodes = episodes_of(policy, "episode", len(texts))
    begun = "<think>\n" if template == THINKS else ""
    assert [episode.response for episode in episodes] == [begun + text for text in texts]
    answered = [0, 0, 1, 0, 1] if begun else [1, 1, 1, 0, 1]
    assert [episode.verdict.score for episode in episodes] == answered
    assert [bool(demonstration(episode.response)) for episode in episodes] == [bool(score) for score in answered]
    assert [policy.tokenizer.decode(e.turns[0].completion.tokens) for e in episodes] == texts  # tokens are as sampled


def test_a_thought_may_go_over_several_turns(monkeypatch):
    policy, answer = policy_with(THINKS), gold()
    say(monkeypatch, "rollout", [["Let me see"], [f"\\boxed{{{answer}}}?</think>\n1 + 1 = 2"], [f"#### {answer}9"]])
    [episode] = episodes_of(policy, "step", 1)
    prompts = [policy.tokenizer.decode(turn.prompt_tokens).partition("assistant: ")[2] for turn in episode.turns[:3]]
    assert prompts[:2] == ["<think>\n", "<think>\nLet me see\n"]
    assert [turn.completion.text.startswith("<think>") for turn in episode.turns[:3]] == [True, False, False]
    assert episode.turns[1].verified == 1
    assert episode.verdict.score == 0


@pytest.mark.parametrize(
    ("said", "prompts", "marked", "score"),
    [
        (
            ["Hm.</think>\n1 + 1 = 2", "2 + 2 = 4", "#### ANSWER"],
            ["", "</think>\n\n1 + 1 = 2\n", "</think>\n\n1 + 1 = 2\n2 + 2 = 4\n"],
            [True, False, False],
            1,
        ),
        (
            ["Let me see", "again.</think>\n1 + 1 = 2", "#### ANSWER"],
            ["", "Let me see\n", "Let me see\nagain.</think>\n1 + 1 = 2\n"],
            [True, False, False],
            1,
        ),
        (
            ["Hm.</think>\n1 + 1 = 2\n<think>\nOr", "#### ANSWER", "2?</think>\n#### ANSWER9"],
            ["", "</think>\n\n1 + 1 = 2\n<think>\nOr\n", "</think>\n\n1 + 1 = 2\n<think>\nOr\n#### ANSWER\n"],
            [True, False, False],
            0,
        ),
        (["Hm.</think>", "Hm", "</think>#### ANSWER"], ["", "", "Hm\n"], [True, True, False], 1),
        (["Hm", "<think>", "</think>#### ANSWER"], ["", "Hm\n", "Hm\n<think>\n"], [True, False, False], 1),
    ],
)
def test_every_turn_goes_on_where_the_last_one_ended(said, prompts, marked, score, monkeypatch):
    """Behind the tag of the template; a thought that is over is left out, and the one that it opens is then empty."""
    policy, answer = policy_with(THINKS), gold()
    texts = [text.replace("ANSWER", answer) for text in said]
    say(monkeypatch, "rollout", [[text] for text in texts])
    [episode] = episodes_of(policy, "step", 1)
    asked = [policy.tokenizer.decode(turn.prompt_tokens).partition("assistant: <think>\n")[2] for turn in episode.turns]
    assert asked == [prompt.replace("ANSWER", answer) for prompt in prompts]
    assert [turn.completion.text for turn in episode.turns] == [
        "<think>\n" + text if first else text for text, first in zip(texts, marked, strict=True)
    ]
    assert episode.verdict.score == score


@given(st.lists(st.sampled_from(["Hm", "1 + 1 = 2", "<think>\n", "<think>", "</think>", "\n"]), max_size=8))
def test_what_was_said_earlier_stays_as_it_was_behind_one_thought_of_the_template(parts):
    earlier = "".join(parts)
    for thought in ("<think>\n", ""):
        behind = resumed(thought, earlier)
        assert behind.endswith(earlier.removeprefix(thought))
        assert is_thinking(thought + behind, False) == is_thinking(earlier, bool(thought) and not earlier)


def test_a_policy_without_a_template_goes_on_as_it_is_asked_to():
    policy, view = tiny_policy(), View("2 + 2?", "", "1 + 1 = 2", "", continues=True)
    assert policy.tokenizer.decode(policy.ask(view)).endswith("Solve it.\n1 + 1 = 2\n")


@pytest.mark.parametrize(
    ("template", "reply", "read"),
    [
        (THINKS, '{"strategies": []}', ""),
        (THINKS, '{"lessons": 1}</think>{"strategies": []}', '{"strategies": []}'),
        (SAID, '{"strategies": []}', '{"strategies": []}'),
        (SAID, "<think>{", ""),
    ],
)
def test_what_a_reflector_only_thought_is_not_its_reply(template, reply, read, monkeypatch):
    say(monkeypatch, "reflector", [[reply]])
    request = InsightRequest(subject_of(TASK), "lessons", (), (), 0, 2)
    assert PolicyReflector(policy_with(template))([request]) == [read]


def test_tags_that_a_tokenizer_takes_for_special_tokens_are_read():
    policy = tiny_policy()
    policy.tokenizer.add_tokens([AddedToken(tag, special=True) for tag in ("<think>", "</think>", "<user>")])
    tokens = policy.tokenizer("<think>a<user>b</think>c")["input_ids"]
    assert policy.tokenizer.decode(tokens, skip_special_tokens=True) == "abc"
    assert policy.completion([*tokens, 1], [0.0] * 6).text == "<think>ab</think>c"


def test_a_tag_that_is_a_special_token_can_end_what_is_sampled(monkeypatch):
    policy = tiny_policy()
    policy.tokenizer.add_tokens([AddedToken("</think>", special=True)])
    policy.model.resize_token_embeddings(len(policy.tokenizer))
    written = policy.tokenizer("ab</think>cdefg")["input_ids"]
    places = iter(written)
    monkeypatch.setattr(
        "agents.sampling.pick", lambda logits, *_: (torch.tensor([next(places)]), torch.zeros(len(logits)))
    )
    [said] = generate(policy, [(5, 6)], Sampling(max_new_tokens=len(written), stop=("</think>",)), seed=0)
    assert (said.text, said.finished) == ("ab", True)
    assert list(said.tokens) == written[:3]


CLOSES = SAID + "{% if add_generation_prompt %}assistant: <think>\n\n</think>\n\n{% endif %}"
ALOUD = SAID + "{% if add_generation_prompt %}assistant: <thinking>Well,{% endif %}"
TEMPLATES = {THINKS: "</think>\n\n", ALOUD: "</thinking>\n\n", CLOSES: "", SAID + "assistant:": "", None: ""}


def learnt(policy, row):
    """The tokens of a row that are learnt, without the end."""
    ids, is_learnt = row
    tokens = [token for token, learns in zip(ids, is_learnt, strict=True) if learns]
    assert tokens[-1] in policy.end_ids
    return policy.tokenizer.decode(tokens[:-1])


@pytest.mark.parametrize("granularity", ["episode", "step"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_solution_as_it_is_taught_is_an_answer(template, granularity, monkeypatch):
    settings = {"granularity": "episode", "source": "generated", "difficulty": 1}
    part = Problems.open(EnvChoice("pmd/GSM8K-v0", settings), "train", 1)
    [task], family, policy = part.tasks, part.env.family, policy_with(template)
    said = learnt(policy, lesson(policy, family, task))
    assert said == TEMPLATES[template] + family.gold_solution(task)
    say(monkeypatch, "rollout", [[said]])
    [episode] = episodes_of(policy, granularity, 1)
    assert episode.verdict.score == 1


def test_a_solution_is_taught_so_that_its_first_line_is_one_where_a_turn_is_a_line():
    settings = {"granularity": "step", "source": "generated", "difficulty": 1}
    part = Problems.open(EnvChoice("pmd/GSM8K-v0", settings), "train", 1)
    [task], family, policy = part.tasks, part.env.family, policy_with(THINKS)
    said = learnt(policy, lesson(policy, family, task, stop=("\n",)))
    assert said == "</think>" + family.gold_solution(task)
    assert learnt(policy, lesson(policy, family, task, stop=("Problem:",))) == "</think>\n\n" + family.gold_solution(
        task
    )


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_reflection_as_it_is_taught_is_read(template, monkeypatch):
    policy, reply = policy_with(template), '{"strategies": []}'
    say(monkeypatch, "reflector", [[learnt(policy, answered(policy, policy.encode("Write."), reply))]])
    request = InsightRequest(subject_of(TASK), "lessons", (), (), 0, 2)
    assert [text.strip() for text in PolicyReflector(policy)([request])] == [reply]


@given(st.lists(st.integers(0, 257)))
def test_other_texts_are_read_as_ever(tokens):
    tokenizer = tiny_policy().tokenizer
    assert text_of(tokenizer, tokens) == tokenizer.decode(tokens, skip_special_tokens=True)
