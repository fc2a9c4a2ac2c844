#!/usr/bin/env python3
"""Runs the contract's suite on AWS's peers: first the tests of many writers at once, which keep DynamoDB Local busy, then the
others in shards side by side, each with tables and queues of its own, since most of them wait for something.

  tests/peers/peers.py --with dynamodb,sqs,s3 -- tests/contract/on_aws.py build/release/contract_aws_test
  tests/peers/peers.py --with dynamodb,sqs,s3,faults -- tests/contract/on_aws.py --faults build/release/contract_aws_test

With --faults DynamoDB is behind the fault proxy, credentials come from an endpoint that renews them, and the run fails
when a kind of fault never came. Other arguments are handed on to the suite."""

import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
import faulty  # noqa: E402
import side_by_side  # noqa: E402

SHARDS = 3
CROWDED = "ConcurrencyContract*"


def run_all(command, count, environment):
    if any(argument.startswith("--gtest_filter") for argument in command):
        return run_shards(command, count, environment)
    is_well = side_by_side.run("many at once", [*command, f"--gtest_filter={CROWDED}"], environment)
    return run_shards([*command, f"--gtest_filter=-{CROWDED}"], count, environment) and is_well


def run_shards(command, count, environment):
    jobs = [(f"shard {number + 1} of {count}", command,
             {**environment, "GTEST_TOTAL_SHARDS": str(count), "GTEST_SHARD_INDEX": str(number)})
            for number in range(count)]
    return side_by_side.run_all(jobs, count)


def run_with_faults(command, count):
    with faulty.renewable_credentials() as credentials, faulty.Faults() as faults:
        is_well = run_all(command, count, faulty.environment_with(credentials))
        faults.off()
        return faults.prove_something() and is_well


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shards", type=int, default=SHARDS)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("suite")
    arguments, handed_on = parser.parse_known_args()
    command = [arguments.suite, *handed_on]
    is_well = (run_with_faults(command, arguments.shards) if arguments.faults
               else run_all(command, arguments.shards, dict(os.environ)))
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
