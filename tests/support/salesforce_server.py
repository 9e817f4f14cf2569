# SPDX-License-Identifier: Apache-2.0
"""A simulated Salesforce organisation on 127.0.0.1 for tests: OAuth, descriptions, SOQL, Bulk API.

Prints its port, serves until standard input ends. Objects are the files NAME.describe.json of the
--data folders, rows those of NAME.rows.json. --replay FOLDER answers what the recorded payloads
there are answers to. --key PEM is the key that signed tokens are checked with.

`POST /_set` changes how it behaves, `GET /_log` gives the requests so far.
"""

import argparse
import base64
import csv
import datetime
import email.utils
import hashlib
import io
import json
import os
import re
import subprocess
import time
from urllib.parse import parse_qs, unquote, urlsplit

import web_server

EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
API = re.compile(r"^/services/data/v\d+\.\d+")
SOQL = re.compile(r"^SELECT (.+?) FROM (\w+)( WHERE IsDeleted = true)?(?: LIMIT (\d+))?$")
# What a signature of RSASSA-PKCS1-v1_5 with SHA-256 says before the digest.
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

DEFAULTS = {
    "used": 10, "allowed": 5000, "page_size": 2, "bulk_page": None, "bulk": "JobComplete",
    "hidden": {}, "denied": [], "expire_after": None, "clock": 0, "rotate": False,
    "permissions": True, "definitions": True, "concurrent": 0, "fail": None, "loop": False,
    "purged": {}, "most_deleted": 600_000,
}


class Server(web_server.Server):
    def __init__(self, options):
        super().__init__(Handler)
        self.options = options
        self.modulus = 0
        if options.key:
            out = subprocess.run(
                ["openssl", "rsa", "-in", options.key, "-noout", "-modulus"],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
            ).stdout
            self.modulus = int(out.split("=")[1], 16)
        self.describes, self.rows = {}, {}
        for folder in options.data:
            for name in sorted(os.listdir(folder)):
                kind = name.split(".", 1)[-1]
                if kind in ("describe.json", "rows.json"):
                    target = self.describes if kind == "describe.json" else self.rows
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        value = json.load(file)
                    stem = name.split(".")[0]
                    if kind == "rows.json" or value["name"] == stem:
                        target[stem] = value
        if options.replay:
            # The recorded rows name the fields otherwise than the recorded description.
            described = self.replayed("sobject_describe_success")
            for field in described["fields"]:
                field["name"] = field["name"].replace("_Field", "_Label")
            self.describes["Whizbang"] = described

    def replayed(self, name):
        path = os.path.join(self.options.replay, f"restforce_{name}_response.json")
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    def reset(self):
        super().reset()
        self.jobs = {}
        self.state = dict(DEFAULTS)
        self.tokens = {"given-token"}
        self.token_number = 0
        self.refresh = "refresh-1"
        self.served = 0


