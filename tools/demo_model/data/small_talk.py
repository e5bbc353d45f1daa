# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Skill: small talk, without pretending to be a person."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.phrases import Phrases, phrases, roughen
from tools.demo_model.data.sample import Exchange, Expectation, Language, Split, assistant, user

TOPICS: dict[Language, tuple[tuple[Phrases, str, str], ...]] = {
    Language.ENGLISH: (
        (
            phrases(
                [
                    "(How are you|How are you doing|How do you do|How is it going|How's it going|How do you feel|How are things|How have you been)(| today| now|, friend| this morning)?",
                    "(Hello|Hi|Hey), (how are you|how is it going|how are you today|how do you do)?",
                    "(What's up|You ok|Are you well|Are you fine|Everything fine|All good|Are you ok)?",
                ],
                [
                    "(How fares it|Is everything all right with you|How is your day)?",
                    "Hello friend, how are you doing?",
                ],
                [
                    "(And how are you feeling|Are you having a good time|How does it go with you)?",
                    "Hey you, how are you?",
                ],
            ),
            "I am fine, thank you: the server is running and so am I. How are you?",
            "fine",
        ),
        (
            phrases(
                [
                    "(Tell me|Do you know|Can you tell me|Say|Give me) (a|another|one|some) (joke|funny joke|good joke|funny thing)(.|?)",
                    "(Make me laugh|Say something funny|Be funny)(.|!|)",
                ],
                ["(Crack a joke|Have you got a joke for me|I want to laugh)."],
                ["(Could I hear a joke|Let me hear something funny|Joke please)."],
            ),
            "Why did the small model go to school? It wanted to become a large one.",
            "small model",
        ),
        (
            phrases(
                [
                    "(I am|I'm|I feel) (fine|good|great|very well|well|happy|okay|doing well|fantastic|so happy)(, thanks|, thank you|| today)(.|!|)",
                    "(Today is a good day|What a lovely day|I had a great day|This is nice|This is great|Very nice|Good job|Well done|You are great|You are nice|I like you|Cool|Great|Nice)(.|!|)",
                ],
                ["(I am feeling splendid|Today went very well|You are doing well|Lovely)(.|!|)"],
                ["(I feel wonderful|My day was great|That is really good)(.|!|)"],
            ),
            "I am glad to hear that!",
            "glad",
        ),
        (
            phrases(
                [
                    "(I am|I'm|I feel) (sad|tired|bored|sick|lonely|angry|unhappy|stressed|so tired|a bit sad|not well)(| today| now)(.|)",
                    "(Today is a bad day|I had a bad day|My day was terrible|Life is hard|This is terrible|I hate this|You are bad|You are stupid|This is bad)(.|!|)",
                ],
                ["(I am feeling down|It was a horrible day|I am exhausted)(.|)"],
                ["(I feel awful|Everything is bad today|I am so unhappy)(.|)"],
            ),
            "I am sorry to hear that. I am only a small demo model, but I wish you a better day.",
            "sorry",
        ),
        (
            phrases(
                [
                    "(What is|What's) your (favourite|favorite) (colour|color|food|animal|song|film|movie|book|city|number|game)?",
                    "(Do you like|Do you love|Do you enjoy|Do you hate) (music|me|football|pizza|coffee|cats|dogs|people|movies|games|rain|working)?",
                    "(Do you|Can you) (sleep|eat|dream|feel pain|feel love|get tired|have feelings|have friends|have a family|breathe|drink coffee)?",
                    "(How old are you|When were you born|When is your birthday|Where do you live|Are you married|Are you happy|Are you sad|Are you tired|Are you hungry)?",
                ],
                ["(Which colour do you prefer|Do you ever get bored|Are you fond of chocolate|What is your age)?"],
                ["(What food do you like best|Do you get lonely|Do you care for music|What is your birthday)?"],
            ),
            "I am a small demo model, so I have no feelings, no tastes and no age.",
            "demo model",
        ),
    ),
    Language.PORTUGUESE: (
        (
            phrases(
                [
                    "(Como vai|Como está|Como você está|Como vai você|Tudo bem|Tudo bom|Como estão as coisas|Como tem passado|Tudo certo)(| hoje| agora|, amigo| com você)?",
                    "(Olá|Oi), (tudo bem|como vai|como você está|tudo bom|tudo certo)?",
                    "(E aí, beleza|Beleza|Você está bem|Tudo joia|Tudo em ordem)?",
                ],
                ["(Como anda a vida|Está tudo bem por aí|Como foi o seu dia)?", "Oi amigo, como vai você?"],
                [
                    "(E como você se sente|Você está se divertindo|Como tem sido para você)?",
                    "Ei você, como você está?",
                ],
            ),
            "Estou bem, obrigado: o servidor está rodando e eu também. E você, como está?",
            "bem",
        ),
        (
            phrases(
                [
                    "(Conte|Me conte|Conta|Você sabe|Pode contar|Diga) (uma|outra|alguma) (piada|piada boa|piada engraçada|coisa engraçada)(.|?)",
                    "(Me faça rir|Diga algo engraçado|Seja engraçado)(.|!|)",
                ],
                ["(Solte uma piada|Tem uma piada para mim|Quero rir)."],
                ["(Posso ouvir uma piada|Quero ouvir algo engraçado|Piada, por favor)."],
            ),
            "Por que o modelo pequeno foi à escola? Porque queria virar um modelo grande.",
            "modelo pequeno",
        ),
        (
            phrases(
                [
                    "(Estou|Eu estou|Me sinto|Tô) (bem|ótimo|ótima|muito bem|feliz|contente|muito feliz|tranquilo)(, obrigado|, obrigada|| hoje)(.|!|)",
                    "(Hoje é um bom dia|Que dia lindo|Tive um ótimo dia|Isso é legal|Que legal|Muito bom|Bom trabalho|Parabéns|Você é ótimo|Você é legal|Gosto de você|Legal|Ótimo|Show)(.|!|)",
                ],
                ["(Sinto-me esplêndido|O dia correu muito bem|Você está indo bem|Maravilha)(.|!|)"],
                ["(Eu me sinto maravilhoso|Meu dia foi ótimo|Isso é muito bom mesmo)(.|!|)"],
            ),
            "Fico feliz em saber disso!",
            "feliz",
        ),
        (
            phrases(
                [
                    "(Estou|Eu estou|Me sinto|Tô) (triste|cansado|cansada|entediado|doente|sozinho|com raiva|estressado|muito cansado|mal)(| hoje| agora)(.|)",
                    "(Hoje é um dia ruim|Tive um dia ruim|Meu dia foi péssimo|A vida é difícil|Isso é péssimo|Odeio isso|Você é ruim|Você é burro|Isso é ruim)(.|!|)",
                ],
                ["(Estou para baixo|Foi um dia horrível|Estou exausto)(.|)"],
                ["(Eu me sinto péssimo|Tudo está ruim hoje|Estou tão infeliz)(.|)"],
            ),
            "Sinto muito por isso. Sou só um pequeno modelo de demonstração, mas desejo a você um dia melhor.",
            "sinto muito",
        ),
        (
            phrases(
                [
                    "Qual é (a sua cor favorita|a sua comida favorita|o seu animal favorito|a sua música favorita|o seu filme favorito|o seu livro favorito|a sua cidade favorita|o seu número favorito)?",
                    "Você (gosta de|ama|adora|odeia) (música|mim|futebol|pizza|café|gatos|cachorros|pessoas|filmes|jogos|chuva|trabalhar)?",
                    "Você (dorme|come|sonha|sente dor|sente amor|se cansa|tem sentimentos|tem amigos|tem família|respira|bebe café)?",
                    "(Quantos anos você tem|Quando você nasceu|Quando é o seu aniversário|Onde você mora|Você é casado|Você está feliz|Você está triste|Você está cansado|Você está com fome)?",
                ],
                ["(Que cor você prefere|Você fica entediado|Você aprecia chocolate|Qual é a sua idade)?"],
                ["(De que comida você mais gosta|Você se sente sozinho|Você curte música|Qual é o seu aniversário)?"],
            ),
            "Sou um pequeno modelo de demonstração: não tenho sentimentos, nem gostos, nem idade.",
            "modelo de demonstração",
        ),
    ),
}


def small_talk(rng: Random, split: Split, language: Language) -> Exchange:
    """One friendly remark or question, and its answer."""
    questions, answer, needed = rng.choice(TOPICS[language])
    return Exchange(
        skill="small_talk",
        language=language,
        messages=(user(roughen(rng, questions.pick(rng, split), language)), assistant(answer)),
        expectation=Expectation(all_of=(needed,)),
    )
