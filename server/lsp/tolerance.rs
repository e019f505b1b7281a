//! Makes parameters readable that are slightly off but clear enough.
//!
//! Reading parameters is strict: one character in a URI that RFC 3986 wants escaped, or one new value in the client's
//! capabilities, and the whole message counts for nothing. For most messages an error is a fine answer to that; a
//! document that never opens or a server that never starts is not.

use std::str::FromStr;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tower_lsp::ls_types::{InitializeParams, Uri};

/// How deep the capabilities go that can be left out one by one, as in `/capabilities/textDocument/hover`.
const DEPTH: usize = 3;

/// Mends the parameters of a message, where that is needed.
pub fn mend(method: &str, params: &mut Option<Value>) {
    match method {
        "initialize" => {
            if let Some(params) = params
                && !readable(params)
                && let Value::Object(wanted) = &*params
            {
                let mut mended = json!({"capabilities": {}});
                keep_readable(&mut mended, "", wanted, DEPTH);
                *params = mended;
            }
        }
        // The protocol has no parameters here, some clients send `{}` or `[]`.
        "shutdown" | "exit" => *params = None,
        _ => {
            let uri = params.as_mut().and_then(|params| params.pointer_mut("/textDocument/uri"));
            if let Some(Value::String(uri)) = uri
                && Uri::from_str(uri).is_err()
            {
                *uri = escape(uri);
            }
        }
    }
}

fn readable(params: &Value) -> bool {
    InitializeParams::deserialize(params).is_ok()
}

/// Adds to the object at `place` in `params` whatever of `wanted` leaves `params` readable.
fn keep_readable(params: &mut Value, place: &str, wanted: &Map<String, Value>, depth: usize) {
    for (name, value) in wanted {
        let with = |value: Value| {
            let mut attempt = params.clone();
            attempt.pointer_mut(place)?.as_object_mut()?.insert(name.clone(), value);
            readable(&attempt).then_some(attempt)
        };
        if let Some(attempt) = with(value.clone()) {
            *params = attempt;
            continue;
        }
        if let Value::Object(parts) = value
            && depth > 0
            && let Some(attempt) = with(json!({}))
        {
            *params = attempt;
            keep_readable(params, &format!("{place}/{name}"), parts, depth - 1);
        }
    }
}

/// Escapes what RFC 3986 does not allow outside of a host, e.g. the brackets in `/app/[slug]/Dockerfile`, which clients
/// built on the WHATWG URL standard leave as they are.
fn escape(uri: &str) -> String {
    let bytes = uri.as_bytes();
    let mut escaped = String::with_capacity(uri.len() + 8);
    for (at, &byte) in bytes.iter().enumerate() {
        let is_escape = || bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let allowed = match byte {
            b'%' => is_escape(),
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=".contains(&byte),
        };
        match allowed {
            true => escaped.push(char::from(byte)),
            false => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// A JSON text in which each half of a surrogate pair that stands alone has become U+FFFD, which is one UTF-16 unit as well, so
/// that places stay what they are. JavaScript writes such halves, serde_json refuses them, and an edit would be lost. `None` if
/// there are none.
pub fn with_whole_characters(body: &[u8]) -> Option<Vec<u8>> {
    let unit = |at: usize| {
        let digits = body.get(at..at + 6).filter(|escape| escape.starts_with(b"\\u"))?;
        u16::from_str_radix(std::str::from_utf8(&digits[2..]).ok()?, 16).ok()
    };
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = body[at..].iter().position(|&byte| byte == b'\\') {
        at += found;
        match unit(at) {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => {
                mended.get_or_insert_with(|| body.to_vec())[at + 2..at + 6].copy_from_slice(b"fffd");
                at += 6;
            }
            Some(_) => at += 6,
            None => at = (at + 2).min(body.len()),
        }
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(method: &str, params: Value) -> Value {
        let mut params = Some(params);
        mend(method, &mut params);
        params.unwrap_or_default()
    }

    #[test]
    fn escapes_uris_that_would_not_be_read() {
        for (uri, expected) in [
            ("file:///app/[slug]/Dockerfile", "file:///app/%5Bslug%5D/Dockerfile"),
            ("file:///a b/é/Dockerfile", "file:///a%20b/%C3%A9/Dockerfile"),
            ("file:///100%/Dockerfile", "file:///100%25/Dockerfile"),
            ("file:///a%20b/Dockerfile", "file:///a%20b/Dockerfile"),
            ("vscode-remote://[::1]/Dockerfile", "vscode-remote://[::1]/Dockerfile"),
            ("untitled:Untitled-1", "untitled:Untitled-1"),
        ] {
            let params = mended("textDocument/hover", json!({"textDocument": {"uri": uri}}));
            assert_eq!(params["textDocument"]["uri"], expected);
            assert!(Uri::from_str(expected).is_ok(), "{expected}");
        }
    }

    #[test]
    fn leaves_out_only_what_cannot_be_read() {
        let params = mended(
            "initialize",
            json!({
                "processId": -1,
                "rootUri": "not a URI",
                "clientInfo": {"name": "new"},
                "capabilities": {
                    "general": {"positionEncodings": ["utf-8"]},
                    "textDocument": {"hover": {"contentFormat": ["html"]}, "definition": {"linkSupport": true}},
                },
            }),
        );
        let expected = json!({
            "clientInfo": {"name": "new"},
            "capabilities": {
                "general": {"positionEncodings": ["utf-8"]},
                "textDocument": {"hover": {}, "definition": {"linkSupport": true}},
            },
        });
        assert_eq!(params, expected);
    }

    #[test]
    fn what_is_fine_stays_as_it_is() {
        let params = json!({"processId": 1, "capabilities": {"window": {}}, "unknown": 7});
        assert_eq!(mended("initialize", params.clone()), params);
        assert_eq!(mended("textDocument/hover", json!({"textDocument": 7})), json!({"textDocument": 7}));
        assert_eq!(mended("initialize", json!(7)), json!(7));
        assert_eq!(mended("shutdown", json!({})), Value::Null);
    }
}
