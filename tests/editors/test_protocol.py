"""Each fault that the check of conversations is for is found, and a good conversation has none.  python3 -m unittest discover tests/editors"""
import json, os, tempfile, unittest

from protocol import check
from specification import Specification

URI = "file:///w/Dockerfile"
TEXT = "FROM a AS b\nRUN c\n"
OFFERS = {"hoverProvider": True, "completionProvider": {"resolveProvider": True}, "definitionProvider": True, "renameProvider": True,
          "documentSymbolProvider": True, "codeActionProvider": True, "foldingRangeProvider": True, "documentLinkProvider": {},
          "codeLensProvider": {}, "signatureHelpProvider": {}, "textDocumentSync": 2, "workspaceSymbolProvider": True}


def span(line, start, end):
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


class Talk:
    """A conversation, as it is recorded."""

    def __init__(self, capabilities=None, offers=OFFERS, name="some client"):
        self.lines, self.count = [], 0
        self.ask("initialize", {"processId": None, "rootUri": None, "clientInfo": {"name": name}, "capabilities": capabilities or {}},
                 {"capabilities": offers})
        self.client(method="initialized", params={})
        self.client(method="textDocument/didOpen", params={"textDocument": {"uri": URI, "languageId": "dockerfile", "version": 1, "text": TEXT}})

    def client(self, **message):
        self.lines.append({"client": {"message": {"jsonrpc": "2.0", **message}}})
        return self

    def server(self, **message):
        self.lines.append({"server": {"message": {"jsonrpc": "2.0", **message}}})
        return self

    def ask(self, method, params, result):
        self.count += 1
        self.client(id=self.count, method=method, params=params)
        return self.server(id=self.count, result=result)

    def here(self, name, result, **params):
        return self.ask(f"textDocument/{name}", {"textDocument": {"uri": URI}, **params}, result)

    def at(self, name, result, **params):
        return self.here(name, result, position={"line": 0, "character": 10}, **params)

    def asks_back(self, method, params, result=None):
        self.count += 1
        message = {"method": method} if params is None else {"method": method, "params": params}
        self.server(id=self.count, **message)
        return self.client(id=self.count, result=result)

    def actions(self, *actions):
        return self.here("codeAction", list(actions), range=span(0, 0, 1), context={"diagnostics": []})

    def published(self, **diagnostic):
        return self.server(method="textDocument/publishDiagnostics",
                           params={"uri": URI, "diagnostics": [{"range": span(0, 0, 4), "message": "odd", **diagnostic}]})

    def progress(self, token, **value):
        return self.server(method="$/progress", params={"token": token, "value": value})

    def faults(self, ends=True):
        if ends:
            self.ask("shutdown", None, None).client(method="exit")
            self.lines += [{"closed": "client"}, {"closed": "server"}, {"exit": 0}]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "log")
            with open(path, "w", encoding="utf-8") as log:
                log.writelines(json.dumps(line) + "\n" for line in self.lines)
            self.verdict = check(path)
        return self.verdict.faults


def declaring(where, value=True):
    """Capabilities with one that has a value."""
    for key in reversed(where.split(".")):
        value = {key: value}
    return value


