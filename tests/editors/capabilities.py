"""What a server may send only to clients that have declared it: one line for each.

The tables name places in messages. Dots go into objects, lists are gone through, `*` stands for the names themselves and `**` for any way down; `=x` means
that value alone. A capability has to be there and not be false; with `[]` behind it, it is a list that has to hold the value; with
`+` a list whose clients take any other value as well, and those that have none the first ones; with `!` before it, it must not be
there; of two with `|` between them one is enough.
"""

# Requests of the server, and notifications that are not for everyone. The meta model names only the group of some.
REQUESTS = {
    "workspace/codeLens/refresh": "workspace.codeLens.refreshSupport",
    "workspace/textDocumentContent/refresh": "workspace.textDocumentContent",
    "window/showMessage": None,                           # those without a request have always been there
    "textDocument/publishDiagnostics": "textDocument.publishDiagnostics|!textDocument.diagnostic",
}

# Where the capability to register a method is not found below the name of the method.
REGISTRATION = {
    "workspace/didChangeWorkspaceFolders": "workspace.workspaceFolders",
    "textDocument/semanticTokens": "textDocument.semanticTokens.dynamicRegistration",
    "textDocument/prepareCallHierarchy": "textDocument.callHierarchy.dynamicRegistration",
    "textDocument/prepareTypeHierarchy": "textDocument.typeHierarchy.dynamicRegistration",
    "textDocument/documentColor": "textDocument.colorProvider.dynamicRegistration",
} | {f"textDocument/{name}": "textDocument.synchronization.dynamicRegistration"
     for name in ("didOpen", "didChange", "didClose", "didSave", "willSave", "willSaveWaitUntil")
} | {f"workspace/{name}Files": "workspace.fileOperations.dynamicRegistration"
     for name in ("didCreate", "didRename", "didDelete", "willCreate", "willRename", "willDelete")}

# What a server offers for methods where the meta model does not say so.
OFFERS = {
    "callHierarchy/incomingCalls": "callHierarchyProvider",
    "callHierarchy/outgoingCalls": "callHierarchyProvider",
    "typeHierarchy/supertypes": "typeHierarchyProvider",
    "typeHierarchy/subtypes": "typeHierarchyProvider",
    "textDocument/colorPresentation": "colorProvider",
}

LINKS = [f"textDocument/{name}" for name in ("definition", "declaration", "typeDefinition", "implementation")]
ITEM, ACTION, SIGNATURE = "textDocument.completion.completionItem", "textDocument.codeAction", "textDocument.signatureHelp.signatureInformation"
SYMBOL, TOKENS, FOLDING = "textDocument.documentSymbol", "textDocument.semanticTokens", "textDocument.foldingRange"
PUSH, PULL, EDIT = "textDocument.publishDiagnostics", "textDocument.diagnostic", "workspace.workspaceEdit"

