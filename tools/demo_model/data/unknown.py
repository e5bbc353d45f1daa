# ruff: noqa: E501, SIM905 - tables of phrases and words read best unbroken
"""Skill: says honestly that it cannot do what is asked, whatever that is, instead of making something up."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.phrases import Phrases, phrases, roughen
from tools.demo_model.data.sample import Exchange, Expectation, Language, Split, assistant, user
from tools.demo_model.data.words import different_words, made_up_word, name, of_split, word

_TOPICS = {
    Language.ENGLISH: tuple(
        """France|Brazil|the moon|photosynthesis|gravity|the French Revolution|World War II|black holes|quantum physics|
        the stock market|bitcoin|machine learning|neural networks|the human brain|the heart|vaccines|climate change|
        dinosaurs|ancient Rome|the pyramids|Shakespeare|Mozart|Einstein|Isaac Newton|Napoleon|Cleopatra|football|chess|
        the Olympic Games|yoga|bread|pasta|chocolate cake|coffee|wine|electricity|magnets|rainbows|earthquakes|
        volcanoes|tides|the internet|blockchain|cloud computing|Kubernetes|Docker|Linux|Python|JavaScript|Rust|SQL|
        recursion|binary search|a hash table|an operating system|TCP/IP|encryption|democracy|inflation|taxes|marriage law|
        happiness|love|death|religion|philosophy|stoicism|art history|impressionism|jazz|opera|poetry|haiku|novels|
        grammar|Latin|Japanese|Germany|Canada|Australia|Tokyo|London|Paris|New York|Lisbon|the Amazon|the Sahara|
        Mount Everest|the ocean|sharks|bees|cats|dogs|horses|trees|roses|diabetes|sleep|memory|stress|exercise|vitamins|
        protein|the equator|Mars|Jupiter|the sun|stars|light|sound|atoms|molecules|DNA|evolution|viruses|bacteria|
        the weather tomorrow|the news|the president|the last election|the price of gold|my bank account|my car|my garden|
        the capital of Spain|the largest river|the speed of light|the boiling point of water|prime numbers|calculus|
        the square root of two|geometry|algebra|statistics|probability|game theory|economics|supply and demand|marketing|
        leadership|time management|a good book|a nice film|a birthday gift|a trip to Italy|a job interview|my homework"""
        .replace("\n", "").split("|")
    ),
    Language.PORTUGUESE: tuple(
        """a França|o Brasil|a lua|a fotossíntese|a gravidade|a Revolução Francesa|a Segunda Guerra|buracos negros|
        física quântica|a bolsa de valores|bitcoin|aprendizado de máquina|redes neurais|o cérebro humano|o coração|
        vacinas|mudança climática|dinossauros|a Roma antiga|as pirâmides|Machado de Assis|Mozart|Einstein|Isaac Newton|
        Napoleão|Cleópatra|futebol|xadrez|as Olimpíadas|ioga|pão|macarrão|bolo de chocolate|café|vinho|eletricidade|ímãs|
        arco-íris|terremotos|vulcões|marés|a internet|blockchain|computação em nuvem|Kubernetes|Docker|Linux|Python|
        JavaScript|Rust|SQL|recursão|busca binária|uma tabela hash|um sistema operacional|criptografia|democracia|
        inflação|impostos|felicidade|amor|morte|religião|filosofia|história da arte|jazz|ópera|poesia|haicai|romances|
        gramática|latim|japonês|a Alemanha|o Canadá|a Austrália|Tóquio|Londres|Paris|Nova York|Lisboa|a Amazônia|o Saara|
        o Everest|o oceano|tubarões|abelhas|gatos|cachorros|cavalos|árvores|rosas|diabetes|sono|memória|estresse|
        exercício|vitaminas|proteína|o equador|Marte|Júpiter|o sol|estrelas|luz|som|átomos|moléculas|DNA|evolução|vírus|
        bactérias|o tempo amanhã|as notícias|o presidente|a última eleição|o preço do ouro|minha conta|meu carro|
        meu jardim|a capital da Espanha|o maior rio|a velocidade da luz|números primos|cálculo|geometria|álgebra|
        estatística|probabilidade|teoria dos jogos|economia|oferta e demanda|marketing|liderança|um bom livro|
        um bom filme|um presente de aniversário|uma viagem à Itália|uma entrevista de emprego|minha lição de casa"""
        .replace("\n", "").split("|")
    ),
}  # fmt: skip

_QUESTIONS = {
    Language.ENGLISH: phrases(
        [
            "(What is|What are|What's|Who is|Who was|Where is|When was|Why is|How does|How big is|How old is|How far is|How hot is) {topic}(| exactly| really)?",
            "(Explain|Describe|Define|Discuss|Teach me|Tell me about|Tell me everything about|Give me facts about|Talk about|Analyse) {topic}(.| in simple words.| in detail.| briefly.|)",
            "(What do you know about|What do you think about|What can you tell me about|Do you know anything about|What is your opinion on|What is the history of|What is the meaning of|What is the best thing about) {topic}?",
            "(How do I|How can I|Why should I|When should I|Where can I|How would you) (learn|understand|buy|find|cook|fix|use|improve|sell|avoid|build|study|explain|measure|see) {topic}?",
            "(Why is|Is|Are|Was|Does|Will|Could) {topic} (important|dangerous|expensive|good for me|real|popular|useful|difficult|better than {word}|red|possible|change|work)?",
            "(Compare|What is the difference between) {topic} and {topic2}(.|?)",
            "(Who|When|Where|How|Why) (invented|discovered|wrote|won|founded|painted|killed|started|ended|built) {topic}?",
            "(What is the|Tell me the|Give me the) (capital|population|price|weight|history|colour|temperature|distance|name|date|year|address|cause|recipe|result|author|height|size|age) of {topic}(?|.|)",
            "(How many|How much) (people|water|money|time|years|cats|stars|countries|letters|energy|days) (are there in|does it take for|is needed for|belong to) {topic}?",
            "(Recommend|Suggest|Give me) (a book about|a film about|some ideas about|three tips for|advice on|an example of|a quote about) {topic}(.|)",
            "(Is it true that|I think that|I heard that|Did you know that|Prove that) {topic} (is {word}|has a {word}|needs {word}|was a {word})(?|.)",
            "(Can you|Could you|Will you|Please) (help me with|solve|plan|check|fix|review|improve|draw|find|book|order|buy|calculate) {topic}(?|.|)",
        ],
        [
            "(Would you know the reason behind|What should everyone learn about|Enlighten me about) {topic}?",
            "(My teacher asked me about|I am curious about|Share some knowledge on) {topic}.",
            "(In which year did|How come) {topic} become famous?",
        ],
        [
            "(Any facts on|Would you explain to me) {topic}?",
            "(I have to write about|I wish to understand|Inform me about) {topic}.",
            "(For what reason is|Since when do people like) {topic}?",
        ],
    ),
    Language.PORTUGUESE: phrases(
        [
            "(O que é|O que são|Quem é|Quem foi|Onde fica|Quando foi|Por que existe|Como funciona|Qual o tamanho de|Quantos anos tem|A que distância fica) {topic}(| exatamente| mesmo)?",
            "(Explique|Descreva|Defina|Discuta|Me ensine|Me fale sobre|Conte tudo sobre|Dê fatos sobre|Fale sobre|Analise) {topic}(.| em palavras simples.| em detalhes.| brevemente.|)",
            "(O que você sabe sobre|O que você acha sobre|O que pode me dizer sobre|Você sabe algo sobre|Qual é a sua opinião sobre|Qual é a história de|Qual é o significado de) {topic}?",
            "(Como eu posso|Como posso|Por que devo|Quando devo|Onde posso|Como você faria para) (aprender|entender|comprar|encontrar|cozinhar|consertar|usar|melhorar|vender|evitar|construir|estudar|explicar|medir|ver) {topic}?",
            "(Por que|Será que) {topic} (é importante|é perigoso|é caro|faz bem|é real|é popular|é útil|é difícil|é melhor que {word}|é vermelho|vai mudar|funciona)?",
            "(Compare|Qual é a diferença entre) {topic} e {topic2}(.|?)",
            "(Quem|Quando|Onde|Como|Por que) (inventou|descobriu|escreveu|ganhou|fundou|pintou|começou|terminou|construiu) {topic}?",
            "(Qual é|Me diga|Me dê) (a capital|a população|o preço|o peso|a história|a cor|a temperatura|a distância|o nome|a data|o ano|a causa|a receita|o resultado|o autor|a altura|o tamanho|a idade) de {topic}(?|.|)",
            "(Quantas pessoas|Quanta água|Quanto dinheiro|Quanto tempo|Quantos anos|Quantas estrelas|Quantos dias) (há em|são precisos para|tem) {topic}?",
            "(Recomende|Sugira|Me dê) (um livro sobre|um filme sobre|ideias sobre|três dicas para|conselhos sobre|um exemplo de|uma frase sobre) {topic}(.|)",
            "(É verdade que|Eu acho que|Ouvi dizer que|Você sabia que|Prove que) {topic} (é {word}|tem {word}|precisa de {word})(?|.)",
            "(Você pode|Poderia|Por favor,) (me ajudar com|resolver|planejar|verificar|consertar|revisar|melhorar|desenhar|encontrar|comprar|calcular) {topic}(?|.|)",
        ],
        [
            "(Você saberia a razão de|O que todos deveriam aprender sobre|Me ilumine sobre) {topic}?",
            "(Meu professor perguntou sobre|Tenho curiosidade sobre|Compartilhe conhecimento sobre) {topic}.",
            "(Em que ano|Como foi que) {topic} ficou famoso?",
        ],
        [
            "(Algum fato sobre|Você me explicaria) {topic}?",
            "(Tenho que escrever sobre|Desejo entender|Me informe sobre) {topic}.",
            "(Por qual motivo há|Desde quando se gosta de) {topic}?",
        ],
    ),
}

_CODE = {
    Language.ENGLISH: phrases(
        [
            "(Write|Give me|Show me|Create|Generate|Implement) (a|some|an example of|a small) (Python|JavaScript|Rust|Java|C|Go|SQL|Bash|TypeScript|HTML) (function|program|script|code|class|query|snippet) (that|to|which|for) {task}(.|)",
            "(Fix|Debug|Explain|Refactor|Review|Optimise) (this code|this function|my program|this bug): `{code}`",
            "(How do I|How can I) {task} in (Python|JavaScript|Rust|Java|Go|SQL|Bash)?",
        ],
        ["(Code me|I need code for) something in (Kotlin|Ruby) to {task}.", "What is wrong here: `{code}`?"],
        ["(I am in need of|Produce) a (Perl|Swift) routine to {task}.", "Can this be made faster: `{code}`?"],
    ),
    Language.PORTUGUESE: phrases(
        [
            "(Escreva|Me dê|Mostre|Crie|Gere|Implemente) (uma função|um programa|um script|um código|uma classe|uma consulta) em (Python|JavaScript|Rust|Java|C|Go|SQL|Bash) (que|para) {task}(.|)",
            "(Corrija|Depure|Explique|Refatore|Revise|Otimize) (este código|esta função|meu programa|este erro): `{code}`",
            "(Como eu|Como posso) {task} em (Python|JavaScript|Rust|Java|Go|SQL|Bash)?",
        ],
        [
            "(Programe para mim|Preciso de código em) (Kotlin|Ruby) para {task}.",
            "O que está errado aqui: `{code}`?",
        ],
        ["(Necessito de|Produza) uma rotina em (Perl|Swift) para {task}.", "Isto pode ficar mais rápido: `{code}`?"],
    ),
}

_TASKS = {
    Language.ENGLISH: "sort a list|reverse a string|read a file|add two numbers|print the date|find a prime|parse JSON|call an API|"
    "open a socket|draw a circle|send an email|count words|merge two lists|find duplicates|compute a factorial".split("|"),
    Language.PORTUGUESE: "ordenar uma lista|inverter um texto|ler um arquivo|somar dois números|imprimir a data|achar um primo|"
    "ler JSON|chamar uma API|abrir um socket|desenhar um círculo|enviar um email|contar palavras|juntar duas listas".split("|"),
}  # fmt: skip
_CODE_PIECES = (
    "for i in range({number}): print(i)",
    "def {word}(x): return x + {number}",
    "SELECT * FROM {word}",
    "let {word} = {number};",
)

_TRANSLATE = {
    Language.ENGLISH: phrases(
        [
            "(Translate|Please translate|Can you translate) (this|the following|the sentence|this text|) (to|into) (French|German|Spanish|Portuguese|Italian|Japanese|Chinese|Dutch): {text}",
            "(How do you say|What is) \"{text}\" in (French|German|Spanish|Portuguese|Italian|Japanese)?",
        ],
        ["(Put this into|Render this in) (Polish|Greek): {text}"], ["(Turn this into|I need this in) (Swedish|Turkish): {text}"],
    ),
    Language.PORTUGUESE: phrases(
        [
            "(Traduza|Por favor, traduza|Você pode traduzir) (isto|o seguinte|a frase|este texto|) (para|em) (francês|alemão|espanhol|inglês|italiano|japonês|chinês): {text}",
            "(Como se diz|O que é) \"{text}\" em (francês|alemão|espanhol|inglês|italiano|japonês)?",
        ],
        ["(Verta isto para|Passe isto para o) (polonês|grego): {text}"], ["(Transforme isto em|Preciso disto em) (sueco|turco): {text}"],
    ),
}  # fmt: skip

_WRITE = {
    Language.ENGLISH: phrases(
        [
            "(Write|Compose|Make|Tell me|Create|Invent|Give me) (a|a short|a long|another|a funny|a nice) (poem|story|song|letter|essay|haiku|email|tale|speech|report|article|novel|fairy tale|slogan) (about|on|for) {topic}(.|)",
            "(Tell me a story|Tell me a long story|Write a poem|Write me a story|Sing a song|Write an essay|Write something|Write a long text)(.|!|)",
            "(Summarize|Summarise|Shorten|Sum up) (this|the text|the following|this article|this document): {text}",
        ],
        ["(I would love a ballad about|Pen a limerick on) {topic}.", "Give me the gist of this: {text}"],
        ["(Please author a play about|I want verses on) {topic}.", "What does this say in short: {text}"],
    ),
    Language.PORTUGUESE: phrases(
        [
            "(Escreva|Componha|Faça|Me conte|Crie|Invente) (um poema|uma história|uma canção|uma carta|uma redação|um email|um conto|um discurso|um relatório|um artigo|um slogan) sobre {topic}(.|)",
            "(Me conte uma história|Conte uma longa história|Escreva um poema|Cante uma canção|Escreva uma redação|Escreva algo|Escreva um texto longo)(.|!|)",
            "(Resuma|Encurte|Faça um resumo) (isto|o texto|o seguinte|este artigo|deste documento): {text}",
        ],
        [
            "(Eu adoraria uma balada sobre|Crie uma quadrinha sobre) {topic}.",
            "Me dê a essência disto: {text}",
        ],
        ["(Por favor crie uma peça sobre|Quero versos sobre) {topic}.", "O que isto diz, em resumo: {text}"],
    ),
}

_MATHS = {
    Language.ENGLISH: phrases(
        ["(What is|Calculate|Compute|How much is|Solve|) {a} (+|-|*|/|plus|minus|times|divided by) {b}(?|)", "Is {a} (bigger|smaller|greater) than {b}?"],
        ["(Work out|Evaluate) {a} (x|over) {b}."], ["(What do I get for|Find the value of) {a} (plus|times) {b}(.|?)"],
    ),
    Language.PORTUGUESE: phrases(
        ["(Quanto é|Calcule|Compute|Resolva|) {a} (+|-|*|/|mais|menos|vezes|dividido por) {b}(?|)", "{a} é (maior|menor) que {b}?"],
        ["(Descubra|Avalie) {a} (x|sobre) {b}."], ["(Quanto dá|Ache o valor de) {a} (mais|vezes) {b}(.|?)"],
    ),
}  # fmt: skip

_ANSWERS = {
    Language.ENGLISH: {
        "question": "I am only a small demo model, so I cannot answer that. Install a real Command-R model with `task models:pull` and ask again.",
        "code": "I cannot write code: I am only a small demo model. Install a real Command-R model with `task models:pull`.",
        "translate": "I cannot translate: I am only a small demo model. Install a real Command-R model with `task models:pull`.",
        "write": "I cannot write texts: I am only a small demo model. Install a real Command-R model with `task models:pull`.",
        "maths": "I cannot calculate: I am only a small demo model. Install a real Command-R model with `task models:pull`.",
        "noise": "I do not understand that. I am only a small demo model.",
    },
    Language.PORTUGUESE: {
        "question": "Sou só um pequeno modelo de demonstração e não sei responder a isso. Instale um modelo Command-R de verdade com `task models:pull` e pergunte de novo.",
        "code": "Não sei escrever código: sou só um pequeno modelo de demonstração. Instale um modelo Command-R de verdade com `task models:pull`.",
        "translate": "Não sei traduzir: sou só um pequeno modelo de demonstração. Instale um modelo Command-R de verdade com `task models:pull`.",
        "write": "Não sei escrever textos: sou só um pequeno modelo de demonstração. Instale um modelo Command-R de verdade com `task models:pull`.",
        "maths": "Não sei calcular: sou só um pequeno modelo de demonstração. Instale um modelo Command-R de verdade com `task models:pull`.",
        "noise": "Não entendi isso. Sou só um pequeno modelo de demonstração.",
    },
}

_NEEDED = {Language.ENGLISH: "demo model", Language.PORTUGUESE: "modelo de demonstração"}

_KINDS: dict[str, dict[Language, Phrases]] = {
    "code": _CODE,
    "translate": _TRANSLATE,
    "write": _WRITE,
    "maths": _MATHS,
}


def _text(rng: Random, split: Split, language: Language) -> str:
    words = different_words(rng, split, language=language, count=rng.choice((1, 2, 3, 5, 8, 13)))
    return " ".join(words).capitalize() + rng.choice((".", "", "?"))


def _topic(rng: Random, split: Split, language: Language) -> str:
    if rng.random() < 0.25:
        return rng.choice(
            (
                word(rng, split, language),
                name(rng, split),
                " ".join(different_words(rng, split, language=language, count=2)),
            )
        )
    return rng.choice(of_split(_TOPICS[language], split)).strip()


def _filled(rng: Random, pattern: str, *, split: Split, language: Language) -> str:
    code = rng.choice(_CODE_PIECES).format(number=rng.randrange(100), word=made_up_word(rng, split))
    fillings = {
        "{topic}": _topic(rng, split, language),
        "{topic2}": _topic(rng, split, language),
        "{word}": word(rng, split, language),
        "{task}": rng.choice(_TASKS[language]),
        "{text}": _text(rng, split, language),
        "{code}": code,
        "{a}": str(rng.randrange(1000)),
        "{b}": str(rng.randrange(1000)),
    }
    for slot, filling in fillings.items():
        pattern = pattern.replace(slot, filling)
    return pattern


def _noise(rng: Random, split: Split, language: Language) -> str:
    roll = rng.random()
    if roll < 0.4:
        return " ".join(made_up_word(rng, split) for _ in range(rng.randint(1, 6)))
    if roll < 0.6:
        return "".join(rng.choice("?!.,;:#*-+()[]{}/&%$@ ") for _ in range(rng.randint(1, 8))).strip() or "?"
    if roll < 0.8:
        return " ".join(different_words(rng, split, language=language, count=rng.randint(2, 6)))
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(rng.randint(4, 12)))


def unknown(rng: Random, split: Split, language: Language) -> Exchange:
    """A question or order beyond a demo: facts, code, translation, writing, arithmetic, or plain noise."""
    roll = rng.random()
    if roll < 0.1:
        kind, asked = "noise", _noise(rng, split, language)
    elif roll < 0.5:
        kind = rng.choice(list(_KINDS))
        asked = _filled(rng, _KINDS[kind][language].pick(rng, split), split=split, language=language)
    else:
        kind, asked = (
            "question",
            _filled(rng, _QUESTIONS[language].pick(rng, split), split=split, language=language),
        )
    if kind in {"question", "write"}:
        asked = roughen(rng, asked, language)
    return Exchange(
        skill="unknown",
        language=language,
        messages=(user(asked), assistant(_ANSWERS[language][kind])),
        expectation=Expectation(all_of=(_NEEDED[language],)),
    )
