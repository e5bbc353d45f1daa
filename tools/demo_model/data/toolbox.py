# ruff: noqa: E501, SIM905 - tables of phrases and words read best unbroken
"""Tools that nobody has seen: names, descriptions and parameters drawn anew for every conversation.

A parameter is a string, a whole number, a decimal, one of a few words, or an object of these. `Tool.described` is its
definition in OpenAI's shape, `values` makes arguments together with what a person says to give them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tools.demo_model.data.phrases import (
    Phrases,
    capitalised,
    is_loose,
    loosely,
    new_participle,
    new_preposition,
    phrases,
    without_accents,
)
from tools.demo_model.data.sample import Language, Split
from tools.demo_model.data.sample import Tool as Definition
from tools.demo_model.data.words import (
    code,
    decimal,
    full_name,
    known_word,
    made_up_word,
    number,
    of_split,
    phrase,
    text_value,
    word,
)


@dataclass(frozen=True)
class Verb:
    """What a tool does: in its name, as an order, in its description."""

    slug: str
    order: str
    does: str


def _verbs(text: str) -> tuple[Verb, ...]:
    return tuple(Verb(*entry.split("/")) for entry in text.split())


VERBS = {
    Language.ENGLISH: _verbs(
        "get/get/Gets find/find/Finds search/search/Searches create/create/Creates add/add/Adds send/send/Sends book/book/Books"
        " order/order/Orders delete/delete/Deletes update/update/Updates list/list/Lists read/read/Reads play/play/Plays"
        " start/start/Starts stop/stop/Stops convert/convert/Converts calculate/calculate/Calculates check/check/Checks"
        " open/open/Opens close/close/Closes set/set/Sets schedule/schedule/Schedules translate/translate/Translates"
        " count/count/Counts track/track/Tracks cancel/cancel/Cancels move/move/Moves copy/copy/Copies buy/buy/Buys"
        " reserve/reserve/Reserves show/show/Shows fetch/fetch/Fetches measure/measure/Measures lookup/look_up/Looks_up"
        " remove/remove/Removes save/save/Saves print/print/Prints call/call/Calls report/report/Reports"
    ),
    Language.PORTUGUESE: _verbs(
        "buscar/busque/Busca criar/crie/Cria enviar/envie/Envia reservar/reserve/Reserva apagar/apague/Apaga listar/liste/Lista"
        " ler/leia/Lê tocar/toque/Toca iniciar/inicie/Inicia parar/pare/Para converter/converta/Converte"
        " calcular/calcule/Calcula verificar/verifique/Verifica abrir/abra/Abre fechar/feche/Fecha agendar/agende/Agenda"
        " traduzir/traduza/Traduz cancelar/cancele/Cancela mover/mova/Move comprar/compre/Compra mostrar/mostre/Mostra"
        " somar/some/Soma marcar/marque/Marca procurar/procure/Procura consultar/consulte/Consulta obter/obtenha/Obtém"
        " pedir/peça/Pede adicionar/adicione/Adiciona medir/meça/Mede salvar/salve/Salva"
    ),
}

NOUNS = {
    Language.ENGLISH: tuple(
        """weather forecast time price stock song flight hotel file page user mail note task event map route news film photo
        ticket order room light door alarm timer recipe bill phone parcel meeting appointment reservation invoice
        customer product account balance payment transfer contact message email calendar reminder temperature humidity
        traffic distance currency rate exchange score match team player game movie book author library course lesson
        student grade exam schedule train bus ride trip tour visa passport address location restaurant table menu
        dish drink coffee pizza delivery shipment package stock warehouse item cart coupon discount refund contract
        report chart graph dataset record row column database query log server backup update password session device
        sensor camera printer lamp heater thermostat window curtain lock vehicle fuel charger battery engine tyre
        holiday birthday anniversary festival concert exhibition museum ticket seat luggage insurance claim loan
        mortgage salary budget expense tax donation survey vote poll petition article comment post story playlist
        podcast channel subscription membership newsletter profile avatar badge medal prize level quest puzzle word
        sentence definition synonym translation summary image drawing color font theme background filter""".split()
    ),
    Language.PORTUGUESE: tuple(
        """clima previsão hora preço ação música voo hotel arquivo página nota tarefa evento mapa rota notícia filme
        foto bilhete pedido quarto luz porta alarme rádio receita conta telefone pacote reunião consulta reserva fatura
        cliente produto saldo pagamento transferência contato mensagem email agenda lembrete temperatura umidade trânsito
        distância moeda câmbio placar partida time jogador jogo livro autor biblioteca curso aula aluno prova trem ônibus
        táxi corrida viagem passeio visto passaporte endereço local restaurante mesa cardápio prato bebida café entrega
        remessa estoque depósito item carrinho cupom desconto reembolso contrato relatório gráfico registro linha coluna
        banco servidor cópia senha sessão aparelho sensor câmera impressora lâmpada aquecedor janela cortina fechadura
        veículo combustível bateria motor pneu férias aniversário festival concerto exposição museu assento bagagem seguro
        empréstimo salário orçamento despesa imposto doação pesquisa voto artigo postagem história vídeo canal
        assinatura perfil medalha prêmio nível palavra frase definição sinônimo tradução resumo imagem desenho cor tema""".split()
    ),
}

_STRING_NAMES = {
    Language.ENGLISH: """city name title query place item person topic subject target message text country address street
        color email file path key label category author artist genre destination origin customer product brand team room
        device user username recipient contact note symbol code date time start_date end_date departure_city arrival_city
        order_id id language region state district team_name song playlist keyword filename folder host domain model
        company department project task event guest driver teacher student patient animal food drink ingredient material
        location station airport stop reason comment content body sender owner client supplier channel tag""".split(),
    Language.PORTUGUESE: """cidade nome titulo consulta lugar item pessoa assunto alvo mensagem texto pais rua cor
        email arquivo caminho chave categoria autor artista genero destino origem cliente produto marca time sala aparelho
        usuario destinatario contato nota codigo data hora data_inicio data_fim cidade_origem cidade_destino idioma regiao
        estado bairro musica palavra pasta modelo empresa departamento projeto tarefa evento convidado motorista professor
        aluno paciente animal comida bebida ingrediente material local estacao aeroporto motivo comentario conteudo""".split(),
}
_INTEGER_NAMES = {
    Language.ENGLISH: """count number quantity days hours minutes people guests limit year age level page size seats nights
        copies volume floor rating seconds weeks months items rooms tickets adults children duration max_results amount
        speed rounds port""".split(),
    Language.PORTUGUESE: """quantidade numero dias horas minutos pessoas convidados limite ano idade nivel tamanho
        assentos noites copias volume andar nota segundos semanas meses itens quartos ingressos adultos duracao
        velocidade porta""".split(),
}
_DECIMAL_NAMES = {
    Language.ENGLISH: "price weight temperature latitude longitude ratio distance height score width length budget rate value total factor".split(),
    Language.PORTUGUESE: "preco peso temperatura latitude longitude razao distancia altura largura comprimento taxa valor total fator".split(),
}
CHOICES = {
    Language.ENGLISH: (
        "unit celsius fahrenheit kelvin|size small medium large|priority low normal high|format pdf csv json|class economy business first"
        "|sort_order ascending descending|area inside outside|status open closed pending|shipping standard express"
        "|mode fast slow|gender male female other|color red green blue|currency dollar euro real|direction north south east west"
        "|period day week month|payment cash card|view list grid|type public private|flavor vanilla chocolate strawberry"
        "|language english portuguese spanish|difficulty easy medium hard|season spring summer autumn winter"
    ).split("|"),
    Language.PORTUGUESE: (
        "unidade celsius fahrenheit|tamanho pequeno medio grande|prioridade baixa normal alta|formato pdf csv json"
        "|classe economica executiva|ordem crescente decrescente|area interna externa|status aberto fechado pendente"
        "|entrega normal expressa|modo rapido lento|cor vermelho verde azul|moeda dolar euro real"
        "|direcao norte sul leste oeste|periodo dia semana mes|pagamento dinheiro cartao|tipo publico privado"
        "|idioma ingles portugues espanhol|dificuldade facil media dificil|turno manha tarde noite"
    ).split("|"),
}
_OBJECT_NAMES = {
    Language.ENGLISH: "address customer contact location options period guest settings filter recipient owner vehicle payment product person".split(),
    Language.PORTUGUESE: "cliente contato local opcoes periodo convidado filtro destinatario dono veiculo pagamento produto pessoa".split(),
}

_LABELLED = {
    Language.ENGLISH: phrases(
        [
            "{label} {value}", "{label}: {value}", "{label} = {value}", "the {label} {value}", "{value} as {label}",
            "{label} set to {value}", "the {label} is {value}", '{label} "{value}"', "{value} as the {label}", "{label} is {value}",
            "{value} for the {label}", "{label} should be {value}", "{label} must be {value}", "{label} will be {value}", "{label} as {value}", "with {value} for {label}", "{label} => {value}", "[{label}: {value}]", "{label} to {value}", "whose {label} is {value}", "{value} [{label}]", "{label} named {value}", "{label} [{value}]", "{label} - {value}", "put {value} in {label}", "{label} would be {value}", "{label} has to be {value}", "{label} '{value}'",
        ],
        ["{label} of {value}", "using {value} as {label}", "{label} -> {value}"],
        ["{label} being {value}", "taking {value} as {label}", "{label} equal to {value}"],
    ),
    Language.PORTUGUESE: phrases(
        [
            "{label} {value}", "{label}: {value}", "{label} = {value}", "{value} como {label}", "{label} é {value}",
            "{label} igual a {value}", '{label} "{value}"', "{value} no campo {label}", "{label} deve ser {value}", "{label} será {value}", "{label} como {value}", "{value} para {label}", "{label} => {value}", "[{label}: {value}]", "cujo {label} é {value}", "{value} [{label}]", "{label} [{value}]", "{label} - {value}", "ponha {value} em {label}", "{label} seria {value}", "{label} tem que ser {value}", "com {value} em {label}", "{label} '{value}'",
        ],
        ["{label} de {value}", "usando {value} como {label}", "{label} -> {value}"],
        ["{label} sendo {value}", "tomando {value} como {label}", "{label} valendo {value}"],
    ),
}  # fmt: skip
_COUNTED = {
    Language.ENGLISH: (
        "{value} {label}",
        "for {value} {label}",
        "of {value} {label}",
        "with {value} {label}",
        "in {value} {label}",
        "after {value} {label}",
        "to {value} {label}",
    ),
    Language.PORTUGUESE: (
        "{value} {label}",
        "para {value} {label}",
        "de {value} {label}",
        "com {value} {label}",
        "em {value} {label}",
        "após {value} {label}",
        "a {value} {label}",
    ),
}
"""A number often stands before what it counts: `for 15 minutes`. Only trained."""
_AS = {Language.ENGLISH: "as", Language.PORTUGUESE: "como"}
_UNLABELLED = {
    "string": {
        Language.ENGLISH: phrases(
            [
                "for {value}", "in {value}", "of {value}", "called {value}", "named {value}", "to {value}", "about {value}",
                "on {value}", "from {value}", "into {value}", "under {value}", "over {value}", "through {value}", "around {value}", "within {value}", "via {value}", "towards {value}", "as {value}", "titled {value}", "saying {value}", "inside {value}", "until {value}", "against {value}", "the {value}", "is {value}", "- {value}", "[{value}]", "= {value}", "after {value}", "before {value}", "between {value}", "behind {value}", "beyond {value}", "like {value}", "since {value}", "onto {value}", "across {value}", "along {value}", "above {value}", "below {value}", "during {value}", "without {value}", "containing {value}", "covering {value}", "mentioning {value}", "matching {value}", "describing {value}", "showing {value}", "involving {value}", "featuring {value}", "starting with {value}", "related to {value}", "based on {value}", "known as {value}", "in favour of {value}", "on behalf of {value}", "with a view to {value}", "up to {value}", "that has {value}", "which is {value}", "I mean {value}", "namely {value}", "this: {value}", 'for "{value}"', '"{value}"', "with {value}", "at {value}", "{value}", "'{value}'", ": {value}",
            ],
            ["by {value}", "regarding {value}"],
            ["near {value}", "concerning {value}"],
        ),
        Language.PORTUGUESE: phrases(
            [
                "para {value}", "em {value}", "de {value}", "chamado {value}", "sobre {value}", "do {value}", "da {value}", "ao {value}", "sob {value}", "entre {value}", "até {value}", "desde {value}", "via {value}", "intitulado {value}", "dizendo {value}", "como {value}", "pelo {value}", "pela {value}", "num {value}", "numa {value}", "contra {value}", "o {value}", "a {value}", "= {value}", "[{value}]", "após {value}", "antes de {value}", "depois de {value}", "atrás de {value}", "além de {value}", "acima de {value}", "abaixo de {value}", "dentro de {value}", "fora de {value}", "diante de {value}", "em torno de {value}", "em favor de {value}", "em nome de {value}", "em busca de {value}", "acerca de {value}", "ao lado de {value}", "a partir de {value}", "a favor de {value}", "a mando de {value}", "em relação a {value}", "quanto a {value}", "junto a {value}", "graças a {value}", "contendo {value}", "mencionando {value}", "descrevendo {value}", "envolvendo {value}", "mostrando {value}", "cobrindo {value}", "com base em {value}", "conhecido como {value}", "durante {value}", "sem {value}", "que tem {value}", "que é {value}", "isto é {value}", "quer dizer {value}", "isto: {value}",
                'para "{value}"', '"{value}"', "com {value}", "no {value}", "na {value}", "{value}", "'{value}'", ": {value}",
            ],
            ["por {value}", "a respeito de {value}"],
            ["perto de {value}", "referente a {value}"],
        ),
    },
    "number": {
        Language.ENGLISH: phrases(["{value}", "for {value}", "with {value}", "of {value}", "number {value}", "to {value}", "until {value}", "from {value}", "about {value}", "= {value}", "a total of {value}", "up to {value}", "on {value}", "in {value}", "as {value}", "let us say {value}", "that is {value}"], ["by {value}"], ["at {value}"]),
        Language.PORTUGUESE: phrases(["{value}", "para {value}", "com {value}", "de {value}", "número {value}", "até {value}", "desde {value}", "= {value}", "um total de {value}", "a {value}", "como {value}", "cerca de {value}", "digamos {value}", "isto é {value}"], ["por {value}"], ["em {value}"]),
    },
    "choice": {
        Language.ENGLISH: phrases(["in {value}", "{value}", "as {value}", "please {value}", "make it {value}", "I want it {value}", "should be {value}", "use {value}", "the {value} one", "preferably {value}", "let it be {value}", "with {value}", "for {value}", "to {value}", "[{value}]", "by {value}", "set to {value}", "only {value}", "that would be {value}", "this one is {value}", "we want it {value}", "may it be {value}", "has to be {value}", "= {value}", "choose {value}", "go for {value}", "on {value}", "{value} please", "{value} is fine"], ["it should be {value}"], ["I prefer {value}"]),
        Language.PORTUGUESE: phrases(["em {value}", "{value}", "como {value}", "que seja {value}", "quero {value}", "use {value}", "de preferência {value}", "com {value}", "para {value}", "[{value}]", "por {value}", "só {value}", "em modo {value}", "seria {value}", "tem que ser {value}", "precisa ser {value}", "isso é {value}", "= {value}", "escolha {value}", "vá de {value}", "no {value}", "{value} por favor", "{value} está bom"], ["deve ser {value}"], ["prefiro {value}"]),
    },
}  # fmt: skip
_DESCRIPTIONS = {
    Language.ENGLISH: phrases(
        [
            "{does} the {noun}.", "{does} a {noun}.", "{does} the {noun}", "Use this to {order} the {noun}.", "{does} the {noun} by {label}.",
            "{does} the current {noun}.", "{does} one {noun} for the user.", "{does} a {noun} with the given {label}.", "{does} the {noun} for a {label}.",
        ],
        ["A tool that {does} the {noun}.", "{does} any {noun}."],
        ["Helps to {order} a {noun}.", "{does} some {noun} on request."],
    ),
    Language.PORTUGUESE: phrases(
        [
            "{does} {noun}.", "{does} o item {noun}.", "{does} {noun}", "Use para {slug} {noun}.", "{does} {noun} por {label}.",
            "{does} {noun} atual.", "{does} {noun} para o usuário.", "{does} {noun} com {label}.",
        ],
        ["Ferramenta que {does} {noun}.", "{does} qualquer {noun}."],
        ["Ajuda a {slug} {noun}.", "{does} {noun} quando pedido."],
    ),
}  # fmt: skip
_PARAMETER_DESCRIPTIONS = {
    Language.ENGLISH: (
        "The {label}.",
        "{label}",
        "The {label} of the {noun}.",
        "Name of the {label}",
        "The {label} to use",
        "Which {label}",
    ),
    Language.PORTUGUESE: ("{label}.", "{label}", "{label} de {noun}.", "Qual {label}", "{label} a usar"),
}

MADE_UP_NAME_SHARE = {Split.TRAIN: 0.4, Split.DEV: 0.15, Split.HELD_OUT: 0.15}
"""Trained more often: a known name may be guessed, a made-up one has to be read."""
MADE_UP_NOUN_SHARE = 0.15
WORD_NOUN_SHARE = 0.25
COMPOUND_SHARE = 0.2
CAMEL_CASE_SHARE = 0.12
DESCRIBED_PARAMETER_SHARE = 0.3
_INVENTED_SHARE = 0.3
"""How many of the loose words before a value no language has, where the value shows by itself where it begins."""
OPTIONAL_SHARE = 0.25
OPTIONAL_GIVEN_SHARE = 0.4


@dataclass(frozen=True)
class Parameter:
    """One parameter. `choices` of an enum; `fields` of an object."""

    name: str
    kind: str
    choices: tuple[str, ...] = ()
    fields: tuple[Parameter, ...] = ()
    required: bool = True
    description: str = ""

    @property
    def label(self) -> str:
        """How a person says its name."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name).replace("_", " ").lower()

    def schema(self) -> dict[str, object]:
        """Its JSON schema."""
        found: dict[str, object] = {"type": "string" if self.kind == "choice" else self.kind}
        if self.description:
            found["description"] = self.description
        if self.choices:
            found["enum"] = list(self.choices)
        if self.fields:
            found["properties"] = {field.name: field.schema() for field in self.fields}
            found["required"] = [field.name for field in self.fields]
        return found


