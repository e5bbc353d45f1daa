# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Skill: names the server's functionalities and says what each one does."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.phrases import phrases, roughen
from tools.demo_model.data.sample import Exchange, Expectation, Language, Split, assistant, user

DESCRIPTIONS = {
    Language.ENGLISH: {
        "chat": "talks with you and remembers the conversation",
        "code": "writes and explains program code",
        "agent": "calls the tools that you give it",
        "grounded-answer": "answers from your documents, with citations",
        "summarize": "makes long texts short",
        "translate": "translates between languages",
        "embed": "turns texts into vectors for search",
    },
    Language.PORTUGUESE: {
        "chat": "conversa com você e lembra da conversa",
        "code": "escreve e explica código de programas",
        "agent": "chama as ferramentas que você dá",
        "grounded-answer": "responde a partir dos seus documentos, com citações",
        "summarize": "encurta textos longos",
        "translate": "traduz entre línguas",
        "embed": "transforma textos em vetores para busca",
    },
}

_WHOLE_LIST = {
    Language.ENGLISH: phrases(
        [
            "What (can you do|can you do for me|are you able to do|do you offer|can I ask you|can I do here|can I do with you|can this server do|can you help me with|are you capable of)?",
            "(Which|What) (functionalities|features|functions|profiles|services|skills|abilities|capabilities|models) (do you have|are there|do you offer|exist|can I use|are available|does the server offer|does this server have|does ALIVE localcloud offer)?",
            "(List|Show|Show me|Tell me|Name|Give me|Enumerate) (your|the|all|all the|all your) (functionalities|features|functions|profiles|services|capabilities|abilities|skills)(.|)",
            "(How can you help me|How can you help|What is possible here|What do you do|What else can you do|Help|help me|What are my options|what now)?",
            "(Tell me|Explain|Say|Show me) what you can do(.|)",
        ],
        [
            "(Which things are you able to offer me|What sort of tasks do you handle|In what ways can you be useful)?",
            "(Let me see the functionalities|I would like a list of your functionalities|Run me through the functionalities).",
            "Which functionalities may I call?",
        ],
    ),
    Language.PORTUGUESE: phrases(
        [
            "O que (você pode fazer|você sabe fazer|você faz|você consegue fazer|você oferece|posso pedir a você|posso fazer aqui|este servidor pode fazer|dá para fazer aqui|posso perguntar)?",
            "(Quais|Que) (funcionalidades|recursos|funções|perfis|serviços|habilidades|capacidades|modelos) (você tem|existem|você oferece|há|posso usar|estão disponíveis|o servidor oferece|este servidor tem|o ALIVE localcloud oferece)?",
            "(Liste|Mostre|Me mostre|Me diga|Diga|Enumere) (as|suas|todas as|as suas|todas as suas) (funcionalidades|funções|capacidades|habilidades)(.|)",
            "(Como você pode me ajudar|Como pode ajudar|O que é possível aqui|Em que pode ajudar|O que mais você faz|Ajuda|me ajude|Quais são minhas opções|e agora)?",
            "(Me diga|Explique|Diga|Mostre) o que você (pode fazer|sabe fazer)(.|)",
        ],
        [
            "(Que coisas você pode me oferecer|Que tipo de tarefas você realiza|De que maneiras você pode ser útil)?",
            "(Deixe-me ver as funcionalidades|Gostaria de uma lista das suas funcionalidades|Passe pelas funcionalidades).",
            "Quais funcionalidades eu posso chamar?",
        ],
    ),
}

_ONE = {
    Language.ENGLISH: phrases(
        [
            "What (does|is|about) (the|) {name} (functionality|profile|) (do|)?",
            "(Explain|Describe|Tell me about|What do you know about) (the|) {name}(| functionality| profile).",
            "(What is {name} for|What can {name} do|What does {name} mean|How does {name} help me|When do I use {name}|Why would I use {name})?",
        ],
        ["(What might I use {name} for|In one line, what is {name}|What happens when I call {name})?"],
    ),
    Language.PORTUGUESE: phrases(
        [
            "O que (faz|é) (a funcionalidade|o perfil|o|a|) {name}?",
            "(Explique|Descreva|Me fale sobre|O que você sabe sobre) (a funcionalidade|o perfil|o|) {name}.",
            "(Para que serve {name}|O que {name} faz|O que {name} pode fazer|O que significa {name}|Quando uso {name}|Por que eu usaria {name})?",
        ],
        ["(Para que eu poderia usar {name}|Em uma linha, o que é {name}|O que acontece quando chamo {name})?"],
    ),
}

_LIST_FRAME = {
    Language.ENGLISH: (
        "ALIVE localcloud has these functionalities:\n{entries}\nI am only the small demo model: for good answers, install a real model.",
        "`{name}` {description}. I am only the small demo model: for good answers, install a real model.",
    ),
    Language.PORTUGUESE: (
        "O ALIVE localcloud tem estas funcionalidades:\n{entries}\nSou só o pequeno modelo de demonstração: para boas respostas, instale um modelo de verdade.",
        "`{name}` {description}. Sou só o pequeno modelo de demonstração: para boas respostas, instale um modelo de verdade.",
    ),
}

_WHOLE_LIST_SHARE = 0.6


def functionalities(rng: Random, split: Split, language: Language) -> Exchange:
    """Asks for all functionalities, or what one of them does."""
    described = DESCRIPTIONS[language]
    whole, single = _LIST_FRAME[language]
    if rng.random() < _WHOLE_LIST_SHARE:
        asked = _WHOLE_LIST[language].pick(rng, split)
        answer = whole.format(entries="\n".join(f"- {name}: {text}" for name, text in described.items()))
        expected = Expectation(all_of=tuple(described))
    else:
        name, description = rng.choice(list(described.items()))
        asked = _ONE[language].pick(rng, split).format(name=f"`{name}`" if rng.random() < 0.5 else name)
        answer = single.format(name=name, description=description)
        expected = Expectation(all_of=(description,))
    return Exchange(
        skill="functionalities",
        language=language,
        messages=(user(roughen(rng, asked, language)), assistant(answer)),
        expectation=expected,
    )
