//! QR codes, as what is dark: each caller draws it in its own way.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// A QR code. Around it, four modules must stay light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    side: u16,
    dark: Vec<bool>,
}

/// Dark modules side by side in one row, in modules from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub x: u16,
    pub y: u16,
    pub length: u16,
}

impl Qr {
    /// The code of this text, of which 15 % may be damaged. `None` for what is too long for one: 2,331 bytes.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let side = u16::try_from(code.width()).ok()?;
        Some(Self { side, dark: code.into_colors().into_iter().map(|colour| colour == Color::Dark).collect() })
    }

    /// Modules along one side, without the light border.
    #[must_use]
    pub fn side(&self) -> u16 {
        self.side
    }

    /// All dark modules, row by row.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (y, row) in (0..self.side).zip(self.dark.chunks(usize::from(self.side.max(1)))) {
            let mut before = false;
            for (x, dark) in (0..self.side).zip(row) {
                match runs.last_mut() {
                    Some(run) if *dark && before => run.length += 1,
                    _ if *dark => runs.push(Run { x, y, length: 1 }),
                    _ => {}
                }
                before = *dark;
            }
        }
        runs
    }

    /// The `d` of an SVG path that fills the dark modules, each of one unit.
    #[must_use]
    pub fn svg_path(&self) -> String {
        self.runs().into_iter().fold(String::new(), |mut path, Run { x, y, length }| {
            // Writing to a String cannot fail.
            let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            path
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_in_one_run() {
        let code = Qr::of("https://academy.northlight.example/verify/NL-7F3K-9QWD").unwrap();
        let covered: usize = code.runs().iter().map(|run| usize::from(run.length)).sum();
        assert_eq!(covered, code.dark.iter().filter(|dark| **dark).count());
        // The finder pattern of the top left: seven dark modules, and then a light one.
        assert_eq!(code.runs()[0], Run { x: 0, y: 0, length: 7 });
        assert!(code.svg_path().starts_with("M0 0h7v1h-7z"));
        assert_eq!(code.side() % 4, 1);
    }

    #[test]
    fn what_is_too_long_has_no_code() {
        assert!(Qr::of(&"x".repeat(2_331)).is_some());
        assert!(Qr::of(&"x".repeat(2_332)).is_none());
        assert!(Qr::of("").is_some());
    }
}
