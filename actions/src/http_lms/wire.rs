//! The shapes of the support API's answers. Fields that are not listed are left alone; one that is missing makes the answer unreadable.

use std::collections::BTreeMap;

use porter_kernel::clock::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::{CertificateOnFile, Finding};

/// The type of the problem that says: this person is not signed in any more.
pub(super) const SIGNED_OUT: &str = "urn:porter:problem:signed-out";

/// The part of a problem (RFC 9457) that means something to a program.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Promises {
    pub(super) facts: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Identity {
    pub(super) learner_id: Uuid,
    pub(super) name: String,
    pub(super) expires_at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub(super) struct LinkAsked {
    pub(super) link_minutes: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct LinkSent {
    pub(super) sent_to: String,
    pub(super) link_minutes: u64,
    pub(super) asked_at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub(super) struct Certificates {
    pub(super) certificates: Vec<Certificate>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Certificate {
    pub(super) id: Uuid,
    course: String,
    issued_at: Timestamp,
    code: String,
}

impl From<Certificate> for CertificateOnFile {
    fn from(wire: Certificate) -> Self {
        Self { id: wire.id, course: wire.course, issued_at: wire.issued_at, code: wire.code }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Resent {
    pub(super) certificate: Certificate,
    pub(super) sent_to: String,
    pub(super) asked_at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub(super) struct Diagnosis {
    findings: Vec<Finding>,
}

impl Diagnosis {
    /// The findings; none would be no answer. The widget makes a link of a remedy's address, so one that is not an address of a page is dropped.
    pub(super) fn findings(self) -> Option<Vec<Finding>> {
        let mut findings = self.findings;
        for remedy in findings.iter_mut().filter_map(|finding| finding.remedy.as_mut()) {
            if remedy.url.as_deref().is_some_and(|url| !is_page(url)) {
                tracing::warn!("the LMS gave a remedy an address that is not of a page: left out");
                remedy.url = None;
            }
        }
        (!findings.is_empty()).then_some(findings)
    }
}

/// `https://…`, `http://…`, or a path of the academy's own. Browsers read `//host` and `/\host` as another site.
fn is_page(url: &str) -> bool {
    let clean = !url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    let path = url.starts_with('/') && !url.starts_with("//");
    clean && (path || url.starts_with("https://") || url.starts_with("http://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_are_linked() {
        for page in ["/learning/orders", "/", "https://academy.example/orders?x=1", "http://127.0.0.1:8080/quiz/3#top"] {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "",
            "javascript:alert(1)",
            "//evil.example",
            "/\\evil.example",
            "data:text/html,x",
            "HTTPS:evil",
            "/a b",
            "orders",
            "/\ta",
        ] {
            assert!(!is_page(other), "{other}");
        }
    }
}