@dataclass(frozen=True)
class Told:
    """An argument's value and the words that give it. `labelled` words name the parameter, too."""

    value: object
    words: str
    labelled: bool


@dataclass(frozen=True)
class Tool:
    """One tool of a conversation."""

    verb: Verb
    noun: str
    name: str
    description: str
    parameters: tuple[Parameter, ...]
    strict: bool

    def described(self) -> Definition:
        """Its definition in OpenAI's shape."""
        schema: dict[str, object] = {
            "type": "object",
            "properties": {parameter.name: parameter.schema() for parameter in self.parameters},
        }
        if self.parameters:
            schema["required"] = [parameter.name for parameter in self.parameters if parameter.required]
        if self.strict:
            schema["additionalProperties"] = False
        function: dict[str, object] = {"name": self.name, "parameters": schema}
        if self.description:
            function = {"name": self.name, "description": self.description, "parameters": schema}
        return {"type": "function", "function": function}


def noun_of(rng: Random, split: Split, language: Language) -> str:
    """What a tool is about: one or two words."""
    roll = rng.random()
    if roll < MADE_UP_NOUN_SHARE:
        noun = made_up_word(rng, split)
    elif roll < MADE_UP_NOUN_SHARE + WORD_NOUN_SHARE:
        noun = known_word(rng, split, language).lower()
        while noun in _SLUGS:
            noun = known_word(rng, split, language).lower()
    else:
        noun = rng.choice(_NOUNS_OF[language, split])
    if rng.random() < COMPOUND_SHARE:
        other = rng.choice(_NOUNS_OF[language, split])
        noun = f"{other} {noun}" if language is Language.ENGLISH else f"{noun} de {other}"
    return noun


