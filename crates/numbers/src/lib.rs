//! Numbers as text, to a number of significant digits, with the language's decimal mark.

/// Significant digits in sentences.
pub const DIGITS: usize = 2;

/// Writes `value` with `digits` significant digits: plain from 0.001 up to 9999, otherwise as "7.5 × 10⁻⁸". `mark` is
/// the decimal mark.
pub fn significant(value: f64, digits: usize, mark: char) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return if value.is_nan() {
            "–"
        } else if value > 0.0 {
            "∞"
        } else {
            "−∞"
        }
        .to_owned();
    }
    let (mantissa, exponent) = parts(value, digits);
    let text = if (-3..4).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        format!("{:.decimals$}", round(value, digits))
    } else {
        let decimals = digits.saturating_sub(1);
        format!("{mantissa:.decimals$} × 10{}", superscript(exponent))
    };
    localise(&text, mark)
}

/// Writes as [`significant`], without trailing zeros and spaces: for the limits of a scale, where there is little room.
pub fn compact(value: f64, digits: usize, mark: char) -> String {
    let text = significant(value, digits, mark);
    let (mantissa, power) = text.split_once(" × ").unwrap_or((&text, ""));
    let mantissa =
        if mantissa.contains(mark) { mantissa.trim_end_matches('0').trim_end_matches(mark) } else { mantissa };
    if power.is_empty() { mantissa.to_owned() } else { format!("{mantissa}×{power}") }
}

/// Writes `value` with this many decimals.
pub fn fixed(value: f64, decimals: usize, mark: char) -> String {
    if !value.is_finite() {
        return significant(value, 1, mark);
    }
    let text = format!("{value:.decimals$}");
    let zero = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    localise(if zero { text.trim_start_matches('-') } else { &text }, mark)
}

/// Writes a whole number in groups of three, separated by narrow spaces.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digits.len() > 4 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// Parses a decimal text to the nearest f64. Returns `None` for a text that is no number, or whose number is not 0 but
/// too small for f64; infinity if it is too large.
pub fn parse(text: &str) -> Option<f64> {
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number: f64 = text.parse().ok().filter(|_| is_decimal)?;
    let mut digits = text.bytes().take_while(|byte| !b"eE".contains(byte));
    (number != 0.0 || !digits.any(|byte| (b'1'..=b'9').contains(&byte))).then_some(number)
}

/// Writes all digits of `value`, with a decimal point, as programs read them: the shortest text that parses to the same
/// number.
pub fn exact(value: f64) -> String {
    format!("{value:?}")
}

/// Writes a decimal number for links and fields: it parses to the same bits, and is short for any magnitude, as plain
/// digits of the smallest would be hundreds.
pub fn written(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-4 { format!("{value:e}") } else { value.to_string() }
}

/// Rounds `value` to `digits` significant digits.
pub fn round(value: f64, digits: usize) -> f64 {
    if !value.is_finite() {
        return value;
    }
    // A single rounding, as both numbers are exact up to 10²².
    let (whole, exponent) = decimal(value, digits);
    let power = exponent + 1 - digits.max(1) as i32;
    let size = if power < 0 { whole / 10_f64.powi(-power) } else { whole * 10_f64.powi(power) };
    size.copysign(value)
}

/// Returns the smallest number with `digits` significant digits that is at least `value`, for `value` > 0.
pub fn round_up(value: f64, digits: usize) -> f64 {
    let rounded = round(value, digits);
    if rounded >= value {
        return rounded;
    }
    let exponent = parts(rounded, digits).1;
    round(rounded + 10_f64.powi(exponent + 1 - digits as i32), digits)
}

/// Returns the decimal exponent of the first digit of `value` rounded to this many; 0 for 0 and values that are not
/// finite.
pub fn exponent(value: f64, digits: usize) -> i32 {
    decimal(value, digits).1
}

/// Writes an integer in Unicode superscripts: −8 is "⁻⁸".
pub fn superscript(value: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let sign = if value < 0 { "⁻" } else { "" };
    let digits = value.unsigned_abs().to_string();
    sign.chars().chain(digits.bytes().map(|digit| DIGITS[usize::from(digit - b'0')])).collect()
}

