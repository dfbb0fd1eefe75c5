//! The database is away: every route says so, says when to come back, and does nothing.

use std::collections::BTreeSet;
use std::path::Path;

use axum::body::Body;
use axum::http::{Method, Request, header};

use crate::http::router;
use crate::testing::{ANNAS, World};

/// Parts of a path, as they are filled in. An id is in the form of one, so that what is looked for is looked for.
const ID: &str = "0190f6a2-7c1b-7c3e-8b1a-5d2f00000001";

/// Answered without the database: files, forms that are the same for everybody, and what the academy promises, which is configured.
fn needs_no_database(path: &str) -> bool {
    path.starts_with("/assets/") || path == "/{*path}" || path == "/support/v1/policy"
}

/// The paths of all routes in the source of this crate: whoever adds one adds it to this test.
fn paths() -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http"), &mut paths);
    paths
}

fn collect(folder: &Path, paths: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            for call in source.split(".route(").skip(1) {
                let argument = call.trim_start();
                if let Some(route) = argument.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                    paths.insert(route.0.to_owned());
                }
            }
        }
    }
}

/// `/certificates/{file}` with something for the file.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{file}" => format!("{ID}.pdf"),
        part if part.starts_with('{') => ID.to_owned(),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_route_says_so_and_when_to_come_back() {
    let world = World::new().await;
    let cookie = world.sign_in(ANNAS).await;
    let identity = world.identity(&cookie).await;
    let (_, description) = router(world.parts.clone());
    world.db.db.close().await;

    // Pages: with a cookie everything is asked of the database.
    let mut away = 0;
    let found = paths();
    assert!(found.len() >= 15 && found.contains("/admin/jobs"), "{found:?}");
    for path in &found {
        for method in [Method::GET, Method::POST] {
            let request = Request::builder()
                .method(method.clone())
                .uri(filled(path))
                .header(header::COOKIE, &cookie)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin")
                .header("idempotency-key", ID);
            let answer = world.call(request.body(Body::empty()).unwrap()).await;
            let what = format!("{method} {path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
            if answer.status == 503 {
                assert!(!answer.header("retry-after").is_empty(), "{what}");
                assert!(!String::from_utf8_lossy(&answer.body).contains("pool"), "{what}");
                away += 1;
            } else {
                // A wrong method, a form without its fields, a page without a question.
                assert!(!answer.status.is_server_error(), "{what}");
                let kind = answer.header("content-type");
                let served = answer.status.is_success() && (method == Method::POST || kind.contains("pdf"));
                assert!(needs_no_database(path) || !served, "{what}");
            }
        }
    }
    assert!(away * 2 >= found.len(), "{away} of {}", found.len());

    // The support API, as far as it is described.
    for (path, item) in &description.paths.paths {
        for (method, there) in [("GET", item.get.is_some()), ("POST", item.post.is_some())] {
            if !there || needs_no_database(path) {
                continue;
            }
            let topic = path.replace("{topic}", "certificate");
            let request = Request::builder()
                .method(method)
                .uri(filled(&topic))
                .header("authorization", format!("Bearer {}", crate::testing::SERVICE));
            let request = request.header("porter-identity", &identity).header("idempotency-key", ID);
            let (request, body) = if path.ends_with("/password-resets") {
                (request.header(header::CONTENT_TYPE, "application/json"), format!(r#"{{"address":"{ANNAS}"}}"#))
            } else {
                (request, String::new())
            };
            let answer = world.call(request.body(Body::from(body)).unwrap()).await;
            assert_eq!(answer.status, 503, "{method} {path}: {}", answer.text());
            assert!(
                !answer.header("retry-after").is_empty() && answer.json()["type"] == "urn:porter:problem:unavailable",
                "{path}"
            );
        }
    }

    // What needs a whole form.
    for (path, form) in [
        ("/sign-in", "email=anna.keller%40learner.example&password=tram+lamp+quarry+violin"),
        ("/forgot-password", "email=anna.keller%40learner.example"),
    ] {
        let answer = world.post(path, "", form).await;
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "5"), "{path}: {}", answer.text());
    }
}
