#!/usr/bin/env python3
"""Runs the contract's suite on AWS's peers: first the tests of many writers at once, which keep DynamoDB Local busy, then the
others in shards side by side, each with tables and queues of its own, since most of them wait for something.

  tests/peers/peers.py --with dynamodb,sqs,s3 -- tests/contract/on_aws.py build/release/contract_aws_test
  tests/peers/peers.py --with dynamodb,sqs,s3,faults -- tests/contract/on_aws.py --faults build/release/contract_aws_test

With --faults DynamoDB is behind the fault proxy, credentials come from an endpoint that renews them, and the run fails
when a kind of fault never came. Behind faults a message may come twice, which the ports allow and which tests that expect
one do not: a test that failed there is run once more, alone, and must not fail again. At most a few may need that.
Other arguments are handed on to the suite."""

import argparse
import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
import faulty  # noqa: E402
import side_by_side  # noqa: E402

SHARDS = 3
CROWDED = "ConcurrencyContract*"
SECOND_TRIES_MAX = 3


def is_filtered(command):
    return any(argument.startswith("--gtest_filter") for argument in command)


def run_all(command, count, environment, reports):
    if is_filtered(command):
        return run_shards(command, count, environment, reports)
    is_well = side_by_side.run("many at once", [*command, f"--gtest_filter={CROWDED}"],
                               {**environment, "GTEST_OUTPUT": f"json:{reports}/crowded.json"})
    return run_shards([*command, f"--gtest_filter=-{CROWDED}"], count, environment, reports) and is_well


def run_shards(command, count, environment, reports):
    jobs = [(f"shard {number + 1} of {count}", command,
             {**environment, "GTEST_TOTAL_SHARDS": str(count), "GTEST_SHARD_INDEX": str(number),
              "GTEST_OUTPUT": f"json:{reports}/shard-{number}.json"})
            for number in range(count)]
    return side_by_side.run_all(jobs, count)


def failed_tests(reports):
    """Names of the tests that failed, from GoogleTest's reports."""
    suites = [suite for report in reports for suite in json.loads(report.read_text())["testsuites"]]
    return [f"{suite['name']}.{test['name']}" for suite in suites for test in suite["testsuite"] if "failures" in test]


def run_with_faults(command, count, folder):
    with faulty.renewable_credentials() as credentials, faulty.Faults() as faults:
        environment = faulty.environment_with(credentials)
        is_well = run_all(command, count, environment, folder)
        reports = list(folder.glob("*.json"))
        failed = failed_tests(reports)
        is_whole = len(reports) == count + (not is_filtered(command))  # none of them crashed
        if is_whole and 0 < len(failed) <= SECOND_TRIES_MAX:
            print(f"once more: {', '.join(failed)}", flush=True)
            is_well = side_by_side.run("second try", [*command, f"--gtest_filter={':'.join(failed)}"], environment)
        faults.off()
        return faults.prove_something() and is_well


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shards", type=int, default=SHARDS)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("suite")
    arguments, handed_on = parser.parse_known_args()
    command = [arguments.suite, *handed_on]
    with tempfile.TemporaryDirectory() as folder:
        if arguments.faults:
            is_well = run_with_faults(command, arguments.shards, pathlib.Path(folder))
        else:
            is_well = run_all(command, arguments.shards, dict(os.environ), folder)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
