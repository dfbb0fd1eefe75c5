//! Bytes that no mail program would send.

use porter_mail::inbound::{Inbound, InboundError, MAX_BYTES};
use proptest::prelude::*;

const HEAD: &str = "From: a@b.example\r\nSubject: x\r\n";

#[test]
fn what_is_no_mail_is_refused_with_what_to_do() {
    for nothing in ["", "\r\n\r\n", "just words", "\0\0\0"] {
        let error = Inbound::read(nothing.as_bytes()).unwrap_err();
        assert!(matches!(error, InboundError::NoMail | InboundError::NoSender), "{nothing:?}");
    }
    let error = Inbound::read(b"Subject: x\r\n\r\nHello").unwrap_err();
    assert_eq!(error, InboundError::NoSender);
    assert!(error.to_string().contains("From"));
}

/// Base64, by hand: the tests need no more of it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| usize::from(three.get(at).copied().unwrap_or(0)));
        for sextet in [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63] {
            text.push(char::from(LETTERS[sextet]));
        }
    }
    text
}

#[test]
fn mails_in_mails_in_mails_end_no_process() {
    let level = "Content-Type: message/rfc822\r\n\r\n";
    let plain = format!("{HEAD}{}hello", level.repeat(200_000));
    // As deep as it goes where nobody sees it: in an encoded part, whole, just below the size that is read of such a mail.
    let nested = base64("Content-Type:message/rfc822\n\n".repeat(1_670).as_bytes());
    let encoded = format!("{HEAD}Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{nested}");
    assert!(encoded.len() < 64 << 10 && encoded.len() > 62 << 10, "{}", encoded.len());
    let digest = format!(
        "{HEAD}Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n{nested}\r\n--b--"
    );
    let multiparts: String =
        (0..50_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n")).collect();
    for mail in [plain, encoded, digest, format!("{HEAD}{multiparts}hello")] {
        let read = Inbound::read(mail.as_bytes()).unwrap();
        assert_eq!(read.sender.address, "a@b.example");
    }
}

#[test]
fn the_largest_mail_costs_no_more_than_its_size() {
    for body in
        ["> quoted\n", "On Monday\n", "<div>", "--\n", "From: x\n", "a@b ", "Tel: 1234567890\n", "Content-Type: text/plain\n\n"]
    {
        for kind in ["text/plain", "text/html"] {
            let mail = format!("{HEAD}Content-Type: {kind}\r\n\r\n{}", body.repeat(MAX_BYTES / body.len() / 16));
            let read = Inbound::read(mail.as_bytes()).unwrap();
            assert!(read.text.chars().count() <= 20_000 && read.rest.chars().count() <= 20_000);
        }
    }
}

/// Words that appear nowhere else, and what mail programs put around them.
fn pieces() -> impl Strategy<Value = Vec<String>> {
    let piece = prop_oneof![
        "[a-z]{3,9}".prop_map(|word| format!("w{word} ")),
        prop::sample::select(
            &[
                "\n",
                "\r\n\r\n",
                "> ",
                "-- \n",
                "On 12 May 2026 at 10:00 A <a@b.example> wrote:\n",
                "From: P\nSent: x\nTo: y\nSubject: z\n",
                "-----Original Message-----\n",
                "Kind regards,\n",
                "Sent from my iPhone\n",
                "<div>",
                "</div>",
                "<blockquote>",
                "</blockquote>",
                "<p style='display:none'>",
                "<br>",
                "&amp;",
                "&#x41;",
                "<script>",
                "</script>",
                "--b\r\n",
                "Content-Type: text/html\r\n\r\n",
                "\0",
                "é",
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..600), cut in 0_usize..2_000) {
        let _ = Inbound::read(&bytes);
        let mut mail = HEAD.as_bytes().to_vec();
        mail.extend(&bytes);
        let _ = Inbound::read(&mail);
        for whole in [include_bytes!("attachments.eml").as_slice(), include_bytes!("bounce.eml")] {
            let mut cut_off = whole[..cut.min(whole.len())].to_vec();
            cut_off.extend(&bytes);
            let _ = Inbound::read(&cut_off);
        }
    }

    #[test]
    fn nothing_is_said_that_is_not_in_the_mail(pieces in pieces(), html: bool, multipart: bool) {
        let body = pieces.concat();
        let kind = match (multipart, html) {
            (true, _) => "multipart/mixed; boundary=b",
            (false, true) => "text/html; charset=utf-8",
            (false, false) => "text/plain; charset=utf-8",
        };
        let mail = format!("{HEAD}Content-Type: {kind}\r\n\r\n{body}");
        let read = Inbound::read(mail.as_bytes()).unwrap();
        for text in [&read.text, &read.rest] {
            for word in text.split(|char: char| !char.is_ascii_lowercase()).filter(|word| word.len() > 3) {
                prop_assert!(mail.contains(word), "{word:?} of {text:?} is not in {mail:?}");
            }
        }
        // Each of the writer's words is said as often as it was written at most.
        let mut own: Vec<&str> = read.text.split_whitespace().filter(|word| word.starts_with('w') && word.len() > 3).collect();
        own.sort_unstable();
        for words in own.chunk_by(|a, b| a == b) {
            prop_assert!(mail.matches(words[0]).count() >= words.len());
        }
    }
}
