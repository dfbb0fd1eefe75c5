//! Servers that do not behave: no answer of theirs is believed, and an effect that may have happened is told apart from one that cannot have.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::academy::listen;
use super::*;
use crate::http_lms::Patience;
use crate::{HttpLms, HttpLmsError, Lms, LmsError, Topic};

const KEY: Uuid = Uuid::from_u128(1);
const PATIENCE: Patience = Patience { connect: Duration::from_millis(500), whole: Duration::from_millis(500) };

fn client(address: &str) -> HttpLms {
    HttpLms::patient(address, "let-me-in", PATIENCE).unwrap()
}

/// A server that gives this answer to everything.
async fn answering(status: u16, body: impl Into<Bytes>) -> HttpLms {
    let body = body.into();
    let answer = move || async move { (StatusCode::from_u16(status).unwrap(), body) };
    client(&listen(Router::new().fallback(answer)).await)
}

/// What a look and an effect come to.
async fn asked(lms: &HttpLms) -> (LmsError, LmsError) {
    let anna = Desk::new().anna().await;
    let look = lms.diagnose(&anna, Topic::Refund, None).await.unwrap_err();
    (look, lms.send_reset(&anna, KEY).await.unwrap_err())
}

/// Nothing can have happened.
fn is_down(error: &LmsError) -> bool {
    matches!(error, LmsError::Down(_))
}

/// A look is down, and an effect may have happened.
async fn leaves_open_what_happened(lms: &HttpLms) {
    let (look, effect) = asked(lms).await;
    assert!(is_down(&look), "{look:?}");
    assert!(matches!(effect, LmsError::Unclear(_)), "{effect:?}");
}

