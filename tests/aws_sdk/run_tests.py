#!/usr/bin/env python3
"""AWS's official clients against a shop on the AWS engine: they read what it wrote, write what it reads, and use its
signed URLs. Run it beside the peers, after tests/peers/setup and script/build release:

  tests/peers/peers.py --with dynamodb,sqs,s3 -- tests/aws_sdk/run_tests.py [-v] [-k PATTERN]

Exit code 77: a client is not installed; with CI=true that is 1."""

import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "peers"), str(HERE.parent / "end_to_end")]
os.environ["ORDERLY_TEST_ENGINE"] = "aws"  # read as the shop is imported
import clients  # noqa: E402
import peers  # noqa: E402


def main():
    missing = clients.missing()
    if missing:
        error = peers.PeerMissing(f"not installed: {', '.join(missing)}; tests/peers/setup and script/build do")
        return peers.exit_code_of_missing(error)
    unittest.main(module=None, argv=[sys.argv[0], "discover", "--start-directory", str(HERE), *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
