"""Write a checkpoint as GGUF: architecture `command-r`, tokenizer and chat template inside.

    python -m tools.demo_model.export [--checkpoint build/demo_model/checkpoint.pt] [--out demo-command.gguf]
    python -m tools.demo_model.export --format hf --checkpoint build/demo_model/twin.pt --out build/demo_model/twin

The second form writes a Llama-shaped checkpoint as a folder that Hugging Face's tools and the model builder of
onnxruntime-genai read.
`<|END_OF_TURN_TOKEN|>` is declared as end of text and end of turn, so that a turn's end stops generation.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer

from tools.demo_model.model import Architecture, Shape
from tools.demo_model.prompt import (
    BOS,
    CONTROL_TOKENS,
    END_OF_TURN,
    MARK_TOKENS,
    PAD,
    SPECIAL_TOKENS,
    TEMPLATE_PATH,
    UNK,
)
from tools.demo_model.tokenizer import BUILD_DIRECTORY, TOKENIZER_PATH
from tools.demo_model.train import CHECKPOINT_PATH

GGUF_PATH = BUILD_DIRECTORY / "demo-command.gguf"
FOLDER_PATH = BUILD_DIRECTORY / "twin"
CONTEXT_LENGTH = 2048
"""Declared positions: what the longest training conversations have. Beyond it the answers fall apart."""

QUANTISATIONS = {
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    "f32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
}

_BLOCK_TENSORS = {
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "output": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}

_HF_TENSORS = {
    "norm": "input_layernorm",
    "feed_norm": "post_attention_layernorm",
    "query": "self_attn.q_proj",
    "key": "self_attn.k_proj",
    "value": "self_attn.v_proj",
    "output": "self_attn.o_proj",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}


def gguf_name(name: str) -> str:
    """The GGUF tensor name of a parameter of `DemoModel`."""
    if name == "embedding.weight":
        return "token_embd.weight"
    if name == "norm":
        return "output_norm.weight"
    match = re.fullmatch(r"blocks\.(\d+)\.(\w+?)(\.weight)?", name)
    if match is None:
        raise ValueError(f"unknown parameter {name}")
    block, part = match.group(1), match.group(2)
    return f"blk.{block}.{'attn_norm' if part == 'norm' else _BLOCK_TENSORS[part]}.weight"


def _write_shape(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(CONTEXT_LENGTH)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.blocks)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_eps(shape.norm_epsilon)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_scaling_type(gguf.RopeScalingType.NONE)
    writer.add_logit_scale(shape.logit_scale)
    writer.add_vocab_size(shape.vocabulary)


def _token_type(token: str) -> gguf.TokenType:
    if token in CONTROL_TOKENS:
        return gguf.TokenType.CONTROL
    return gguf.TokenType.USER_DEFINED if token in MARK_TOKENS else gguf.TokenType.NORMAL


def _write_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    by_number = {number: token for token, number in tokenizer.get_vocab().items()}
    tokens = [by_number[number] for number in range(len(by_number))]
    merges = [
        pair if isinstance(pair, str) else " ".join(pair)
        for pair in json.loads(tokenizer.to_str())["model"]["merges"]
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("command-r")
    writer.add_token_list(tokens)
    writer.add_token_types([_token_type(token) for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(SPECIAL_TOKENS.index(BOS))
    writer.add_eos_token_id(SPECIAL_TOKENS.index(END_OF_TURN))
    writer.add_eot_token_id(SPECIAL_TOKENS.index(END_OF_TURN))
    writer.add_pad_token_id(SPECIAL_TOKENS.index(PAD))
    writer.add_unk_token_id(SPECIAL_TOKENS.index(UNK))
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template(TEMPLATE_PATH.read_text(encoding="utf-8"))


def write_gguf(
    path: Path,
    shape: Shape,
    *,
    weights: dict[str, torch.Tensor],
    tokenizer: Tokenizer,
    quantisation: str = "q8_0",
) -> None:
    """Write the whole model to `path`. Matrices are quantised, norms stay F32."""
    if shape.architecture != Architecture.COMMAND_R:
        raise ValueError(f"this file is for Command-R's architecture, not {shape.architecture!r}")
    matrix_type, file_type = QUANTISATIONS[quantisation]
    writer = gguf.GGUFWriter(path, "command-r")
    writer.add_name("ALIVE localcloud demo model")
    writer.add_description("A small demo made from scratch: it shows that the server works, it knows nothing.")
    writer.add_license("apache-2.0")
    writer.add_languages(["en", "pt"])
    writer.add_file_type(file_type)
    _write_shape(writer, shape)
    _write_tokenizer(writer, tokenizer)
    for name, weight in weights.items():
        values = weight.to(torch.float32).numpy().astype(np.float32)
        if values.ndim == 1:
            writer.add_tensor(gguf_name(name), values)
        else:
            writer.add_tensor(gguf_name(name), gguf.quants.quantize(values, matrix_type), raw_dtype=matrix_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _hf_name(name: str) -> str:
    """The name of a parameter of `DemoModel` in Hugging Face's Llama."""
    match = re.fullmatch(r"blocks\.(\d+)\.(\w+?)(\.weight)?", name)
    if match is None:
        return {"embedding.weight": "model.embed_tokens.weight", "norm": "model.norm.weight"}[name]
    return f"model.layers.{match.group(1)}.{_HF_TENSORS[match.group(2)]}.weight"


