"""Judges one recorded conversation by the protocol."""
import json, os, time

from capabilities import OFFERS, REQUESTS, Declared
from specification import Specification
from texts import Texts
from tolerated import tolerated

BEFORE_INITIALIZED = {"window/showMessage", "window/logMessage", "telemetry/event", "window/showMessageRequest", "$/progress"}
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INTERNAL_ERROR = -32700, -32600, -32601, -32603
# The person who is asked may take their time.
SLOW = {"window/showMessageRequest"}
SPECIFICATION = Specification()


class Verdict:
    def __init__(self):
        self.messages, self.faults, self.tolerated, self.deliberate = 0, [], [], None


def check(path):
    """What breaks the protocol in one recorded session."""
    with open(path, encoding="utf-8") as log:
        lines = [json.loads(line) for line in log]
    verdict = Verdict()
    verdict.messages = sum("client" in line or "server" in line for line in lines)
    # Tests of what the server makes of broken messages say so.
    verdict.deliberate = next((line["deliberate"] for line in lines if "deliberate" in line), None)
    if verdict.deliberate is None:
        session = Session()
        session.judge(lines)
        for who, text in dict.fromkeys(session.faults):
            reason = tolerated(session.name, text) if who == "client" else None
            if reason:
                verdict.tolerated.append(f"{session.name}: {text}: {reason}")
            else:
                verdict.faults.append(text if who == "session" else f"{who}: {text}")
    return verdict


