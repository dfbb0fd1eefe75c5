//! Shapes.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use krilla::geom::{Path, PathBuilder, Rect};

use crate::Qr;

pub(crate) type Place = (f32, f32);

/// On a circle, from the top clockwise: `turn` 0 is the top, 0.25 the right.
pub(super) fn around((x, y): Place, radius: f32, turn: f32) -> Place {
    let (sin, cos) = (turn * TAU - FRAC_PI_2).sin_cos();
    (x + radius * cos, y + radius * sin)
}

/// A smooth curve along `place` from 0 to 1 in so many pieces, added to the path. Each piece leaves and arrives in the curve's own
/// direction, so that a few of them do.
pub(super) fn trace(path: &mut PathBuilder, pieces: u16, place: impl Fn(f32) -> Place) {
    let step = 1.0 / f32::from(pieces.max(1));
    // A third of what the curve does in one step at this speed.
    let handle = |at: f32| {
        let near = step / 50.0;
        let ((ax, ay), (bx, by)) = (place(at - near), place(at + near));
        let reach = step / (6.0 * near);
        ((bx - ax) * reach, (by - ay) * reach)
    };
    let (x, y) = place(0.0);
    path.move_to(round(x), round(y));
    for piece in 0..pieces {
        let (from, to) = (f32::from(piece) * step, f32::from(piece + 1) * step);
        let ((x1, y1), (x2, y2)) = (place(from), place(to));
        let ((dx1, dy1), (dx2, dy2)) = (handle(from), handle(to));
        path.cubic_to(round(x1 + dx1), round(y1 + dy1), round(x2 - dx2), round(y2 - dy2), round(x2), round(y2));
    }
}

/// To a hundredth of a point: finer is not seen, and costs bytes.
fn round(value: f32) -> f32 {
    (value * 100.0).round() / 100.0
}

/// Straight from point to point and back to the first.
pub(super) fn polygon(points: &[Place]) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (&(x, y), rest) = points.split_first()?;
    path.move_to(round(x), round(y));
    for &(x, y) in rest {
        path.line_to(round(x), round(y));
    }
    path.close();
    path.finish()
}

pub(super) fn circle((x, y): Place, radius: f32) -> Option<Path> {
    // The control points of a quarter of a circle.
    let reach = radius * 4.0 / 3.0 * (PI / 8.0).tan();
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    path.cubic_to(x + radius, y + reach, x + reach, y + radius, x, y + radius);
    path.cubic_to(x - reach, y + radius, x - radius, y + reach, x - radius, y);
    path.cubic_to(x - radius, y - reach, x - reach, y - radius, x, y - radius);
    path.cubic_to(x + reach, y - radius, x + radius, y - reach, x + radius, y);
    path.close();
    path.finish()
}

/// A rectangle `inset` from the edges of a page of this size.
pub(crate) fn rectangle((width, height): Place, inset: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_ltrb(inset, inset, width - inset, height - inset)?);
    path.finish()
}

/// A QR code with its top left corner there, `size` points wide.
pub(crate) fn modules((left, top): Place, size: f32, code: &Qr) -> Option<Path> {
    let module = size / f32::from(code.side());
    let mut path = PathBuilder::new();
    for run in code.runs() {
        let (x, y) = (left + f32::from(run.x) * module, top + f32::from(run.y) * module);
        path.push_rect(Rect::from_ltrb(x, y, x + f32::from(run.length) * module, y + module)?);
    }
    path.finish()
}

/// A star with four long points.
pub(crate) fn star(middle: Place, radius: f32) -> Option<Path> {
    let points: Vec<_> =
        (0..8_u8).map(|n| around(middle, if n % 2 == 0 { radius } else { radius * 0.32 }, f32::from(n) / 8.0)).collect();
    polygon(&points)
}

/// A line that begins and ends in nothing and is `thick` points high in the middle.
pub(crate) fn lens((x, y): Place, length: f32, thick: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(x - length / 2.0, y);
    path.quad_to(x, y - thick, x + length / 2.0, y);
    path.quad_to(x, y + thick, x - length / 2.0, y);
    path.close();
    path.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_go_clockwise_from_the_top() {
        let near = |(x, y): Place, (a, b): Place| (x - a).abs() < 1e-4 && (y - b).abs() < 1e-4;
        assert!(near(around((0.0, 0.0), 2.0, 0.0), (0.0, -2.0)));
        assert!(near(around((0.0, 0.0), 2.0, 0.25), (2.0, 0.0)));
    }

    #[test]
    fn shapes_without_points_are_none() {
        assert!(polygon(&[]).is_none());
        let mut path = PathBuilder::new();
        trace(&mut path, 0, |at| (at, at));
        assert!(path.finish().is_none());
    }
}