class Handler(web_server.Handler):
    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(time.time() + self.server.state["clock"], usegmt=True)

    def begin(self, status, kind, length, headers=()):
        state = self.server.state
        usage = ("Sforce-Limit-Info", f"api-usage={state['used']}/{state['allowed']}")
        super().begin(status, kind, length, [usage, *headers])

    def refuse(self, status, code, message=""):
        self.send_json([{"message": message, "errorCode": code}], status)

    def answer(self):
        url = urlsplit(self.path)
        self.query = {k: v[-1] for k, v in parse_qs(url.query, keep_blank_values=True).items()}
        self.body = self.read_body()
        server, state = self.server, self.server.state
        with server.lock:
            if url.path == "/_set":
                if not self.body:
                    server.reset()
                server.state.update(json.loads(self.body or "{}"))
                return self.send_json({})
            if self.control_spoiling(url.path, self.body):
                return None
            if url.path == "/_log":
                return self.send_json(server.log)
            server.log.append(
                {"method": self.command, "path": url.path, "query": self.query, "body": self.body,
                 "authorization": self.headers.get("Authorization", "")}
            )
            if url.path == "/services/oauth2/token":
                return self.on_token({k: v[-1] for k, v in parse_qs(self.body).items()})
            state["used"] += 1
            server.served += 1
            if state["expire_after"] is not None and server.served > state["expire_after"]:
                server.tokens.clear()
                state["expire_after"] = None
            token = self.headers.get("Authorization", "")[len("Bearer "):]
            if token not in server.tokens:
                said = EXPIRED[0]["message"] + ": Bearer " + token
                return self.send_json([{**EXPIRED[0], "message": said}], 401)
            if state["used"] > state["allowed"]:
                return self.refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            if state["concurrent"] > 0:
                state["concurrent"] -= 1
                return self.refuse(403, "REQUEST_LIMIT_EXCEEDED",
                                   "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
            if state["fail"] and state["fail"]["path"] in self.path:
                return self.send_bytes(state["fail"]["body"].encode(), state["fail"]["status"],
                                      state["fail"].get("kind", "application/json"))
            path = API.sub("", url.path)
            if path == url.path:
                return self.refuse(404, "NOT_FOUND", "The requested resource does not exist")
            if path.startswith("/jobs/query"):
                return self.on_job([part for part in path.split("/")[3:] if part])
            if path == "/composite":
                return self.on_composite(json.loads(self.body))
            status, value = self.resource(path, self.query)
            return self.send_json(value, status)

    do_GET = do_POST = do_DELETE = do_PATCH = answer

    # Credentials.
    def on_token(self, form):
        server, state = self.server, self.server.state
        grant = form.get("grant_type")
        answer = {"token_type": "Bearer"}
        if state["fail"] and state["fail"]["path"] in self.path:
            return self.send_bytes(state["fail"]["body"].encode(), state["fail"]["status"])
        if grant == "refresh_token":
            if server.options.replay:
                answer = server.replayed("refresh_success")
                server.tokens.add(answer["access_token"])
                return self.send_json(answer)
            if form.get("refresh_token") != server.refresh:
                return self.send_json({"error": "invalid_grant",
                                       "error_description": "expired access/refresh token "
                                       + form.get("refresh_token", "")}, 400)
            if state["rotate"]:
                number = int(server.refresh.split("-")[1]) + 1
                server.refresh = answer["refresh_token"] = f"refresh-{number}"
        elif grant == "client_credentials":
            if form.get("client_secret") != "s3cret":
                return self.send_json({"error": "invalid_client"}, 400)
        elif grant == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            problem = self.problem_of(form.get("assertion", ""))
            if problem:
                return self.send_json({"error": "invalid_grant", "error_description": problem}, 400)
        else:
            return self.send_json({"error": "unsupported_grant_type"}, 400)
        server.token_number += 1
        answer["access_token"] = f"access-{server.token_number}"
        answer["instance_url"] = f"http://{self.headers['Host']}"
        server.tokens.add(answer["access_token"])
        return self.send_json(answer)

    def problem_of(self, token):
        try:
            head, claims, signature = token.split(".")
            decode = lambda part: base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
            header, said = json.loads(decode(head)), json.loads(decode(claims))
            number = pow(int.from_bytes(decode(signature), "big"), 65537, self.server.modulus)
        except (ValueError, KeyError):
            return "invalid assertion"
        size = (self.server.modulus.bit_length() + 7) // 8
        digest = DIGEST_INFO + hashlib.sha256(f"{head}.{claims}".encode()).digest()
        padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
        now = time.time() + self.server.state["clock"]
        if header != {"alg": "RS256", "typ": "JWT"} or number.to_bytes(size, "big") != padded:
            return "invalid signature"
        if said["iss"] != "client" or said["sub"] != "ana@example.org":
            return "user hasn't approved this consumer"
        if said["aud"] != f"http://{self.headers['Host']}":
            return "audience is invalid"
        if not now < said["exp"] < now + 300:
            return "assertion is expired"
        return None

    # Resources: status and value.
    def resource(self, path, query):
        parts = [part for part in path.split("/") if part]
        if parts == ["sobjects"]:
            objects = [{"name": name, "queryable": True, "deprecatedAndHidden": False}
                       for name in sorted(self.server.describes)]
            return 200, {"sobjects": objects}
        if len(parts) == 3 and parts[0] == "sobjects" and parts[2] == "describe":
            return self.describe(parts[1])
        if len(parts) == 3 and parts[0] == "sobjects" and parts[2] == "deleted":
            return self.deleted(parts[1], query)
        if parts[:1] in (["query"], ["queryAll"]):
            if len(parts) == 2:
                return self.more(parts[1])
            return self.run(query.get("q", ""), parts[0] == "queryAll")
        return 404, [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]

    def deleted(self, name, query):
        """Rows in the recycle bin, and what `purged` says: ids, by seconds since they were deleted."""
        if not self.server.describes.get(name, {}).get("replicateable"):
            return 403, [{"message": "The requested resource is not replicable",
                          "errorCode": "INVALID_TYPE_FOR_OPERATION"}]
        read = lambda text: datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp()
        start, end = read(query["start"]), read(query["end"])
        now = time.time()
        if start < now - 30 * 86400 or end - start < 60 or start > now:
            return 400, [{"message": "startDate before org replication enabled date",
                          "errorCode": "INVALID_REPLICATION_DATE"}]
        gone = [(row["Id"], 30) for row in self.server.rows.get(name, []) if row.get("IsDeleted")]
        gone += list(self.server.state["purged"].get(name, {}).items())
        found = [{"id": key, "deletedDate": "2026-01-01T00:00:00.000+0000"}
                 for key, ago in gone if start <= now - ago < end]
        if len(found) > self.server.state["most_deleted"]:
            return 400, [{"message": "exceeded id limit", "errorCode": "EXCEEDED_ID_LIMIT"}]
        return 200, {"deletedRecords": found, "earliestDateAvailable": query["start"],
                     "latestDateCovered": query["end"]}

    def describe(self, name):
        if name in self.server.state["denied"]:
            return 403, [{"message": "No access to the object", "errorCode": "INSUFFICIENT_ACCESS"}]
        if name not in self.server.describes:
            return 404, [{"message": "The requested resource does not exist",
                          "errorCode": "NOT_FOUND"}]
        found = dict(self.server.describes[name])
        hidden = self.server.state["hidden"].get(name, [])
        found["fields"] = [field for field in found["fields"] if field["name"] not in hidden]
        return 200, found

    def on_composite(self, asked):
        answers = []
        for part in asked["compositeRequest"]:
            url = urlsplit(part["url"])
            given = {k: v[-1] for k, v in parse_qs(url.query).items()}
            status, body = self.resource(API.sub("", url.path), given)
            answers.append({"body": body, "httpHeaders": {}, "httpStatusCode": status,
                            "referenceId": part["referenceId"]})
        self.send_json({"compositeResponse": answers})

    def run(self, soql, everything):
        state = self.server.state
        if soql.startswith("SELECT Id FROM Organization"):
            return 200, {"totalSize": 1, "done": True, "records": [{"Id": "00D000000000001EAA"}]}
        if "FROM UserPermissionAccess" in soql:
            names = re.findall(r"Permissions\w+", soql)
            return 200, {"totalSize": 1, "done": True,
                         "records": [{name: state["permissions"] for name in names}]}
        if "FROM FieldDefinition" in soql:
            if not state["definitions"]:
                return 400, [{"message": "sObject type 'FieldDefinition' is not supported.",
                              "errorCode": "INVALID_TYPE"}]
            records = []
            for name in re.search(r"IN \('(.+)'\)", soql).group(1).split("','"):
                for field in self.server.describes[name]["fields"]:
                    kind = {"address": "Address", "location": "Geolocation"}.get(field["type"])
                    records.append({"EntityDefinition": {"QualifiedApiName": name},
                                    "QualifiedApiName": field["name"],
                                    "DataType": kind or field["type"]})
            return 200, {"totalSize": len(records), "done": True, "records": records}
        rows, problem = self.rows_of(soql, everything)
        if problem:
            return 400, [problem]
        if self.server.options.replay and " FROM Whizbang" in soql:
            return 200, self.server.replayed("query_paginated_first_page")
        return 200, self.page(rows, 0, json.dumps([soql, everything]))

    def rows_of(self, soql, everything):
        match = SOQL.match(soql)
        if not match:
            return None, {"message": "unexpected token", "errorCode": "MALFORMED_QUERY"}
        names, name, only_deleted, limit = match.groups()
        status, described = self.describe(name)
        if status != 200:
            return None, {"message": f"sObject type '{name}' is not supported.",
                          "errorCode": "INVALID_TYPE"}
        known = {field["name"]: field["type"] for field in described["fields"]}
        for field in names.split(","):
            if known.get(field, "address") in ("address", "location"):
                return None, {"message": f"No such column '{field}' on entity '{name}'.",
                              "errorCode": "INVALID_FIELD"}
        rows = []
        for row in self.server.rows.get(name, []):
            if row.get("IsDeleted") and not everything:
                continue
            if only_deleted and not row.get("IsDeleted"):
                continue
            rows.append({field: row.get(field) for field in names.split(",")})
        return rows[: int(limit)] if limit else rows, None

    def page(self, rows, start, key):
        end = start + self.server.state["page_size"]
        records = [{"attributes": {"type": "x"}, **row} for row in rows[start:end]]
        answer = {"totalSize": len(rows), "done": end >= len(rows), "records": records}
        if end < len(rows):
            locator = base64.urlsafe_b64encode(json.dumps([key, end]).encode()).decode()
            answer["nextRecordsUrl"] = f"/services/data/v60.0/query/{locator}"
            if self.server.state["loop"]:
                answer["nextRecordsUrl"] = "/services/data/v60.0/query/again"
        return answer

    def more(self, locator):
        if self.server.options.replay:
            return 200, self.server.replayed("query_paginated_last_page")
        if locator == "again":
            return 200, {"totalSize": 9, "done": False, "records": [],
                         "nextRecordsUrl": "/services/data/v60.0/query/again"}
        key, start = json.loads(base64.urlsafe_b64decode(unquote(locator)))
        soql, everything = json.loads(key)
        return 200, self.page(self.rows_of(soql, everything)[0], start, key)

    # The Bulk API 2.0.
    def on_job(self, parts):
        server, state = self.server, self.server.state
        if self.command == "POST":
            asked = json.loads(self.body)
            if state["bulk"] == "off":
                return self.refuse(400, "FEATURENOTENABLED", "Bulk API is not enabled")
            rows, problem = self.rows_of(asked["query"], asked["operation"] == "queryAll")
            if problem:
                return self.send_json([problem], 400)
            job = f"750{len(server.jobs):012d}"
            server.jobs[job] = {"rows": rows, "polls": 0, "query": asked["query"]}
            return self.send_json({"id": job, "state": "UploadComplete"})
        job = server.jobs.get(parts[0] if parts else "")
        if job is None:
            return self.refuse(404, "NOT_FOUND", "The requested resource does not exist")
        if self.command == "DELETE":
            del server.jobs[parts[0]]
            return self.send_bytes(b"", 204)
        if len(parts) == 1:
            job["polls"] += 1
            answer = {"id": parts[0], "state": "InProgress" if job["polls"] < 2 else state["bulk"]}
            if state["bulk"] == "Failed":
                answer["errorMessage"] = "InvalidBatch : Failed to process query"
            return self.send_json(answer)
        start = int(self.query.get("locator", "0"))
        end = start + int(self.query["maxRecords"])
        names = SOQL.match(job["query"]).group(1).split(",")
        out = io.StringIO()
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(names)
        for row in job["rows"][start:end]:
            texts = []
            for name in names:
                value = row[name]
                text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
                texts.append(re.sub(r"\+0000$", "Z", text))
            writer.writerow(texts)
        locator = str(end) if end < len(job["rows"]) else "null"
        return self.send_bytes(out.getvalue().encode(), 200, "text/csv",
                               [("Sforce-Locator", locator),
                                ("Sforce-NumberOfRecords", str(len(job["rows"][start:end])))])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", action="append", default=[])
    parser.add_argument("--replay")
    parser.add_argument("--key")
    options = parser.parse_args()
    web_server.run(Server(options))


if __name__ == "__main__":
    main()
