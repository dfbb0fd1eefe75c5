//! As large as it may be, as small as it must be: one line, else two, else cut.

use unicode_segmentation::UnicodeSegmentation as _;

use super::shape::{Line, Style, shape};
use crate::fonts::Fonts;

/// Where a text goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// In points.
    pub(crate) width: f32,
    /// The largest and the smallest size of one line.
    pub(crate) one: (f32, f32),
    /// The largest and the smallest size of two lines, where there is room for two.
    pub(crate) two: Option<(f32, f32)>,
}

/// Lines that fit.
#[derive(Debug)]
pub(crate) struct Fitted {
    pub(crate) lines: Vec<Line>,
    pub(crate) size: f32,
}

/// Fits cleaned text into its room.
pub(crate) fn fit(fonts: &Fonts, text: &str, style: Style, room: Room) -> Fitted {
    let whole = |text: &str| {
        one_line(fonts, text, style, room).or_else(|| room.two.and_then(|sizes| two_lines(fonts, text, style, room.width, sizes)))
    };
    if let Some(fitted) = whole(text) {
        return fitted;
    }
    let ends: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
    let cut = |clusters: usize| {
        let kept = ends.get(clusters).and_then(|end| text.get(..*end)).unwrap_or_default();
        whole(&format!("{}…", kept.trim_end()))
    };
    // The most clusters that fit.
    let (mut fits, mut too_many) = (0, ends.len());
    let mut best = None;
    while too_many - fits > 1 {
        let middle = usize::midpoint(fits, too_many);
        match cut(middle) {
            Some(fitted) => (fits, best) = (middle, Some(fitted)),
            None => too_many = middle,
        }
    }
    best.unwrap_or_else(|| Fitted { lines: vec![shape(fonts, "…", style)], size: room.one.1 })
}

fn one_line(fonts: &Fonts, text: &str, style: Style, room: Room) -> Option<Fitted> {
    let line = shape(fonts, text, style);
    let size = size_for(line.width(1.0), room.width, room.one)?;
    Some(Fitted { lines: vec![line], size })
}

/// Broken where the halves are most alike: between words, and inside a word only when there is no other way.
fn two_lines(fonts: &Fonts, text: &str, style: Style, width: f32, sizes: (f32, f32)) -> Option<Fitted> {
    let between_words = text.match_indices(' ').map(|(at, _)| (at, at + 1));
    if let Some(fitted) = broken(fonts, text, style, width, sizes, between_words) {
        return Some(fitted);
    }
    let too_wide = |word: &str| shape(fonts, word, style).width(sizes.1) > width / 2.0;
    if !text.split(' ').any(too_wide) {
        return None;
    }
    broken(fonts, text, style, width, sizes, text.grapheme_indices(true).skip(1).map(|(at, _)| (at, at)))
}

fn broken(
    fonts: &Fonts,
    text: &str,
    style: Style,
    width: f32,
    sizes: (f32, f32),
    places: impl Iterator<Item = (usize, usize)>,
) -> Option<Fitted> {
    let (end, start) = places.min_by_key(|(end, start)| end.abs_diff(text.len() - start))?;
    let lines = [text.get(..end)?, text.get(start..)?].map(|half| shape(fonts, half, style));
    let widest = lines.iter().map(|line| line.width(1.0)).fold(0.0, f32::max);
    Some(Fitted { size: size_for(widest, width, sizes)?, lines: lines.into() })
}

/// The largest size at which a line this wide at size 1 fits.
fn size_for(wide: f32, width: f32, (largest, smallest): (f32, f32)) -> Option<f32> {
    let size = if wide > 0.0 { largest.min(width / wide) } else { largest };
    (size >= smallest).then_some(size)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clean;
    use super::*;
    use crate::fonts::Cut;

    const ROOM: Room = Room { width: 400.0, one: (44.0, 28.0), two: Some((30.0, 14.0)) };

    fn fitted(text: &str) -> Fitted {
        fit(Fonts::get().unwrap(), &clean(text), Style::new(Cut::Italic), ROOM)
    }

    #[test]
    fn a_short_name_is_large_a_longer_one_smaller_a_long_one_in_two_lines() {
        let short = fitted("Anna Kovač");
        assert_eq!((short.lines.len(), short.size), (1, 44.0));
        let longer = fitted("Anna-Magdalena Kovačević");
        assert_eq!(longer.lines.len(), 1);
        assert!(longer.size < 44.0 && longer.size >= 28.0, "{}", longer.size);
        let long = fitted("María de los Ángeles Fernández-Villanueva y Montalbán de Casasola");
        assert_eq!(long.lines.len(), 2);
        assert!(long.size <= 30.0 && long.size >= 14.0, "{}", long.size);
        let word = fitted(&"Hubertusblankeneser".repeat(4));
        assert_eq!(word.lines.len(), 2, "broken inside the word");
    }

    #[test]
    fn without_room_for_two_lines_it_is_cut() {
        let room = Room { width: 100.0, one: (12.0, 10.0), two: None };
        let fitted = fit(Fonts::get().unwrap(), &"word ".repeat(50), Style::new(Cut::Regular), room);
        assert_eq!(fitted.lines.len(), 1);
        let width = fitted.lines[0].width(fitted.size);
        assert!(width <= 100.01 && width > 80.0, "{width}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn nothing_is_wider_than_its_room(text in any::<String>(), times in 1_usize..30) {
            let fitted = fitted(&text.repeat(times));
            prop_assert!((1..=2).contains(&fitted.lines.len()) && fitted.size >= 14.0);
            for line in &fitted.lines {
                prop_assert!(line.width(fitted.size) <= 400.01, "{}", line.width(fitted.size));
            }
        }
    }
}
