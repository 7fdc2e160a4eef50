#!/usr/bin/env python3
"""The other side of the training benchmark: one optimiser step of Hugging Face PEFT on PyTorch, on the CPU.

The model has a real model's shape and random weights, LoRA on the seven matrices of every layer, and AdamW; the batch
is random too (every ninth label is masked). Speed depends on none of these values.

    peer.py --batch 4 --length 256 --steps 5        runs the steps and prints one JSON line
    peer.py --interactive                           prints "ready"; then a line {"ms": ...} for each line "step" on
                                                    stdin; "quit" prints the same JSON line as above and ends

Needs torch, transformers and peft. The first step is a warm-up and counts in neither median.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time

SHAPES = {
    "smollm2-135m": dict(
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        vocab_size=49152,
        max_position_embeddings=2048,
    ),
    "starter": dict(
        hidden_size=384,
        intermediate_size=1024,
        num_hidden_layers=6,
        num_attention_heads=6,
        num_key_value_heads=2,
        vocab_size=4096,
        max_position_embeddings=1024,
    ),
}
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="smollm2-135m")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=5, help="timed steps after the warm-up; not with --interactive")
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32", help="bf16: weights and arithmetic")
    parser.add_argument("--interactive", action="store_true")
    return parser.parse_args()


def peak_rss_bytes():
    """The largest resident memory that this process has had."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


class Peer:
    """A prepared model, optimiser and batch; `step` trains once and remembers how long it took."""

    def __init__(self, options):
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import LlamaConfig, LlamaForCausalLM

        torch.set_num_threads(options.threads)
        torch.manual_seed(0)
        shape = SHAPES[options.shape]
        config = LlamaConfig(**shape, tie_word_embeddings=True, use_cache=False, attn_implementation="sdpa")
        base = LlamaForCausalLM(config).to(torch.bfloat16 if options.dtype == "bf16" else torch.float32)
        lora = LoraConfig(r=options.rank, lora_alpha=2 * options.rank, lora_dropout=0.0, target_modules=TARGETS)
        # PEFT would keep the adapter of a bf16 base in fp32 by itself; that is what its users get, so it stays.
        self.model = get_peft_model(base, lora).train()
        trainable = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.optimiser = torch.optim.AdamW(trainable, lr=1e-4)
        self.clip = lambda: torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        self.ids = torch.randint(0, shape["vocab_size"], (options.batch, options.length))
        self.labels = self.ids.clone()
        self.labels[:, ::9] = -100
        self.options = options
        self.milliseconds = []

    def step(self):
        start = time.perf_counter()
        self.optimiser.zero_grad(set_to_none=True)
        self.model(input_ids=self.ids, labels=self.labels).loss.backward()
        self.clip()
        self.optimiser.step()
        self.milliseconds.append((time.perf_counter() - start) * 1e3)
        return self.milliseconds[-1]

    def report(self):
        import peft
        import torch
        import transformers

        options, timed = self.options, self.milliseconds[1:]
        tokens = options.batch * options.length
        peak = peak_rss_bytes()
        return {
            "shape": options.shape,
            "batch": options.batch,
            "length": options.length,
            "rank": options.rank,
            "dtype": options.dtype,
            "threads": torch.get_num_threads(),
            "tokensPerSecond": [round(tokens / ms * 1e3, 1) for ms in timed],
            "medianStepMs": round(statistics.median(timed), 1) if timed else None,
            "peakRssBytes": peak,
            # The name that Graft's side of the benchmark gives the same number.
            "peakBytes": peak,
            "versions": {
                "python": platform.python_version(),
                "torch": torch.__version__,
                "transformers": transformers.__version__,
                "peft": peft.__version__,
            },
        }


def say(value):
    print(value if isinstance(value, str) else json.dumps(value), flush=True)


def serve(peer):
    """Answers lines on stdin until "quit" or its end, so that a benchmark can take turns with another engine."""
    say("ready")
    for line in sys.stdin:
        command = line.strip()
        if command == "step":
            say({"ms": round(peer.step(), 3)})
        elif command == "quit":
            break
        elif command:
            sys.exit(f'peer.py: expected "step" or "quit", got "{command}"')
    say(peer.report())


def main():
    options = parse_arguments()
    # Threads that spin while they wait would slow whatever takes its turn in the meantime.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    peer = Peer(options)
    if options.interactive:
        return serve(peer)
    for _ in range(options.steps + 1):
        peer.step()
    say(peer.report())


if __name__ == "__main__":
    main()
