"""Where the tests find the real embedding model, and a folder with everything but its weights."""

import json
import os
from pathlib import Path

from alive_core.catalog.entry import find_entry, load_catalogue
from alive_core.catalog.store import Store
from alive_core.utils.paths import cache_dir
from providers_server.constants import EMBED_MODEL
from providers_server.install import CATALOGUE


def real_model() -> Path:
    """The folder of the installed model. Fails, and does not skip, where it is not installed."""
    found = Store(cache_dir(os.environ)).find(find_entry(EMBED_MODEL, [load_catalogue(CATALOGUE)]))
    assert found is not None, "The embedding model is not on this machine; get it with `./task install`."
    return found


def write_model_folder(folder: Path, **config: int) -> Path:
    """A folder shaped like a model whose weights are one byte."""
    shape = {"hidden_size": 384, "vocab_size": 30522, "max_position_embeddings": 512} | config
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(shape))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 256}')
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.onnx").write_bytes(b"\x08")
    return folder