/// Writes 10 to the `exponent` as tick labels do: `10⁻⁸`, but `1` and `10`.
pub fn power_of_ten(exponent: i32) -> String {
    match exponent {
        0 => "1".into(),
        1 => "10".into(),
        _ => format!("10{}", superscript(exponent)),
    }
}

/// Writes a whole number in Unicode subscripts: 12 is "₁₂".
pub fn subscript(value: usize) -> String {
    value.to_string().bytes().filter_map(|digit| char::from_u32(0x2080 + u32::from(digit - b'0'))).collect()
}

/// Returns mantissa and decimal exponent after rounding to `digits` significant digits.
fn parts(value: f64, digits: usize) -> (f64, i32) {
    let (whole, exponent) = decimal(value, digits);
    ((whole / 10_f64.powi(digits.max(1) as i32 - 1)).copysign(value), exponent)
}

/// Returns the digits of a finite value, rounded to this many, as a whole number, and the decimal exponent of the
/// first.
fn decimal(value: f64, digits: usize) -> (f64, i32) {
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digit = |sum: u64, byte: u8| 10 * sum + u64::from(byte - b'0');
    (mantissa.bytes().filter(u8::is_ascii_digit).fold(0, digit) as f64, exponent.parse().unwrap_or(0))
}

fn localise(text: &str, mark: char) -> String {
    text.chars()
        .map(|c| match c {
            '.' => mark,
            '-' => '−',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_written_as_powers_of_ten() {
        assert_eq!(significant(7.46e-8, 2, '.'), "7.5 × 10⁻⁸");
        assert_eq!(significant(-9.99e-9, 2, ','), "−1,0 × 10⁻⁸");
    }

    #[test]
    fn numbers_of_daily_size_are_written_plainly() {
        assert_eq!(significant(0.0274, 2, ','), "0,027");
        assert_eq!(significant(0.999, 2, '.'), "1.0");
        assert_eq!(significant(1234.5, 2, '.'), "1200");
        assert_eq!(significant(0.0, 2, '.'), "0");
    }

    #[test]
    fn rounding_up_never_goes_below() {
        for value in [0.9031, 3.601, 0.25, 9.99, 1e-7, 99.01] {
            for digits in 1..6 {
                let up = round_up(value, digits);
                assert!(
                    up >= value && up <= value * (1.0 + 10_f64.powi(1 - digits as i32) * 1.01),
                    "{value} {digits} {up}"
                );
            }
        }
    }

    #[test]
    fn rounding_gives_the_number_that_the_digits_say() {
        for value in [0.505, 0.4235, -7.46e-8, 123_456.0, 9.999, 1e-9, -0.25, 2.5e15, 1.0 / 3.0, 0.0] {
            for digits in 1..9 {
                let said: f64 = format!("{value:.*e}", digits - 1).parse().expect("a number");
                assert_eq!(round(value, digits).to_bits(), said.to_bits(), "{value} {digits}");
            }
        }
        assert!(round(f64::NAN, 2).is_nan() && round(f64::INFINITY, 2) == f64::INFINITY);
    }

    #[test]
    fn only_decimal_texts_are_numbers() {
        assert_eq!(["0.01", "1e-6", "-5", ".5", "5."].map(parse), [0.01, 1e-6, -5.0, 0.5, 5.0].map(Some));
        assert_eq!(
            ["0", "-0.0", "0e5", "1e-320", "1e999"].map(parse),
            [0.0, -0.0, 0.0, 1e-320, f64::INFINITY].map(Some)
        );
        assert_eq!(["1e-400", "-0.5e-330", "1E-999"].map(parse), [None; 3], "not 0");
        assert_eq!(["", "-", "1e", "1-2", "e5", "."].map(parse), [None; 6]);
    }

    #[test]
    fn a_rounded_zero_has_no_sign() {
        assert_eq!(fixed(-0.0001, 2, '.'), "0.00");
        assert_eq!(fixed(-0.126, 2, ','), "−0,13");
    }

    #[test]
    fn large_counts_stand_in_groups() {
        assert_eq!(grouped(1540), "1540");
        assert_eq!(grouped(1_000_000), "1\u{202f}000\u{202f}000");
    }
}
