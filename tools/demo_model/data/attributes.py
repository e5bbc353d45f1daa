# ruff: noqa: E501, SIM905 - tables of phrases and words read best unbroken
"""Properties that things have, the sentences that state their values, and the questions that ask for them."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.phrases import phrases
from tools.demo_model.data.sample import Language, Split
from tools.demo_model.data.words import made_up_word, of_split

ATTRIBUTES = {
    Language.ENGLISH: """code colour price address owner password age weight height director birthday room floor budget
        capital deadline engine model language email size speed capacity number name city country hobby job pet car
        team school teacher doctor favourite_food favourite_colour phone_number serial_number opening_time start_date
        end_date access_code order_number manager author title date time temperature area population currency
        telephone secretary colour_code locker gate platform seat passport_number licence contract_number salary
        discount fee limit version port username label category warranty shelf drawer supplier customer material
        motto mascot founder neighbour brother sister mother father boss colleague street instrument sport flower
        book film song drink dessert fruit key_word nickname destination airport hotel station bus_line depth length
        width voltage power pressure distance frequency duration level rank score""".split(),
    Language.PORTUGUESE: """código cor preço endereço dono senha idade peso altura diretor aniversário sala andar orçamento
        capital prazo motor modelo idioma email tamanho velocidade capacidade número nome cidade país passatempo emprego
        animal carro time escola professor médico comida_favorita cor_favorita número_de_telefone número_de_série
        horário_de_abertura data_de_início data_final código_de_acesso número_do_pedido gerente autor título data hora
        temperatura área população moeda telefone secretária armário portão plataforma assento contrato salário desconto
        taxa limite versão porta usuário categoria garantia prateleira gaveta fornecedor cliente material lema mascote
        fundador vizinho irmão irmã mãe pai chefe colega rua instrumento esporte flor livro filme música bebida sobremesa
        fruta apelido destino aeroporto hotel estação linha profundidade comprimento largura voltagem potência pressão
        distância frequência duração nível posição pontuação""".split(),
}
_ATTRIBUTES_OF = {
    (language, split): of_split(ATTRIBUTES[language], split) for language in Language for split in Split
}
MADE_UP_ATTRIBUTE_SHARE = {Split.TRAIN: 0.3, Split.DEV: 0.1, Split.HELD_OUT: 0.1}

_TRAIN = (Split.TRAIN,)
_DEV = (Split.DEV,)
_HELD = (Split.HELD_OUT,)
_ALL = tuple(Split)

ATTRIBUTE_QUESTIONS = {
    Language.ENGLISH: phrases(
        [
            "What is the {attribute} of {entity}?", "What's the {attribute} of {entity}?", "Tell me the {attribute} of {entity}.",
            "Which {attribute} does {entity} have?", "{entity}: what is the {attribute}?", "I need the {attribute} of {entity}.",
            "Do you know the {attribute} of {entity}?", "What is {entity}'s {attribute}?", "What {attribute} does {entity} have?",
            "Give me the {attribute} for {entity}.", "What do the documents say about the {attribute} of {entity}?",
            "Please find the {attribute} of {entity}.", "{attribute} of {entity}?", "What was the {attribute} of {entity}?",
            "Can you tell me the {attribute} of {entity}?", "According to the documents, what is the {attribute} of {entity}?",
            "Look up the {attribute} of {entity}", "how about the {attribute} of {entity}?", "I want to know {entity}'s {attribute}.", "Could you look up {entity}'s {attribute}?", "Would you tell me the {attribute} of {entity}?", "Say the {attribute} of {entity}.", "Find out what {attribute} {entity} has.", "What {attribute} is given for {entity}?", "Is there a {attribute} for {entity}?", "For {entity}, what is the {attribute}?", "The {attribute} of {entity}, please", "What about the {attribute} of {entity}?", "Which is the {attribute} of {entity}?", "My question is about the {attribute} of {entity}.", "Search the {attribute} of {entity} in the documents.", "{entity} and its {attribute}?", "Where do I find the {attribute} of {entity}?", "Does {entity} have a {attribute}?", "Might you know the {attribute} of {entity}?", "Read me the {attribute} of {entity}.", "{entity}'s {attribute} is what?", "{entity}, {attribute}?", "{entity} holds what {attribute}?", "And {entity}? Which {attribute}?", "The documents give {entity} what {attribute}?", "Show where {entity}'s {attribute} stands.", "{attribute}, {entity}?", "Do the documents name a {attribute} of {entity}?", "Someone asked for {entity}'s {attribute}.", "Read out the {attribute} of {entity}.",
        ],
        ["Would you look for the {attribute} of {entity}?", "{entity} has which {attribute}?"],
        ["I wonder about the {attribute} of {entity}.", "Please state {entity}'s {attribute}.", "Could somebody say which {attribute} belongs to {entity}?"],
    ),
    Language.PORTUGUESE: phrases(
        [
            "Qual é o {attribute} de {entity}?", "Qual é a {attribute} de {entity}?", "Qual o {attribute} de {entity}?", "Me diga a {attribute} de {entity}.",
            "Me diga o {attribute} de {entity}.", "Que {attribute} tem {entity}?", "{entity}: qual é o {attribute}?", "Preciso do {attribute} de {entity}.",
            "Você sabe a {attribute} de {entity}?", "O que os documentos dizem sobre {attribute} de {entity}?", "Procure o {attribute} de {entity}.",
            "{attribute} de {entity}?", "Qual era o {attribute} de {entity}?", "Pode me dizer o {attribute} de {entity}?", "Segundo os documentos, qual é a {attribute} de {entity}?",
            "Quero saber a {attribute} de {entity}.", "Diga qual é {attribute} de {entity}", "Poderia procurar {attribute} de {entity}?", "Você diria o {attribute} de {entity}?", "Fale o {attribute} de {entity}.", "Descubra que {attribute} {entity} tem.", "Que {attribute} consta para {entity}?", "Há algum {attribute} para {entity}?", "Para {entity}, qual é {attribute}?", "O {attribute} de {entity}, por favor", "E o {attribute} de {entity}?", "Minha pergunta é sobre {attribute} de {entity}.", "Busque {attribute} de {entity} nos documentos.", "{entity} e seu {attribute}?", "Onde encontro a {attribute} de {entity}?", "{entity} possui {attribute}?", "Consegue achar {attribute} de {entity}?", "Seria possível ver {attribute} de {entity}?", "Leia {attribute} de {entity}.", "{attribute} de {entity} é qual?", "{entity}, {attribute}?", "{entity} fica com que {attribute}?", "E {entity}? Que {attribute}?", "Os documentos dão que {attribute} a {entity}?", "Mostre onde está {attribute} de {entity}.", "{attribute}, {entity}?", "Os documentos citam {attribute} de {entity}?", "Perguntaram por {attribute} de {entity}.", "Leia {attribute} de {entity} em voz alta.",
        ],
        ["Você procuraria {attribute} de {entity}?", "{entity} tem qual {attribute}?"],
        ["Tenho dúvida sobre {attribute} de {entity}.", "Informe {attribute} de {entity}, por favor.", "Alguém diria qual {attribute} pertence a {entity}?"],
    ),
}  # fmt: skip

ATTRIBUTE_FRAMES: dict[Language, tuple[tuple[str, tuple[Split, ...]], ...]] = {
    Language.ENGLISH: (
        ("The {attribute} of {entity} is {value}.", _ALL),
        ("{entity} has the {attribute} {value}.", _TRAIN),
        ("{entity}'s {attribute} is {value}.", _ALL),
        ("For {entity}, the {attribute} is {value}.", _TRAIN),
        ("The {attribute} for {entity} is {value}.", _TRAIN),
        ("{entity}: {attribute} {value}.", _TRAIN),
        ("Everybody knows that the {attribute} of {entity} is {value}.", _TRAIN),
        ("Since 2020 the {attribute} of {entity} has been {value}.", _TRAIN),
        ("{value} is the {attribute} of {entity}.", _TRAIN),
        ("The {attribute} is {value} for {entity}.", _TRAIN),
        ("{entity} got {value} for {attribute}.", _TRAIN),
        ("In our records {entity} has {value} under {attribute}.", _TRAIN),
        ("{attribute} ({entity}): {value}.", _TRAIN),
        ("{entity} chose {value} when asked for a {attribute}.", _TRAIN),
        ("As {attribute}, {entity} has {value}.", _DEV),
        ("One reads {value} as the {attribute} of {entity}.", _HELD),
        ("The {attribute} that {entity} uses is {value}.", _HELD),
    ),
    Language.PORTUGUESE: (
        ("O {attribute} de {entity} é {value}.", _ALL),
        ("A {attribute} de {entity} é {value}.", _ALL),
        ("{entity} tem {attribute} {value}.", _TRAIN),
        ("Para {entity}, {attribute} é {value}.", _TRAIN),
        ("{entity}: {attribute} {value}.", _TRAIN),
        ("Todos sabem que {attribute} de {entity} é {value}.", _TRAIN),
        ("Desde 2020, {attribute} de {entity} é {value}.", _TRAIN),
        ("{value} é {attribute} de {entity}.", _TRAIN),
        ("{attribute} é {value} para {entity}.", _TRAIN),
        ("{entity} recebeu {value} para {attribute}.", _TRAIN),
        ("Nos registros, {entity} está com {value} em {attribute}.", _TRAIN),
        ("{attribute} ({entity}): {value}.", _TRAIN),
        ("{entity} escolheu {value} quando pediram {attribute}.", _TRAIN),
        ("Como {attribute}, {entity} tem {value}.", _DEV),
        ("Lê-se {value} como {attribute} de {entity}.", _HELD),
        ("O {attribute} que {entity} usa é {value}.", _HELD),
    ),
}


def attribute(rng: Random, split: Split, language: Language) -> str:
    """A property that things have, `opening time` or a word that no language has."""
    if rng.random() < MADE_UP_ATTRIBUTE_SHARE[split]:
        return made_up_word(rng, split)
    return rng.choice(_ATTRIBUTES_OF[language, split]).replace("_", " ")
