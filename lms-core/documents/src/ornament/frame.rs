//! The border: fine double lines, and between them a band of waves with a rosette at each corner.

use std::f32::consts::TAU;

use krilla::geom::{PathBuilder, Transform};
use krilla::graphic::Graphic;
use krilla::surface::Surface;

use super::curve::{Place, circle, rectangle, star, trace};
use super::rosette::Rosette;
use crate::palette::{DARK_GOLD, GOLD, GREEN, PAPER, Rgb, colour, fill, sheen, stroke};

/// From the edge of the page, in points: the outer lines, the middle of the band, the inner lines.
const OUTER: f32 = 24.0;
const BAND: f32 = 39.0;
const INNER: f32 = 54.0;
/// How far the waves swing from the middle of the band.
const SWING: f32 = 9.5;
/// A wave is about this long.
const WAVE: f32 = 34.0;
const STRANDS: u16 = 7;
const CORNER: f32 = 17.5;

/// Draws it along the edges of a page of this size.
pub(crate) fn frame(surface: &mut Surface<'_>, page: Place) {
    let (width, height) = page;
    stroke(surface, rectangle(page, OUTER), sheen((0.0, 0.0), page), 1.6);
    stroke(surface, rectangle(page, OUTER + 3.6), colour(GREEN), 0.5);
    stroke(surface, rectangle(page, INNER - 3.2), colour(GREEN), 0.5);
    stroke(surface, rectangle(page, INNER), sheen((width, 0.0), (0.0, height)), 1.1);

    let corners = [(BAND, BAND), (width - BAND, BAND), (width - BAND, height - BAND), (BAND, height - BAND)];
    for (swing, paint) in [(SWING, GOLD), (SWING * 0.62, GREEN)] {
        let wave = drawn_once(surface, |surface| wave(surface, swing, paint));
        for (from, to) in corners.iter().zip(corners.iter().cycle().skip(1)) {
            band(surface, &wave, *from, *to);
        }
    }
    let rosette = drawn_once(surface, rosette);
    for (x, y) in corners {
        surface.push_transform(&Transform::from_translate(x, y));
        surface.draw_graphic(rosette.clone());
        surface.pop();
    }
}

/// What is repeated is in the file once.
fn drawn_once(surface: &mut Surface<'_>, draw: impl FnOnce(&mut Surface<'_>)) -> Graphic {
    let mut builder = surface.stream_builder();
    let mut inner = builder.surface();
    draw(&mut inner);
    inner.finish();
    Graphic::new(builder.finish(), false)
}

/// One wave of each strand, each a little later than the one before, from the origin to the right.
fn wave(surface: &mut Surface<'_>, swing: f32, paint: Rgb) {
    let mut path = PathBuilder::new();
    for strand in 0..STRANDS {
        let phase = f32::from(strand) / f32::from(STRANDS);
        trace(&mut path, 6, |part| (part * WAVE, swing * ((part + phase) * TAU).sin()));
    }
    stroke(surface, path.finish(), colour(paint), 0.42);
}

/// Waves from one corner to the next, stretched a little so that a whole number fits.
fn band(surface: &mut Surface<'_>, wave: &Graphic, from: Place, to: Place) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy);
    let waves = (length / WAVE).round();
    let (stretch, cos, sin) = (length / waves / WAVE, dx / length, dy / length);
    let mut n = 0.0;
    while n < waves {
        let part = n / waves;
        let place = (from.0 + dx * part, from.1 + dy * part);
        surface.push_transform(&Transform::from_row(cos * stretch, sin * stretch, -sin, cos, place.0, place.1));
        surface.draw_graphic(wave.clone());
        surface.pop();
        n += 1.0;
    }
}

/// Around the origin.
fn rosette(surface: &mut Surface<'_>) {
    let middle = (0.0, 0.0);
    fill(surface, circle(middle, CORNER), colour(PAPER));
    stroke(surface, circle(middle, CORNER), colour(DARK_GOLD), 0.9);
    stroke(surface, circle(middle, CORNER - 2.2), colour(GREEN), 0.45);
    for (inner, outer, petals, curves, paint) in [(6.0, 14.0, 10, 5, GREEN), (3.2, 8.6, 8, 4, GOLD)] {
        stroke(surface, Rosette { middle, inner, outer, petals, curves }.path(), colour(paint), 0.38);
    }
    fill(surface, star(middle, 5.0), colour(DARK_GOLD));
}
