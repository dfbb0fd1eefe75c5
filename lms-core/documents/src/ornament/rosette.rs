//! Guilloche rosettes.

use std::f32::consts::TAU;

use krilla::geom::{Path, PathBuilder};
use krilla::surface::Surface;

use super::curve::{Place, around, trace};
use crate::palette::{WATERMARK, colour, stroke};

/// Curves around a middle whose distance swings between two radii.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rosette {
    pub(super) middle: Place,
    pub(super) inner: f32,
    pub(super) outer: f32,
    /// How often each curve reaches out.
    pub(super) petals: u16,
    /// How many curves, each turned a little further.
    pub(super) curves: u16,
}

impl Rosette {
    pub(super) fn path(&self) -> Option<Path> {
        let Self { middle, inner, outer, petals, curves } = *self;
        let mut path = PathBuilder::new();
        for curve in 0..curves {
            let phase = f32::from(curve) / f32::from(curves);
            trace(&mut path, petals * 6, |turn| {
                let swing = ((turn * f32::from(petals) + phase) * TAU).cos();
                around(middle, f32::midpoint(inner, outer) + (outer - inner) / 2.0 * swing, turn)
            });
        }
        path.finish()
    }
}

/// A large, hardly visible rosette behind the text.
pub(crate) fn watermark(surface: &mut Surface<'_>, middle: Place) {
    for (inner, outer, petals, curves) in [(58.0, 158.0, 12, 8), (22.0, 92.0, 8, 6), (150.0, 172.0, 36, 4)] {
        let path = Rosette { middle, inner, outer, petals, curves }.path();
        stroke(surface, path, colour(WATERMARK), 0.55);
    }
}
