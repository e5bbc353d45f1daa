"""Turn a Llama-shaped checkpoint into the folder that `providers_server` serves.

python -m tools.demo_model.export_genai --checkpoint build/demo_model/checkpoint.pt
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from tokenizers import Tokenizer

from tools.demo_model.genai_folder import Words, write_genai_folder
from tools.demo_model.llama_graph import LlamaShape, Matrix
from tools.demo_model.prompt import BOS, END_OF_TURN, MARK_TOKENS, PAD, TEMPLATE_PATH
from tools.demo_model.tokenizer import BUILD_DIRECTORY, TOKENIZER_PATH

ARCHITECTURE = "llama"
CONTEXT_LENGTH = 2048
"""Declared positions: what the longest training conversations have. Beyond it the answers fall apart."""
FOLDER = BUILD_DIRECTORY / "demo-llama"
CHECKPOINT_PATH = BUILD_DIRECTORY / "checkpoint.pt"


def llama_shape(trained: dict[str, int | float | str]) -> LlamaShape:
    """The sizes of a checkpoint. Raises ValueError for one of another architecture."""
    if trained.get("architecture") != ARCHITECTURE:
        raise ValueError(f"only a Llama-shaped checkpoint fits this folder, not {trained.get('architecture')!r}")
    return LlamaShape(
        vocabulary=int(trained["vocabulary"]),
        width=int(trained["width"]),
        blocks=int(trained["blocks"]),
        heads=int(trained["heads"]),
        kv_heads=int(trained["kv_heads"]),
        feed_forward=int(trained["feed_forward"]),
        context=CONTEXT_LENGTH,
        rope_base=float(trained["rope_base"]),
        norm_epsilon=float(trained["norm_epsilon"]),
    )


def llama_weights(trained: dict[str, int | float | str], tensors: dict[str, torch.Tensor]) -> dict[str, Matrix]:
    """A checkpoint's weights. What logits are multiplied by goes into the last norm: Llama has no place for it."""
    weights = {name: tensor.to(torch.float32).numpy() for name, tensor in tensors.items()}
    return weights | {"norm": weights["norm"] * float(trained.get("logit_scale", 1.0))}


def main() -> None:
    """Read checkpoint and tokenizer, write the folder, print each file's size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT_PATH)
    parser.add_argument("--tokenizer", type=Path, default=TOKENIZER_PATH)
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    checkpoint = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    words = Words(
        tokenizer=Tokenizer.from_file(str(arguments.tokenizer)),
        template=TEMPLATE_PATH.read_text(encoding="utf-8"),
        bos=BOS,
        eos=END_OF_TURN,
        pad=PAD,
        marks=MARK_TOKENS,
    )
    trained = checkpoint["shape"]
    weights = llama_weights(trained, checkpoint["weights"])
    write_genai_folder(arguments.out, llama_shape(trained), weights=weights, words=words)
    for path in sorted(arguments.out.iterdir()):
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
