"""Several programs at once, each one's output printed as a whole when it has ended: for tests that mostly wait."""

import concurrent.futures
import subprocess
import sys
import tempfile
import threading
import time

_printing = threading.Lock()


def run(name, command, environment=None, cwd=None):
    """Whether it ended well."""
    begin = time.monotonic()
    with tempfile.TemporaryFile() as output:
        code = subprocess.run(command, env=environment, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output,
                              stderr=subprocess.STDOUT, check=False).returncode
        output.seek(0)
        with _printing:
            print(f"--- {name}: {time.monotonic() - begin:.0f} s", flush=True)
            sys.stdout.buffer.write(output.read())
            if code != 0:
                print(f"{name} ended with {code}")
            sys.stdout.flush()
    return code == 0


def run_all(jobs, at_once):
    """Jobs: arguments of `run`; the longest first. Whether all ended well."""
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        return all(list(pool.map(lambda job: run(*job), jobs)))
