"""AWS's official clients and the shop's own hand at signing, for the tests in this folder: `Sdk` speaks to a Node.js
process with the SDK for JavaScript (sdk.mjs), `aws` runs Debian's awscli, `sign_urls` the program of that name."""

import atexit
import base64
import functools
import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
SIGN_URLS = os.environ.get("ORDERLY_SIGN_URLS", str(REPOSITORY / "build" / "release" / "orderly_sign_urls"))
AWS = "/usr/bin/aws"  # Debian's, not one of a virtual environment
NODE_MODULES = HERE / "node_modules"

ANSWER_TIMEOUT_S = 30


class Refused(Exception):
    """What a service, or the SDK itself, refused."""

    def __init__(self, error):
        super().__init__(f"{error['name']}: {error['message']}")
        self.name = error["name"]
        self.status = error.get("status")


def _as_base64(content):
    return {"base64": base64.b64encode(content).decode()}


def _of_base64(members):
    return base64.b64decode(members["base64"]) if set(members) == {"base64"} else members


class Sdk:
    """@aws-sdk's clients, in one process for all calls: loading them takes most of a second. Ends when it is closed."""

    def __init__(self):
        self._process = subprocess.Popen(["node", str(HERE / "sdk.mjs")], stdin=subprocess.PIPE, text=True,
                                         stdout=subprocess.PIPE)

    def close(self):
        """Without its input it ends by itself."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(ANSWER_TIMEOUT_S)

    def _ask(self, wish):
        self._process.stdin.write(json.dumps(wish, default=_as_base64) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"the SDK's process ended with {self._process.wait(ANSWER_TIMEOUT_S)}")
        answer = json.loads(line, object_hook=_of_base64)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer.get("output")

    def dynamodb(self, command, **options):
        """A command of lib-dynamodb: records are plain values."""
        return self._ask({"service": "dynamodb", "command": command + "Command", "input": options})

    def sqs(self, command, **options):
        return self._ask({"service": "sqs", "command": command + "Command", "input": options})

    def s3(self, command, **options):
        """A file's Body is bytes, both ways."""
        return self._ask({"service": "s3", "command": command + "Command", "input": options})

    def signed_url(self, command, options, **object_options):
        """getSignedUrl with these options for an S3 command."""
        return self._ask({"sign": command + "Command", "input": object_options, "options": options})

    def fetch(self, url, method="GET", headers=None, body=None):
        """Node's own fetch, as a browser has it."""
        wish = {"fetch": url, "method": method, "headers": headers or {}}
        if body is not None:
            wish["body"] = body
        return self._ask(wish)


@functools.cache
def sdk():
    """The one that all tests share."""
    shared = Sdk()
    atexit.register(shared.close)
    return shared


def aws(service, *arguments):
    """What `aws <service> <arguments>` prints, as JSON. Debian's takes no endpoint from the environment."""
    url = os.environ[f"ORDERLY_TEST_{service.removesuffix('api').upper()}_URL"]  # s3api is S3 as well
    done = subprocess.run([AWS, "--endpoint-url", url, "--output", "json", service, *arguments], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(f"aws {service} {arguments} ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout)


def show_orders(table):
    """What show_orders.mjs prints, which script/aws-local recommends."""
    return subprocess.run(["node", str(HERE / "show_orders.mjs"), table], text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, timeout=60, check=True).stdout


def sign_urls(bucket, *wish, signed_s_ago=0, valid_for_s=300):
    """{"method", "url", "headers"} of a transfer that the shop's own code signed."""
    done = subprocess.run([SIGN_URLS, os.environ["ORDERLY_TEST_S3_URL"], bucket, str(signed_s_ago), str(valid_for_s),
                           *map(str, wish)], text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=10,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"sign_urls {wish} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def missing():
    """What tests/peers/setup has still to install; empty when all is there."""
    needed = {AWS: "awscli", NODE_MODULES / "package-lock.json": "the packages of tests/aws_sdk",
              pathlib.Path(SIGN_URLS): "orderly_sign_urls (script/build release)"}
    return [what for path, what in needed.items() if not pathlib.Path(path).exists()]
