# SPDX-License-Identifier: Apache-2.0
"""A database of its own on the server that postgres_server.sh started for the test run."""
import json
import os
import re
import subprocess
import time

# That of role mapctl, see postgres_server.sh.
PASSWORD = "p@ss:w/rd '\"?#%&="


def server():
    """Folder, port and programs of the server, or None where there is none."""
    info = os.environ.get("MAPCTL_TEST_POSTGRES", "")
    if not info or not os.path.exists(info):
        return None
    with open(info, encoding="utf-8") as file:
        values = dict(line.rstrip("\n").split("=", 1) for line in file)
    return values if "port" in values else None


class Database:
    """Owned by role mapctl, which needs no password over the socket in the server's folder."""

    def __init__(self, where, name):
        self.where = where
        self.name = re.sub(r"\W", "_", f"p_{os.getpid()}_{name}")[:63]
        self.url = f"postgresql://mapctl@/{self.name}?host={where['directory']}&port={where['port']}"
        self.run(f'CREATE DATABASE "{self.name}" OWNER mapctl', "postgres", "postgres")

    def drop(self):
        self.run(f'DROP DATABASE "{self.name}" WITH (FORCE)', "postgres", "postgres")

    def run(self, text, role="mapctl", database=None):
        """What the statements print, without titles."""
        done = subprocess.run(
            [f"{self.where['programs']}/psql", "-qXAtw", "-v", "ON_ERROR_STOP=1",
             "-h", self.where["directory"], "-p", self.where["port"], "-U", role,
             "-d", database or self.name],
            input=text, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{text}\n{done.stderr}")
        return done.stdout

    def rows(self, query, *values):
        """Tuples of all tenants' rows, JSON in them as text; each ? of the query is a value, text
        or a whole number."""
        for value in values:
            quoted = str(value).replace("'", "''")
            query = query.replace("?", str(value) if isinstance(value, int) else f"'{quoted}'", 1)
        rows = json.loads(self.run(f"SELECT coalesce(json_agg(r), '[]') FROM ({query}) r",
                                   "postgres"))
        return [tuple(json.dumps(value) if isinstance(value, (dict, list)) else value
                      for value in row.values()) for row in rows]

    def wait_until_unused(self):
        """What a killed client began may still be ended by the server."""
        others = ("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                  "AND pid <> pg_backend_pid()")
        until = time.monotonic() + 60
        while self.rows(others) != [(0,)]:
            if time.monotonic() > until:
                raise AssertionError("the server does not let go of a killed client")
            time.sleep(0.005)
