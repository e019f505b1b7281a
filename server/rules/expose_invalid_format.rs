use super::{Findings, context::Context, rule, stage_edits::replace};
use crate::{
    stages::expand::{Expanded, Piece, Variables, expand},
    syntax::{Keyword, Word},
};

rule! {
    /// An address or a port of the host in an EXPOSE.
    ///
    /// ## Why
    /// EXPOSE says on which ports the container listens. What they are on the host is up to `docker run --publish`; here it is
    /// ignored, and will be an error. This is BuildKit's check ExposeInvalidFormat.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 8080:80
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 80
    /// ```
    EXPOSE_INVALID_FORMAT: "ExposeInvalidFormat", "An EXPOSE holds more than ports of the container", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for command in context.commands(&[Keyword::Expose]) {
        for word in command.instruction.words().iter().filter(|word| word.text().contains(':')) {
            let Some(port) = Port::read(word, context.doc.syntax().escape()) else { continue };
            if port.protocol().is_none() || !port.has_host() {
                continue;
            }
            let message = format!(
                "EXPOSE instruction should not define an IP address or host-port mapping, found '{}'",
                port.shown
            );
            // Where quotes or braces may hold the last colon, its place is not looked for.
            let host = word.text().rfind(':').filter(|_| !word.text().contains(['"', '\'', '{', '\\', '`']));
            let range = command.placed.at(word.range());
            let finding = out.report(&EXPOSE_INVALID_FORMAT, range, message);
            if let Some(colon) = host {
                let rest = &word.text()[colon + 1..];
                let host = command.placed.at(word.source(0..colon + 1));
                finding.fix(format!("Write `{rest}`"), Some(vec![replace(host, "")])).prefer_single_fix();
            }
        }
    }
}

/// A word of an EXPOSE: `[[ip:]host:]port[/protocol]` (dockerfile2llb/convert_expose.go, `parsePort`).
pub struct Port {
    /// As a message has it: expanded, as far as the file alone tells.
    pub shown: String,
    /// The same with [`UNKNOWN`] for what variables hold.
    text: String,
}

/// What no file holds, in the place of a variable's value.
const UNKNOWN: char = '\u{fffff}';

/// No value of a variable is known.
struct Any;

impl Variables for Any {
    fn value(&self, _name: &str) -> Option<Expanded> {
        Some(Expanded::any())
    }
}

impl Port {
    pub fn read(word: &Word, escape: char) -> Option<Port> {
        let expanded = expand(word.text(), escape, &|part| part, &Any).ok()?;
        let pieces = expanded.pieces().iter();
        let text: String = pieces
            .map(|piece| if let Piece::Text(text, _) = piece { text.clone() } else { UNKNOWN.into() })
            .collect();
        let shown = if text.contains(UNKNOWN) { word.text().to_owned() } else { text.clone() };
        Some(Port { shown, text })
    }

    fn parts(&self) -> (&str, &str) {
        self.text.rsplit_once(':').unwrap_or(("", &self.text))
    }

    /// Whether it names an address or a port of the host, whatever the variables hold.
    fn has_host(&self) -> bool {
        let (host, _) = self.parts();
        // BuildKit forgets what stands in front of a `${X:-y}` (shell/lex.go, `wordsBuffer`).
        let forgets = |(at, _): (usize, &str)| {
            let rest = &self.shown[at + 2..];
            rest.find(|c: char| !c.is_alphanumeric() && c != '_')
                .is_some_and(|end| !rest[end..].starts_with('}'))
        };
        !self.shown.match_indices("${").any(forgets)
            && (host.contains(|c| c != UNKNOWN && c != ':') || host.matches(':').count() > 1)
    }

    /// Its protocol, empty if it has none; `None` if BuildKit refuses it.
    pub fn protocol(&self) -> Option<&str> {
        let (_, container) = self.parts();
        let (port, protocol) = container.split_once('/').unwrap_or((container, ""));
        let known = ["", "tcp", "udp", "sctp"].iter().any(|known| protocol.eq_ignore_ascii_case(known));
        (!port.is_empty() && known).then_some(protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn addresses_and_ports_of_the_host_are_found() {
        fires(
            &EXPOSE_INVALID_FORMAT,
            "
            FROM a:1
            EXPOSE 80 8080:80 127.0.0.1:80:80/tcp [::1]:80:80
                      ^^^^^^^ warning
                              ^^^^^^^^^^^^^^^^^^^ warning
                                                  ^^^^^^^^^^^ warning
            EXPOSE 8080:$PORT
                   ^^^^^^^^^^ warning
            ",
        );
    }

    #[test]
    fn ports_ranges_and_what_variables_may_leave_out_are_left_alone() {
        silent(
            &EXPOSE_INVALID_FORMAT,
            "FROM a:1\nEXPOSE 80 80-90/udp :80 $HOST:80 ${P:-80} 80:${P:-80} a:b/c\n",
        );
    }

    #[test]
    fn the_port_of_the_container_stays() {
        assert_eq!(
            fixed(&EXPOSE_INVALID_FORMAT, "FROM a:1\nEXPOSE 1 127.0.0.1:80:81/udp\n", "Write `81/udp`"),
            "FROM a:1\nEXPOSE 1 81/udp\n"
        );
    }
}
