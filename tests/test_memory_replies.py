import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.replies import MAX_ACTIONS, Action, ProposedInsight, behavior_name, clip, read_actions, read_insights

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
words = st.text("abcdefghij XYZ,.", min_size=1, max_size=30).filter(str.strip)


@given(st.text())
def test_no_text_makes_a_reader_raise(text):
    read_insights(text)
    read_actions(text)


@given(st.dictionaries(st.sampled_from(["strategies", "lessons", "actions", "behaviors"]), json_values))
def test_no_json_makes_a_reader_raise_or_exceed_the_limits(value):
    reply = json.dumps(value)
    insights, actions = read_insights(reply), read_actions(reply)
    assert len(insights or ()) <= 6
    assert len(actions or ()) <= MAX_ACTIONS


@given(st.lists(st.tuples(words, words), max_size=3), st.sampled_from(["", "Sure! ", "{not json} ", "```json\n"]))
def test_insights_come_back_from_json_in_prose(rows, before):
    items = [{"title": title, "content": content} for title, content in rows]
    reply = f"{before}{json.dumps({'strategies': items, 'lessons': items})}\n``` Hope that helps {{"
    expected = [(" ".join(title.split()), " ".join(content.split())) for title, content in rows]
    found = read_insights(reply)
    assert found is not None
    assert [(i.title, i.content) for i in found if i.kind == "strategy"] == expected
    assert [(i.title, i.content) for i in found if i.kind == "lesson"] == expected


@pytest.mark.parametrize(
    "hostile", ["{" * 10**6, '{"a":' * 200_000, '{"strategies":[' * 50_000, "[" * 10**6, '{"' * 10**6]
)
def test_hostile_replies_are_cheap(hostile):
    start = time.perf_counter()
    assert read_insights(hostile) is None
    assert read_actions(hostile) is None
    assert time.perf_counter() - start < 1.0


def test_the_first_object_with_the_right_keys_counts():
    reply = 'Thinking {"plan": {"strategies": 1}} {"lessons": [{"title": "T", "content": "C"}]} {"lessons": []}'
    assert read_insights(reply) == (ProposedInsight("lesson", "T", "C"),)


def test_items_that_are_not_well_formed_are_left_out():
    rows = [7, {"title": "T"}, {"title": " ", "content": "C"}, {"title": ["T"], "content": "C"}]
    assert read_insights(json.dumps({"strategies": rows, "lessons": "none"})) == ()
    assert read_insights('{"title": "T", "content": "C"}') is None


def test_long_items_are_cut_between_words():
    found = read_insights(json.dumps({"strategies": [{"title": "word " * 50, "content": "longer " * 200}]}))
    assert found is not None
    assert len(found[0].title) <= 80
    assert len(found[0].content) <= 400
    assert found[0].title.endswith("word")
    assert found[0].content.endswith("longer")


@given(st.text(), st.integers(1, 50))
def test_clipping_keeps_the_limit_and_what_can_be_stored(text, limit):
    cut = clip(text, limit)
    assert len(cut) <= limit
    assert cut == " ".join(cut.split())
    cut.encode("utf-8")


def test_both_forms_of_behaviors_are_read():
    behaviors = {
        "behaviors": [{"name": "Check Units", "instruction": "Convert first."}, {"name": "?", "instruction": "x"}]
    }
    assert read_actions(json.dumps(behaviors)) == (Action("new", "behavior_check_units", "Convert first."),)
    actions = {
        "actions": [
            {"action": "NEW", "name": "behavior_a", "instruction": "A."},
            {"action": "update", "name": "behavior_b", "instruction": "B."},
            {"action": "remove", "name": "behavior_c"},
            {"action": "update", "name": "behavior_d"},
            {"action": "burn", "name": "behavior_e", "instruction": "E."},
        ]
    }
    assert read_actions(json.dumps(actions)) == (
        Action("new", "behavior_a", "A."),
        Action("update", "behavior_b", "B."),
        Action("remove", "behavior_c", ""),
    )


@given(st.text())
def test_names_have_the_form_of_the_bank(name):
    made = behavior_name(name)
    assert made == "" or (made.startswith("behavior_") and set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789_"))
    assert len(made) <= 80
    assert behavior_name(made) == made
