//! What a reader of the file can rely on.
#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

use porter_documents::{Certificate, render};
use proptest::prelude::*;

fn certificate() -> Certificate {
    Certificate {
        academy: "Northlight Academy".to_owned(),
        learner: "Anna Kovač".to_owned(),
        course: "Foundations of Data Analysis".to_owned(),
        issued_at: "2026-11-24T10:00:00Z".parse().unwrap(),
        code: "NL-7F3K-9QWD".to_owned(),
        verify_url: "https://academy.northlight.example/verify/NL-7F3K-9QWD".to_owned(),
        signatory: "Dr Ingrid Solheim".to_owned(),
        signatory_role: "Head of Academy".to_owned(),
    }
}

fn times(pdf: &[u8], text: &str) -> usize {
    pdf.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
}

/// One page of a sound file, small enough to be mailed by the thousand.
fn sound(pdf: &[u8]) {
    assert!(pdf.starts_with(b"%PDF-1.7"));
    assert!(pdf.ends_with(b"%%EOF"));
    assert_eq!(times(pdf, "/Type/Page/"), 1);
    assert!(pdf.len() < 200_000, "{} bytes", pdf.len());
}

#[test]
fn it_is_one_page_with_all_that_it_should_say_about_itself() {
    let pdf = render(&certificate()).unwrap();
    sound(&pdf);
    for mark in ["/Lang", "/StructTreeRoot", "/MarkInfo", "pdfaid:part", "pdfuaid:part", "en-GB", "2026-11-24T10:00:00"] {
        assert!(times(&pdf, mark) > 0, "{mark}");
    }
    assert_eq!(times(&pdf, "/URI(https://academy.northlight.example/verify/NL-7F3K-9QWD)"), 1, "the address is a link");
    assert!(times(&pdf, "Certificate of Completion: Foundations of Data Analysis, Anna Kovač") > 0, "the title is in the metadata");
}

#[test]
fn the_same_certificate_gives_the_same_bytes_and_another_gives_others() {
    let first = render(&certificate()).unwrap();
    assert_eq!(render(&certificate()).unwrap(), first);
    assert_ne!(render(&Certificate { learner: "Ben Okafor".to_owned(), ..certificate() }).unwrap(), first);
    assert_ne!(render(&Certificate { code: "NL-0000-0000".to_owned(), ..certificate() }).unwrap(), first);
}

#[test]
fn hostile_and_endless_texts_are_set_all_the_same() {
    for text in [
        "",
        " \r\n ",
        "\0\u{1}\u{7f}",
        "(Anna) Tj ET Q\n%%EOF\ntrailer << /Root 1 0 R >>",
        "</x:xmpmeta><script>alert(1)</script>",
        "\u{202e}abc\u{202c}\u{2066}",
        "\u{e000}\u{ffff}\u{fffe}\u{10ffff}\u{feff}",
        "李小龍 김민준 สมชาย 👩‍👩‍👧‍👦 🇳🇴",
        "नी\u{200d}क्षि\u{200c}ता ليلى רחל Anna 123",
        &"W".repeat(100_000),
        &"a b ".repeat(50_000),
        &format!("Z{}", "\u{301}".repeat(10_000)),
        &"\u{300}".repeat(200),
    ] {
        let all = text.to_owned();
        let pdf = render(&Certificate {
            academy: all.clone(),
            learner: all.clone(),
            course: all.clone(),
            code: all.clone(),
            verify_url: all.clone(),
            signatory: all.clone(),
            signatory_role: all,
            ..certificate()
        });
        sound(&pdf.unwrap());
    }
}

#[test]
fn an_address_is_drawn_as_a_code_too() {
    let with = render(&certificate()).unwrap();
    let without = render(&Certificate { verify_url: "academy.northlight.example/verify".to_owned(), ..certificate() }).unwrap();
    assert!(with.len() > without.len() + 1_000, "{} and {} bytes", with.len(), without.len());
}

#[test]
fn only_web_addresses_become_links() {
    for url in ["javascript:alert(1)", "file:///etc/passwd", "https://academy.example/ (x)", "verify/NL-1"] {
        let pdf = render(&Certificate { verify_url: url.to_owned(), ..certificate() }).unwrap();
        assert_eq!(times(&pdf, "/URI"), 0, "{url}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_text_makes_a_sound_file(learner in any::<String>(), course in any::<String>(), academy in any::<String>(), url in any::<String>()) {
        sound(&render(&Certificate { learner, course, academy, verify_url: url, ..certificate() }).unwrap());
    }
}
