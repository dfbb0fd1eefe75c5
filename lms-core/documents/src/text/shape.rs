//! From text to glyphs: directions (UAX #9), a typeface for each cluster of characters, then the shaper's work.

use std::ops::Range;

use krilla::geom::Point;
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::ttf_parser::Tag;
use rustybuzz::{Direction, Feature, UnicodeBuffer};
use unicode_bidi::BidiInfo;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::fonts::{Cut, Fonts, Typeface};

/// For a character that no typeface has.
const BOX: char = '\u{25a1}';

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    pub(crate) cut: Cut,
    /// Letters as small capitals, where the typeface has them.
    pub(crate) small_capitals: bool,
    /// Space after each letter, in parts of the size. For scripts whose letters do not join.
    pub(crate) spacing: f32,
}

impl Style {
    pub(crate) const fn new(cut: Cut) -> Self {
        Self { cut, small_capitals: false, spacing: 0.0 }
    }

    pub(crate) const fn small_capitals(cut: Cut, spacing: f32) -> Self {
        Self { cut, small_capitals: true, spacing }
    }
}

/// A line of glyphs, from left to right, for any size.
#[derive(Debug)]
pub(crate) struct Line {
    text: String,
    pieces: Vec<Piece>,
    /// At size 1.
    width: f32,
}

#[derive(Debug)]
struct Piece {
    font: Font,
    glyphs: Vec<KrillaGlyph>,
    width: f32,
}

impl Line {
    /// In points.
    pub(crate) fn width(&self, size: f32) -> f32 {
        self.width * size
    }

    /// Draws it from `x` to the right, standing on `baseline`.
    pub(crate) fn draw(&self, surface: &mut Surface<'_>, mut x: f32, baseline: f32, size: f32) {
        for piece in &self.pieces {
            surface.draw_glyphs(Point::from_xy(x, baseline), &piece.glyphs, piece.font.clone(), &self.text, size, false);
            x += piece.width * size;
        }
    }

    /// Each glyph as a shape rather than as text, with the place of its middle on the line, for ornaments.
    pub(crate) fn shapes(&self, mut draw: impl FnMut(f32, f32, &dyn Fn(&mut Surface<'_>, f32))) {
        let mut x = 0.0;
        for piece in &self.pieces {
            for glyph in &piece.glyphs {
                let one = std::slice::from_ref(glyph);
                draw(x, glyph.x_advance, &|surface, size| {
                    surface.draw_glyphs(
                        Point::from_xy(-glyph.x_advance * size / 2.0, 0.0),
                        one,
                        piece.font.clone(),
                        &self.text,
                        size,
                        true,
                    );
                });
                x += glyph.x_advance;
            }
        }
    }
}

/// Shapes a line.
pub(crate) fn shape(fonts: &Fonts, text: &str, style: Style) -> Line {
    let mut line = Line { text: text.to_owned(), pieces: Vec::new(), width: 0.0 };
    let bidi = BidiInfo::new(text, None);
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let leftward = levels.get(run.start).is_some_and(unicode_bidi::Level::is_rtl);
            let mut segments = segments(fonts, text, run, style.cut);
            if leftward {
                segments.reverse();
            }
            for (range, typeface) in segments {
                line.pieces.extend(pieces(fonts, text, range, typeface, style, leftward));
            }
        }
    }
    let spacing = if line.pieces.is_empty() { 0.0 } else { style.spacing };
    line.width = line.pieces.iter().map(|piece| piece.width).sum::<f32>() - spacing;
    line
}

/// Stretches of the run with one typeface each; `None` for what no typeface has.
fn segments<'a>(fonts: &'a Fonts, text: &str, run: Range<usize>, cut: Cut) -> Vec<(Range<usize>, Option<&'a Typeface>)> {
    let mut segments: Vec<(Range<usize>, Option<&Typeface>)> = Vec::new();
    for (at, cluster) in text.get(run.clone()).unwrap_or_default().grapheme_indices(true) {
        let range = run.start + at..run.start + at + cluster.len();
        // Spaces stay with the word before them.
        let before = segments.last().and_then(|(_, typeface)| *typeface).filter(|typeface| cluster == " " && typeface.has(cluster));
        let typeface = before.or_else(|| fonts.candidates(cut).find(|typeface| typeface.has(cluster)));
        match segments.last_mut() {
            Some((last, same)) if same.map(std::ptr::from_ref) == typeface.map(std::ptr::from_ref) => last.end = range.end,
            _ => segments.push((range, typeface)),
        }
    }
    segments
}

fn pieces(fonts: &Fonts, text: &str, range: Range<usize>, typeface: Option<&Typeface>, style: Style, leftward: bool) -> Vec<Piece> {
    let Some(typeface) = typeface else { return vec![boxes(fonts, text, range, leftward)] };
    if let Some(piece) = glyphs(text, range.clone(), typeface, style, leftward) {
        return vec![piece];
    }
    // The typeface has the characters and still no shape for them together: one by one, with a box where that fails too.
    let clusters = text.get(range.clone()).unwrap_or_default().grapheme_indices(true);
    let mut pieces: Vec<_> = clusters
        .map(|(at, cluster)| {
            let range = range.start + at..range.start + at + cluster.len();
            glyphs(text, range.clone(), typeface, style, leftward).unwrap_or_else(|| boxes(fonts, text, range, leftward))
        })
        .collect();
    if leftward {
        pieces.reverse();
    }
    pieces
}

