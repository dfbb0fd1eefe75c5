use porter_mail::inbound::{Automatic, Inbound};

fn read(bytes: &[u8]) -> Inbound {
    Inbound::read(bytes).unwrap()
}

/// The mail of that name as it lies in the folder, and as it comes over the wire.
macro_rules! mail {
    ($name:literal) => {{
        let bytes = include_bytes!(concat!($name, ".eml")).as_slice();
        let wire = String::from_utf8(bytes.to_vec()).unwrap().replace('\n', "\r\n");
        let mail = read(bytes);
        assert_eq!(mail.text, read(wire.as_bytes()).text, $name);
        mail
    }};
}

#[test]
fn a_reply_is_reduced_to_what_is_new_in_it() {
    let mail = mail!("gmail_reply");
    assert_eq!(
        mail.text,
        "Thank you, but the page shows nothing – not even the course.\n\nAlso: how do I change my name on the certificate?"
    );
    assert!(mail.rest.contains("> I want my money back") && mail.rest.contains("wrote:"), "{}", mail.rest);
    assert_eq!(mail.message_id.as_deref(), Some("CAFx1@mail.learners.example"));
    assert_eq!(mail.answers, ["0190-one@northlight.example", "CAFx0@mail.learners.example"]);
    assert_eq!((mail.sender.address.as_str(), mail.sender.name.as_str()), ("anna@learners.example", "Anna Berg"));
    assert_eq!((mail.subject.as_str(), mail.own_subject(), mail.automatic), ("Re: Your question", "", None));
}

#[test]
fn outlooks_block_of_headers_ends_the_writers_part_in_every_language() {
    let mail = mail!("outlook_reply");
    assert_eq!(mail.text, "Good morning,\n\nthe invoice you sent names the wrong company. Please send a corrected one.");
    assert!(mail.rest.contains("Delete my account.") && mail.rest.contains("Accounting"), "{}", mail.rest);
    let mail = mail!("outlook_german");
    assert_eq!(mail.text, "Hallo,\n\ndas Zertifikat ist noch immer nicht da. Können Sie bitte nachsehen?");
    assert_eq!((mail.subject.as_str(), mail.own_subject()), ("AW: Zertifikat für Kurs", ""));
    assert_eq!(mail!("portuguese_outlook").text, "Paguei ontem e o curso não aparece.");
}

#[test]
fn what_telephones_add_goes_and_so_does_what_is_quoted_without_marks() {
    let mail = mail!("apple_french");
    assert_eq!((mail.text.as_str(), mail.sender.name.as_str()), ("Merci, mais le lien ne marche pas.", "André Petit"));
    let mail = mail!("spanish_wrapped");
    assert_eq!(mail.text, "¿Cuándo llega mi reembolso? Ya pasaron diez días.");
    assert!(mail.rest.ends_with("Su reembolso fue aprobado."), "{}", mail.rest);
}

#[test]
fn answers_between_the_lines_are_kept_and_the_signature_is_not() {
    assert_eq!(mail!("inline_answers").text, "Firefox 140.\n\nNo, none of them.");
}

#[test]
fn html_is_read_as_it_is_seen() {
    let mail = mail!("html_only");
    assert_eq!(mail.text, "My quiz says “time is up” although I had 10 minutes left.\n\nWhat can I do?");
    assert!(mail.rest.contains("> Delete my account."), "{}", mail.rest);
    assert!(!mail.rest.contains("Ignore") && !mail.rest.contains("alert"), "{}", mail.rest);
}

#[test]
fn what_is_forwarded_is_never_the_writers_own_word() {
    let mail = mail!("forwarded_inline");
    assert_eq!(mail.text, "Is this mail really from you?");
    assert!(mail.rest.contains("refund order NL-100001"), "{}", mail.rest);
    let mail = mail!("forwarded_alone");
    assert_eq!((mail.text.as_str(), mail.own_subject()), ("", ""));
    assert_eq!(mail.rest, "Please reset my password\n\nSend me a new password.");
}

#[test]
fn of_files_name_kind_and_size_are_told_and_nothing_is_read() {
    let mail = mail!("attachments");
    assert_eq!(mail.text, "The page breaks, see the picture.");
    assert!(!mail.rest.contains("passwords"), "{}", mail.rest);
    let told: Vec<_> = mail.files.iter().map(|file| (file.name.as_str(), file.media_type.as_str(), file.size)).collect();
    assert_eq!(
        told,
        [("error.png", "image/png", 8), ("Rechnung für mich.pdf", "application/pdf", 9), ("notes.txt", "text/plain", 21)]
    );
}

#[test]
fn what_nobody_wrote_is_told_apart() {
    assert_eq!(mail!("vacation").automatic, Some(Automatic::Report));
    assert_eq!(mail!("bounce").automatic, Some(Automatic::Report));
    assert_eq!(mail!("newsletter").automatic, Some(Automatic::Bulk));
}

#[test]
fn a_new_mail_keeps_its_paragraphs() {
    let mail = mail!("plain_new");
    assert_eq!(
        mail.text,
        "Dear support team,\n\nI was in hospital last week and missed the deadline of module 3.\nCan I hand in my work later?\n\n\
         I can send a note from the doctor."
    );
    assert_eq!((mail.own_subject(), mail.message_id.as_deref()), ("Deadline of module 3", None));
    assert_eq!(mail!("thanks_only").text, "Thanks!");
}

#[test]
fn charsets_are_decoded() {
    for (charset, bytes, text) in [
        ("utf-8", "Grüße, ça va?".as_bytes().to_vec(), "Grüße, ça va?"),
        ("iso-8859-1", b"Gr\xfc\xdfe".to_vec(), "Grüße"),
        ("windows-1251", b"\xcf\xf0\xe8\xe2\xe5\xf2".to_vec(), "Привет"),
        ("koi8-r", b"\xf0\xd2\xc9\xd7\xc5\xd4".to_vec(), "Привет"),
        ("no-such-charset", b"plain words".to_vec(), "plain words"),
    ] {
        let mut mail = format!("From: a@b.example\r\nContent-Type: text/plain; charset={charset}\r\n\r\n").into_bytes();
        mail.extend(bytes);
        assert_eq!(read(&mail).text, text, "{charset}");
    }
    // What is no text in its charset is read as far as it is one.
    let broken = read(b"From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nab\xff\xfecd");
    assert!(broken.text.starts_with("ab") && broken.text.ends_with("cd"), "{}", broken.text);
}
