"""Profiles held against their targets at start: what serves, what is unavailable, what stops the server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.events import Event
from alive_core.adapters.jobs import ChatJob, EmbedJob, TokenizeJob
from alive_core.adapters.protocols import Adapter
from alive_core.errors import ConfigurationError, LoadFailed, ModelNotFound, ModelUnavailable
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.load import ProfileBook
from alive_core.profiles.profile import Profile, Promises, Target
from alive_core.routing.roster import Obstacle, Roster, Route, build_roster, same_model

prints = st.none() | st.sampled_from(("one", "two"))
PATH = Path("/models/small.gguf")


class Talker:
    """Chats; says nothing about itself."""

    @classmethod
    async def load(cls, target: Target) -> Self:
        return cls()

    def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        raise NotImplementedError

    async def close(self) -> None:
        return


class Inspected(Talker):
    """Chats with tools, and counts how often it was looked at."""

    looks: list[Target]

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        cls.looks.append(target)
        if target.name == "corrupt":
            raise LoadFailed("/models/corrupt is no model.")
        if target.name == "odd":
            raise KeyError("layers")
        return Abilities(tasks=frozenset({"chat"}), context=4096, tools=True, fingerprint="fp")


class Counter(Talker):
    """Shows its tokens as well."""

    def tokenize(self, job: TokenizeJob) -> AsyncIterator[Event]:
        raise NotImplementedError


class Embedder(Talker):
    """Makes vectors as well."""

    def embed(self, job: EmbedJob) -> AsyncIterator[Event]:
        raise NotImplementedError


class Vague(Talker):
    """Says what it can do in a form of its own."""

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        return {"tasks": ["chat"]}  # type: ignore[return-value]  # the mistake that is tested


class Mute(Talker):
    """Begins to chat, but forgot to speak."""

    async def chat(self, job: ChatJob) -> None:  # type: ignore[override]  # the mistake that is tested
        return


def hidden() -> type[Talker]:
    """A class that no child process can import."""

    class Hidden(Talker):
        pass

    return Hidden


ADAPTERS: dict[str, type[Adapter]] = {
    "talker": Talker,
    "inspected": Inspected,
    "counter": Counter,
    "vectors": Embedder,
    "vague": Vague,
    "mute": Mute,
    "hidden": hidden(),
}


@pytest.fixture(autouse=True)
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Target]:
    seen: list[Target] = []
    monkeypatch.setattr(Inspected, "looks", seen, raising=False)
    return seen


def chat(name: str, *targets: str, promises: Promises | None = None) -> Profile:
    return Profile("chat", "Talks.", targets, name=name, promises=promises or Promises())


def build(profiles: list[Profile], targets: list[Target], path: Path | None = PATH) -> Roster:
    book = ProfileBook(
        "profiles.toml",
        {profile.name: profile for profile in profiles},
        {target.name: target for target in targets},
        profiles[0].name,
    )
    return build_roster(book, ADAPTERS, lambda target: path)


def test_a_target_that_keeps_its_promises_serves_from_where_its_model_lies() -> None:
    target = Target("inspected", name="t", model="m")
    offer = build([chat("chat", "t", promises=Promises(context=4096, tools=True))], [target]).find("chat")
    assert offer.route() == Route(
        Target("inspected", name="t", model="m", path=str(PATH)),
        Abilities(tasks=frozenset({"chat"}), context=4096, tools=True, fingerprint="fp"),
    )
    assert (offer.is_available, offer.is_demo, offer.obstacles) == (True, False, ())


def test_an_adapter_that_says_nothing_can_do_the_tasks_it_has_methods_for() -> None:
    offer = build([chat("chat", "t")], [Target("talker", name="t", context=100)]).find("chat")
    assert offer.route().abilities == Abilities(tasks=frozenset({"chat"}), context=100)


def test_a_target_without_a_model_is_not_looked_for_on_disk() -> None:
    assert build([chat("chat", "t")], [Target("talker", name="t")], None).find("chat").route().target.path is None


def test_targets_are_tried_in_the_order_of_the_profile() -> None:
    targets = [Target("talker", name="a"), Target("talker", name="b")]
    offer = build([chat("chat", "b", "a")], targets).find("chat")
    assert [route.target.name for route in offer.routes] == ["b", "a"]


def test_a_target_of_two_profiles_is_looked_at_once(looks: list[Target]) -> None:
    build([chat("chat", "t"), chat("code", "t")], [Target("inspected", name="t")])
    assert len(looks) == 1


def test_a_target_that_no_profile_names_is_not_looked_at(looks: list[Target]) -> None:
    build([chat("chat", "t")], [Target("talker", name="t"), Target("inspected", name="other")])
    assert looks == []


def test_a_model_that_is_not_installed_leaves_the_command_that_helps() -> None:
    offer = build([chat("chat", "t")], [Target("inspected", name="t", model="m")], None).find("chat")
    assert offer.obstacle == Obstacle("the model `m` is not installed", "Install it with `task models:pull -- m`.")
    assert (offer.is_available, offer.is_demo) == (False, False)
    with pytest.raises(ModelUnavailable) as caught:
        offer.route()
    assert caught.value.message == (
        "The profile `chat` is unavailable: the model `m` is not installed. Install it with `task models:pull -- m`."
    )
    assert caught.value.param == "model"


def test_a_file_that_is_not_there_is_named() -> None:
    offer = build([chat("chat", "t")], [Target("inspected", name="t", path="/gone")], None).find("chat")
    assert offer.obstacle.reason == "there is no file at /gone"


def test_another_target_serves_where_the_first_is_missing() -> None:
    targets = [Target("inspected", name="gone", model="m"), Target("talker", name="small")]
    offer = build([chat("chat", "gone", "small")], targets, None).find("chat")
    assert offer.route().target.name == "small"
    assert len(offer.obstacles) == 1


def test_an_offer_keeps_only_the_targets_that_do_what_is_asked() -> None:
    targets = [Target("talker", name="plain"), Target("counter", name="skilled")]
    offer = build([chat("chat", "plain", "skilled")], targets).find("chat")
    assert offer.able_to("chat") is offer
    assert [route.target.name for route in offer.able_to("tokenize").routes] == ["skilled"]


def test_a_target_that_breaks_a_promise_stops_the_server() -> None:
    profile = chat("chat", "t", promises=Promises(context=8192, json_schema=True))
    with pytest.raises(ConfigurationError) as caught:
        build([profile], [Target("inspected", name="t")])
    assert caught.value.message == (
        "profiles.toml: for the profile `chat` the target `t` cannot keep its promise: "
        "it cannot enforce a JSON Schema; its context window has 4096 tokens, not 8192."
    )


def test_a_demo_that_breaks_a_promise_leaves_its_profile_unavailable() -> None:
    profile = chat("chat", "t", promises=Promises(json_schema=True))
    offer = build([profile], [Target("inspected", name="t", demo=True)]).find("chat")
    assert not offer.is_available
    assert offer.obstacle.reason.startswith("the target `t` cannot keep its promise: it cannot enforce")


def test_what_a_demo_serves_is_shown_as_a_demo() -> None:
    profile = chat("chat", "t", promises=Promises(context=8192))
    assert build([profile], [Target("inspected", name="t", demo=True)]).find("chat").is_demo


def test_a_demo_in_second_place_does_not_make_the_profile_one() -> None:
    targets = [Target("talker", name="real"), Target("talker", name="demo", demo=True)]
    assert not build([chat("chat", "real", "demo")], targets).find("chat").is_demo


def test_a_demo_never_stands_in_for_a_real_model_and_serves_where_there_is_none() -> None:
    targets = [Target("talker", name="demo", demo=True), Target("talker", name="real")]
    both = build([chat("chat", "demo", "real")], targets).find("chat")
    assert [route.target.name for route in both.candidates] == ["real"]
    toys = [Target("talker", name="demo", demo=True), Target("talker", name="toy", demo=True)]
    assert len(build([chat("chat", "demo", "toy")], toys).find("chat").candidates) == 2
    assert len(build([chat("chat", "demo")], toys).find("chat").candidates) == 1


@given(st.lists(prints, min_size=1), st.data())
def test_the_same_model_is_known_to_be_the_same(fingerprints: list[str | None], data: st.DataObject) -> None:
    routes = [
        Route(Target("talker", name=str(place)), Abilities(tasks=frozenset({"chat"}), fingerprint=each))
        for place, each in enumerate(fingerprints)
    ]
    wanted = data.draw(st.sampled_from(routes))
    alike = same_model(routes, wanted)
    assert wanted in alike
    assert all(each is wanted or each.abilities.fingerprint == wanted.abilities.fingerprint for each in alike)
    if wanted.abilities.fingerprint is None:
        assert alike == [wanted]


def test_vectors_have_no_second_model() -> None:
    book = ProfileBook(
        "profiles.toml",
        {"embed": Profile("embed", "Vectors.", ("a", "other", "twin"), name="embed")},
        {name: Target("vectors", name=name, model=name[0]) for name in ("a", "other", "twin")},
        "embed",
    )
    known = {"a": "one", "other": "two", "twin": "one"}
    roster = build_roster(book, ADAPTERS, lambda _: PATH, identify=lambda target, _: known[target.name])
    offer = roster.find("embed")
    assert [route.target.name for route in offer.routes] == ["a", "other", "twin"]
    assert [route.target.name for route in offer.candidates] == ["a", "twin"]


def test_a_corrupt_model_stops_the_server_and_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"The target `corrupt` cannot be used: /models/corrupt is no model"):
        build([chat("chat", "corrupt")], [Target("inspected", name="corrupt", model="m")])


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (
            Target("inspected", name="odd"),
            "The target `odd` cannot be used: `Inspected.inspect` failed with KeyError: 'layers'. "
            "Raise LoadFailed with a sentence instead.",
        ),
        (
            Target("vague", name="t"),
            "The target `t` cannot be used: `Vague.inspect` returned a dict, not Abilities.",
        ),
        (
            Target("mute", name="t"),
            "The adapter `mute` cannot be used: `Mute.chat` has no `yield`: "
            "give each event with `yield`, and `Finished` as the last one.",
        ),
    ],
    ids=["inspect_fails", "inspect_says_something_else", "a_method_is_wrong"],
)
def test_a_mistake_in_an_adapter_stops_the_server_with_what_to_do(target: Target, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        build([chat("chat", target.name)], [target])
    assert caught.value.message == words


def test_an_adapter_that_no_child_can_import_serves_inline_only() -> None:
    assert build([chat("chat", "t")], [Target("hidden", name="t")]).find("chat").is_available
    with pytest.raises(ConfigurationError, match="no child can import it"):
        build([chat("chat", "t")], [Target("hidden", name="t", engine="child")])


def test_an_adapter_at_the_top_of_its_module_serves_in_a_child() -> None:
    assert build([chat("chat", "t")], [Target("talker", name="t", engine="child")]).find("chat").is_available


def test_an_unknown_profile_is_answered_with_what_exists() -> None:
    roster = build([chat("chat", "t"), chat("code", "t")], [Target("talker", name="t")])
    with pytest.raises(ModelNotFound) as caught:
        roster.find("gpt-4o")
    assert caught.value.message == "The model `gpt-4o` does not exist. Available: chat, code."
    assert (caught.value.param, caught.value.status) == ("model", 404)


def test_a_roster_lists_its_profiles_in_order_and_knows_its_default() -> None:
    roster = build([chat("chat", "t"), chat("code", "t")], [Target("talker", name="t")])
    assert [offer.profile.name for offer in roster] == ["chat", "code"]
    assert roster.default.profile.name == "chat"


def test_a_target_is_told_apart_by_what_identifies_it_and_a_file_that_cannot_be_read_stops_the_start() -> None:
    book = ProfileBook(
        "profiles.toml", {"chat": chat("chat", "t")}, {"t": Target("talker", name="t", path="m")}, "chat"
    )

    def identify(target: Target, abilities: Abilities) -> str:
        return f"{target.path} of {sorted(abilities.tasks)[0]}"

    roster = build_roster(book, ADAPTERS, lambda target: PATH, identify=identify)
    assert roster.default.route().abilities.fingerprint == f"{PATH} of chat"

    def fail(target: Target, abilities: Abilities) -> str:
        raise LoadFailed("Cannot read the model file.")

    with pytest.raises(ConfigurationError, match="target `t` cannot be used: Cannot read the model file"):
        build_roster(book, ADAPTERS, lambda target: PATH, identify=fail)