#[tokio::test]
async fn what_a_status_means() {
    for (status, expected) in [(404, (LmsError::NotFound, LmsError::NotFound)), (429, (LmsError::Busy, LmsError::Busy))] {
        assert_eq!(asked(&answering(status, "").await).await, expected, "{status}");
    }
    let signed_out = answering(401, r#"{"type":"urn:porter:problem:signed-out"}"#).await;
    assert_eq!(asked(&signed_out).await, (LmsError::SignedOut, LmsError::SignedOut));
    for status in [400, 401, 403, 405, 415, 422] {
        let (look, effect) = asked(&answering(status, "").await).await;
        assert!(is_down(&look) && is_down(&effect), "{status}: {look:?} {effect:?}");
    }
    for status in [200, 202, 204, 500, 502, 503] {
        leaves_open_what_happened(&answering(status, "").await).await;
    }
    let conflict = answering(409, "").await;
    assert_eq!(asked(&conflict).await.1, LmsError::KeyUsed);
    // Without a person in the request, nobody can have signed out.
    let form = crate::AddressForm::parse("anna@example.com").unwrap();
    assert!(is_down(&signed_out.send_reset_to(&form, KEY).await.unwrap_err()));
}

#[tokio::test]
async fn only_the_documented_word_sends_a_student_to_sign_in() {
    for body in ["", "<html>", "{}", r#"{"type":"urn:porter:problem:unauthorized"}"#, r#"{"type":null}"#, r#""signed-out""#] {
        let (look, effect) = asked(&answering(401, body).await).await;
        assert!(is_down(&look) && is_down(&effect), "{body}: {look:?} {effect:?}");
    }
    let forbidden = answering(403, r#"{"type":"urn:porter:problem:signed-out"}"#).await;
    assert!(is_down(&asked(&forbidden).await.0));
}

#[tokio::test]
async fn what_is_not_as_documented_is_no_answer() {
    let anna = Desk::new().anna().await;
    for body in [
        "",
        "<html>sign in to the wireless network</html>",
        "[]",
        "{}",
        r#"{"findings":[]}"#,
        r#"{"findings":[{"about":"x"}]}"#,
        r#"{"findings":null,"learner_id":"1","name":"Anna","expires_at":"soon"}"#,
        "{\"findings\":[",
        "\u{feff}{}",
    ] {
        let lms = answering(200, body).await;
        assert!(is_down(&lms.diagnose(&anna, Topic::Refund, None).await.unwrap_err()), "{body}");
        assert!(is_down(&lms.identify(&token("anna")).await.unwrap_err()), "{body}");
        let lms = answering(202, body).await;
        assert!(matches!(lms.send_reset(&anna, KEY).await.unwrap_err(), LmsError::Unclear(_)), "{body}");
    }
}

#[tokio::test]
async fn no_answer_repeats_what_the_server_wrote() {
    let body = r#"{"link_minutes":"anna@example.com","sent_to":"anna@example.com","asked_at":"anna@example.com"}"#;
    let error = answering(202, body).await.send_reset(&Desk::new().anna().await, KEY).await.unwrap_err();
    assert!(error.to_string().contains("not as documented") && !error.to_string().contains('@'), "{error}");
}

#[tokio::test]
async fn an_answer_about_another_certificate_is_not_believed() {
    let certificate = format!(r#"{{"id":"{WELDING}","course":"Welding","issued_at":"2026-11-24T10:00:00Z","code":"x"}}"#);
    let body = format!(r#"{{"certificate":{certificate},"sent_to":"a","asked_at":"2026-11-24T10:00:00Z"}}"#);
    let lms = answering(202, body).await;
    let anna = Desk::new().anna().await;
    assert!(matches!(lms.resend_certificate(&anna, YOGA, KEY).await, Err(LmsError::Unclear(_))));
    assert_eq!(lms.resend_certificate(&anna, WELDING, KEY).await.unwrap().certificate.course, "Welding");
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_given_up() {
    let long = |padding: usize| format!(r#"{{"certificates":[],"padding":"{}"}}"#, "x".repeat(padding));
    let anna = Desk::new().anna().await;
    assert_eq!(answering(200, long(200 * 1024)).await.certificates(&anna).await, Ok(Vec::new()));
    let error = answering(200, long(300 * 1024)).await.certificates(&anna).await.unwrap_err();
    assert!(matches!(&error, LmsError::Down(why) if why.contains("longer than")), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let followed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&followed);
    let follow = move || async move {
        count.fetch_add(1, Ordering::Relaxed);
    };
    let elsewhere = listen(Router::new().fallback(follow)).await;
    let redirect = move || async move { (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, elsewhere)]) };
    let (look, effect) = asked(&client(&listen(Router::new().fallback(redirect)).await)).await;
    assert!(is_down(&look) && is_down(&effect), "{look:?} {effect:?}");
    assert_eq!(followed.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_closed_port_did_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (look, effect) = asked(&client(&address)).await;
    assert!(is_down(&look) && is_down(&effect), "{look:?} {effect:?}");
}

#[tokio::test]
async fn a_server_that_hangs_is_left_after_a_while() {
    let hangs = || std::future::pending::<StatusCode>();
    leaves_open_what_happened(&client(&listen(Router::new().fallback(hangs)).await)).await;
}

/// Reads a request from a connection.
async fn request(connection: &mut tokio::net::TcpStream) -> String {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut piece = [0; 1_024];
        let read = connection.read(&mut piece).await.unwrap();
        assert!(read > 0, "the request ends early");
        request.extend_from_slice(&piece[..read]);
    }
    String::from_utf8(request).unwrap()
}

#[tokio::test]
async fn a_broken_connection_is_tried_once_more_with_the_same_key() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let lms = client(&format!("http://{}", listener.local_addr().unwrap()));
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&seen);
    tokio::spawn(async move {
        for number in 0.. {
            let (mut connection, _) = listener.accept().await.unwrap();
            let request = request(&mut connection).await;
            heard.lock().unwrap().push(request);
            // Heard, and hung up without a word: it may have been carried out.
            if number == 1 {
                let body = r#"{"sent_to":"a•••@example.com","link_minutes":30,"asked_at":"2026-11-24T10:00:00Z"}"#;
                let head = format!("HTTP/1.1 202 Accepted\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                connection.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        }
    });
    let anna = Desk::new().anna().await;
    assert_eq!(lms.send_reset(&anna, KEY).await.unwrap().link_minutes, 30);
    let requests = std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(requests.len(), 2);
    for request in requests {
        let request = request.to_lowercase();
        assert!(request.starts_with("post /support/v1/me/password-reset http/1.1\r\n"), "{request}");
        for header in [&format!("idempotency-key: {KEY}"), "porter-identity: anna", "authorization: bearer let-me-in"] {
            assert!(request.contains(&format!("\r\n{header}\r\n")), "{header}: {request}");
        }
    }
    // Twice, and not for ever.
    let error = lms.send_reset(&anna, KEY).await.unwrap_err();
    assert!(matches!(error, LmsError::Unclear(_)), "{error:?}");
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[test]
fn a_wrong_setting_is_named() {
    for address in ["", "academy", "ftp://academy", "http://", "http://academy?x=1", "http://academy#x", "file:///etc/passwd"] {
        assert!(matches!(HttpLms::new(address, "token"), Err(HttpLmsError::Address(_))), "{address}");
    }
    for token in ["", "two words", "line\nbreak", "grüße"] {
        assert!(matches!(HttpLms::new("http://academy", token), Err(HttpLmsError::ServiceToken)), "{token:?}");
    }
    assert!(HttpLms::new("https://academy.example/lms/", "token").is_ok());
}
