//! What the client can do, asked once, and what the server offers it in return.

use serde_json::json;
use tower_lsp::ls_types::{self as lsp, MarkupKind, PositionEncodingKind};

use super::{commands, signature, tokens::Legend};
use crate::text::Encoding;

/// What matters of the client's capabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientFeatures {
    pub encoding: Encoding,
    /// Asks for diagnostics, so none are sent unasked: most clients would show both. A client that can't be told to ask again
    /// (Neovim 0.10) would keep what an edit of another file has changed, and gets them sent.
    pub pull_diagnostics: bool,
    pub diagnostic_version: bool,
    pub diagnostic_related: bool,
    pub diagnostic_tags: bool,
    pub diagnostic_page: bool,
    pub definition_links: bool,
    pub document_changes: bool,
    pub prepare_rename: bool,
    pub completion_insert_replace: bool,
    pub completion_markdown: bool,
    pub completion_snippets: bool,
    pub completion_deprecated: bool,
    /// Takes kinds of completion items of after the first protocol: who lists kinds takes any.
    pub completion_newer_kinds: bool,
    pub hover_markdown: bool,
    pub signature_markdown: bool,
    /// Takes places in a label for a parameter.
    pub signature_offsets: bool,
    /// Takes the active parameter of each signature.
    pub signature_active_parameter: bool,
    /// Asks for signatures while people type, and does not say so, as Helix does.
    pub signature_unasked: bool,
    pub symbol_tree: bool,
    pub fold_whole_lines: bool,
    pub fold_limit: Option<usize>,
    pub code_actions: bool,
    pub code_action_preferred: bool,
    /// Answers `workspace/configuration`.
    pub configuration: bool,
    /// Wants to be asked to tell of changed settings.
    pub configuration_registration: bool,
    /// Watches files that it is asked to watch.
    pub watch_files: bool,
    /// Pulls diagnostics again when it is told to.
    pub diagnostic_refresh: bool,
    /// Asks for inlay hints again when it is told to.
    pub inlay_hint_refresh: bool,
    /// Asks for code lenses again when it is told to.
    pub code_lens_refresh: bool,
    /// Shows pictures of the stages, and wants to know when they may have changed: `experimental.stageGraph`.
    pub stage_graph: bool,
    /// The commands of its own that it has for us.
    pub commands: ClientCommands,
    /// How it asks for semantic tokens; `None` if it does not.
    pub tokens: Option<Legend>,
    /// Asks for semantic tokens again when it is told to.
    pub token_refresh: bool,
    /// Shows the progress of work that the server starts by itself.
    pub progress: bool,
    /// Has people confirm edits that are marked so.
    pub confirmed_edits: bool,
    /// Tells before it renames files.
    pub will_rename: bool,
    pub link_tooltips: bool,
    /// Takes a later word on which files these are offered for.
    pub formatting_registration: FormattingRegistration,
}

/// Of the ways to format a document those that can be registered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FormattingRegistration {
    pub document: bool,
    pub range: bool,
    pub on_type: bool,
}

impl FormattingRegistration {
    fn read(document: Option<&lsp::TextDocumentClientCapabilities>) -> FormattingRegistration {
        let has = |capability: Option<&lsp::DynamicRegistrationClientCapabilities>| {
            capability.and_then(|it| it.dynamic_registration).unwrap_or(false)
        };
        FormattingRegistration {
            document: has(document.and_then(|it| it.formatting.as_ref())),
            range: has(document.and_then(|it| it.range_formatting.as_ref())),
            on_type: has(document.and_then(|it| it.on_type_formatting.as_ref())),
        }
    }
}

/// Commands that run on the client's side. A client names those that it has in `experimental.commands.commands` of its
/// capabilities, a list of texts, as other servers have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientCommands {
    /// Runs a command line in a terminal.
    pub run_build: bool,
    /// Copies a command line.
    pub copy_build_command: bool,
    /// Shows places that it is given.
    pub show_references: bool,
}

/// What these commands are called.
pub const RUN_BUILD: &str = "dockerfile-ls.runBuild";
pub const COPY_BUILD_COMMAND: &str = "dockerfile-ls.copyBuildCommand";
pub const SHOW_REFERENCES: &str = "dockerfile-ls.showReferences";