_SLUGS = frozenset(verb.slug for verbs in VERBS.values() for verb in verbs)
_NOUNS_OF = {
    (language, split): [noun for noun in of_split(NOUNS[language], split) if noun not in _SLUGS]
    for language in Language
    for split in Split
}
"""Without those that are verbs, too: `order_book` may order a book or book an order."""


def _named(rng: Random, words: Sequence[str]) -> str:
    plain = [without_accents(part) for part in words]
    if rng.random() < CAMEL_CASE_SHARE:
        return plain[0] + "".join(part.capitalize() for part in plain[1:])
    return rng.choice(("_", "_", "_", "_", "-")).join(plain)


def _tool_name(rng: Random, verb: Verb, noun: str) -> str:
    words = [part for part in noun.split() if part != "de"]
    roll = rng.random()
    if roll < 0.8:
        return _named(rng, [verb.slug, *words])
    return _named(rng, [*words, verb.slug]) if roll < 0.92 else _named(rng, words)


def _of_list(rng: Random, split: Split, names: Sequence[str]) -> str:
    if rng.random() < MADE_UP_NAME_SHARE[split]:
        return made_up_word(rng, split)
    return rng.choice(of_split(names, split) or [made_up_word(rng, split)])


def _enumeration(rng: Random, split: Split, language: Language) -> tuple[str, tuple[str, ...]]:
    if rng.random() < 0.5:
        known = of_split(CHOICES[language], split)
        if known:
            name, *choices = rng.choice(known).split()
            return name, tuple(choices)
    choices = [without_accents(word(rng, split, language)).lower() for _ in range(rng.randint(2, 4))]
    return _of_list(rng, split, _STRING_NAMES[language]), tuple(dict.fromkeys(choices))


