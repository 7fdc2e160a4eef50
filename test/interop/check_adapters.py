#!/usr/bin/env python3
"""Checks that bottleneck adapters mean the same to Graft and to AdapterHub's `adapters` library.

    check_adapters.py write OUT       adapters by the library, with its logits, for Graft to load
    check_adapters.py check OUT       adapters by Graft, with Graft's logits, for the library to load

Between the two runs `write-adapters.interop.ts`. Prints one JSON line a case; the exit code is 0 only if no logit differs
by more than --tolerance and every adapter changes its base. Needs torch, transformers, adapters and safetensors;
README.md has the folders.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

import adapters
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

GOLDENS = Path(__file__).resolve().parent.parent / "goldens" / "models"
PRESETS = {
    "houlsby": ("double_seq_bn", {"reduction_factor": 8}),
    "pfeiffer": ("seq_bn", {"reduction_factor": 4, "leave_out": [0]}),
    "parallel": ("scaled_par_bn", {"reduction_factor": 8}),
}


def config_of(folder):
    """transformers 4 knows rope_theta and rope_scaling, not the rope_parameters that transformers 5 writes."""
    config = AutoConfig.from_pretrained(folder)
    rope = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8")).get("rope_parameters")
    if rope and "rope_theta" in rope:
        config.rope_theta = rope["rope_theta"]
        if rope.get("rope_type", "default") != "default":
            config.rope_scaling = {key: value for key, value in rope.items() if key != "rope_theta"}
    return config


def load(folder):
    options = {"torch_dtype": torch.float32, "attn_implementation": "eager"}
    model = AutoModelForCausalLM.from_pretrained(folder, config=config_of(folder), **options)
    adapters.init(model)
    return model.eval()


@torch.no_grad()
def logits(model, ids):
    return model(input_ids=ids).logits.float()  # [rows, length, vocabulary]


def write(out, families):
    """theirs/FAMILY-KIND: an adapter folder by the library, `input_ids` and its `logits`."""
    torch.manual_seed(0)
    for family in families:
        for kind, (preset, changes) in PRESETS.items():
            model = load(GOLDENS / family)
            model.add_adapter("theirs", config=adapters.AdapterConfig.load(preset, **changes), set_active=True)
            for name, parameter in model.named_parameters():
                if ".adapters.theirs." in name:
                    parameter.data.normal_(std=0.05)
            folder = out / "theirs" / f"{family}-{kind}"
            folder.mkdir(parents=True, exist_ok=True)
            model.save_adapter(str(folder), "theirs", use_safetensors=True)
            ids = torch.randint(3, model.config.vocab_size, (2, 12))
            tensors = {"input_ids": ids, "logits": logits(model, ids).contiguous()}
            save_file(tensors, str(folder / "expected.safetensors"))
            print(json.dumps({"case": folder.name, "written": True}), flush=True)


def check(out, tolerance):
    """ours/NAME: a folder by Graft, its case.json with the base, `input_ids`, `base_logits` and `logits`."""
    passed = True
    for case in sorted((out / "ours").glob("*/case.json")):
        folder, expected = case.parent, load_file(str(case.parent / "expected.safetensors"))
        model = load(json.loads(case.read_text(encoding="utf-8"))["base"])
        ids = expected["input_ids"].long()
        base = (logits(model, ids) - expected["base_logits"]).abs().max().item()
        model.load_adapter(str(folder / "adapterhub"), set_active=True, use_safetensors=True)
        adapted = logits(model.eval(), ids)
        difference = (adapted - expected["logits"]).abs().max().item()
        effect = (adapted - expected["base_logits"]).abs().max().item()
        # A NaN compares as neither smaller nor larger: it must not pass.
        ok = base <= tolerance and difference <= tolerance and effect > tolerance
        passed = passed and ok
        print(json.dumps({"case": folder.name, "pass": ok, "base": base, "adapter": difference, "adapterEffect": effect}))
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["write", "check"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--families", nargs="+", default=["llama", "gpt2", "qwen2", "qwen3"])
    parser.add_argument("--tolerance", type=float, default=1e-3, help="largest absolute difference of a logit")
    options = parser.parse_args()
    torch.set_num_threads(2)
    if options.what == "write":
        write(options.out, options.families)
    elif not check(options.out, options.tolerance):
        sys.exit(1)


if __name__ == "__main__":
    main()