ANSWERS = [
    # What the server says of itself.
    ("initialize", "capabilities.positionEncoding", "general.positionEncodings[]"),
    ("initialize", "capabilities.renameProvider.prepareProvider=true", "textDocument.rename.prepareSupport"),
    ("initialize", "capabilities.codeActionProvider.codeActionKinds", f"{ACTION}.codeActionLiteralSupport"),
    ("initialize", "capabilities.codeActionProvider.resolveProvider=true", f"{ACTION}.resolveSupport"),
    ("initialize", "capabilities.codeActionProvider.documentation", f"{ACTION}.documentationSupport"),
    ("initialize", "capabilities.completionProvider.completionItem.labelDetailsSupport", f"{ITEM}.labelDetailsSupport"),
    ("initialize", "capabilities.diagnosticProvider", PULL),
    ("initialize", "capabilities.documentRangeFormattingProvider.rangesSupport", "textDocument.rangeFormatting.rangesSupport"),
    ("initialize", "capabilities.inlayHintProvider.resolveProvider=true", "textDocument.inlayHint.resolveSupport"),
    ("initialize", "capabilities.semanticTokensProvider", TOKENS),
    ("initialize", "capabilities.semanticTokensProvider.legend.tokenTypes", f"{TOKENS}.tokenTypes[]"),
    ("initialize", "capabilities.semanticTokensProvider.legend.tokenModifiers", f"{TOKENS}.tokenModifiers[]"),
    ("initialize", "capabilities.semanticTokensProvider.full", f"{TOKENS}.requests.full"),
    ("initialize", "capabilities.semanticTokensProvider.full.delta=true", f"{TOKENS}.requests.full.delta"),
    ("initialize", "capabilities.semanticTokensProvider.range", f"{TOKENS}.requests.range"),
    ("initialize", "capabilities.textDocumentSync.willSave=true", "textDocument.synchronization.willSave"),
    ("initialize", "capabilities.textDocumentSync.willSaveWaitUntil=true", "textDocument.synchronization.willSaveWaitUntil"),
    ("initialize", "capabilities.workspace.fileOperations.didCreate", "workspace.fileOperations.didCreate"),
    ("initialize", "capabilities.workspace.fileOperations.didRename", "workspace.fileOperations.didRename"),
    ("initialize", "capabilities.workspace.fileOperations.didDelete", "workspace.fileOperations.didDelete"),
    ("initialize", "capabilities.workspace.fileOperations.willCreate", "workspace.fileOperations.willCreate"),
    ("initialize", "capabilities.workspace.fileOperations.willRename", "workspace.fileOperations.willRename"),
    ("initialize", "capabilities.workspace.fileOperations.willDelete", "workspace.fileOperations.willDelete"),
    ("initialize", "capabilities.workspaceSymbolProvider.resolveProvider=true", "workspace.symbol.resolveSupport"),
    ("initialize", "capabilities.**.workDoneProgress=true", "window.workDoneProgress"),
    # Places.
    *((method, "targetUri", f"{method.replace('/', '.')}.linkSupport") for method in LINKS),
    # Completion.
    ("textDocument/completion", "itemDefaults.*", "textDocument.completion.completionList.itemDefaults[]"),
    ("textDocument/completion", "applyKind", "textDocument.completion.completionList.applyKindSupport"),
    ("textDocument/completion", "items.insertTextFormat=2", f"{ITEM}.snippetSupport"),
    ("textDocument/completion", "itemDefaults.insertTextFormat=2", f"{ITEM}.snippetSupport"),
    ("textDocument/completion", "items.textEdit.insert", f"{ITEM}.insertReplaceSupport"),
    ("textDocument/completion", "itemDefaults.editRange.insert", f"{ITEM}.insertReplaceSupport"),
    ("textDocument/completion", "items.insertTextMode", f"{ITEM}.insertTextModeSupport.valueSet[]"),
    ("textDocument/completion", "items.commitCharacters", f"{ITEM}.commitCharactersSupport"),
    ("textDocument/completion", "items.documentation.kind=markdown", f"{ITEM}.documentationFormat[]"),
    ("textDocument/completion", "items.deprecated=true", f"{ITEM}.deprecatedSupport"),
    ("textDocument/completion", "items.tags", f"{ITEM}.tagSupport"),
    ("textDocument/completion", "items.labelDetails", f"{ITEM}.labelDetailsSupport"),
    ("textDocument/completion", "items.preselect=true", f"{ITEM}.preselectSupport"),
    ("textDocument/completion", "items.kind", "textDocument.completion.completionItemKind.valueSet+"),
    ("completionItem/resolve", "documentation.kind=markdown", f"{ITEM}.documentationFormat[]"),
    # Hover and signatures.
    ("textDocument/hover", "contents.kind=markdown", "textDocument.hover.contentFormat[]"),
    ("textDocument/signatureHelp", "signatures.documentation.kind=markdown", f"{SIGNATURE}.documentationFormat[]"),
    ("textDocument/signatureHelp", "signatures.parameters.documentation.kind=markdown", f"{SIGNATURE}.documentationFormat[]"),
    ("textDocument/signatureHelp", "signatures.parameters.label.0", f"{SIGNATURE}.parameterInformation.labelOffsetSupport"),
    ("textDocument/signatureHelp", "signatures.activeParameter", f"{SIGNATURE}.activeParameterSupport"),
    ("textDocument/signatureHelp", "**.activeParameter=null", f"{SIGNATURE}.noActiveParameterSupport"),
    # Symbols and folds.
    ("textDocument/documentSymbol", "selectionRange", f"{SYMBOL}.hierarchicalDocumentSymbolSupport"),
    ("textDocument/documentSymbol", "**.tags", f"{SYMBOL}.tagSupport"),
    ("textDocument/documentSymbol", "**.kind", f"{SYMBOL}.symbolKind.valueSet+"),
    ("workspace/symbol", "tags", "workspace.symbol.tagSupport"),
    ("workspace/symbol", "kind", "workspace.symbol.symbolKind.valueSet+"),
    ("textDocument/foldingRange", "kind", f"{FOLDING}.foldingRangeKind.valueSet+"),
    ("textDocument/foldingRange", "collapsedText", f"{FOLDING}.foldingRange.collapsedText"),
    ("textDocument/foldingRange", "startCharacter", f"!{FOLDING}.lineFoldingOnly"),
    ("textDocument/foldingRange", "endCharacter", f"!{FOLDING}.lineFoldingOnly"),
    # Code actions.
    ("textDocument/codeAction", "edit", f"{ACTION}.codeActionLiteralSupport"),
    ("textDocument/codeAction", "kind", f"{ACTION}.codeActionLiteralSupport"),
    ("textDocument/codeAction", "isPreferred", f"{ACTION}.isPreferredSupport"),
    ("textDocument/codeAction", "disabled", f"{ACTION}.disabledSupport"),
    ("textDocument/codeAction", "data", f"{ACTION}.dataSupport"),
    ("textDocument/codeAction", "tags", f"{ACTION}.tagSupport"),
    # The rest.
    ("textDocument/documentLink", "tooltip", "textDocument.documentLink.tooltipSupport"),
    ("textDocument/prepareRename", "defaultBehavior", "textDocument.rename.prepareSupportDefaultBehavior"),
    ("textDocument/diagnostic", "relatedDocuments", f"{PULL}.relatedDocumentSupport"),
]

