//! The page of an invoice.

use std::num::NonZeroU16;

use chrono::{Datelike as _, Timelike as _};
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag, Tag, TagGroup, TagTree};
use krilla::{Document, SerializeSettings};

use super::Bill;
use crate::CertificateError;
use crate::fonts::{Cut, Fonts};
use crate::palette::{DARK_GREEN, GOLD, GREEN, INK, Rgb, SOFT_INK, colour, fill, ink};
use crate::text::{Room, Style, clean, fit};

/// A4, in points.
const PAGE: (f32, f32) = (595.28, 841.89);
const LEFT: f32 = 64.0;
const RIGHT: f32 = PAGE.0 - 64.0;
const WIDE: f32 = RIGHT - LEFT;
const LANGUAGE: &str = "en-GB";

/// Makes the PDF.
///
/// # Errors
/// Only for faults of this crate: there is no text that fails.
pub fn render(bill: &Bill) -> Result<Vec<u8>, CertificateError> {
    let fonts = Fonts::get()?;
    let mut document = Document::new_with(settings()?);
    document.set_metadata(metadata(bill));
    let mut outline = Outline::new();
    outline.push_child(OutlineNode::new(title(bill).to_owned(), XyzDestination::new(0, Point::from_xy(0.0, 0.0))));
    document.set_outline(outline);
    let size = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| CertificateError::Pdf("the page has no size".to_owned()))?;
    let mut page = document.start_page_with(size);
    let mut tags = TagTree::new().with_lang(Some(LANGUAGE.to_owned()));
    {
        let mut sheet = Sheet { surface: page.surface(), fonts, tags: &mut tags };
        content(&mut sheet, bill);
    }
    page.finish();
    document.set_tag_tree(tags);
    document.finish().map_err(|error| CertificateError::Pdf(error.to_string()))
}

fn settings() -> Result<SerializeSettings, CertificateError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| CertificateError::Pdf("PDF/A-2a and PDF/UA-1 do not go together".to_owned()))?;
    Ok(SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() })
}

fn title(bill: &Bill) -> &'static str {
    if bill.corrects.is_some() { "Credit note" } else { "Invoice" }
}

fn metadata(bill: &Bill) -> Metadata {
    let at = bill.issued_at.datetime();
    let part = |value: u32| u8::try_from(value).unwrap_or_default();
    let issued = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0);
    Metadata::new()
        .title(format!("{} {}", title(bill), clean(&bill.number)))
        .authors(vec![clean(&bill.seller)])
        .description(format!("{} {} for order {}", title(bill), clean(&bill.number), clean(&bill.order)))
        .language(LANGUAGE.to_owned())
        .creation_date(issued)
}

/// The page while it is written.
struct Sheet<'a, 'b> {
    surface: Surface<'a>,
    fonts: &'b Fonts,
    tags: &'b mut TagTree,
}

/// At which end of its room a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Left,
    Right,
}

/// Where a text stands.
#[derive(Clone, Copy)]
struct Place {
    /// The width that it has, and its size, in points.
    room: (f32, f32),
    /// Where it begins or ends, and its baseline.
    at: (f32, f32),
    end: End,
}

