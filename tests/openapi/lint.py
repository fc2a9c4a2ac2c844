#!/usr/bin/env python3
"""Lints what a shop answers to GET /openapi.json: there must be nothing to say about it (lint.mjs). Run it after
tests/peers/setup and script/build release. Exit code 77: the linter is not installed; with CI=true that is 1."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "end_to_end")]
import peers  # noqa: E402
import shop  # noqa: E402


def main():
    if shutil.which("node") is None or not (HERE / "node_modules").is_dir():
        return peers.exit_code_of_missing(peers.PeerMissing("OpenAPI's linter; tests/peers/setup installs it"))
    with tempfile.TemporaryDirectory() as folder, shop.Shop() as running:
        file = pathlib.Path(folder) / "openapi.json"
        file.write_bytes(running.get("/openapi.json").body)
        return subprocess.run(["node", HERE / "lint.mjs", file], check=False, timeout=60).returncode


if __name__ == "__main__":
    sys.exit(main())
