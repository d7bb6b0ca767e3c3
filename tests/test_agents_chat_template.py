"""What chat templates add to a prompt: the same date every day."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_policy import tiny_policy
from transformers.utils import chat_template_utils


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
