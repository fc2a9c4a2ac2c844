#!/usr/bin/env python3
"""The real peers of our engines on this machine: started for a command or a test, and stopped after it.

  tests/peers/peers.py --with dynamodb,sqs,s3 -- build/release/contract_test
                                        runs the command with the peers' addresses in its environment; its exit code
  tests/peers/peers.py --with aws       prints the environment and keeps the peers until it is stopped

dynamodb: DynamoDB Local with its streams; sqs: ElasticMQ; s3: S3Proxy; aws: Moto (SNS, SES, Secrets Manager, SSM);
mail: a mail server (aiosmtpd); faults: fault_proxy.py before dynamodb. They listen on free ports of 127.0.0.1, keep everything in memory, and end with
whoever started them, however that ends. tests/peers/setup installs them. Exit code 77: a peer is not installed; with
CI=true that is 1. Python's standard library only.
"""

import argparse
import contextlib
import ctypes
import dataclasses
import glob
import http.client
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
INSTALLED = REPOSITORY / ".peers"

ACCESS_KEY_ID = "ORDERLYTEST"  # letters and digits: DynamoDB Local takes no other
SECRET_ACCESS_KEY = "orderly-test-secret"
REGION = "us-east-1"

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 5
COMMAND_STOP_TIMEOUT_S = 20
STARTS_MAX = 3  # another process may take the port before the peer does
LOG_TAIL_LINES = 30
EXIT_CODE_MISSING = 77
# Below the range that the kernel takes outgoing connections' ports from, so that none of them is in the way.
PORTS = range(15_000, 32_000)

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class PeerMissing(Exception):
    """A peer is not installed."""


class PeerFailed(Exception):
    """A peer is installed but does not start; says the end of its log."""


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    variables: tuple  # that say its URL
    installed: pathlib.Path  # there when the peer is
    command: callable  # (port, urls of the peers before it, folder of its own) -> argv


def _java(peer, main, *arguments, properties):
    """Small heaps; the first compiler only, since a peer rarely lives long enough for the second to pay."""
    found = sorted(glob.glob("/usr/lib/jvm/java-17-openjdk-*/bin/java"))
    return [found[0] if found else "java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData", *[f"-D{name}={value}" for name, value in properties.items()],
            "-cp", f"{INSTALLED / peer / 'lib'}/*", main, *map(str, arguments)]


def _dynamodb(port, _urls, _folder):
    return _java("dynamodb", "org.eclipse.jetty.xml.XmlConfiguration", HERE / "dynamodb" / "server.xml",
                 properties={"port": port, "org.eclipse.jetty.xml.XmlParser.Validating": "false",
                             "java.library.path": INSTALLED / "dynamodb" / "lib"})


def _sqs(port, _urls, _folder):
    return _java("sqs", "org.elasticmq.server.Main",
                 properties={"port": port, "config.file": HERE / "sqs" / "server.conf"})


def _s3(port, _urls, folder):
    settings = folder / "s3.properties"
    settings.write_text("\n".join([
        f"s3proxy.endpoint=http://127.0.0.1:{port}",
        "s3proxy.authorization=aws-v4",
        f"s3proxy.identity={ACCESS_KEY_ID}",
        f"s3proxy.credential={SECRET_ACCESS_KEY}",
        "s3proxy.ignore-unknown-headers=true",  # X-Amz-Security-Token, of credentials that can be renewed
        "jclouds.provider=transient-nio2",
        "jclouds.identity=unused",
        "jclouds.credential=unused", ""]))
    return _java("s3", "org.gaul.s3proxy.Main", "--properties", settings,
                 properties={"logback.configurationFile": HERE / "s3" / "logback.xml"})


def _aws(port, _urls, _folder):
    return [str(INSTALLED / "aws" / "venv" / "bin" / "python"), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]


def _mail(port, _urls, folder):
    return [str(INSTALLED / "mail" / "venv" / "bin" / "python"), str(HERE / "mail" / "server.py"), "--port", str(port),
            "--folder", str(folder)]


def _faults(port, urls, _folder):
    return [sys.executable, str(HERE / "fault_proxy.py"), "--listen", f"127.0.0.1:{port}", "--upstream",
            urls["dynamodb"]]


PEERS = {peer.name: peer for peer in (
    Peer("dynamodb", ("ORDERLY_TEST_DYNAMODB_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS"),
         INSTALLED / "dynamodb" / "pom.xml", _dynamodb),
    Peer("sqs", ("ORDERLY_TEST_SQS_URL", "AWS_ENDPOINT_URL_SQS"), INSTALLED / "sqs" / "pom.xml", _sqs),
    Peer("s3", ("ORDERLY_TEST_S3_URL", "AWS_ENDPOINT_URL_S3"), INSTALLED / "s3" / "pom.xml", _s3),
    Peer("aws", ("ORDERLY_TEST_AWS_URL", "AWS_ENDPOINT_URL"), INSTALLED / "aws" / "requirements.txt", _aws),
    Peer("mail", ("ORDERLY_TEST_MAIL_URL",), INSTALLED / "mail" / "requirements.txt", _mail),
    Peer("faults", ("ORDERLY_TEST_FAULTS_URL",), HERE / "fault_proxy.py", _faults),
)}


