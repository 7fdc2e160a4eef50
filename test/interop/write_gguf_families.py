#!/usr/bin/env python3
"""Writes test/goldens/gguf/families: a tiny random model of each architecture as llama.cpp's own conversion writes it
(float32, no vocabulary), and the logits that transformers has for the model that was converted.

    PYTHONPATH=LLAMA_CPP/gguf-py:LLAMA_CPP python write_gguf_families.py OUT

LLAMA_CPP is a checkout of llama.cpp with its folder `conversion`.
"""
import json, pathlib, sys, tempfile
import torch
import conversion
import gguf
from conversion import ModelBase, get_model_class
from safetensors.torch import save_file
from transformers import (Gemma3ForCausalLM, Gemma3TextConfig, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM,
                          Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM)

IDS = [[3, 1, 4, 1, 5, 9, 2, 6, 11, 8]]
SHAPE = dict(vocab_size=13, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=32, rms_norm_eps=1e-5, initializer_range=0.4)

MODELS = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SHAPE, head_dim=4, tie_word_embeddings=True, rope_parameters=dict(
        rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=8192))),
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**{**SHAPE, "num_attention_heads": 2, "num_key_value_heads": 1},
                                                  tie_word_embeddings=True)),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**SHAPE, head_dim=6, tie_word_embeddings=False,
                                                  rope_parameters=dict(rope_type="linear", factor=2.0, rope_theta=500.0))),
    "gemma3": lambda: Gemma3ForCausalLM(Gemma3TextConfig(
        **{**SHAPE, "num_hidden_layers": 7}, head_dim=4, sliding_window=3, query_pre_attn_scalar=4,
        rope_parameters=dict(full_attention=dict(rope_type="linear", factor=8.0, rope_theta=1000000.0),
                             sliding_attention=dict(rope_type="default", rope_theta=10000.0)))),
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(vocab_size=13, n_positions=32, n_embd=8, n_layer=2, n_head=2,
                                               initializer_range=0.4)),
}


def no_vocabulary(self):
    self.gguf_writer.add_tokenizer_model("none")
    self.gguf_writer.add_vocab_size(13)


def write(name, out):
    torch.manual_seed(sum(map(ord, name)))
    model = MODELS[name]().eval()
    for p in model.parameters():  # ones and zeros of a fresh model would hide mistakes
        if p.dim() == 1:
            with torch.no_grad():
                p.add_(torch.randn_like(p) * 0.3)
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder)
        model.save_pretrained(home)
        config = json.loads((home / "config.json").read_text())
        (home / "config.json").write_text(json.dumps({**config, "n_ctx": 32} if name == "gpt2" else config))
        (home / "tokenizer.json").write_text(json.dumps(
            dict(model=dict(vocab={str(i): i for i in range(13)}), added_tokens=[])))
        kind = get_model_class(config["architectures"][0])
        kind.set_vocab = no_vocabulary
        with torch.inference_mode():
            kind(home, gguf.LlamaFileType.ALL_F32, out / f"{name}.gguf").write()
    with torch.no_grad():
        logits = model(torch.tensor(IDS), use_cache=False).logits[0].contiguous()
    save_file({"logits": logits}, out / f"{name}.logits.safetensors")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for name in MODELS:
        write(name, target)
