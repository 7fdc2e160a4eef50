#!/usr/bin/env python3
"""Checks that what Graft exports means the same to Hugging Face's transformers and PEFT.

    check_exports.py FOLDER...                                  folders as `write-exports.interop.ts` writes them
    check_exports.py MODEL_DIR ADAPTER_DIR MERGED_DIR EXPECTED.safetensors

Computes the logits of the base model, of the base with the adapter, and of the merged model for the token ids in
EXPECTED, and compares them with the logits that Graft computed. Prints one JSON line a case; the exit code is 0 only if
no logit differs by more than --tolerance. Needs torch, transformers, peft and safetensors. README.md has the format.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM


def load(path):
    """The model of a folder or GGUF file in float32, whatever it is stored in, so that only the arithmetic's order differs."""
    options = {"dtype": torch.float32, "attn_implementation": "eager"}
    if path.endswith(".gguf"):
        folder, options["gguf_file"] = os.path.split(path)
        return AutoModelForCausalLM.from_pretrained(folder, **options).eval()
    return AutoModelForCausalLM.from_pretrained(path, **options).eval()


@torch.no_grad()
def logits(model, ids):
    """Of the texts' own tokens, [rows, length, vocabulary]: prompts in front of them have logits too."""
    return model(input_ids=ids).logits.float()[:, -ids.shape[1] :]


def difference(actual, expected, name):
    if actual.shape != expected.shape:
        sys.exit(f"{name}: expected logits of shape {tuple(actual.shape)}, got {tuple(expected.shape)}")
    largest = (actual - expected).abs().max().item()
    # A NaN compares as neither smaller nor larger: it must not pass.
    return largest if largest == largest else float("inf")


def check(name, model_dir, adapter_dir, merged_dir, expected_file, tolerance):
    """Compares one case and returns its line of the report."""
    expected = load_file(expected_file)
    missing = {"input_ids", "base_logits", "adapter_logits"} - expected.keys()
    if missing:
        sys.exit(f"{expected_file}: expected the tensors {sorted(missing)}, got {sorted(expected)}")
    ids = expected["input_ids"].long()
    base = load(model_dir)
    differences = {"base": difference(logits(base, ids), expected["base_logits"], f"{name}, base")}
    adapted = logits(PeftModel.from_pretrained(base, adapter_dir).eval(), ids)
    differences["adapter"] = difference(adapted, expected["adapter_logits"], f"{name}, adapter")
    merged = None
    if Path(merged_dir).is_dir():  # not every method can be merged
        merged = logits(load(merged_dir), ids)
        merged_expected = expected.get("merged_logits", expected["adapter_logits"])
        differences["merged"] = difference(merged, merged_expected, f"{name}, merged")
    return {
        "case": name,
        "pass": all(value <= tolerance for value in differences.values()),
        **differences,
        # An adapter that changes nothing would agree with everything.
        "adapterEffect": (adapted - expected["base_logits"]).abs().max().item(),
        # How far storing the merged weights in the base's type moves them: for information.
        **({} if merged is None else {"mergedFromAdapter": (merged - adapted).abs().max().item()}),
    }


def find_cases(paths):
    """The cases below folders that hold a case.json, or one level up; or the four paths of a single case."""
    if len(paths) == 4 and Path(paths[3]).is_file():
        return [(Path(paths[1]).name, *paths)]
    files = [file for path in map(Path, paths) for file in (path / "case.json", *sorted(path.glob("*/case.json")))]
    folders = [file.parent for file in files if file.is_file()]
    if not folders:
        sys.exit(f"check_exports.py: expected folders with a case.json, got none in {' '.join(paths)}")
    cases = []
    for folder in folders:
        case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        parts = (folder / "peft", folder / "merged-hf", folder / "expected.safetensors")
        cases.append((case["name"], case["base"], *map(str, parts)))
    return cases


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--tolerance", type=float, default=1e-3, help="largest absolute difference of a logit")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    passed = True
    for case in find_cases(options.paths):
        report = check(*case, options.tolerance)
        report["pass"] = report["pass"] and report["adapterEffect"] > options.tolerance
        passed = passed and report["pass"]
        print(json.dumps(report), flush=True)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