def _simple(rng: Random, split: Split, language: Language, *, kind: str) -> Parameter:
    if kind == "choice":
        name, choices = _enumeration(rng, split, language)
        return Parameter(name, kind, choices)
    names = {"string": _STRING_NAMES, "integer": _INTEGER_NAMES, "number": _DECIMAL_NAMES}[kind]
    return Parameter(_of_list(rng, split, names[language]), kind)


def _parameter(rng: Random, split: Split, language: Language, *, noun: str) -> Parameter:
    kind = rng.choices(("string", "integer", "number", "choice", "object"), weights=(45, 18, 8, 15, 10))[0]
    if kind == "object":
        kinds = rng.choices(("string", "integer", "choice"), weights=(65, 30, 5), k=rng.randint(1, 3))
        fields = {field.name: field for field in (_simple(rng, split, language, kind=inner) for inner in kinds)}
        found = Parameter(_of_list(rng, split, _OBJECT_NAMES[language]), kind, fields=tuple(fields.values()))
    else:
        found = _simple(rng, split, language, kind=kind)
    description = ""
    if rng.random() < DESCRIBED_PARAMETER_SHARE:
        description = rng.choice(_PARAMETER_DESCRIPTIONS[language]).format(label=found.label, noun=noun)
        description = capitalised(description)
    return Parameter(found.name, found.kind, found.choices, found.fields, description=description)


