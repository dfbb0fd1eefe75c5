//! The certificate as a PDF: one A4 page in landscape that one would frame.
//!
//! The file conforms to PDF/A-2a (it opens the same in fifty years) and PDF/UA-1 (a screen reader can read it), and its text can be copied and
//! searched. The same certificate gives the same bytes.

mod fonts;
pub mod invoice;
mod ornament;
mod page;
mod palette;
mod qr;
mod text;

use porter_kernel::clock::Timestamp;

pub use page::render;
pub use qr::Qr;

/// What stands on a certificate. Any text is taken as text; what is too long is set smaller, over two lines, and cut at last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub academy: String,
    /// As the learner is called; any script, any length.
    pub learner: String,
    pub course: String,
    pub issued_at: Timestamp,
    /// Such as `NL-7F3K-9QWD`.
    pub code: String,
    /// Where it can be checked: printed, and led to by a QR code when it is an address of the web.
    pub verify_url: String,
    /// Who signs, and as what.
    pub signatory: String,
    pub signatory_role: String,
}

/// Why there is no PDF: a fault of this crate, and not of what stands on the certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The typefaces are built in, so this build is damaged.
    #[error("the typeface {0} is not in this build")]
    Typeface(&'static str),
    /// The file would not conform, or could not be written.
    #[error("the PDF cannot be made: {0}")]
    Pdf(String),
}
