"""Compute reference vectors with sentence-transformers, to hold our engine against; see README.md for how to run it.

The texts vary in language, script, length and kind. The longest stays below the model's 256 tokens: the reference
would cut it, and this project never cuts.
"""

import argparse
import json
from pathlib import Path

TEXTS = [
    "Hello, world!",
    "The quick brown fox jumps over the lazy dog.",
    "What is the capital of Portugal?",
    "Qual é a capital de Portugal?",
    "A saudade é uma palavra que não se traduz; sente-se ao fim da tarde, com o mar à frente.",
    "Os servidores partilham a mesma biblioteca e falam a mesma língua que os clientes já conhecem.",
    "Der Zug nach München fährt heute von Gleis sieben ab.",
    "我喜欢在周末读书和喝茶。",
    "Привет, как дела?",
    "مرحبا بالعالم",
    "I ❤️ 🍕 and 🏄‍♀️ on sunny days ☀️",
    "def add(left: int, right: int) -> int:\n    return left + right\n",
    "SELECT name, count(*) FROM visits WHERE day >= '2026-01-01' GROUP BY name ORDER BY 2 DESC;",
    '{"id": 7, "tags": ["a", "b"], "nested": {"value": null, "ok": true}}',
    "https://example.org/path?query=1&other=%20#fragment",
    "x",
    " ",
    "   leading and trailing spaces, a tab\tand a\nnew line   ",
    "UPPER case AND lower CASE are THE same TO this MODEL",
    "3.14159 2.71828 1,000,000 -42 1e-9 0x1F 50% €19.99",
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "naïve café résumé coöperate Ångström",
    "One sentence follows another, each adding a little to the last. " * 17,
    "Uma frase segue a outra, e cada uma acrescenta um pouco à anterior. " * 9,
]
DIGITS = 9  # significant decimal digits that carry every 32-bit float exactly


def main() -> None:
    """Write texts and vectors as JSON."""
    parser = argparse.ArgumentParser(description="Compute reference vectors with sentence-transformers.")
    parser.add_argument("--model", type=Path, required=True, help="folder with the original weights")
    parser.add_argument("--output", type=Path, required=True, help="the JSON file to write")
    arguments = parser.parse_args()

    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(arguments.model), device="cpu")
    longest = max(len(ids) for ids in model.tokenizer(TEXTS)["input_ids"])
    if longest > model.max_seq_length:
        raise SystemExit(f"A text has {longest} tokens; the reference would cut it at {model.max_seq_length}.")
    vectors = model.encode(TEXTS, batch_size=1)
    rows = [
        {"text": text, "vector": [float(f"{number:.{DIGITS}g}") for number in vector]}
        for text, vector in zip(TEXTS, vectors.tolist(), strict=True)
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    arguments.output.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{len(rows)} vectors of {len(rows[0]['vector'])} numbers, longest text {longest} tokens.")


if __name__ == "__main__":
    main()
