//! How deep a text nests, before anything is built of it.
//!
//! The parser bounds brackets and the dots of a key each by eighty, but not their
//! product: `a.b.c = { a.b.c = { …` builds a tree that is too deep to walk, or even to
//! drop, on a small stack. This scan counts both together without recursion. It may
//! count a little too much (a decimal point, a bracket of a head), never too little.

/// Brackets and dots within each other; the exact bound is the document's own.
const DEEPEST: usize = 128;

/// The first byte that lies too deep, if any does.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // The bracket that closes, and the levels it gives back.
    let mut open: Vec<(u8, usize)> = Vec::new();
    let (mut depth, mut dots, mut at) = (0_usize, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => {
                at = string_end(bytes, at);
                continue;
            }
            b'#' => {
                at = bytes[at..]
                    .iter()
                    .position(|b| *b == b'\n')
                    .map_or(bytes.len(), |n| at + n);
                continue;
            }
            b'.' => dots += 1,
            b',' | b'\n' => dots = 0,
            b'[' | b'{' => {
                open.push((if byte == b'[' { b']' } else { b'}' }, dots + 1));
                depth += dots + 1;
                dots = 0;
            }
            b']' | b'}' => {
                if let Some((_, levels)) = open.pop_if(|(close, _)| *close == byte) {
                    depth -= levels;
                    dots = levels - 1;
                }
            }
            _ => {}
        }
        if depth + dots > DEEPEST {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The byte after the string that begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let is_long = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if is_long { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' && quote == b'"' {
            at += 2;
        } else if !is_long && byte == b'\n' {
            return at;
        } else if is_long && bytes[at..].starts_with(&[quote; 3]) {
            return at + 3;
        } else if !is_long && byte == quote {
            return at + 1;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_dots_count_together() {
        let keys = vec!["a"; 20].join(".");
        let text =
            format!("{}z = 1{}", format!("{keys} = {{ ").repeat(8), " }".repeat(8));
        assert!(too_deep(&text).is_some());
        assert_eq!(too_deep(&"[".repeat(1_000_000)), Some(128));
        let text = format!("{}b = 1", "a.".repeat(200));
        assert!(too_deep(&text).is_some());
    }

    #[test]
    fn what_is_only_long_is_not_deep() {
        for text in [
            "[a.b]\nx = 1.5\n".repeat(1_000),
            format!("x = [{}]", "1.5, ".repeat(1_000)),
            format!("x = [{}]", "[1],\n".repeat(1_000)),
            format!("x = \"{}\"", "[{.\\\"".repeat(1_000)),
            format!("x = '''{}'''", "[{.'\n".repeat(1_000)),
            format!("# {}", "[".repeat(1_000)),
        ] {
            assert_eq!(too_deep(&text), None);
        }
    }

    #[test]
    fn a_bracket_that_closes_nothing_gives_nothing_back() {
        assert!(too_deep(&"x = { ] ".repeat(200)).is_some());
    }
}
