"""Writes test/goldens/gguf: random blocks of every quantisation, and what the format owners' reader makes of them.

    python3 -m venv /tmp/graft-gguf
    /tmp/graft-gguf/bin/pip install gguf==0.19.0 safetensors
    /tmp/graft-gguf/bin/python test/interop/write_gguf_fixtures.py

`blocks.gguf` has one tensor for each type, as blk.N.ffn_down.weight; `blocks.safetensors` has the float32 values under
the names that Hugging Face gives them. The bytes are random (from a fixed seed) but for the scales, which are finite.
"""

from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize
from safetensors.numpy import save_file

TYPES = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]
# Where in a block the half-precision scales lie.
SCALES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}
ROWS, COLUMNS = 2, 512
OUT = Path(__file__).resolve().parents[1] / "goldens" / "gguf"


def random_halves(rng, count):
    """Every finite pattern is possible: subnormals, zeros of both signs, the largest."""
    bits = rng.integers(0, 0x10000, count, dtype=np.uint16)
    return np.where((bits & 0x7C00) == 0x7C00, bits & 0xBFFF, bits).astype(np.uint16)


def random_tensor(rng, name, kind):
    if name == "F32":
        return rng.standard_normal((ROWS, COLUMNS)).astype(np.float32)
    if name == "F16":
        return random_halves(rng, ROWS * COLUMNS).reshape(ROWS, COLUMNS).view(np.uint8)
    if name == "BF16":
        values = rng.standard_normal((ROWS, COLUMNS)).astype(np.float32)
        return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
    elements, size = GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (ROWS, COLUMNS // elements, size), dtype=np.uint8)
    for offset in SCALES[name]:
        scales = random_halves(rng, ROWS * COLUMNS // elements).reshape(ROWS, -1, 1).view(np.uint8)
        blocks[:, :, offset : offset + 2] = scales
    return blocks.reshape(ROWS, -1)


def main():
    rng = np.random.default_rng(20)
    OUT.mkdir(parents=True, exist_ok=True)
    writer = GGUFWriter(OUT / "blocks.gguf", "llama")
    writer.add_name("Random blocks")
    writer.add_context_length(64)
    writer.add_embedding_length(16)
    writer.add_feed_forward_length(32)
    writer.add_block_count(len(TYPES))
    writer.add_head_count(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(7)
    expected = {}
    for layer, name in enumerate(TYPES):
        kind = GGMLQuantizationType[name]
        data = random_tensor(rng, name, kind)
        writer.add_tensor(f"blk.{layer}.ffn_down.weight", data, raw_dtype=kind)
        with np.errstate(all="ignore"):
            values = data if name == "F32" else dequantize(data, kind)
        expected[f"model.layers.{layer}.mlp.down_proj.weight"] = np.ascontiguousarray(values, dtype=np.float32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(expected, OUT / "blocks.safetensors", {"format": "pt"})


if __name__ == "__main__":
    main()
