//! Revoking, and what a stranger can check.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::Role;
use crate::testing::{ANNA, ANNAS, BRUNOS, CERTIFICATE, World, credential_key};

const CODE: &str = "NL-7F3K-9QWD";

/// The academy with an administrator, who is signed in.
async fn administered() -> (World, String) {
    let world = World::new().await;
    let cookie = world.sign_in_as(Role::Administrator, "theo@northlight.example").await;
    (world, cookie)
}

fn form(reason: &str, note: &str) -> String {
    format!("code={CODE}&reason={reason}&note={note}")
}

#[tokio::test]
async fn a_revoked_certificate_is_told_apart_everywhere() {
    let (world, admin) = administered().await;
    let anna = world.sign_in(ANNAS).await;
    let found = world.get(&format!("/admin/certificates?code={}", CODE.to_lowercase()), &admin).await.text();
    assert!(found.contains("Revoke this certificate") && found.contains("Data &#60;b&#62;analysis"), "{found}");
    let path = format!("/admin/certificates/{CERTIFICATE}/revoke");
    // Incomplete forms change nothing and say why.
    for (fields, said) in [
        (form("integrity", "+"), "Write a note"),
        (form("mood", "Case+12"), "Choose why"),
        (form("integrity", &"x".repeat(501)), "longer than 500"),
    ] {
        let refused = world.post(&path, &admin, &fields).await;
        assert!(refused.status == 422 && refused.text().contains(said), "{}", refused.text());
    }
    assert!(world.get(&format!("/verify/{CODE}"), "").await.text().contains("genuine"));

    let done = world.post(&path, &admin, &form("integrity", "Case+%3Cb%3E12")).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, format!("/admin/certificates?code={CODE}").as_str()));
    let shown = world.get(done.header("location"), &admin).await.text();
    assert!(shown.contains("Case &#60;b&#62;12") && shown.contains("Take the revocation back"), "{shown}");

    let verify = world.get(&format!("/verify/{CODE}"), "").await;
    assert_eq!((verify.status.as_u16(), verify.header("x-robots-tag")), (200, "noindex"));
    let text = verify.text();
    assert!(text.contains("does not count any more") && text.contains("24 November 2026 (academic integrity)"), "{text}");
    assert!(!text.contains("genuine") && !text.contains("Case") && text.contains(r#"content="noindex""#), "{text}");
    for form in ["pdf", "svg", "jwt"] {
        let gone = world.get(&format!("/certificates/{CERTIFICATE}.{form}"), &anna).await;
        assert!(gone.status == 410 && gone.text().contains("revoked (academic integrity)"), "{form}: {}", gone.text());
    }
    let own = world.get("/certificates", &anna).await.text();
    assert!(own.contains("Revoked") && own.contains("academic integrity") && !own.contains(".pdf"), "{own}");
    assert!(world.get("/learning", &anna).await.text().contains("was revoked"));
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!((mails.len(), mails[0].to_address.as_str()), (1, ANNAS));
    assert!(
        mails[0].subject.contains("revoked") && mails[0].text.contains("academic integrity") && !mails[0].text.contains("Case")
    );

    // Support is told that it is gone, and the diagnosis says why.
    let identity = world.identity(&anna).await;
    let list = world.support("GET", "/me/certificates").header("porter-identity", &identity);
    assert_eq!(world.call(list.body(axum::body::Body::empty()).unwrap()).await.json()["certificates"], serde_json::json!([]));
    let resend = world.support("POST", &format!("/me/certificates/{CERTIFICATE}/resend")).header("porter-identity", &identity);
    let resend = resend.header("idempotency-key", uuid::Uuid::from_u128(1).to_string());
    let resend = world.call(resend.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!((resend.status.as_u16(), resend.json()["type"].as_str().unwrap()), (410, "urn:porter:problem:revoked"));
    let why = world.support("GET", "/me/diagnosis/certificate").header("porter-identity", &identity);
    let why = world.call(why.body(axum::body::Body::empty()).unwrap()).await.text();
    assert!(why.contains("certificate_revoked") && why.contains("academic integrity"), "{why}");

    let restored = world.post(&format!("/admin/certificates/{CERTIFICATE}/restore"), &admin, &format!("code={CODE}")).await;
    assert_eq!(restored.status, 303);
    assert!(world.get(&format!("/verify/{CODE}"), "").await.text().contains("genuine"));
    assert_eq!(world.get(&format!("/certificates/{CERTIFICATE}.pdf"), &anna).await.status, 200);
    world.work().await;
    assert!(world.outbox.take()[0].subject.contains("counts again"));
}

#[tokio::test]
async fn a_certificate_that_was_revoked_is_not_in_a_mail_that_waited() {
    let (world, admin) = administered().await;
    let id = crate::domain::CertificateId(CERTIFICATE);
    world.store.resend(uuid::Uuid::from_u128(1), ANNA, id, uuid::Uuid::from_u128(2), world.now()).await.unwrap();
    world.post(&format!("/admin/certificates/{CERTIFICATE}/revoke"), &admin, &form("refunded", "x")).await;
    world.work().await;
    let mails = world.outbox.take();
    assert!(mails.len() == 1 && mails[0].attachments.is_empty(), "{mails:?}");
}

#[tokio::test]
async fn only_administrators_revoke() {
    let world = World::new().await;
    let path = format!("/admin/certificates/{CERTIFICATE}/revoke");
    for cookie in [String::new(), world.sign_in(ANNAS).await, world.sign_in_as(Role::Instructor, "ina@northlight.example").await] {
        let page = world.get("/admin/certificates", &cookie).await;
        let post = world.post(&path, &cookie, &form("integrity", "x")).await;
        assert!(matches!(page.status.as_u16(), 303 | 404) && matches!(post.status.as_u16(), 303 | 404), "{page:?}");
    }
    assert!(world.get(&format!("/verify/{CODE}"), "").await.text().contains("genuine"));
    assert!(world.outbox.take().is_empty() && world.work().await.is_empty());
}

#[tokio::test]
async fn a_credential_leads_to_the_key_that_verifies_it_and_to_the_list_of_what_was_revoked() {
    let (world, admin) = administered().await;
    let (anna, bruno) = (world.sign_in(ANNAS).await, world.sign_in(BRUNOS).await);
    let path = format!("/certificates/{CERTIFICATE}.jwt");
    assert_eq!(world.get(&path, &bruno).await.status, 404);
    let file = world.get(&path, &anna).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/vc+jwt"));
    let jws = file.text();
    let part = |number| {
        let text = jws.split('.').nth(number).unwrap();
        serde_json::from_slice::<serde_json::Value>(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    let (header, credential) = (part(0), part(1));
    let at = |address: &serde_json::Value| address.as_str().unwrap().strip_prefix("http://academy.example").unwrap().to_owned();
    let key = world.get(&at(&header["kid"]), "").await;
    assert_eq!((key.json(), key.header("access-control-allow-origin")), (credential_key().jwk(), "*"));
    assert_eq!(world.get("/.well-known/jwks.json", "").await.json()["keys"], serde_json::json!([credential_key().jwk()]));
    assert_eq!(world.get("/credentials/keys/none", "").await.status, 404);
    let profile = world.get(&at(&credential["issuer"]["id"]), "").await.json();
    assert_eq!(profile["id"], credential["issuer"]["id"]);
    let list = at(&credential["credentialStatus"]["id"]);
    assert_eq!(world.get(&list, "").await.json()["revokedCredential"], serde_json::json!([]));
    world.post(&format!("/admin/certificates/{CERTIFICATE}/revoke"), &admin, &form("integrity", "x")).await;
    let listed = world.get(&list, "").await;
    assert_eq!(listed.json()["revokedCredential"][0]["id"], credential["id"]);
    assert!(!listed.text().contains(CODE) && !listed.text().contains("Anna"), "{}", listed.text());

    // The key is replaced; what the old one signed can still be checked.
    world.store.publish_key("old", &serde_json::json!({ "kid": "old" }), world.now()).await.unwrap();
    assert_eq!(world.get("/credentials/keys/old", "").await.json(), serde_json::json!({ "kid": "old" }));
    assert_eq!(world.get("/.well-known/jwks.json", "").await.json()["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_badge_is_a_picture_with_the_credential_in_it() {
    let world = World::new().await;
    let anna = world.sign_in(ANNAS).await;
    let badge = world.get(&format!("/certificates/{CERTIFICATE}.svg"), &anna).await;
    assert_eq!((badge.status.as_u16(), badge.header("content-type")), (200, "image/svg+xml"));
    let credential = world.get(&format!("/certificates/{CERTIFICATE}.jwt"), &anna).await.text();
    assert!(badge.text().contains(&format!(r#"<openbadges:credential verify="{credential}">"#)));
    assert!(!badge.text().contains("<b>"), "{}", badge.text());
}

#[tokio::test]
async fn the_page_shows_the_code_that_leads_to_it() {
    let world = World::new().await;
    let page = world.get(&format!("/verify/{CODE}"), "").await.text();
    let code = porter_documents::Qr::of(&format!("http://academy.example/verify/{CODE}")).unwrap();
    assert!(page.contains(&code.svg_path()), "{page}");
}
