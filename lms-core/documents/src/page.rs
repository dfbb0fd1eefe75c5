//! The page: what stands where, in what order it is read, and what the file says about itself.

use std::num::NonZeroU16;

use chrono::{Datelike as _, Timelike as _};
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::{Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::{Page, PageSettings};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, Tag, TagGroup, TagTree};
use krilla::{Document, SerializeSettings};

use crate::fonts::{Cut, Fonts};
use crate::ornament;
use crate::palette::{DARK_GOLD, DARK_GREEN, GOLD, GREEN, INK, PAPER, Rgb, SOFT_INK, colour, fill, ink};
use crate::text::{Room, Style, clean, fit, shape};
use crate::{Certificate, CertificateError, Qr};

/// A4 in landscape, in points.
const PAGE: (f32, f32) = (841.89, 595.28);
const MIDDLE: f32 = PAGE.0 / 2.0;
/// The QR code's top left corner, right of the signature and clear of the border, and how wide it is.
const QR_PLACE: (f32, f32) = (719.0, 473.0);
const QR_SIZE: f32 = 58.0;
const LANGUAGE: &str = "en-GB";
const TITLE: &str = "Certificate of Completion";

/// Makes the PDF.
///
/// # Errors
/// Only for faults of this crate: there is no text that fails.
pub fn render(certificate: &Certificate) -> Result<Vec<u8>, CertificateError> {
    let fonts = Fonts::get()?;
    let mut document = Document::new_with(settings()?);
    document.set_metadata(metadata(certificate));
    let mut outline = Outline::new();
    outline.push_child(OutlineNode::new(TITLE.to_owned(), XyzDestination::new(0, Point::from_xy(0.0, 0.0))));
    document.set_outline(outline);
    let tags = draw(&mut document, certificate, fonts)?;
    document.set_tag_tree(tags);
    document.finish().map_err(|error| failed(&error))
}

fn settings() -> Result<SerializeSettings, CertificateError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| CertificateError::Pdf("PDF/A-2a and PDF/UA-1 do not go together".to_owned()))?;
    Ok(SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() })
}

/// Names what is wrong and nobody: what stands on the certificate is not repeated.
fn failed(error: &KrillaError) -> CertificateError {
    CertificateError::Pdf(error.to_string())
}

fn metadata(certificate: &Certificate) -> Metadata {
    let (learner, course, academy) = (clean(&certificate.learner), clean(&certificate.course), clean(&certificate.academy));
    let at = certificate.issued_at.datetime();
    let part = |value: u32| u8::try_from(value).unwrap_or_default();
    let issued = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0);
    Metadata::new()
        .title(format!("{TITLE}: {course}, {learner}"))
        .authors(vec![academy])
        .description(format!("Certificate {} for {learner}, who completed the course {course}", clean(&certificate.code)))
        .language(LANGUAGE.to_owned())
        .creation_date(issued)
}

/// Writes lines of text and remembers in which order they are read.
struct Writer<'a, 'b> {
    surface: Surface<'a>,
    fonts: &'b Fonts,
}

/// Where a text stands: around an `x`, on a baseline.
#[derive(Clone, Copy)]
struct Spot {
    x: f32,
    baseline: f32,
}

fn centred(baseline: f32) -> Spot {
    Spot { x: MIDDLE, baseline }
}

const fn line(width: f32, largest: f32, smallest: f32) -> Room {
    Room { width, one: (largest, smallest), two: None }
}

