//! The shapes of codes, and LOINC's check digit.

/// `n` ASCII digits.
pub(crate) fn is_digits(s: &str, n: usize) -> bool {
    s.len() == n && s.bytes().all(|b| b.is_ascii_digit())
}

/// A 交換用コード: four letters and digits.
pub(crate) fn is_exchange(s: &str) -> bool {
    s.len() == 4 && s.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// An ICD-10 code without its point: a letter, two digits, up to three more characters (Japan's fifth digit: `P071b`,
/// `T08-0` where there is no fourth).
pub(crate) fn is_icd(s: &str) -> bool {
    let b = s.as_bytes();
    (3..=6).contains(&b.len())
        && b.first().is_some_and(u8::is_ascii_uppercase)
        && b.iter().skip(1).take(2).all(u8::is_ascii_digit)
        && b.iter().skip(3).all(|c| c.is_ascii_alphanumeric() || *c == b'-')
}

/// A 薬価基準収載医薬品コード or YJ: seven digits, a letter, a character, three digits.
pub(crate) fn is_yj(s: &str) -> bool {
    s.len() == 12 && s.bytes().take(7).all(|b| b.is_ascii_digit()) && s.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Letters and digits of that many.
pub(crate) fn is_alnum(s: &str, n: usize) -> bool {
    s.len() == n && s.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A LOINC code by its shape: up to seven digits, a hyphen, a check digit.
pub(crate) fn is_loinc(s: &str) -> bool {
    s.split_once('-').is_some_and(|(n, c)| (1..=7).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()) && is_digits(c, 1))
}

/// Whether a LOINC code's last digit is its check digit (mod 10 with every second digit doubled, LOINC Users' Guide).
pub(crate) fn loinc_check_digit_holds(s: &str) -> bool {
    let Some((number, check)) = s.split_once('-') else { return false };
    let value = |b: u8| u32::from(b.wrapping_sub(b'0'));
    let sum: u32 = number.bytes().rev().enumerate().map(|(i, b)| if i % 2 == 0 { value(b) * 2 / 10 + value(b) * 2 % 10 } else { value(b) }).sum();
    is_loinc(s) && check.bytes().next().is_some_and(|c| (sum + value(c)).is_multiple_of(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        for good in ["8310-5", "718-7", "2345-7", "26464-8", "4548-4"] {
            assert!(loinc_check_digit_holds(good), "{good}");
        }
        for bad in ["8310-4", "718-8", "8310", "8310-55", ""] {
            assert!(!loinc_check_digit_holds(bad), "{bad}");
        }
    }

    #[test]
    fn shapes() {
        assert!(is_icd("I10") && is_icd("T0290") && is_icd("P071b") && is_icd("T08-0") && !is_icd("i10") && !is_icd("I1"));
        assert!(is_yj("1149019F1560") && !is_yj("1149019F156") && is_exchange("UHGQ") && !is_exchange("uhgq"));
    }
}