def tool(rng: Random, split: Split, language: Language, *, verb: Verb | None = None, noun: str | None = None) -> Tool:
    """A new tool. `verb` or `noun` are given where it shall be easy to mistake it for another."""
    verb = verb or rng.choice(VERBS[language])
    noun = noun or noun_of(rng, split, language)
    count = rng.choices((0, 1, 2, 3, 4), weights=(4, 46, 30, 15, 5))[0]
    drawn = (_parameter(rng, split, language, noun=noun) for _ in range(count))
    parameters = list({parameter.name: parameter for parameter in drawn}.values())
    if len(parameters) > 1:
        parameters = [
            Parameter(
                p.name,
                p.kind,
                p.choices,
                p.fields,
                p.kind == "object" or rng.random() > OPTIONAL_SHARE,
                p.description,
            )
            for p in parameters
        ]
    description = ""
    if rng.random() < 0.9:
        label = parameters[0].label if parameters else noun
        description = (
            _DESCRIPTIONS[language].pick(rng, split)
            .format(does=verb.does.replace("_", " "), order=verb.order.replace("_", " "), slug=verb.slug, noun=noun, label=label)
        )  # fmt: skip
    return Tool(verb, noun, _tool_name(rng, verb, noun), description, tuple(parameters), rng.random() < 0.3)


