# ruff: noqa: E501, SIM905 - tables of phrases and words read best unbroken
"""Words and names to fill phrases with. Every tenth entry is held out; made-up words come from syllables."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tools.demo_model.data.sample import Language, Split

HELD_OUT_EVERY = 10
MADE_UP_SHARE = 0.33
MADE_UP_NAME_SHARE = 0.25

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


def of_split(entries: Sequence[str], split: Split) -> list[str]:
    """The entries of a split: every tenth one is held out."""
    wanted = split is Split.HELD_OUT
    return [entry for number, entry in enumerate(entries) if (number % HELD_OUT_EVERY == 0) is wanted]


_NAMES_OF = {split: of_split(FIRST_NAMES, split) for split in Split}
_WORDS_OF = {(language, split): of_split(WORDS[language], split) for language in Language for split in Split}


def made_up_word(rng: Random, split: Split) -> str:
    """A word that no language has. Its letters decide the split, so that the splits never meet."""
    while True:
        syllables = [rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(rng.randint(2, 3))]
        word = "".join(syllables)
        if (sum(map(ord, word)) % HELD_OUT_EVERY == 0) is (split is Split.HELD_OUT):
            return word


def name(rng: Random, split: Split) -> str:
    """A first name: mostly a known one, one in four made up."""
    if rng.random() < MADE_UP_NAME_SHARE:
        return made_up_word(rng, split).capitalize()
    return rng.choice(_NAMES_OF[split])


def word(rng: Random, split: Split, language: Language) -> str:
    """A word: a known one, or in a third of the cases made up."""
    return made_up_word(rng, split) if rng.random() < MADE_UP_SHARE else rng.choice(_WORDS_OF[language, split])


def different_words(rng: Random, split: Split, *, language: Language, count: int) -> list[str]:
    """That many words, no two alike."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[word(rng, split, language)] = None
    return list(found)
