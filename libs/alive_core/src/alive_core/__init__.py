"""The shared library of ALIVE localcloud: everything an OpenAI-compatible model server needs except the model."""
