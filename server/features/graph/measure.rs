//! How wide texts are, about: nobody knows with which font a picture will be seen.

/// Widths of the printable ASCII characters of a wide sans-serif font (DejaVu Sans Bold), in hundredths of the font size.
const BOLD: [u8; 95] = [
    35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70,
    40, 40, 84, 84, 84, 58, 100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 77, 64, 100, 84, 85, 73, 85, 77, 72,
    68, 81, 77, 110, 77, 72, 73, 46, 37, 46, 84, 50, 50, 67, 72, 59, 72, 68, 44, 72, 71, 34, 34, 67, 34, 104,
    71, 69, 72, 72, 49, 60, 48, 71, 65, 92, 65, 65, 58, 71, 37, 71, 84,
];

/// How text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Font {
    Bold,
    Plain,
    Mono,
}

/// The width of a text in pixels.
pub fn width(text: &str, font: Font, size: f64) -> f64 {
    text.chars().map(|c| of(c, font)).sum::<f64>() * size
}

/// A text that is no wider than `limit` pixels: cut, with an ellipsis at its end.
pub fn fit(text: &str, font: Font, size: f64, limit: f64) -> String {
    if width(text, font, size) <= limit {
        return text.to_owned();
    }
    let mut left = limit - of('…', font) * size;
    let fits = |c: &char| {
        left -= of(*c, font) * size;
        left >= 0.0
    };
    let start: String = text.chars().take_while(fits).collect();
    start.trim_end().to_owned() + "…"
}

/// The width of a character in font sizes.
fn of(c: char, font: Font) -> f64 {
    let wide = match c {
        // Marks that stand on other characters, and those that can't be seen.
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => return 0.0,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => return 1.0,
        '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' => return 1.0,
        '\u{1f000}'.. => return 1.35,
        ' '..='~' => f64::from(BOLD[c as usize - ' ' as usize]) / 100.0,
        _ => 0.8,
    };
    match font {
        Font::Bold => wide,
        Font::Plain => wide * 0.92,
        Font::Mono => 0.62,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_wide_ends_in_an_ellipsis_that_still_fits() {
        assert_eq!(fit("builder", Font::Bold, 13.0, 200.0), "builder");
        let long = "a-very-long-name-of-a-stage-that-fits-nowhere".repeat(3);
        for text in [long, "漢字の名前".repeat(30), "🦀 é".repeat(50)] {
            let cut = fit(&text, Font::Bold, 13.0, 200.0);
            assert!(cut.ends_with('…') && cut.chars().count() > 8, "{cut}");
            let wide = width(&cut, Font::Bold, 13.0);
            assert!((150.0..=200.0).contains(&wide), "{cut}: {wide}");
        }
    }
}
