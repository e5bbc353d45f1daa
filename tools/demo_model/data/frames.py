# ruff: noqa: E501, SIM905 - tables of phrases and words read best unbroken
"""The sentences that documents state their facts with, and the questions that ask for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tools.demo_model.data.phrases import Phrases, phrases
from tools.demo_model.data.sample import Language, Split
from tools.demo_model.data.words import (
    code,
    decimal,
    drawn,
    full_name,
    made_up_word,
    number,
    of_split,
    text_value,
    word,
)

_JOBS = {
    Language.ENGLISH: "doctor teacher farmer baker pilot sailor painter singer writer nurse lawyer plumber cook driver engineer gardener carpenter librarian dentist journalist".split(),
    Language.PORTUGUESE: "médico professora agricultor padeiro piloto marinheiro pintora cantor escritora enfermeira advogado encanador cozinheira motorista engenheira jardineiro carpinteiro bibliotecária dentista jornalista".split(),
}

_Make = Callable[[Random, Split, Language], str]
_NAME: _Make = lambda rng, split, _: full_name(rng, split)  # noqa: E731 - a table of makers
_TIME: _Make = lambda rng, split, _: drawn(lambda: f"{rng.randrange(24):02d}:{rng.randrange(60):02d}", split)  # noqa: E731 - a table of makers
_NUMBER: _Make = lambda rng, split, _: number(rng, split)  # noqa: E731 - a table of makers
_AMOUNT: _Make = lambda rng, split, _: rng.choice((number, decimal))(rng, split)  # noqa: E731 - a table of makers
_CODE: _Make = lambda rng, split, _: code(rng, split)  # noqa: E731 - a table of makers
_YEAR: _Make = lambda rng, split, _: drawn(lambda: str(rng.randrange(1500, 2030)), split)  # noqa: E731 - a table of makers
_PLACE: _Make = lambda rng, split, _: made_up_word(rng, split).capitalize()  # noqa: E731 - a table of makers
_JOB: _Make = lambda rng, split, language: rng.choice(of_split(_JOBS[language], split) or list(_JOBS[language]))  # noqa: E731 - a table of makers
_ANY: _Make = text_value
_WORD: _Make = word


@dataclass(frozen=True)
class Frame:
    """A sentence with `{entity}`, `{value}` and maybe `{other}` in it, and questions for the value."""

    sentence: str
    value: _Make
    questions: Phrases
    other: _Make = _WORD
    splits: tuple[Split, ...] = (Split.TRAIN,)


_DEV = (Split.DEV,)
_HELD = (Split.HELD_OUT,)

FRAMES: dict[Language, tuple[Frame, ...]] = {
    Language.ENGLISH: (
        Frame(
            "{entity} lives in {value}.",
            _PLACE,
            phrases(
                [
                    "Where does {entity} live?",
                    "In which place does {entity} live?",
                    "Which town does {entity} live in?",
                    "where is {entity} living?",
                ],
                ["In what place would I find where {entity} lives?"],
                ["{entity} lives in which town?"],
            ),
        ),
        Frame(
            "{entity} works as a {value}.",
            _JOB,
            phrases(
                [
                    "What does {entity} work as?",
                    "What is the work of {entity}?",
                    "As what does {entity} work?",
                    "What work does {entity} do?",
                ],
                ["{entity} works as what?"],
                ["Which work is done by {entity}?"],
            ),
        ),
        Frame(
            "{entity} was founded in {value} by {other}.",
            _YEAR,
            phrases(
                [
                    "When was {entity} founded?",
                    "In which year was {entity} founded?",
                    "What year was {entity} founded in?",
                ],
                ["{entity} was founded when?"],
                ["Which year saw {entity} founded?"],
            ),
            _NAME,
        ),
        Frame(
            "{entity} was founded by {value} in {other}.",
            _NAME,
            phrases(
                ["Who founded {entity}?", "By whom was {entity} founded?", "Who was {entity} founded by?"],
                ["{entity} was founded by whom?"],
                ["Which person founded {entity}?"],
            ),
            _YEAR,
        ),
        Frame(
            "{entity} opens at {value} and closes at {other}.",
            _TIME,
            phrases(
                [
                    "When does {entity} open?",
                    "At what time does {entity} open?",
                    "What time does {entity} open?",
                    "When can I visit {entity}?",
                ],
                ["{entity} opens at what time?"],
                ["From when on is {entity} open?"],
            ),
            _TIME,
        ),
        Frame(
            "{entity} costs {value} dollars.",
            _AMOUNT,
            phrases(
                [
                    "How much does {entity} cost?",
                    "What does {entity} cost?",
                    "How many dollars does {entity} cost?",
                    "How expensive is {entity}?",
                ],
                ["{entity} costs how much?"],
                ["What cost does {entity} have?"],
            ),
        ),
        Frame(
            "{entity} is {value} metres high.",
            _AMOUNT,
            phrases(
                ["How high is {entity}?", "How many metres high is {entity}?", "What height does {entity} have?"],
                ["{entity} is how high?"],
                ["How many metres does {entity} rise high?"],
            ),
        ),
        Frame(
            "{entity} was built by {value}.",
            _NAME,
            phrases(
                ["Who built {entity}?", "By whom was {entity} built?", "Who was {entity} built by?"],
                ["{entity} was built by whom?"],
                ["Which builder built {entity}?"],
            ),
        ),
        Frame(
            "{entity} likes {value} and {other}.",
            _WORD,
            phrases(
                ["What does {entity} like?", "Which things does {entity} like?", "What is it that {entity} likes?"],
                ["{entity} likes what?"],
                ["Name the things that {entity} likes."],
            ),
        ),
        Frame(
            "{entity} belongs to {value}.",
            _NAME,
            phrases(
                ["Who does {entity} belong to?", "To whom does {entity} belong?", "Who owns {entity}?"],
                ["{entity} belongs to whom?"],
                ["Which person does {entity} belong to?"],
            ),
        ),
        Frame(
            "{entity} starts on {value}.",
            _CODE,
            phrases(
                ["When does {entity} start?", "On which day does {entity} start?", "What is the start of {entity}?"],
                ["{entity} starts when?"],
                ["The date when {entity} starts, please."],
            ),
        ),
        Frame(
            "{entity} is made of {value} and {other}.",
            _WORD,
            phrases(
                ["What is {entity} made of?", "Of what is {entity} made?", "Which material is {entity} made of?"],
                ["{entity} is made of what?"],
                ["Name what {entity} is made of."],
            ),
        ),
        Frame(
            "{entity} reports to {value}.",
            _NAME,
            phrases(
                [
                    "Who does {entity} report to?",
                    "To whom does {entity} report?",
                    "Which person does {entity} report to?",
                ],
                ["{entity} reports to whom?"],
                ["Name whoever {entity} reports to."],
            ),
        ),
        Frame(
            "To {other} the {entity}, press the {value} button.",
            _WORD,
            phrases(
                [
                    "Which button do I press for the {entity}?",
                    "What button must I press to use the {entity}?",
                    "Which button belongs to the {entity}?",
                ],
                ["For the {entity}, press what button?"],
                ["Name the button to press for the {entity}."],
            ),
        ),
        Frame(
            "{entity} can carry {value} people.",
            _NUMBER,
            phrases(
                ["How many people can {entity} carry?", "What number of people can {entity} carry?"],
                ["{entity} can carry how many?"],
                ["Tell me how many people {entity} can carry."],
            ),
        ),
        Frame(
            "{entity} bought {value} from {other}.",
            _ANY,
            phrases(
                ["What did {entity} buy?", "What was bought by {entity}?", "Which thing did {entity} buy?"],
                ["{entity} bought what?"],
                ["Name what {entity} bought."],
            ),
            _NAME,
        ),
        Frame(
            "{entity} met {value} in {other}.",
            _NAME,
            phrases(
                ["Who did {entity} meet?", "Whom did {entity} meet?", "Which person did {entity} meet?"],
                ["{entity} met whom?"],
                ["Name the person {entity} met."],
            ),
            _PLACE,
        ),
        Frame(
            "Returns of {entity} are accepted within {value} days.",
            _NUMBER,
            phrases(
                [
                    "How long are returns of {entity} accepted?",
                    "Within how many days are returns of {entity} accepted?",
                    "How many days do I have to return {entity}?",
                ],
                ["Returns of {entity} are accepted for how long?"],
                ["What is the limit in days for returns of {entity}?"],
            ),
        ),
        Frame(
            "{entity} can be reached at {value}.",
            _CODE,
            phrases(
                ["How can {entity} be reached?", "Where can I reach {entity}?", "At what can {entity} be reached?"],
                ["{entity} can be reached how?"],
                ["Tell me where {entity} can be reached."],
            ),
        ),
        Frame(
            "{entity} weighs {value} kilos.",
            _AMOUNT,
            phrases(
                ["How much does {entity} weigh?", "How many kilos does {entity} weigh?"],
                ["{entity} weighs how much?"],
                ["How many kilos is it that {entity} weighs?"],
            ),
            splits=_DEV,
        ),
        Frame(
            "{entity} speaks {value} and {other}.",
            _WORD,
            phrases(
                ["What does {entity} speak?", "Which languages does {entity} speak?"],
                ["{entity} speaks what?"],
                ["Name what {entity} speaks."],
            ),
            splits=_DEV,
        ),
        Frame(
            "{entity} was painted by {value}.",
            _NAME,
            phrases(
                ["Who painted {entity}?", "By whom was {entity} painted?"],
                ["{entity} was painted by whom?"],
                ["Which artist painted {entity}?"],
            ),
            splits=_HELD,
        ),
        Frame(
            "{entity} sells {value} and {other}.",
            _WORD,
            phrases(
                ["What does {entity} sell?", "Which things does {entity} sell?"],
                ["{entity} sells what?"],
                ["Name what {entity} sells."],
            ),
            splits=_HELD,
        ),
        Frame(
            "{entity} departs at {value} from {other}.",
            _TIME,
            phrases(
                ["When does {entity} depart?", "At what time does {entity} depart?"],
                ["{entity} departs when?"],
                ["Say at what time {entity} departs."],
            ),
            _PLACE,
            splits=_HELD,
        ),
    ),
    Language.PORTUGUESE: (
        Frame(
            "{entity} mora em {value}.",
            _PLACE,
            phrases(
                [
                    "Onde mora {entity}?",
                    "Onde {entity} mora?",
                    "Em que cidade mora {entity}?",
                    "Em que lugar {entity} mora?",
                ],
                ["{entity} mora onde?"],
                ["Qual é a cidade em que {entity} mora?"],
            ),
        ),
        Frame(
            "{entity} trabalha como {value}.",
            _JOB,
            phrases(
                [
                    "Em que {entity} trabalha?",
                    "Como o que trabalha {entity}?",
                    "{entity} trabalha com o quê?",
                    "Qual é o trabalho de {entity}?",
                ],
                ["{entity} trabalha como?"],
                ["Que trabalho {entity} faz?"],
            ),
        ),
        Frame(
            "{entity} foi fundado em {value} por {other}.",
            _YEAR,
            phrases(
                [
                    "Quando {entity} foi fundado?",
                    "Em que ano foi fundado {entity}?",
                    "Em qual ano {entity} foi fundado?",
                ],
                ["{entity} foi fundado quando?"],
                ["Que ano viu {entity} ser fundado?"],
            ),
            _NAME,
        ),
        Frame(
            "{entity} foi fundado por {value} em {other}.",
            _NAME,
            phrases(
                ["Quem fundou {entity}?", "Por quem foi fundado {entity}?", "{entity} foi fundado por quem?"],
                ["Foi fundado por quem {entity}?"],
                ["Qual pessoa fundou {entity}?"],
            ),
            _YEAR,
        ),
        Frame(
            "{entity} abre às {value} e fecha às {other}.",
            _TIME,
            phrases(
                [
                    "Quando {entity} abre?",
                    "A que horas abre {entity}?",
                    "Que horas {entity} abre?",
                    "Quando posso visitar {entity}?",
                ],
                ["{entity} abre quando?"],
                ["A partir de quando {entity} abre?"],
            ),
            _TIME,
        ),
        Frame(
            "{entity} custa {value} reais.",
            _AMOUNT,
            phrases(
                [
                    "Quanto custa {entity}?",
                    "Quantos reais custa {entity}?",
                    "Qual é o preço de {entity}?",
                    "{entity} é caro?",
                ],
                ["{entity} custa quanto?"],
                ["Que custo tem {entity} em reais?"],
            ),
        ),
        Frame(
            "{entity} tem {value} metros de altura.",
            _AMOUNT,
            phrases(
                [
                    "Qual é a altura de {entity}?",
                    "Quantos metros de altura tem {entity}?",
                    "Que altura tem {entity}?",
                ],
                ["{entity} tem que altura?"],
                ["Quantos metros {entity} tem?"],
            ),
        ),
        Frame(
            "{entity} foi construído por {value}.",
            _NAME,
            phrases(
                [
                    "Quem construiu {entity}?",
                    "Por quem foi construído {entity}?",
                    "{entity} foi construído por quem?",
                ],
                ["Foi construído por quem {entity}?"],
                ["Qual pessoa construiu {entity}?"],
            ),
        ),
        Frame(
            "{entity} gosta de {value} e de {other}.",
            _WORD,
            phrases(
                ["Do que {entity} gosta?", "De que gosta {entity}?", "Quais coisas agradam {entity}?"],
                ["{entity} gosta do quê?"],
                ["Cite as coisas de que {entity} gosta."],
            ),
        ),
        Frame(
            "{entity} pertence a {value}.",
            _NAME,
            phrases(
                ["A quem pertence {entity}?", "De quem é {entity}?", "Quem é o dono de {entity}?"],
                ["{entity} pertence a quem?"],
                ["A qual pessoa pertence {entity}?"],
            ),
        ),
        Frame(
            "{entity} começa em {value}.",
            _CODE,
            phrases(
                ["Quando começa {entity}?", "Em que dia {entity} começa?", "Qual é o começo de {entity}?"],
                ["{entity} começa quando?"],
                ["Informe a data em que {entity} começa."],
            ),
        ),
        Frame(
            "{entity} é feito de {value} e {other}.",
            _WORD,
            phrases(
                ["De que é feito {entity}?", "Do que {entity} é feito?", "De qual material é feito {entity}?"],
                ["{entity} é feito de quê?"],
                ["Cite de que é feito {entity}."],
            ),
        ),
        Frame(
            "{entity} responde a {value}.",
            _NAME,
            phrases(
                ["A quem {entity} responde?", "Para quem responde {entity}?", "A qual pessoa {entity} responde?"],
                ["{entity} responde a quem?"],
                ["Cite a quem {entity} responde."],
            ),
        ),
        Frame(
            "{entity} pode levar {value} pessoas.",
            _NUMBER,
            phrases(
                ["Quantas pessoas {entity} pode levar?", "Que número de pessoas {entity} pode levar?"],
                ["{entity} pode levar quantas?"],
                ["Me diga quantas pessoas cabem e {entity} pode levar."],
            ),
        ),
        Frame(
            "{entity} comprou {value} de {other}.",
            _ANY,
            phrases(
                ["O que {entity} comprou?", "O que foi comprado por {entity}?", "Que coisa {entity} comprou?"],
                ["{entity} comprou o quê?"],
                ["Cite o que {entity} comprou."],
            ),
            _NAME,
        ),
        Frame(
            "{entity} encontrou {value} em {other}.",
            _NAME,
            phrases(
                ["Quem {entity} encontrou?", "Que pessoa {entity} encontrou?", "A quem {entity} encontrou?"],
                ["{entity} encontrou quem?"],
                ["Cite a pessoa que {entity} encontrou."],
            ),
            _PLACE,
        ),
        Frame(
            "Devoluções de {entity} são aceitas em até {value} dias.",
            _NUMBER,
            phrases(
                [
                    "Até quando são aceitas devoluções de {entity}?",
                    "Em quantos dias são aceitas devoluções de {entity}?",
                    "Quantos dias tenho para devoluções de {entity}?",
                ],
                ["Devoluções de {entity} são aceitas até quando?"],
                ["Qual é o limite em dias das devoluções de {entity}?"],
            ),
        ),
        Frame(
            "{entity} pesa {value} quilos.",
            _AMOUNT,
            phrases(
                ["Quanto pesa {entity}?", "Quantos quilos {entity} pesa?"],
                ["{entity} pesa quanto?"],
                ["Quantos quilos pesa mesmo {entity}?"],
            ),
            splits=_DEV,
        ),
        Frame(
            "{entity} foi pintado por {value}.",
            _NAME,
            phrases(
                ["Quem pintou {entity}?", "Por quem foi pintado {entity}?"],
                ["{entity} foi pintado por quem?"],
                ["Qual artista pintou {entity}?"],
            ),
            splits=_HELD,
        ),
        Frame(
            "{entity} vende {value} e {other}.",
            _WORD,
            phrases(
                ["O que {entity} vende?", "Que coisas {entity} vende?"],
                ["{entity} vende o quê?"],
                ["Cite o que {entity} vende."],
            ),
            splits=_HELD,
        ),
        Frame(
            "{entity} parte às {value} de {other}.",
            _TIME,
            phrases(
                ["Quando parte {entity}?", "A que horas {entity} parte?"],
                ["{entity} parte quando?"],
                ["Diga a que horas {entity} parte."],
            ),
            _PLACE,
            splits=_HELD,
        ),
    ),
}
