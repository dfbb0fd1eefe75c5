//! Numbers as people type them.

use super::samples::{decimal, question};
use crate::domain::quiz::{Answer, Kind, Points, Tolerance, grade};

fn right(answer: &str, tolerance: Tolerance, unit: Option<&str>, typed: &str) -> bool {
    let kind = Kind::Numeric { answer: decimal(answer), tolerance, unit: unit.map(str::to_owned) };
    grade(&question(kind), &Answer::Number(typed.to_owned())) > Points::ZERO
}

#[test]
fn a_number_counts_however_it_is_written() {
    let exact = Tolerance::Absolute(decimal("0"));
    for (answer, typed) in [
        ("1.5", "1.5"),
        ("1.5", "1,5"),
        ("1.5", "+1.50"),
        ("-1.5", "−1,5"),
        ("-1.5", "- 1.5"),
        ("0.5", ".5"),
        ("0.5", ",5"),
        ("5", "5."),
        ("1234567.5", "1,234,567.5"),
        ("1234567.5", "1.234.567,5"),
        ("1234567.5", "1 234 567,5"),
        ("1234567.5", "1\u{a0}234\u{202f}567.5"),
        ("1234567.5", "1'234'567.5"),
        ("1234567", "1.234.567"),
        // Ambiguous: either is accepted.
        ("1234", "1,234"),
        ("1.234", "1,234"),
        ("0.001", "1e-3"),
        ("1500", "1.5E3"),
        ("12", "１２"),
        ("12000", "12.000"),
    ] {
        assert!(right(answer, exact, None, typed), "{typed} is {answer}");
    }
    for (answer, typed) in [
        ("1234", "12,34"),
        ("1234", "1,23,4"),
        ("1234567", "1,234.567"),
        ("1234", "0,1234"),
        ("500", "0,500"),
        ("1", ""),
        ("1", "one"),
        ("1", "1 1"),
        ("1", "--1"),
        ("1", "1e"),
        ("1", "1e999999999999999999999"),
        ("0", "."),
        ("0", "-"),
        ("0", "NaN"),
        ("0", "inf"),
    ] {
        assert!(!right(answer, exact, None, typed), "{typed} is not {answer}");
    }
}

#[test]
fn a_unit_may_be_left_out_and_may_not_be_another() {
    let exact = Tolerance::Absolute(decimal("0"));
    for typed in ["5", "5 km", "5km", "5 KM", " 5,0 km "] {
        assert!(right("5", exact, Some("km"), typed), "{typed}");
    }
    for typed in ["5 m", "5 km km", "km"] {
        assert!(!right("5", exact, Some("km"), typed), "{typed}");
    }
    for (unit, typed) in [("%", "5 %"), ("€", "€5"), ("€", "5 €"), ("°C", "5°C"), ("km/h", "5 km / h"), ("m²", "5 m2")] {
        assert!(right("5", exact, Some(unit), typed), "{typed}");
    }
}

#[test]
fn the_ends_of_a_tolerance_count_exactly() {
    let absolute = |text| Tolerance::Absolute(decimal(text));
    let percent = |text| Tolerance::Percent(decimal(text));
    assert!(right("0.3", absolute("0.1"), None, "0.4") && right("0.3", absolute("0.1"), None, "0.2"));
    assert!(!right("0.3", absolute("0.1"), None, "0.40001"));
    assert!(right("200", percent("1"), None, "202") && right("200", percent("1"), None, "198"));
    assert!(!right("200", percent("1"), None, "202.01"));
    assert!(right("-200", percent("1"), None, "-202") && !right("-200", percent("1"), None, "200"));
    assert!(right("0", percent("5"), None, "0") && !right("0", percent("5"), None, "0.1"));
    assert!(right("999999999999999", percent("100"), None, "999999999999999"));
}

#[test]
fn decimals_are_printed_as_they_are_read() {
    for text in ["0", "1", "-1", "12.5", "-0.001", "999999999999999", "0.000000000001"] {
        assert_eq!(decimal(text).to_string(), text);
    }
    assert_eq!(decimal("12.500").to_string(), "12.5");
    for bad in ["", "-", ".", "1,5", "0x1", "1e", "1000000000000000", "1e15", "1e-99", "１"] {
        assert!(bad.parse::<crate::domain::quiz::Decimal>().is_err(), "{bad}");
    }
}