/// `None` when a glyph is missing.
fn glyphs(text: &str, range: Range<usize>, typeface: &Typeface, style: Style, leftward: bool) -> Option<Piece> {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text.get(range.clone())?);
    buffer.guess_segment_properties();
    buffer.set_direction(if leftward { Direction::RightToLeft } else { Direction::LeftToRight });
    let features: &[Feature] = if style.small_capitals {
        &[Feature::new(Tag::from_bytes(b"smcp"), 1, ..), Feature::new(Tag::from_bytes(b"liga"), 0, ..)]
    } else if style.spacing > 0.0 {
        &[Feature::new(Tag::from_bytes(b"liga"), 0, ..)]
    } else {
        &[]
    };
    let shaped = rustybuzz::shape(typeface, features, buffer);
    let (infos, positions) = (shaped.glyph_infos(), shaped.glyph_positions());
    if infos.iter().any(|info| info.glyph_id == 0) {
        return None;
    }
    // A glyph stands for the text from its cluster to the next one, in the order of the text.
    let mut starts: Vec<usize> = infos.iter().filter_map(|info| usize::try_from(info.cluster).ok()).collect();
    starts.sort_unstable();
    starts.dedup();
    let em = typeface.em();
    let glyphs: Vec<_> = infos
        .iter()
        .zip(positions)
        .map(|(info, position)| {
            let start = usize::try_from(info.cluster).unwrap_or_default();
            let end = starts.iter().copied().find(|next| *next > start).unwrap_or(range.len());
            // A mark has no width, and no space after it.
            let spacing = if position.x_advance > 0 { style.spacing } else { 0.0 };
            KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                position.x_advance as f32 / em + spacing,
                position.x_offset as f32 / em,
                position.y_offset as f32 / em,
                position.y_advance as f32 / em,
                range.start + start..range.start + end,
                None,
            )
        })
        .collect();
    Some(piece(typeface, glyphs))
}

/// A box for each cluster, which carries the text that it stands for.
fn boxes(fonts: &Fonts, text: &str, range: Range<usize>, leftward: bool) -> Piece {
    let typeface = fonts.boxes();
    let glyph = typeface.glyph_index(BOX).unwrap_or_default();
    let advance = f32::from(typeface.glyph_hor_advance(glyph).unwrap_or_default()) / typeface.em();
    let clusters = text.get(range.clone()).unwrap_or_default().grapheme_indices(true);
    let mut glyphs: Vec<_> = clusters
        .map(|(at, cluster)| {
            let part = range.start + at..range.start + at + cluster.len();
            KrillaGlyph::new(GlyphId::new(glyph.0.into()), advance, 0.0, 0.0, 0.0, part, None)
        })
        .collect();
    if leftward {
        glyphs.reverse();
    }
    piece(typeface, glyphs)
}

fn piece(typeface: &Typeface, glyphs: Vec<KrillaGlyph>) -> Piece {
    Piece { font: typeface.font().clone(), width: glyphs.iter().map(|glyph| glyph.x_advance).sum(), glyphs }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clean;
    use super::*;

    fn line(text: &str) -> Line {
        shape(Fonts::get().unwrap(), text, Style::new(Cut::Italic))
    }

    /// What the glyphs stand for, from left to right.
    fn parts(line: &Line) -> Vec<&str> {
        line.pieces.iter().flat_map(|piece| &piece.glyphs).map(|glyph| &line.text[glyph.text_range.clone()]).collect()
    }

    #[test]
    fn each_part_of_the_text_has_its_glyph() {
        assert_eq!(parts(&line("Anna")), ["A", "n", "n", "a"]);
        assert_eq!(parts(&line("רחל")), ["ל", "ח", "ר"], "from right to left");
        assert_eq!(parts(&line("Ab רח 12")), ["A", "b", " ", "1", "2", " ", "ח", "ר"], "numbers after Hebrew stand to its left");
        let chinese = line("李 Li");
        assert_eq!((parts(&chinese), chinese.pieces.len()), (vec!["李", " ", "L", "i"], 2));
    }

    #[test]
    fn widths_add_up() {
        let (one, two) = (line("Anna").width(10.0), line("Anna Anna").width(10.0));
        assert!(one > 15.0 && two > 2.0 * one && two < 2.5 * one, "{one} {two}");
        assert_eq!(line("").width(10.0), 0.0);
        let spaced = shape(Fonts::get().unwrap(), "Anna", Style { spacing: 0.5, ..Style::new(Cut::Italic) });
        assert!((spaced.width(10.0) - one - 15.0).abs() < 1.0, "three spaces between four letters");
    }

    #[test]
    fn small_capitals_are_other_glyphs() {
        let style = Style::small_capitals(Cut::Regular, 0.0);
        let ids = |style| {
            shape(Fonts::get().unwrap(), "ab", style).pieces[0].glyphs.iter().map(|glyph| glyph.glyph_id).collect::<Vec<_>>()
        };
        assert_ne!(ids(style), ids(Style::new(Cut::Regular)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn any_text_has_a_finite_line_that_covers_it(text in any::<String>(), words in "[a-zא-ת\u{600}-\u{6ff}\u{900}-\u{97f}\u{4e00}-\u{4e10}\u{300}-\u{320}\u{200c}\u{200d} ]{0,30}") {
            for text in [clean(&text), clean(&words)] {
                let line = line(&text);
                prop_assert!(line.width.is_finite() && line.width >= 0.0);
                let mut covered = vec![false; text.len()];
                for glyph in line.pieces.iter().flat_map(|piece| &piece.glyphs) {
                    prop_assert!(glyph.glyph_id.to_u32() != 0, "no glyph is missing");
                    covered[glyph.text_range.clone()].fill(true);
                }
                prop_assert!(covered.iter().all(|byte| *byte), "{text:?}");
            }
        }
    }
}
