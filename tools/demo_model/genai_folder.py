"""The folder that onnxruntime-genai opens: the graph, its description, tokenizer and chat template.

Format of `genai_config.json`: https://onnxruntime.ai/docs/genai/reference/config.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from tools.demo_model.llama_graph import LlamaShape, Matrix, llama_onnx


@dataclass(frozen=True, kw_only=True)
class Words:
    """The tokens with a meaning of their own, and how a conversation is written.

    `marks` have a token each and belong to the text of an answer.
    """

    tokenizer: Tokenizer
    template: str
    bos: str
    eos: str
    pad: str
    marks: tuple[str, ...] = ()


def write_genai_folder(folder: Path, shape: LlamaShape, *, weights: Mapping[str, Matrix], words: Words) -> Path:
    """Write all files into `folder`, which is made where it is missing, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(llama_onnx(shape, weights))
    (folder / "tokenizer.json").write_text(_tokenizer(words), encoding="utf-8")
    _write_json(folder / "genai_config.json", _genai_config(shape, words))
    _write_json(folder / "tokenizer_config.json", _tokenizer_config(words))
    return folder


def _tokenizer(words: Words) -> str:
    """The tokenizer's file, in which marks are no control tokens: those are left out of an answer's text."""
    state = json.loads(words.tokenizer.to_str())
    for token in state["added_tokens"]:
        token["special"] = token["content"] not in words.marks
    return json.dumps(state, ensure_ascii=False)


def _genai_config(shape: LlamaShape, words: Words) -> dict[str, object]:
    number = words.tokenizer.token_to_id
    return {
        "model": {
            "type": "llama",
            "bos_token_id": number(words.bos),
            "eos_token_id": number(words.eos),
            "pad_token_id": number(words.pad),
            "vocab_size": shape.vocabulary,
            "context_length": shape.context,
            "decoder": {
                "filename": "model.onnx",
                "session_options": {"log_id": "onnxruntime-genai", "provider_options": []},
                "head_size": shape.head_width,
                "hidden_size": shape.width,
                "num_attention_heads": shape.heads,
                "num_hidden_layers": shape.blocks,
                "num_key_value_heads": shape.kv_heads,
                "inputs": {
                    "input_ids": "input_ids",
                    "attention_mask": "attention_mask",
                    "past_key_names": "past_key_values.%d.key",
                    "past_value_names": "past_key_values.%d.value",
                },
                "outputs": {
                    "logits": "logits",
                    "present_key_names": "present.%d.key",
                    "present_value_names": "present.%d.value",
                },
            },
        },
        "search": {"do_sample": False, "max_length": shape.context, "past_present_share_buffer": True},
    }


def _tokenizer_config(words: Words) -> dict[str, object]:
    """The class decides how onnxruntime-genai cuts text into words; this one takes that from `tokenizer.json`."""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": False,
        "bos_token": words.bos,
        "eos_token": words.eos,
        "pad_token": words.pad,
        "chat_template": words.template,
    }


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
