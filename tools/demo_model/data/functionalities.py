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
            "What (kinds|types|sort|sorts) of (help|tasks|work|questions|requests|jobs) (can you do|do you offer|can you handle|do you support|can I give you|do you take)?",
            "(Give me|I want|I need|Show me) (an overview|a summary|a list|the list) of (what you can do|your functionalities|the functionalities|the services|your abilities|everything you can do)(.|)",
            "(How|In which way) (could|would|might) you (be of help|assist me|help|be useful|support me)?",
            "(Can|Could|Would|Will) you (list|show|name|tell me|enumerate|print) (your|the|all your|all) (functionalities|functions|features|services|abilities|profiles|skills|models)(?|)",
            "(What|Which) (is|are) (available|on offer|supported|included|installed|possible)( here|)?",
            "(What|Which) (tasks|jobs|functionalities|features|tools|things) (does ALIVE localcloud|does this server|do you|does localcloud) (support|offer|have|provide|include)?",
            "(I wonder|I want to know|Tell me|Explain to me|Let me know) (what you can do|what is possible|what you offer|what this server can do|which functionalities exist|how you can help)(.|)",
            "(What|Anything) (can|could) I (use|try|do|ask) (here|with you|on this server)(| today)?",
            "(functionalities|your functionalities|features|abilities|capabilities)(?|, please| please)",
        ],
        [
            "(Which things are you able to offer me|What sort of tasks do you handle|In what ways can you be useful)?",
            "(Let me see the functionalities|I would like a list of your functionalities|Run me through the functionalities).",
            "Which functionalities may I call?",
        ],
        [
            "(Where do your abilities lie|With what can you be of service|What is all of this able to do)?",
            "(I am looking for the functionalities you have|Please write down your functionalities|Go through the functionalities with me).",
            "What would be the functionalities that I can choose from?",
        ],
    ),
    Language.PORTUGUESE: phrases(
        [
            "O que (você pode fazer|você sabe fazer|você faz|você consegue fazer|você oferece|posso pedir a você|posso fazer aqui|este servidor pode fazer|dá para fazer aqui|posso perguntar)?",
            "(Quais|Que) (funcionalidades|recursos|funções|perfis|serviços|habilidades|capacidades|modelos) (você tem|existem|você oferece|há|posso usar|estão disponíveis|o servidor oferece|este servidor tem|o ALIVE localcloud oferece)?",
            "(Liste|Mostre|Me mostre|Me diga|Diga|Enumere) (as|suas|todas as|as suas|todas as suas) (funcionalidades|funções|capacidades|habilidades)(.|)",
            "(Como você pode me ajudar|Como pode ajudar|O que é possível aqui|Em que pode ajudar|O que mais você faz|Ajuda|me ajude|Quais são minhas opções|e agora)?",
            "(Me diga|Explique|Diga|Mostre) o que você (pode fazer|sabe fazer)(.|)",
            "Que (tipos|tipo) de (ajuda|tarefas|trabalho|perguntas|pedidos) (você faz|você oferece|você aceita|posso fazer|você resolve)?",
            "(Me dê|Quero|Preciso de|Mostre) (uma visão geral|um resumo|uma lista|a lista) (do que você pode fazer|das suas funcionalidades|das funcionalidades|dos serviços|de tudo o que você faz)(.|)",
            "(Como|De que forma) você (poderia|pode) (ajudar|me ajudar hoje|ser útil|me apoiar)?",
            "(Você pode|Poderia|Pode) (listar|mostrar|dizer|enumerar|citar) (as|suas|todas as|as suas) (funcionalidades|funções|capacidades|habilidades)(?|)",
            "(O que|Quais coisas) (está disponível|estão disponíveis|é oferecido|é possível|está incluído)( aqui|)?",
            "(Quais|Que) (tarefas|funcionalidades|recursos|coisas) (o ALIVE localcloud|este servidor|você|o localcloud) (suporta|oferece|tem|inclui)?",
            "(Quero saber|Me diga|Me explique|Conte) (o que você pode fazer|o que é possível|o que você oferece|o que este servidor faz|quais funcionalidades existem|como você ajuda)(.|)",
            "O que (posso|dá para) (usar|tentar|fazer|pedir) (aqui|com você|neste servidor)(| hoje)?",
            "(funcionalidades|suas funcionalidades|recursos|capacidades)(?|, por favor| por favor)",
        ],
        [
            "(Que coisas você pode me oferecer|Que tipo de tarefas você realiza|De que maneiras você pode ser útil)?",
            "(Deixe-me ver as funcionalidades|Gostaria de uma lista das suas funcionalidades|Passe pelas funcionalidades).",
            "Quais funcionalidades eu posso chamar?",
        ],
        [
            "(Quais são as coisas que você sabe|Com que coisas você consegue ajudar|Tudo isto serve para fazer o quê)?",
            "(Procuro as funcionalidades que você tem|Anote as suas funcionalidades|Percorra as funcionalidades comigo).",
            "Quais seriam as funcionalidades que posso escolher?",
        ],
    ),
}

_ONE = {
    Language.ENGLISH: phrases(
        [
            "What (does|is|about) (the|) {name} (functionality|profile|) (do|)?",
            "(Explain|Describe|Tell me about|What do you know about) (the|) {name}(| functionality| profile).",
            "(What is {name} for|What can {name} do|What does {name} mean|How does {name} help me|When do I use {name}|Why would I use {name})?",
            "(What|How) (can I do with|does one use|would I use|good is) {name}?",
            "(I want to know|Can you explain|Could you describe|Please explain|Tell me more about) (what {name} does|what {name} is|{name}|the {name} functionality)(.|?|)",
            "{name}(?|: what is it?|: what does it do?| does what?)",
            "(And|So) what (does|is) {name}(| do)?",
        ],
        ["(What might I use {name} for|In one line, what is {name}|What happens when I call {name})?"],
        ["(What do I get from {name}|Please put in words what {name} does|Of what use is {name})?"],
    ),
    Language.PORTUGUESE: phrases(
        [
            "O que (faz|é) (a funcionalidade|o perfil|o|a|) {name}?",
            "(Explique|Descreva|Me fale sobre|O que você sabe sobre) (a funcionalidade|o perfil|o|) {name}.",
            "(Para que serve {name}|O que {name} faz|O que {name} pode fazer|O que significa {name}|Quando uso {name}|Por que eu usaria {name})?",
            "(O que posso fazer com|Como se usa|Como eu uso|De que adianta) {name}?",
            "(Quero saber|Pode explicar|Poderia descrever|Por favor explique|Me diga mais sobre) (o que {name} faz|o que é {name}|{name}|a funcionalidade {name})(.|?|)",
            "{name}(?|: o que é?|: o que faz?| faz o quê?)",
            "(E|Então) o que (faz|é) {name}?",
        ],
        ["(Para que eu poderia usar {name}|Em uma linha, o que é {name}|O que acontece quando chamo {name})?"],
        ["(O que eu ganho com {name}|Ponha em palavras o que {name} faz|Qual a utilidade de {name})?"],
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
