"""How Command-R runs: llama.cpp's server engine inside this process, and what reading its output takes."""
