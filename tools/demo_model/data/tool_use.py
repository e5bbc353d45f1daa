# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Skills: calls the right one of one to five unseen tools with exact arguments, or two at once, and reports results."""

from __future__ import annotations

import json
from random import Random

from tools.demo_model.data.arguments import values
from tools.demo_model.data.phrases import capitalised, is_loose, linking_word, linking_words, loosely, phrases
from tools.demo_model.data.sample import Exchange, Expectation, Language, Split, assistant, call_text, user
from tools.demo_model.data.sample import Tool as Definition
from tools.demo_model.data.toolbox import Tool, noun_of, toolbox
from tools.demo_model.data.words import code, decimal, full_name, number, phrase, text_value, word
from tools.demo_model.prompt import Message, ToolCall

_ORDERS = {
    Language.ENGLISH: phrases(
        [
            "(Please |Can you |Could you |Now |Hey, |)(please |){verb} (the|a|my|one|) {noun} {said}(.|)",
            "(I need to|I want to|I would like to|I have to|Help me) {verb} (the|a|my) {noun} {said}(.|)",
            "(I need|I want) you to {verb} (the|a) {noun} {said}(.|)",
            "(Use|Call|Run) {tool} {said}(.|)",
            "(What is|What's|Tell me|Give me|Show me|I need|How is) (the|my) {noun} {said}(?|)",
            "(I'd like to|We must|We need to|Try to|Is it possible to|Don't forget to|Quickly|Assistant, please|Hello, can you|I was told to|You can|You may|Do you mind if I|May I|Now I want to) {verb} (the|a|my|) {noun} {said}(.|?|)", "(I am looking for|Look for|Any|Is there|I would like|Do you have) (the|a|some) {noun} {said}(?|.|)", "{noun} {said}", "(Take|With|Through) {tool}(:|,) {said}(.|)", "{tool} {said}",
            "{verb} {noun} {said}",
            "(Let's|Let us|Go ahead and|Just) {verb} (the|a|my|) {noun} {said}(!|.|)",
        ],
        ["(Kindly|Would you) {verb} the {noun} {said}(.|)", "(Apply|Invoke) {tool} {said}.", "Do {verb} (a|the) {noun} {said}(.|)"],
        ["(Be so kind and|You should|Time to) {verb} (the|a) {noun} {said}(.|)", "Make use of {tool} {said}.", "My wish: {verb} the {noun} {said}(.|)"],
    ),
    Language.PORTUGUESE: phrases(
        [
            "(Por favor, |Agora |Ei, |)(por favor |){verb} (o|a|um|uma|meu|minha|) {noun} {said}(.|)",
            "(Preciso|Quero|Gostaria de|Tenho que|Me ajude a|Você pode|Pode) {slug} (o|a|um|uma|meu|minha) {noun} {said}(.|)",
            "(Use|Chame|Execute) {tool} {said}(.|)",
            "(Qual é|Me diga|Me dê|Me mostre|Preciso de|Como está) (o|a|meu|minha) {noun} {said}(?|)",
            "(Gostaria que você|É preciso que você|Rápido,|Assistente,|Olá,|Oi, por favor) {verb} (o|a|um|uma|) {noun} {said}(.|)", "(Queria|Tente|É possível|Não esqueça de|Devemos|Precisamos|Você consegue|Posso|Me disseram para) {slug} (o|a|um|uma|) {noun} {said}(.|?|)", "(Procuro|Há|Tem|Existe algum|Queria) {noun} {said}(?|.|)", "{noun} {said}", "(Com|Por meio de|Via) {tool}(:|,) {said}(.|)", "{tool} {said}",
            "{verb} {noun} {said}",
            "(Vamos|Pode|É para) {slug} (o|a|um|uma|) {noun} {said}(!|.|)",
        ],
        ["(Gentilmente|Você poderia) {slug} (o|a) {noun} {said}(.|)", "(Aplique|Acione) {tool} {said}."],
        ["(Faça o favor de|Você deveria|É hora de) {slug} (o|a) {noun} {said}(.|)", "Recorra a {tool} {said}.", "Meu desejo: {verb} {noun} {said}(.|)"],
    ),
}  # fmt: skip
_BOTH = {
    Language.ENGLISH: phrases(
        ["{one} and {two}", "{one}, and {two}", "{one}. Also {two}", "{one}; {two}", "{one} and also {two}", "{one}, then {two}", "Two things: {one} and {two}", "{one}. {two}", "{one} and then {two}", "{one} & {two}", "First {one}, then {two}", "(I need|I want|I have) two things: {one} and {two}", "1. {one} 2. {two}", "{one}. Besides, {two}", "{one}, and please also {two}", "{one}. After that {two}", "{one} but also {two}", "{one}. And {two}", "At once: {one} and {two}", "{one}, while you {two}", "{one} and, at the same time, {two}", "(All of this|Together|In one go|Now|Twice): {one} and {two}"],
        ["{one}, plus {two}", "Both please: {one} and {two}"],
        ["{one} as well as {two}", "Do these two: {one}; {two}"],
    ),
    Language.PORTUGUESE: phrases(
        ["{one} e {two}", "{one}, e {two}", "{one}. Também {two}", "{one}; {two}", "{one} e também {two}", "{one}, depois {two}", "Duas coisas: {one} e {two}", "{one}. {two}", "{one} e depois {two}", "{one} & {two}", "Primeiro {one}, depois {two}", "(Preciso de|Quero|Tenho) duas coisas: {one} e {two}", "1. {one} 2. {two}", "{one}. Além disso, {two}", "{one}, e por favor também {two}", "{one}. Em seguida {two}", "{one} mas também {two}", "{one}. E {two}", "De uma vez: {one} e {two}", "{one}, enquanto isso {two}", "{one} e, ao mesmo tempo, {two}", "(Tudo isto|Juntos|De uma só vez|Agora|Duas vezes): {one} e {two}"],
        ["{one}, mais {two}", "Os dois, por favor: {one} e {two}"],
        ["{one} assim como {two}", "Faça estas duas: {one}; {two}"],
    ),
}  # fmt: skip
_REPORT = {Language.ENGLISH: "The result is: {result}.", Language.PORTUGUESE: "O resultado é: {result}."}
_REPORTS = {Language.ENGLISH: "The results are: {result}.", Language.PORTUGUESE: "Os resultados são: {result}."}
_AND = {Language.ENGLISH: ("and", ",", "and for"), Language.PORTUGUESE: ("e", ",", "e para")}
"""Between two values for the same tool."""
_RESULT_SENTENCES = {
    Language.ENGLISH: phrases(
        ["It is {value}", "{value} was found", "The {noun} is {value}", "Done: {value}", "{value} and {other}", "Found {value} for {other}", "{noun} {value} created"],
        ["Success, {value} it is", "The answer to {noun} was {value}"],
        ["Completed with {value}", "{noun} now says {value}"],
    ),
    Language.PORTUGUESE: phrases(
        ["É {value}", "{value} foi encontrado", "{noun} é {value}", "Feito: {value}", "{value} e {other}", "Achei {value} para {other}", "{noun} {value} criado"],
        ["Sucesso, é {value}", "A resposta de {noun} foi {value}"],
        ["Concluído com {value}", "{noun} agora diz {value}"],
    ),
}  # fmt: skip

