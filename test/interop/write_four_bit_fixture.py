"""Writes test/goldens/models/llama-nf4: the tiny Llama in 4 bits, as bitsandbytes stores it, and its answers.

    python3 -m venv /tmp/graft-python
    /tmp/graft-python/bin/pip install torch transformers accelerate bitsandbytes==0.50.2 safetensors
    /tmp/graft-python/bin/python test/interop/write_four_bit_fixture.py

`logits.safetensors` has the token ids and what transformers makes of them, computed in float32 on the CPU.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

MODELS = Path(__file__).resolve().parents[1] / "goldens" / "models"
OUT = MODELS / "llama-nf4"

quantisation = BitsAndBytesConfig(
    load_in_4bit=True,
    bnb_4bit_quant_type="nf4",
    bnb_4bit_use_double_quant=True,
    bnb_4bit_compute_dtype=torch.float32,
)
model = AutoModelForCausalLM.from_pretrained(
    MODELS / "llama", quantization_config=quantisation, dtype=torch.float32, device_map="cpu"
)
model.eval()
model.save_pretrained(OUT)
(OUT / "generation_config.json").unlink()
ids = torch.arange(3, 27).reshape(1, -1)
with torch.no_grad():
    logits = model(ids).logits[0].contiguous()
save_file({"ids": ids[0].to(torch.int32), "logits": logits}, OUT / "logits.safetensors")
