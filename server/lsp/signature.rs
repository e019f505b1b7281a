//! Signature help in the shape that clients take.

use tower_lsp::ls_types as lsp;

use super::{capabilities::ClientFeatures, plain};
use crate::features::signature::{Asked, Help, Parameter, Signature};

/// After an instruction's keyword or word, a flag's dashes, between the parts of values and arrays.
pub const TRIGGERS: [&str; 6] = [" ", "-", "=", ",", "[", ":"];

/// Why the client asks; where it does not say, a person does, unless the client is known to ask by itself.
pub fn asked<'c>(client: &ClientFeatures, context: Option<&'c lsp::SignatureHelpContext>) -> Asked<'c> {
    let Some(context) = context else {
        return Asked { unasked: client.signature_unasked, ..Asked::default() };
    };
    let help = context.active_signature_help.as_ref().filter(|_| context.is_retrigger);
    let shown = help.and_then(|help| help.signatures.get(help.active_signature.unwrap_or(0) as usize));
    Asked {
        unasked: context.trigger_kind != lsp::SignatureHelpTriggerKind::INVOKED,
        shown: shown.map(|signature| &*signature.label),
    }
}

pub fn help(client: &ClientFeatures, help: Help) -> lsp::SignatureHelp {
    let active_parameter = help.signatures.get(help.active).map(|signature| count(signature.active));
    let signatures = help.signatures.into_iter().map(|it| signature(client, it)).collect();
    lsp::SignatureHelp { signatures, active_signature: Some(count(help.active)), active_parameter }
}

fn signature(client: &ClientFeatures, signature: Signature) -> lsp::SignatureInformation {
    let Signature { label, documentation, parameters, active } = signature;
    let parameters = parameters.into_iter().map(|it| parameter(client, &label, it)).collect();
    lsp::SignatureInformation {
        documentation: Some(documented(client, documentation)),
        parameters: Some(parameters),
        active_parameter: client.signature_active_parameter.then(|| count(active)),
        label,
    }
}

fn parameter(client: &ClientFeatures, label: &str, parameter: Parameter) -> lsp::ParameterInformation {
    let Parameter { range, documentation } = parameter;
    // In UTF-16, whatever encoding positions are in.
    let offset = |bytes: usize| count(label[..bytes].encode_utf16().count());
    lsp::ParameterInformation {
        label: match client.signature_offsets {
            true => lsp::ParameterLabel::LabelOffsets([offset(range.start), offset(range.end)]),
            false => lsp::ParameterLabel::Simple(label[range].to_owned()),
        },
        documentation: (!documentation.is_empty()).then(|| documented(client, documentation)),
    }
}

fn documented(client: &ClientFeatures, markdown: String) -> lsp::Documentation {
    if !client.signature_markdown {
        return lsp::Documentation::String(plain::text(&markdown));
    }
    lsp::Documentation::MarkupContent(lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: markdown })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helix_asks_by_itself_and_others_say_so() {
        let unasked = |name: &str| {
            let info = lsp::ClientInfo { name: name.into(), version: None };
            asked(&ClientFeatures::default().of(Some(&info)), None).unasked
        };
        assert!(unasked("helix") && !unasked("Neovim"));
        assert!(!asked(&ClientFeatures::default().of(None), None).unasked);
    }
}
