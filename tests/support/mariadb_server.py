# SPDX-License-Identifier: Apache-2.0
"""A private MariaDB for tests: mariadb_server.py start|stop STATE_FILE [plain]

`start` makes a server on a free port of 127.0.0.1 in a temporary directory, run by an ordinary user
(nobody, when this is run by root), and writes port, socket, process and directory to STATE_FILE.
Without a server on this machine it says so and writes nothing; a `plain` one has no TLS. `stop` ends that process and removes
the directory. The server ends by itself after three hours, should nobody stop it: tests under a
sanitizer may take most of one.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

USER = "mapctl_test"
# Every character that a connection string or a shell could trip over.
PASSWORD = "p;w{}=\"'%\\ ü&#"
LIFETIME = 3 * 3600
PATIENCE = 30


def find(*names):
    for name in names:
        for folder in os.environ.get("PATH", "").split(":") + ["/usr/sbin", "/usr/local/sbin"]:
            if os.access(os.path.join(folder, name), os.X_OK):
                return os.path.join(folder, name)
    return None


def account():
    """Servers refuse to run as root."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def sql_text(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def certificates(directory):
    """For a host that is not this one, so that a client that checks must refuse it."""
    openssl = find("openssl")
    if openssl is None:
        return []
    made = subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=elsewhere.example", "-keyout", f"{directory}/key.pem", "-out",
         f"{directory}/cert.pem"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    )
    if made.returncode != 0:
        return []
    for name in ("key.pem", "cert.pem"):
        os.chmod(f"{directory}/{name}", 0o644)
    return [f"--ssl-cert={directory}/cert.pem", f"--ssl-key={directory}/key.pem"]


def start(state, is_plain):
    stop(state)
    server, install = find("mariadbd"), find("mariadb-install-db")
    if server is None or install is None:
        print("no mariadbd on this machine")
        return 0
    directory = tempfile.mkdtemp(prefix="mapctl-mariadb-")
    os.chmod(directory, 0o755)
    who = account()
    if who:
        os.chown(directory, who["user"], who["group"])
    tls = ["--skip-ssl"] if is_plain else certificates(directory)
    with open(f"{directory}/init.sql", "w", encoding="utf-8") as script:
        script.write("SET NAMES utf8mb4;\n")
        for host in ("127.0.0.1", "localhost"):
            script.write(f"CREATE USER '{USER}'@'{host}' IDENTIFIED BY {sql_text(PASSWORD)};\n")
            script.write(f"GRANT ALL ON *.* TO '{USER}'@'{host}' WITH GRANT OPTION;\n")
    os.chmod(f"{directory}/init.sql", 0o644)
    log = open(f"{directory}/log", "wb")
    small = ["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M"]
    subprocess.run(
        [install, "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db",
         "--skip-name-resolve", f"--datadir={directory}/data", *small],
        stdout=log, stderr=log, cwd=directory, check=True, **who,
    )
    port = free_port()
    process = subprocess.Popen(
        ["timeout", "--signal=TERM", str(LIFETIME), server, "--no-defaults",
         f"--datadir={directory}/data", f"--tmpdir={directory}", f"--socket={directory}/socket",
         f"--port={port}",
         "--bind-address=127.0.0.1", f"--pid-file={directory}/pid",
         f"--init-file={directory}/init.sql", "--skip-name-resolve", "--skip-log-bin",
         "--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=0",
         "--innodb-doublewrite=0", "--sync-frm=0", "--local-infile=0", "--userstat=1", *small, *tls],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory, start_new_session=True,
        **who,
    )
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        # The pid file is written when connections are taken.
        if os.path.exists(f"{directory}/pid"):
            with open(f"{state}.new", "w", encoding="utf-8") as file:
                file.write(f"{port}\n{directory}/socket\n{process.pid}\n{directory}\n"
                           f"{USER}\n{PASSWORD}\n")
            os.replace(f"{state}.new", state)
            return 0
        time.sleep(0.02)
    process.terminate()
    with open(f"{directory}/log", encoding="utf-8", errors="replace") as file:
        print("mariadbd did not start:", file.read()[-2000:])
    return 1


def stop(state):
    try:
        with open(state, encoding="utf-8") as file:
            lines = file.read().split("\n")
    except FileNotFoundError:
        return 0
    os.unlink(state)
    process, directory = int(lines[2]), lines[3]
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            ours = directory.encode() in file.read()
    except FileNotFoundError:
        ours = False
    if ours:
        os.kill(process, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while os.path.exists(f"{directory}/pid") and time.monotonic() < deadline:
            time.sleep(0.02)
    if directory.startswith(tempfile.gettempdir()) and "mapctl-mariadb-" in directory:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    verb, *rest = sys.argv[1:]
    if verb not in ("start", "stop") or rest[1:] not in ([], ["plain"]):
        sys.exit(__doc__)
    sys.exit(start(rest[0], len(rest) > 1) if verb == "start" else stop(rest[0]))
