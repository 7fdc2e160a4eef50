"""Writes test/goldens/gguf/sentence-piece.json: a small vocabulary as a GGUF file holds it, and SentencePiece's own ids.

    python3 -m venv /tmp/graft-gguf
    /tmp/graft-gguf/bin/pip install sentencepiece==0.2.3
    /tmp/graft-gguf/bin/python test/interop/write_sentence_piece_fixture.py
"""

import io
import json
from pathlib import Path

import sentencepiece

LESSONS = [
    "The river runs past the old stone bridge, and the children run along the river.",
    "In 1984 there were 360 houses; in 2024 there are 1,207 of them.",
    "She said: \"I'd rather walk than run.\" They're walking, we're running, he'll be resting.",
    "Rivers, bridges, houses, stones, children: everything that was there is still there.",
    "for (let i = 0; i < 10; i++) {  total += values[i]  }",
    "Über den Fluss führt eine alte Brücke; où est la rivière? El río está allí.",
    "Walking and running and resting, resting and running and walking.",
]
TEXTS = [
    "The children walk over the bridge.",
    "  two spaces before,  two  between, two after  ",
    "a\nb\n\n\tc",
    "In 1984, 360 + 1,207 = 1567!",
    "Über allem: die Brücke, la rivière, el río",
    "你好 🌱 never seen",
    "therethereanden",
    "▁ is its own mark",
    "x",
    " ",
    "<0x41> is no byte",
]
OUT = Path(__file__).resolve().parents[1] / "goldens" / "gguf" / "sentence-piece.json"


def main():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LESSONS * 4),
        model_writer=model,
        model_type="bpe",
        vocab_size=480,
        byte_fallback=True,
        # As Llama 2's was trained.
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=True,
        split_digits=True,
        allow_whitespace_only_pieces=True,
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    ids = range(processor.vocab_size())
    # gguf's numbers: normal 1, unknown 2, control 3, byte 6.
    kind = lambda i: 2 if processor.is_unknown(i) else 3 if processor.is_control(i) else 6 if processor.is_byte(i) else 1
    fixture = {
        "tokens": [processor.id_to_piece(i) for i in ids],
        "scores": [processor.get_score(i) for i in ids],
        "types": [kind(i) for i in ids],
        "bos": processor.bos_id(),
        "eos": processor.eos_id(),
        "unknown": processor.unk_id(),
        "cases": [{"text": text, "ids": processor.encode(text)} for text in TEXTS],
    }
    OUT.write_text(json.dumps(fixture, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