def credentials_environment():
    """What keeps the official clients to the peers: test credentials, and nothing of a developer's own account."""
    return {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


def dies_with_parent(signal_number):
    """For preexec_fn: the child gets the signal when the thread that started it ends, even by SIGKILL."""
    parent = os.getpid()

    def in_child():
        _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the line above
            os._exit(1)

    return in_child


class FreePort:
    """A port that nobody listens on, and that no other run of this program takes until close(): peers need a second or two
    until they listen, and tests run side by side. The claim is a name in Linux' abstract namespace, which ends with us."""

    def __init__(self):
        while True:
            self.number = random.choice(PORTS)
            self._claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            with socket.socket() as probe, contextlib.suppress(OSError):
                self._claim.bind(f"\0orderly-test-peer-{self.number}")
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", self.number))
                return
            self.close()

    def close(self):
        self._claim.close()


def answers_http(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
        return True
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class RunningPeer:
    def __init__(self, peer, urls, folder):
        self.peer = peer
        self.log = folder / "log"
        self.folder = folder
        self.urls = urls
        self.starts = 0
        self.claim = None
        self.start()

    def start(self):
        self.starts += 1
        self._take_port()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.peer.command(self.port, self.urls, self.folder), cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGKILL))

    def _take_port(self):
        if self.claim is not None:
            self.claim.close()
        self.claim = FreePort()
        self.port = self.claim.number

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def wait_until_it_answers(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while not answers_http(self.port):
            if self.process.poll() is not None and self.starts < STARTS_MAX:
                self.start()
            elif self.process.poll() is not None:
                raise PeerFailed(f"{self.peer.name} ended with {self.process.returncode} as it started:\n{self.tail()}")
            elif time.monotonic() > deadline:
                raise PeerFailed(f"{self.peer.name} did not answer within {START_TIMEOUT_S} s:\n{self.tail()}")
            time.sleep(0.05)
        if self.process.poll() is not None:
            raise PeerFailed(f"{self.peer.name} ended; another process answers on its port:\n{self.tail()}")

    def tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.claim.close()


class Peers:
    """Starts the named peers together and waits until each answers. Use it from the main thread: they end with it.

    with Peers("dynamodb", "sqs") as peers: peers.url("sqs"), peers.environment
    Raises PeerMissing, PeerFailed. `log_folder` keeps the logs; without it they go with the peers.
    """

    def __init__(self, *names, log_folder=None):
        unknown = set(names) - set(PEERS)
        if unknown:
            raise ValueError(f"no such peer: {', '.join(sorted(unknown))} ({', '.join(PEERS)})")
        if "faults" in names and "dynamodb" not in names:
            names = ("dynamodb", *names)
        self.names = [name for name in PEERS if name in names]  # each after those that it needs
        self.log_folder = log_folder
        self.running = {}
        self.folder = None

    def __enter__(self):
        missing = [name for name in self.names if not PEERS[name].installed.exists()]
        if missing:
            raise PeerMissing(f"not installed: {', '.join(missing)}; tests/peers/setup installs them")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="orderly-peers."))
        try:
            for name in self.names:
                folder = self.folder / name
                folder.mkdir()
                urls = {other: peer.url for other, peer in self.running.items()}
                self.running[name] = RunningPeer(PEERS[name], urls, folder)
                if name == "dynamodb" and "faults" in self.names:
                    self.running[name].wait_until_it_answers()  # its port is settled
            for peer in self.running.values():
                peer.wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for peer in reversed(self.running.values()):
            peer.stop()
        if self.folder is not None:
            self._keep_logs()
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def _keep_logs(self):
        if self.log_folder is None:
            return
        os.makedirs(self.log_folder, exist_ok=True)
        for name, peer in self.running.items():
            shutil.copy(peer.log, pathlib.Path(self.log_folder) / f"{name}.log")

    def url(self, name):
        return self.running[name].url

    @property
    def environment(self):
        """The variables alone, not os.environ."""
        urls = {variable: peer.url for peer in self.running.values() for variable in peer.peer.variables}
        return {**credentials_environment(), **urls}


def command_environment(peers):
    hidden = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
    return {**{name: value for name, value in os.environ.items() if name not in hidden}, **peers.environment}


def run(command, peers):
    """Runs it to its end in a session of its own; signals that reach us are handed on to all of it."""
    process = subprocess.Popen(command, env=command_environment(peers), start_new_session=True,
                               preexec_fn=dies_with_parent(signal.SIGTERM))
    try:
        while True:
            try:
                code = process.wait()
                return code if code >= 0 else 128 - code
            except Stopped as stopped:
                _signal_all(process, stopped.signal_number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(COMMAND_STOP_TIMEOUT_S)
                return 128 + stopped.signal_number
    finally:
        _signal_all(process, signal.SIGKILL)


def _signal_all(process, signal_number):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal_number)


class Stopped(BaseException):
    """Somebody asked us to end."""

    def __init__(self, signal_number):
        super().__init__(signal_number)
        self.signal_number = signal_number


def _on_signal(signal_number, _frame):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # once is enough: what follows stops everything
    raise Stopped(signal_number)


def exit_code_of_missing(error):
    in_ci = os.environ.get("CI") == "true"
    print("=" * 100, f"PEERS ARE MISSING, SO THIS DID NOT RUN: {error}", "=" * 100, sep="\n", file=sys.stderr)
    return 1 if in_ci else EXIT_CODE_MISSING


def main():
    parser = argparse.ArgumentParser(description="Runs a command with the AWS engine's peers beside it.")
    parser.add_argument("--with", dest="names", required=True, metavar="PEERS", help=", ".join(PEERS))
    parser.add_argument("--logs", metavar="FOLDER", help="keeps the peers' logs there")
    parser.add_argument("command", nargs="*", metavar="-- COMMAND")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _on_signal)

    try:
        with Peers(*arguments.names.split(","), log_folder=arguments.logs) as peers:
            if arguments.command:
                return run(arguments.command, peers)
            for name, value in peers.environment.items():
                print(f"export {name}={value}", flush=True)
            while True:
                signal.pause()
    except Stopped as stopped:
        return 128 + stopped.signal_number
    except PeerMissing as error:
        return exit_code_of_missing(error)
    except (PeerFailed, ValueError) as error:
        print(f"peers.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
