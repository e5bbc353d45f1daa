"""What the demo model can do, in both servers: fixed cases, asked through the official client, greedy.

A case is a row of a table: what is asked, and what the answer must be. Rows can be exchanged for others freely.
"""

import json
from collections.abc import Sequence

import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionMessage

Message = dict[str, object]
Tool = dict[str, object]
Call = tuple[str, dict[str, object]]


@pytest.fixture(params=["command", "providers"])
def demo(request: pytest.FixtureRequest) -> OpenAI:
    """The client of each server whose `chat` the demo model answers."""
    client: OpenAI = request.getfixturevalue(request.param)
    return client


ENDS = ["Hello!", "Good morning!", "Thank you!", "Olá!", "Bom dia!", "Obrigado!"]

IDENTITY = [
    ("What are you?", ["demo model", "ALIVE localcloud"]),
    ("Are you ChatGPT?", ["No.", "demo model"]),
    ("How do I install a real model?", ["task models:pull"]),
    ("O que é você?", ["modelo de demonstração", "ALIVE localcloud"]),
    ("Você é o ChatGPT?", ["Não.", "modelo de demonstração"]),
    ("Como posso instalar um modelo de verdade?", ["task models:pull"]),
]

EVERYTHING = ["chat", "code", "agent", "grounded-answer", "summarize", "translate", "embed"]
FUNCTIONALITIES = [
    ("What can you do?", EVERYTHING),
    ("Which functionalities do you have?", EVERYTHING),
    ("What does embed do?", ["turns texts into vectors for search"]),
    ("O que você pode fazer?", EVERYTHING),
    ("Quais funcionalidades você tem?", EVERYTHING),
    ("O que faz a funcionalidade translate?", ["traduz entre línguas"]),
]

REPEATED = [
    ("Repeat after me: blue lantern", "blue lantern"),
    ("Say: silver moon", "silver moon"),
    ("Repeat this: The garden is quiet.", "The garden is quiet."),
    ("Repita comigo: lanterna azul", "lanterna azul"),
    ("Diga: porta do jardim", "porta do jardim"),
    ("Repita isto: Montanha verde 42", "Montanha verde 42"),
]

COUNTED = [
    ("Count from 3 to 7.", "3, 4, 5, 6, 7"),
    ("Count to 5.", "1, 2, 3, 4, 5"),
    ("Count from 30 to 35.", "30, 31, 32, 33, 34, 35"),
    ("Conte de 3 até 7.", "3, 4, 5, 6, 7"),
    ("Conte até 5.", "1, 2, 3, 4, 5"),
    ("Conte de 20 até 17.", "20, 19, 18, 17"),
]

PICKED = [
    ("Give me the first word of this list: copper, tiger, lemon", "copper"),
    ("Which is the second word of this list: apple, river, candle?", "river"),
    ("What is the last word of the list: moon, bread, violin, castle?", "castle"),
    ("Me dê a primeira palavra desta lista: cobre, tigre, limão", "cobre"),
    ("Qual é a segunda palavra desta lista: maçã, rio, vela?", "rio"),
    ("Qual é a última palavra da lista: lua, pão, violino, castelo?", "castelo"),
]