def _halves(weight: torch.Tensor, head_width: int) -> torch.Tensor:
    """Rows of a query or key matrix for rotary positions that pair the halves of a head, not neighbours."""
    heads = weight.view(-1, head_width // 2, 2, weight.shape[1])
    return heads.transpose(1, 2).reshape(weight.shape)


def write_folder(path: Path, shape: Shape, *, weights: dict[str, torch.Tensor], tokenizer: Tokenizer) -> None:
    """Write a Llama-shaped model as `config.json`, `model.safetensors` and the tokenizer's files."""
    from safetensors.torch import save_file

    if shape.architecture != Architecture.LLAMA:
        raise ValueError(f"only a Llama-shaped model fits this folder, not {shape.architecture!r}")
    path.mkdir(parents=True, exist_ok=True)
    rotated = {name: weight for name, weight in weights.items() if name.endswith(("query.weight", "key.weight"))}
    ready = weights | {name: _halves(weight, shape.head_width) for name, weight in rotated.items()}
    tensors = {_hf_name(name): weight.to(torch.float32).contiguous() for name, weight in ready.items()}
    save_file(tensors, path / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(str(path / "tokenizer.json"))
    _write_json(path / "config.json", _hf_config(shape))
    _write_json(path / "tokenizer_config.json", _hf_tokenizer_config())
    print(f"{path}: {sum(file.stat().st_size for file in path.iterdir()):,} bytes")


def _write_json(path: Path, content: dict[str, object]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _hf_config(shape: Shape) -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.feed_forward,
        "num_hidden_layers": shape.blocks,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_width,
        "hidden_act": "silu",
        "max_position_embeddings": CONTEXT_LENGTH,
        "rms_norm_eps": shape.norm_epsilon,
        "rope_theta": shape.rope_base,
        "rope_scaling": None,
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "bos_token_id": SPECIAL_TOKENS.index(BOS),
        "eos_token_id": SPECIAL_TOKENS.index(END_OF_TURN),
        "pad_token_id": SPECIAL_TOKENS.index(PAD),
        "torch_dtype": "float32",
    }


def _hf_tokenizer_config() -> dict[str, object]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": CONTEXT_LENGTH,
        "bos_token": BOS,
        "eos_token": END_OF_TURN,
        "pad_token": PAD,
        "unk_token": UNK,
        "clean_up_tokenization_spaces": False,
        "chat_template": TEMPLATE_PATH.read_text(encoding="utf-8"),
    }


def main() -> None:
    """Read checkpoint and tokenizer, write the file, print size and checksum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT_PATH)
    parser.add_argument("--tokenizer", type=Path, default=TOKENIZER_PATH)
    parser.add_argument("--format", choices=("gguf", "hf"), default="gguf")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--quantisation", choices=sorted(QUANTISATIONS), default="q8_0")
    arguments = parser.parse_args()
    checkpoint = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    shape, weights = Shape(**checkpoint["shape"]), checkpoint["weights"]
    tokenizer = Tokenizer.from_file(str(arguments.tokenizer))
    if arguments.format == "hf":
        write_folder(arguments.out or FOLDER_PATH, shape, weights=weights, tokenizer=tokenizer)
        return
    path = arguments.out or GGUF_PATH
    write_gguf(path, shape, weights=weights, tokenizer=tokenizer, quantisation=arguments.quantisation)
    content = path.read_bytes()
    print(f"{path}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
