"""The bundled demo model: data, tokenizer, training, export and evaluation. Never imported by the servers."""