def tool(name: str, description: str, /, **parameters: str) -> Tool:
    """A tool, given the JSON type of each of its parameters, all of them required."""
    properties = {parameter: {"type": kind} for parameter, kind in parameters.items()}
    schema = {"type": "object", "properties": properties, "required": list(parameters)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


ENGLISH_TOOLS = [
    tool("get_weather", "Gets the weather for a city.", city="string"),
    tool("start_alarm", "Starts the alarm.", minutes="integer"),
    tool("book_table", "Books a table.", guests="integer", name="string"),
]
PORTUGUESE_TOOLS = [
    tool("buscar_previsao", "Busca previsão por cidade.", cidade="string"),
    tool("iniciar_alarme", "Inicia alarme.", minutos="integer"),
    tool("reservar_mesa", "Reserva mesa.", convidados="integer", nome="string"),
]

CALLED: list[tuple[str, list[Tool], list[Call]]] = [
    ("Get the weather for Recife.", ENGLISH_TOOLS, [("get_weather", {"city": "Recife"})]),
    ("Start the alarm for 15 minutes.", ENGLISH_TOOLS, [("start_alarm", {"minutes": 15})]),
    (
        "Please book a table with the name Rosa and guests 4.",
        ENGLISH_TOOLS,
        [("book_table", {"guests": 4, "name": "Rosa"})],
    ),
    ("Busque a previsão para Recife.", PORTUGUESE_TOOLS, [("buscar_previsao", {"cidade": "Recife"})]),
    ("Busque a previsão de Lisboa.", PORTUGUESE_TOOLS, [("buscar_previsao", {"cidade": "Lisboa"})]),
    (
        "Por favor, reserve uma mesa com convidados 4, nome Rosa",
        PORTUGUESE_TOOLS,
        [("reservar_mesa", {"convidados": 4, "nome": "Rosa"})],
    ),
]

CALLED_TWICE: list[tuple[str, list[Tool], list[Call]]] = [
    (
        "Two things: get the weather for Recife and start the alarm: minutes 15",
        ENGLISH_TOOLS,
        [("get_weather", {"city": "Recife"}), ("start_alarm", {"minutes": 15})],
    ),
    (
        "Start the alarm: minutes 15. Also book a table with the name Rosa and guests 4.",
        ENGLISH_TOOLS,
        [("start_alarm", {"minutes": 15}), ("book_table", {"guests": 4, "name": "Rosa"})],
    ),
    (
        "Busque a previsão para Recife. Também inicie o alarme: minutos 15",
        PORTUGUESE_TOOLS,
        [("buscar_previsao", {"cidade": "Recife"}), ("iniciar_alarme", {"minutos": 15})],
    ),
    (
        "Get the weather for Recife and for Lisbon.",
        ENGLISH_TOOLS,
        [("get_weather", {"city": "Recife"}), ("get_weather", {"city": "Lisbon"})],
    ),
    (
        "Busque a previsão para Recife e para Lisboa.",
        PORTUGUESE_TOOLS,
        [("buscar_previsao", {"cidade": "Recife"}), ("buscar_previsao", {"cidade": "Lisboa"})],
    ),
]

NOT_CALLED = [
    ("What are you?", ENGLISH_TOOLS, ["demo model"]),
    ("Count from 3 to 7.", ENGLISH_TOOLS, ["3, 4, 5, 6, 7"]),
    ("Repeat after me: blue lantern", ENGLISH_TOOLS, ["blue lantern"]),
    ("O que é você?", PORTUGUESE_TOOLS, ["modelo de demonstração"]),
    ("Conte de 3 até 7.", PORTUGUESE_TOOLS, ["3, 4, 5, 6, 7"]),
    ("Repita comigo: lanterna azul", PORTUGUESE_TOOLS, ["lanterna azul"]),
]

REPORTED: list[tuple[str, list[Tool], Call, str, list[str]]] = [
    ("Get the weather for Recife.", ENGLISH_TOOLS, ("get_weather", {"city": "Recife"}), "It is sunny.", ["sunny"]),
    ("Start the alarm: minutes 15", ENGLISH_TOOLS, ("start_alarm", {"minutes": 15}), "07:45", ["07:45"]),
    (
        "Book a table with guests 4 and name Rosa.",
        ENGLISH_TOOLS,
        ("book_table", {"guests": 4, "name": "Rosa"}),
        '{"table": 12, "time": "19:30"}',
        ["12", "19:30"],
    ),
    (
        "Busque a previsão para Recife.",
        PORTUGUESE_TOOLS,
        ("buscar_previsao", {"cidade": "Recife"}),
        "É chuva.",
        ["chuva"],
    ),
    ("Inicie o alarme: minutos 15", PORTUGUESE_TOOLS, ("iniciar_alarme", {"minutos": 15}), "07:45", ["07:45"]),
    (
        "Reserve uma mesa com convidados 4 e nome Rosa.",
        PORTUGUESE_TOOLS,
        ("reservar_mesa", {"convidados": 4, "nome": "Rosa"}),
        '{"mesa": 12, "hora": "19:30"}',
        ["12", "19:30"],
    ),
]

ENGLISH_DOCUMENTS = ["The code of Anna is B-417.", "The colour of the bridge is green.", "Peter lives in Dalmora."]
PORTUGUESE_DOCUMENTS = ["O código de Carla é 7731.", "A cor do castelo é verde.", "Bruno mora em Dalmora."]

GROUNDED = [
    ("What is the code of Anna?", ENGLISH_DOCUMENTS, 0),
    ("What is the colour of the bridge?", ENGLISH_DOCUMENTS, 1),
    ("Where does Peter live?", ENGLISH_DOCUMENTS, 2),
    ("Qual é o código de Carla?", PORTUGUESE_DOCUMENTS, 0),
    ("Qual é a cor do castelo?", PORTUGUESE_DOCUMENTS, 1),
    ("Onde Bruno mora?", PORTUGUESE_DOCUMENTS, 2),
]

NOT_IN_DOCUMENTS = [
    ("What is the address of Anna?", ENGLISH_DOCUMENTS, "The documents do not say that."),
    ("What is the code of Maria?", ENGLISH_DOCUMENTS, "The documents do not say that."),
    ("Qual é a idade de Carla?", PORTUGUESE_DOCUMENTS, "Os documentos não dizem isso."),
    ("Qual é o código de Maria?", PORTUGUESE_DOCUMENTS, "Os documentos não dizem isso."),
]

RECALLED = [
    (["My name is Rosa.", "How are you?", "What is my name?"], "Rosa"),
    (["Remember the word lantern.", "What are you?", "What was the word?"], "lantern"),
    (["My favourite colour is green.", "Thank you!", "What is my favourite colour?"], "green"),
    (["Meu nome é Rosa.", "Tudo bem?", "Qual é o meu nome?"], "Rosa"),
    (["Lembre a palavra lanterna.", "O que é você?", "Qual era a palavra?"], "lanterna"),
    (["Minha cor favorita é verde.", "Obrigado!", "Qual é a minha cor favorita?"], "verde"),
]


@pytest.mark.parametrize("greeting", ENDS)
def test_it_ends_its_own_turn_and_leaves_no_marks(demo: OpenAI, greeting: str) -> None:
    text = said(ask(demo, [user(greeting)]))
    assert text
    assert not any(mark in text for mark in ("<|", "|>", "<co>"))


@pytest.mark.parametrize(("question", "words"), IDENTITY)
def test_it_says_what_it_is(demo: OpenAI, question: str, words: list[str]) -> None:
    assert missing(words, said(ask(demo, [user(question)]))) == []


@pytest.mark.parametrize(("question", "words"), FUNCTIONALITIES)
def test_it_names_the_functionalities(demo: OpenAI, question: str, words: list[str]) -> None:
    assert missing(words, said(ask(demo, [user(question)]))) == []


@pytest.mark.parametrize(("order", "text"), [*REPEATED, *COUNTED, *PICKED])
def test_it_repeats_counts_and_picks(demo: OpenAI, order: str, text: str) -> None:
    assert said(ask(demo, [user(order)])) == text


@pytest.mark.parametrize(("order", "tools", "calls"), CALLED)
def test_it_calls_the_right_one_of_several_tools_with_exact_arguments(
    demo: OpenAI, order: str, tools: list[Tool], calls: list[Call]
) -> None:
    assert called(ask(demo, [user(order)], tools=tools)) == calls


@pytest.mark.parametrize(("order", "tools", "calls"), CALLED_TWICE)
def test_it_makes_two_calls_at_once(demo: OpenAI, order: str, tools: list[Tool], calls: list[Call]) -> None:
    assert sorted(called(ask(demo, [user(order)], tools=tools)), key=str) == sorted(calls, key=str)


@pytest.mark.parametrize(("question", "tools", "words"), NOT_CALLED)
def test_it_answers_by_itself_where_no_tool_is_needed(
    demo: OpenAI, question: str, tools: list[Tool], words: list[str]
) -> None:
    assert missing(words, said(ask(demo, [user(question)], tools=tools, tool_choice="auto"))) == []


@pytest.mark.parametrize(("order", "tools", "call", "result", "words"), REPORTED)
def test_its_answer_carries_what_a_tool_found(
    demo: OpenAI, order: str, tools: list[Tool], call: Call, result: str, words: list[str]
) -> None:
    assert missing(words, said(ask(demo, [user(order), *returned(call, result)], tools=tools))) == []


@pytest.mark.parametrize(("question", "documents", "place"), GROUNDED)
def test_it_answers_from_the_right_document_and_cites_it(
    demo: OpenAI, question: str, documents: list[str], place: int
) -> None:
    message = ask(demo, [user(question)], extra_body={"documents": documents})
    assert said(message) == documents[place]
    (cited,) = [note.url_citation for note in message.annotations or ()]
    assert cited.url == f"document:{place}"
    assert (message.content or "")[cited.start_index : cited.end_index] == documents[place]


@pytest.mark.parametrize(("question", "documents", "text"), NOT_IN_DOCUMENTS)
def test_it_says_so_where_no_document_answers(demo: OpenAI, question: str, documents: list[str], text: str) -> None:
    message = ask(demo, [user(question)], extra_body={"documents": documents})
    assert said(message) == text
    assert not message.annotations


@pytest.mark.parametrize(("turns", "word"), RECALLED)
def test_it_remembers_what_it_was_told_turns_ago(demo: OpenAI, turns: list[str], word: str) -> None:
    messages: list[Message] = []
    for turn in turns:
        messages.append(user(turn))
        messages.append({"role": "assistant", "content": said(ask(demo, messages))})
    assert word in str(messages[-1]["content"])


def ask(client: OpenAI, messages: Sequence[Message], **wishes: object) -> ChatCompletionMessage:
    """The likeliest answer, which has to end by itself."""
    answer: ChatCompletion = client.chat.completions.create(
        model="chat", messages=list(messages), temperature=0, max_tokens=400, **wishes
    )
    (choice,) = answer.choices
    assert choice.finish_reason in {"stop", "tool_calls"}
    return choice.message


def said(message: ChatCompletionMessage) -> str:
    """The text of an answer without calls."""
    assert not message.tool_calls
    return message.content or ""


def called(message: ChatCompletionMessage) -> list[Call]:
    """Each call's tool and its arguments."""
    made = (call.function for call in message.tool_calls or () if call.type == "function")
    return [(function.name, json.loads(function.arguments)) for function in made]


def missing(words: Sequence[str], text: str) -> list[str]:
    """The words that a text does not have, and the text itself where there are any."""
    absent = [word for word in words if word not in text]
    return [*absent, text] if absent else []


def user(text: str) -> Message:
    return {"role": "user", "content": text}


def returned(call: Call, result: str) -> list[Message]:
    """A call that was made, and what it brought."""
    name, arguments = call
    function = {"name": name, "arguments": json.dumps(arguments)}
    made = [{"id": "call_1", "type": "function", "function": function}]
    return [
        {"role": "assistant", "content": "", "tool_calls": made},
        {"role": "tool", "tool_call_id": "call_1", "content": result},
    ]
