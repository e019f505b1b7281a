use super::{
    Findings,
    context::Context,
    flags::leading,
    near::nearest,
    rule,
    stage_edits::replace,
    values::signal::{NAMES, is_signal},
};
use crate::syntax::Keyword;

rule! {
    /// A `STOPSIGNAL` that is no signal.
    ///
    /// ## Why
    /// `STOPSIGNAL` takes one of Linux's signals, with or without `SIG`, or a number other than 0. Everything up to the end
    /// of the line is its name.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM nginx:1.27
    /// STOPSIGNAL SIGTREM
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM nginx:1.27
    /// STOPSIGNAL SIGTERM
    /// ```
    INVALID_SIGNAL: "invalid-signal", "A `STOPSIGNAL` that is no signal", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.with(&[Keyword::StopSignal]) {
        let instruction = placed.instruction.effective();
        let Some(word) = instruction.words().first() else { continue };
        // Flags are lost.
        let text = word.text();
        let flags = leading(text, context.doc.syntax().escape()).last().map_or(0, |flag| flag.end);
        let start = text.len() - text[flags..].trim_start().len();
        let start = match text[start..].strip_prefix("--") {
            Some(rest) if rest.starts_with(char::is_whitespace) => text.len() - rest.trim_start().len(),
            _ => start,
        };
        let signal = word.part(start..text.len());
        let Some(value) = context.value(index, &signal) else { continue };
        if is_signal(&value) {
            continue;
        }
        let range = placed.at(if signal.text().is_empty() { word.range() } else { signal.range() });
        let message = match &*value {
            "" => "STOPSIGNAL needs a signal".to_owned(),
            value => format!("\"{value}\" is no signal"),
        };
        let onbuild = instruction.keyword != placed.instruction.keyword;
        let nothing = signal.text().is_empty();
        let severity = if nothing { context.parse_error(index, onbuild) } else { context.build_error(index) };
        let finding = out.report(&INVALID_SIGNAL, range.clone(), message);
        finding.severity(severity);
        let lower = value.to_lowercase();
        if let Some(near) = nearest(lower.strip_prefix("sig").unwrap_or(&lower), &NAMES) {
            let name = format!("SIG{}", near.to_uppercase());
            finding.fix(format!("Use `{name}`"), Some(vec![replace(range, name)])).prefer_single_fix();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn signals_have_a_name_or_a_number() {
        fires(
            &INVALID_SIGNAL,
            "
            FROM a:1
            STOPSIGNAL SIGFOO
                       ^^^^^^ error
            stopsignal 0
                       ^ error
            STOPSIGNAL SIGTERM now
                       ^^^^^^^^^^^ error
            STOPSIGNAL --x
                       ^^^ error
            ONBUILD STOPSIGNAL x
                               ^ warning
            ",
        );
        fires(&INVALID_SIGNAL, "FROM a:1 AS x\nSTOPSIGNAL x\n           ^ warning\nFROM b:1\n");
    }

    #[test]
    fn signals_that_there_are_are_left_alone() {
        silent(
            &INVALID_SIGNAL,
            "FROM a:1\nARG S=x\nSTOPSIGNAL sigterm\nSTOPSIGNAL \"9\"\nSTOPSIGNAL $S\nSTOPSIGNAL --x 9\nSTOPSIGNAL\n",
        );
    }

    #[test]
    fn a_misspelt_one_has_the_nearest() {
        let after = fixed(&INVALID_SIGNAL, "FROM a:1\nSTOPSIGNAL SIGQIUT\n", "Use `SIGQUIT`");
        assert_eq!(after, "FROM a:1\nSTOPSIGNAL SIGQUIT\n");
    }
}