MOST_TOOLS = 5
_INVENTED_SHARE = 0.25
_IN_SMALL_LETTERS = {Split.TRAIN: 0.6, Split.DEV: 0.8, Split.HELD_OUT: 0.8}
"""How many second orders begin so. A capital there was taken for the beginning of a value."""


def order(rng: Random, split: Split, language: Language, *, one: Tool) -> tuple[str, ToolCall]:
    """What a person says to have a tool called, and the call."""
    arguments, said = values(rng, split, language, one)
    pattern = _pattern(rng, split, language)
    while "{verb}" not in pattern and "{slug}" not in pattern and "{tool}" not in pattern and not _is_a_question(one):
        pattern = _pattern(rng, split, language)
    asked = (
        pattern.replace("{verb}", one.verb.order.replace("_", " ").lower())
        .replace("{slug}", one.verb.slug)
        .replace("{noun}", one.noun)
        .replace("{tool}", one.name)
        .replace("{said}", said)
    )
    asked = (
        asked.replace("  ", " ").replace(" :", ":").replace(" ,", ",").replace(" .", ".").replace(" ?", "?").strip()
    )
    if rng.random() < 0.6:
        asked = capitalised(asked)
    return asked, {"function": {"name": one.name, "arguments": arguments}}


def _pattern(rng: Random, split: Split, language: Language) -> str:
    """How an order is put. While training, often only what it needs, with any words in front and between."""
    if not is_loose(rng, split):
        return _ORDERS[language].pick(rng, split)
    lead = linking_words(rng, language, (0, 1, 1, 2, 3), invented=_INVENTED_SHARE)
    needed = rng.choice((("{verb}", "{noun}"), ("{verb}", "{noun}"), ("{slug}", "{noun}"), ("{tool}",)))
    between = [linking_word(rng, language)] if len(needed) > 1 and rng.random() < 0.6 else []
    ordered = " ".join((*lead, needed[0], *between, *needed[1:]))
    return ordered + rng.choice((" ", " ", " ", " ", ", ", ": ")) + "{said}"


