#!/usr/bin/env python3
"""Writes test/goldens/families: tiny random models in the shapes that the reference cases do not have (windows, older
config fields, hub files without a prefix), each with transformers' logits.

    python write_family_fixtures.py OUT
"""
import json, pathlib, shutil, sys
import torch
from safetensors.torch import save_file
from transformers import (Gemma3ForCausalLM, Gemma3TextConfig, GPT2Config, GPT2LMHeadModel, MistralConfig, MistralForCausalLM,
                          Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM)

IDS = [[3, 1, 4, 1, 5, 9, 2, 6, 11, 8]]
SHAPE = dict(vocab_size=13, hidden_size=8, intermediate_size=10, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=32, rms_norm_eps=1e-5, initializer_range=0.4)


def linear(theta):
    return dict(rope_type="linear", factor=2.0, rope_theta=theta)


def hub_gpt2(name):  # as openai-community/gpt2 is stored
    return name.removeprefix("transformer.")


MODELS = {
    # name: (model, fields of config.json to put, fields to drop, what a tensor is called)
    "mistral-window": (
        lambda: MistralForCausalLM(MistralConfig(**SHAPE, sliding_window=3, tie_word_embeddings=False)),
        dict(rope_theta=10000.0), ["rope_parameters"], lambda name: name),
    "qwen2-upper-windows": (
        lambda: Qwen2ForCausalLM(Qwen2Config(**SHAPE, use_sliding_window=True, sliding_window=4, max_window_layers=1,
                                             tie_word_embeddings=False)),
        dict(rope_theta=10000.0), ["rope_parameters", "layer_types"], lambda name: name),
    "qwen3-wide-heads": (
        lambda: Qwen3ForCausalLM(Qwen3Config(**SHAPE, head_dim=6, attention_bias=True, tie_word_embeddings=True,
                                             rope_parameters=linear(500.0))),
        {}, [], lambda name: name),
    "gemma3-older-fields": (
        lambda: Gemma3ForCausalLM(Gemma3TextConfig(
            **SHAPE, head_dim=4, sliding_window=3, query_pre_attn_scalar=9,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
            rope_parameters=dict(full_attention=linear(1000000.0),
                                 sliding_attention=dict(rope_type="default", rope_theta=10000.0)))),
        dict(sliding_window_pattern=2, rope_theta=1000000.0, rope_local_base_freq=10000.0,
             rope_scaling=dict(rope_type="linear", factor=2.0)),
        ["rope_parameters", "layer_types", "_sliding_window_pattern"], lambda name: name),
    "gpt2-hub": (
        lambda: GPT2LMHeadModel(GPT2Config(vocab_size=13, n_positions=32, n_embd=8, n_layer=3, n_head=2,
                                           scale_attn_by_inverse_layer_idx=True, initializer_range=0.4)),
        {}, ["tie_word_embeddings", "n_inner"], hub_gpt2),
    "gpt2-untied": (
        lambda: GPT2LMHeadModel(GPT2Config(vocab_size=13, n_positions=32, n_embd=8, n_layer=2, n_head=4, n_inner=6,
                                           activation_function="relu", scale_attn_weights=False,
                                           tie_word_embeddings=False, initializer_range=0.4)),
        {}, [], lambda name: name),
}


# What a file of this kind does not have, or what would tell this machine's versions.
OWN = ["id2label", "label2id", "transformers_version", "dtype", "_name_or_path", "chunk_size_feed_forward", "problem_type",
       "output_attentions", "output_hidden_states", "return_dict", "is_encoder_decoder"]


def write(name, out):
    make, put, drop, rename = MODELS[name]
    torch.manual_seed(sum(map(ord, name)))
    model = make().eval()
    for key, p in model.named_parameters():  # ones and zeros of a fresh model would hide mistakes
        if p.dim() == 1:
            with torch.no_grad():
                p.add_(torch.randn_like(p) * 0.3)
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = json.loads(model.config.to_json_string(use_diff=False))
    kept = {k: v for k, v in {**config, **put}.items() if k not in drop + OWN}
    kept["architectures"] = [type(model).__name__]
    (folder / "config.json").write_text(json.dumps(kept, indent=2) + "\n")
    state = {rename(k): v.detach().clone().contiguous() for k, v in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        state = {k: v for k, v in state.items() if not k.endswith("lm_head.weight")}
    if name == "gpt2-hub":
        for i in range(3):
            state[f"h.{i}.attn.bias"] = torch.tril(torch.ones(1, 1, 32, 32))
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    with torch.no_grad():
        save_file({"logits": model(torch.tensor(IDS), use_cache=False).logits[0].contiguous()}, folder / "logits.safetensors")


if __name__ == "__main__":
    for name in MODELS:
        write(name, pathlib.Path(sys.argv[1]))
