//! Names of variables that look like misspelt ones: strictly, since `APP_UID` beside `APP_GID` is none.

use super::near::distance;

/// Shortest name that is taken for a misspelt one.
const SHORTEST: usize = 4;

/// Whether someone who wrote `used` most likely meant `declared`.
pub fn is_near(used: &str, declared: &str) -> bool {
    if used.len() < SHORTEST || declared.len() < SHORTEST || used.len().abs_diff(declared.len()) > 2 {
        return false;
    }
    if used.eq_ignore_ascii_case(declared) {
        return used != declared;
    }
    let is_lower = |name: &str| !name.contains(|c: char| c.is_ascii_uppercase());
    if is_lower(used) != is_lower(declared) {
        return false;
    }
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (used.split('_').collect(), declared.split('_').collect());
    if ours.len() != theirs.len() {
        return ours.concat() == theirs.concat();
    }
    let mut different = ours.iter().zip(&theirs).filter(|(a, b)| a != b);
    match (different.next(), different.next()) {
        (Some((a, b)), None) => is_near_part(a, b),
        _ => false,
    }
}

/// The same of the one part that differs.
fn is_near_part(a: &str, b: &str) -> bool {
    let digits = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>();
    if digits(a) != digits(b) {
        return false;
    }
    // A plural, an agent, a past: another word.
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if long.strip_prefix(short).is_some_and(|rest| rest.contains(['S', 's', 'D', 'd', 'R', 'r'])) {
        return false;
    }
    let swapped = a.len() == b.len() && distance(a, b) == 1 && sorted(a) == sorted(b);
    match short.len() {
        0..3 => false,
        3 | 4 => swapped,
        5..8 => distance(a, b) == 1,
        _ => distance(a, b) <= 2,
    }
}

fn sorted(part: &str) -> Vec<char> {
    let mut letters: Vec<char> = part.chars().collect();
    letters.sort_unstable();
    letters
}

#[cfg(test)]
mod tests {
    use super::is_near;

    #[test]
    fn misspelt_names_are_near_and_names_of_a_family_are_not() {
        for (used, declared) in [
            ("VERISON", "VERSION"),
            ("APP_VRESION", "APP_VERSION"),
            ("VERSIO", "VERSION"),
            ("APPVERSION", "APP_VERSION"),
            ("Version", "VERSION"),
            ("APP_DRI", "APP_DIR"),
        ] {
            assert!(is_near(used, declared), "{used} {declared}");
        }
        for (used, declared) in [
            ("APP_UID", "APP_GID"),
            ("VERSIONS", "VERSION"),
            ("LIB_DIR", "BIN_DIR"),
            ("PORT1", "PORT2"),
            ("NODE1_VERSION", "NODE2_VERSION"),
            ("FOO", "FOP"),
            ("pkg_version", "PKG_VERSIO"),
            ("CFLAGS", "CXXFLAGS"),
        ] {
            assert!(!is_near(used, declared), "{used} {declared}");
        }
    }
}
