# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Skill: accepts thanks, says goodbye, and stays calm about small acknowledgements."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.phrases import phrases, roughen
from tools.demo_model.data.sample import Exchange, Expectation, Language, Split, assistant, user

TOPICS = {
    Language.ENGLISH: (
        (
            phrases(
                [
                    "(Thanks|Thank you|Many thanks|Thank you so much|Thanks a lot|Thank you very much|Thx|Cheers|Much appreciated)(!|.|| for your help|, that helped|, friend| for that|, model)",
                    "(That was helpful|That helps|That helped me|I am grateful|You helped me)(, thanks|, thank you||!)",
                ],
                [
                    "(A thousand thanks|I thank you|My thanks to you)(!|.|)",
                    "That was kind of you, thank you.",
                ],
                ["(I owe you my thanks|Thank you ever so much|So kind, thanks)(!|.|)"],
            ),
            "You are welcome!",
        ),
        (
            phrases(
                [
                    "(Bye|Goodbye|Bye bye|See you|See you later|See you soon|Farewell|Good night|Take care|So long|Until next time|Cya)(!|.||, friend|, model| for now)",
                    "(I have to go|I must go|I am leaving|I need to go now|That is all|That's all for today|I am done|I go to bed)(.|!||, bye|, goodbye)",
                ],
                ["(Until tomorrow|Time for me to leave, bye|Goodbye for today|I am off)(!|.|)"],
                ["(I will be going now, goodbye|See you next week|Bye, have a nice evening)(!|.|)"],
            ),
            "Goodbye! Come back any time.",
        ),
        (
            phrases(
                [
                    "(Ok|Okay|Alright|Yes|Yep|Sure|Fine|I see|Understood|Got it|Right|Good|No|Nope|No thanks|Never mind|Maybe|Hmm|Aha|Oh|Wow)(.|!||, then| then)"
                ],
                ["(Very well|Roger|All clear|Noted)(.|!|)"],
                ["(Okay okay|Sounds right|Yeah)(.|!|)"],
            ),
            "All right. What would you like to do next?",
        ),
    ),
    Language.PORTUGUESE: (
        (
            phrases(
                [
                    "(Obrigado|Obrigada|Muito obrigado|Muito obrigada|Valeu|Agradeço|Obrigado mesmo|Vlw|Brigado)(!|.|| pela ajuda|, ajudou|, amigo| por isso|, modelo)",
                    "(Isso ajudou|Ajudou muito|Isso me ajudou|Fico grato|Você me ajudou)(, obrigado|, obrigada||!)",
                ],
                [
                    "(Mil vezes obrigado|Eu agradeço a você|Meus agradecimentos)(!|.|)",
                    "Foi gentil da sua parte, obrigado.",
                ],
                ["(Te devo um obrigado|Obrigadíssimo|Que gentil, obrigado)(!|.|)"],
            ),
            "De nada!",
        ),
        (
            phrases(
                [
                    "(Tchau|Adeus|Até logo|Até mais|Até breve|Até a próxima|Até|Falou|Tchau tchau|Fui)(!|.||, amigo|, modelo| por enquanto)",
                    "(Tenho que ir|Preciso ir|Estou saindo|Preciso sair agora|É só isso|É só por hoje|Terminei|Vou dormir)(.|!||, tchau|, até mais)",
                ],
                ["(Até amanhã|Hora de eu ir, tchau|Adeus por hoje|Já vou indo)(!|.|)"],
                ["(Agora vou embora, tchau|Até semana que vem|Tchau, tenha uma boa noite)(!|.|)"],
            ),
            "Até logo! Volte quando quiser.",
        ),
        (
            phrases(
                [
                    "(Ok|Certo|Sim|Claro|Tá|Tá bom|Entendi|Entendido|Beleza então|Pois é|Bom|Não|Não, obrigado|Deixa pra lá|Talvez|Hum|Ah|Nossa|Uau)(.|!||, então| então)"
                ],
                ["(Muito bem|Positivo|Tudo claro|Anotado)(.|!|)"],
                ["(Tá certo|Tudo certo então, ok|Uhum)(.|!|)"],
            ),
            "Certo. O que você quer fazer agora?",
        ),
    ),
}


def farewell(rng: Random, split: Split, language: Language) -> Exchange:
    """Thanks, a goodbye, or a plain "ok"."""
    said, answer = rng.choice(TOPICS[language])
    return Exchange(
        skill="farewell",
        language=language,
        messages=(user(roughen(rng, said.pick(rng, split), language)), assistant(answer)),
        expectation=Expectation(exact=answer),
    )
