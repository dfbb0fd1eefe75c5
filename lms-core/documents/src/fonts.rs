//! The typefaces, read once.
//!
//! Libertinus Serif sets the page: Latin, Greek, Cyrillic, Hebrew. What it lacks comes from New Computer Modern (Armenian, Georgian, Cherokee),
//! its mathematical sister (Devanagari) and DejaVu Sans Mono (Arabic, and much else). None of them has Chinese, Japanese, Korean, Thai
//! or the other Indian scripts: there a box stands for each character, and the character itself can be copied.

use std::ops::Deref;
use std::sync::OnceLock;

use krilla::text::Font;
use rustybuzz::Face;
use rustybuzz::ttf_parser::name_id;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::CertificateError;

/// A cut of the text face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    Regular,
    Italic,
    Semibold,
}

/// A typeface as the shaper and as the PDF know it.
pub(crate) struct Typeface {
    face: Face<'static>,
    font: Font,
}

/// All of them.
pub(crate) struct Fonts {
    regular: Typeface,
    italic: Typeface,
    semibold: Typeface,
    others: Vec<Typeface>,
}

/// Asked in this order for what the text face lacks. The last also has the box.
const OTHERS: [&str; 3] = ["NewCM10-Regular", "NewCMMath-Regular", "DejaVuSansMono"];

impl Fonts {
    /// The built-in ones.
    pub(crate) fn get() -> Result<&'static Self, CertificateError> {
        static FONTS: OnceLock<Result<Fonts, CertificateError>> = OnceLock::new();
        FONTS.get_or_init(Self::load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Self, CertificateError> {
        let faces: Vec<_> = typst_assets::fonts().filter_map(|bytes| Some((Face::from_slice(bytes, 0)?, bytes))).collect();
        let find = |wanted: &'static str| {
            let found = faces.iter().find(|(face, _)| postscript_name(face).as_deref() == Some(wanted));
            let loaded =
                found.and_then(|(face, bytes)| Some(Typeface { face: face.clone(), font: Font::new((*bytes).into(), 0)? }));
            loaded.ok_or(CertificateError::Typeface(wanted))
        };
        Ok(Self {
            regular: find("LibertinusSerif-Regular")?,
            italic: find("LibertinusSerif-Italic")?,
            semibold: find("LibertinusSerif-Semibold")?,
            others: OTHERS.into_iter().map(find).collect::<Result<_, _>>()?,
        })
    }

    /// The cut first, then the others in their order.
    pub(crate) fn candidates(&self, cut: Cut) -> impl Iterator<Item = &Typeface> {
        let first = match cut {
            Cut::Regular => &self.regular,
            Cut::Italic => &self.italic,
            Cut::Semibold => &self.semibold,
        };
        // An upright letter of the same design before a foreign one.
        [first, &self.regular].into_iter().chain(&self.others)
    }

    /// Whether every character of the text has a shape of its own, and none is a box.
    pub(crate) fn can_write(&self, text: &str) -> bool {
        text.graphemes(true).all(|cluster| cluster == " " || self.candidates(Cut::Semibold).any(|typeface| typeface.has(cluster)))
    }

    /// The typeface with the box for what no typeface has.
    pub(crate) fn boxes(&self) -> &Typeface {
        self.others.last().unwrap_or(&self.regular)
    }
}

fn postscript_name(face: &Face<'_>) -> Option<String> {
    face.names().into_iter().find(|name| name.name_id == name_id::POST_SCRIPT_NAME && name.is_unicode())?.to_string()
}

impl Typeface {
    pub(crate) fn font(&self) -> &Font {
        &self.font
    }

    pub(crate) fn em(&self) -> f32 {
        self.font.units_per_em()
    }

    /// Whether it has a glyph for each of the characters.
    pub(crate) fn has(&self, cluster: &str) -> bool {
        cluster.chars().all(|char| crate::text::is_invisible(char) || self.face.glyph_index(char).is_some_and(|glyph| glyph.0 != 0))
    }
}

impl Deref for Typeface {
    type Target = Face<'static>;

    fn deref(&self) -> &Face<'static> {
        &self.face
    }
}

impl std::fmt::Debug for Typeface {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Typeface").field(&postscript_name(&self.face)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_typefaces_are_there_and_one_has_the_box() {
        let fonts = Fonts::get().unwrap();
        assert!(fonts.boxes().has("\u{25a1}"));
        for cut in [Cut::Regular, Cut::Italic, Cut::Semibold] {
            assert!(fonts.candidates(cut).next().unwrap().has("Ångström, Łukasiewicz & Đorđe “Ññ” Ελένη Игорь"));
        }
    }

    #[test]
    fn the_scripts_we_promise_have_a_typeface_and_the_others_have_none() {
        let fonts = Fonts::get().unwrap();
        assert!(fonts.can_write("Nguyễn Thị Hoa") && fonts.can_write("رחל ליאור") && !fonts.can_write("Mei Chen (陈美)"));
        let found = |text: &str| fonts.candidates(Cut::Italic).any(|typeface| typeface.has(text));
        for text in ["רחל", "ليلى", "Անի", "ნინო", "अनिता", "ᏣᎳᎩ"] {
            assert!(found(text), "{text}");
        }
        for text in ["李", "あ", "김", "ไท", "তা"] {
            assert!(!found(text), "{text}");
        }
    }
}
