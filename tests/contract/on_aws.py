#!/usr/bin/env python3
"""Runs the contract's suite on AWS's peers in shards side by side, each with tables and queues of its own: most of its
tests wait for something.

  tests/peers/peers.py --with dynamodb,sqs,s3 -- tests/contract/on_aws.py build/release/contract_aws_test
  tests/peers/peers.py --with dynamodb,sqs,s3,faults -- tests/contract/on_aws.py --faults build/release/contract_aws_test

With --faults DynamoDB is behind the fault proxy, credentials come from an endpoint that renews them, and the run fails
when a kind of fault never came. Other arguments are handed on to the suite."""

import argparse
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
import faulty  # noqa: E402

SHARDS = 3


def run_shards(command, count, environment):
    """Their output one after the other; whether all were well."""
    with contextlib.ExitStack() as stack:
        shards = []
        for number in range(count):
            output = stack.enter_context(tempfile.TemporaryFile())
            variables = {**environment, "GTEST_TOTAL_SHARDS": str(count), "GTEST_SHARD_INDEX": str(number)}
            shards.append((output, subprocess.Popen(command, env=variables, stdout=output, stderr=subprocess.STDOUT)))
        codes = []
        for number, (output, process) in enumerate(shards):
            codes.append(process.wait())
            print(f"--- shard {number + 1} of {count}", flush=True)
            output.seek(0)
            sys.stdout.buffer.write(output.read())
            sys.stdout.flush()
    for number, code in enumerate(codes):
        if code != 0:
            print(f"shard {number + 1} ended with {code}")
    return not any(codes)


def run_with_faults(command, count):
    with faulty.renewable_credentials() as credentials, faulty.Faults() as faults:
        is_well = run_shards(command, count, faulty.environment_with(credentials))
        faults.off()
        faults.print_report()
        print(f"credentials were given out {credentials.given} times")
        never = faults.never_injected()
    if never:
        print(f"never injected, so that nothing was proved about it: {', '.join(never)}")
    return is_well and not never


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shards", type=int, default=SHARDS)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("suite")
    arguments, handed_on = parser.parse_known_args()
    command = [arguments.suite, *handed_on]
    if arguments.faults:
        is_well = run_with_faults(command, arguments.shards)
    else:
        is_well = run_shards(command, arguments.shards, dict(os.environ))
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
