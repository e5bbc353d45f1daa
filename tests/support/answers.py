"""Answers as engines give them: strategies for whole event sequences in the order that the contract asks for."""

from hypothesis import strategies as st

from alive_core.adapters import events

texts = st.text('a é€🎈\n"', max_size=3)
counts = st.integers(0, 1000)
logprob = st.sampled_from((0.0, -0.5, -20.0))
token_bytes = st.sampled_from(((), (97,), (195, 169)))
top_logprobs = st.builds(events.TopLogprob, texts, logprob, token_bytes)
token_logprobs = st.builds(
    events.TokenLogprob, texts, logprob, token_bytes, st.lists(top_logprobs, max_size=2).map(tuple)
)
usages = st.builds(events.Usage, counts, counts, counts, counts)
asides = st.builds(events.Progress, st.sampled_from(("queue", "load", "prompt", "batch")), counts) | st.builds(
    events.ReasoningDelta, texts
)


@st.composite
def choices(draw: st.DrawFn, index: int, *, with_tools: bool) -> list[events.Event]:
    """What is said of one choice: text, then perhaps tool calls, then its end."""
    deltas = draw(
        st.lists(
            st.builds(events.TextDelta, texts, st.just(index), st.lists(token_logprobs, max_size=2).map(tuple)),
            max_size=3,
        )
    )
    said: list[events.Event] = list(deltas)
    calls = draw(st.integers(0, 2)) if with_tools else 0
    for call in range(calls):
        name, arguments = draw(st.sampled_from(("f", "look_up"))), draw(st.lists(texts, max_size=2))
        said.append(events.ToolCallDelta(call, "", f"call_{index}_{call}", name, index))
        said += [events.ToolCallDelta(call, piece, index=index) for piece in arguments]
    reasons = ("tool_calls",) if calls else ("stop", "length", "content_filter")
    return [*said, events.ChoiceFinished(draw(st.sampled_from(reasons)), index)]


@st.composite
def answers(draw: st.DrawFn, *, n: int, with_tools: bool) -> list[events.Event]:
    """A whole answer of `n` choices in any interleaving, with signs of life in between."""
    pending = [draw(choices(index, with_tools=with_tools)) for index in range(n)]
    told: list[events.Event] = [draw(asides) for _ in range(draw(st.integers(0, 2)))]
    while any(pending):
        turn = draw(st.sampled_from([index for index, rest in enumerate(pending) if rest]))
        told.append(pending[turn].pop(0))
    return [*told, events.Finished(draw(usages))]