impl ClientCommands {
    fn read(client: &lsp::ClientCapabilities) -> ClientCommands {
        let commands = client.experimental.as_ref().and_then(|it| it.pointer("/commands/commands"));
        let commands = commands.and_then(|commands| commands.as_array());
        let has = |name: &str| commands.is_some_and(|all| all.iter().any(|command| command == name));
        ClientCommands {
            run_build: has(RUN_BUILD),
            copy_build_command: has(COPY_BUILD_COMMAND),
            show_references: has(SHOW_REFERENCES),
        }
    }
}

impl ClientFeatures {
    /// Reads what the client declared. What it did not, it can't.
    pub fn read(client: &lsp::ClientCapabilities) -> ClientFeatures {
        let document = client.text_document.as_ref();
        let workspace = client.workspace.as_ref();
        let push = document.and_then(|document| document.publish_diagnostics.as_ref());
        let pull = document.and_then(|document| document.diagnostic.as_ref());
        let completion = document.and_then(|document| document.completion.as_ref());
        let item = completion.and_then(|completion| completion.completion_item.as_ref());
        let kinds = completion.and_then(|completion| completion.completion_item_kind.as_ref());
        let link = document.and_then(|document| document.document_link.as_ref());
        let hover = document.and_then(|document| document.hover.as_ref());
        let signature = document
            .and_then(|document| document.signature_help.as_ref())
            .and_then(|help| help.signature_information.as_ref());
        let folding = document.and_then(|document| document.folding_range.as_ref());
        let action = document.and_then(|document| document.code_action.as_ref());
        let edit = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        let told = workspace.and_then(|workspace| workspace.did_change_configuration.as_ref());
        let watch = workspace.and_then(|workspace| workspace.did_change_watched_files.as_ref());
        let refresh = workspace.and_then(|workspace| workspace.diagnostics.as_ref());
        let renewed = refresh.and_then(|refresh| refresh.refresh_support).unwrap_or(false);
        let hints = workspace.and_then(|workspace| workspace.inlay_hint.as_ref());
        let lenses = workspace.and_then(|workspace| workspace.code_lens.as_ref());
        let tokens = document.and_then(|document| document.semantic_tokens.as_ref());
        let renewed_tokens = workspace.and_then(|workspace| workspace.semantic_tokens.as_ref());
        let operations = workspace.and_then(|workspace| workspace.file_operations.as_ref());
        let definition = document.and_then(|document| document.definition.as_ref());
        let rename = document.and_then(|document| document.rename.as_ref());
        let symbol = document.and_then(|document| document.document_symbol.as_ref());
        ClientFeatures {
            encoding: encoding(client),
            pull_diagnostics: pull.is_some() && (renewed || push.is_none()),
            diagnostic_version: push.and_then(|push| push.version_support).unwrap_or(false),
            // Clients of before LSP 3.18 declare these for pushed diagnostics only and mean both.
            diagnostic_related: push.and_then(|push| push.related_information).unwrap_or(false)
                || pull.and_then(|pull| pull.related_information).unwrap_or(false),
            diagnostic_tags: push.is_some_and(|push| push.tag_support.is_some())
                || pull.is_some_and(|pull| pull.tag_support.is_some()),
            diagnostic_page: push.and_then(|push| push.code_description_support).unwrap_or(false)
                || pull.and_then(|pull| pull.code_description_support).unwrap_or(false),
            definition_links: definition.and_then(|definition| definition.link_support).unwrap_or(false),
            document_changes: edit.and_then(|edit| edit.document_changes).unwrap_or(false),
            prepare_rename: rename.and_then(|rename| rename.prepare_support).unwrap_or(false),
            completion_insert_replace: item.and_then(|item| item.insert_replace_support).unwrap_or(false),
            completion_snippets: item.and_then(|item| item.snippet_support).unwrap_or(false),
            completion_deprecated: item.is_some_and(|item| item.tag_support.is_some()),
            completion_newer_kinds: kinds.is_some_and(|kinds| kinds.value_set.is_some()),
            completion_markdown: item
                .and_then(|item| item.documentation_format.as_ref())
                .is_some_and(|formats| takes_markdown(formats)),
            signature_markdown: signature
                .and_then(|signature| signature.documentation_format.as_ref())
                .is_some_and(|formats| takes_markdown(formats)),
            signature_offsets: signature
                .and_then(|signature| signature.parameter_information.as_ref())
                .and_then(|parameter| parameter.label_offset_support)
                .unwrap_or(false),
            signature_active_parameter: signature
                .and_then(|signature| signature.active_parameter_support)
                .unwrap_or(false),
            signature_unasked: false,
            hover_markdown: hover
                .and_then(|hover| hover.content_format.as_ref())
                .is_some_and(|formats| takes_markdown(formats)),
            symbol_tree: symbol.and_then(|it| it.hierarchical_document_symbol_support).unwrap_or(false),
            fold_whole_lines: folding.and_then(|folding| folding.line_folding_only).unwrap_or(false),
            fold_limit: folding.and_then(|folding| folding.range_limit).map(|limit| limit as usize),
            code_actions: action.is_some_and(|action| action.code_action_literal_support.is_some()),
            code_action_preferred: action.and_then(|action| action.is_preferred_support).unwrap_or(false),
            configuration: workspace.and_then(|workspace| workspace.configuration).unwrap_or(false),
            configuration_registration: told.and_then(|told| told.dynamic_registration).unwrap_or(false),
            watch_files: watch.and_then(|watch| watch.dynamic_registration).unwrap_or(false),
            diagnostic_refresh: renewed,
            code_lens_refresh: lenses.and_then(|lenses| lenses.refresh_support).unwrap_or(false),
            stage_graph: client
                .experimental
                .as_ref()
                .and_then(|it| it.get("stageGraph"))
                .is_some_and(|it| it == true),
            commands: ClientCommands::read(client),
            inlay_hint_refresh: hints.and_then(|hints| hints.refresh_support).unwrap_or(false),
            tokens: tokens.and_then(Legend::read),
            token_refresh: tokens.is_some()
                && renewed_tokens.and_then(|tokens| tokens.refresh_support).unwrap_or(false),
            progress: client.window.as_ref().and_then(|window| window.work_done_progress).unwrap_or(false),
            confirmed_edits: edit.is_some_and(|edit| edit.change_annotation_support.is_some())
                && edit.and_then(|edit| edit.document_changes).unwrap_or(false),
            will_rename: operations.and_then(|operations| operations.will_rename).unwrap_or(false),
            link_tooltips: link.and_then(|link| link.tooltip_support).unwrap_or(false),
            formatting_registration: FormattingRegistration::read(document),
        }
    }
}

