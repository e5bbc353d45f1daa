"""`profiles.toml`: what a good one means, and the sentence for each mistake, with the right line."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alive_core.constants import DEADLINE_S, DEFAULT_PARALLEL, KEEP_ALIVE_S
from alive_core.errors import ConfigurationError
from alive_core.profiles.load import ProfileBook, line_of, load_profiles
from alive_core.profiles.profile import BreakerLimits, Defaults, Profile, Promises, RequestLimits, Routing, Target

GOOD = """\
[profiles.chat]
task = "chat"
description = "Talks."
targets = ["small"]

[targets.small]
adapter = "fake"
"""


def load(tmp_path: Path, text: str) -> ProfileBook:
    file = tmp_path / "profiles.toml"
    file.write_text(text, encoding="utf-8")
    return load_profiles(file, {"fake", "llamacpp"})


def complaint(tmp_path: Path, text: str) -> str:
    """What the operator reads, from the line on."""
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    start = f"{tmp_path / 'profiles.toml'}, "
    assert caught.value.message.startswith(start)
    return caught.value.message.removeprefix(start)


# --- good files ---------------------------------------------------------------------------------------
def test_a_short_file_gets_the_defaults(tmp_path: Path) -> None:
    book = load(tmp_path, GOOD)
    assert book.profiles == {"chat": Profile("chat", "Talks.", ("small",), name="chat")}
    assert book.targets == {"small": Target("fake", name="small")}
    assert book.default == "chat"
    assert book.profiles["chat"].defaults.deadline_s == DEADLINE_S
    assert (book.targets["small"].parallel, book.targets["small"].keep_alive_s) == (DEFAULT_PARALLEL, KEEP_ALIVE_S)


def test_a_long_file_is_read_to_the_last_field(tmp_path: Path) -> None:
    book = load(
        tmp_path,
        """
        default = "embed"
        [profiles.chat]
        task = "chat"
        description = "Talks."
        promises = { context = 8192, tools = true, json_schema = true }
        targets = ["small", "far"]
        defaults = { temperature = 0.3, top_p = 0.9, max_tokens = 10, deadline_s = 30 }
        routing = { strategy = "hedged", fallback_on = ["down", "busy"], hedge_after_s = 0.5, retries = 1 }
        show_target = true
        [profiles.embed]
        task = "embed"
        description = "Vectors."
        promises.dimensions = 384
        targets = ["small"]
        [targets.small]
        adapter = "llamacpp"
        model = "m"
        engine = "child"
        context = 4096
        parallel = 4
        keep_alive_s = inf
        demo = true
        options = { threads = 2, "mlock" = false }
        [targets.far]
        adapter = "fake"
        path = "/models/far"
        cost = 0.25
        breaker = { failures = 3, window_s = 20, open_s = 5 }
        """,
    )
    chat = book.profiles["chat"]
    assert chat.promises == Promises(context=8192, tools=True, json_schema=True)
    assert chat.defaults == Defaults(temperature=0.3, top_p=0.9, max_tokens=10, deadline_s=30.0)
    assert chat.targets == ("small", "far")
    assert chat.routing == Routing(strategy="hedged", fallback_on=("down", "busy"), hedge_after_s=0.5, retries=1)
    assert (chat.show_target, book.profiles["embed"].show_target) == (True, False)
    assert book.targets["far"].breaker == BreakerLimits(failures=3, window_s=20.0, open_s=5.0)
    assert (book.targets["far"].cost, book.targets["small"].cost) == (0.25, None)
    assert book.profiles["embed"].promises.dimensions == 384
    assert book.targets["small"].options == {"threads": 2, "mlock": False}
    assert book.targets["small"].keep_alive_s == float("inf")
    assert book.targets["far"].path == "/models/far"
    assert book.default == "embed"


def test_a_request_without_a_maximum_gets_the_limit_unless_there_is_a_default(tmp_path: Path) -> None:
    for lines, expected in (("", 100), ("defaults = { max_tokens = 50 }", 50)):
        chat = load(tmp_path, GOOD.replace("[targets", f"limits = {{ max_tokens = 100 }}\n{lines}\n[targets"))
        assert chat.profiles["chat"].defaults.max_tokens == expected
        assert chat.profiles["chat"].limits == RequestLimits(max_tokens=100)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("max_tokens = 0", "`limits.max_tokens`: Expected `int` >= 1."),
        ("body_bytes = 99_999_999_999", "`limits.body_bytes`: Expected `int` <= 33554432."),
        ("schema = 1", "unknown name `schema`, did you mean `schema_bytes`?"),
        ("max_tokens = 5", "the default of 6 tokens is over the limit of 5."),
    ],
)
def test_limits_that_make_no_sense_are_refused(tmp_path: Path, line: str, words: str) -> None:
    text = GOOD.replace("[targets", f"defaults.max_tokens = 6\n[profiles.chat.limits]\n{line}\n[targets")
    assert words in complaint(tmp_path, text)


def test_the_first_profile_is_the_default(tmp_path: Path) -> None:
    second = '[profiles.a]\ntask = "chat"\ndescription = ""\ntargets = ["small"]\n'
    assert load(tmp_path, GOOD + second).default == "chat"


# --- files that cannot be read ------------------------------------------------------------------------
def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no profiles file at .*nowhere\.toml\."):
        load_profiles(tmp_path / "nowhere.toml", set())


def test_a_folder_is_no_profiles_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be read: Is a directory\."):
        load_profiles(tmp_path, set())


@pytest.mark.parametrize("content", [b"[profiles", b"a = \xff", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "profiles.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"profiles\.toml is not valid TOML: "):
        load_profiles(file, set())


@pytest.mark.parametrize("text", ["", "[profiles]", '[targets.small]\nadapter = "fake"'])
def test_a_file_without_profiles_serves_nothing(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"has no \[profiles\.NAME\] table, so there is nothing to serve\."):
        load(tmp_path, text)


# --- mistakes, each with its line ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("wrong", "right", "sentence"),
    [
        (
            "[profiles.chat]",
            "[profile.chat]",
            "line 1: unknown name `profile`, did you mean `profiles`? Known: default, profiles, targets.",
        ),
        (
            "[profiles.chat]",
            'default = "talk"\n[profiles.chat]',
            "line 1: unknown name `talk`. Known: chat.",
        ),
        (
            'targets = ["small"]',
            'targets = ["smal"]',
            "line 4 [profiles.chat]: unknown name `smal`, did you mean `small`? Known: small.",
        ),
        (
            'targets = ["small"]',
            "targets = []",
            "line 4 [profiles.chat]: it has no targets, so nothing can serve it.",
        ),
        (
            'adapter = "fake"',
            'adapter = "lamacpp"',
            "line 7 [targets.small]: unknown name `lamacpp`, did you mean `llamacpp`? Known: fake, llamacpp.",
        ),
        (
            'task = "chat"',
            'task = "talk"',
            "line 2 [profiles.chat]: unknown name `talk`. Known: chat, classify, complete, embed, rerank.",
        ),
        (
            'adapter = "fake"',
            'adapter = "fake"\nengine = "thread"',
            "line 8 [targets.small]: unknown name `thread`. Known: child, inline.",
        ),
        (
            'description = "Talks."',
            "",
            "line 1 [profiles.chat]: Object missing required field `description`.",
        ),
        (
            'description = "Talks."',
            "description = 5",
            "line 3 [profiles.chat]: `description`: Expected `str`, got `int`.",
        ),
        (
            'adapter = "fake"',
            'adapter = "fake"\npath = "/m"\nmodel = "m"',
            "line 8 [targets.small]: `model` names a catalogue entry and `path` a file of your own: "
            "give one of them.",
        ),
        (
            'adapter = "fake"',
            'adapter = "fake"\nname = "large"',
            "line 8 [targets.small]: unknown name `name`; the name is in the header, [targets.small].",
        ),
        (
            'adapter = "fake"',
            'adapter = "fake"\nkeepalive = 5',
            "line 8 [targets.small]: unknown name `keepalive`, did you mean `keep_alive_s`? "
            "Known: adapter, breaker, context, cost, demo, engine, gpu_bytes, keep_alive_s, memory_bytes, "
            "min_loaded_s, model, options, parallel, path, pinned, preload, queue_limit, warm.",
        ),
        (
            'targets = ["small"]',
            'targets = ["small"]\npromises = { contxt = 5 }',
            "line 5 [profiles.chat]: unknown name `contxt`, did you mean `context`? "
            "Known: context, dimensions, json_schema, tools.",
        ),
        (
            'targets = ["small"]',
            'targets = ["small"]\nrouting = { strategy = "orderd" }',
            "line 5 [profiles.chat]: unknown name `orderd`, did you mean `ordered`? "
            "Known: cheapest, hedged, ordered, warm_first.",
        ),
        (
            'targets = ["small"]',
            'targets = ["small"]\nrouting = { stratgy = "ordered" }',
            "line 5 [profiles.chat]: unknown name `stratgy`, did you mean `strategy`? "
            "Known: fallback_on, hedge_after_s, retries, strategy.",
        ),
        (
            'targets = ["small"]',
            'targets = ["small"]\n[profiles.chat.routing]\nfallback_on = [\n"down",\n"bussy"]',
            "line 6 [profiles.chat]: unknown name `bussy`, did you mean `busy`? "
            "Known: busy, down, rate_limited, refused, too_long.",
        ),
        (
            'targets = ["small"]',
            'targets = ["small"]\nrouting.retries = 11',
            "line 5 [profiles.chat]: `routing.retries`: Expected `int` <= 10.",
        ),
        (
            'targets = ["small"]',
            'targets = ["small"]\nrouting.strategy = "hedged"',
            "line 5 [profiles.chat]: the strategy `hedged` needs a second target.",
        ),
        (
            'targets = ["small"]',
            'targets = ["small"]\nrouting = { hedge_after_s = 1 }',
            "line 5 [profiles.chat]: `hedge_after_s` is for the strategy `hedged`, not for `ordered`.",
        ),
        (
            'adapter = "fake"',
            'adapter = "fake"\nbreaker = { failure = 3 }',
            "line 8 [targets.small]: unknown name `failure`, did you mean `failures`? "
            "Known: failures, open_s, window_s.",
        ),
        (
            'adapter = "fake"',
            'adapter = "fake"\ncost = -1',
            "line 8 [targets.small]: `cost`: Expected `float` >= 0.0.",
        ),
        (
            'targets = ["small"]',
            'targets = ["small"]\n\n[profiles.chat.defaults]\n# warm\ntemperature = 3',
            "line 8 [profiles.chat]: `defaults.temperature`: Expected `float` <= 2.0.",
        ),
        (
            "[targets.small]",
            '[targets]\nlarge = "x"\n[targets.small]',
            "line 7 [targets.large]: Expected `object`, got `str`.",
        ),
        (
            "[targets.small]\n",
            "[[targets]]\n",
            "line 6: `targets` must be tables like [targets.NAME].",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(tmp_path: Path, wrong: str, right: str, sentence: str) -> None:
    assert complaint(tmp_path, GOOD.replace(wrong, right)) == sentence


def test_without_any_target_none_is_known(tmp_path: Path) -> None:
    text = GOOD.partition("[targets.small]")[0]
    assert complaint(tmp_path, text) == "line 4 [profiles.chat]: unknown name `small`. Known: none."


@pytest.mark.parametrize(
    "line",
    ["parallel = 0", "context = 0", "keep_alive_s = -1", "keep_alive_s = nan", "demo = 1"],
)
def test_a_target_with_a_value_out_of_its_limits_is_refused(tmp_path: Path, line: str) -> None:
    assert complaint(tmp_path, f"{GOOD}{line}\n").startswith(f"line 8 [targets.small]: `{line.partition(' ')[0]}`: ")


@pytest.mark.parametrize(
    "value",
    ["{ max_tokens = 0 }", "{ deadline_s = 0 }", "{ top_p = 1.5 }", "{ temperature = -1 }"],
)
def test_a_profile_with_a_default_out_of_its_limits_is_refused(tmp_path: Path, value: str) -> None:
    text = GOOD.replace("[targets.small]", f"defaults = {value}\n[targets.small]")
    assert complaint(tmp_path, text).startswith("line 6 [profiles.chat]: `defaults.")


# --- lines --------------------------------------------------------------------------------------------
WAYS_TO_WRITE = '''\
# [profiles.chat] stands in a comment
title."with dots.and = signs" = 1
[ profiles . "my chat" ]
description = """
[profiles.other]
task = "no key, but a text"
"""
targets = [
  "a",  # task = "x"
  [ "b" ],
]
'task' = "chat"
promises = { context = 1, "tools" = true }
defaults.top_p = 0.5

[profiles."my chat".more]
deep.er = 2
[[list]]
item = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["title"], 2),
        (["title", "with dots.and = signs"], 2),
        (["profiles"], 3),
        (["profiles", "my chat"], 3),
        (["profiles", "my chat", "description"], 4),
        (["profiles", "my chat", "targets"], 8),
        (["profiles", "my chat", "task"], 12),
        (["profiles", "my chat", "promises", "tools"], 13),
        (["profiles", "my chat", "defaults"], 14),
        (["profiles", "my chat", "defaults", "top_p"], 14),
        (["profiles", "my chat", "more", "deep", "er"], 17),
        (["list", "item"], 19),
        (["profiles", "my chat", "missing"], 3),
        (["profiles", "other"], 3),
        (["nowhere"], 1),
        ([], 1),
    ],
)
def test_a_key_is_found_in_every_way_to_write_it(path: list[str], line: int) -> None:
    assert line_of(WAYS_TO_WRITE, path) == line


keys = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=5)
tables = st.dictionaries(keys, st.dictionaries(keys, st.integers(), max_size=4), min_size=1, max_size=4)


def quoted(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@settings(max_examples=40)
@given(tables, st.lists(st.sampled_from(["", "# note", "   "]), max_size=3))
def test_every_key_of_every_table_is_found_on_its_line(tree: dict[str, dict[str, int]], padding: list[str]) -> None:
    lines, places = [], {}
    for table, fields in tree.items():
        lines += [*padding, f"[{quoted(table)}]"]
        places[(table,)] = len(lines)
        for key, value in fields.items():
            lines += [*padding, f"{quoted(key)} = {value}"]
            places[(table, key)] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text) == tree
    assert {path: line_of(text, path) for path in places} == places
