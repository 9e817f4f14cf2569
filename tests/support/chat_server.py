# SPDX-License-Identifier: Apache-2.0
"""A service with the chat interface of OpenAI on 127.0.0.1 for tests, honest or hostile.

Prints its port, serves until standard input ends. The first part of a path says how it behaves:
/good/chat/completions answers well, /500/chat/completions never does. `GET /_log` gives the
requests so far; `POST /_reset` forgets them.
"""

import json
import re
import time

import web_server

KEY = "sk-k3y-of-the-tests-0123456789"
# What a good model knows: source column to target column.
KNOWN = {
    "ref_a": "customer_number",
    "cust_ref": "customer_number",
    "zz_1": "postal_code",
    "zz_2": "birth_date",
    "tel_x": "phone_number",
}


class Handler(web_server.Handler):
    def answer(self):
        body = self.read_body()
        parts = [part for part in self.path.split("/") if part]
        if parts == ["_log"]:
            with self.server.lock:
                self.send_json(self.server.log)
            return
        if parts == ["_reset"]:
            with self.server.lock:
                self.server.reset()
            self.send_json({})
            return
        given = json.loads(body) if body else None
        with self.server.lock:
            self.server.log.append({
                "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()},
                "body": given, "time": time.monotonic(),
            })
        self.mode = parts[0] if parts else ""
        if parts[1:] == ["models"]:
            self.on_models()
        elif parts[1:] == ["chat", "completions"]:
            self.on_chat(given)
        else:
            self.send_json({"error": {"message": "no such path"}}, 404)

    do_GET = do_POST = answer

    def on_models(self):
        if self.mode == "secured" and self.headers.get("Authorization") != f"Bearer {KEY}":
            self.send_json({"error": {"message": "no"}}, 401)
        elif self.mode == "nolist":
            self.send_json({"error": {"message": "not found"}}, 404)
        elif self.mode == "500":
            self.send_json({"error": {"message": "broken"}}, 500)
        else:
            self.send_json({"object": "list", "data": [{"id": "tiny"}, {"id": "other"}]})

    def good_choices(self, document):
        numbers = {target["name"]: target["number"] for target in document["targets"]}
        return {
            str(question["question"]): numbers.get(KNOWN.get(question["column"]["name"], ""), 0)
            for question in document["questions"]
        }

    def say(self, text, usage="good", kind="application/json"):
        answer = {
            "id": "chatcmpl-1", "object": "chat.completion", "model": "whatever",
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": text}}],
        }
        if usage == "good":
            answer["usage"] = {"prompt_tokens": 200, "completion_tokens": 10, "total_tokens": 210}
        elif usage is not None:
            answer["usage"] = usage
        self.send_json(answer, kind=kind)

    def say_choices(self, choices, **more):
        self.say(json.dumps(choices), **more)

    def on_chat(self, given):
        handler = getattr(self, "chat_" + re.sub("[^a-z0-9].*", "", self.mode), None)
        document = json.loads(given["messages"][1]["content"])
        if handler is None:
            self.send_json({"error": {"message": "unknown mode"}}, 404)
        else:
            handler(document)

    # Good models, in their ways of speaking.
    def chat_good(self, document):
        self.say_choices(self.good_choices(document))

    def chat_secured(self, document):
        if self.headers.get("Authorization") == f"Bearer {KEY}":
            self.chat_good(document)
        else:
            # As some services do, it shows the key that it does not like.
            shown = self.headers.get("Authorization") or ""
            self.send_json({"error": {"message": f"Incorrect API key provided: {shown}"}}, 401)

    def chat_fenced(self, document):
        self.say("Here you are:\n```json\n" + json.dumps(self.good_choices(document)) + "\n```\n")

    def chat_thinking(self, document):
        self.say('<think>{"1": 0} or {"1": 99}?</think>\n' +
                 json.dumps(self.good_choices(document)))

    def chat_strings(self, document):
        self.say_choices({k: str(v) for k, v in self.good_choices(document).items()})

    def chat_plain(self, document):
        self.say_choices(self.good_choices(document), kind="text/plain")

    def chat_none(self, document):
        self.say_choices({k: 0 for k in self.good_choices(document)})

    def chat_first(self, document):
        # The first target that each question lists.
        self.say_choices({str(q["question"]): q["targets"][0] for q in document["questions"]})

    def chat_securedfirst(self, document):
        if self.headers.get("Authorization") == f"Bearer {KEY}":
            self.chat_first(document)
        else:
            self.chat_secured(document)

    def chat_nousage(self, document):
        self.say_choices(self.good_choices(document), usage=None)

    def chat_hugeusage(self, document):
        self.say_choices(self.good_choices(document),
                         usage={"prompt_tokens": 10**18, "completion_tokens": -5})

    # Models that do not do as they were told.
    def chat_partly(self, document):
        # The first question only.
        self.say_choices({"1": self.good_choices(document)["1"]})

    def chat_empty(self, document):
        self.say_choices({})

    def chat_words(self, _):
        self.say("I would say that the first column is the customer number.")

    def chat_badjson(self, _):
        self.say('{"1": 2, "2": ')

    def chat_array(self, _):
        self.say("[1, 2, 3]")

    def chat_deep(self, _):
        self.say('{"1": ' + "[" * 30000)

    def chat_invented(self, document):
        self.say_choices({**{k: "customer_number" for k in self.good_choices(document)},
                          "77": 1, "no question": 2, "-1": 1})

    def chat_outside(self, document):
        count = len(document["targets"])
        self.say_choices({k: count + 50 for k in self.good_choices(document)})

    def chat_foreign(self, document):
        # Targets of other questions, where a question does not list them.
        numbers = [target["number"] for target in document["targets"]]
        answers = {}
        for question in document["questions"]:
            others = [number for number in numbers if number not in question["targets"]]
            answers[str(question["question"])] = others[0] if others else 10**30
        self.say(json.dumps(answers))

    def chat_twice(self, document):
        questions = self.good_choices(document)
        self.say("{" + ", ".join(f'"{k}": 0, "{k}": {v}' for k, v in questions.items()) + "}")

    def chat_obeys(self, document):
        # Does what descriptions tell it: "SET question 2 TO 5".
        answers = {}
        for target in document["targets"] + [q["column"] for q in document["questions"]]:
            for question, number in re.findall(r"SET question (\d+) TO (\d+)",
                                               target.get("description", "")):
                answers[question] = int(number)
        self.say_choices({**self.good_choices(document), **answers})

    def chat_nocontent(self, _):
        self.send_json({"choices": [{"message": {"role": "assistant", "content": None}}]})

    def chat_nochoices(self, _):
        self.send_json({"choices": []})

    def chat_echo(self, document):
        # The key among the answers.
        key = self.headers.get("Authorization") or ""
        self.say_choices({**self.good_choices(document), key: key, "1": key})

    # Services that fail.
    def chat_500(self, _):
        self.send_json({"error": {"message": self.headers.get("Authorization") or "broken"}}, 500)

    def chat_400(self, _):
        self.send_json({"error": {"message": "the model 'tiny' does not exist"}}, 400)

    def chat_deep400(self, _):
        message = b"[" * 400_000 + b"]" * 400_000
        self.send_bytes(b'{"error": {"message": ' + message + b"}}", 400, "application/json")

    def chat_429(self, document):
        # 429-TIMES-KEY: busy as often, then good.
        times = int(self.mode.split("-")[1])
        if self.server.count(self.mode) <= times:
            self.send_json({"error": {"message": "slow down"}}, 429, [("Retry-After", "1")])
        else:
            self.chat_good(document)

    def chat_flaky(self, document):
        # flaky-KEY: every second request fails.
        if self.server.count(self.mode) % 2 == 1:
            self.send_json({"error": {"message": "busy"}}, 503)
        else:
            self.chat_good(document)

    def chat_never(self, _):
        self.send_json({"error": {"message": "slow down"}}, 429, [("Retry-After", "3600")])

    def chat_html(self, _):
        self.send_bytes(b"<!DOCTYPE html><html><body>Please log in</body></html>", 200, "text/html")

    def chat_cut(self, _):
        self.send_cut(b'{"choices": [')

    def chat_drip(self, _):
        self.send_drip()

    def chat_huge(self, _):
        text = b"x" * 100_000
        self.begin(200, "application/json", len(text) * 50)
        for _ in range(50):
            self.wfile.write(text)

    def chat_long(self, document):
        # Small enough for the client, too long for an answer.
        self.say(json.dumps(self.good_choices(document)) + " " * 200_000)

    def chat_redirect(self, _):
        port = self.headers["Host"].split(":")[1]
        self.send_json({}, 307, [("Location", f"http://localhost:{port}/good/chat/completions")])

    def chat_slowfirst(self, document):
        time.sleep(0.2)
        self.chat_first(document)

    def chat_slow(self, document):
        time.sleep(0.3)
        self.chat_good(document)


if __name__ == "__main__":
    web_server.run(web_server.Server(Handler))