impl ClientFeatures {
    /// What only the client's name tells.
    pub fn of(self, client: Option<&lsp::ClientInfo>) -> ClientFeatures {
        ClientFeatures { signature_unasked: client.is_some_and(|it| it.name == "helix"), ..self }
    }
}

/// The first of the client's encodings, which come in its order of preference. All that it may name are known here.
fn encoding(client: &lsp::ClientCapabilities) -> Encoding {
    let general = client.general.as_ref();
    let encodings = general.and_then(|general| general.position_encodings.as_deref()).unwrap_or_default();
    let known = |kind: &PositionEncodingKind| match kind.as_str() {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" => Some(Encoding::Utf16),
        "utf-32" => Some(Encoding::Utf32),
        _ => None,
    };
    encodings.iter().find_map(known).unwrap_or_default()
}

/// Clients list formats in their order of preference.
fn takes_markdown(formats: &[MarkupKind]) -> bool {
    formats.first() == Some(&MarkupKind::Markdown)
}

/// Our kind of `source.fixAll`.
pub const FIX_ALL: &str = "source.fixAll.dockerfile-ls";

/// What the server tells `client` that it can do.
pub fn offered(client: &ClientFeatures) -> lsp::ServerCapabilities {
    let encoding = match client.encoding {
        Encoding::Utf8 => PositionEncodingKind::UTF8,
        Encoding::Utf16 => PositionEncodingKind::UTF16,
        Encoding::Utf32 => PositionEncodingKind::UTF32,
    };
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
        // When a file is saved, what nobody watches is read again.
        save: (!client.watch_files).then(|| true.into()),
        ..lsp::TextDocumentSyncOptions::default()
    };
    let rename = match client.prepare_rename {
        true => lsp::OneOf::Right(lsp::RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
        }),
        false => lsp::OneOf::Left(true),
    };
    let actions = lsp::CodeActionOptions {
        code_action_kinds: Some(vec![lsp::CodeActionKind::QUICKFIX, lsp::CodeActionKind::new(FIX_ALL)]),
        ..lsp::CodeActionOptions::default()
    };
    let completion = lsp::CompletionOptions {
        resolve_provider: Some(true),
        // After `--from=`, between the parts of `--mount=`, after an instruction's keyword, where a variable or a flag starts,
        // in platforms, ports and paths, between user and group, and where a JSON form or a string in one starts.
        trigger_characters: Some(
            ["=", ",", " ", "$", "{", "-", "/", ":", "[", "\""].map(String::from).to_vec(),
        ),
        ..lsp::CompletionOptions::default()
    };
    // A Dockerfile's change with the files that build it, and theirs with it.
    let diagnostics = lsp::DiagnosticOptions { inter_file_dependencies: true, ..Default::default() };
    let registered = client.formatting_registration;
    lsp::ServerCapabilities {
        position_encoding: Some(encoding),
        text_document_sync: Some(sync.into()),
        definition_provider: Some(lsp::OneOf::Left(true)),
        references_provider: Some(lsp::OneOf::Left(true)),
        document_highlight_provider: Some(lsp::OneOf::Left(true)),
        call_hierarchy_provider: Some(lsp::CallHierarchyServerCapability::Simple(true)),
        code_lens_provider: Some(lsp::CodeLensOptions { resolve_provider: Some(false) }),
        execute_command_provider: Some(lsp::ExecuteCommandOptions {
            commands: commands::ALL.map(str::to_owned).to_vec(),
            ..lsp::ExecuteCommandOptions::default()
        }),
        document_symbol_provider: Some(lsp::OneOf::Left(true)),
        workspace_symbol_provider: Some(lsp::OneOf::Left(true)),
        document_link_provider: Some(lsp::DocumentLinkOptions {
            resolve_provider: Some(false),
            work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
        }),
        folding_range_provider: Some(lsp::FoldingRangeProviderCapability::Simple(true)),
        semantic_tokens_provider: client.tokens.map(|legend| legend.options().into()),
        selection_range_provider: Some(lsp::SelectionRangeProviderCapability::Simple(true)),
        inlay_hint_provider: Some(lsp::OneOf::Left(true)),
        hover_provider: Some(lsp::HoverProviderCapability::Simple(true)),
        signature_help_provider: Some(lsp::SignatureHelpOptions {
            trigger_characters: Some(signature::TRIGGERS.map(String::from).to_vec()),
            ..lsp::SignatureHelpOptions::default()
        }),
        rename_provider: Some(rename),
        // Offered for all files, an editor would have people choose who formats their YAML. See `formats_dockerfiles`.
        document_formatting_provider: (!registered.document).then_some(lsp::OneOf::Left(true)),
        document_range_formatting_provider: (!registered.range).then_some(lsp::OneOf::Left(true)),
        document_on_type_formatting_provider: (!registered.on_type).then(format_on_type),
        completion_provider: Some(completion),
        code_action_provider: client.code_actions.then(|| actions.into()),
        workspace: Some(lsp::WorkspaceServerCapabilities {
            workspace_folders: Some(lsp::WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(lsp::OneOf::Left(true)),
            }),
            file_operations: client.will_rename.then(moves),
        }),
        diagnostic_provider: client
            .pull_diagnostics
            .then_some(lsp::DiagnosticServerCapabilities::Options(diagnostics)),
        experimental: Some(json!({"stageGraph": true})),
        ..lsp::ServerCapabilities::default()
    }
}

