# SPDX-License-Identifier: Apache-2.0
"""A fake of CouchDB's HTTP interface on 127.0.0.1 for tests, read only and in memory.

Databases are the files NAME.json of --data, each a list of documents. Prints its port, serves until
standard input ends. `POST /_set` changes how it behaves, `GET /_log` gives the requests so far.
"""

import argparse
import base64
import json
import os
from urllib.parse import parse_qs, unquote, urlsplit

import web_server

DEFAULTS = {"user": None, "admin": True, "denied": [], "loop": False, "numbers": False,
            "vanish": False}


class Server(web_server.Server):
    def __init__(self, folder):
        super().__init__(Handler)
        self.databases = {}
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                documents = json.load(file)
            for number, document in enumerate(documents):
                document["_rev"] = f"1-{number:032x}"
            self.databases[name[: -len(".json")]] = documents

    def reset(self):
        super().reset()
        self.state = dict(DEFAULTS)
        self.gone = set()  # ids


class Handler(web_server.Handler):
    def refuse(self, status, error, reason):
        self.send_json({"error": error, "reason": reason}, status)

    def answer(self):
        url = urlsplit(self.path)
        query = {k: v[-1] for k, v in parse_qs(url.query).items()}
        body = self.read_body()
        server, state = self.server, self.server.state
        if url.path == "/_set":
            if not body:
                server.reset()
            server.state.update(json.loads(body or "{}"))
            return self.send_json({})
        if self.control_spoiling(url.path, body):
            return None
        if url.path == "/_log":
            return self.send_json(server.log)
        with server.lock:
            server.log.append(f"{self.command} {self.path}")
        given = self.headers.get("Authorization") or ""
        if state["user"] and given != "Basic " + base64.b64encode(state["user"].encode()).decode():
            return self.refuse(401, "unauthorized", f"Name or password is incorrect: {given}")
        parts = [unquote(part) for part in url.path.split("/") if part]
        if not parts:
            return self.send_json({"couchdb": "Welcome", "version": "0.0 (a fake)"})
        if parts == ["_all_dbs"]:
            if not state["admin"]:
                return self.refuse(403, "forbidden", "You are not a server admin.")
            return self.send_json(["_users"] + sorted(server.databases))
        documents = server.databases.get(parts[0])
        if documents is None:
            return self.refuse(404, "not_found", "Database does not exist.")
        if parts[0] in state["denied"]:
            return self.refuse(403, "forbidden", "You are not allowed to access this db.")
        if len(parts) == 1:
            return self.send_json({"db_name": parts[0], "doc_count": len([d for d in documents if not d.get("_deleted")])})
        handler = getattr(self, "on" + parts[1], None)
        if handler is None:
            return self.refuse(404, "not_found", "missing")
        return handler(documents, query, body)

    do_GET = do_POST = answer

    def on_all_docs(self, documents, query, _):
        gone = self.server.gone
        live = [one for one in documents if not one.get("_deleted") and one["_id"] not in gone]
        ordered = sorted(live, key=lambda one: one["_id"])
        backwards = query.get("descending") == "true"
        if backwards:
            ordered.reverse()
        if "startkey" in query and not self.server.state["loop"]:
            key = json.loads(query["startkey"])
            ordered = [d for d in ordered if (d["_id"] <= key if backwards else d["_id"] >= key)]
            ordered = ordered[int(query.get("skip", 0)):]
        rows = [{"id": d["_id"], "key": d["_id"], "value": {"rev": d["_rev"]}, "doc": d}
                for d in ordered[: int(query["limit"])]]
        if self.server.state["vanish"] and rows:  # somebody deletes what was just given
            gone.add(rows[-1]["id"])
        self.send_json({"total_rows": len(live), "offset": 0, "rows": rows})

    def on_find(self, documents, _, body):
        asked = json.loads(body)
        wanted = {k: v for k, v in asked["selector"].items() if not isinstance(v, dict)}
        found = [d for d in documents if not d.get("_deleted") and all(d.get(k) == v for k, v in wanted.items())]
        mark = asked.get("bookmark", "b0")
        start = int(mark[1:])
        end = start + asked["limit"]
        next_mark = mark if self.server.state["loop"] else f"b{end}"
        self.send_json({"docs": found[start:end], "bookmark": next_mark})

    def on_changes(self, documents, query, _):
        numbers = self.server.state["numbers"]
        since = query.get("since", "0")
        start = int(since if numbers else since.split("-")[0])
        end = start + int(query["limit"])
        spell = (lambda n: n) if numbers else (lambda n: f"{n}-opaque")
        results = [{"seq": spell(n + 1), "id": d["_id"], "changes": [{"rev": d["_rev"]}], "doc": d,
                    **({"deleted": True} if d.get("_deleted") else {})}
                   for n, d in enumerate(documents[start:end], start)]
        self.send_json({"results": results, "last_seq": spell(min(end, len(documents)))})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    options = parser.parse_args()
    web_server.run(Server(options.data))


if __name__ == "__main__":
    main()
