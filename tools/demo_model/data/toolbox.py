# ruff: noqa: E501, SIM905 - tables of phrases and words read best unbroken
"""Tools that nobody has seen: names, descriptions and parameters drawn anew for every conversation.

A parameter is a string, a whole number, a decimal, one of a few words, or an object of these. `Tool.described` is its
definition in OpenAI's shape.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tools.demo_model.data.phrases import capitalised, phrases, without_accents
from tools.demo_model.data.sample import Language, Split
from tools.demo_model.data.sample import Tool as Definition
from tools.demo_model.data.words import known_word, made_up_word, of_split, word


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
OPTIONAL_SHARE = 0.25


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
