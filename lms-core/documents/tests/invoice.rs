//! What a reader of an invoice can rely on.
#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

use porter_documents::invoice::{Bill, render};

fn bill() -> Bill {
    Bill {
        seller: "Northlight Academy".to_owned(),
        seller_contact: "support@northlight.example".to_owned(),
        buyer: "Anna Kovač".to_owned(),
        number: "INV-2026-000001".to_owned(),
        order: "NL-700001".to_owned(),
        corrects: None,
        item: "Foundations of Data Analysis".to_owned(),
        list: "€49.00".to_owned(),
        discount: Some("-€9.80".to_owned()),
        total: "€39.20".to_owned(),
        issued_at: "2026-11-24T10:00:00Z".parse().unwrap(),
    }
}

#[test]
fn an_invoice_and_a_credit_note_are_one_sound_page_each_and_always_the_same() {
    for bill in [bill(), Bill { corrects: Some("INV-2026-000001".to_owned()), discount: None, ..bill() }] {
        let pdf = render(&bill).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7") && pdf.ends_with(b"%%EOF"));
        assert_eq!(render(&bill).unwrap(), pdf);
        if let Some(folder) = std::env::var_os("PORTER_TEST_SHOTS") {
            let kind = if bill.corrects.is_some() { "credit-note" } else { "invoice" };
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(std::path::Path::new(&folder).join(format!("{kind}.pdf")), &pdf).unwrap();
        }
    }
}

#[test]
fn hostile_and_endless_texts_are_set_all_the_same() {
    for text in [
        "",
        "\0\u{1}",
        "(Anna) Tj ET Q\n%%EOF",
        "\u{202e}abc",
        "李小龍 ليلى",
        &"W".repeat(100_000),
        &format!("Z{}", "\u{301}".repeat(10_000)),
    ] {
        let all = text.to_owned();
        let pdf = render(&Bill {
            buyer: all.clone(),
            item: all.clone(),
            number: all.clone(),
            seller: all.clone(),
            corrects: Some(all),
            ..bill()
        });
        assert!(pdf.unwrap().len() < 200_000);
    }
}
