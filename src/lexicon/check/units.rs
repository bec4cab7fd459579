//! Whether a unit can measure what a LOINC code's property says.

/// What a unit's numerator or denominator measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Mass,
    Substance,
    Number,
    Catalytic,
    Volume,
    Time,
    Other,
}

use Quantity::{Catalytic, Mass, Number, Other, Substance, Time, Volume};

/// Property (LOINC table), the phrase in a long common name, the numerator's and the denominator's quantity.
const PROPERTIES: &[(&str, &str, &[Quantity], Quantity, &str)] = &[
    ("MCnc", "[Mass/volume]", &[Mass], Volume, "a mass by volume (mg/dL)"),
    ("SCnc", "[Moles/volume]", &[Substance], Volume, "a substance by volume (mmol/L)"),
    ("NCnc", "[#/volume]", &[Number], Volume, "a number by volume (/uL)"),
    ("CCnc", "[Enzymatic activity/volume]", &[Catalytic], Volume, "an activity by volume (U/L)"),
    ("ACnc", "[Units/volume]", &[Catalytic, Number], Volume, "units by volume (U/mL)"),
    ("MFr", "[Mass Fraction]", &[Number, Mass], Number, "a fraction (%)"),
    ("VFr", "[Volume Fraction]", &[Number], Number, "a fraction (%)"),
    ("NFr", "[Pure number fraction]", &[Number], Number, "a fraction (%)"),
    ("MRat", "[Mass/time]", &[Mass], Time, "a mass by time (g/d)"),
    ("VRat", "[Volume Rate]", &[Volume], Time, "a volume by time (mL/min)"),
    ("ArVRat", "[Volume Rate/Area]", &[Volume], Time, "a volume by time (mL/min)"),
];

/// What is expected instead of `unit` (UCUM), where the code's property rules it out; `None` where it fits or
/// nothing is known. The property may be empty: a long common name says it in brackets, else the table's example
/// units tell.
pub(super) fn mismatch(unit: &str, property: &str, display: &str, examples: &[&str]) -> Option<String> {
    let mine = dimension(unit);
    let all: Vec<_> = examples.iter().map(|u| dimension(u)).collect();
    if unit.is_empty() || is_open(mine) || all.contains(&mine) {
        return None;
    }
    if let Some(p) = PROPERTIES.iter().find(|p| if property.is_empty() { display.contains(p.1) } else { p.0 == property }) {
        return (!p.2.contains(&mine.0) || p.3 != mine.1).then(|| p.4.to_owned());
    }
    // an example without a denominator ([arb'U]) tells nothing
    let tells = |d: &(Quantity, Quantity)| !is_open(*d) && d.1 != Number && d.0 != Number;
    let rules_out = property.is_empty() && !all.is_empty() && all.iter().all(|d| tells(d) && *d != mine);
    rules_out.then(|| format!("a unit like {}", examples.join(", ")))
}

/// Whether a unit's quantity is not known.
fn is_open((numerator, denominator): (Quantity, Quantity)) -> bool {
    numerator == Other || denominator == Other
}

/// Numerator and first denominator; what has no denominator is a pure number below.
fn dimension(unit: &str) -> (Quantity, Quantity) {
    let mut parts = unit.split('/');
    let numerator = quantity(parts.next().unwrap_or(""));
    let denominators: Vec<Quantity> = parts.map(quantity).collect();
    // mL/min/{1.73_m2}: the body's surface does not change what is measured
    let denominator = denominators.iter().copied().find(|q| *q != Number).unwrap_or(Number);
    (numerator, denominator)
}

fn quantity(part: &str) -> Quantity {
    let bare = part.split('{').next().unwrap_or("").trim_end_matches('.');
    // an annotation alone ({index_val}, {mAU}) says what is counted, not how
    if bare.is_empty() && part.contains('{') {
        return Other;
    }
    // 10*3.L: the last factor names the quantity, powers of ten are numbers
    let last = bare.rsplit('.').next().unwrap_or("");
    if last.is_empty() || last.starts_with("10*") || last.starts_with("10^") || matches!(last, "%" | "1" | "[ppth]" | "[ppm]") || last.bytes().all(|b| b.is_ascii_digit()) {
        return Number;
    }
    let atoms = [
        ("g", Mass),
        ("mol", Substance),
        ("eq", Substance),
        ("osm", Substance),
        ("kat", Catalytic),
        ("U", Catalytic),
        ("[iU]", Catalytic),
        ("[IU]", Catalytic),
        ("[arb'U]", Catalytic),
    ];
    let atom = |symbol: &str| {
        atoms.iter().find(|a| a.0 == symbol).map(|a| a.1).or(match symbol {
            "L" | "l" => Some(Volume),
            "s" | "min" | "h" | "d" | "wk" | "mo" | "a" => Some(Time),
            _ => None,
        })
    };
    if let Some(q) = atom(last) {
        return q;
    }
    let prefixed = last.strip_prefix(['k', 'm', 'u', 'n', 'p', 'f', 'd', 'c', 'M', 'G']).and_then(atom);
    match (prefixed, last) {
        (_, "mm3" | "cm3") => Volume,
        (Some(q), _) if q != Time => q,
        _ => Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_fit_and_that_do_not() {
        let name = "Glucose [Mass/volume] in Serum or Plasma";
        assert_eq!(mismatch("mg/dL", "", name, &[]), None);
        assert!(mismatch("mmol/L", "", name, &[]).is_some());
        assert!(mismatch("%", "MCnc", "", &[]).is_some());
        for (unit, property) in [
            ("10*3/uL", "NCnc"),
            ("/uL", "NCnc"),
            ("U/L", "CCnc"),
            ("[iU]/mL", "ACnc"),
            ("meq/L", "SCnc"),
            ("%", "NFr"),
            ("ng/mL", "MCnc"),
            ("k[iU]/L", "ACnc"),
            ("mL/min/{1.73_m2}", "VRat"),
        ] {
            assert_eq!(mismatch(unit, property, "", &[]), None, "{unit} {property}");
        }
        assert!(mismatch("mg/dL", "", "x", &["mmol/L"]).is_some());
        assert_eq!(mismatch("umol/L", "", "x", &["mg/dL", "mmol/L"]), None);
        // nothing is known of the property, or of the unit
        assert_eq!(mismatch("Cel", "Temp", "Body temperature", &[]), None);
        assert_eq!(mismatch("mm[Hg]", "MCnc", "", &[]), None);
    }
}
