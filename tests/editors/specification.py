"""Which shapes messages have, by the meta model of the Language Server Protocol (specification.json) and our own methods (own.json)."""
import json, os

NUMBERS = {"integer": (-2**31, 2**31 - 1), "uinteger": (0, 2**31 - 1)}
STRINGS = {"string", "URI", "DocumentUri", "RegExp"}
WORDS = {str: "a string", bool: "a boolean", int: "a number", float: "a number", type(None): "null", list: "a list", dict: "an object"}


class Specification:
    def __init__(self):
        here = os.path.dirname(os.path.abspath(__file__))
        models = []
        for name in ("specification.json", "own.json"):
            with open(os.path.join(here, name), encoding="utf-8") as model:
                models.append(json.load(model))
        named = lambda kind, key: {entry[key]: entry for model in models for entry in model.get(kind, [])}
        self.requests, self.notifications = named("requests", "method"), named("notifications", "method")
        self.structures, self.aliases, self.enumerations = named("structures", "name"), named("typeAliases", "name"), named("enumerations", "name")
        self.registered = {}
        for entry in [*self.requests.values(), *self.notifications.values()]:
            if "registrationOptions" in entry:
                self.registered[entry.get("registrationMethod", entry["method"])] = entry["registrationOptions"]
        self.known = {}

    def params(self, kind, message):
        """What is wrong with the parameters of a message whose method is known."""
        wanted = self.entry(kind, message["method"]).get("params")
        if wanted is None:
            # Null is what many clients write for none.
            return [] if "params" not in message else [fault("params", "has no place", unknown=message["params"] is None)]
        if "params" not in message:
            return [fault("params", "is missing")]
        faults = self.faults(wanted, message["params"], "params")
        if message["method"] == "client/registerCapability" and not faults:
            for at, registration in enumerate(message["params"]["registrations"]):
                options, where = self.registered.get(registration["method"]), f"params.registrations[{at}].registerOptions"
                if options and "registerOptions" in registration:
                    faults += self.faults(options, registration["registerOptions"], where)
        return faults

    def answer(self, method, message):
        """What is wrong with an answer to a method."""
        entry = self.entry("request", method)
        if "error" not in message:
            return self.faults(entry["result"], message["result"], "result")
        error = {"kind": "reference", "name": "ResponseError"}
        faults = self.faults(error, message["error"], "error")
        # What belongs to an error depends on its code: only the one of `initialize` has to be there.
        if "errorData" in entry and message["error"].get("data") is not None:
            faults += self.faults(entry["errorData"], message["error"]["data"], "error.data")
        return faults

    def named(self, name, value, where):
        return self.faults({"kind": "reference", "name": name}, value, where)

    def entry(self, kind, method):
        return (self.requests if kind == "request" else self.notifications).get(method)

    def faults(self, wanted, value, where):
        """Sentences on what `value` has that the type has not; those on unknown properties are marked."""
        return getattr(self, "of_" + wanted["kind"])(wanted, value, where)

    def of_base(self, wanted, value, where):
        name = wanted["name"]
        if name in STRINGS:
            fits = isinstance(value, str)
        elif name in NUMBERS:
            least, most = NUMBERS[name]
            fits = type(value) is int and least <= value <= most
        elif name == "decimal":
            fits = type(value) in (int, float)
        else:
            fits = isinstance(value, bool) if name == "boolean" else value is None
        return [] if fits else [fault(where, f"is {shown(value)} and not {name}")]

    def of_reference(self, wanted, value, where):
        name = wanted["name"]
        if name in ("LSPAny", "LSPObject", "LSPArray"):
            return [] if name == "LSPAny" or isinstance(value, dict if name == "LSPObject" else list) else [fault(where, f"is no {name}")]
        if name in self.aliases:
            return self.faults(self.aliases[name]["type"], value, where)
        if name in self.enumerations:
            return self.of_enumeration(self.enumerations[name], value, where)
        return self.of_object(self.properties(name), value, where)

    def of_enumeration(self, wanted, value, where):
        faults = self.faults(wanted["type"], value, where)
        if faults or wanted.get("supportsCustomValues") or any(value == known["value"] for known in wanted["values"]):
            return faults
        return [fault(where, f"is {shown(value)}, which is no {wanted['name']}")]

    def of_object(self, properties, value, where):
        if not isinstance(value, dict):
            return [fault(where, f"is {shown(value)} and not an object")]
        faults = [fault(f"{where}.{name}", "is missing") for name, it in properties.items() if not it.get("optional") and name not in value]
        for name, held in value.items():
            if name in properties:
                faults += self.faults(properties[name]["type"], held, f"{where}.{name}")
            else:
                faults.append(fault(f"{where}.{name}", "is unknown", unknown=True))
        return faults

    def of_array(self, wanted, value, where):
        if not isinstance(value, list):
            return [fault(where, f"is {shown(value)} and not a list")]
        return [found for each in value for found in self.faults(wanted["element"], each, f"{where}[]")]

    def of_tuple(self, wanted, value, where):
        if not isinstance(value, list) or len(value) != len(wanted["items"]):
            return [fault(where, f"is not a list of {len(wanted['items'])}")]
        return [found for kind, each in zip(wanted["items"], value) for found in self.faults(kind, each, f"{where}[]")]

    def of_map(self, wanted, value, where):
        if not isinstance(value, dict):
            return [fault(where, f"is {shown(value)} and not an object")]
        faults = []
        for key, held in value.items():
            faults += self.faults(wanted["key"], key, f"{where}, its key {key!r}") + self.faults(wanted["value"], held, f"{where}[{key!r}]")
        return faults

    def of_stringLiteral(self, wanted, value, where):
        return [] if value == wanted["value"] else [fault(where, f"is {shown(value)} and not {wanted['value']!r}")]

    of_integerLiteral = of_booleanLiteral = of_stringLiteral

    def of_literal(self, wanted, value, where):
        return self.of_object({it["name"]: it for it in wanted["value"]["properties"]}, value, where)

    def of_and(self, wanted, value, where):
        properties = {}
        for item in wanted["items"]:
            properties |= self.properties(item["name"])
        return self.of_object(properties, value, where)

    def of_or(self, wanted, value, where):
        """The faults by the alternative that has the fewest, and of equal ones that which tells of a place inside."""
        best = None
        for item in wanted["items"]:
            found = self.faults(item, value, where)
            if not found:
                return []
            worth = (any(each["where"] == where for each in found), len([each for each in found if not each["unknown"]]), len(found))
            if best is None or worth < best[0]:
                best = (worth, found)
        return best[1]

    def properties(self, name):
        """All properties of a structure, with those of the ones that it is made of."""
        if name not in self.known:
            structure, all_of_it = self.structures[name], {}
            for base in structure.get("extends", []) + structure.get("mixins", []):
                all_of_it |= self.properties(base["name"])
            self.known[name] = all_of_it | {it["name"]: it for it in structure["properties"]}
        return self.known[name]


def fault(where, what, unknown=False):
    return {"where": where, "what": what, "unknown": unknown}


def shown(value):
    text = json.dumps(value)
    return text if len(text) <= 40 else WORDS[type(value)]
