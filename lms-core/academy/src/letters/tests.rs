use std::time::Duration;

use porter_kernel::clock::{Clock as _, ManualClock};

use super::*;
use crate::domain::{AccountId, AccountStatus, CertificateId, CourseId, Revocation, RevocationReason, Role};

fn account(name: &str) -> Account {
    Account {
        id: AccountId(Uuid::from_u128(1)),
        email: "anna.keller@learner.example".to_owned(),
        name: name.to_owned(),
        role: Role::Learner,
        status: AccountStatus::Active,
        created_at: ManualClock::default().now(),
    }
}

fn certificate(title: &str) -> IssuedCertificate {
    IssuedCertificate {
        id: CertificateId(Uuid::from_u128(2)),
        account: AccountId(Uuid::from_u128(1)),
        course: CourseId(Uuid::from_u128(3)),
        course_title: title.to_owned(),
        learner_name: "Anna Keller".to_owned(),
        signatory: "Maren Holt".to_owned(),
        signatory_role: "Head of Data".to_owned(),
        code: "NL-7F3K-9QWD".to_owned(),
        issued_at: ManualClock::default().now(),
        revoked: None,
    }
}

const PUBLIC: &str = "http://127.0.0.1:8081";
const HOSTILE: &str = "<script>alert(1)</script>\r\nBcc: eve@evil.example";

fn all(name: &str, title: &str) -> Vec<Mail> {
    let (policy, key, now) = (Policy::sample(), SigningKey::from_bytes([7; 32]), ManualClock::default().now());
    let head = Letterhead { policy: &policy, public_url: PUBLIC };
    let (id, account) = (Uuid::from_u128(9), account(name));
    vec![
        head.password_reset(id, &account, &key, Uuid::from_u128(5), now + Duration::from_mins(30)).unwrap(),
        head.password_changed(id, &account, now).unwrap(),
        head.certificate(id, &account, &certificate(title), false, b"%PDF-".to_vec()).unwrap(),
        head.certificate(id, &account, &certificate(title), true, b"%PDF-".to_vec()).unwrap(),
        head.certificate_revoked(id, &account, &certificate(title), Revocation { reason: RevocationReason::Integrity, at: now })
            .unwrap(),
        head.certificate_restored(id, &account, &certificate(title)).unwrap(),
    ]
}

#[test]
fn every_letter_has_both_parts_and_says_whom_to_ask() {
    for mail in all("Anna Keller", "Data analysis from zero") {
        assert_eq!(mail.message_id, "00000000-0000-0000-0000-000000000009@northlight.example");
        assert_eq!((mail.to_name.as_str(), mail.to_address.as_str()), ("Anna Keller", "anna.keller@learner.example"));
        for part in [&mail.text, &mail.html] {
            assert!(part.contains("Hello Anna Keller,") && part.contains("support@northlight.example"), "{part}");
            assert!(!part.contains("{{") && !part.contains("\n\n\n\n"), "{part}");
        }
        assert!(mail.html.starts_with("<!doctype html>") && !mail.text.contains('<'), "{}", mail.text);
    }
}

#[test]
fn the_reset_letter_carries_the_link_and_its_end_in_both_parts() {
    let mail = all("Anna Keller", "").remove(0);
    let token = SigningKey::from_bytes([7; 32]).reset_token(Uuid::from_u128(5));
    let link = format!("{PUBLIC}/reset-password?token={}", token.reveal());
    for part in [&mail.text, &mail.html] {
        assert!(part.contains(&link) && part.contains("24 November 2026, 10:30 UTC") && part.contains("30 minutes"), "{part}");
    }
    assert!(!mail.subject.contains(token.reveal()));
}

#[test]
fn the_certificate_comes_as_a_file() {
    let mail = all("Anna Keller", "Data analysis from zero").remove(2);
    assert_eq!(mail.subject, "Your certificate: Data analysis from zero");
    assert_eq!(mail.attachments.len(), 1);
    assert_eq!(mail.attachments[0].file_name, "certificate-data-analysis-from-zero.pdf");
    assert_eq!(mail.attachments[0].media_type, "application/pdf");
    assert!(mail.text.contains("http://127.0.0.1:8081/verify/NL-7F3K-9QWD"), "{}", mail.text);
}

#[test]
fn hostile_names_and_titles_stay_text() {
    for mail in all(HOSTILE, HOSTILE) {
        assert!(!mail.html.contains("<script") && !mail.text.contains("\r\nBcc"), "{}", mail.html);
        assert!(!mail.subject.contains('\n') && !mail.to_name.contains('\n'), "{}", mail.subject);
        assert!(mail.text.starts_with("Hello,"), "{}", mail.text);
        assert!(
            mail.attachments
                .iter()
                .all(|file| file.file_name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)))
        );
    }
}
