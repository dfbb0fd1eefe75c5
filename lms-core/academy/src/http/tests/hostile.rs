//! Addresses made to reach somebody else's mailbox: by the form and by the API, none does, and none makes anything fall over.

use std::fmt::Write as _;

use axum::body::Body;
use serde_json::json;
use uuid::Uuid;

use crate::testing::{ANNAS, World};

/// Letters that some folding takes for an ASCII letter.
const ALIKE: [(&str, &str); 12] = [
    ("a", "\u{ff41}"),
    ("a", "\u{430}"),
    ("a", "á"),
    ("a", "\u{1d44e}"),
    ("k", "\u{212a}"),
    ("s", "\u{17f}"),
    ("e", "\u{435}"),
    ("l", "\u{217c}"),
    ("r", "\u{24e1}"),
    (".", "\u{3002}"),
    (".", "\u{ff0e}"),
    ("@", "\u{ff20}"),
];

/// Texts that are not Anna's address.
fn addresses() -> Vec<String> {
    let mut all = Vec::new();
    let (local, domain) = ANNAS.split_once('@').unwrap();
    for (plain, alike) in ALIKE {
        all.extend([
            ANNAS.replacen(plain, alike, 1),
            ANNAS.replace(plain, alike),
            ANNAS.to_uppercase().replacen(&plain.to_uppercase(), alike, 1),
        ]);
    }
    for evil in ["eve@evil.example", "evil.example", "<eve@evil.example>"] {
        for joint in [
            ",",
            ";",
            " ",
            "\n",
            "\r\n",
            "\r\nBcc: ",
            "\nTo: ",
            "\0",
            "\t",
            "%0d%0a",
            "\u{2028}",
            "\u{85}",
            "|",
            "&email=",
            "\u{202e}",
        ] {
            all.extend([format!("{ANNAS}{joint}{evil}"), format!("{evil}{joint}{ANNAS}")]);
        }
    }
    for tag in [
        "+",
        "+eve",
        "+eve@evil.example",
        "%",
        "%40",
        "%00",
        "..",
        "/",
        "\\",
        "\"",
        "'",
        "' OR '1'='1",
        "(comment)",
        "\u{200b}",
        "\u{ad}",
        "\u{feff}",
        "ß",
        "İ",
    ] {
        all.extend([
            format!("{local}{tag}@{domain}"),
            format!("{local}@{tag}{domain}"),
            format!("{tag}{local}@{domain}"),
            format!("{local}@{domain}{tag}"),
        ]);
    }
    for form in [
        format!("\"{local}\"@{domain}"),
        format!("<{ANNAS}>"),
        format!("Anna <{ANNAS}>"),
        format!("mailto:{ANNAS}"),
        format!("{ANNAS}?cc=eve@evil.example"),
        format!("{local}%40{domain}"),
        format!("{local}&#64;{domain}"),
        format!("{local}@[127.0.0.1]"),
        format!("{local}@xn--learner-.example"),
        format!("@{domain}"),
        format!("{local}@"),
        String::new(),
        "@".to_owned(),
        " ".to_owned(),
        "\0".to_owned(),
        ANNAS.replace('.', ""),
        ANNAS.replace('@', "@@"),
        format!("{ANNAS}."),
        "a".repeat(10_000),
        format!("{}@{domain}", "a".repeat(250)),
        format!("{ANNAS}\u{0}"),
    ] {
        all.push(form);
    }
    // Every place of the address with something slipped in.
    for at in 0..=ANNAS.len() {
        for slipped in ["\u{200d}", "\u{301}", "\u{7f}", " x", "\r\n", "\u{a0}", "+", "%20", "\u{202e}", ",", "\\"] {
            all.push(format!("{}{slipped}{}", &ANNAS[..at], &ANNAS[at..]));
        }
    }
    all.retain(|text| !text.trim_matches([' ', '\t']).eq_ignore_ascii_case(ANNAS));
    all
}

