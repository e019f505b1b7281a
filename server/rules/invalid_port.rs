use super::{
    Findings,
    context::Context,
    near::nearest,
    rule,
    stage_edits::replace,
    values::port::{self, PROTOCOLS, PortError},
};
use crate::syntax::{Keyword, Placed, Word};

rule! {
    /// A port that `EXPOSE` does not take.
    ///
    /// ## Why
    /// A port is a number from 0 to 65535, or two of them with a `-` between, and then nothing or `/tcp`, `/udp` or `/sctp`.
    /// Ports are separated by blanks; a JSON array is not understood.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM nginx:1.27
    /// EXPOSE 80,443/http
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM nginx:1.27
    /// EXPOSE 80 443/tcp
    /// ```
    INVALID_PORT: "invalid-port", "A port that `EXPOSE` does not take", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.with(&[Keyword::Expose]) {
        let instruction = placed.instruction.effective();
        let words = instruction.words().iter();
        for word in words.filter(|word| !word.text().starts_with("--") && !loses_text(word.text())) {
            let Some(value) = context.value(index, word) else { continue };
            // Nothing, or several words: a value is split once more (shell/lex.go, `ProcessWords`).
            if value.is_empty() || value.contains(char::is_whitespace) {
                continue;
            }
            let Err(error) = port::check(&value) else { continue };
            report(context, out, index, placed, word, &value, error);
        }
    }
}

/// Whether BuildKit loses what stands in front of a `${X…}` with an operator: it reads the operand into the same buffer
/// (shell/lex.go, `processStopOn`).
fn loses_text(word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    word.split("${").skip(1).any(|rest| !rest.trim_start_matches(is_name).starts_with('}'))
}

fn report(
    context: &Context<'_>,
    out: &mut Findings,
    index: usize,
    placed: &Placed,
    word: &Word,
    value: &str,
    error: PortError,
) {
    let part = match &error {
        PortError::NoPort(part)
        | PortError::Protocol(part)
        | PortError::Address(part)
        | PortError::Number(part)
        | PortError::Ranges(part) => part.clone(),
    };
    let text = &value[part.clone()];
    let message = match &error {
        PortError::NoPort(_) => format!("\"{value}\" has no port"),
        PortError::Protocol(_) => format!("\"{text}\" is no protocol: there are tcp, udp and sctp"),
        PortError::Address(_) => format!("\"{text}\" is no IP address"),
        PortError::Number(_) if text.contains(',') => {
            format!("\"{text}\" is no port: several are separated by blanks")
        }
        PortError::Number(_) => format!("\"{text}\" is no port, and no range of ports, from 0 to 65535"),
        PortError::Ranges(_) => {
            format!("The range \"{text}\" has not as many ports as that of the container")
        }
    };
    // Where nothing is quoted and no variable used, the part has a place of its own.
    let is_plain = value == word.text() && !part.is_empty();
    let range = placed.at(if is_plain { word.source(part) } else { word.range() });
    let protocol = match error {
        // What runs over TCP.
        PortError::Protocol(_) if is_plain && matches!(text, "http" | "https" | "ws" | "grpc") => Some("tcp"),
        PortError::Protocol(_) if is_plain => nearest(text, &PROTOCOLS),
        _ => None,
    };
    let without_comma = text.strip_suffix(',').filter(|port| is_plain && port::check(port).is_ok());
    let finding = out.report(&INVALID_PORT, range.clone(), message);
    finding.severity(context.build_error(index));
    if let Some(protocol) = protocol {
        finding.fix(format!("Use `{protocol}`"), Some(vec![replace(range, protocol)])).prefer_single_fix();
    } else if without_comma.is_some() {
        let comma = range.end - 1..range.end;
        finding.fix("Remove the comma", Some(vec![replace(comma, "")])).prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn ports_are_numbers_with_a_protocol() {
        fires(
            &INVALID_PORT,
            "
            FROM a:1
            EXPOSE 80 99999 443/htp
                      ^^^^^ error
                                ^^^ error
            EXPOSE [\"80\"]
                   ^^^^^^ error
            EXPOSE 90-80 '8x'
                   ^^^^^ error
                         ^^^^ error
            ENV P=http
            EXPOSE $P
                   ^^ error
            ONBUILD EXPOSE x
                           ^ warning
            ",
        );
    }

    #[test]
    fn what_may_be_a_port_is_left_alone() {
        silent(
            &INVALID_PORT,
            "FROM a:1\nARG P\nARG Q=x\nENV E=\nEXPOSE x${E:-} 80 80/tcp 90-95/UDP $P ${Q} $R/udp '' 127.0.0.1:80:80\n",
        );
    }

    #[test]
    fn a_protocol_has_the_nearest_one() {
        let after = fixed(&INVALID_PORT, "FROM a:1\nEXPOSE 80/tpc\n", "Use `tcp`");
        assert_eq!(after, "FROM a:1\nEXPOSE 80/tcp\n");
    }

    #[test]
    fn commas_and_what_runs_over_tcp_have_fixes() {
        let fix =
            |ports: &str, title: &str| fixed(&INVALID_PORT, &format!("FROM a:1\nEXPOSE {ports}\n"), title);
        assert_eq!(fix("80, 443", "Remove the comma"), "FROM a:1\nEXPOSE 80 443\n");
        assert_eq!(fix("80/http", "Use `tcp`"), "FROM a:1\nEXPOSE 80/tcp\n");
    }
}