def toolbox(rng: Random, split: Split, language: Language, *, count: int) -> list[Tool]:
    """That many tools with different names; now and then two share their verb or what they are about."""
    found: dict[str, Tool] = {}
    while len(found) < count:
        one: Tool
        roll = rng.random()
        if found and roll < 0.25:
            taken = {tool.verb for tool in found.values()}
            earlier = rng.choice(list(found.values()))
            free = [verb for verb in VERBS[language] if verb not in taken]
            one = tool(rng, split, language, verb=rng.choice(free), noun=earlier.noun)
            while len(one.name.replace("-", "_").split("_")) < 2 and one.name.islower():
                one = tool(rng, split, language, verb=one.verb, noun=earlier.noun)
        else:
            one = tool(rng, split, language)
            if any(other.noun in one.noun or one.noun in other.noun for other in found.values()):
                continue
        found[one.name] = one
    tools = list(found.values())
    rng.shuffle(tools)
    return tools


def _simple_value(rng: Random, split: Split, language: Language, parameter: Parameter) -> tuple[object, str]:
    if parameter.kind == "choice":
        chosen = rng.choice(parameter.choices)
        return chosen, chosen
    if parameter.kind == "integer":
        told = number(rng, split, digits=rng.choice((1, 2, 2, 3, 4, 5)))
        return int(told), told
    if parameter.kind == "number":
        told = decimal(rng, split)
        return float(told), told
    makers = (text_value, text_value, lambda r, s, _: full_name(r, s), lambda r, s, _: code(r, s), word, phrase)
    told = rng.choice(makers + (phrase,) * _MORE_PHRASES if split is Split.TRAIN else makers)(rng, split, language)
    return told, told