fn format_on_type() -> lsp::DocumentOnTypeFormattingOptions {
    lsp::DocumentOnTypeFormattingOptions {
        first_trigger_character: "\n".into(),
        more_trigger_character: None,
    }
}

/// What a client registers that can be told later which files formatting is for: Dockerfiles. Clients have their own ways to see
/// that `Dockerfile.dev` is one, and `Dockerfile.yaml` is not, so that is left to the language.
pub fn formats_dockerfiles(client: &ClientFeatures) -> Vec<lsp::Registration> {
    let files = json!([
        {"language": "dockerfile"},
        {"language": "containerfile"},
        {"pattern": "**/{Dockerfile,dockerfile,Containerfile,containerfile}"},
        {"pattern": "**/*.{Dockerfile,dockerfile,Containerfile,containerfile}"},
    ]);
    let registered = client.formatting_registration;
    let on_type = json!({"documentSelector": files, "firstTriggerCharacter": "\n"});
    let all = [
        (registered.document, "textDocument/formatting", json!({"documentSelector": files})),
        (registered.range, "textDocument/rangeFormatting", json!({"documentSelector": files})),
        (registered.on_type, "textDocument/onTypeFormatting", on_type),
    ];
    let wanted = all.into_iter().filter(|(wanted, ..)| *wanted);
    let registration = |(_, method, options): (bool, &str, serde_json::Value)| lsp::Registration {
        id: method.to_owned(),
        method: method.to_owned(),
        register_options: Some(options),
    };
    wanted.map(registration).collect()
}

