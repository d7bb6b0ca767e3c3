import hypothesis.strategies as st
import pytest
import torch
from hypothesis import assume, given, settings
from tiny_policy import byte_tokenizer, tiny_policy

from agents.decoding import CachedDecoder, LlamaDecoder
from agents.nano.model import train_tokenizer
from agents.policy import Sampling, shorten
from agents.prompts import Blocks
from agents.records import View
from agents.sampling import DEAD_SHARE, generate, pick
from agents.scoring import pad_rows

PROMPTS = [(40, 41, 42), (50,), (60, 61, 62, 63, 64, 65), (50,)]


@pytest.mark.parametrize("joins_up_to", [2**20, 0])
def test_greedy_tokens_equal_those_of_transformers(joins_up_to, monkeypatch):
    monkeypatch.setattr("agents.decoding._SMALL", joins_up_to)
    policy = tiny_policy()
    ours = generate(policy, PROMPTS, Sampling(max_new_tokens=12, temperature=0), seed=0)
    for prompt, completion in zip(PROMPTS, ours, strict=True):
        ids = torch.tensor([prompt])
        theirs = policy.model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False)
        assert list(completion.tokens) == theirs[0, len(prompt) :].tolist()


@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_kept_logprobs_are_those_of_a_second_pass(temperature):
    policy = tiny_policy()
    done = generate(policy, PROMPTS, Sampling(max_new_tokens=20, temperature=temperature), seed=3)
    with torch.no_grad():
        logits = policy.read(PROMPTS, [c.tokens for c in done]).logits()
    for i, completion in enumerate(done):
        length = len(completion.tokens)
        logprobs = (logits[i, :length] / temperature).log_softmax(-1)
        again = logprobs.gather(-1, torch.tensor(completion.tokens)[:, None])[:, 0]
        assert torch.allclose(torch.tensor(completion.logprobs), again, atol=1e-4)


def test_kept_likeliest_tokens_are_those_of_a_second_pass():
    policy = tiny_policy()
    done = generate(policy, PROMPTS * 8, Sampling(max_new_tokens=40, likeliest=5), seed=3)
    assert len({len(c.tokens) for c in done}) > 5  # rows leave the batch
    with torch.no_grad():
        logits = policy.read(PROMPTS * 8, [c.tokens for c in done]).logits()
    for i, completion in enumerate(done):
        own = logits[i, : len(completion.tokens)]
        kept = own.gather(-1, completion.likeliest.long())
        assert torch.allclose(kept, own.topk(5, -1).values, atol=1e-4)


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_a_stop_text_ends_a_completion_and_changes_nothing_before(data):
    policy = tiny_policy()
    free = generate(policy, PROMPTS, Sampling(max_new_tokens=24), seed=6)
    text = data.draw(st.sampled_from([c.text for c in free if len(c.text) > 4]))
    first = data.draw(st.integers(0, len(text) - 1))
    stop = text[first : first + data.draw(st.integers(1, 3))]
    assume("\ufffd" not in stop)  # which stands for part of a character until the rest of it is there
    stopped = generate(policy, PROMPTS, Sampling(max_new_tokens=24, stop=(stop, "never said")), seed=6)
    assert any(stop in c.text for c in free)
    for mine, whole in zip(stopped, free, strict=True):
        said = policy.tokenizer.decode([t for t in whole.tokens if t not in policy.end_ids], skip_special_tokens=True)
        assert mine.tokens == whole.tokens[: len(mine.tokens)]
        assert mine.logprobs == pytest.approx(whole.logprobs[: len(mine.tokens)], abs=1e-5)
        if stop not in said:
            assert (mine.text, mine.tokens, mine.finished) == (whole.text, whole.tokens, whole.finished)
            continue
        assert mine.text == said[: said.index(stop)].strip("\n")
        assert mine.finished
        before = policy.tokenizer.decode(list(mine.tokens[:-1]), skip_special_tokens=True)
        assert stop not in before  # the last token completed it


def test_an_empty_stop_text_is_refused():
    with pytest.raises(ValueError, match="empty text"):
        Sampling(stop=("\n", ""))


def test_a_row_does_not_depend_on_how_rows_are_batched():
    policy = tiny_policy()
    together = generate(policy, PROMPTS, Sampling(max_new_tokens=15), seed=5)
    apart = generate(policy, PROMPTS, Sampling(max_new_tokens=15, rows_at_once=1), seed=5)
    assert [c.tokens for c in together] == [c.tokens for c in apart]


