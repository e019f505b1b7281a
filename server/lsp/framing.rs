//! Cuts a byte stream into messages, and finds the next message after anything that is not one.
//!
//! The decoder of tower-lsp-server stops for good at the first bad header or byte that is not UTF-8. A client (or a
//! script in between) that slips once should lose one message and not its server, hence this one.
//!
//! What makes it possible to find the next message: the bytes `Content-Length: 12\r\n` do not occur inside a JSON text,
//! because a line break within a JSON string is always escaped.

use std::{
    io::{self, ErrorKind, Read},
    ops::Range,
};

const HEADER: &[u8] = b"content-length:";
const READ_SIZE: usize = 64 * 1024;
/// What is longer than this and has no line break is no header.
const LONGEST_LINE: usize = 8 * 1024;

/// What comes next in the stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// The body of a message. Whether it is JSON is not known yet, see [`Frames::reject`].
    Body(&'a [u8]),
    /// Bytes that belong to no message, and why. Reported once for all that follow each other.
    Garbage(&'static str),
}

/// The messages in a byte stream.
#[derive(Debug)]
pub struct Frames<R> {
    input: R,
    chunk: Box<[u8]>,
    buffer: Vec<u8>,
    /// What `buffer` holds before this is done with.
    at: usize,
    /// Where the last body that was handed out starts.
    body: usize,
    /// Whether the next message is still being looked for.
    lost: bool,
}

/// What stands where a message should start.
enum Head {
    /// There is no telling before more bytes are here.
    Incomplete,
    Complete {
        body: usize,
        length: usize,
    },
    /// No message starts before `next`.
    Bad {
        next: usize,
        why: &'static str,
    },
}

/// How the wait for the rest of a body went.
enum Body {
    Complete(Range<usize>),
    /// The next message starts here, before the body was complete.
    CutOff(usize),
    StreamEnd,
}

impl<R: Read> Frames<R> {
    pub fn new(input: R) -> Frames<R> {
        let chunk = vec![0; READ_SIZE].into_boxed_slice();
        Frames { input, chunk, buffer: Vec::new(), at: 0, body: 0, lost: false }
    }

    /// Waits for the next frame. `None` at the end of the stream; an unfinished message before it is dropped.
    pub fn next(&mut self) -> io::Result<Option<Frame<'_>>> {
        let garbage = loop {
            self.forget();
            match self.head() {
                Head::Incomplete => {
                    if !self.fill()? {
                        return Ok(None);
                    }
                    continue;
                }
                Head::Complete { body, length } => match self.wait_for(body, length)? {
                    Body::Complete(range) => {
                        (self.body, self.at, self.lost) = (body, range.end, false);
                        return Ok(Some(Frame::Body(&self.buffer[range])));
                    }
                    Body::CutOff(next) => {
                        self.at = next;
                        if !self.lost {
                            break "message shorter than its Content-Length";
                        }
                    }
                    Body::StreamEnd => return Ok(None),
                },
                Head::Bad { next, why } => {
                    self.at = next;
                    if !self.lost {
                        break why;
                    }
                }
            }
        };
        self.lost = true;
        Ok(Some(Frame::Garbage(garbage)))
    }

    /// Takes the last body back because it is no JSON text: its length may be wrong, so the next message may start
    /// inside it.
    pub fn reject(&mut self) {
        self.at = self.body;
        self.lost = true;
    }

    /// Makes sense of what stands at `at`.
    fn head(&self) -> Head {
        let mut at = self.at;
        let (mut length, mut headers) = (None, 0);
        loop {
            let rest = &self.buffer[at..];
            let Some(newline) = rest.iter().position(|&byte| byte == b'\n') else {
                if rest.len() <= LONGEST_LINE {
                    return Head::Incomplete;
                }
                // Keep enough for a header that has only begun.
                let next = self.buffer.len() - LONGEST_LINE / 2;
                return Head::Bad { next, why: "not a message header" };
            };
            let next = at + newline + 1;
            let line = rest[..newline].trim_ascii_end();
            match (line.is_empty(), length) {
                (true, Some(length)) => return Head::Complete { body: next, length },
                (true, None) if headers > 0 => return Head::Bad { next, why: "no Content-Length" },
                // An empty line before the headers does no harm.
                (true, None) => {
                    at = next;
                    continue;
                }
                (false, _) => {}
            }
            match content_length(line) {
                Some((0, value)) => length = Some(value),
                Some((column, _)) => {
                    return Head::Bad { next: at + column, why: "unexpected bytes before a message" };
                }
                None if starts_like_content_length(line) => {
                    return Head::Bad { next, why: "invalid Content-Length" };
                }
                // While lost, a line of JSON can look like a header.
                None if is_header(line) && (!self.lost || length.is_some()) => {}
                None => return Head::Bad { next, why: "not a message header" },
            }
            headers += 1;
            at = next;
        }
    }

    /// Reads until the body is complete, the next message starts, or the stream ends.
    fn wait_for(&mut self, body: usize, length: usize) -> io::Result<Body> {
        let mut searched = body;
        while self.buffer.len() - body < length {
            if let Some(next) = boundary(&self.buffer[body..], searched - body) {
                return Ok(Body::CutOff(body + next));
            }
            searched = self.buffer.len();
            if !self.fill()? {
                return Ok(Body::StreamEnd);
            }
        }
        Ok(Body::Complete(body..body + length))
    }

    /// Reads some more; `false` at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        loop {
            match self.input.read(&mut self.chunk) {
                Ok(count) => {
                    self.buffer.extend_from_slice(&self.chunk[..count]);
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes room by dropping what is done with.
    fn forget(&mut self) {
        if self.at == self.buffer.len() {
            self.buffer.clear();
            self.buffer.shrink_to(READ_SIZE);
            self.at = 0;
        } else if self.at >= READ_SIZE {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
    }
}

/// Where in `line` a Content-Length header stands that reaches to the end of the line, and its value.
fn content_length(line: &[u8]) -> Option<(usize, usize)> {
    let column = line.windows(HEADER.len()).rposition(|window| window.eq_ignore_ascii_case(HEADER))?;
    let value = line[column + HEADER.len()..].trim_ascii();
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let value = digits.then(|| str::from_utf8(value).ok()?.parse().ok())??;
    Some((column, value))
}

fn starts_like_content_length(line: &[u8]) -> bool {
    line.get(..HEADER.len()).is_some_and(|start| start.eq_ignore_ascii_case(HEADER))
}

/// Whether `line` is a header of any name.
fn is_header(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|&byte| byte == b':') else { return false };
    colon > 0 && line[..colon].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// Where the next message starts in an unfinished `body`, looking at lines that end at or after `from`.
fn boundary(body: &[u8], from: usize) -> Option<usize> {
    let mut searched = from;
    while let Some(newline) = body[searched..].iter().position(|&byte| byte == b'\n') {
        let newline = searched + newline;
        let start = body[..newline].iter().rposition(|&byte| byte == b'\n').map_or(0, |before| before + 1);
        if let Some((column, _)) = content_length(body[start..newline].trim_ascii_end()) {
            return Some(start + column);
        }
        searched = newline + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = r#"{"a":1}"#;
    const B: &str = r#"{"b":"Content-Length: 9\r\n\r\n"}"#;

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    /// A reader that gives out `step` bytes at a time.
    struct Steps<'a>(&'a [u8], usize);

    impl Read for Steps<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    /// The JSON bodies that are found in `stream`, however it is cut, and how often garbage is reported.
    fn read(stream: &[u8]) -> (Vec<String>, usize) {
        let mut first = None;
        for step in [1, 2, 3, 7, 16, 64, usize::MAX] {
            let mut frames = Frames::new(Steps(stream, step));
            let (mut bodies, mut garbage) = (Vec::new(), 0);
            while let Some(frame) = frames.next().expect("no I/O errors here") {
                match frame {
                    Frame::Garbage(_) => garbage += 1,
                    Frame::Body(body) => match serde_json::from_slice::<serde_json::Value>(body) {
                        Ok(_) => bodies.push(String::from_utf8(body.to_vec()).expect("JSON is UTF-8")),
                        Err(_) => {
                            garbage += 1;
                            frames.reject();
                        }
                    },
                }
            }
            let result = (bodies, garbage);
            assert_eq!(*first.get_or_insert_with(|| result.clone()), result, "{step} bytes at a time");
        }
        first.expect("at least one step")
    }

    #[track_caller]
    fn check(stream: &str, bodies: &[&str], garbage: usize) {
        let (found, reported) = read(stream.as_bytes());
        assert_eq!(found, bodies);
        assert_eq!(reported, garbage);
    }

    #[test]
    fn reads_messages_one_after_the_other() {
        check(&(framed(A) + &framed(B) + &framed(A)), &[A, B, A], 0);
    }

    #[test]
    fn takes_headers_in_any_order_and_case() {
        let type_ = "Content-Type: application/vscode-jsonrpc; charset=utf-8";
        check(&format!("{type_}\r\ncontent-length:7\r\n\r\n{A}"), &[A], 0);
        check(&format!("CONTENT-LENGTH:  7 \r\n{type_}\r\n\r\n{A}"), &[A], 0);
        check(&format!("\r\nContent-Length: 7\n\n{A}\r\n{}", framed(B)), &[A, B], 0);
    }

    #[test]
    fn goes_on_after_bad_json() {
        check(&(framed("{nonsense") + &framed(A)), &[A], 1);
        check(&(framed("{\n\n \"pretty\": \n\n oops }") + &framed(A)), &[A], 1);
        check(&(framed("") + &framed(A)), &[A], 1);
    }

    #[test]
    fn goes_on_after_bad_headers() {
        for bad in ["", "-7", "7.5", "seven", "0x7", "99999999999999999999999999"] {
            check(&format!("Content-Length: {bad}\r\n\r\n{A}{}", framed(B)), &[B], 1);
        }
        check(&format!("Content-Type: text\r\n\r\n{A}{}", framed(B)), &[B], 1);
    }

    #[test]
    fn goes_on_after_a_wrong_length() {
        let later = framed(B) + &framed(A);
        for length in [1, 6, 8, 12, 20, 22, 23, 24, 25, 30, 60, 500, usize::MAX] {
            let (found, garbage) = read(format!("Content-Length: {length}\r\n\r\n{A}{later}").as_bytes());
            assert_eq!(
                (found.as_slice(), garbage),
                ([B.to_string(), A.to_string()].as_slice(), 1),
                "{length}"
            );
        }
    }

    #[test]
    fn goes_on_after_garbage() {
        check(&format!("garbage{}", framed(A)), &[A], 1);
        check(&format!("{}garbage\r\n\r\nmore: of it\r\n\r\n{}", framed(A), framed(B)), &[A, B], 1);
        let mut stream = framed(A).into_bytes();
        stream.extend((0..100_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8));
        stream.extend(framed(B).into_bytes());
        assert_eq!(read(&stream).0, [A, B]);
    }

    #[test]
    fn goes_on_after_bytes_that_are_not_utf8() {
        let mut stream = b"Content-Length: 9\r\n\r\n{\"a\":\"\xff\"}".to_vec();
        stream.extend(framed(B).into_bytes());
        assert_eq!(read(&stream), (vec![B.to_string()], 1));
    }

    #[test]
    fn drops_an_unfinished_message_at_the_end() {
        let whole = framed(A);
        for length in 0..whole.len() {
            check(&whole[..length], &[], 0);
        }
    }
}
