//! One JSON text from the client, as what it is: a request or notification, a response, or neither.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tower_lsp::jsonrpc::{Error, Id, Request, Response};

use super::tolerance;

/// One thing that the client sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// A request, or a notification, which is a request without an id.
    Request(Request),
    /// The answer to a request of the server.
    Response(Response),
    /// A request that the client took back before anything was done about it.
    Cancelled(Id),
    /// Something that JSON-RPC does not know. The error goes to the client.
    Malformed(Error),
}

/// The bytes were no JSON text.
#[derive(Debug)]
pub struct NotJson;

/// Any message. `tower-lsp-server` tries one kind after the other instead, which costs a copy of the whole message each.
#[derive(Deserialize)]
struct Message {
    #[serde(default, deserialize_with = "present")]
    id: Option<Id>,
    method: Option<String>,
    params: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    error: Option<Error>,
}

/// Tells an `id` or `result` that is null from none.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Reads the body of a message.
pub fn parse(body: &[u8]) -> Result<Incoming, NotJson> {
    let malformed = Incoming::Malformed(Error::invalid_request());
    // A derived `Deserialize` takes arrays as well: without this, `["…", "exit"]` could end the server.
    if body.trim_ascii_start().first() != Some(&b'{') {
        let json = serde_json::from_slice::<serde::de::IgnoredAny>(body);
        return json.map(|_| malformed).map_err(|_| NotJson);
    }
    let message = match serde_json::from_slice::<Message>(body) {
        Ok(message) => message,
        Err(error) if error.is_data() => return Ok(malformed),
        Err(_) => {
            let mended = tolerance::with_whole_characters(body).ok_or(NotJson)?;
            return parse(&mended);
        }
    };
    Ok(match message {
        Message { method: Some(method), id, mut params, .. } => {
            tolerance::mend(&method, &mut params);
            Incoming::Request(request(method, id, params))
        }
        Message { id: Some(id), result: Some(result), error: None, .. } => {
            Incoming::Response(Response::from_ok(id, result))
        }
        Message { id: Some(id), error: Some(error), .. } => {
            Incoming::Response(Response::from_error(id, error))
        }
        Message { .. } => malformed,
    })
}

/// A message without parameters, where they are null: the protocol knows lists and objects only, and none.
pub fn without_null(message: Request) -> Request {
    if message.params() != Some(&Value::Null) {
        return message;
    }
    let (method, id, _) = message.into_parts();
    request(method, id, None)
}

fn request(method: impl Into<Cow<'static, str>>, id: Option<Id>, params: Option<Value>) -> Request {
    let mut request = Request::build(method);
    if let Some(id) = id {
        request = request.id(id);
    }
    if let Some(params) = params {
        request = request.params(params);
    }
    request.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tells_requests_responses_and_the_rest_apart() {
        let call = parse(br#"{"jsonrpc":"2.0","id":"a","method":"m","params":[1]}"#);
        let expected = Request::build("m").id("a").params(json!([1])).finish();
        assert_eq!(call.expect("JSON"), Incoming::Request(expected));

        let note = parse(br#" {"jsonrpc":"2.0","method":"m"}"#).expect("JSON");
        assert_eq!(note, Incoming::Request(Request::build("m").finish()));

        let null_id = parse(br#"{"jsonrpc":"2.0","method":"m","id":null}"#).expect("JSON");
        assert_eq!(null_id, Incoming::Request(Request::build("m").id(Id::Null).finish()));

        let answer = parse(br#"{"jsonrpc":"2.0","id":1,"result":null}"#).expect("JSON");
        assert_eq!(answer, Incoming::Response(Response::from_ok(1.into(), Value::Null)));

        let failed =
            parse(br#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"?"}}"#).expect("JSON");
        assert!(matches!(failed, Incoming::Response(response) if response.is_error()));
    }

    #[test]
    fn half_a_character_is_no_reason_to_lose_an_edit() {
        for (text, expected) in [
            (r"a\ud83d", "a\u{fffd}"),
            (r"\udE00b\n", "\u{fffd}b\n"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
            (r"\\ud83d \ud800", r"\ud83d �"),
        ] {
            let body = format!(r#"{{"method":"m","params":["{text}"]}}"#);
            let expected = Request::build("m").params(json!([expected])).finish();
            assert_eq!(parse(body.as_bytes()).expect("JSON"), Incoming::Request(expected), "{text}");
        }
        assert!(parse(br#"{"method":"m","params":["\ud83"]}"#).is_err());
    }

    #[test]
    fn json_that_is_no_message_is_told_from_what_is_no_json() {
        for body in ["[]", "1", "null", "{}", r#"{"id":1}"#, r#"{"method":7}"#, r#"{"id":{},"method":"m"}"#] {
            assert!(matches!(parse(body.as_bytes()), Ok(Incoming::Malformed(_))), "{body}");
        }
        assert!(matches!(parse(br#"[null,"exit"]"#), Ok(Incoming::Malformed(_))));
        for body in ["", "{", "[1", r#"{"method":"m"} x"#, r#"{'method':"m"}"#, "nonsense"] {
            assert!(parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(parse(b"{\"method\":\"\xff\"}").is_err());
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }
}