def test_same_seed_same_samples_and_another_seed_others():
    policy = tiny_policy()
    first, again, other = (generate(policy, PROMPTS, Sampling(max_new_tokens=15), seed=s) for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_samples_follow_the_distribution():
    logits = torch.tensor([2.0, 0.0, -1.0, 1.0]).expand(40_000, 4)
    uniforms = torch.rand(40_000, generator=torch.Generator().manual_seed(0))
    tokens, logprobs = pick(logits, uniforms, 1.0)
    expected = logits[0].softmax(-1)
    found = torch.bincount(tokens, minlength=4) / 40_000
    chi_square = (40_000 * (found - expected) ** 2 / expected).sum()
    assert chi_square < 16.3  # 0.1 % quantile for 3 degrees of freedom
    assert torch.allclose(logprobs, expected.log()[tokens])


def test_completions_end_at_the_end_token_or_the_limit():
    policy = tiny_policy()
    done = generate(policy, PROMPTS * 20, Sampling(max_new_tokens=60), seed=0)
    assert any(c.finished for c in done)
    assert any(not c.finished for c in done)
    for completion in done:
        assert completion.finished == (completion.tokens[-1] == 1)
        assert 1 not in completion.tokens[:-1]
        assert len(completion.tokens) == len(completion.logprobs) <= 60


@pytest.mark.parametrize("decoder", [LlamaDecoder, CachedDecoder])
def test_a_groups_prompt_is_computed_once_and_rows_that_have_ended_leave(decoder, monkeypatch):
    policy, read, advanced = tiny_policy(), [], []
    forward, advance = policy.model.forward, decoder.advance
    monkeypatch.setattr("agents.sampling.decoder_for", lambda *of: decoder(*of[: 3 if decoder is LlamaDecoder else 2]))
    monkeypatch.setattr("agents.sampling.check_steps", lambda *_: None)  # which reads texts that are no prompts
    monkeypatch.setattr(policy.model, "forward", lambda **of: read.append(of["input_ids"].shape) or forward(**of))
    monkeypatch.setattr(decoder, "advance", lambda self, tokens: advanced.append(len(tokens)) or advance(self, tokens))
    prompts = [(40, 41, 42)] * 24 + [(50, 51, 52)] * 24
    done = generate(policy, prompts, Sampling(max_new_tokens=200), seed=3)
    assert read[0] == (2, 3)
    assert sum(wide[0] * wide[1] > 48 for wide in read) == 0
    longest = sorted((len(completion.tokens) for completion in done), reverse=True)
    for step, lanes in enumerate(advanced):
        live = sum(length > step + 1 for length in longest)
        assert live <= lanes <= live / (1 - DEAD_SHARE) + 1
    assert advanced[-1] < 48


def test_no_prompts_no_completions():
    assert generate(tiny_policy(), [], Sampling(), seed=0) == []


def test_padding_lines_completions_up():
    ids, attention = pad_rows([(7, 8), (9,)], [(1,), (2, 3)], pad_id=0)
    assert ids.tolist() == [[7, 8, 1, 0], [0, 9, 2, 3]]
    assert attention.tolist() == [[1, 1, 1, 0], [0, 1, 1, 1]]


def test_memory_is_shortened_before_the_problem():
    policy = tiny_policy()
    policy.max_prompt_tokens = 120
    view = View("What is 3 + 4?", "", "", "", continues=True)
    blocks = Blocks(("a" * 60,), ("b" * 60,), ("c" * 60,), "d" * 10, "e" * 10)
    text = policy.tokenizer.decode(list(policy.ask(view, blocks)))
    assert "What is 3 + 4?" in text
    assert text.endswith("Solve it.\n")
    assert "d" * 10 in text
    assert "ccc" not in text
    assert shorten(Blocks(feedback="x")).is_empty


def test_equal_questions_are_made_into_tokens_once(monkeypatch):
    policy, encoded = tiny_policy(), []
    views = [View(f"What is {number} + 4?", "", "", "", continues=True) for number in (3, 5)]
    asked = [(view, blocks) for view in views for blocks in (None, Blocks(("add",)), None, Blocks(("add",)))]
    apart = [policy.ask(*one) for one in asked]
    monkeypatch.setattr(type(policy), "encode", lambda self, text, do=policy.encode: encoded.append(text) or do(text))
    assert policy.ask_each(asked) == apart
    assert len(encoded) == len(set(encoded)) == 4


@settings(max_examples=60)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60).filter(
        lambda t: "<pad>" not in t and "<end>" not in t
    )
)
def test_tokenizers_give_text_back(text):
    for tokenizer in (byte_tokenizer(), SMALL):
        assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text


SMALL = train_tokenizer(["Ann has 12 pens and buys 30 more.", "12 + 30 = 42"])


def logits_and_gradients(policy, prompts, completions):
    policy.model.zero_grad()
    logits = policy.read(prompts, completions).logits()
    rows = [logits[i, : len(row)] for i, row in enumerate(completions)]
    torch.cat(rows).log_softmax(-1)[:, 3].sum().backward()
    return rows, [p.grad.clone() for p in policy.model.parameters() if p.grad is not None]


def test_shared_prompts_give_the_logits_and_gradients_of_rows_read_apart():
    policy = tiny_policy()
    prompts = [PROMPTS[0], PROMPTS[2], PROMPTS[0], PROMPTS[2], PROMPTS[0]]
    completions = [(5, 6, 7), (8,), (9, 10), (11, 12, 13, 14), (15,)]
    rows, gradients = logits_and_gradients(policy, prompts, completions)
    apart, summed = [], None
    for prompt, completion in zip(prompts, completions, strict=True):
        (row,), own = logits_and_gradients(policy, [prompt], [completion])
        apart.append(row)
        summed = own if summed is None else [a + b for a, b in zip(summed, own, strict=True)]
    for mine, theirs in zip(rows, apart, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=1e-4)
    for mine, theirs in zip(gradients, summed, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-4, rtol=1e-3)


def test_completions_of_one_token_share_a_prompt_too():
    policy = tiny_policy()
    shared = policy.read([(4, 5)] * 3, [(1,), (2,), (3,)]).logits()
    alone = policy.read([(4, 5)], [(1,)]).logits()
    torch.testing.assert_close(shared, alone.expand(3, -1, -1))


def test_a_row_goes_on_as_it_would_have_whoever_else_does():
    policy = tiny_policy()
    sampling = Sampling(max_new_tokens=12)
    whole = generate(policy, PROMPTS, sampling, seed=3)
    left = [i for i in range(len(PROMPTS)) if i % 2]
    some = generate(policy, [PROMPTS[i] for i in left], sampling, seed=3, rows=left)
    assert [c.tokens for c in some] == [whole[i].tokens for i in left]
