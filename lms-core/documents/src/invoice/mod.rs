//! Invoices and credit notes: one A4 page in portrait, with the same promises as the certificate.

mod page;

use porter_kernel::clock::Timestamp;

pub use page::render;

/// What stands on an invoice. Amounts come written out, so that no two places say them differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    pub seller: String,
    /// Where questions go.
    pub seller_contact: String,
    pub buyer: String,
    pub number: String,
    pub order: String,
    /// The number of the invoice that this credit note corrects; `None`: an invoice.
    pub corrects: Option<String>,
    /// What was sold.
    pub item: String,
    pub list: String,
    /// With its minus sign.
    pub discount: Option<String>,
    pub total: String,
    pub issued_at: Timestamp,
}
