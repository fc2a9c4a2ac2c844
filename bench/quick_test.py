#!/usr/bin/env python3
"""quick_test.py ORDERLY_BENCH: `orderly_bench --quick` runs to its end, nothing fails under its load, and its JSON has
every row. How fast it was is not looked at: that depends on what else the machine does."""

import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

BENCH = None

# row -> unit; the rows with latencies are those of a load
LOADS = {
    "orders placed": "/s",
    "orders placed, Idempotency-Key": "/s",
    "orders placed, nobody asked who": "/s",
    "orders placed, API key": "/s",
    "orders placed, API key and Idempotency-Key": "/s",
    "GET /orders/{id}": "/s",
    "GET /products, 20 rows": "/s",
    "one line, many connections, spread": "/s",
    "one line, many connections, one product": "/s",
    "whole lives": "/s",
    "limit: raw HTTP": "/s",
}
OTHERS = {
    "start, empty folder": "ms",
    "memory, idle, empty folder": "MB",
    "memory, after load": "MB",
    "memory, peak": "MB",
    "start, the folder just filled": "ms",
    "memory, after whole lives": "MB",
    "limit: raw store, placing": "/s",
    "limit: raw store, placing with key": "/s",
    "limit: raw store, lives": "/s",
    "limit: disk, fdatasync of 4 KiB appended": "/s",
}


class QuickBench(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="orderly-bench-") as folder:
            report = pathlib.Path(folder) / "figures.json"
            cls.done = subprocess.run([BENCH, "--quick", "--folder", folder, "--json", report], text=True,
                                      stdin=subprocess.DEVNULL, capture_output=True, timeout=200, check=False)
            cls.report = json.loads(report.read_text()) if report.exists() else {"figures": []}
            cls.left_behind = sorted(path.name for path in pathlib.Path(folder).iterdir() if path != report)
        cls.figures = {figure["name"]: figure for figure in cls.report["figures"]}

    def test_it_ends_well_and_leaves_nothing_behind(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        self.assertEqual(self.left_behind, [])

    def test_the_json_has_every_row_with_its_unit(self):
        units = {name: figure["unit"] for name, figure in self.figures.items()}
        self.assertEqual(units, {**LOADS, **OTHERS}, self.done.stderr)
        self.assertEqual(len(self.report["figures"]), len(units), "a row is there twice")
        self.assertGreater(self.report["machine"]["cores"], 0)

    def test_the_table_has_every_row(self):
        for name in self.figures:
            self.assertRegex(self.done.stdout, rf"(?m)^{re.escape(name)}  ")

    def test_no_request_failed(self):
        self.assertEqual({name: figure["errors"] for name, figure in self.figures.items() if figure["errors"] != 0}, {})

    def test_every_row_was_measured(self):
        for name, figure in self.figures.items():
            self.assertTrue(math.isfinite(figure["median"]), figure)
            if name != "whole lives":  # on a busy machine none may end between the first look and the last
                self.assertGreater(figure["median"], 0, figure)
        for name in LOADS:
            self.assertIn("p50_ms", self.figures[name])
            self.assertLessEqual(self.figures[name]["p50_ms"], self.figures[name]["p99_ms"])
        lives = re.match(r"(\d+) orders placed; 0 messages left, 0 of a sample", self.figures["whole lives"]["note"])
        self.assertTrue(lives and int(lives.group(1)) > 0, self.figures["whole lives"]["note"])


if __name__ == "__main__":
    BENCH = sys.argv.pop(1)
    unittest.main()