class Shapes(unittest.TestCase):
    def find(self, talk, *words):
        faults = talk.faults()
        self.assertTrue(any(all(word in fault for word in words) for fault in faults), f"{words} not in {faults}")

    def test_a_good_conversation_has_no_faults(self):
        talk = Talk().at("hover", {"contents": {"kind": "plaintext", "value": "x"}, "range": span(0, 0, 4)})
        talk.at("completion", [{"label": "b", "kind": 9}]).at("definition", {"uri": URI, "range": span(0, 5, 6)}).at("hover", None)
        talk.here("documentSymbol", [{"name": "b", "kind": 2, "location": {"uri": URI, "range": span(0, 0, 4)}}]).published(severity=2, code=7)
        talk.client(id="again", method="textDocument/rename", params={"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}, "newName": ""})
        talk.server(id="again", error={"code": -32803, "message": "no"})
        self.assertEqual(talk.faults(), [])

    def test_what_answers_hold(self):
        for result, *words in [
            ({"contents": 7}, "result.contents", "is 7"),
            ({}, "result.contents", "missing"),
            ({"contents": "x", "rnage": 1}, "result.rnage", "unknown"),
            ({"contents": "x", "range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}}, "line", "-1 and not uinteger"),
            ({"contents": "x", "range": None}, "result.range", "null"),
            ({"contents": {"kind": "html", "value": ""}}, "MarkupKind"),
            ([], "result", "[]"),
        ]:
            self.find(Talk().at("hover", result), "the answer to textDocument/hover", *words)
        self.find(Talk().at("completion", {"items": []}), "isIncomplete", "missing")
        self.find(Talk().at("completion", [{"label": "b", "kind": 99}]), "99", "CompletionItemKind")
        self.find(Talk().at("definition", [{"uri": URI}]), "range", "missing")
        self.find(Talk().here("codeLens", [{"range": span(0, 0, 1), "command": {"command": "x"}}]), "title", "missing")

    def test_what_requests_and_notifications_hold(self):
        self.find(Talk().published(severity=9), "publishDiagnostics", "DiagnosticSeverity")
        self.find(Talk().published(sevreity=1), "sevreity", "unknown")
        self.find(Talk().here("hover", None, position={"line": "0", "character": 0}), "client: textDocument/hover", "line")
        self.find(Talk().server(method="window/showMessage", params={"type": 1}), "params.message is missing")
        self.find(Talk().server(method="window/logMessage"), "params is missing")
        refresh = declaring("workspace.codeLens.refreshSupport")
        self.find(Talk(refresh).server(id=99, method="workspace/codeLens/refresh", params=None).client(id=99, result=None), "params has no place")
        wrong = {"registrations": [{"id": "1", "method": "textDocument/onTypeFormatting", "registerOptions": {"documentSelector": [{"language": 7}]}}]}
        self.find(Talk().asks_back("client/registerCapability", wrong), "registerOptions", "7")
        self.assertEqual(Talk().at("hover", None, another="property").faults(), [], "clients may say more")

    def test_what_is_no_message_of_the_protocol(self):
        self.find(Talk().server(method="textDocument/nonsense", params={}), "there is no notification")
        self.find(Talk().ask("textDocument/nonsense", {}, None), "there is no request")
        self.find(Talk().server(id=99, method="textDocument/hover", params={}), "not for this side")
        self.find(Talk().server(id=99, result=None, error={"code": 1, "message": ""}), "a message of no known shape")
        self.find(Talk().server(id=99), "a message of no known shape")
        self.find(Talk().server(id=1.5, result=None), "an id that is neither")
        self.find(Talk().server(method="$/progress", params={}, id=None), "an id that is neither")
        self.assertEqual(Talk().server(method="$/anything").faults(), [])

    def test_our_own_methods_are_for_those_who_declare_them(self):
        graph = {"version": 1, "svg": "", "needed": False, "target": None, "stages": [], "edges": []}
        offers = OFFERS | {"experimental": {"stageGraph": True}}
        ask = lambda talk, result: talk.ask("dockerfile-ls/stageGraph", {"textDocument": {"uri": URI}}, result)
        self.assertEqual(ask(Talk(offers=offers), graph).faults(), [])
        self.find(ask(Talk(), graph), "did not offer")
        self.find(ask(Talk(offers=offers), graph | {"edges": [{}]}), "ranges is missing")
        changed = lambda talk: talk.server(method="dockerfile-ls/stageGraphChanged")
        self.assertEqual(changed(Talk(declaring("experimental.stageGraph"))).faults(), [])
        self.find(changed(Talk()), "not declared")

    def test_every_type_of_the_specification_can_be_checked(self):
        specification = Specification()
        for name in [*specification.structures, *specification.aliases, *specification.enumerations]:
            for value in (None, 7, "x", [], {}, [{}], {"kind": "x"}):
                specification.named(name, value, name)


class Capabilities(unittest.TestCase):
    """What a client has to declare: without it a fault, with it none."""

    def needs(self, capability, say, value=True, others=None):
        def faults(capabilities):
            talk = Talk(merged(capabilities, others or {}))
            say(talk)
            return talk.faults()
        self.assertTrue(any("not declared" in fault for fault in faults({})), f"{capability}: {faults({})}")
        self.assertEqual(faults(declaring(capability, value)), [], capability)

    def test_answers(self):
        item, signature = "textDocument.completion.completionItem", "textDocument.signatureHelp.signatureInformation"
        complete = lambda **more: lambda talk: talk.at("completion", [{"label": "b", **more}])
        defaults = {"isIncomplete": False, "items": [], "itemDefaults": {"insertTextFormat": 1}}
        edit = {"newText": "b", "insert": span(0, 10, 10), "replace": span(0, 10, 11)}
        helps = lambda **more: lambda talk: talk.at("signatureHelp", {"signatures": [{"label": "abc", **more}]})
        symbol = {"name": "b", "kind": 2, "range": span(0, 0, 4), "selectionRange": span(0, 0, 4)}
        fold = lambda **more: lambda talk: talk.here("foldingRange", [{"startLine": 0, "endLine": 1, **more}])
        changed = {"textDocument": {"uri": URI, "version": 1}, "edits": []}
        link = {"targetUri": URI, "targetRange": span(0, 0, 4), "targetSelectionRange": span(0, 0, 4)}
        for capability, value, say in [
            (f"{item}.snippetSupport", True, complete(insertTextFormat=2)),
            (f"{item}.insertReplaceSupport", True, complete(textEdit=edit)),
            (f"{item}.tagSupport", {"valueSet": [1]}, complete(tags=[1])),
            (f"{item}.deprecatedSupport", True, complete(deprecated=True)),
            (f"{item}.labelDetailsSupport", True, complete(labelDetails={})),
            (f"{item}.commitCharactersSupport", True, complete(commitCharacters=["."])),
            (f"{item}.insertTextModeSupport", {"valueSet": [1, 2]}, complete(insertTextMode=2)),
            (f"{item}.documentationFormat", ["markdown"], complete(documentation={"kind": "markdown", "value": ""})),
            ("textDocument.completion.completionItemKind.valueSet", [1], complete(kind=21)),
            ("textDocument.completion.completionList.itemDefaults", ["insertTextFormat"], lambda talk: talk.at("completion", defaults)),
            (f"{item}.resolveSupport", {"properties": ["filterText"]}, lambda talk: talk.ask("completionItem/resolve", {"label": "b"}, {"label": "b", "filterText": "c"})),
            ("textDocument.hover.contentFormat", ["markdown"], lambda talk: talk.at("hover", {"contents": {"kind": "markdown", "value": ""}})),
            (f"{signature}.documentationFormat", ["markdown"], helps(documentation={"kind": "markdown", "value": ""})),
            (f"{signature}.parameterInformation.labelOffsetSupport", True, helps(parameters=[{"label": [0, 1]}])),
            (f"{signature}.activeParameterSupport", True, helps(activeParameter=0)),
            ("textDocument.definition.linkSupport", True, lambda talk: talk.at("definition", [link])),
            ("textDocument.documentSymbol.hierarchicalDocumentSymbolSupport", True, lambda talk: talk.here("documentSymbol", [symbol])),
            ("textDocument.foldingRange.foldingRange.collapsedText", True, fold(collapsedText="…")),
            ("textDocument.documentLink.tooltipSupport", True, lambda talk: talk.here("documentLink", [{"range": span(0, 0, 4), "tooltip": "x"}])),
            ("workspace.workspaceEdit.documentChanges", True, lambda talk: talk.at("rename", {"documentChanges": [changed]}, newName="x")),
            ("experimental.commands.commands", ["run"], lambda talk: talk.here("codeLens", [{"range": span(0, 0, 1), "command": {"title": "Run", "command": "run"}}])),
        ]:
            with self.subTest(capability):
                self.needs(capability, say, value)
        self.assertEqual(len(Talk(declaring("textDocument.foldingRange.lineFoldingOnly")).here("foldingRange", [{"startLine": 0, "endLine": 1, "startCharacter": 0}]).faults()), 1)
        self.assertEqual(len(Talk(declaring("textDocument.foldingRange.rangeLimit", 1)).here("foldingRange", [{"startLine": 0, "endLine": 1}] * 2).faults()), 1)

    def test_code_actions(self):
        literals = declaring("textDocument.codeAction.codeActionLiteralSupport", {"codeActionKind": {"valueSet": []}})
        edit = {"title": "x", "edit": {"changes": {}}}
        self.needs("textDocument.codeAction.codeActionLiteralSupport", lambda talk: talk.actions(edit), {"codeActionKind": {"valueSet": []}})
        self.needs("textDocument.codeAction.isPreferredSupport", lambda talk: talk.actions(edit | {"isPreferred": True}), others=literals)
        self.needs("textDocument.codeAction.disabledSupport", lambda talk: talk.actions(edit | {"disabled": {"reason": "x"}}), others=literals)
        annotated = {"changes": {}, "changeAnnotations": {"a": {"label": "x"}}}
        self.needs("workspace.workspaceEdit.changeAnnotationSupport", lambda talk: talk.actions({"title": "x", "edit": annotated}), {}, literals)
        created = {"documentChanges": [{"kind": "create", "uri": URI}]}
        others = merged(literals, declaring("workspace.workspaceEdit.documentChanges"))
        self.needs("workspace.workspaceEdit.resourceOperations", lambda talk: talk.actions({"title": "x", "edit": created}), ["create"], others)

    def test_diagnostics(self):
        for name, value, diagnostic in [
            ("relatedInformation", True, {"relatedInformation": [{"location": {"uri": URI, "range": span(0, 0, 1)}, "message": ""}]}),
            ("tagSupport", {"valueSet": [1]}, {"tags": [1]}),
            ("codeDescriptionSupport", True, {"codeDescription": {"href": "https://x"}}),
            ("dataSupport", True, {"data": {}}),
        ]:
            self.needs(f"textDocument.publishDiagnostics.{name}", lambda talk: talk.published(**diagnostic), value)
        version = lambda talk: talk.server(method="textDocument/publishDiagnostics", params={"uri": URI, "diagnostics": [], "version": 1})
        self.needs("textDocument.publishDiagnostics.versionSupport", version)
        self.assertEqual(len(Talk({"textDocument": {"diagnostic": {}}}).published().faults()), 1, "who asks gets none sent")

    def test_requests_of_the_server(self):
        watch = {"registrations": [{"id": "1", "method": "workspace/didChangeWatchedFiles", "registerOptions": {"watchers": []}}]}
        for capability, method, params, result in [
            ("workspace.configuration", "workspace/configuration", {"items": []}, []),
            ("workspace.applyEdit", "workspace/applyEdit", {"edit": {}}, {"applied": True}),
            ("workspace.codeLens.refreshSupport", "workspace/codeLens/refresh", None, None),
            ("workspace.diagnostics.refreshSupport", "workspace/diagnostic/refresh", None, None),
            ("window.workDoneProgress", "window/workDoneProgress/create", {"token": 1}, None),
            ("workspace.didChangeWatchedFiles.dynamicRegistration", "client/registerCapability", watch, None),
        ]:
            with self.subTest(method):
                self.needs(capability, lambda talk: talk.asks_back(method, params, result))

    def test_what_is_offered(self):
        legend = {"tokenTypes": ["namespace"], "tokenModifiers": []}
        full = {"tokenTypes": ["namespace"], "tokenModifiers": [], "formats": [], "requests": {"full": {"delta": True}}}
        for capability, value, offer in [
            ("textDocument.rename.prepareSupport", True, {"renameProvider": {"prepareProvider": True}}),
            ("general.positionEncodings", ["utf-8"], {"positionEncoding": "utf-8"}),
            ("textDocument.diagnostic", {}, {"diagnosticProvider": {"interFileDependencies": True, "workspaceDiagnostics": False}}),
            ("textDocument.semanticTokens", full, {"semanticTokensProvider": {"legend": legend, "full": {"delta": True}}}),
            ("window.workDoneProgress", True, {"hoverProvider": {"workDoneProgress": True}}),
            ("workspace.fileOperations.willRename", True, {"workspace": {"fileOperations": {"willRename": {"filters": []}}}}),
        ]:
            with self.subTest(capability):
                self.assertEqual(Talk(declaring(capability, value), offers=offer).faults(), [])
                self.assertTrue(Talk(offers=offer).faults())
        self.assertEqual(len(Talk(offers={}).at("hover", None).faults()), 1, "what was not offered is not answered")
        later = {"registrations": [{"id": "1", "method": "textDocument/hover", "registerOptions": {"documentSelector": None}}]}
        registered = Talk(declaring("textDocument.hover.dynamicRegistration"), offers={}).asks_back("client/registerCapability", later)
        self.assertEqual(registered.at("hover", None).faults(), [])


class Courses(unittest.TestCase):
    def one(self, faults, word):
        self.assertEqual(len(faults), 1, faults)
        self.assertIn(word, faults[0])

    def test_every_request_is_answered_once(self):
        twice = Talk().at("hover", None)
        self.one(twice.server(id=twice.count, result=None).faults(), "a second answer")
        self.one(Talk().server(id=77, result=None).faults(), "an answer without a question")
        forgotten = Talk().client(id="x", method="workspace/symbol", params={"query": ""})
        self.one(forgotten.at("hover", None).faults(), "no answer to workspace/symbol")
        self.one(Talk().client(id="x", method="workspace/symbol", params={"query": ""}).faults(ends=False), "no answer to workspace/symbol")
        cancelled = Talk().client(id="x", method="workspace/symbol", params={"query": ""}).client(method="$/cancelRequest", params={"id": "x"})
        self.assertEqual(cancelled.server(id="x", error={"code": -32800, "message": ""}).faults(), [])
        asking = Talk(declaring("workspace.configuration")).server(id="x", method="workspace/configuration", params={"items": []})
        self.one(asking.faults(ends=False), "client: no answer to workspace/configuration")

    def test_errors_that_are_the_servers_fault(self):
        for code, is_fault in [(-32603, True), (-32601, True), (-32602, False), (-32803, False), (-32801, False)]:
            talk = Talk().client(id="x", method="workspace/symbol", params={"query": ""}).server(id="x", error={"code": code, "message": "so"})
            self.assertEqual(bool(talk.faults()), is_fault, code)

    def test_progress_begins_goes_on_and_ends(self):
        declared = declaring("window.workDoneProgress")
        begun = lambda: Talk(declared).asks_back("window/workDoneProgress/create", {"token": "t"}).progress("t", kind="begin", title="x")
        self.assertEqual(begun().progress("t", kind="report", percentage=50).progress("t", kind="end").faults(), [])
        self.one(begun().progress("t", kind="begin", title="x").faults(), "a begin where it has begun")
        self.one(begun().progress("t", kind="end").progress("t", kind="report").faults(), "is over")
        self.one(begun().progress("t", kind="report", percentage="half").faults(), "percentage")
        self.one(Talk(declared).progress("t", kind="begin", title="x").faults(), "nobody knows")
        early = Talk(declared).server(id="x", method="window/workDoneProgress/create", params={"token": "t"})
        self.one(early.progress("t", kind="begin", title="x").client(id="x", result=None).faults(), "not accepted yet")

    def test_nothing_is_sent_before_the_answer_to_initialize(self):
        talk = Talk()
        talk.published()
        talk.lines.insert(0, talk.lines.pop())
        self.one(talk.faults(), "before the answer to initialize")

    def test_places_are_in_the_text(self):
        self.one(Talk().at("hover", {"contents": "x", "range": span(0, 0, 12)}).faults(), "is not in the text")

    def test_conversations_that_are_not_to_be_judged(self):
        talk = Talk().server(method="nonsense")
        talk.lines.append({"deliberate": "a test of nonsense"})
        self.assertEqual((talk.faults(), talk.verdict.deliberate), ([], "a test of nonsense"))


def merged(one, other):
    both = dict(one)
    for key, value in other.items():
        both[key] = merged(both[key], value) if isinstance(both.get(key), dict) and isinstance(value, dict) else value
    return both


if __name__ == "__main__":
    unittest.main()
