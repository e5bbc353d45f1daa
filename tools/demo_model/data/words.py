# ruff: noqa: E501, SIM905 - tables of phrases and words read best unbroken
"""Words, names, numbers and codes to fill phrases with. A checksum decides which split may use a text."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from random import Random

from tools.demo_model.data.sample import Language, Split

SHARES_OF_SPLITS = 10
"""One share each is dev and held-out, the rest is trained."""
MADE_UP_SHARE = 0.4
MADE_UP_NAME_SHARE = 0.4

FIRST_NAMES = tuple(
    """Ana Bruno Carla Daniel Eduarda Felipe Gabriela Heitor Isabela João Karina Lucas Mariana Nelson Olívia Paulo
    Quitéria Rafael Sofia Tiago Úrsula Vítor Wagner Xavier Yara Zeca Alice Bob Charlotte David Emma Frank Grace Henry
    Ivy Jack Kate Liam Mia Noah Olive Peter Quentin Rose Sam Tina Uma Victor Will Xena Yusuf Zoe Amanda Bernardo
    Camila Diego Elisa Fernanda Gustavo Helena Igor Júlia Kevin Larissa Marcos Natália Otávio Patrícia Renato Sandra
    Talita Valéria Wesley Yasmin Adam Beth Carl Diana Ethan Fiona George Hannah Ian Julia Kyle Laura Martin Nina Oscar
    Paula Ryan Sarah Thomas Vera Walter Alan Bianca Caio Débora Enzo Flávia Gilberto Hugo Inês Jorge Lívia Miguel Nicole
    Pedro Regina Samuel Teresa Vanessa William Aaron Bella Chris Doris Eric Faith Gavin Holly Isaac Jenny Leo Megan
    Nathan Oliver Penny Robert Stella Tom Violet Wendy Antônio Beatriz Cecília Davi Estela Fábio Giovana Luíza Mateus
    Manuela Rodrigo Simone Thaís Vicente Alex Ben Clara Dylan Elena Fred Gina Harry Iris James Kim Lena Max Nora Owen
    Pam Quinn Rita Steve Tara Ulric Val Wanda Yuri Zack Akira Chen Fatima Hassan Ingrid Jamal Kofi Leila Mohamed Nadia
    Omar Priya Raj Sven Tariq Yuki Zara Aline Breno Cauã Dalva Emanuel Fátima Geraldo Hilda Ivo Jussara Luan Moacir
    Neusa Osvaldo Pietra Raquel Sérgio Tânia Vilma Arthur Lorena Benício Heloísa Ravi Maitê Theo Cora Dora Elias
    Abigail Brandon Cody Derek Edith Floyd Glenn Hazel Irene Jacob Keith Lloyd Mabel Norman Opal Pearl Ralph Sylvia
    Todd Vernon Winston Zelda Susan Maria John Mary Michael Anna José Carlos Ricardo Luiz Francisco Barbara Rosa Roberto
    Mark Luke Lucy Jane Julie Marie Eva Linus Guido Ada Richard Joana Márcia Cláudia Sônia Aparecida Antônia Juliana
    Camille Adriana Leonardo Gabriel Guilherme Eduardo Marcelo Alexandre André Diogo Kátia Letícia Raul""".split()
)

WORDS = {
    Language.ENGLISH: tuple(
        """apple banana cherry bread butter cheese water coffee tea milk sugar salt pepper soup rice bean tomato potato
        onion carrot lemon orange grape mango peach dog cat bird fish horse cow sheep goat lion tiger bear wolf fox
        rabbit mouse snake frog whale shark eagle owl duck red blue green yellow black white brown purple pink grey gold
        silver house door window roof wall floor garden kitchen table chair bed lamp mirror clock key book pen pencil paper
        letter box bag bottle cup plate spoon fork knife car bus train boat plane bicycle road bridge river lake sea
        island mountain valley forest desert beach sun moon star cloud rain snow wind storm fire stone sand tree flower
        leaf grass seed king queen prince doctor teacher farmer baker pilot sailor painter singer writer friend brother
        sister mother father child baby hand foot head heart eye ear nose mouth arm leg happy sad big small fast slow
        hot cold new old good bad bright dark soft hard sweet sour quiet loud early late north south east west spring
        summer autumn winter morning evening night today tomorrow Monday Friday music song dance game ball toy drum
        guitar piano violin shirt shoe hat coat glove ring crown sword shield castle tower village city market school
        office hospital station museum library church park street corner engine wheel rocket robot computer screen
        keyboard server network cable signal battery machine hammer nail ladder rope bucket brush basket candle
        blanket pillow carpet curtain honey cookie cake chocolate pizza pasta salad sandwich walnut olive garlic ginger
        copper iron silk cotton leather marble crystal diamond ocean planet comet galaxy shadow echo dream story secret
        riddle puzzle journey treasure map compass anchor harbor lantern feather silence hello world alpha beta gamma delta
        ping pong test one jumble two three four five yes no thanks please the quick lazy jumps over""".split()
    ),
    Language.PORTUGUESE: tuple(
        """maçã banana cereja pão manteiga queijo água café chá leite açúcar sal pimenta sopa arroz feijão tomate batata
        cebola cenoura limão laranja uva manga pêssego cachorro gato pássaro peixe cavalo vaca ovelha cabra leão tigre
        urso lobo raposa coelho rato cobra sapo baleia tubarão águia coruja pato vermelho azul verde amarelo preto branco
        marrom roxo rosa cinza dourado prata casa porta janela telhado parede chão jardim cozinha mesa cadeira cama
        lâmpada espelho relógio chave livro caneta lápis papel carta caixa bolsa garrafa copo prato colher garfo faca carro
        ônibus trem barco avião bicicleta estrada ponte rio lago mar ilha montanha vale floresta deserto praia sol lua
        estrela nuvem chuva neve vento tempestade fogo pedra areia árvore flor folha grama semente rei rainha príncipe
        médico professora padeiro piloto marinheiro pintora cantor escritora amigo irmão irmã mãe pai criança mão pé
        cabeça coração olho orelha nariz boca braço perna feliz triste grande pequeno rápido lento quente frio novo velho
        bom ruim claro escuro macio duro doce azedo quieto cedo tarde norte sul leste oeste primavera verão outono
        inverno manhã noite hoje amanhã segunda sexta música canção dança jogo bola brinquedo tambor violão piano camisa
        sapato chapéu casaco luva anel coroa espada escudo castelo torre aldeia cidade mercado escola escritório hospital
        estação museu biblioteca igreja parque rua esquina motor roda foguete robô computador tela teclado servidor rede
        cabo sinal bateria máquina martelo prego escada corda balde escova cesta vela cobertor travesseiro tapete cortina
        mel biscoito bolo chocolate pizza macarrão salada azeitona alho gengibre cobre ferro seda algodão couro mármore
        cristal diamante oceano planeta cometa galáxia sombra eco sonho história segredo enigma viagem tesouro mapa
        bússola âncora porto lanterna pena""".split()
    ),
}

_ONSETS = "b c d f g h j k l m n p r s t v w z br cr dr fl gr pl st tr sh ch th qu".split()
_VOWELS = "a e i o u ai ea io ou".split()
_CODAS = ["", "", "", "n", "r", "s", "l", "m", "t", "x", "ck", "nd"]


def split_of(text: str) -> Split:
    """The only split that may use a name, word, number or code: its checksum decides, so the splits never meet."""
    rest = zlib.crc32(text.casefold().encode()) % SHARES_OF_SPLITS
    return {0: Split.DEV, 1: Split.HELD_OUT}.get(rest, Split.TRAIN)


def of_split(entries: Sequence[str], split: Split) -> list[str]:
    """The entries of a split: one in ten each for dev and held-out."""
    return [entry for entry in entries if split_of(entry) is split]


def drawn(make: Callable[[], str], split: Split) -> str:
    """Make texts until one belongs to the split."""
    while split_of(text := make()) is not split:
        pass
    return text


_NAMES_OF = {split: of_split(FIRST_NAMES, split) for split in Split}
_WORDS_OF = {(language, split): of_split(WORDS[language], split) for language in Language for split in Split}


def made_up_word(rng: Random, split: Split) -> str:
    """A word that no language has."""
    return drawn(lambda: _syllables(rng), split)


def _syllables(rng: Random) -> str:
    parts = [rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(rng.randint(1, 3))]
    return "".join(parts)


def number(rng: Random, split: Split, *, digits: int = 4) -> str:
    """A whole number of up to that many digits. Numbers below ten belong to every split: there are too few."""
    length = rng.randint(1, digits)
    if length == 1:
        return str(rng.randrange(10))
    return drawn(lambda: str(rng.randrange(10 ** (length - 1), 10**length)), split)


def decimal(rng: Random, split: Split) -> str:
    """A number with a decimal point that JSON writes the same way: `12.5`, `0.75`."""
    return drawn(lambda: f"{rng.randrange(500)}.{rng.choice(('5', '25', '75', str(rng.randint(1, 9))))}", split)


def code(rng: Random, split: Split) -> str:
    """An order number, a serial number, a time, a date, an address: letters and digits mixed."""
    return drawn(lambda: rng.choice(_CODES)(rng), split)


def _letters(rng: Random, count: int) -> str:
    return "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(count))


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


_CODES: tuple[Callable[[Random], str], ...] = (
    lambda rng: f"{_letters(rng, 2)}-{_digits(rng, rng.randint(2, 4))}",
    lambda rng: f"{_letters(rng, 1)}{_digits(rng, rng.randint(1, 3))}",
    lambda rng: f"{_digits(rng, 2)}-{_letters(rng, 2).lower()}-{_digits(rng, 1)}",
    lambda rng: f"{rng.randrange(24):02d}:{rng.randrange(60):02d}",
    lambda rng: f"20{rng.randrange(10, 40)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
    lambda rng: f"{_syllables(rng)}@{_syllables(rng)}.{rng.choice(('com', 'org', 'net', 'com.br'))}",
    lambda rng: f"{_syllables(rng)}.{rng.choice(('txt', 'pdf', 'py', 'csv', 'png', 'md'))}",
    lambda rng: f"{_syllables(rng)}-{_syllables(rng)}",
    lambda rng: f"{_syllables(rng)}_{_digits(rng, 2)}",
)


def name(rng: Random, split: Split) -> str:
    """A first name: mostly a known one, often made up."""
    if rng.random() < MADE_UP_NAME_SHARE:
        return made_up_word(rng, split).capitalize()
    return rng.choice(_NAMES_OF[split])


def full_name(rng: Random, split: Split) -> str:
    """One to two names: `Zubrin`, `Ana Tomlek`."""
    if rng.random() < 0.5:
        return name(rng, split)
    return f"{name(rng, split)} {made_up_word(rng, split).capitalize()}"


def word(rng: Random, split: Split, language: Language) -> str:
    """A word: a known one, or often made up."""
    return made_up_word(rng, split) if rng.random() < MADE_UP_SHARE else rng.choice(_WORDS_OF[language, split])


def known_word(rng: Random, split: Split, language: Language) -> str:
    """A word that the language has."""
    return rng.choice(_WORDS_OF[language, split])


def phrase(rng: Random, split: Split, language: Language) -> str:
    """Two to four words."""
    return " ".join(word(rng, split, language) for _ in range(rng.randint(2, 4)))


def text_value(rng: Random, split: Split, language: Language) -> str:
    """Anything a person may name in one go: a name, a word, a code, a few words."""
    roll = rng.random()
    if roll < 0.3:
        return full_name(rng, split)
    if roll < 0.5:
        return code(rng, split)
    if roll < 0.75:
        return word(rng, split, language)
    return phrase(rng, split, language)


def different_words(rng: Random, split: Split, *, language: Language, count: int) -> list[str]:
    """That many words, no two alike."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[word(rng, split, language)] = None
    return list(found)
