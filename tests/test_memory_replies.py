import json
import random
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.nano.reflections import consolidation, reflection
from memory.replies import (
    MAX_ACTIONS,
    MAX_CONTENT_CHARS,
    MAX_REPLY_CHARS,
    MAX_TITLE_CHARS,
    Action,
    ProposedInsight,
    behavior_name,
    clip,
    read_actions,
    read_insights,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
words = st.text("abcdefghij XYZ,.", min_size=1, max_size=30).filter(lambda text: any(map(str.isalpha, text)))
A = '{"title": "A", "content": "First."}'
B = '{"title": "B", "content": "Second."}'
EXAMPLE = '{"strategies": [{"title": "...", "content": "..."}], "lessons": [{"title": "...", "content": "..."}]}'


def insights(reply):
    """What is read, as pairs; None for what cannot be."""
    read = read_insights(reply)
    return None if read is None else [(item.kind, item.title) for item in read.items]


def malformed(reply, reader=read_insights):
    return reader(reply).malformed


@given(st.text())
def test_no_text_makes_a_reader_raise(text):
    read_insights(text)
    read_actions(text)


@given(st.dictionaries(st.sampled_from(["strategies", "lessons", "actions", "behaviors"]), json_values))
def test_no_json_makes_a_reader_raise_or_exceed_the_limits(value):
    reply = json.dumps(value)
    insights, actions = read_insights(reply), read_actions(reply)
    assert insights is None or len(insights.items) <= 6
    assert actions is None or len(actions.items) <= MAX_ACTIONS


@given(st.lists(st.tuples(words, words), max_size=3), st.sampled_from(["", "Sure! ", "{not json} ", "```json\n"]))
def test_insights_come_back_from_json_in_prose(rows, before):
    items = [{"title": title, "content": content} for title, content in rows]
    reply = f"{before}{json.dumps({'strategies': items, 'lessons': items})}\n``` Hope that helps {{"
    expected = [(" ".join(title.split()), " ".join(content.split())) for title, content in rows]
    found = read_insights(reply)
    assert found is not None
    assert [(i.title, i.content) for i in found.items if i.kind == "strategy"] == expected
    assert [(i.title, i.content) for i in found.items if i.kind == "lesson"] == expected
    assert found.malformed == 0


@pytest.mark.parametrize(
    "hostile",
    [
        *("{" * 10**6, '{"a":' * 200_000, '{"strategies":[' * 50_000, "[" * 10**6, '{"' * 10**6, '{"a" ' * 10**5),
        *('{"a":[{"b":1},' * 30_000, '{"a":"' + '\\"{' * 10**5, '{"a":' * 5_000 + '"' + "a" * 10**5, '{"a":[' * 6_000),
    ],
)
def test_hostile_replies_are_cheap(hostile):
    start = time.perf_counter()
    assert read_insights(hostile) is None
    assert read_actions(hostile) is None
    assert time.perf_counter() - start < 1.0


def test_objects_of_another_kind_do_not_count():
    reply = 'Thinking {"plan": {"strategies": 1}} {"lessons": [{"title": "T", "content": "C"}]} {"lessons": []}'
    assert read_insights(reply).items == (ProposedInsight("lesson", "T", "C"),)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (f'{EXAMPLE}\n{{"strategies": [{A}], "lessons": [{B}]}}', [("strategy", "A"), ("lesson", "B")]),
        (f'{{"strategies": []}} So: {{"strategies": [{A}]}}', [("strategy", "A")]),
        (
            f'```json\n{{"strategies": [{A}]}}\n```\n```json\n{{"lessons": [{B}]}}\n```',
            [("strategy", "A"), ("lesson", "B")],
        ),
        (f'{{"strategies": [{A}]}}\n{{"strategies": [{A}, {B}]}}', [("strategy", "A"), ("strategy", "B")]),
        (f'{{"strategies": [{A}, {A}]}}', [("strategy", "A"), ("strategy", "A")]),  # counted as a duplicate later
        (EXAMPLE, None),
        ('{"strategies": [{"title": "...", "content": "Add both."}]}', None),
        ('{"strategies": []}', []),
    ],
)
def test_all_objects_with_the_right_keys_count_together(reply, expected):
    assert insights(reply) == expected


def test_the_example_of_the_format_is_no_behavior():
    example = '{"behaviors": [{"name": "behavior_...", "instruction": "..."}]}'
    assert read_actions(example) is None
    real = '{"behaviors": [{"name": "behavior_add", "instruction": "Add."}]}'
    assert read_actions(example + " or " + real).items == (Action("new", "behavior_add", "Add."),)
    assert read_actions('{"actions": [{"action": "new", "name": "add", "instruction": "..."}]}') is None


@pytest.mark.parametrize(
    "value",
    [
        *("7", '"none"', "null", '["Do this"]', '[{"title": "T"}]', '[{"title": " ", "content": "C"}]', f"[[{A}]]"),
        *('[{"title": ["T"], "content": "C"}]', '[{"title": "12", "content": "C"}]', "[null]", '{"title": "T"}'),
    ],
)
def test_items_that_are_not_well_formed_are_counted_beside_others_and_else_nothing_was_readable(value):
    assert malformed(f'{{"strategies": {value}, "lessons": [{A}]}}') == 1
    assert insights(f'{{"strategies": {value}, "lessons": [{A}]}}') == [("lesson", "A")]
    assert insights(f'{{"strategies": {value}, "lessons": []}}') is None
    assert insights(A) is None


