"""Writes the small Parquet and xlsx files of test/goldens/datasets; what they hold stands in expected.json beside them.

    python3 -m venv /tmp/graft-tables && /tmp/graft-tables/bin/pip install pyarrow openpyxl
    /tmp/graft-tables/bin/python test/interop/write_dataset_fixtures.py test/goldens/datasets
"""

import datetime
import decimal
import json
import pathlib
import sys

import openpyxl
import pyarrow
import pyarrow.parquet

QUESTIONS = [
    {"question": "What is 2 + 2?", "answer": "4", "id": 9007199254740993},
    {"question": " Ça va? 你好 🌱\n\"ok\" ", "answer": "True", "id": -1},
    {"question": "05/19/2024", "answer": "1.0", "id": 0},
]
MESSAGES = [
    [{"role": "user", "content": f"Question {n} é"}, {"role": "assistant", "content": f"Answer {n}\n."}] for n in range(6)
]


def write_tables(folder):
    questions = pyarrow.table(
        {
            "question": pyarrow.array([row["question"] for row in QUESTIONS]),
            "answer": pyarrow.array([row["answer"] for row in QUESTIONS]),
            "id": pyarrow.array([row["id"] for row in QUESTIONS], pyarrow.int64()),
        }
    )
    for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
        pyarrow.parquet.write_table(questions, folder / f"questions-{codec}.parquet", compression=codec)
    messages = pyarrow.table({"messages": MESSAGES, "tags": [["a", "b"], [], None, ["c"], ["d"], [None, "e"]]})
    pyarrow.parquet.write_table(messages, folder / "messages.parquet", row_group_size=2, data_page_version="2.0")


def write_types(folder):
    moment = datetime.datetime(2024, 5, 19, 13, 45, 0, 123456)
    table = pyarrow.table(
        {
            "text": pyarrow.array(["a", "b", None, "a"] * 5).dictionary_encode(),
            "milli": pyarrow.array([moment.replace(microsecond=0), None, datetime.datetime(1969, 12, 31, 23, 59, 59), moment.replace(microsecond=120000)] * 5, pyarrow.timestamp("ms")),
            "micro": pyarrow.array([moment] * 20, pyarrow.timestamp("us", tz="UTC")),
            "nano": pyarrow.array([1716126300123456789] * 20, pyarrow.timestamp("ns")),
            "day": pyarrow.array([datetime.date(2024, 5, 19)] * 20),
            "money": pyarrow.array([decimal.Decimal("0.10"), decimal.Decimal("-12345678901234567890.05"), None, decimal.Decimal("1.00")] * 5, pyarrow.decimal128(30, 2)),
            "real": pyarrow.array([0.1, float("nan"), float("-inf"), 1e300] * 5),
            "whole": pyarrow.array([2**63 - 1, -(2**63), 0, None] * 5, pyarrow.int64()),
            "natural": pyarrow.array([2**64 - 1, 0, 1, 2] * 5, pyarrow.uint64()),
            "flag": pyarrow.array([True, False, None, True] * 5),
            "bytes": pyarrow.array([b"text", b"\xff\x00", b"", None] * 5, pyarrow.binary()),
        }
    )
    pyarrow.parquet.write_table(table, folder / "types.parquet", row_group_size=7)


def write_broken_text(folder):
    broken = pyarrow.array([b"good", b"\xff\xfe", b"fine"], pyarrow.binary()).view(pyarrow.string())
    pyarrow.parquet.write_table(pyarrow.table({"text": broken}), folder / "broken-text.parquet")


def write_workbook(folder):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Cells"
    sheet.append([])
    sheet.append(["text", "number", "day", "moment", "flag", "formula", None, "text"])
    sheet.append([" two\nlines ", 0.1, datetime.date(2024, 5, 19), datetime.datetime(2024, 5, 19, 13, 45), True, "=1+1", "", "x"])
    sheet.append(["007", 12345678901234, None, None, False, None, None, "\ty"])
    sheet.append([])
    sheet.append(["你好 🌱", -1.5e-7, None, None, None, None, "z", "05/19/2024"])
    other = book.create_sheet("Other")
    other.append(["prompt", "completion"])
    other.append(["a", "b"])
    book.save(folder / "cells.xlsx")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_tables(folder)
    write_types(folder)
    write_broken_text(folder)
    write_workbook(folder)
    (folder / "expected.json").write_text(
        json.dumps({"questions": QUESTIONS, "messages": MESSAGES}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )


main()