# What the server sends of itself.
PARAMS = [
    ("textDocument/publishDiagnostics", "version", f"{PUSH}.versionSupport"),
    ("workspace/applyEdit", "metadata", f"{EDIT}.metadataSupport"),
]

# What a diagnostic may have. Before 3.18 clients declared it for those that are pushed and meant both.
DIAGNOSTICS = [
    ("relatedInformation", f"{PUSH}.relatedInformation|{PULL}.relatedInformation"),
    ("tags", f"{PUSH}.tagSupport|{PULL}.tagSupport"),
    ("codeDescription", f"{PUSH}.codeDescriptionSupport|{PULL}.codeDescriptionSupport"),
    ("data", f"{PUSH}.dataSupport|{PULL}.dataSupport"),
    ("message.kind", "textDocument.diagnostic.markupMessageSupport"),
]
DIAGNOSTICS_AT = {"textDocument/publishDiagnostics": "diagnostics", "textDocument/diagnostic": "items", "textDocument/codeAction": "diagnostics"}

# What an edit of the workspace may have.
EDITS = [
    ("documentChanges", f"{EDIT}.documentChanges"),
    ("documentChanges.kind", f"{EDIT}.resourceOperations[]"),
    ("changeAnnotations", f"{EDIT}.changeAnnotationSupport"),
    ("**.annotationId", f"{EDIT}.changeAnnotationSupport"),
    ("documentChanges.edits.snippet", f"{EDIT}.snippetEditSupport"),
]
EDITS_AT = {"textDocument/rename": "", "workspace/willRenameFiles": "", "textDocument/codeAction": "edit", "codeAction/resolve": "edit",
            "workspace/applyEdit": "edit"}

# What a registration may have.
REGISTERED = [
    ("workspace/didChangeWatchedFiles", "watchers.globPattern.baseUri", "workspace.didChangeWatchedFiles.relativePatternSupport"),
    ("textDocument/rename", "prepareProvider=true", "textDocument.rename.prepareSupport"),
    ("textDocument/codeAction", "codeActionKinds", f"{ACTION}.codeActionLiteralSupport"),
    ("textDocument/rangeFormatting", "rangesSupport=true", "textDocument.rangeFormatting.rangesSupport"),
]

# Values that all clients take.
ALWAYS = {"general.positionEncodings": ["utf-16"]}