impl Writer<'_, '_> {
    /// Draws what is not read.
    fn artifact(&mut self, draw: impl FnOnce(&mut Surface<'_>)) {
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        draw(&mut self.surface);
        self.surface.end_tagged();
    }

    /// Writes text in the middle of its spot. Two lines stand around the baseline rather than on it.
    fn write(&mut self, text: &str, style: Style, paint: Rgb, room: Room, spot: Spot) -> Written {
        let text = clean(text);
        let fitted = fit(self.fonts, &text, style, room);
        let (leading, count) = (fitted.size * 1.16, fitted.lines.len());
        let mut baseline = if count > 1 { spot.baseline - leading * 0.74 } else { spot.baseline };
        let widest = fitted.lines.iter().map(|line| line.width(fitted.size)).fold(0.0, f32::max);
        let area = Rect::from_ltrb(
            spot.x - widest / 2.0,
            baseline - fitted.size * 0.8,
            spot.x + widest / 2.0,
            spot.baseline + fitted.size * 0.3,
        );
        let mut parts = Vec::new();
        for (at, line) in fitted.lines.iter().enumerate() {
            parts.push(self.surface.start_tagged(ContentTag::Span(SpanTag::empty())));
            ink(&mut self.surface, colour(paint));
            line.draw(&mut self.surface, spot.x - line.width(fitted.size) / 2.0, baseline, fitted.size);
            if at + 1 < count {
                // A space that is read and not seen, so that the words do not run together.
                let space = shape(self.fonts, " ", style);
                space.draw(&mut self.surface, spot.x + line.width(fitted.size) / 2.0, baseline, fitted.size);
            }
            self.surface.end_tagged();
            baseline += leading;
        }
        Written { parts, area }
    }

    /// A paragraph of its own.
    fn paragraph(&mut self, tags: &mut TagTree, text: &str, style: Style, paint: Rgb, room: Room, spot: Spot) {
        let written = self.write(text, style, paint, room, spot);
        tags.push(TagGroup::with_children(Tag::P, written.parts.into_iter().map(Into::into).collect()));
    }
}

struct Written {
    parts: Vec<Identifier>,
    area: Option<Rect>,
}

fn draw(document: &mut Document, certificate: &Certificate, fonts: &Fonts) -> Result<TagTree, CertificateError> {
    let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| CertificateError::Pdf("the page has no size".to_owned()))?;
    let mut page = document.start_page_with(settings);
    let mut tags = TagTree::new().with_lang(Some(LANGUAGE.to_owned()));
    let (before, link) = content(&mut page, &mut tags, certificate, fonts);

    let mut paragraph = TagGroup::with_children(Tag::P, before.parts.into_iter().map(Into::into).collect());
    match (link.area, is_web_address(&certificate.verify_url)) {
        (Some(area), true) => {
            let target = Target::Action(Action::Link(LinkAction::new(certificate.verify_url.clone())));
            let alt = format!("Verify this certificate at {}", clean(&certificate.verify_url));
            let annotation = page.add_tagged_annotation(Annotation::new_link(LinkAnnotation::new(area, target), Some(alt)));
            let mut group = TagGroup::with_children(Tag::Link, vec![annotation.into()]);
            link.parts.into_iter().for_each(|part| group.push(part));
            paragraph.push(group);
        }
        _ => link.parts.into_iter().for_each(|part| paragraph.push(part)),
    }
    tags.push(paragraph);
    page.finish();
    Ok(tags)
}

/// Everything that is drawn. The last line, with its link, gets its tags when the drawing is done.
fn content(page: &mut Page<'_>, tags: &mut TagTree, certificate: &Certificate, fonts: &Fonts) -> (Written, Written) {
    let mut writer = Writer { surface: page.surface(), fonts };
    writer.artifact(|surface| {
        fill(surface, ornament::rectangle(PAGE, 0.0), colour(PAPER));
        ornament::watermark(surface, (MIDDLE, 288.0));
        ornament::frame(surface, PAGE);
    });
    head(&mut writer, tags, certificate);
    body(&mut writer, tags, certificate);
    foot(&mut writer, tags, certificate);
    qr_code(&mut writer, certificate);
    verification(&mut writer, certificate)
}

/// The academy and the title.
fn head(writer: &mut Writer<'_, '_>, tags: &mut TagTree, certificate: &Certificate) {
    writer.artifact(|surface| fill(surface, ornament::star((MIDDLE, 88.0), 10.0), colour(GOLD)));
    let style = Style::small_capitals(Cut::Semibold, 0.16);
    writer.paragraph(tags, &certificate.academy, style, GREEN, line(560.0, 19.0, 9.0), centred(122.0));
    writer.artifact(|surface| {
        fill(surface, ornament::lens((MIDDLE, 138.0), 250.0, 0.9), colour(GOLD));
        fill(surface, ornament::star((MIDDLE, 138.0), 4.2), colour(DARK_GOLD));
    });
    let title = writer.write(
        TITLE,
        Style { spacing: 0.012, ..Style::new(Cut::Regular) },
        DARK_GREEN,
        line(640.0, 47.0, 30.0),
        centred(188.0),
    );
    let heading = Tag::Hn(NonZeroU16::MIN, Some(TITLE.to_owned()));
    tags.push(TagGroup::with_children(heading, title.parts.into_iter().map(Into::into).collect()));
}

