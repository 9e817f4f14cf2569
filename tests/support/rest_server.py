# SPDX-License-Identifier: Apache-2.0
"""A REST system on 127.0.0.1 for tests. Prints its port, serves until standard input ends.

`GET /_log` gives the requests so far; `POST /_reset` forgets them and every counter. With --data
FOLDER, files of it are served under /data/. With --tls CERT KEY it speaks TLS.
"""

import argparse
import base64
import gzip
import hashlib
import hmac
import json
import os
import time
from urllib.parse import parse_qs, unquote, urlsplit

import web_server

ITEMS = 25
TOKEN = "t0ken-of-the-tests"
JWT_KEY = "k3y-that-signs-tokens"
# What secret stores do not answer.
ODD = [{"data": [1]}, {"data": {"data": 7}}, {"data": {"data": {"token": {"a": None}}}}, {}, [], 7,
       None, {"data": None}]


def item(number):
    record = {
        "id": number,
        "name": f"item {number}",
        "price": number + 0.5,
        "active": number % 2 == 0,
        "created": f"2026-01-{number % 28 + 1:02d}T08:00:00Z",
        "owner": {"id": 100 + number % 3, "mail": f"o{number % 3}@example.org"},
    }
    if number % 5 == 0:
        record["owner"]["phone"] = "+49 351 1234"
    return record


class Server(web_server.Server):
    def __init__(self, data):
        super().__init__(Handler)
        self.data = data

    def reset(self):
        super().reset()
        self.refresh_token = "refresh-1"
        self.connections = 0
        self.busy = 0
        self.peak = 0  # requests of /numbered under way at once
        self.issued = []  # access tokens of /oauth
        self.revoked = set()
        self.refused = 0  # requests of /guarded


