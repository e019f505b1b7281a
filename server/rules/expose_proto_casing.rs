use super::{Findings, context::Context, rule, stage_edits::replace};
use crate::{rules::expose_invalid_format::Port, syntax::Keyword};

rule! {
    /// The protocol of a port in capital letters.
    ///
    /// ## Why
    /// It means the same, but is written in lower case everywhere else. This is BuildKit's check ExposeProtoCasing.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 53/UDP
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 53/udp
    /// ```
    EXPOSE_PROTO_CASING: "ExposeProtoCasing", "The protocol of a port has capital letters", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for command in context.commands(&[Keyword::Expose]) {
        for word in command.instruction.words() {
            let Some(port) = Port::read(word, context.doc.syntax().escape()) else { continue };
            let Some(proto) =
                port.protocol().filter(|proto| proto.contains(|c: char| c.is_ascii_uppercase()))
            else {
                continue;
            };
            let message =
                format!("Defined protocol '{}' in EXPOSE instruction should be lowercase", port.shown);
            let end = word.text().trim_end_matches(['"', '\'']).len();
            let literal =
                end.checked_sub(proto.len()).filter(|&start| word.text().get(start..end) == Some(proto));
            let range = command.placed.at(literal.map_or(word.range(), |start| word.source(start..end)));
            let lower = proto.to_ascii_lowercase();
            let fix = literal.map(|_| vec![replace(range.clone(), &lower)]);
            out.report(&EXPOSE_PROTO_CASING, range, message)
                .fix(format!("Write `{lower}`"), fix)
                .prefer_single_fix();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn one_capital_letter_is_enough() {
        fires(
            &EXPOSE_PROTO_CASING,
            "
            FROM a:1
            EXPOSE 80/Tcp 81 82/udp $P/UDP \"83/SCTP\"
                      ^^^ hint
                                       ^^^ hint
                                               ^^^^ hint
            ",
        );
    }

    #[test]
    fn small_letters_none_and_what_is_no_protocol_are_left_alone() {
        silent(&EXPOSE_PROTO_CASING, "FROM a:1\nEXPOSE 80 80/ 80/tcp 80/HTTP /TCP $P\nEXPOSE\n");
    }

    #[test]
    fn it_becomes_small() {
        assert_eq!(
            fixed(&EXPOSE_PROTO_CASING, "FROM a:1\nEXPOSE \\\n  80/TCP 81\n", "Write `tcp`"),
            "FROM a:1\nEXPOSE \\\n  80/tcp 81\n"
        );
    }
}