def _bank(parameter: Parameter, language: Language) -> Phrases:
    kind = {"integer": "number"}.get(parameter.kind, parameter.kind)
    return _UNLABELLED[kind][language]


_COUNTED_SHARE = 0.3
_MORE_PHRASES = 2
"""Values of several words are trained more often: they were cut off."""


def _stands_out(text: str) -> bool:
    """Whether a value shows where it begins, whatever stands before it: a capital, or a digit."""
    return text[:1].isupper() or any(letter.isdigit() for letter in text.split(" ")[0])


def _labelled(rng: Random, split: Split, language: Language, parameter: Parameter, *, invented: float) -> str:
    """How a value is given together with its parameter's name."""
    if split is Split.TRAIN and rng.random() < _COUNTED_SHARE and parameter.kind in {"integer", "number"}:
        return rng.choice(_COUNTED[language])
    frame = _LABELLED[language].pick(rng, split)
    if not invented and is_loose(rng, split):
        doing = new_participle(rng, language)
        return rng.choice((f"{{label}} {doing} {{value}}", f"{doing} {{value}} {_AS[language]} {{label}}"))
    return loosely(rng, split, language, frame, "{label}", "{value}", invented=invented)


def told(rng: Random, split: Split, language: Language, parameter: Parameter, *, alone: bool) -> Told:
    """Draw an argument and say it. Only where it is `alone` of its kind may its name go unsaid."""
    if parameter.kind == "object":
        parts = [told(rng, split, language, field, alone=False) for field in parameter.fields]
        inner = {field.name: part.value for field, part in zip(parameter.fields, parts, strict=True)}
        said = _joined(rng, [part.words for part in parts], language)
        frame = rng.choice(("{label} ({said})", "{label} {said}", "{label}: {said}", "{said}"))
        return Told(inner, frame.format(label=parameter.label, said=said), labelled=True)
    value, text = _simple_value(rng, split, language, parameter)
    invented = _INVENTED_SHARE if parameter.kind != "string" or _stands_out(text) else 0.0
    if alone and rng.random() < 0.65:
        frame = _bank(parameter, language).pick(rng, split)
        if invented:
            frame = loosely(rng, split, language, frame, "{value}", invented=invented)
        elif is_loose(rng, split):
            frame = new_preposition(rng, language) + " {value}"
        return Told(value, frame.replace("{value}", text), labelled=False)
    frame = _labelled(rng, split, language, parameter, invented=invented)
    return Told(value, frame.replace("{label}", parameter.label).replace("{value}", text), labelled=True)


def _joined(rng: Random, parts: Sequence[str], language: Language) -> str:
    if len(parts) == 1:
        return parts[0]
    last = {Language.ENGLISH: (" and ", ", and ", ", "), Language.PORTUGUESE: (" e ", ", e ", ", ")}[language]
    return ", ".join(parts[:-1]) + rng.choice(last) + parts[-1]


def values(rng: Random, split: Split, language: Language, tool: Tool) -> tuple[dict[str, object], str]:
    """Arguments for a tool, in the order of its parameters, and the words that give them, in any order."""
    given = [p for p in tool.parameters if p.required or rng.random() < OPTIONAL_GIVEN_SHARE]
    kinds = [{"integer": "number"}.get(p.kind, p.kind) for p in tool.parameters]
    arguments: dict[str, object] = {}
    unlabelled: list[str] = []
    labelled: list[str] = []
    for parameter in given:
        alone = kinds.count({"integer": "number"}.get(parameter.kind, parameter.kind)) == 1
        one = told(rng, split, language, parameter, alone=alone)
        arguments[parameter.name] = one.value
        (labelled if one.labelled else unlabelled).append(one.words)
    rng.shuffle(labelled)
    rng.shuffle(unlabelled)
    with_word = {
        Language.ENGLISH: (" with ", " with the ", ", ", ": ", " using "),
        Language.PORTUGUESE: (" com ", ", ", ": ", " usando "),
    }[language]
    said = " ".join(unlabelled)
    if labelled:
        said += rng.choice(with_word) + _joined(rng, labelled, language)
    return arguments, said.replace(" :", ":").strip()