def _is_a_question(one: Tool) -> bool:
    return one.verb.slug in {
        "get",
        "find",
        "search",
        "check",
        "show",
        "fetch",
        "lookup",
        "buscar",
        "consultar",
        "obter",
        "mostrar",
        "verificar",
    }


def _call(calls: list[ToolCall]) -> Message:
    return {"role": "assistant", "content": "", "tool_calls": calls}


def _tool_message(content: str) -> Message:
    return {"role": "tool", "content": content}


def _expected(calls: list[ToolCall]) -> Expectation:
    made = (call["function"] for call in calls)
    return Expectation(calls=tuple(call_text(one["name"], one["arguments"]) for one in made))


def drawn_tools(rng: Random, split: Split, language: Language) -> list[Tool]:
    """One to five tools. Trained mostly with few: they say the same in fewer tokens. Measured with all numbers alike."""
    weights = (25, 30, 22, 13, 10) if split is Split.TRAIN else (1, 1, 1, 1, 1)
    return toolbox(rng, split, language, count=rng.choices(range(1, MOST_TOOLS + 1), weights=weights)[0])


def described(tools: list[Tool]) -> tuple[Definition, ...]:
    """What a conversation offers, in OpenAI's shape."""
    return tuple(one.described() for one in tools)


def tool_call(rng: Random, split: Split, language: Language, *, tools: list[Tool] | None = None) -> Exchange:
    """An order that needs one of the offered tools, and the call."""
    tools = tools or drawn_tools(rng, split, language)
    asked, call = order(rng, split, language, one=rng.choice(tools))
    return Exchange(
        skill="tool_call",
        language=language,
        messages=(user(asked), _call([call])),
        expectation=_expected([call]),
        tools=described(tools),
    )


def _two_orders(rng: Random, split: Split, language: Language, tools: list[Tool]) -> tuple[str, list[ToolCall]]:
    one = rng.choice([tool for tool in tools if tool.parameters] or tools)
    strings = [p for p in one.parameters if p.kind == "string"]
    if len(tools) == 1 or (len(one.parameters) == len(strings) == 1 and rng.random() < 0.5):
        return _same_tool_twice(rng, split, language, one=one)
    other = rng.choice([tool for tool in tools if tool is not one])
    first, call = order(rng, split, language, one=one)
    second, another = order(rng, split, language, one=other)
    first = first.rstrip(".!?")
    if rng.random() < _IN_SMALL_LETTERS[split]:
        second = second[:1].lower() + second[1:]
    return _joined(rng, split, language, first, second), [call, another]