/// Bodies that are not the one object that is read.
fn bodies() -> Vec<String> {
    let a = ANNAS;
    vec![
        format!(r#"["{a}"]"#),
        format!(r#"[["{a}"]]"#),
        format!(r#""{a}""#),
        format!(r#"{{"address":["{a}"]}}"#),
        format!(r#"{{"address":["{a}","eve@evil.example"]}}"#),
        format!(r#"{{"address":{{"value":"{a}"}}}}"#),
        format!(r#"{{"address":"{a}","address":"eve@evil.example"}}"#),
        format!(r#"{{"address":"eve@evil.example","address":"{a}"}}"#),
        format!(r#"{{"address":"{a}","\u0061ddress":"{a}"}}"#),
        format!(r#"{{"address":"{a}","to":"eve@evil.example"}}"#),
        format!(r#"{{"address":"{a}","account":"{}"}}"#, Uuid::from_u128(0xa1)),
        format!(r#"{{"Address":"{a}"}}"#),
        format!(r#"{{"address ":"{a}"}}"#),
        format!(r#"{{"address":null,"email":"{a}"}}"#),
        r#"{"address":null}"#.to_owned(),
        r#"{"address":1}"#.to_owned(),
        r#"{"address":true}"#.to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "0".to_owned(),
        String::new(),
        format!(r#"{{"address":"{a}"}}{{"address":"eve@evil.example"}}"#),
        format!(r#"{{"address":"{a}""#),
        format!("{{'address':'{a}'}}"),
        "\u{feff}{}".to_owned(),
        "[".repeat(5_000),
        format!("{{\"address\":{}", "[".repeat(5_000)),
        format!(r#"{{"address":"{a}\ud800"}}"#),
        format!("address={a}"),
    ]
}

#[tokio::test]
async fn the_api_reaches_nobody_by_a_hostile_address() {
    let world = World::new().await;
    let addresses = addresses();
    assert!(addresses.len() + bodies().len() > 500, "{}", addresses.len());
    let call = |body: String| {
        let request = world
            .support("POST", "/password-resets")
            .header("idempotency-key", porter_kernel::ids::Ids::uuid(&porter_kernel::ids::RandomIds).to_string());
        world.call(request.header("content-type", "application/json").body(Body::from(body)).unwrap())
    };
    let usual = call(json!({ "address": "nobody@learner.example" }).to_string()).await;
    for address in &addresses {
        let answer = call(json!({ "address": address }).to_string()).await;
        assert_eq!((answer.status, &answer.body), (usual.status, &usual.body), "{address:?}");
    }
    for body in bodies() {
        let answer = call(body.clone()).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{body}: {}", answer.status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    assert!(world.work().await.iter().all(|(_, outcome)| outcome.is_ok()));
    assert_eq!(world.outbox.take(), []);
    // The exact address, so that silence is no accident.
    assert_eq!(call(json!({ "address": format!(" {} ", ANNAS.to_uppercase()) }).to_string()).await.status, 202);
    world.work().await;
    assert_eq!(world.outbox.take().len(), 1);
}

#[tokio::test]
async fn the_form_reaches_nobody_by_a_hostile_address() {
    let mut world = World::new().await;
    let encoded = |text: &str| {
        text.bytes().fold(String::new(), |mut all, byte| {
            let _ = write!(all, "%{byte:02X}");
            all
        })
    };
    let usual = world.post("/forgot-password", "", "email=nobody%40learner.example").await;
    for (number, address) in addresses().into_iter().enumerate() {
        if number % 100 == 0 {
            world.fresh_router();
            world.clock.advance(std::time::Duration::from_mins(1));
        }
        let answer = world.post("/forgot-password", "", &format!("email={}", encoded(&address))).await;
        // One of them is too long for a form.
        assert!(answer.body == usual.body || answer.status == 413, "{address:?}: {}", answer.status);
    }
    world.fresh_router();
    world.clock.advance(std::time::Duration::from_mins(1));
    for form in [
        format!("email={ANNAS}&email=eve%40evil.example"),
        format!("email=eve%40evil.example&email={ANNAS}"),
        format!("email[]={ANNAS}"),
        format!("email[0]={ANNAS}"),
        format!("email={ANNAS}&to=eve%40evil.example"),
        format!("Email={ANNAS}"),
        format!("address={ANNAS}"),
        String::new(),
        "email".to_owned() + "%",
        format!("{{\"email\":\"{ANNAS}\"}}"),
    ] {
        let answer = world.post("/forgot-password", "", &form).await;
        assert!(answer.status.is_client_error(), "{form}: {}", answer.status);
    }
    assert!(world.work().await.iter().all(|(_, outcome)| outcome.is_ok()));
    assert_eq!(world.outbox.take(), []);
}
