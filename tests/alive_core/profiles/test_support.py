"""The support table: what is honoured, what is a hint, what is refused by name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.errors import UnsupportedParameter
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import TASKS, Task
from alive_core.profiles.support import (
    CHAT,
    COMPLETE,
    RESPONSES,
    RULES,
    ParameterRules,
    refuse_unsupported,
    support_table,
    without_unsupported,
)
from alive_core.schemas.chat import ChatRequest
from alive_core.schemas.common import AliveOptions
from alive_core.schemas.completions import CompletionRequest
from alive_core.schemas.messages import UserMessage
from alive_core.schemas.responses import PromptReference, ResponseRequest

ALL_RULES = pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
NOTHING = Abilities(tasks=frozenset())
HELLO = [UserMessage(content="Hello")]


@ALL_RULES
def test_every_name_in_the_rules_is_a_field_of_the_request(rules: ParameterRules) -> None:
    fields = set(rules.request.__struct_fields__)
    named = rules.core | rules.engine | rules.hints | set(rules.defaults) | set(rules.follows)
    assert named | set(rules.follows.values()) | {name for pair in rules.together.values() for name in pair} <= fields


@ALL_RULES
def test_a_field_has_one_kind_of_support_only(rules: ParameterRules) -> None:
    assert not rules.core & rules.engine
    assert not rules.hints & (rules.core | rules.engine)


@pytest.mark.parametrize("task", TASKS)
def test_the_table_lists_every_field_of_the_request_in_its_order(task: Task) -> None:
    rules = RULES[task]
    assert list(support_table(task, NOTHING)) == [*rules.request.__struct_fields__, *rules.together]


@given(st.sampled_from(list(RULES)), st.data())
def test_an_engine_that_can_more_never_loses_a_field(task: Task, data: st.DataObject) -> None:
    fields = st.sets(st.sampled_from(RULES[task].request.__struct_fields__)).map(frozenset)
    few, more = data.draw(fields), data.draw(fields)
    before = support_table(task, Abilities(tasks=frozenset(), parameters=few))
    after = support_table(task, Abilities(tasks=frozenset(), parameters=few | more))
    assert {name for name, kind in before.items() if kind == "honoured"} <= {
        name for name, kind in after.items() if kind == "honoured"
    }


@given(st.sampled_from(list(RULES)))
def test_an_engine_cannot_honour_what_no_job_carries_to_it(task: Task) -> None:
    rules = RULES[task]
    boastful = Abilities(tasks=frozenset(), parameters=frozenset(rules.request.__struct_fields__))
    honoured = {name for name, kind in support_table(task, boastful).items() if kind == "honoured"}
    carried = rules.core | rules.engine
    assert honoured == carried | {field for field, leader in rules.follows.items() if leader in carried}


@pytest.mark.parametrize("can", [{"echo", "logprobs"}, {"echo", "echo+logprobs"}, set()])
def test_two_fields_together_are_an_ability_of_their_own(can: set[str]) -> None:
    abilities = Abilities(tasks=frozenset(), parameters=frozenset(can))
    assert support_table("complete", abilities)["echo+logprobs"] == "refused"
    body = CompletionRequest(model="m", prompt="", echo=True, logprobs=1)
    with pytest.raises(UnsupportedParameter) as caught:
        refuse_unsupported(body, COMPLETE, abilities)
    assert caught.value.param == ("logprobs" if "echo+logprobs" in can else "echo")
    assert ("together with `logprobs`" in str(caught.value)) is ("logprobs" in can)
    kept, ignored = without_unsupported(body, COMPLETE, abilities)
    assert ignored == [name for name in ("echo", "logprobs") if getattr(kept, name) is None]
    refuse_unsupported(kept, COMPLETE, abilities)


def test_an_engine_that_can_do_two_things_at_once_may() -> None:
    abilities = Abilities(tasks=frozenset(), parameters=frozenset({"echo", "logprobs", "echo+logprobs"}))
    assert support_table("complete", abilities)["echo+logprobs"] == "honoured"
    refuse_unsupported(CompletionRequest(model="m", prompt="", echo=True, logprobs=1), COMPLETE, abilities)


def test_the_best_of_several_needs_an_engine_that_tells_how_likely_they_are() -> None:
    teller = Abilities(tasks=frozenset(), parameters=frozenset({"logprobs", "n"}))
    refuse_unsupported(CompletionRequest(model="m", prompt="", best_of=3), COMPLETE, teller)
    silent = Abilities(tasks=frozenset(), parameters=frozenset({"n"}))
    refuse_unsupported(CompletionRequest(model="m", prompt="", best_of=2, n=2), COMPLETE, silent)
    with pytest.raises(UnsupportedParameter, match="`best_of`"):
        refuse_unsupported(CompletionRequest(model="m", prompt="", best_of=3, n=2), COMPLETE, silent)


def test_fields_that_belong_to_another_share_its_fate() -> None:
    table = support_table("chat", Abilities(tasks=frozenset(), tools=True, parameters=frozenset({"logprobs"})))
    assert table["tool_choice"] == table["parallel_tool_calls"] == table["top_logprobs"] == "honoured"
    assert table["max_completion_tokens"] == table["max_tokens"] == "refused"


@pytest.mark.parametrize(("tools", "json_schema"), [(True, False), (False, True)])
def test_tools_and_schemas_are_abilities_of_their_own(tools: bool, json_schema: bool) -> None:
    table = support_table("chat", Abilities(tasks=frozenset(), tools=tools, json_schema=json_schema))
    assert (table["tools"], table["response_format"]) == (
        "honoured" if tools else "refused",
        "honoured" if json_schema else "refused",
    )


@pytest.mark.parametrize(
    "options",
    [AliveOptions(lenient=True), AliveOptions(load="wait", max_wait_s=3.0), AliveOptions(fingerprint="abc")],
)
def test_our_own_options_are_honoured_by_every_profile(options: AliveOptions) -> None:
    refuse_unsupported(ChatRequest(messages=HELLO, model="chat", alive=options), CHAT, NOTHING)


def test_a_field_that_cannot_be_honoured_is_refused_by_name() -> None:
    body = ChatRequest(messages=HELLO, model="chat", temperature=0.0)
    with pytest.raises(UnsupportedParameter, match=r"`temperature` is not supported by this model\. Leave it out\."):
        refuse_unsupported(body, CHAT, NOTHING)


def test_a_hint_is_accepted_whatever_it_says() -> None:
    body = ChatRequest(messages=HELLO, model="chat", user="u", metadata={"k": "v"}, prompt_cache_key="p")
    refuse_unsupported(body, CHAT, NOTHING)


def test_leniency_does_not_drop_what_nothing_is_left_without() -> None:
    body = ResponseRequest(model="chat", prompt=PromptReference(id="pmpt_1"), temperature=0.5)
    with pytest.raises(UnsupportedParameter, match=r"`prompt` .* without it, `input` is required\.") as refusal:
        without_unsupported(body, RESPONSES, NOTHING)
    assert refusal.value.param == "prompt"


def test_leniency_drops_what_cannot_be_honoured_and_says_what_it_was() -> None:
    body = ChatRequest(messages=HELLO, model="chat", temperature=0.0, seed=3, n=1, user="u")
    left, ignored = without_unsupported(body, CHAT, Abilities(tasks=frozenset(), parameters=frozenset({"seed"})))
    assert ignored == ["temperature"]
    assert left == ChatRequest(messages=HELLO, model="chat", seed=3, n=1, user="u")


SET = {
    "temperature": st.floats(0, 2),
    "top_p": st.floats(0, 1),
    "n": st.integers(1, 5),
    "seed": st.integers(-5, 5),
    "logprobs": st.booleans(),
    "top_logprobs": st.integers(0, 5),
    "stop": st.just("end"),
    "user": st.just("me"),
}


@given(st.fixed_dictionaries({}, optional=SET), st.sets(st.sampled_from(sorted(SET))).map(frozenset))
def test_what_is_left_out_is_exactly_what_would_be_refused(sent: dict[str, Any], can: frozenset[str]) -> None:
    abilities = Abilities(tasks=frozenset(), parameters=can)
    body = ChatRequest(model="chat", messages=HELLO, **sent)
    kept, ignored = without_unsupported(body, CHAT, abilities)
    refuse_unsupported(kept, CHAT, abilities)
    assert kept == ChatRequest(
        model="chat", messages=HELLO, **{name: value for name, value in sent.items() if name not in ignored}
    )
    for name in ignored:
        with pytest.raises(UnsupportedParameter):
            refuse_unsupported(ChatRequest(model="chat", messages=HELLO, **{name: sent[name]}), CHAT, abilities)