class Session:
    def __init__(self):
        self.faults = []                # pairs of who and what
        self.name = "a client"          # as it says itself
        self.declared, self.offered = Declared({}), {}
        self.texts = Texts()
        self.waiting, self.answered = {}, set()     # requests of the client, by id
        self.asked = {}                             # requests of the server, by id
        self.registered = {}                        # methods by the ids of their registrations
        self.tokens = {}                            # of progress, with where it is
        self.count, self.latest = 0, {"client": 0, "server": 0}     # requests, and the latest that each has answered
        self.initialized = self.shutdown = self.ending = False

    def judge(self, lines):
        for line in lines:
            if "client" in line or "server" in line:
                (who, content), = line.items()
                self.take(who, content)
            else:
                self.happens(line)
        # Helix kills the tap when it quits, so its log may stop short; the server then sees the end of its input and must go by itself.
        killed = "pid" in lines[0] and not any("exit" in line for line in lines)
        self.ending |= killed and self.shutdown
        # What was asked just before the end needs no answer.
        for who, questions in (("server", self.waiting), ("client", self.asked)):
            for question in questions.values():
                method, is_forgotten = question["method"], question["at"] < self.latest[who]
                if method == "initialize" or (not self.ending or is_forgotten) and method not in SLOW:
                    self.wrong(who, f"no answer to {method}")
        if killed and outlives(lines[0]["pid"]):
            self.wrong("session", "the server outlived its editor")

    def wrong(self, who, text):
        self.faults.append((who, text))

    def happens(self, line):
        if "fault" in line:
            self.wrong("session", line["fault"])
        if "panicked" in line.get("stderr", ""):
            self.wrong("session", "the server wrote: " + line["stderr"])
        if line.get("exit", 0) != 0 and self.shutdown:
            self.wrong("session", f"exit code {line['exit']} after a shutdown")
        if line.get("closed") == "server" and not self.ending:
            self.wrong("session", "the server ended before the client did")
        self.ending |= line.get("closed") == "client"

    def take(self, who, content):
        message = content.get("message")
        if message is None:
            return self.wrong(who, f"{content['fault']}: {content['bytes']}")
        shape, wrong = shape_of(message)
        if wrong:
            return self.wrong(who, f"{wrong}: {json.dumps(message)[:200]}")
        if shape == "response":
            return self.answer(who, message)
        method = message["method"]
        entry = SPECIFICATION.entry(shape, method)
        if entry is None:
            if shape == "request":
                (self.waiting if who == "client" else self.asked)[message["id"]] = self.question(message, fits=False, late=False, offered=False)
            # Notifications that start so may be ignored.
            if shape == "request" or not method.startswith("$/"):
                self.wrong(who, f"there is no {shape} {method}")
            return
        if entry["messageDirection"] not in ("both", "clientToServer" if who == "client" else "serverToClient"):
            self.wrong(who, f"{method} is not for this side to send")
        fits = self.shaped(who, method, SPECIFICATION.params(shape, message))
        (self.of_client if who == "client" else self.of_server)(shape, message, fits)

    def shaped(self, who, what, faults):
        """Notes faults of a shape; whether it can be read. What a client says more than others do is its own affair."""
        for fault in faults:
            if who == "server" or not fault["unknown"]:
                self.wrong(who, f"{what}: {fault['where']} {fault['what']}")
        return all(fault["unknown"] for fault in faults)

    def question(self, message, **facts):
        self.count += 1
        return {"method": message["method"], "params": message.get("params"), "message": message, "at": self.count, **facts}

    # What the client sends.

    def of_client(self, shape, message, fits):
        method, params = message["method"], message.get("params")
        self.ending |= method == "exit"
        if shape == "request":
            if message["id"] in self.waiting:
                self.wrong("client", f"{method}: the id {message['id']} is in use")
            self.waiting[message["id"]] = self.question(message, fits=fits, late=self.shutdown, offered=self.offers(method))
            self.shutdown |= method == "shutdown"
            for name in ("workDoneToken", "partialResultToken"):
                if isinstance(params, dict) and params.get(name) is not None:
                    self.tokens[params[name]] = Token(name, message)
        if method == "initialize" and isinstance(params, dict):
            self.declared = Declared(params.get("capabilities", {}))
            self.name = (params.get("clientInfo") or {}).get("name", self.name)
        elif fits:
            self.texts.told(message)

    def offers(self, method):
        """Whether the server has said that it has a method."""
        where = SPECIFICATION.entry("request", method).get("serverCapability") or OFFERS.get(method)
        registration = SPECIFICATION.entry("request", method).get("registrationMethod", method)
        if where is None or registration in self.registered.values():
            return True
        value = self.offered
        for key in where.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return value not in (None, False)

    # What the server sends.

    def of_server(self, shape, message, fits):
        method, params = message["method"], message.get("params")
        if not self.initialized and method not in BEFORE_INITIALIZED:
            self.wrong("server", f"{method} before the answer to initialize")
        if shape == "request":
            if message["id"] in self.asked:
                self.wrong("server", f"{method}: the id {message['id']} is in use")
            self.asked[message["id"]] = self.question(message)
        needs = REQUESTS.get(method, SPECIFICATION.entry(shape, method).get("clientCapability"))
        if needs and not self.declared.takes(needs):
            self.undeclared(method, f"it needs {needs}")
        if not fits:
            return
        for what in self.declared.in_params(method, params):
            self.undeclared(method, what)
        if method == "window/workDoneProgress/create":
            self.tokens[params["token"]] = Token("created", message)
        if method == "$/progress":
            self.progress(params)
        if method == "client/unregisterCapability":
            for gone in params["unregisterations"]:
                if self.registered.pop(gone["id"], None) != gone["method"]:
                    self.wrong("server", f"{gone['method']} is unregistered, and was not registered as {gone['id']}")

    def undeclared(self, method, what):
        self.wrong("server", f"{method}: not declared by the client: {what}")

    def progress(self, params):
        token = self.tokens.get(params["token"])
        if token is None or token.state == "over":
            return self.wrong("server", f"progress for {params['token']!r}, which {'is over' if token else 'nobody knows'}")
        if token.kind == "partialResultToken":
            wanted = SPECIFICATION.entry("request", token.request["method"]).get("partialResult")
            if wanted is None:
                return self.wrong("server", f"{token.request['method']} has no partial results")
            self.shaped("server", f"a part of {token.request['method']}", SPECIFICATION.faults(wanted, params["value"], "value"))
            return
        if token.state == "asked":
            self.wrong("server", f"progress for {params['token']!r}, which the client has not accepted yet")
        kind = params["value"].get("kind") if isinstance(params["value"], dict) else None
        name = {"begin": "WorkDoneProgressBegin", "report": "WorkDoneProgressReport", "end": "WorkDoneProgressEnd"}.get(kind)
        if name is None:
            return self.wrong("server", "progress that neither begins nor goes on nor ends")
        self.shaped("server", f"progress ({kind})", SPECIFICATION.named(name, params["value"], "value"))
        if (kind == "begin") == (token.state == "begun"):
            self.wrong("server", f"progress for {params['token']!r}: a {kind} where it has {'' if token.state == 'begun' else 'not '}begun")
        token.state = "over" if kind == "end" else "begun"

    # Answers.

    def answer(self, who, message):
        questions = self.asked if who == "client" else self.waiting
        request = questions.pop(message["id"], None)
        if request is None:
            again = "a second answer" if message["id"] in self.answered else "an answer without a question"
            return self.wrong(who, f"{again}: {json.dumps(message)[:200]}")
        method = request["method"]
        self.latest[who] = max(self.latest[who], request["at"])
        if SPECIFICATION.entry("request", method) is None:
            return
        fits = self.shaped(who, f"the answer to {method}", SPECIFICATION.answer(method, message))
        (self.client_answers if who == "client" else self.server_answers)(request, message, fits)

    def client_answers(self, request, message, fits):
        method, accepted = request["method"], "error" not in message
        if method == "client/registerCapability" and accepted:
            self.registered |= {it["id"]: it["method"] for it in request["params"]["registrations"]}
        if method == "window/workDoneProgress/create":
            self.tokens[request["params"]["token"]].state = "accepted" if accepted else "over"

    def server_answers(self, request, message, fits):
        method, result = request["method"], message.get("result")
        self.answered.add(message["id"])
        self.initialized |= method == "initialize"
        for token in self.tokens.values():
            if token.request is request["message"] and token.kind != "created":
                token.state = "over"
        if "error" in message:
            return self.refused(request, message["error"])
        if not request["offered"]:
            self.wrong("client", f"{method} was asked, which the server did not offer")
        if not fits:
            return
        if method == "initialize":
            self.offered = result["capabilities"]
        for what in self.declared.in_answer(method, result):
            self.undeclared(method, what)
        for name in commands(result):
            if name not in self.commands():
                self.undeclared(method, f"the command {name}")
        if method == "completionItem/resolve" and request["fits"]:
            for what in self.declared.in_resolved(request["params"], result):
                self.undeclared(method, what)
        if request["fits"] or method == "initialize":
            for what in self.texts.judge(request["message"], result):
                self.wrong("server", f"{method}: {what}")

    def refused(self, request, error):
        """An error is right where something is wrong with the request, or with what a person wants."""
        code = error.get("code")
        is_right = {PARSE_ERROR: False, INTERNAL_ERROR: False, INVALID_REQUEST: request["late"] or not self.initialized,
                    METHOD_NOT_FOUND: not request["offered"]}.get(code, True)
        if not is_right:
            self.wrong("server", f"{request['method']}: {error.get('message')}")

    def commands(self):
        """The commands that somebody has."""
        own = self.declared.at("experimental.commands.commands") or []
        return {"", *own, *(self.offered.get("executeCommandProvider") or {}).get("commands", [])}


class Token:
    """One of progress: who has brought it up, and how far it is."""

    def __init__(self, kind, request):
        self.kind, self.request = kind, request
        self.state = "asked" if kind == "created" else "accepted"


def commands(value):
    """The names of all commands in an answer."""
    if isinstance(value, list):
        for each in value:
            yield from commands(each)
    elif isinstance(value, dict):
        if isinstance(value.get("command"), str) and "title" in value:
            yield value["command"]
        for name, each in value.items():
            if name not in ("data", "arguments"):
                yield from commands(each)


def shape_of(message):
    """request, notification or response; or what is wrong with it."""
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return None, "not JSON-RPC 2.0"
    keys = set(message) - {"jsonrpc"}
    if "id" in keys and type(message["id"]) not in (int, str):
        return None, "an id that is neither number nor string"
    if "method" in keys and keys <= {"id", "method", "params"} and isinstance(message["method"], str):
        return ("request" if "id" in keys else "notification"), None
    if keys == {"id", "result"} or keys == {"id", "error"}:
        return "response", None
    return None, "a message of no known shape"


def outlives(pid):
    for _ in range(50):
        if not os.path.exists(f"/proc/{pid}"):
            return False
        time.sleep(0.1)
    return True
