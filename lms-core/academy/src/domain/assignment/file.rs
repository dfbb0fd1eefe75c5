//! Files of strangers: what they may be called, and whether they are what they say.

use porter_kernel::db::storable;

use super::{Deserialize, FromStr, Serialize, ToSchema, UnknownWord};

/// The longest name that is kept, in characters.
const LONGEST: usize = 100;
/// So many bytes from the beginning tell what a file is.
pub const HEAD: usize = 64;

words!(
    /// What a file is, by the end of its name.
    FileType as "type of file" {
        Pdf = "pdf", Docx = "docx", Xlsx = "xlsx", Zip = "zip", Png = "png", Jpg = "jpg", Csv = "csv", Txt = "txt", Md = "md",
    }
);

/// Why a file is not taken: said to the person who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unwanted {
    #[error("The file has no name that ends in its type, such as report.pdf.")]
    NoType,
    #[error("Files of this type are not asked for here.")]
    Type,
    #[error("The file is empty.")]
    Empty,
    #[error("The file is too large.")]
    TooLarge,
    #[error("What is in the file is not what its name says. Save it in the right format and send it again.")]
    Disguised,
}

impl FileType {
    /// By the end of the name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let (_, end) = name.rsplit_once('.')?;
        match end.to_ascii_lowercase().as_str() {
            "jpeg" => Some(Self::Jpg),
            end => end.parse().ok(),
        }
    }

    /// What a browser is told; never one that it would run.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Zip => "application/zip",
            Self::Png => "image/png",
            Self::Jpg => "image/jpeg",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Txt | Self::Md => "text/plain; charset=utf-8",
        }
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Txt | Self::Md)
    }

    /// Whether a file that begins so can be of this type.
    fn begins(self, head: &[u8]) -> bool {
        match self {
            Self::Pdf => head.starts_with(b"%PDF-"),
            Self::Png => head.starts_with(b"\x89PNG\r\n\x1a\n"),
            Self::Jpg => head.starts_with(b"\xff\xd8\xff"),
            Self::Zip => head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06"),
            Self::Docx | Self::Xlsx => office(head),
            Self::Csv | Self::Txt | Self::Md => true,
        }
    }
}

/// An archive whose first file is one of those that office programs put first. Its name stands 30 bytes after the beginning
/// (APPNOTE.TXT of the ZIP format, 4.3.7).
fn office(head: &[u8]) -> bool {
    let first = head.get(30..).unwrap_or_default();
    let known: [&[u8]; 6] = [b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"customXml/"];
    head.starts_with(b"PK\x03\x04") && known.iter().any(|name| first.starts_with(name))
}

/// Looks at a file piece by piece, without keeping it.
#[derive(Debug, Clone)]
pub struct Check {
    kind: FileType,
    most: u64,
    bytes: u64,
    head: Vec<u8>,
    /// The bytes of a character whose end has not come yet.
    rest: Vec<u8>,
}

impl Check {
    #[must_use]
    pub fn new(kind: FileType, most: u64) -> Self {
        Self { kind, most, bytes: 0, head: Vec::with_capacity(HEAD), rest: Vec::new() }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// [`Unwanted`] as soon as it is clear.
    pub fn piece(&mut self, piece: &[u8]) -> Result<(), Unwanted> {
        self.bytes = self.bytes.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if self.bytes > self.most {
            return Err(Unwanted::TooLarge);
        }
        if self.head.len() < HEAD {
            self.head.extend(piece.iter().take(HEAD - self.head.len()));
            if self.head.len() == HEAD && !self.kind.begins(&self.head) {
                return Err(Unwanted::Disguised);
            }
        }
        if self.kind.is_text() { self.text(piece) } else { Ok(()) }
    }

    /// A text is UTF-8, and has no NUL.
    fn text(&mut self, piece: &[u8]) -> Result<(), Unwanted> {
        self.rest.extend_from_slice(piece);
        if self.rest.contains(&0) {
            return Err(Unwanted::Disguised);
        }
        let valid = match std::str::from_utf8(&self.rest) {
            Ok(_) => self.rest.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Err(Unwanted::Disguised),
        };
        self.rest.drain(..valid);
        Ok(())
    }

    /// All of it has come: how many bytes.
    ///
    /// # Errors
    /// [`Unwanted`].
    pub fn end(&self) -> Result<u64, Unwanted> {
        match self.bytes {
            0 => Err(Unwanted::Empty),
            _ if !self.rest.is_empty() || !self.kind.begins(&self.head) => Err(Unwanted::Disguised),
            bytes => Ok(bytes),
        }
    }
}

/// A name to show and to save under: the last part of a path, without what steers a terminal, a header or the direction of writing, not hidden,
/// and not too long. Its end stays.
#[must_use]
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = storable(last)
        .chars()
        .filter(|one| !one.is_control() && !is_invisible(*one))
        .map(|one| if r#"<>:"|?*%;"#.contains(one) { '_' } else { one })
        .collect();
    let plain = plain.trim().trim_start_matches('.').trim();
    let (stem, end) = plain.rsplit_once('.').unwrap_or((plain, ""));
    let (end, stem) = (end.chars().take(8).collect::<String>(), stem.chars().take(LONGEST).collect::<String>());
    match (stem.trim().is_empty(), end.is_empty()) {
        (true, true) => "file".to_owned(),
        (true, false) => format!("file.{end}"),
        (false, true) => stem,
        (false, false) => format!("{stem}.{end}"),
    }
}

/// Marks that change the direction of writing or take no room: with them `gpj.exe` reads as `exe.jpg`.
fn is_invisible(one: char) -> bool {
    matches!(one, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
}