class Handler(web_server.Handler):
    clock_ahead = 0  # seconds, in the header Date

    def date_time_string(self, timestamp=None):
        return super().date_time_string((timestamp or time.time()) + self.clock_ahead)

    def setup(self):
        super().setup()
        with self.server.lock:
            self.server.connections += 1

    def answer(self):
        url = urlsplit(self.path)
        self.query = {k: v[-1] for k, v in parse_qs(url.query, keep_blank_values=True).items()}
        self.body = self.read_body()
        if not url.path.startswith("/_"):
            with self.server.lock:
                self.server.log.append(
                    {
                        "method": self.command,
                        "path": url.path,
                        "query": self.query,
                        "headers": {k.lower(): v for k, v in self.headers.items()},
                        "body": self.body,
                        "time": time.monotonic(),
                    }
                )
        parts = [part for part in url.path.split("/") if part]
        handler = getattr(self, "on_" + (parts[0] if parts else "root"), None)
        if handler is None:
            self.send_json({"error": "not found"}, 404)
        else:
            handler(parts[1:])

    do_GET = do_POST = do_PUT = do_HEAD = answer

    def do_CONNECT(self):
        # As a proxy: 407, or 403 for a host that is not allowed.
        refused = self.path.startswith("forbidden")
        self.send_json({"error": "no"}, 403 if refused else 407)

    def page(self, first, size):
        return [item(number) for number in range(first, min(first + size, ITEMS + 1))]

    def number(self, name, fallback):
        return int(self.query.get(name, fallback))

    def base(self):
        return f"http://{self.headers['Host']}"

    def on_root(self, _):
        self.send_json({"name": "test"})

    def on__log(self, _):
        with self.server.lock:
            self.send_json({"requests": self.server.log, "connections": self.server.connections,
                            "peak": self.server.peak})

    def on__reset(self, _):
        # What a client no longer waits for must not count among what comes after.
        deadline = time.monotonic() + 5
        while self.server.busy > 0 and time.monotonic() < deadline:
            time.sleep(0.005)
        with self.server.lock:
            self.server.reset()
        self.send_json({})

    def on_data(self, parts):
        path = os.path.join(self.server.data or "", *parts)
        if self.server.data is None or ".." in parts or not os.path.isfile(path):
            self.send_json({"error": "no such file"}, 404)
            return
        with open(path, "rb") as file:
            body = file.read()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == tag:
            self.send_bytes(b"", 304, headers=[("ETag", tag)])
        else:
            self.send_bytes(body, headers=[] if "untold" in self.query else [("ETag", tag)])

    # Paging of every kind over the same 25 items.
    def on_pages(self, _):
        size = self.number("per_page", 10)
        page = self.number("page", 1)
        self.send_json({"items": self.page((page - 1) * size + 1, size)})

    def on_numbered(self, _):
        # Pages of one item; none is beyond the last, and page ?fail fails.
        page, last = self.number("page", 1), self.number("pages", 10)
        with self.server.lock:
            self.server.busy += 1
            self.server.peak = max(self.server.peak, self.server.busy)
        time.sleep(float(self.query.get("delay", 0.02)))
        with self.server.lock:
            self.server.busy -= 1
        if page > last:
            self.send_json({"error": {"message": "no such page"}}, 404)
        elif page == self.number("fail", 0):
            self.send_json({"error": {"message": "lost"}}, 400)
        else:
            self.send_json({"items": self.page(page, 1), "more": page < last})

    def on_offsets(self, _):
        offset = self.number("offset", 0)
        self.send_json({"items": self.page(offset + 1, self.number("limit", 10)), "total": ITEMS})

    def on_cursors(self, _):
        after = self.number("after", 0)
        items = self.page(after + 1, self.number("limit", 10))
        last = items[-1]["id"] if items else ITEMS
        self.send_json({"data": items, "paging": {"next": str(last) if last < ITEMS else None}})

    def on_crm(self, parts):
        # People with notes, as the README's example has them.
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.send_json({"error": {"message": "invalid token"}}, 401)
        elif parts == ["people"]:
            # Few, as the example asks for five in a second.
            first = self.number("after", 0) + 1
            people = self.page(first, 2)
            self.send_json({"data": people, "paging": {"next": None if first > 2 else first + 1}})
        else:
            person = int(parts[1])
            self.send_json({"data": [{"id": 10 * person + n, "text": "called"} for n in (1, 2)]})

    def on_bodycursors(self, _):
        given = json.loads(self.body or "{}")
        after = int(given.get("page", {}).get("after", 0))
        items = self.page(after + 1, int(given.get("page", {}).get("size", 10)))
        last = items[-1]["id"]
        self.send_json({"data": items, "next": last if last < ITEMS else None})

    def on_headercursors(self, _):
        after = int(self.headers.get("X-After") or 0)
        items = self.page(after + 1, 10)
        last = items[-1]["id"]
        self.send_json(items, headers=[("X-Next", str(last))] if last < ITEMS else [])

    def on_links(self, _):
        page = self.number("page", 1)
        links = [f'<{self.base()}/links?page=1>; rel="first"']
        if page * 10 < ITEMS:
            links.insert(0, f'<{self.base()}/links?page={page + 1}>; rel="next"')
        self.send_json(self.page(page * 10 - 9, 10), headers=[("Link", ", ".join(links))])

    def on_linklines(self, _):
        # A line for each link, and a relation among others.
        page = self.number("page", 1)
        links = [("Link", '</linklines?page=1&from=http://elsewhere/>; rel="start First"')]
        if page * 10 < ITEMS:
            links.insert(0, ("Link", f'</linklines?page={page + 1}&from=http://x/>; rel="up Next"'))
        self.send_json(self.page(page * 10 - 9, 10), headers=links)

    def on_nexturls(self, parts):
        page = int(parts[0]) if parts else 1
        more = f"{self.base()}/nexturls/{page + 1}" if page * 10 < ITEMS else None
        self.send_json({"results": self.page(page * 10 - 9, 10), "next": more})

    def on_foreignnext(self, _):
        # Names another host than the one that was asked.
        port = self.headers["Host"].split(":")[1]
        self.send_json({"results": self.page(1, 10), "next": f"http://localhost:{port}/stolen"})

    def on_stolen(self, _):
        self.send_json({"results": [], "next": None})

    def on_loop(self, _):
        self.send_json({"data": self.page(1, 10), "paging": {"next": "same"}})

    def on_longloop(self, _):
        # Two cursors that lead to each other.
        other = "b" if self.query.get("after") == "a" else "a"
        self.send_json({"data": self.page(1, 10), "paging": {"next": other}})

    # Parents and children.
    def on_groups(self, parts):
        if len(parts) == 2:
            group = int(parts[0])
            self.send_json({"items": [{"user": f"u{group}{k}", "rank": k} for k in range(group)]})
        else:
            self.send_json({"items": [{"id": 1}, {"id": 2}, {"id": 3}]})

    def on_tags(self, parts):
        # Names that cannot stand in a URL as they are.
        if parts:
            self.send_json({"items": [{"tag": unquote(parts[0]), "path": self.path}]})
        else:
            self.send_json({"items": [{"name": "C#"}, {"name": "café au lait"}]})

    def on_listed(self, _):
        self.send_json([{"folder": self.query.get("folder"), "n": 1}])

    def on_since(self, _):
        since, until = self.query.get("since", ""), self.query.get("until", "9999")
        items = [item(number) for number in range(1, ITEMS + 1)]
        self.send_json({"items": [i for i in items if since <= i["created"][:10] < until]})

    # Faults.
    def on_status(self, parts):
        self.send_json({"error": {"message": f"status {parts[0]}"}}, int(parts[0]))

    def on_echo(self, parts):
        # /echo/STATUS repeats all that it was sent, /echo/STATUS/COUNT at most so many letters.
        said = " ".join([self.path, *self.headers.values(), self.body])
        length = int(parts[1]) if len(parts) > 1 else len(said)
        self.send_json({"error": "you sent " + said[-length:]}, int(parts[0]))

    def on_echotoken(self, _):
        self.send_json({"error": "invalid_grant", "error_description": "you sent " + self.body}, 400)

    def on_flaky(self, parts):
        # /flaky/STATUS/TIMES/KEY fails as often, then answers.
        if self.server.count(self.path) <= int(parts[1]):
            headers = [("Retry-After", self.query["after"])] if "after" in self.query else []
            self.send_json({"error": "later"}, int(parts[0]), headers)
        else:
            self.send_json({"items": self.page(1, 3)})

    def on_skewed(self, parts):
        # /skewed/SECONDS/KEY refuses once and names a moment of a clock that is so far ahead.
        self.clock_ahead = int(parts[0])
        if self.server.count(self.path) == 1:
            moment = self.date_time_string(time.time() + 2)
            self.send_json({"error": "later"}, 429, [("Retry-After", moment)])
        else:
            self.send_json({"items": self.page(1, 3)})
        self.clock_ahead = 0

    def on_flakypages(self, _):
        # Every second request of a page fails.
        if self.server.count(self.path) % 2 == 1:
            self.send_json({"error": "busy"}, 503)
        else:
            self.on_pages(())

    def on_html(self, _):
        page = b"<!DOCTYPE html><html><body>Please log in to the proxy</body></html>"
        self.send_bytes(page, 200, "text/html")

    def on_broken(self, _):
        self.send_bytes(b'{"items": [{"id": 1}, {"id": ')

    def on_cut(self, parts):
        # Promises more than it sends; /cut/TIMES does so that often only.
        if parts and self.server.count(self.path) > int(parts[0]):
            self.send_json({"items": self.page(1, 3)})
            return
        self.send_cut(b'{"items": [')

    def on_drip(self, _):
        self.send_drip()

    def on_huge(self, parts):
        # An array of /huge/MEGABYTES, sent in pieces.
        record = json.dumps(dict(item(7), text="x" * 1000)).encode()
        count = int(parts[0]) * 1_000_000 // (len(record) + 1)
        self.begin(200, "application/json", (len(record) + 1) * count + 1)
        self.wfile.write(b"[" + record)
        for _ in range(count - 1):
            self.wfile.write(b"," + record)
        self.wfile.write(b"]")

    def on_nested(self, parts):
        # Lists within lists.
        depth = int(parts[0])
        self.send_bytes(b'{"items": [{"id": 1, "deep": ' + b"[" * depth + b"]" * depth + b"}]}")

    def on_types(self, _):
        # The same fields with other types on the second page.
        if self.number("page", 1) == 1:
            self.send_json({"items": [{"id": 1, "value": 5, "tag": "x", "o": {"a": 1}}] * 2})
        elif self.number("page", 1) == 2:
            self.send_json({"items": [{"id": "B-7", "value": "n/a", "tag": ["x"], "o": "gone"}]})
        else:
            self.send_json({"items": []})

    def on_lines(self, _):
        lines = "".join(json.dumps(item(n)) + "\n" for n in range(1, 4))
        self.send_bytes(lines.encode(), kind="application/x-ndjson")

    def on_packed(self, _):
        body = gzip.compress(json.dumps({"items": self.page(1, 3)}).encode())
        self.send_bytes(body, headers=[("Content-Encoding", "gzip")])

    def on_slow(self, _):
        time.sleep(0.02)
        page = self.number("page", 1)
        items = [item(page)] if page <= self.number("pages", 100) else []
        self.send_json({"items": items})

    def on_reports(self, parts):
        # POST /reports/WORDS/KEY asks for a report, which is in one state after the other:
        # GET /reports/WORDS/KEY/ID tells it; the words stay the last of them.
        words = parts[0].split(",")
        if self.command == "POST":
            number = self.server.count(f"reports {parts[1]}")
            self.send_json({"id": number, "asked": self.query or json.loads(self.body or "{}")})
            return
        seen = self.server.count(f"{self.path}")
        state = words[min((int(parts[2]) - 1) * int(self.query.get("apart", 0)) + seen,
                          len(words)) - 1]
        host = self.query.get("host", self.headers["Host"])
        links = [f"http://{host}/parts/{part}" for part in ("1.csv", "2.csv")]
        self.send_json({"state": {"word": state}, "links": links if state == "ready" else None})

    def on_parts(self, parts):
        number = int(parts[0].split(".")[0])
        table = f"ID,Name\n{number}1,a\n{number}2,\"b, c\"\n".encode()
        table += b"0,zero\n" * self.number("more", 0)
        # One part is packed, as files are.
        body = gzip.compress(table) if number == 2 else table
        if self.query.get("cut"):
            body = gzip.compress(table)[:-9]
        self.send_bytes(body, kind="application/octet-stream")

    def on_odata(self, parts):
        # A service of OData 4, its $metadata as a file of --data.
        if parts == ["$metadata"]:
            if self.headers.get("Accept") != "application/xml":
                self.send_json({"error": {"message": "only XML"}}, 406)
                return
            with open(os.path.join(self.server.data, "shop.edmx"), "rb") as file:
                self.send_bytes(file.read(), kind="application/xml")
        elif parts == ["Orders"]:
            self.send_json({"value": [{"OrderID": 7, "Placed": "/Date(1492098664000)/",
                                       "Changed": "/Date(-875)/",
                                       "State": "/Date(9223372036854775807)/",
                                       "CustomerID": "ALFKI", "Ship": {"City": "Köln"}}]})
        else:
            self.send_json({"value": []})

    def on_redirect(self, _):
        where = {
            "same": "/pages?page=1",
            "loop": "/redirect?to=loop",
            "back": "/pages?page=1&back=http://elsewhere/x",
        }.get(self.query["to"])
        if where is None:
            where = f"http://localhost:{self.headers['Host'].split(':')[1]}/stolen"
        self.send_json({}, 302, [("Location", where)])

    def on_moved(self, _):
        # Wants the same again, with its body, on another host.
        where = f"http://localhost:{self.headers['Host'].split(':')[1]}/stolen"
        self.send_json({}, 307, [("Location", where)])

    # Credentials.
    def on_secured(self, _):
        given = self.headers.get("Authorization") or ""
        accepted = {
            f"Bearer {TOKEN}",
            "Basic dXNlcjpwYSQkOncwcmQ=",  # user:pa$$:w0rd
        }
        if given in accepted or TOKEN in (self.headers.get("X-Api-Key"), self.query.get("key")):
            self.send_json({"items": self.page(1, 3)})
        elif given.startswith("Bearer access-") and given != "Bearer access-0":
            self.send_json({"items": self.page(1, 3)})
        else:
            self.send_json({"error": {"message": "invalid token"}}, 401)

    def on__revoke(self, _):
        with self.server.lock:
            self.server.revoked.update(self.server.issued)
        self.send_json({})

    def on_guarded(self, _):
        # As /numbered; who comes with a token that was revoked waits until ?together of them did.
        token = (self.headers.get("Authorization") or "")[len("Bearer "):]
        with self.server.lock:
            is_good = token in self.server.issued and token not in self.server.revoked
            self.server.refused += not is_good
        if is_good:
            self.on_numbered(())
            return
        deadline = time.monotonic() + 5
        while self.server.refused < self.number("together", 1) and time.monotonic() < deadline:
            time.sleep(0.005)
        self.send_json({"error": {"message": "the token has ended"}}, 401)

    def send_token(self, answer):
        with self.server.lock:
            self.server.issued.append(answer["access_token"])
        self.send_json(answer)

    def on_oauth(self, _):
        form = {k: v[-1] for k, v in parse_qs(self.body).items()}
        if form.get("client_secret") != "s3cret&":
            self.send_json({"error": "invalid_client"}, 401)
        elif form.get("grant_type") == "client_credentials":
            number = self.server.count("oauth")
            self.send_token({"access_token": f"access-{number}", "expires_in": 3600})
        elif form.get("grant_type") == "refresh_token":
            with self.server.lock:
                good = form.get("refresh_token") == self.server.refresh_token
                if good:
                    number = int(self.server.refresh_token.split("-")[1])
                    self.server.refresh_token = f"refresh-{number + 1}"
            if good:
                self.send_token(
                    {
                        "access_token": f"access-{number}",
                        "expires_in": 3600,
                        "refresh_token": f"refresh-{number + 1}",
                    }
                )
            else:
                self.send_json({"error": "invalid_grant"}, 400)
        else:
            self.send_json({"error": "unsupported_grant_type"}, 400)

    def claims_of(self, token):
        """What a token of HS256 says, if its signature and its times are right."""
        try:
            head, body, signature = token.split(".")
            decode = lambda part: base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
            good = hmac.new(JWT_KEY.encode(), f"{head}.{body}".encode(), "sha256").digest()
            claims = json.loads(decode(body))
            is_good = decode(signature) == good and claims["iat"] <= time.time() < claims["exp"]
            return claims if is_good else None
        except (ValueError, KeyError):
            return None

    def on_signed(self, parts):
        # /signed takes the token itself, /signed/token gives another one for it.
        if parts:
            form = {k: v[-1] for k, v in parse_qs(self.body).items()}
            claims = self.claims_of(form.get("assertion", form.get("client_assertion", "")))
            if claims is None or claims["aud"] != f"{self.base()}/signed/token":
                self.send_json({"error": "invalid_grant"}, 400)
            else:
                self.send_json({"access_token": "access-signed", "expires_in": 3600})
            return
        claims = self.claims_of((self.headers.get("Authorization") or "")[len("Bearer "):])
        if claims is None:
            self.send_json({"error": {"message": "invalid token"}}, 401)
        else:
            self.send_json({"items": [claims]})

    def on_session(self, _):
        given = json.loads(self.body or "{}")
        if given.get("password") == "s3cret":
            self.send_json({"id": "access-session"})
        else:
            self.send_json({"errors": "no"}, 401)

    def on_sessioned(self, _):
        if self.headers.get("X-Session") == "access-session":
            self.send_json([{"id": 1}])
        else:
            self.send_json({}, 401)

    # A service of embeddings; the last part of the path says what is wrong with its answers.
    def on_embeddings(self, parts):
        fault = parts[0] if parts else ""
        asked = json.loads(self.body)
        if asked["model"] != "letters" or self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.send_json({"error": {"message": "no such model or key"}}, 401)
            return
        rows = [
            {"index": i, "embedding": [text.count(c) + 0.5 for c in "aeiou"]}
            for i, text in enumerate(asked["input"])
        ]
        if fault == "fewer":
            rows.pop()
        elif fault == "twice":
            rows[-1]["index"] = 0
        elif fault == "outside":
            rows[-1]["index"] = len(rows)
        elif fault == "ragged":
            rows[-1]["embedding"].append(1)
        elif fault == "words":
            rows[-1]["embedding"][0] = "much"
        elif fault == "huge":
            rows[-1]["embedding"][0] = 1e300
        elif fault == "list":
            self.send_json(rows)
            return
        self.send_json({"data": rows[::-1], "usage": {"total_tokens": 1}})

    # Secret stores, simulated.
    def on_v1(self, parts):
        if self.headers.get("X-Vault-Token") != "vault-token":
            self.send_json({"errors": ["permission denied"]}, 403)
        elif parts[:3] == ["secret", "data", "odd"]:
            self.send_json(ODD[int(parts[3])])
        elif parts == ["secret", "data", "crm"]:
            self.send_json({"data": {"data": {"token": TOKEN}, "metadata": {"version": 3}}})
        else:
            self.send_json({"errors": []}, 404)

    def on_secretsmanager(self, _):
        signature = self.headers.get("Authorization") or ""
        wanted = json.loads(self.body or "{}").get("SecretId")
        if not signature.startswith("AWS4-HMAC-SHA256 Credential=AKIDTEST/"):
            self.send_json({"__type": "UnrecognizedClientException"}, 400)
        elif wanted.startswith("odd"):
            number = int(wanted[3:])
            self.send_json({"__type": ODD[number], "SecretString": ODD[-1 - number]},
                           400 if number % 2 else 200)
        elif wanted == "crm":
            self.send_json({"SecretString": json.dumps({"token": TOKEN})})
        else:
            self.send_json({"__type": "ResourceNotFoundException"}, 400)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data")
    parser.add_argument("--tls", nargs=2)
    options = parser.parse_args()
    web_server.run(Server(options.data), options.tls)


if __name__ == "__main__":
    main()