def test_what_can_only_mean_one_thing_is_read():
    assert insights(f'{{"strategies": {A}}}') == [("strategy", "A")]
    assert insights(f'{{"strategies": {{}}, "lessons": [{B}]}}') == [("lesson", "B")]
    for key in ("description", "text", "Content"):
        assert insights(f'{{"Strategies": [{{"TITLE": "A", "{key}": "First."}}]}}') == [("strategy", "A")]
    rows = [{"action": kind, "name": "a", "instruction": "A."} for kind in ("add", "create", " New", "delete")]
    kinds = [action.action for action in read_actions(json.dumps({"actions": rows})).items]
    assert kinds == ["new", "new", "new", "remove"]


def test_what_is_no_action_is_counted():
    rows = [{"action": "add"}, {"name": "检查单位", "instruction": "先换算。"}, {"name": "a"}, "a", None]
    fair = {"action": "new", "name": "b", "instruction": "先换算。"}
    read = read_actions(json.dumps({"actions": [*rows, fair]}))
    assert (read.items, read.malformed) == ((Action("new", "behavior_b", "先换算。"),), 5)
    assert read_actions(json.dumps({"actions": rows})) is None


def test_an_action_counts_wherever_it_stands():
    rows = [{"action": kind, "name": "behavior_x", "instruction": "X."} for kind in ("remove", "update", "keep", None)]
    read = read_actions(json.dumps({"behaviors": [*rows, {"name": "behavior_x", "instruction": "X."}]}))
    assert [action.action for action in read.items] == ["remove", "update", "new"]
    assert read.malformed == 2  # to keep it is no change, and nothing is no action


@pytest.mark.parametrize(
    "reply",
    [
        f'{{"strategies": [{A},], "lessons": [],}}',
        '{"strategies": [{"title": "A", "content": "First,\nand\tthen."}]}',
        f'{{"insights": {{"strategies": [{A}]}}}}',
        f'{{"insights": [{{"strategies": [{A}]}}, {{"lessons": []}}]}}',
        f'{{"strategies": [{A}, {{"title": "B", "cont',
        f'{{"strategies": [{A}, {{"title": "B", "content": "Sec',
        f'{{"strategies": [{A}',
        f'{{"strategies": [{A}], "lessons": [{{"title": "Use ',
        f'{{"strategies": [{A}, {{"title": "B", "content": "Say "no" to it."}}]}}',
        f'{{"strategies": [{A}}}',
        r"$\frac{1}{2}$ " * 40 + f'{{"strategies": [{A}]}}',
        "Let me think {of it}. " * 2_000 + f'{{"strategies": [{A}]}}',
        "x" * 10 * MAX_REPLY_CHARS + f'{{"strategies": [{A}]}}',
        f'{{"strategies": [{A}]}}' + "x" * 10 * MAX_REPLY_CHARS,
        f'{{"note: {{"strategies": [{A}]}}',
        f'{{"a", "b"}} {{"strategies": [{A}]}}',
        f'{{"thought": 1.5e3, "sure": true, "else": [null, -1, {{}}], "strategies": [{A}]}}',
    ],
)
def test_replies_with_slips_are_read(reply):
    assert insights(reply) == [("strategy", "A")]


@pytest.mark.parametrize("cut", range(len('{"strategies": [{"title": "A", "content": "First."')))
def test_a_reply_that_was_cut_off_before_its_first_item_ended_is_unreadable(cut):
    assert insights('{"strategies": [{"title": "A", "content": "First."'[:cut]) is None


def test_the_item_that_was_cut_off_is_counted():
    assert malformed(f'{{"strategies": [{A}, {{"title": "B", "content": "Sec') == 1
    assert malformed(f'{{"strategies": [{A}]') == 0


def test_what_nano_writes_is_read_as_json_has_it():
    rng = random.Random(0)
    for _ in range(60):
        reply = reflection(rng).completion
        found = json.loads(reply)
        expected = [
            ProposedInsight(kind, clip(row["title"], MAX_TITLE_CHARS), clip(row["content"], MAX_CONTENT_CHARS))
            for kind, key in (("strategy", "strategies"), ("lesson", "lessons"))
            for row in found.get(key, [])
        ]
        read = read_insights(reply)
        assert (list(read.items), read.malformed) == (expected, 0)
        reply = consolidation(rng).completion
        rows = [row for key in ("actions", "behaviors") for row in json.loads(reply).get(key, [])]
        named = [Action("new", row["name"], clip(row["instruction"], MAX_CONTENT_CHARS)) for row in rows]
        read = read_actions(reply)
        assert (list(read.items), read.malformed) == (named, 0)


def test_long_items_are_cut_between_words():
    found = read_insights(json.dumps({"strategies": [{"title": "word " * 50, "content": "longer " * 200}]})).items
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
    assert not any(unicodedata.category(sign) == "Cc" for sign in cut)


def test_both_forms_of_behaviors_are_read():
    behaviors = {
        "behaviors": [{"name": "Check Units", "instruction": "Convert first."}, {"name": "?", "instruction": "x"}]
    }
    assert read_actions(json.dumps(behaviors)).items == (Action("new", "behavior_check_units", "Convert first."),)
    actions = {
        "actions": [
            {"action": "NEW", "name": "behavior_a", "instruction": "A."},
            {"action": "update", "name": "behavior_b", "instruction": "B."},
            {"action": "remove", "name": "behavior_c"},
            {"action": "update", "name": "behavior_d"},
            {"action": "burn", "name": "behavior_e", "instruction": "E."},
        ]
    }
    assert read_actions(json.dumps(actions)).items == (
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
