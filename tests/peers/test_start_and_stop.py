"""peers.py itself: addresses and exit codes are passed on, and no peer outlives whoever started it. With a tiny peer, so
that nothing has to be installed."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT_S = 20

# peers.py with these peers more: one that works, one that ends at once, one that is not installed.
PROGRAM = textwrap.dedent("""
    import sys
    sys.path.insert(0, {here!r})
    import peers
    def serve(port, urls, folder):
        return [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    def fail(port, urls, folder):
        return [sys.executable, "-c", "print('no memory left'); raise SystemExit(3)"]
    here = peers.HERE
    peers.PEERS["tiny"] = peers.Peer("tiny", ("ORDERLY_TEST_TINY_URL",), here, serve)
    peers.PEERS["broken"] = peers.Peer("broken", ("ORDERLY_TEST_BROKEN_URL",), here, fail)
    peers.PEERS["absent"] = peers.Peer("absent", ("ORDERLY_TEST_ABSENT_URL",), here / "absent", serve)
    sys.exit(peers.main())
""").format(here=str(HERE))

SAYS_URL_AND_WAITS = "import os, time; print(os.environ['ORDERLY_TEST_TINY_URL'], flush=True); time.sleep(60)"


class StartAndStopTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, *arguments, **environment):
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env={**self.environment(), **environment})
        self.addCleanup(self.end, process)
        return process

    def environment(self):
        """Temporary files of the peers go where this test can look for them."""
        kept = {name: value for name, value in os.environ.items() if name != "CI"}
        return {**kept, "TMPDIR": str(self.folder)}

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def run_to_end(self, *arguments, **environment):
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=TIMEOUT_S)
        return process.returncode, out, err

    def started(self):
        """peers.py with the tiny peer beside a command that does not end by itself, and the peer's port."""
        process = self.start("--with", "tiny", "--", sys.executable, "-c", SAYS_URL_AND_WAITS)
        return process, int(process.stdout.readline().rsplit(":", 1)[1])

    @staticmethod
    def is_open(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def assert_closes(self, port):
        deadline = time.monotonic() + TIMEOUT_S
        while self.is_open(port):
            self.assertLess(time.monotonic(), deadline, "the peer still listens")
            time.sleep(0.02)

    def test_the_command_has_the_address_and_gives_the_exit_code(self):
        code, out, _ = self.run_to_end("--with", "tiny", "--", sys.executable, "-c", textwrap.dedent("""
            import os, urllib.request
            print(urllib.request.urlopen(os.environ["ORDERLY_TEST_TINY_URL"]).status, os.environ["ORDERLY_TEST_TINY_URL"])
            raise SystemExit(5)
        """))
        status, url = out.split()
        self.assertEqual((code, status), (5, "200"))
        self.assertFalse(self.is_open(int(url.rsplit(":", 1)[1])))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_command_that_a_signal_ended_says_so_as_a_shell_does(self):
        code, _, _ = self.run_to_end("--with", "tiny", "--", "bash", "-c", "kill -SEGV $$")
        self.assertEqual(code, 128 + signal.SIGSEGV)

    def test_a_developers_own_account_is_hidden(self):
        _, out, _ = self.run_to_end("--with", "tiny", "--", "env", AWS_PROFILE="production",
                                    AWS_ACCESS_KEY_ID="AKIDREAL", AWS_SESSION_TOKEN="real")
        self.assertIn("AWS_ACCESS_KEY_ID=ORDERLYTEST\n", out)
        self.assertIn("AWS_SHARED_CREDENTIALS_FILE=/dev/null\n", out)
        self.assertNotIn("AWS_PROFILE", out)
        self.assertNotIn("AWS_SESSION_TOKEN", out)

    def test_without_a_command_it_prints_the_environment_and_waits(self):
        process = self.start("--with", "tiny")
        lines = iter(process.stdout.readline, "")
        url = next(line for line in lines if line.startswith("export ORDERLY_TEST_TINY_URL="))
        port = int(url.rsplit(":", 1)[1])
        self.assertTrue(self.is_open(port))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT_S)
        self.assertEqual(process.returncode, 128 + signal.SIGINT)
        self.assert_closes(port)

    def test_signals_stop_the_command_and_the_peers(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(signal=number.name):
                process, port = self.started()
                process.send_signal(number)
                process.communicate(timeout=TIMEOUT_S)
                self.assertEqual(process.returncode, 128 + number)
                self.assert_closes(port)
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_the_command_may_end_in_its_own_time(self):
        process = self.start("--with", "tiny", "--", "bash", "-c",
                             'trap "sleep 0.5; echo put away; exit 0" TERM; echo ready; while true; do sleep 0.05; done')
        self.assertEqual(process.stdout.readline(), "ready\n")
        process.terminate()
        out, _ = process.communicate(timeout=TIMEOUT_S)
        self.assertEqual(out, "put away\n")

    def test_killed_it_takes_the_peers_along(self):
        process, port = self.started()
        process.kill()
        process.communicate(timeout=TIMEOUT_S)
        self.assert_closes(port)

    def test_a_missing_peer_is_loud_and_fails_in_ci(self):
        for in_ci, expected in (("false", 77), ("true", 1)):
            with self.subTest(CI=in_ci):
                code, out, err = self.run_to_end("--with", "tiny,absent", "--", "echo", "ran", CI=in_ci)
                self.assertEqual((code, out), (expected, ""))
                self.assertIn("DID NOT RUN: not installed: absent", err)

    def test_a_peer_that_does_not_start_shows_its_log(self):
        code, out, err = self.run_to_end("--with", "tiny,broken", "--", "echo", "ran")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("broken ended with 3", err)
        self.assertIn("no memory left", err)

    def test_logs_are_kept_on_demand(self):
        self.run_to_end("--with", "tiny", "--logs", str(self.folder / "logs"), "--", "true")
        self.assertIn("GET / HTTP", (self.folder / "logs" / "tiny.log").read_text())

    def test_a_peer_that_nobody_knows_is_refused(self):
        code, _, err = self.run_to_end("--with", "dynamite", "--", "true")
        self.assertEqual(code, 1)
        self.assertIn("no such peer: dynamite", err)


if __name__ == "__main__":
    unittest.main()