impl Sheet<'_, '_> {
    fn artifact(&mut self, draw: impl FnOnce(&mut Surface<'_>)) {
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        draw(&mut self.surface);
        self.surface.end_tagged();
    }

    /// One line of text, set smaller where it is long, as a paragraph or heading of its own.
    fn write(&mut self, text: &str, style: Style, paint: Rgb, place: Place, heading: bool) {
        let Place { room: (width, size), at: (x, baseline), end } = place;
        let text = clean(text);
        let fitted = fit(self.fonts, &text, style, Room { width, one: (size, size * 0.55), two: None });
        let mut parts = Vec::new();
        if let Some(line) = fitted.lines.first() {
            parts.push(self.surface.start_tagged(ContentTag::Span(SpanTag::empty())));
            ink(&mut self.surface, colour(paint));
            let start = if end == End::Right { x - line.width(fitted.size) } else { x };
            line.draw(&mut self.surface, start, baseline, fitted.size);
            self.surface.end_tagged();
        }
        let children = parts.into_iter().map(Into::into).collect();
        if heading {
            self.tags.push(TagGroup::with_children(Tag::Hn(NonZeroU16::MIN, Some(text)), children));
        } else {
            self.tags.push(TagGroup::with_children(Tag::P, children));
        }
    }

    /// A label above what it names.
    fn labelled(&mut self, label: &str, text: &str, (x, top): (f32, f32), width: f32) {
        self.write(
            label,
            Style::small_capitals(Cut::Regular, 0.06),
            SOFT_INK,
            Place { room: (width, 10.5), at: (x, top), end: End::Left },
            false,
        );
        self.write(text, Style::new(Cut::Regular), INK, Place { room: (width, 13.0), at: (x, top + 17.0), end: End::Left }, false);
    }

    /// What was sold or taken off, and for how much.
    fn row(&mut self, what: &str, amount: &str, baseline: f32) {
        self.write(
            what,
            Style::new(Cut::Regular),
            INK,
            Place { room: (WIDE - 120.0, 13.0), at: (LEFT, baseline), end: End::Left },
            false,
        );
        self.write(
            amount,
            Style::new(Cut::Regular),
            INK,
            Place { room: (110.0, 13.0), at: (RIGHT, baseline), end: End::Right },
            false,
        );
    }

    fn rule(&mut self, y: f32, thick: f32, paint: Rgb) {
        self.artifact(|surface| fill(surface, rectangle(LEFT, y, WIDE, thick), colour(paint)));
    }
}

fn rectangle(x: f32, y: f32, width: f32, height: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(x, y, width, height)?);
    path.finish()
}

fn content(sheet: &mut Sheet<'_, '_>, bill: &Bill) {
    sheet.artifact(|surface| fill(surface, rectangle(0.0, 0.0, PAGE.0, 10.0), colour(DARK_GREEN)));
    sheet.write(
        &bill.seller,
        Style::small_capitals(Cut::Semibold, 0.12),
        GREEN,
        Place { room: (300.0, 17.0), at: (LEFT, 82.0), end: End::Left },
        false,
    );
    sheet.write(
        title(bill),
        Style::new(Cut::Regular),
        DARK_GREEN,
        Place { room: (WIDE, 40.0), at: (LEFT, 152.0), end: End::Left },
        true,
    );
    sheet.rule(170.0, 1.2, GOLD);

    let (third, date) = (WIDE / 3.0, bill.issued_at.datetime().format("%-d %B %Y").to_string());
    sheet.labelled("Number", &bill.number, (LEFT, 204.0), third - 12.0);
    sheet.labelled("Date", &date, (LEFT + third, 204.0), third - 12.0);
    sheet.labelled("Order", &bill.order, (LEFT + third * 2.0, 204.0), third - 12.0);
    sheet.labelled("For", &bill.buyer, (LEFT, 258.0), third * 2.0 - 12.0);
    if let Some(corrects) = &bill.corrects {
        sheet.labelled("Corrects", corrects, (LEFT + third * 2.0, 258.0), third - 12.0);
    }

    sheet.rule(312.0, 0.6, SOFT_INK);
    let mut baseline = 340.0;
    let item = format!("Course: {}", bill.item);
    sheet.row(&item, &bill.list, baseline);
    if let Some(discount) = &bill.discount {
        baseline += 26.0;
        sheet.row("Coupon", discount, baseline);
    }
    baseline += 18.0;
    sheet.rule(baseline, 0.6, SOFT_INK);
    baseline += 32.0;
    let words = if bill.corrects.is_some() { "Paid back" } else { "Total, paid" };
    sheet.write(
        words,
        Style::new(Cut::Semibold),
        DARK_GREEN,
        Place { room: (240.0, 17.0), at: (LEFT, baseline), end: End::Left },
        false,
    );
    sheet.write(
        &bill.total,
        Style::new(Cut::Semibold),
        DARK_GREEN,
        Place { room: (200.0, 17.0), at: (RIGHT, baseline), end: End::Right },
        false,
    );
    sheet.rule(baseline + 14.0, 1.2, GOLD);

    let contact = format!("Questions about this paper: {}", clean(&bill.seller_contact));
    sheet.write(
        &contact,
        Style::new(Cut::Italic),
        SOFT_INK,
        Place { room: (WIDE, 11.0), at: (LEFT, 780.0), end: End::Left },
        false,
    );
}
