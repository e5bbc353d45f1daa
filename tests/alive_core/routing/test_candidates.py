"""Which targets may answer at all."""

import pytest

from alive_core.adapters.jobs import (
    ChatJob,
    ClassifyJob,
    CompleteJob,
    DetokenizeJob,
    EmbedJob,
    Job,
    Message,
    RerankJob,
    TokenizeJob,
)
from alive_core.errors import FingerprintMismatch
from alive_core.profiles.profile import CONDITIONS
from alive_core.routing.candidates import is_tied, joint_abilities, relied_on
from support.routes import route


def test_a_request_that_relies_on_a_model_goes_only_where_it_is() -> None:
    first, second = route("first", fingerprint="one"), route("second", fingerprint="two")
    assert relied_on([first, second], "two") == [second]
    assert relied_on([first, second], None) == [first, second]
    with pytest.raises(FingerprintMismatch, match="fingerprint `three`, but the model that serves now has `one`"):
        relied_on([first, second], "three")


@pytest.mark.parametrize(
    ("job", "is_so"),
    [
        (EmbedJob("1", ("a",)), True),
        (TokenizeJob("1", "a"), True),
        (DetokenizeJob("1", (1,)), True),
        (CompleteJob("1", ((1, 2),)), True),
        (CompleteJob("1", ("a",)), False),
        (ChatJob("1", (Message("user", "a"),)), False),
        (RerankJob("1", "a", ("b",)), False),
        (ClassifyJob("1", ("a",)), False),
    ],
)
def test_vectors_and_token_numbers_belong_to_one_model(job: Job, is_so: bool) -> None:
    assert is_tied(job) is is_so


def test_a_profile_can_do_what_any_of_its_targets_can() -> None:
    small = route("small", context=16, parameters=frozenset({"seed"}), fingerprint="one")
    large = route("large", context=64, parameters=frozenset({"n"}), tools=True, json_schema=True, fingerprint="two")
    joint = joint_abilities([small, large], CONDITIONS)
    assert (joint.context, joint.parameters, joint.tools, joint.json_schema) == (64, {"seed", "n"}, True, True)
    assert joint.fingerprint == "one"


def test_what_no_condition_lets_a_request_go_on_for_is_the_first_targets_alone() -> None:
    small, large = route("small", context=16), route("large", context=64, tools=True)
    assert joint_abilities([small, large], ["down"]) == small.abilities


def test_a_window_that_nobody_knows_stays_unknown() -> None:
    assert joint_abilities([route("remote"), route("large", context=64)], CONDITIONS).context is None