/// Whatever moves: a folder takes its Dockerfiles along.
fn moves() -> lsp::WorkspaceFileOperationsServerCapabilities {
    let filter = lsp::FileOperationFilter {
        scheme: Some("file".into()),
        pattern: lsp::FileOperationPattern { glob: "**".into(), matches: None, options: None },
    };
    lsp::WorkspaceFileOperationsServerCapabilities {
        will_rename: Some(lsp::FileOperationRegistrationOptions { filters: vec![filter] }),
        ..lsp::WorkspaceFileOperationsServerCapabilities::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn read(capabilities: Value) -> ClientFeatures {
        ClientFeatures::read(&serde_json::from_value(capabilities).expect("capabilities"))
    }

    #[test]
    fn a_client_that_declares_nothing_gets_the_least() {
        assert_eq!(read(json!({})), ClientFeatures::default());
        assert_eq!(
            read(json!({"textDocument": {}, "workspace": {}, "general": {}})),
            ClientFeatures::default()
        );
        assert_eq!(ClientFeatures::default().encoding, Encoding::Utf16);
    }

    #[test]
    fn the_first_known_encoding_counts() {
        let encoding = |names: &[&str]| read(json!({"general": {"positionEncodings": names}})).encoding;
        assert_eq!(encoding(&["utf-8", "utf-32", "utf-16"]), Encoding::Utf8);
        assert_eq!(encoding(&["utf-32", "utf-8"]), Encoding::Utf32);
        assert_eq!(encoding(&["utf-7", "utf-16", "utf-8"]), Encoding::Utf16);
        assert_eq!(encoding(&["utf-7"]), Encoding::Utf16);
        assert_eq!(encoding(&[]), Encoding::Utf16);
    }

    #[test]
    fn who_cannot_be_told_to_pull_again_has_diagnostics_pushed() {
        let pulls = |document: Value, refresh: bool| {
            let workspace = json!({"diagnostics": {"refreshSupport": refresh}});
            read(json!({"textDocument": document, "workspace": workspace})).pull_diagnostics
        };
        let both = json!({"diagnostic": {}, "publishDiagnostics": {}});
        assert!(pulls(both.clone(), true) && !pulls(both, false));
        assert!(pulls(json!({"diagnostic": {}}), false) && !pulls(json!({"publishDiagnostics": {}}), true));
    }

    #[test]
    fn the_preferred_format_counts() {
        let markdown = |formats: &[&str]| {
            read(json!({"textDocument": {"hover": {"contentFormat": formats}}})).hover_markdown
        };
        assert!(markdown(&["markdown", "plaintext"]));
        assert!(!markdown(&["plaintext", "markdown"]));
        assert!(!markdown(&[]));
    }
}
