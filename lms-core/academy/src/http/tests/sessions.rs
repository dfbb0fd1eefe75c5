//! Signing in and out, and who may send forms.

use axum::body::Body;
use axum::http::Request;

use crate::testing::{ANNAS, BRUNOS, HANNAS, PASSWORD, World};

#[tokio::test]
async fn signing_in_opens_the_pages_and_signing_out_closes_them() {
    let world = World::new().await;
    assert_eq!(world.get("/learning", "").await.header("location"), "/sign-in?next=/learning");
    let answer =
        world.post("/sign-in", "", &format!("email=+Anna.Keller%40LEARNER.example+&password={}", PASSWORD.replace(' ', "+"))).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/learning"));
    let set = answer.header("set-cookie");
    assert!(
        set.starts_with("academy_session=") && set.contains("HttpOnly; SameSite=Lax") && set.contains("Max-Age=1209600"),
        "{set}"
    );
    let cookie = answer.cookie();
    assert_eq!(world.get("/learning", &cookie).await.status, 200);
    assert_eq!(world.get("/sign-in?next=/orders", &cookie).await.header("location"), "/orders");

    let out = world.post("/sign-out", &cookie, "").await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(world.get("/learning", &cookie).await.status, 303);
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let world = World::new().await;
    let cookie = world.sign_in(ANNAS).await;
    world.clock.advance(std::time::Duration::from_hours(14 * 24));
    assert_eq!(world.get("/learning", &cookie).await.status, 303);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_are_answered_alike() {
    let world = World::new().await;
    let unknown = world.post("/sign-in", "", "email=x%40learner.example&password=wrong").await;
    let wrong = world.post("/sign-in", "", &format!("email={ANNAS}&password=wrong")).await;
    let locked = world.post("/sign-in", "", &format!("email={HANNAS}&password=wrong")).await;
    for (answer, email) in [(&unknown, "x@learner.example"), (&wrong, ANNAS), (&locked, HANNAS)] {
        assert_eq!(answer.status, 401);
        assert!(answer.headers.get("set-cookie").is_none());
        assert_eq!(answer.text().replace(email, "@"), unknown.text().replace("x@learner.example", "@"));
    }
    assert!(!wrong.text().contains("locked"));
}

#[tokio::test]
async fn a_locked_account_is_told_so_only_with_the_right_password() {
    let world = World::new().await;
    let answer = world.post("/sign-in", "", &format!("email={HANNAS}&password={}", PASSWORD.replace(' ', "+"))).await;
    assert_eq!(answer.status, 403);
    assert!(answer.headers.get("set-cookie").is_none());
    assert!(answer.text().contains("This account is locked") && answer.text().contains("data-porter-open"));
}

#[tokio::test]
async fn guessing_is_slowed_down_for_one_address_and_not_for_another() {
    let world = World::new().await;
    for _ in 0..10 {
        assert_eq!(world.post("/sign-in", "", &format!("email={ANNAS}&password=guess")).await.status, 401);
    }
    let held = world.post("/sign-in", "", &format!("email={ANNAS}&password={}", PASSWORD.replace(' ', "+"))).await;
    assert_eq!(held.status, 429);
    assert!(held.text().contains("Please wait a minute"));
    world.sign_in(BRUNOS).await;
}

#[tokio::test]
async fn signing_in_never_leads_to_another_site() {
    let world = World::new().await;
    for (next, goal) in [
        ("%2Forders", "/orders"),
        ("%2F%2Fevil.example", "/learning"),
        ("%2F%5Cevil.example", "/learning"),
        ("https%3A%2F%2Fevil.example", "/learning"),
        ("%2F%09%2Fevil.example", "/learning"),
        ("%2Fx%0D%0ASet-Cookie%3A+a%3Db", "/learning"),
    ] {
        let form = format!("email={BRUNOS}&password={}&next={next}", PASSWORD.replace(' ', "+"));
        let answer = world.post("/sign-in", "", &form).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, goal), "{next}");
        let page = world.get(&format!("/sign-in?next={next}"), "").await;
        assert!(!page.text().contains("evil.example"), "{next}");
        let signed_in = world.get(&format!("/sign-in?next={next}"), &answer.cookie()).await;
        assert_eq!(signed_in.header("location"), goal, "{next}");
    }
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let world = World::new().await;
    let old = world.sign_in(ANNAS).await;
    let answer = world.post("/sign-in", &old, &format!("email={BRUNOS}&password={}", PASSWORD.replace(' ', "+"))).await;
    assert_eq!(answer.status, 303);
    assert_eq!(world.get("/learning", &old).await.status, 303);
    assert_eq!(world.get("/learning", &answer.cookie()).await.status, 200);
}

#[tokio::test]
async fn forms_of_other_sites_do_nothing() {
    let world = World::new().await;
    let cookie = world.sign_in(ANNAS).await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://desk.example:8080"),
        ("origin", "null"),
    ] {
        for (path, form) in [
            ("/sign-out", String::new()),
            ("/sign-in", format!("email={BRUNOS}&password={PASSWORD}")),
            ("/forgot-password", format!("email={ANNAS}")),
        ] {
            let request = Request::post(path)
                .header("host", "academy.example")
                .header("cookie", &cookie)
                .header("content-type", "application/x-www-form-urlencoded")
                .header(name, value);
            let answer = world.call(request.body(Body::from(form)).unwrap()).await;
            assert_eq!(answer.status, 403, "{path} {name}: {value}");
            assert!(answer.headers.get("set-cookie").is_none());
        }
    }
    assert_eq!(world.get("/learning", &cookie).await.status, 200);
    assert!(world.work().await.is_empty());
}

#[tokio::test]
async fn a_form_with_doubled_or_strange_fields_is_refused() {
    let world = World::new().await;
    let password = PASSWORD.replace(' ', "+");
    for form in [
        format!("email={ANNAS}&email={BRUNOS}&password={password}"),
        format!("email={ANNAS}&password={password}&role=administrator"),
        format!("email={ANNAS}"),
        format!("email[]={ANNAS}&password={password}"),
        String::new(),
    ] {
        let answer = world.post("/sign-in", "", &form).await;
        assert_eq!(answer.status, 422, "{form}");
        assert!(answer.text().starts_with("<!doctype html>") && answer.headers.get("set-cookie").is_none());
    }
}