# Those of the first protocol.
FIRST = {
    "textDocument.completion.completionItemKind.valueSet": range(1, 19),
    f"{SYMBOL}.symbolKind.valueSet": range(1, 19),
    "workspace.symbol.symbolKind.valueSet": range(1, 19),
    f"{FOLDING}.foldingRangeKind.valueSet": ["comment", "imports", "region"],
}


class Declared:
    """What one client has declared."""

    def __init__(self, capabilities):
        self.capabilities = capabilities

    def at(self, where):
        value = self.capabilities
        for key in where.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def has(self, where):
        return self.at(where) not in (None, False)

    def takes(self, capability, value=None):
        """Whether the client understands a value that needs a capability."""
        for one in capability.split("|"):
            if one.startswith("!"):
                found = not self.has(one[1:])
            elif one.endswith("[]"):
                found = value in (self.at(one[:-2]) or []) or value in ALWAYS.get(one[:-2], [])
            elif one.endswith("+"):
                found = self.at(one[:-1]) is not None or value in FIRST[one[:-1]]
            else:
                found = self.has(one)
            if found:
                return True
        return False

    def undeclared(self, rows, value):
        """Which of the places of `rows` are there and not understood."""
        for place, capability in rows:
            for found in found_at(value, place):
                if not self.takes(capability, found):
                    yield f"{place}{f' ({found})' if capability[-1] in ']+' else ''} needs {capability}"
                    break

    def in_answer(self, method, result):
        if method == "textDocument/completion" and isinstance(result, list):
            result = {"items": result}
        yield from self.undeclared([row[1:] for row in ANSWERS if row[0] == method], result)
        yield from self.in_parts(method, result)
        limit = self.at(f"{FOLDING}.rangeLimit")
        if method == "textDocument/foldingRange" and result and limit and len(result) > limit:
            yield f"{len(result)} folds, where {limit} are the most"
        if method == "textDocument/codeAction" and any("edit" not in it and "command" not in it for it in result or []):
            if not self.has(f"{ACTION}.resolveSupport"):
                yield f"an action without an edit needs {ACTION}.resolveSupport"

    def in_params(self, method, params):
        yield from self.undeclared([row[1:] for row in PARAMS if row[0] == method], params)
        yield from self.in_parts(method, params)
        if method == "client/registerCapability":
            for registration in params["registrations"]:
                of = registration["method"]
                if not self.takes(REGISTRATION.get(of, of.replace("/", ".") + ".dynamicRegistration")):
                    yield f"dynamic registration of {of}"
                yield from self.undeclared([row[1:] for row in REGISTERED if row[0] == of], registration.get("registerOptions"))

    def in_parts(self, method, value):
        for table, places in ((DIAGNOSTICS, DIAGNOSTICS_AT), (EDITS, EDITS_AT)):
            if method in places:
                at = places[method]
                yield from self.undeclared([(f"{at}.{place}" if at else place, capability) for place, capability in table], value)

    def in_resolved(self, before, after):
        """A completion item that was asked for again: only what the client said may come late, comes late."""
        late = self.at(f"{ITEM}.resolveSupport.properties") or ["documentation", "detail"]
        for name, value in after.items():
            if before.get(name) != value and name not in late:
                yield f"{name}, resolved late, needs {ITEM}.resolveSupport"


def found_at(value, place):
    """All values at a place, with the words of the tables above."""
    place, is_one, wanted = place.partition("=")
    found = list(walk(value, place.split(".")))
    if not is_one:
        return [each for each in found if each is not None and each is not False]
    wanted = {"true": True, "null": None, "2": 2}.get(wanted, wanted)
    return [each for each in found if each == wanted and type(each) is type(wanted)]


def walk(value, steps):
    if not steps:
        if isinstance(value, list):
            for each in value:
                yield from walk(each, steps)
        else:
            yield value
        return
    step, rest = steps[0], steps[1:]
    if isinstance(value, list):
        if step == "0":
            if value and not isinstance(value[0], (dict, list)):
                yield value[0]
            return
        for each in value:
            yield from walk(each, steps)
    elif isinstance(value, dict):
        if step == "**":
            yield from walk(value, rest)
            for name, each in value.items():
                if name not in ("data", "arguments"):
                    yield from walk(each, steps)
        elif step == "*":
            yield from value
        elif step in value:
            yield from walk(value[step], rest)
