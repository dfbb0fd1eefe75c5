//! What pages show, and to whom.

use axum::body::Body;
use axum::http::Request;

use crate::testing::{ANNAS, BRUNOS, CERTIFICATE, COURSE, World};

const ESCAPED: &str = "Data &#60;b&#62;analysis&#60;/b&#62; from zero";

#[tokio::test]
async fn every_page_is_html_with_strict_headers_and_escaped_text() {
    let world = World::new().await;
    let cookie = world.sign_in(ANNAS).await;
    for path in [
        "/",
        "/sign-in",
        "/forgot-password",
        "/verify",
        "/verify/NL-7F3K-9QWD",
        "/verify/NL-0000-0000",
        "/nowhere",
        "/learning",
        "/certificates",
        "/orders",
    ] {
        for cookie in ["", cookie.as_str()] {
            let answer = world.get(path, cookie).await;
            let policy = answer.header("content-security-policy");
            assert!(
                policy.contains("script-src 'self' http://desk.example:8080;") && policy.contains("frame-ancestors 'none'"),
                "{path}: {policy}"
            );
            assert!(!policy.contains("unsafe"));
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(answer.header("cache-control"), "no-store");
            if answer.status == 303 {
                continue;
            }
            let html = answer.text();
            assert!(html.starts_with("<!doctype html>"), "{path}");
            assert!(
                !html.contains("<b>analysis")
                    && !html.contains("<i>Keller")
                    && !html.contains("style=\"")
                    && !html.contains("<script>"),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn the_chat_is_told_where_to_ask_who_is_signed_in() {
    let world = World::new().await;
    let html = world.get("/", "").await.text();
    let tag = r#"<script src="http://desk.example:8080/widget.js" defer data-identity="/support-identity" data-sign-in="/sign-in"></script>"#;
    assert!(html.contains(tag), "{html}");
    assert!(html.contains(ESCAPED) && html.contains("€49.00"), "{html}");
}

#[tokio::test]
async fn the_identity_is_for_who_is_signed_in() {
    let world = World::new().await;
    let nobody = world.get("/support-identity", "").await;
    assert_eq!((nobody.status.as_u16(), nobody.body.len()), (204, 0));
    let answer = world.get("/support-identity", &world.sign_in(ANNAS).await).await;
    assert_eq!(answer.json()["expires_at"], "2026-11-24T10:15:00Z");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
}

#[tokio::test]
async fn learners_see_their_own_things() {
    let world = World::new().await;
    let (anna, bruno) = (world.sign_in(ANNAS).await, world.sign_in(BRUNOS).await);
    let learning = world.get("/learning", &anna).await.text();
    assert!(
        learning.contains("2 of 2 lessons") && learning.contains("84 % best of 1") && learning.contains("Download the PDF"),
        "{learning}"
    );
    assert!(learning.contains("Anna &#60;i&#62;Keller&#60;/i&#62;"));
    let orders = world.get("/orders", &bruno).await.text();
    assert!(
        orders.contains("NL-100002") && orders.contains("Visa ending 4242") && orders.contains("Asked for on 24 November 2026."),
        "{orders}"
    );
    assert!(!orders.contains("NL-100001"));
    assert!(world.get("/certificates", &anna).await.text().contains("NL-7F3K-9QWD"));
    assert!(world.get("/certificates", &bruno).await.text().contains("No certificate yet"));
}

#[tokio::test]
async fn a_certificate_is_downloaded_by_its_owner_only() {
    let world = World::new().await;
    let (anna, bruno) = (world.sign_in(ANNAS).await, world.sign_in(BRUNOS).await);
    let path = format!("/certificates/{CERTIFICATE}.pdf");
    let pdf = world.get(&path, &anna).await;
    assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"));
    assert_eq!(pdf.header("content-disposition"), "attachment; filename=\"certificate-data-b-analysis-b-from-zero.pdf\"");
    assert!(pdf.body.starts_with(b"%PDF-"));
    assert_eq!(world.get(&path, "").await.header("location"), format!("/sign-in?next={path}"));
    let strangers = world.get(&path, &bruno).await;
    let unknown = world.get("/certificates/00000000-0000-0000-0000-000000000001.pdf", &bruno).await;
    assert_eq!((strangers.status.as_u16(), strangers.text()), (404, unknown.text()));
    for path in ["/certificates/x.pdf", &format!("/certificates/{CERTIFICATE}"), "/certificates/..%2F..%2Fetc%2Fpasswd.pdf"] {
        assert_eq!(world.get(path, &anna).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_completed_course_can_be_turned_into_a_certificate() {
    let world = World::new().await;
    let bruno = world.sign_in(BRUNOS).await;
    assert!(world.get("/learning", &bruno).await.text().contains("Make my certificate"));
    for _ in 0..2 {
        let asked = world.post("/certificates/request", &bruno, &format!("course={COURSE}")).await;
        assert_eq!((asked.status.as_u16(), asked.header("location")), (303, "/learning"));
    }
    assert!(world.get("/learning", &bruno).await.text().contains("being made"));
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!((mails.len(), mails[0].to_address.as_str()), (1, BRUNOS));
    assert!(mails[0].attachments[0].bytes.starts_with(b"%PDF-"));
    assert!(world.get("/learning", &bruno).await.text().contains("Download the PDF"));
    let unknown = world.post("/certificates/request", &bruno, "course=00000000-0000-0000-0000-000000000001").await;
    assert_eq!(unknown.status, 422);
}

#[tokio::test]
async fn anybody_can_check_a_certificate() {
    let world = World::new().await;
    assert_eq!(world.get("/verify?code=nl-7f3k-9qwd+", "").await.header("location"), "/verify/NL-7F3K-9QWD");
    let genuine = world.get("/verify/nl-7f3k-9qwd", "").await;
    assert_eq!(genuine.status, 200);
    assert!(genuine.text().contains("genuine") && genuine.text().contains(ESCAPED) && genuine.text().contains("23 November 2026"));
    let none = world.get("/verify/%3Cscript%3Ealert(1)", "").await;
    assert_eq!(none.status, 404);
    assert!(none.text().contains("SCRIPTALERT1"));
}

#[tokio::test]
async fn wrong_addresses_and_methods_are_answered_in_kind() {
    let world = World::new().await;
    let nowhere = world.get("/nowhere/at/all", "").await;
    assert_eq!((nowhere.status.as_u16(), nowhere.header("content-type")), (404, "text/html; charset=utf-8"));
    let api = world.call(world.support("GET", "/nowhere").body(Body::empty()).unwrap()).await;
    assert_eq!((api.status.as_u16(), api.header("content-type")), (404, "application/problem+json"));
    let css = world.get("/assets/academy.css", "").await;
    assert_eq!((css.status.as_u16(), css.header("cache-control")), (200, "no-cache"));
    let too_large = Request::post("/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("a=".to_owned() + &"b".repeat(20_000)));
    assert_eq!(world.call(too_large.unwrap()).await.status, 413);
}
