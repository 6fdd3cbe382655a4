#!/usr/bin/env python3
"""The Python side of EmbedderBench: makes the corpus for both, and measures the Python package on it.

    peer.py corpus MODEL_DIR FILE   writes 4,000 chunks of 100 words, one per line, the same each time
    peer.py measure FILE            prints chunks per CPU second, one number per run; needs wordllama installed

The words follow Zipf's law, like those of real text. One word in six is not a token of the vocabulary but joined from
two, and one in eight has punctuation: about 1.35 tokens per word, as in English prose.
"""

import json
import os
import random
import sys
import time

RUNS = 5


def corpus(model, path):
    with open(os.path.join(model, "l2_supercat_tokenizer_config.json"), encoding="utf-8") as file:
        vocabulary = json.load(file)["model"]["vocab"]
    words = [token[1:] for token in vocabulary if token[0] == "▁" and token[1:].isascii() and token[1:].isalpha()][:8000]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    rng = random.Random(4)

    def word(common):
        text = common
        if rng.random() < 1 / 6:
            text += rng.choice(words).lower()
        if rng.random() < 1 / 8:
            text += rng.choice([".", ",", ",", ";", ")", "?"])
        return text

    with open(path, "w", encoding="utf-8") as file:
        for _ in range(4000):
            file.write(" ".join(word(common) for common in rng.choices(words, weights, k=100)) + "\n")


def measure(path):
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one thread: the least CPU time per chunk
    from wordllama import WordLlama

    model = WordLlama.load(disable_download=True)
    with open(path, encoding="utf-8") as file:
        chunks = file.read().splitlines()
    model.embed(chunks[:200], norm=True)
    for _ in range(RUNS):
        start = time.process_time()
        model.embed(chunks, norm=True)
        print(len(chunks) / (time.process_time() - start))


if __name__ == "__main__":
    corpus(*sys.argv[2:]) if sys.argv[1] == "corpus" else measure(*sys.argv[2:])
