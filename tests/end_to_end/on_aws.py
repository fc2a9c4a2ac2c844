#!/usr/bin/env python3
"""Runs test files of this folder on AWS's peers, some side by side: each has a table, queues and a bucket of its own.

  tests/peers/peers.py --with dynamodb,sqs,s3 -- tests/end_to_end/on_aws.py test_carts test_payments"""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))
import side_by_side  # noqa: E402

AT_ONCE = 5  # most of their time they wait: for steps of the demo, for messages of a server that was killed


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    environment = {**os.environ, "ORDERLY_TEST_ENGINE": "aws"}
    jobs = [(name, [sys.executable, "-m", "unittest", "-v", name], environment, HERE) for name in sys.argv[1:]]
    return 0 if side_by_side.run_all(jobs, AT_ONCE) else 1


if __name__ == "__main__":
    sys.exit(main())