/// Who, and what for.
fn body(writer: &mut Writer<'_, '_>, tags: &mut TagTree, certificate: &Certificate) {
    let words = Style::new(Cut::Italic);
    writer.paragraph(tags, "This is to certify that", words, SOFT_INK, line(500.0, 15.0, 15.0), centred(224.0));
    let name = Room { width: 600.0, one: (46.0, 29.0), two: Some((26.0, 13.0)) };
    writer.paragraph(tags, &certificate.learner, Style::new(Cut::Semibold), INK, name, centred(278.0));
    writer.artifact(|surface| fill(surface, ornament::lens((MIDDLE, 301.0), 460.0, 1.1), colour(GOLD)));
    if !writer.fonts.can_write(&clean(&certificate.learner)) {
        // Boxes say nothing; the page that verifies has the reader's own typefaces.
        let shown = "The name in its own script is shown where this certificate is verified.";
        writer.paragraph(tags, shown, words, SOFT_INK, line(500.0, 9.5, 9.5), centred(313.0));
    }
    writer.paragraph(tags, "has successfully completed the course", words, SOFT_INK, line(500.0, 15.0, 15.0), centred(328.0));
    let course = Room { width: 600.0, one: (27.0, 19.0), two: Some((19.0, 10.0)) };
    writer.paragraph(tags, &certificate.course, Style::new(Cut::Italic), GREEN, course, centred(368.0));
}

/// When, the seal, and who signs.
fn foot(writer: &mut Writer<'_, '_>, tags: &mut TagTree, certificate: &Certificate) {
    let (left, right, top) = (232.0, PAGE.0 - 232.0, 458.0);
    let date = certificate.issued_at.datetime().format("%-d %B %Y").to_string();
    let label = Style::small_capitals(Cut::Regular, 0.08);
    let spot = |x, below| Spot { x, baseline: top + below };
    writer.paragraph(tags, &date, Style::new(Cut::Regular), INK, line(190.0, 16.0, 8.0), spot(left, -9.0));
    writer.paragraph(tags, "Date of issue", label, SOFT_INK, line(190.0, 11.0, 7.0), spot(left, 15.0));
    writer.paragraph(tags, &certificate.signatory, Style::new(Cut::Italic), INK, line(190.0, 19.0, 8.0), spot(right, -9.0));
    writer.paragraph(tags, &certificate.signatory_role, label, SOFT_INK, line(190.0, 11.0, 7.0), spot(right, 15.0));
    let around =
        shape(writer.fonts, &clean(&certificate.academy).to_uppercase(), Style { spacing: 0.09, ..Style::new(Cut::Semibold) });
    writer.artifact(|surface| {
        for x in [left, right] {
            fill(surface, ornament::lens((x, top), 200.0, 0.75), colour(DARK_GOLD));
        }
        ornament::seal(surface, (MIDDLE, 441.0), &around);
    });
}

/// Leads a telephone to where the certificate can be checked. What it says stands beside it as text, so it is not read.
fn qr_code(writer: &mut Writer<'_, '_>, certificate: &Certificate) {
    if !is_web_address(&certificate.verify_url) {
        return;
    }
    let Some(code) = Qr::of(&certificate.verify_url) else { return };
    writer.artifact(|surface| fill(surface, ornament::modules(QR_PLACE, QR_SIZE, &code), colour(DARK_GREEN)));
}

/// The code, and where it can be checked.
fn verification(writer: &mut Writer<'_, '_>, certificate: &Certificate) -> (Written, Written) {
    let style = Style { spacing: 0.02, ..Style::new(Cut::Regular) };
    let code = format!("Certificate {} · verify at", clean(&certificate.code));
    // Both halves in one line, each in a size of its own when it is long.
    let url = clean(&certificate.verify_url);
    // Together no wider than what the QR code in the corner leaves.
    let (code_room, url_room) = (line(220.0, 9.5, 5.0), line(330.0, 9.5, 5.0));
    let width = |text: &str, room: Room| {
        let fitted = fit(writer.fonts, text, style, room);
        fitted.lines.iter().map(|line| line.width(fitted.size)).fold(0.0, f32::max)
    };
    let (first, second, gap) = (width(&code, code_room), width(&url, url_room), 3.2);
    let start = MIDDLE - (first + gap + second) / 2.0;
    let spot = |x| Spot { x, baseline: 528.0 };
    let before = writer.write(&code, style, SOFT_INK, code_room, spot(start + first / 2.0));
    let link = writer.write(&url, style, GREEN, url_room, spot(start + first + gap + second / 2.0));
    (before, link)
}

/// Only these become links; any other text is text.
fn is_web_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.len() <= 500
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}
