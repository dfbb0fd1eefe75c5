//! What the mailer makes of a server that takes, refuses, hangs up or hangs.

use std::sync::Arc;
use std::time::Duration;

use porter_mail::sink::{Refusal, Stage};
use porter_mail::{Mail, MailError, Mailer as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::harness::{House, mail, mailer};

#[tokio::test]
async fn a_mail_arrives_as_it_was_sent() {
    let (house, sent) = (House::new().await, mail());
    house.mailer.send(&sent).await.unwrap();
    let got = house.newest().await;
    assert_eq!(got["to"], serde_json::json!(["zoe@learners.example"]));
    assert_eq!(got["header_to"], "Zoë Ångström-Łukasiewicz <zoe@learners.example>");
    assert_eq!(got["from"], "Northlight Academy <support@northlight.example>");
    assert_eq!(got["envelope_from"], "support@northlight.example");
    assert_eq!(got["subject"], sent.subject.as_str());
    assert_eq!(got["message_id"], sent.message_id.as_str());
    assert_eq!(got["text"], sent.text.as_str());
    assert_eq!(got["html"], sent.html.as_str());
    assert_eq!(got["received_at"], "2026-11-24T10:00:00Z");
    let file = &got["attachments"][0];
    assert_eq!(
        (&file["file_name"], &file["media_type"], &file["size"]),
        (&"Zertifikat für Zoë.pdf".into(), &"application/pdf".into(), &100_000.into())
    );
    assert_eq!(got["attachments"].as_array().unwrap().len(), 1);

    let (status, headers, bytes) = house.get(&format!("/mail/{}/attachment/0", got["id"].as_str().unwrap())).await;
    assert_eq!((status, bytes), (200, sent.attachments[0].bytes.clone()));
    assert_eq!(headers["content-disposition"], "attachment; filename*=UTF-8''Zertifikat%20f%C3%BCr%20Zo%C3%AB.pdf");
    assert_eq!(
        (headers["content-type"].to_str().unwrap(), headers["x-content-type-options"].to_str().unwrap()),
        ("application/pdf", "nosniff")
    );
}

#[tokio::test]
async fn the_text_arrives_whatever_its_lines_are() {
    let house = House::new().await;
    for (text, arrives) in [
        (".", "."),
        (".\n", ".\r\n"),
        ("\r\n.\r\n", "\r\n.\r\n"),
        ("a\n..\n...b\n", "a\r\n..\r\n...b\r\n"),
        (
            "MAIL FROM:<x@y>\nRCPT TO:<eve@evil.example>\nDATA\n.\n",
            "MAIL FROM:<x@y>\r\nRCPT TO:<eve@evil.example>\r\nDATA\r\n.\r\n",
        ),
        ("", ""),
    ] {
        let mail = Mail { text: text.to_owned(), attachments: Vec::new(), ..mail() };
        house.mailer.send(&mail).await.unwrap();
        assert_eq!(house.newest().await["text"], arrives, "{text:?}");
    }
    assert_eq!(house.count().await, 6);
    let long = format!(".{}", "x".repeat(5_000));
    house.mailer.send(&Mail { text: long.clone(), ..mail() }).await.unwrap();
    assert_eq!(house.newest().await["text"], long);
}

#[tokio::test]
async fn hostile_names_and_subjects_reach_nobody_else() {
    let house = House::new().await;
    for hostile in [
        "Anna\r\nBcc: eve@evil.example",
        "x> <eve@evil.example>",
        "eve@evil.example, ",
        "a\r\n.\r\nMAIL FROM:<x@y>\r\n",
        "\u{202e}\0",
    ] {
        let mail = Mail { to_name: hostile.to_owned(), subject: hostile.to_owned(), ..mail() };
        house.mailer.send(&mail).await.unwrap();
        let got = house.newest().await;
        assert_eq!(got["to"], serde_json::json!(["zoe@learners.example"]), "{hostile:?}");
        let names: Vec<_> =
            got["headers"].as_array().unwrap().iter().map(|header| header[0].as_str().unwrap().to_lowercase()).collect();
        assert!(!names.iter().any(|name| name == "bcc" || name == "cc"), "{names:?}");
        assert_eq!(names.iter().filter(|name| *name == "to").count(), 1);
        assert_eq!(got["message_id"], "0190-1@northlight.example");
    }
    assert_eq!(house.count().await, 5);
}

#[tokio::test]
async fn refusals_are_told_apart_and_the_next_mail_is_none_the_worse() {
    let house = House::new().await;
    for stage in [Stage::Sender, Stage::Recipient, Stage::Content] {
        house.refusals.push(stage, Refusal::Never);
        house.refusals.push(stage, Refusal::Later);
        let never = house.mailer.send(&mail()).await.unwrap_err();
        assert_eq!(never, MailError::Never("it answered 550 5.1.1".to_owned()), "{stage:?}");
        let later = house.mailer.send(&mail()).await.unwrap_err();
        assert_eq!(later, MailError::Later("it answered 451 4.3.0".to_owned()), "{stage:?}");
    }
    assert_eq!(house.count().await, 0);
    house.mailer.send(&mail()).await.unwrap();
    assert_eq!(house.count().await, 1);
}

#[tokio::test]
async fn a_lost_answer_means_again_with_the_same_id() {
    let house = House::new().await;
    house.refusals.push(Stage::Content, Refusal::HangUp);
    assert!(matches!(house.mailer.send(&mail()).await, Err(MailError::Later(_))));
    house.mailer.send(&mail()).await.unwrap();
    let mails = house.json("/api/mails").await;
    let ids: Vec<_> = mails["mails"].as_array().unwrap().iter().map(|mail| mail["message_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["0190-1@northlight.example"; 2], "twice, and a mail program can tell");
}

#[tokio::test]
async fn a_server_that_is_down_is_a_reason_to_try_again() {
    let house = House::new().await;
    house.mailer.send(&mail()).await.unwrap();
    house.shutdown.trigger();
    house.serving.await.unwrap();
    // Over the connection that was kept open, and over a new one.
    for _ in 0..2 {
        assert!(matches!(house.mailer.send(&mail()).await, Err(MailError::Later(_))));
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_or_nonsense_is_a_reason_to_try_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let silent = mailer(address).with_time_limit(Duration::from_millis(50));
    assert_eq!(silent.send(&mail()).await, Err(MailError::Later("it did not answer in time".to_owned())));

    let nonsense = tokio::spawn(async move {
        let mut answered = Vec::new();
        for answer in [
            "",
            "HTTP/1.1 400 Bad Request\r\n\r\n",
            "535 5.7.8 zoe@learners.example may not\r\n",
            "554 5.3.2 zoe@learners.example: no service\r\n",
        ] {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            answered.push(stream);
        }
    });
    let mailer = mailer(address);
    // The first connection is the silent mailer's.
    let errors =
        [mailer.send(&mail()).await.unwrap_err(), mailer.send(&mail()).await.unwrap_err(), mailer.send(&mail()).await.unwrap_err()];
    assert!(matches!(errors[0], MailError::Later(_)), "{errors:?}");
    assert_eq!(errors[1], MailError::Later("it answered 535 5.7.8".to_owned()), "the password is wrong, not the mail");
    assert_eq!(errors[2], MailError::Never("it answered 554 5.3.2".to_owned()));
    assert!(!format!("{errors:?}").contains("zoe"));
    nonsense.await.unwrap();
}

#[tokio::test]
async fn a_sending_given_up_half_way_does_not_answer_for_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mailer = Arc::new(mailer(listener.local_addr().unwrap()));
    let first = tokio::spawn({
        let mailer = Arc::clone(&mailer);
        async move { mailer.send(&mail()).await }
    });
    // A server that has everything and owes the last answer.
    let (mut stream, _) = listener.accept().await.unwrap();
    stream.write_all(b"220 x\r\n250 x\r\n250 from\r\n250 to\r\n354 go\r\n").await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n.\r\n") {
        seen.push(stream.read_u8().await.unwrap());
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    stream.write_all(b"250 the first\r\n250 noop\r\n250 from\r\n250 to\r\n354 go\r\n").await.unwrap();

    let mut second = tokio::spawn(async move { mailer.send(&mail()).await });
    let mut fresh = tokio::select! {
        accepted = listener.accept() => accepted.unwrap().0,
        ended = &mut second => panic!("the first one's answers were taken for its own: {ended:?}"),
    };
    fresh.write_all(b"220 x\r\n250 x\r\n550 5.1.1 never\r\n221 x\r\n").await.unwrap();
    assert_eq!(second.await.unwrap(), Err(MailError::Never("it answered 550 5.1.1".to_owned())));
}