def _joined(rng: Random, split: Split, language: Language, first: str, second: str) -> str:
    told = _BOTH[language].pick(rng, split)
    frame = loosely(rng, split, language, told, "{one}", "{two}", invented=_INVENTED_SHARE, in_order=True)
    return frame.replace("{one}", first).replace("{two}", second)


def _same_tool_twice(
    rng: Random, split: Split, language: Language, *, one: Tool
) -> tuple[str, list[ToolCall]]:  # fmt: skip
    asked, call = order(rng, split, language, one=one)
    arguments = dict(call["function"]["arguments"])
    name = next((p.name for p in one.parameters if p.kind == "string" and p.name in arguments), None)
    if name is None or len(one.parameters) != 1 or str(arguments[name]) not in asked:
        second, another = order(rng, split, language, one=one)
        return _joined(rng, split, language, asked.rstrip(".!?"), second), [call, another]
    told, other = str(arguments[name]), text_value(rng, split, language)
    between = linking_word(rng, language) if is_loose(rng, split) else rng.choice(_AND[language])
    joined = f" {between} ".replace(" ,", ",")
    head, _, tail = asked.rpartition(told)
    asked = f"{head}{told}{joined}{other}{tail.lstrip(chr(34) + chr(39))}".replace('"', "").replace("'", "")
    return asked, [call, {"function": {"name": one.name, "arguments": {name: other}}}]


def two_calls(rng: Random, split: Split, language: Language, *, tools: list[Tool] | None = None) -> Exchange:
    """Two independent orders in one message: two tools, or one tool twice."""
    tools = tools or drawn_tools(rng, split, language)
    asked, calls = _two_orders(rng, split, language, tools)
    return Exchange(
        skill="two_calls",
        language=language,
        messages=(user(asked), _call(calls)),
        expectation=_expected(calls),
        tools=described(tools),
    )


def _result(rng: Random, split: Split, language: Language) -> tuple[str, str, tuple[str, ...]]:
    """A tool's answer, how the final answer tells it, and the parts that must be in it."""
    roll = rng.random()
    if roll < 0.35:
        plain = rng.choice(
            (
                number(rng, split),
                word(rng, split, language),
                full_name(rng, split),
                code(rng, split),
                decimal(rng, split),
                phrase(rng, split, language),
            )
        )
        return plain, plain, (plain,)
    if roll < 0.6:
        value, other = text_value(rng, split, language), text_value(rng, split, language)
        sentence = _RESULT_SENTENCES[language].pick(rng, split).replace("{noun}", noun_of(rng, split, language))
        sentence = sentence.replace("{value}", value).replace("{other}", other)
        return sentence + rng.choice((".", "")), sentence, (sentence,)
    fields: dict[str, object] = {}
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        found = rng.choice((int(number(rng, split)), float(decimal(rng, split)), text_value(rng, split, language)))
        fields[noun_of(rng, split, language).replace(" ", "_")] = found
    told = ", ".join(f"{key}: {value}" for key, value in fields.items())
    return json.dumps(fields, ensure_ascii=False), told, tuple(str(value) for value in fields.values())


def tool_result(rng: Random, split: Split, language: Language, *, tools: list[Tool] | None = None) -> Exchange:
    """An order, the call or two, the results, and the final answer that carries them."""
    tools = tools or drawn_tools(rng, split, language)
    if len(tools) > 1 and rng.random() < 0.2:
        asked, calls = _two_orders(rng, split, language, tools)
    else:
        asked, call = order(rng, split, language, one=rng.choice(tools))
        calls = [call]
    results = [_result(rng, split, language) for _ in calls]
    frame = (_REPORT if len(results) == 1 else _REPORTS)[language]
    answer = frame.replace("{result}", "; ".join(told for _, told, _ in results))
    return Exchange(
        skill="tool_result",
        language=language,
        messages=(
            user(asked),
            _call(calls),
            *(_tool_message(content) for content, _, _ in results),
            assistant(answer),
        ),
        expectation=Expectation(all_of=tuple(part for _, _, parts in results for part in parts)),
        tools=described(tools),
    )
