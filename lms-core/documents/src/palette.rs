//! Colours, and how lines and areas take them.

use krilla::color::rgb::Color;
use krilla::geom::Path;
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, LineCap, LineJoin, LinearGradient, Paint, Stop, Stroke};
use krilla::surface::Surface;

/// Red, green, blue.
pub(crate) type Rgb = (u8, u8, u8);

pub(crate) const PAPER: Rgb = (255, 253, 247);
pub(crate) const INK: Rgb = (28, 32, 31);
pub(crate) const SOFT_INK: Rgb = (84, 92, 88);
pub(crate) const GREEN: Rgb = (11, 93, 87);
pub(crate) const DARK_GREEN: Rgb = (7, 66, 62);
pub(crate) const GOLD: Rgb = (166, 124, 42);
pub(crate) const DARK_GOLD: Rgb = (128, 92, 24);
/// For ornaments behind text.
pub(crate) const WATERMARK: Rgb = (246, 238, 216);

/// Gold as light falls on it.
const SHEEN: [(f32, Rgb); 5] =
    [(0.0, (138, 100, 28)), (0.28, (214, 176, 92)), (0.5, (246, 230, 176)), (0.72, (203, 160, 72)), (1.0, (130, 92, 22))];

pub(crate) fn colour((red, green, blue): Rgb) -> Paint {
    Color::new(red, green, blue).into()
}

/// Gold that shines along a line from one corner to the other.
pub(crate) fn sheen((x1, y1): (f32, f32), (x2, y2): (f32, f32)) -> Paint {
    let stops = SHEEN
        .iter()
        .map(|(offset, (red, green, blue))| Stop {
            offset: NormalizedF32::new(*offset).unwrap_or(NormalizedF32::ZERO),
            color: Color::new(*red, *green, *blue).into(),
            opacity: NormalizedF32::ONE,
        })
        .collect();
    let gradient = LinearGradient {
        x1,
        y1,
        x2,
        y2,
        transform: krilla::geom::Transform::identity(),
        spread_method: krilla::paint::SpreadMethod::Pad,
        stops,
        anti_alias: false,
    };
    gradient.into()
}

/// Fills the path. A path without points is none.
pub(crate) fn fill(surface: &mut Surface<'_>, path: Option<Path>, paint: Paint) {
    let Some(path) = path else { return };
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: krilla::paint::FillRule::NonZero }));
    surface.draw_path(&path);
}

/// Draws along the path, `width` points wide.
pub(crate) fn stroke(surface: &mut Surface<'_>, path: Option<Path>, paint: Paint, width: f32) {
    let Some(path) = path else { return };
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint,
        width,
        miter_limit: 4.0,
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        opacity: NormalizedF32::ONE,
        dash: None,
    }));
    surface.draw_path(&path);
}

/// Text is filled.
pub(crate) fn ink(surface: &mut Surface<'_>, paint: Paint) {
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: krilla::paint::FillRule::NonZero }));
}
