# SPDX-License-Identifier: Apache-2.0
"""What the servers for tests in this folder have in common: a port of 127.0.0.1, answers, faults."""

import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """A log of requests and counters, both behind `lock`. reset() of a subclass calls this one.

    `spoil` = {"path", "at", "value"} puts the value in the place of one member of every answer to a
    request whose path holds `path`: the first one of the kind with that number, where kinds are
    numbered by where they are, whatever the places in lists. `spoiled` tells whether there was one.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.lock = threading.RLock()
        self.reset()

    def reset(self):
        self.log = []
        self.counts = {}
        self.spoil = None
        self.spoiled = False

    def count(self, key):
        with self.lock:
            self.counts[key] = self.counts.get(key, 0) + 1
            return self.counts[key]

    def handle_error(self, request, client_address):
        pass  # clients go away in the middle of things here


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, *_):
        pass

    def read_body(self):
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length).decode() if length else ""

    def begin(self, status, kind, length, headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def send_bytes(self, body, status=200, kind="application/json", headers=()):
        self.begin(status, kind, len(body), headers)
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_json(self, value, status=200, headers=(), kind="application/json"):
        self.send_bytes(json.dumps(self.after_spoiling(value)).encode(), status, kind, headers)

    def after_spoiling(self, value):
        spoil = self.server.spoil
        if not spoil or spoil["path"] not in self.path:
            return value
        kinds = {}

        def look(node, kind, holder, key):
            kinds.setdefault(kind, (holder, key))
            if isinstance(node, dict):
                for name, item in node.items():
                    look(item, kind + (name,), node, name)
            elif isinstance(node, list):
                for place, item in enumerate(node):
                    look(item, kind + ("*",), node, place)

        whole = [json.loads(json.dumps(value))]  # the server keeps its own
        look(whole[0], (), whole, 0)
        if spoil["at"] < len(kinds):
            holder, key = list(kinds.values())[spoil["at"]]
            holder[key] = spoil["value"]
            self.server.spoiled = True
        return whole[0]

    def control_spoiling(self, path, body):
        """Whether that was meant: POST /_spoil sets how, GET /_spoil tells whether it was done."""
        if path != "/_spoil":
            return False
        done = self.server.spoiled
        if self.command == "POST":
            self.server.spoil, self.server.spoiled = json.loads(body), False
        self.send_bytes(json.dumps(done).encode())
        return True

    def send_cut(self, start):
        """Promises more than it sends."""
        self.begin(200, "application/json", 100_000)
        self.wfile.write(start)
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def send_drip(self):
        """A byte now and then, for half a minute."""
        self.begin(200, "application/json", 100_000)
        for _ in range(600):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.05)


def run(server, tls=None):
    """Prints the port and serves until standard input ends. `tls`: certificate and key."""
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
