//! The seal: a gold star of rays with ribbons, a green disc, and the academy's name around it.

use krilla::geom::Transform;
use krilla::surface::Surface;

use super::curve::{Place, around, circle, polygon, star};
use super::rosette::Rosette;
use crate::palette::{DARK_GOLD, DARK_GREEN, GOLD, GREEN, colour, fill, ink, sheen, stroke};
use crate::text::Line;

const RAYS: u16 = 48;
const RADIUS: f32 = 44.0;
const DISC: f32 = 35.5;
const CORE: f32 = 23.0;
/// Where the letters stand, and how large they are.
const LETTERS: f32 = 26.6;
const SIZE: f32 = 7.4;
/// How much of the circle the name may take; longer names are left out.
const SHARE: f32 = 0.9;

/// Draws it. `name` is set in letters that can be turned one by one.
pub(crate) fn seal(surface: &mut Surface<'_>, middle: Place, name: &Line) {
    ribbons(surface, middle);
    let (x, y) = middle;
    let gold = |size: f32| sheen((x - size, y - size), (x + size, y + size));
    let rays: Vec<_> = (0..RAYS * 2)
        .map(|n| around(middle, if n % 2 == 0 { RADIUS } else { RADIUS - 3.6 }, f32::from(n) / f32::from(RAYS * 2)))
        .collect();
    fill(surface, polygon(&rays), gold(RADIUS));
    stroke(surface, polygon(&rays), colour(DARK_GOLD), 0.35);
    fill(surface, circle(middle, DISC + 2.6), sheen((x + DISC, y + DISC), (x - DISC, y - DISC)));
    fill(surface, circle(middle, DISC), colour(GREEN));
    stroke(surface, circle(middle, DISC - 1.6), colour((214, 176, 92)), 0.5);

    fill(surface, circle(middle, CORE), colour(DARK_GREEN));
    stroke(surface, circle(middle, CORE), colour((214, 176, 92)), 0.9);
    let lines = Rosette { middle, inner: 9.0, outer: CORE - 2.0, petals: 12, curves: 6 }.path();
    stroke(surface, lines, colour(GOLD), 0.35);
    fill(surface, star(middle, 15.5), gold(12.0));
    stroke(surface, star(middle, 15.5), colour(DARK_GREEN), 0.5);
    letters(surface, middle, name);
}

fn ribbons(surface: &mut Surface<'_>, middle: Place) {
    for (turn, paint) in [(0.555, DARK_GREEN), (0.445, GREEN)] {
        let (from, to) = (around(middle, 20.0, turn), around(middle, 70.0, turn));
        let (dx, dy) = ((to.0 - from.0) / 50.0, (to.1 - from.1) / 50.0);
        let (wide, deep) = (11.0, 8.0);
        let tail = [
            (from.0 - dy * wide, from.1 + dx * wide),
            (to.0 - dy * wide, to.1 + dx * wide),
            (to.0 - dx * deep, to.1 - dy * deep),
            (to.0 + dy * wide, to.1 - dx * wide),
            (from.0 + dy * wide, from.1 - dx * wide),
        ];
        fill(surface, polygon(&tail), colour(paint));
        for side in [-0.72, 0.72] {
            let (sx, sy) = (-dy * wide * side, dx * wide * side);
            let line = [(from.0 + sx, from.1 + sy), (to.0 + sx - dx * 3.0, to.1 + sy - dy * 3.0)];
            stroke(surface, polygon(&line), colour((214, 176, 92)), 0.5);
        }
    }
}

/// The name over the top, and small stars over what is left: all around when the name is too long.
fn letters(surface: &mut Surface<'_>, middle: Place, name: &Line) {
    let around_full = std::f32::consts::TAU * LETTERS;
    let wide = name.width(SIZE) / around_full;
    let (name, share) = if wide > SHARE { (None, 0.0) } else { (Some(name), wide) };
    if let Some(name) = name {
        name.shapes(|x, advance, draw| {
            let turn = (x + advance / 2.0) * SIZE / around_full - share / 2.0;
            let (x, y) = around(middle, LETTERS, turn);
            surface.push_transform(&Transform::from_translate(x, y));
            surface.push_transform(&Transform::from_rotate(turn * 360.0));
            ink(surface, colour((246, 230, 176)));
            draw(surface, SIZE);
            surface.pop();
            surface.pop();
        });
    }
    // Stars at even distances over the rest of the circle.
    let rest = 1.0 - share;
    let stars = (rest * 14.0).floor();
    let mut n = 1.0;
    while n <= stars {
        let turn = share / 2.0 + rest * n / (stars + 1.0);
        fill(surface, star(around(middle, LETTERS + 2.3, turn), 2.6), colour((246, 230, 176)));
        n += 1.0;
    }
}
