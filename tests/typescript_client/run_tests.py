#!/usr/bin/env python3
"""The TypeScript client (clients/typescript), built as its users get it and used against a running shop; its types must be
those of the shop's document.

  tests/typescript_client/run_tests.py            tests it
  tests/typescript_client/run_tests.py --update   makes src/schema.d.ts from the document anew

Run it after tests/peers/setup client and script/build release orderly. Exit code 77: what it needs is not installed; with
CI=true that is 1."""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "end_to_end")]
import peers  # noqa: E402
import shop  # noqa: E402

CLIENT = peers.REPOSITORY / "clients" / "typescript"
TOOLS = CLIENT / "node_modules" / ".bin"
SCHEMA = CLIENT / "src" / "schema.d.ts"


def run(*command, **variables):
    """In the client's folder; its output. Raises with it when it fails."""
    done = subprocess.run(list(map(str, command)), cwd=CLIENT, env=shop.environment(**variables), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def types_of(running):
    """schema.d.ts of the shop's document."""
    with tempfile.TemporaryDirectory() as folder:
        document, types = pathlib.Path(folder) / "openapi.json", pathlib.Path(folder) / "schema.d.ts"
        document.write_bytes(running.get("/openapi.json").body)
        run(TOOLS / "openapi-typescript", document, "--output", types, "--root-types", "--root-types-no-schema-prefix")
        return types.read_text()


def build():
    for made in ("dist", "dist-test"):
        shutil.rmtree(CLIENT / made, ignore_errors=True)
    run(TOOLS / "tsc")
    shutil.copy(SCHEMA, CLIENT / "dist")
    example = re.search(r"```ts\n(.*?)```", (CLIENT / "README.md").read_text(), re.DOTALL).group(1)
    (CLIENT / "test" / "readme.ts").write_text(example)
    run(TOOLS / "tsc", "--project", "test")
    packed = {file["path"] for file in json.loads(run("npm", "pack", "--dry-run", "--ignore-scripts", "--json"))[0]["files"]}
    if packed != {"package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts", "dist/schema.d.ts"}:
        raise AssertionError(f"this would be published: {sorted(packed)}")


def main():
    parser = argparse.ArgumentParser(description="Tests the TypeScript client.")
    parser.add_argument("--update", action="store_true", help="makes src/schema.d.ts anew")
    options = parser.parse_args()
    if shutil.which("npm") is None or not TOOLS.is_dir():
        return peers.exit_code_of_missing(peers.PeerMissing("the client's tools; tests/peers/setup client installs them"))
    with shop.Shop("--require-keys") as running:
        types = types_of(running)
        if options.update:
            SCHEMA.write_text(types)
            return 0
        if SCHEMA.read_text() != types:
            print(f"{SCHEMA} is not of the program's document; script/describe makes it anew", file=sys.stderr)
            return 1
        build()
        key = re.search(r"ok_test_[0-9A-Za-z]{66}", running.output_path.read_text()).group()
        print(run("node", "--test", "--test-reporter=tap", "dist-test/client.test.js", ORDERLY_URL=f"http://127.0.0.1:{running.port}",
                  ORDERLY_OWNERS_KEY=key))
        running.stop()
        running.check()
    return 0


if __name__ == "__main__":
    sys.exit(main())
