"""The texts that an editor has told the server of, and whether answers fit them."""
import json, re

WHOLE, DELTA, PART = (f"textDocument/semanticTokens/{kind}" for kind in ("full", "full/delta", "range"))
# Answers whose ranges are all in the file that was asked for.
OF_ONE_FILE = {f"textDocument/{name}" for name in ("hover", "documentHighlight", "documentLink", "selectionRange", "codeLens", "inlayHint",
               "documentSymbol", "formatting", "rangeFormatting", "onTypeFormatting", "completion", "prepareRename")}


class Texts:
    def __init__(self):
        self.texts, self.asked, self.unit, self.legend, self.tokens = {}, {}, "utf-16", None, {}

    def told(self, message):
        """A message of the editor, before it is answered."""
        params = message.get("params") or {}
        document = params.get("textDocument") if isinstance(params, dict) else None
        if not document:
            return
        uri, method = document["uri"], message["method"]
        if method == "textDocument/didOpen":
            self.texts[uri] = document["text"]
        elif method == "textDocument/didChange":
            for change in params["contentChanges"]:
                self.texts[uri] = self.changed(self.texts.get(uri, ""), change)
        elif method == "textDocument/didClose":
            self.texts.pop(uri, None)
        elif "id" in message:
            self.asked[message["id"]] = self.texts.get(uri)

    def judge(self, request, result):
        """What is wrong with an answer, as sentences. One that an edit has overtaken is not judged."""
        method, params = request["method"], request.get("params")
        if method == "initialize" and result:
            offers = result["capabilities"]
            self.unit = offers.get("positionEncoding", "utf-16")
            self.legend = (offers.get("semanticTokensProvider") or {}).get("legend")
        text = self.asked.pop(request["id"], None)
        if not result or text is None:
            return
        lines = [self.length(line) for line in split(text)]
        fits = text == self.texts.get(params["textDocument"]["uri"])
        if method in (WHOLE, DELTA, PART):
            yield from self.judge_tokens(method, params, result, lines if fits else None)
        elif fits and method in OF_ONE_FILE:
            yield from (f"{found} is not in the text" for found in ranges(result) if not inside(found, lines))
            if "ormatting" in method:
                ends = sorted((place(edit["range"]["start"]), place(edit["range"]["end"])) for edit in result)
                if any(one[1] > other[0] for one, other in zip(ends, ends[1:])):
                    yield "edits overlap"
            if method == "textDocument/completion" and inside({"start": params["position"], "end": params["position"]}, lines):
                yield from judge_items(params["position"], result)
            if method == "textDocument/selectionRange":
                if len(result) != len(params["positions"]):
                    yield "not one selection for each position"
                for selection, position in zip(result, params["positions"]):
                    inner = (place(position), place(position))
                    while selection and position["line"] < len(lines):
                        outer = (place(selection["range"]["start"]), place(selection["range"]["end"]))
                        if outer[0] > inner[0] or outer[1] < inner[1]:
                            yield f"{outer} does not hold {inner}"
                        selection, inner = selection.get("parent"), outer

    def judge_tokens(self, method, params, result, lines):
        uri = params["textDocument"]["uri"]
        if "edits" in result:
            of, data = self.tokens.get(uri, (None, []))
            if of != params["previousResultId"]:
                yield "a delta to what was not sent last"
            for edit in sorted(result["edits"], key=lambda edit: -edit["start"]):
                end = edit["start"] + edit["deleteCount"]
                if end > len(data):
                    yield "a delta beyond the end"
                data = data[:edit["start"]] + edit.get("data", []) + data[end:]
        else:
            data = result["data"]
        if method != PART:
            self.tokens[uri] = (result.get("resultId"), data)
        if len(data) % 5:
            yield f"{len(data)} numbers of tokens"
        line = start = end = 0
        for down, right, length, kind, modifiers in zip(*[iter(data)] * 5):
            line, start, end = (line + down, right, 0) if down else (line, start + right, end)
            if kind >= len(self.legend["tokenTypes"]) or modifiers >> len(self.legend["tokenModifiers"]):
                yield f"a token of kind {kind} with {modifiers:b}, which the legend does not have"
            if start < end or length == 0:
                yield f"a token at {line}:{start} is empty or overlaps"
            end = start + length
            if lines and (line >= len(lines) or end > lines[line]):
                yield f"a token at {line}:{start} is not in the text"

    def changed(self, text, change):
        if "range" not in change:
            return change["text"]
        start, end = sorted(self.offset(text, change["range"][side]) for side in ("start", "end"))
        return text[:start] + change["text"] + text[end:]

    def offset(self, text, position):
        """Within a character counts as before it, behind a line or the text as its end."""
        lines, before = split(text), 0
        if position["line"] >= len(lines):
            return len(text)
        for line in lines[:position["line"]]:
            before += len(line)
            before += 2 if text[before:before + 2] == "\r\n" else 1
        units = 0
        for character in lines[position["line"]]:
            units += self.length(character)
            if units > position["character"]:
                break
            before += 1
        return before

    def length(self, text):
        return {"utf-8": lambda: len(text.encode()), "utf-32": lambda: len(text)}.get(self.unit, lambda: len(text.encode("utf-16-le")) // 2)()


def split(text):
    return re.split(r"\r\n|\n|\r", text)


def ranges(value):
    """All ranges within an answer, wherever they stand; a label may hold none."""
    if isinstance(value, list):
        for each in value:
            yield from ranges(each)
    elif isinstance(value, dict):
        if set(value) == {"start", "end"}:
            yield value
        else:
            yield from ranges([each for key, each in value.items() if key not in ("arguments", "data")])


def inside(found, lines):
    start, end = place(found["start"]), place(found["end"])
    return start <= end and all(line < len(lines) and character <= lines[line] for line, character in (start, end))


def place(position):
    return position["line"], position["character"]


def judge_items(position, result):
    cursor = place(position)
    for item in result["items"] if isinstance(result, dict) else result:
        edit = item.get("textEdit", {})
        for found in ranges(edit):
            start, end = place(found["start"]), place(found["end"])
            if not (start[0] == cursor[0] == end[0] and start <= cursor <= end):
                yield f"{json.dumps(item['label'])} is not around the cursor"
        if "insert" in edit and (edit["insert"]["start"] != edit["replace"]["start"] or place(edit["insert"]["end"]) > place(edit["replace"]["end"])):
            yield f"{json.dumps(item['label'])} inserts what is no start of what it replaces"
        if item.get("insertTextFormat") != 2 and re.search(r"\$\{\d", edit.get("newText", "")):
            yield f"{json.dumps(item['label'])} writes places to fill in as text"
