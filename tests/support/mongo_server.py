# SPDX-License-Identifier: Apache-2.0
"""A simulation of a MongoDB server on 127.0.0.1 for tests: its wire protocol, read only, in memory.

Databases are the files NAME.json of --data: {COLLECTION: {"documents": [...], ...}}, in extended
JSON. Other members of a collection: "type", "options" and "indexes" as a server lists them; "noted",
a count of documents that is not true; "fail", an error that reading it gives; "denied", true where
the user may not read it; "cut", the name of a command whose answer breaks off in the middle;
"silent", the name of a command that is never answered.

What it does: the handshake in OP_QUERY, OP_MSG, SCRAM-SHA-256, TLS, the commands below, cursors.
What it does not: writes, filters, sorting, views (they hold documents of their own), checking
documents with validators, sessions, members of a replica set beside the primary, compression, any
other way to sign in.

Prints its port, serves until standard input ends.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import random
import socketserver
import ssl
import struct
import sys
import threading
import time
from decimal import Decimal

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
ITERATIONS = 4096


class Tagged:
    """A value of extended JSON that JSON has no type for."""

    def __init__(self, tag, value):
        self.tag, self.value = tag, value


def from_extended(pairs):
    if pairs and pairs[0][0].startswith("$") and pairs[0][0] in WRITERS:
        return Tagged(*pairs[0])
    return dict(pairs)


def text(value):
    raw = value.encode()
    return struct.pack("<i", len(raw) + 1) + raw + b"\0"


def cstring(value):
    return value.encode() + b"\0"


def decimal_bytes(value):
    sign, digits, exponent = Decimal(value).as_tuple()
    number = int("".join(map(str, digits)))
    return ((sign << 127) | ((exponent + 6176) << 113) | number).to_bytes(16, "little")


def binary(value):
    raw = base64.b64decode(value["base64"])
    return struct.pack("<iB", len(raw), int(value["subType"], 16)) + raw


WRITERS = {
    "$oid": (7, bytes.fromhex),
    "$date": (9, lambda ms: struct.pack("<q", ms)),
    "$numberInt": (16, lambda n: struct.pack("<i", int(n))),
    "$numberLong": (18, lambda n: struct.pack("<q", int(n))),
    "$numberDouble": (1, lambda n: struct.pack("<d", float(n))),
    "$numberDecimal": (19, decimal_bytes),
    "$binary": (5, binary),
    "$timestamp": (17, lambda t: struct.pack("<II", t["i"], t["t"])),
    "$regularExpression": (11, lambda r: cstring(r["pattern"]) + cstring(r["options"])),
    "$minKey": (255, lambda _: b""),
    # Text that is no UTF-8, as careless writers leave it.
    "$badText": (2, lambda raw: struct.pack("<i", len(raw) // 2 + 1) + bytes.fromhex(raw) + b"\0"),
}


def element(key, value):
    name = cstring(key)
    if value is None:
        return b"\x0a" + name
    if isinstance(value, bool):
        return b"\x08" + name + bytes([value])
    if isinstance(value, int):
        if -(1 << 31) <= value < 1 << 31:
            return b"\x10" + name + struct.pack("<i", value)
        return b"\x12" + name + struct.pack("<q", value)
    if isinstance(value, float):
        return b"\x01" + name + struct.pack("<d", value)
    if isinstance(value, str):
        return b"\x02" + name + text(value)
    if isinstance(value, bytes):
        return b"\x05" + name + struct.pack("<iB", len(value), 0) + value
    if isinstance(value, Tagged):
        kind, write = WRITERS[value.tag]
        return bytes([kind]) + name + write(value.value)
    if isinstance(value, list):
        return b"\x04" + name + encode({str(i): item for i, item in enumerate(value)})
    return b"\x03" + name + encode(value)


def encode(document):
    body = b"".join(element(key, value) for key, value in document.items())
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def decode(raw, at=0):
    """What drivers send; returns the document and where it ends."""
    end = at + struct.unpack_from("<i", raw, at)[0] - 1
    at += 4
    document = {}
    while at < end:
        kind = raw[at]
        stop = raw.index(0, at + 1)
        key = raw[at + 1:stop].decode()
        at = stop + 1
        if kind in (3, 4):
            value, at = decode(raw, at)
            value = list(value.values()) if kind == 4 else value
        elif kind == 2:
            length = struct.unpack_from("<i", raw, at)[0]
            value, at = raw[at + 4:at + 3 + length].decode(), at + 4 + length
        elif kind == 5:
            length = struct.unpack_from("<i", raw, at)[0]
            value, at = bytes(raw[at + 5:at + 5 + length]), at + 5 + length
        elif kind == 8:
            value, at = bool(raw[at]), at + 1
        elif kind in (1, 9, 16, 18):
            form = {1: "<d", 9: "<q", 16: "<i", 18: "<q"}[kind]
            value, at = struct.unpack_from(form, raw, at)[0], at + struct.calcsize(form)
        elif kind == 10:
            value = None
        else:
            raise ValueError(f"type {kind} is not read")
        document[key] = value
    return document, end + 1


class Refusal(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.answer = {"ok": 0.0, "code": code, "errmsg": message}


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, options):
        super().__init__(("127.0.0.1", 0), Connection)
        self.options = options
        self.tls = None
        if options.tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(options.tls)
        self.databases = {}
        for name in sorted(os.listdir(options.data)):
            with open(os.path.join(options.data, name), encoding="utf-8") as file:
                self.databases[name[: -len(".json")]] = json.load(
                    file, object_pairs_hook=from_extended
                )

    def handle_error(self, request, client_address):
        pass  # clients go away in the middle of things here


class Connection(socketserver.BaseRequestHandler):
    def setup(self):
        if self.server.tls:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.signed_in = not self.server.options.user
        self.cursors, self.scram = {}, None

    def take(self, count):
        raw = b""
        while len(raw) < count:
            part = self.request.recv(count - len(raw))
            if not part:
                raise ConnectionError
            raw += part
        return raw

    def handle(self):
        while True:
            length, number, _, kind = struct.unpack("<iiii", self.take(16))
            if not 16 <= length <= 1 << 24:
                raise ConnectionError  # another protocol: TLS
            body = self.take(length - 16)
            if kind == OP_QUERY:
                start = body.index(0, 4) + 9
                command, _ = decode(body, start)
                answer = struct.pack("<iqii", 8, 0, 0, 1) + encode(self.answer(command))
                self.send(number, OP_REPLY, answer)
            elif kind == OP_MSG:
                command, _ = decode(body, 5)
                answer = struct.pack("<iB", 0, 0) + encode(self.answer(command))
                self.send(number, OP_MSG, answer, self.is_marked(command, "cut"))
            else:
                raise ConnectionError

    def send(self, number, kind, body, cut=False):
        raw = struct.pack("<iiii", len(body) + 16, 1, number, kind) + body
        if cut:
            self.request.sendall(raw[: len(raw) // 2])
            raise ConnectionError
        self.request.sendall(raw)

    def answer(self, command):
        name = next(iter(command))
        handler = getattr(self, "on_" + name.lower(), None)
        try:
            if handler is None:
                raise Refusal(59, f"no such command: '{name}'")
            if not self.signed_in and handler.__name__ not in OPEN:
                raise Refusal(13, f"command {name} requires authentication")
            if self.is_marked(command, "silent"):
                time.sleep(600)
            return {**handler(command), "ok": 1.0}
        except Refusal as refusal:
            return refusal.answer

    def is_marked(self, command, mark):
        name = next(iter(command))
        collection = command.get("collection", command[name])
        database = self.server.databases.get(command.get("$db"), {})
        spec = database.get(collection) if isinstance(collection, str) else None
        return spec is not None and spec.get(mark) == name

    def on_hello(self, command):
        answer = {
            "ismaster": True,
            "helloOk": True,
            "maxBsonObjectSize": 16777216,
            "maxMessageSizeBytes": 48000000,
            "maxWriteBatchSize": 100000,
            "minWireVersion": 0,
            "maxWireVersion": 13,
            "readOnly": False,
        }
        if self.server.options.replica_set:
            own = f"127.0.0.1:{self.server.server_address[1]}"
            answer.update({"setName": self.server.options.replica_set, "setVersion": 1, "me": own,
                           "hosts": [own] + self.server.options.member, "primary": own,
                           "secondary": False})
        if "saslSupportedMechs" in command:
            answer["saslSupportedMechs"] = ["SCRAM-SHA-256"]
        return answer

    on_ismaster = on_hello

    def on_ping(self, _):
        return {}

    on_endsessions = on_killcursors = on_ping

    def on_buildinfo(self, _):
        return {"version": "0.0 (a simulation)"}

    def on_saslstart(self, command):
        bare = command["payload"].decode().split(",", 2)[2]
        fields = dict(part.split("=", 1) for part in bare.split(","))
        salt = b"as long as SHA-256, less four"[:28]
        nonce = fields["r"] + "server"
        first = f"r={nonce},s={base64.b64encode(salt).decode()},i={ITERATIONS}"
        user = fields["n"].replace("=2C", ",").replace("=3D", "=")
        self.scram = (user, salt, nonce, f"{bare},{first}")
        return {"conversationId": 1, "done": False, "payload": first.encode()}

    def on_saslcontinue(self, command):
        if self.signed_in:
            return {"conversationId": 1, "done": True, "payload": b""}
        user, salt, nonce, messages = self.scram
        final = command["payload"].decode()
        without_proof, proof = final.rsplit(",p=", 1)
        known_user, password = self.server.options.user.split(":", 1)

        def sign(key, message):
            return hmac.new(key, message.encode(), "sha256").digest()

        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
        messages += "," + without_proof
        client_key = sign(salted, "Client Key")
        signature = sign(hashlib.sha256(client_key).digest(), messages)
        wanted = bytes(left ^ right for left, right in zip(client_key, signature))
        if user != known_user or base64.b64decode(proof) != wanted or f"r={nonce}" not in final:
            raise Refusal(18, "Authentication failed.")
        self.signed_in = True
        verifier = base64.b64encode(sign(sign(salted, "Server Key"), messages)).decode()
        return {"conversationId": 1, "done": False, "payload": f"v={verifier}".encode()}

    def on_listdatabases(self, _):
        if self.server.options.no_list:
            raise Refusal(13, "not authorized on admin to execute command { listDatabases: 1 }")
        names = ["admin", "local", "config"] + sorted(self.server.databases)
        return {"databases": [{"name": name} for name in names]}

    def on_listcollections(self, command):
        database = command["$db"]
        collections = self.server.databases.get(database, {})
        is_limited = self.server.options.no_list
        if is_limited and not command.get("authorizedCollections"):
            raise Refusal(13, f"not authorized on {database} to execute command "
                              "{ listCollections: 1 }")
        found = [{"name": "system.views", "type": "collection", "options": {}}]
        for name, spec in collections.items():
            if is_limited and spec.get("denied"):
                continue
            listed = {"name": name, "type": spec.get("type", "collection")}
            if not command.get("nameOnly"):
                listed["options"] = spec.get("options", {})
            found.append(listed)
        return self.batch(command, f"{database}.$cmd.listCollections", found)

    def on_listindexes(self, command):
        spec = self.collection(command, "listIndexes")
        indexes = [{"v": 2, "key": {"_id": 1}, "name": "_id_"}] + spec.get("indexes", [])
        return self.batch(command, f"{command['$db']}.{command['listIndexes']}", indexes)

    def on_count(self, command):
        spec = self.collection(command, "count")
        return {"n": spec.get("noted", len(spec["documents"]))}

    def on_find(self, command):
        documents = self.collection(command, "find")["documents"]
        return self.batch(command, f"{command['$db']}.{command['find']}", documents)

    def on_aggregate(self, command):
        documents = self.collection(command, "aggregate")["documents"]
        for stage in command["pipeline"]:
            if "$limit" in stage:
                documents = documents[: int(stage["$limit"])]
            elif "$sample" in stage:
                size = min(int(stage["$sample"]["size"]), len(documents))
                documents = random.sample(documents, size)
            else:
                raise Refusal(40324, f"Unrecognized pipeline stage name: '{next(iter(stage))}'")
        return self.batch(command, f"{command['$db']}.{command['aggregate']}", documents)

    def on_getmore(self, command):
        number = command["getMore"]
        if number not in self.cursors:
            raise Refusal(43, f"cursor id {number} not found")
        name, rest = self.cursors.pop(number)
        return self.page(name, rest, command.get("batchSize", 101), "nextBatch")

    def collection(self, command, name):
        spec = self.server.databases.get(command["$db"], {}).get(command[name])
        where = f"{command['$db']}.{command[name]}"
        if spec is None:
            raise Refusal(26, f"ns does not exist: {where}")
        if spec.get("denied"):
            raise Refusal(13, f"not authorized on {command['$db']} to execute command")
        if "fail" in spec and name != "count":
            raise Refusal(spec["fail"]["code"], spec["fail"]["errmsg"])
        return spec

    def batch(self, command, name, documents):
        size = command.get("cursor", {}).get("batchSize", command.get("batchSize", 101))
        return self.page(name, documents, size, "firstBatch")

    def page(self, name, documents, size, member):
        rest = documents[int(size):]
        number = 0
        if rest:
            number = len(self.cursors) + (1 << 40)
            self.cursors[number] = (name, rest)
        return {"cursor": {"id": Tagged("$numberLong", number), "ns": name,
                           member: documents[: int(size)]}}


OPEN = {"on_hello", "on_saslstart", "on_saslcontinue", "on_buildinfo", "on_ping"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--user", help="NAME:PASSWORD, which must be given from then on")
    parser.add_argument("--tls", help="file with certificate and key; nothing else is spoken then")
    parser.add_argument("--replica-set", help="name of the set whose primary this says to be")
    parser.add_argument("--member", action="append", default=[], help="HOST:PORT of another one")
    parser.add_argument("--no-list", action="store_true",
                        help="the user may list no databases, and of collections only its own")
    server = Server(parser.parse_args())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
