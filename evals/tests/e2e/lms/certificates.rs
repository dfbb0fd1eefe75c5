//! What a certificate proves to a stranger.

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier as _;
use rsa::{BoxedUint, PublicKey};
use serde_json::Value;

use crate::harness::people::ANNA;
use crate::harness::{
    Browser, Home, Learner, Letters, Look, Porter, Queue, Session, get, list, pages_of, plain, text_of, words_of,
};

/// Who may take certificates back.
const ADMINISTRATOR: &str = "theo.brandt@northlight.example";

/// What the QR codes on the first page of the file say, as a telephone would read them.
fn codes_of(pdf: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("making a temporary folder");
    let path = folder.path().join("paper.pdf");
    fs::write(&path, pdf).expect("writing the file");
    let drawn =
        Command::new("pdftoppm").args(["-r", "200", "-gray", "-singlefile"]).arg(&path).arg(folder.path().join("page")).status();
    assert!(drawn.expect("running pdftoppm; `cargo xtask test` installs it").success());
    let picture = fs::read(folder.path().join("page.pgm")).expect("a picture");
    // `P5`, width, height and 255, each followed by one white space; then a byte for each pixel.
    let mut parts = picture.splitn(4, |byte| byte.is_ascii_whitespace());
    let number =
        |part: Option<&[u8]>| std::str::from_utf8(part.expect("a number")).expect("digits").parse::<usize>().expect("a number");
    assert_eq!(parts.next(), Some(&b"P5"[..]));
    let (width, height) = (number(parts.next()), number(parts.next()));
    let pixels = parts.next().expect("pixels").strip_prefix(b"255\n").expect("a byte for each pixel");
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    picture.detect_grids().iter().map(|grid| grid.decode().expect("a readable code").1).collect()
}

/// The credential in this compact JWS, whose signature is of the key that its header names.
async fn verified(jws: &str) -> Value {
    let (text, signature) = jws.rsplit_once('.').expect("a signature");
    let (header, payload) = text.split_once('.').expect("a payload");
    let decoded = |part: &str| -> Vec<u8> { URL_SAFE_NO_PAD.decode(part).expect("base64url") };
    let json = |part: &str| -> Value { serde_json::from_slice(&decoded(part)).expect("JSON") };
    let jwk = get(&text_of(&json(header)["kid"])).await.is(200).json();
    let number = |name: &str| BoxedUint::from_be_slice_vartime(&decoded(&text_of(&jwk[name])));
    let key = VerifyingKey::<rsa::sha2::Sha256>::new(PublicKey::new(number("n"), number("e")).expect("a key"));
    let signature = Signature::try_from(decoded(signature).as_slice()).expect("a signature");
    key.verify(text.as_bytes(), &signature).expect("the signature is the key's");
    json(payload)
}

/// The words of the page that says what a certificate is worth.
async fn verdict(browser: &Browser, address: &str) -> String {
    browser.open(address).await;
    text_of(&browser.js("return document.querySelector('main').innerText").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn story_a_stranger_checks_a_certificate_until_it_is_revoked() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let (letters, queue) = (Letters::at(&porter.mailbox), Queue::of(&home).await);
    let browser = Browser::start().await;
    let anna = Learner::sign_in(&browser, &porter, ANNA).await;
    anna.goes_to("/certificates").await;
    browser.screenshot("certificates-1-list").await;
    let file = text_of(&browser.js("return document.querySelector('[data-testid=certificate-pdf]').getAttribute('href')").await);
    let session = Session::of(&porter, ANNA).await;
    let pdf = session.file(&file).await;
    pages_of(&pdf, "certificates-paper");

    // The paper leads to the page that says what it is worth.
    let [address] = codes_of(&pdf).try_into().expect("one code");
    assert!(address.starts_with(&format!("{}/verify/NL-", porter.academy)), "{address}");
    let code = address.rsplit('/').next().expect("a code").to_owned();
    assert!(plain(&words_of(&pdf)).contains(&code));
    let words = verdict(&browser, &address).await;
    assert!(words.contains("This certificate is genuine") && words.contains("Anna Keller"), "{words}");
    browser.screenshot("certificates-2-genuine").await;

    // The badge is a picture with the credential in it, and the credential is signed by a key that the academy publishes.
    let badge = String::from_utf8(session.file(&file.replace(".pdf", ".svg")).await).expect("text");
    let path = home.write("badge.svg", &badge);
    browser.open(&format!("file://{}", path.display())).await;
    browser.screenshot("certificates-3-badge").await;
    let baked = badge.split("<openbadges:credential verify=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("baked in");
    let credential = verified(baked).await;
    assert_eq!(credential["evidence"][0]["id"], address.as_str());
    let revocations = text_of(&credential["credentialStatus"]["id"]);
    assert_eq!(list(&get(&revocations).await.is(200).json()["revokedCredential"]), Vec::<Value>::new());

    // An administrator takes it back.
    let theo = Learner::sign_in(&browser, &porter, ADMINISTRATOR).await;
    theo.goes_to("/admin/certificates").await;
    browser.part("revoke-code").await.send_keys(&code.to_lowercase()).await.expect("typing");
    browser.press("revoke-find").await;
    browser.find("input[value=integrity]").await.click().await.expect("choosing");
    browser
        .find("textarea[name=note]")
        .await
        .send_keys("Case 12: the final quiz was taken by somebody else.")
        .await
        .expect("typing");
    browser.screenshot("certificates-4-revoking").await;
    browser.press("revoke-submit").await;
    browser.part("revoke-restore").await;
    browser.screenshot("certificates-5-revoked").await;

    let words = verdict(&browser, &address).await;
    assert!(
        words.contains("revoked")
            && words.contains("academic integrity")
            && !words.contains("genuine")
            && !words.contains("Case 12"),
        "{words}"
    );
    browser.screenshot("certificates-6-verdict").await;
    let listed = get(&revocations).await.json();
    assert_eq!(listed["revokedCredential"][0]["id"], credential["id"]);
    let letter = letters.waits_for(ANNA, |letter| letter.subject.contains("revoked")).await;
    assert!(letter.text.contains("academic integrity") && !letter.text.contains("Case 12"), "{letter:?}");
    assert_eq!(session.page(&file).await.status, 410);
    assert!(session.page("/certificates").await.text.contains("Revoked"));

    for look in [Look { dark: false, width: 380 }, Look { dark: true, width: 1280 }] {
        let browser = Browser::with(look).await;
        browser.open(&address).await;
        browser.screenshot(&format!("certificates-verdict-{}", look.name())).await;
        let anna = Learner::sign_in(&browser, &porter, ANNA).await;
        anna.goes_to("/certificates").await;
        browser.screenshot(&format!("certificates-list-{}", look.name())).await;
        let theo = Learner::sign_in(&browser, &porter, ADMINISTRATOR).await;
        theo.goes_to(&format!("/admin/certificates?code={code}")).await;
        browser.screenshot(&format!("certificates-admin-{}", look.name())).await;
        let over = browser.js("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(over.as_f64().is_some_and(|over| over < 1.0), "it sticks out by {over} on {look:?}");
    }
    // And gives it back.
    theo.goes_to(&format!("/admin/certificates?code={code}")).await;
    browser.press("revoke-restore").await;
    browser.part("revoke-submit").await;
    assert!(verdict(&browser, &address).await.contains("genuine"));
    queue.is_worked_off().await;
    porter.stop();
}
