//! What the mailbox shows, and what it keeps from being run.

use axum::body::Body;
use axum::extract::Request;
use porter_mail::{Mail, Mailer as _};
use tower::ServiceExt as _;

use crate::harness::{House, mail};

#[tokio::test]
async fn the_page_shows_a_mail_and_lets_it_do_nothing() {
    let house = House::new().await;
    assert!(house.page("/").await.contains("No mail yet"));
    house.mailer.send(&Mail { subject: "<img src=x onerror=alert(1)>".to_owned(), ..mail() }).await.unwrap();
    let id = house.newest().await["id"].as_str().unwrap().to_owned();

    let (status, headers, body) = house.get("/").await;
    let list = String::from_utf8(body).unwrap();
    assert_eq!(status, 200);
    assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
    assert!(list.contains(&format!("href=\"/mail/{id}\"")) && list.contains("zoe@learners.example"));
    assert!(!list.contains("<img src=x"), "the subject is text");

    let mail = house.page(&format!("/mail/{id}")).await;
    assert!(
        mail.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\"")
            && !mail.contains("alert(1)</script>")
            && !mail.contains("<img src=x")
    );
    assert!(mail.contains("Zertifikat für Zoë.pdf") && mail.contains("100 kB"));

    let (_, headers, body) = house.get(&format!("/mail/{id}/html")).await;
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'")
            && policy.contains("sandbox")
            && !policy.contains("allow-scripts")
            && !policy.contains("allow-same-origin")
    );
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert!(String::from_utf8(body).unwrap().contains("<a href=\"https://academy.example/reset\">"));

    let (_, headers, body) = house.get(&format!("/mail/{id}/raw")).await;
    assert!(
        headers["content-type"].to_str().unwrap().starts_with("text/plain")
            && body.starts_with(b"Return-Path: <support@northlight.example>\r\n")
    );
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let house = House::new().await;
    let none = "00000000-0000-7000-8000-00000000ffff";
    for path in [
        format!("/mail/{none}"),
        format!("/mail/{none}/html"),
        format!("/mail/{none}/raw"),
        format!("/mail/{none}/attachment/0"),
        "/nothing".to_owned(),
    ] {
        let (status, _, body) = house.get(&path).await;
        assert_eq!(status, 404, "{path}");
        assert!(String::from_utf8(body).unwrap().contains("This is not here"), "{path}");
    }
    let (status, headers, _) = house.get(&format!("/api/mails/{none}")).await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (404, "application/problem+json"));
    assert_eq!(house.get("/mail/seven").await.0, 400);
}

#[tokio::test]
async fn only_mail_to_an_address_is_asked_for_and_pages_go_back() {
    let house = House::new().await;
    for n in 0..60 {
        let to = if n % 20 == 0 { "anna@learners.example" } else { "zoe@learners.example" };
        let mail = Mail {
            to_address: to.to_owned(),
            subject: format!("mail {n}"),
            html: String::new(),
            attachments: Vec::new(),
            ..mail()
        };
        house.mailer.send(&mail).await.unwrap();
    }
    let anna = house.json("/api/mails?to=Anna@learners.example").await;
    let subjects: Vec<_> = anna["mails"].as_array().unwrap().iter().map(|mail| mail["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["mail 40", "mail 20", "mail 0"]);
    assert_eq!(house.json("/api/mails?to=nobody@learners.example").await["mails"], serde_json::json!([]));
    let page = house.page("/").await;
    assert!(page.contains("mail 59<") && page.contains("mail 10<") && !page.contains("mail 9<"));
    let older = page.split("/?before=").nth(1).expect("there is older mail").split('"').next().unwrap();
    let page = house.page(&format!("/?before={older}")).await;
    assert!(page.contains("mail 9<") && page.contains("mail 0<") && !page.contains("mail 10<") && !page.contains("before="));
}

#[tokio::test]
async fn a_foreign_name_for_this_machine_is_not_answered() {
    let house = House::new().await;
    for (host, expected) in [("127.0.0.1:8025", 200), ("localhost:8025", 200), ("evil.example", 421)] {
        let request = Request::get("/api/mails").header("host", host).body(Body::empty()).unwrap();
        assert_eq!(house.pages.clone().oneshot(request).await.unwrap().status().as_u16(), expected, "{host}");
    }
}
