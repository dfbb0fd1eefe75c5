//! Certificates as files.

use porter_documents::invoice::{self as bill, Bill};
use porter_documents::{Certificate, CertificateError, render};
use tokio::sync::Semaphore;

use crate::domain::IssuedCertificate;
use crate::policy::Policy;
use crate::store::Invoice;

/// What the file is.
pub(crate) const MEDIA_TYPE: &str = "application/pdf";

/// The longest part of a file's name that comes from a course's title, in characters.
const TITLE: usize = 60;
/// Drawn at the same time: each keeps a core busy.
const AT_ONCE: usize = 2;
static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE);

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PaperError {
    #[error(transparent)]
    Drawing(#[from] CertificateError),
    #[error("the drawing was cut off: {0}")]
    CutOff(String),
}

/// The PDF, drawn off the async threads.
/// Whoever has it can check it at `public_url`: by the address that is printed, or by the QR code.
pub(crate) async fn pdf(certificate: &IssuedCertificate, policy: &Policy, public_url: &str) -> Result<Vec<u8>, PaperError> {
    let certificate = Certificate {
        academy: policy.academy_name.clone(),
        learner: certificate.learner_name.clone(),
        course: certificate.course_title.clone(),
        issued_at: certificate.issued_at,
        code: certificate.code.clone(),
        verify_url: format!("{public_url}/verify/{}", certificate.code),
        signatory: certificate.signatory.clone(),
        signatory_role: certificate.signatory_role.clone(),
    };
    let _permit = PERMITS.acquire().await.map_err(|error| PaperError::CutOff(error.to_string()))?;
    let drawn =
        tokio::task::spawn_blocking(move || render(&certificate)).await.map_err(|error| PaperError::CutOff(error.to_string()))?;
    Ok(drawn?)
}

/// The invoice or credit note, drawn off the async threads.
pub(crate) async fn invoice(invoice: &Invoice, policy: &Policy) -> Result<Vec<u8>, PaperError> {
    let bill = Bill {
        seller: policy.academy_name.clone(),
        seller_contact: policy.support_email.clone(),
        buyer: invoice.buyer.clone(),
        number: invoice.number.clone(),
        order: invoice.order_number.clone(),
        corrects: invoice.corrects.clone(),
        item: invoice.course.clone(),
        list: invoice.list.to_string(),
        discount: (invoice.discount.minor > 0).then(|| format!("-{}", invoice.discount)),
        total: invoice.total.to_string(),
        issued_at: invoice.issued_at,
    };
    let _permit = PERMITS.acquire().await.map_err(|error| PaperError::CutOff(error.to_string()))?;
    let drawn =
        tokio::task::spawn_blocking(move || bill::render(&bill)).await.map_err(|error| PaperError::CutOff(error.to_string()))?;
    Ok(drawn?)
}

/// `certificate-data-analysis-from-zero.pdf`: letters, digits and dashes, whatever the title is.
pub(crate) fn file_name(certificate: &IssuedCertificate) -> String {
    named("certificate", "pdf", certificate)
}

/// As [`file_name`], for other forms of it: `badge-data-analysis-from-zero.svg`.
pub(crate) fn named(what: &str, kind: &str, certificate: &IssuedCertificate) -> String {
    let mut name = what.to_owned();
    let words = certificate.course_title.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    for word in words {
        if name.len() + word.len() > TITLE {
            break;
        }
        name.push('-');
        name.push_str(&word.to_ascii_lowercase());
    }
    format!("{name}.{kind}")
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};
    use uuid::Uuid;

    use super::*;
    use crate::domain::{AccountId, CertificateId, CourseId};

    fn certificate(title: &str) -> IssuedCertificate {
        IssuedCertificate {
            id: CertificateId(Uuid::nil()),
            account: AccountId(Uuid::nil()),
            course: CourseId(Uuid::nil()),
            course_title: title.to_owned(),
            learner_name: "Anna Keller".to_owned(),
            signatory: "Maren Holt".to_owned(),
            signatory_role: "Head of Data".to_owned(),
            code: "NL-7F3K-9QWD".to_owned(),
            issued_at: ManualClock::default().now(),
            revoked: None,
        }
    }

    #[test]
    fn a_file_name_is_plain_whatever_the_title() {
        assert_eq!(file_name(&certificate("Data analysis from zero")), "certificate-data-analysis-from-zero.pdf");
        assert_eq!(file_name(&certificate("../../x\r\n\"; a=b.exe")), "certificate-x-a-b-exe.pdf");
        assert_eq!(file_name(&certificate("证书")), "certificate.pdf");
        assert!(file_name(&certificate(&"word ".repeat(100))).len() < TITLE + 10);
    }

    #[tokio::test]
    async fn a_pdf_is_drawn() {
        let pdf = pdf(&certificate("Data analysis from zero"), &Policy::sample(), "https://academy.example").await.unwrap();
        assert!(pdf.starts_with(b"%PDF-"));
    }
}
