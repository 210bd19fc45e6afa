"""Converts a GGUF file to a directory that vLLM serves.

    python gguf_conversion.py DIRECTORY FILE TARGET

A script for vLLM's Python, which has torch and transformers. `launch` never imports it.
"""

import sys


def convert(directory: str, file: str, target: str) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    print("reading the tokenizer", flush=True)  # noqa: T201  # shown to the user as progress
    AutoTokenizer.from_pretrained(directory, gguf_file=file).save_pretrained(target)
    print("reading the weights", flush=True)  # noqa: T201
    model = AutoModelForCausalLM.from_pretrained(
        directory,
        gguf_file=file,
        quantization_config=GgufConfig(dequantize=True),  # a quantized one cannot be saved
        dtype=torch.bfloat16,
    )
    print("writing the weights", flush=True)  # noqa: T201
    model.save_pretrained(target)


if __name__ == "__main__":
    convert(*sys.argv[1:4])
