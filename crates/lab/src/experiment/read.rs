//! Numbers as a link writes them.

/// Digits of the largest u64.
const LONGEST_WHOLE: usize = 20;
/// The longest text that is read as a decimal number.
const LONGEST_REAL: usize = 32;

/// Reads a whole number, which has digits only.
pub(crate) fn whole(text: &str) -> Option<u64> {
    let is_whole = text.len() <= LONGEST_WHOLE && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_whole)
}

/// Reads a decimal number. It may be infinite, where the text is a number too large for f64; −0 becomes 0, so that a link
/// that says either is the same run.
pub(crate) fn real(text: &str) -> Option<f64> {
    numbers::parse(text).filter(|_| text.len() <= LONGEST_REAL).map(|number| number + 0.0)
}
