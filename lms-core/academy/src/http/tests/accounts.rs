//! Signing up, and everything about one's own account, by the pages.

use std::time::Duration;

use crate::domain::Role;
use crate::http::second_factor;
use crate::testing::{ANNA, ANNAS, Answer, BRUNOS, PASSWORD, World, link};

const NEW: &str = "nora.new@learner.example";
const GOOD: &str = "copper+otter+vault+moon";

fn form(email: &str, password: &str) -> String {
    format!(
        "key={}&name=Nora+New&email={email}&password={password}",
        uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, email.as_bytes())
    )
}

fn plain() -> String {
    PASSWORD.replace(' ', "+")
}

/// The path and the secret of a link in a mail.
fn path_of(text: &str, page: &str) -> (String, String) {
    let line = text.lines().find(|line| line.contains(page)).unwrap_or_else(|| panic!("no {page}: {text}"));
    let path = line.trim().strip_prefix("http://academy.example").unwrap().to_owned();
    let token = path.split_once("token=").unwrap().1.to_owned();
    (path, token)
}

fn cookies(answer: &Answer) -> String {
    let all = answer.headers.get_all("set-cookie").into_iter().map(|value| value.to_str().unwrap().split(';').next().unwrap());
    all.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn signing_up_leads_from_the_form_to_an_open_account() {
    let world = World::new().await;
    assert!(world.get("/sign-in", "").await.text().contains("/sign-up"));
    assert!(world.get("/", "").await.text().contains("/sign-up"));
    assert_eq!(world.get("/sign-up", "").await.status, 200);
    let asked = world.post("/sign-up", "", &form(NEW, GOOD)).await;
    assert_eq!(asked.status, 200);
    world.post("/sign-up", "", &form(NEW, GOOD)).await;
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!((mails.len(), mails[0].to_address.as_str()), (1, NEW), "the same form twice is one sign-up");
    let early = world.post("/sign-in", "", &format!("email={NEW}&password={GOOD}")).await;
    assert_eq!(early.status, 403);
    assert!(early.text().contains("One step is left") && early.headers.get("set-cookie").is_none());

    let (path, token) = path_of(&mails[0].text, "/verify-email");
    for _ in 0..3 {
        let page = world.get(&path, "").await;
        assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"), "looking changes nothing");
        assert!(page.text().contains("n•••@learner.example") && !page.text().contains("desk.example"));
    }
    let wrong = world.post("/verify-email", "", &format!("token={token}&password=another")).await;
    assert_eq!(wrong.status, 422);
    let done = world.post("/verify-email", "", &format!("token={token}&password={GOOD}")).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/learning"));
    assert_eq!(world.get("/learning", &cookies(&done)).await.status, 200);
    assert_eq!(world.get(&path, "").await.status, 410);
    assert_eq!(world.post("/verify-email", "", &format!("token={token}&password={GOOD}")).await.status, 410);
    assert_eq!(world.post("/sign-in", "", &format!("email={NEW}&password={GOOD}")).await.status, 303);
}

#[tokio::test]
async fn the_answer_does_not_show_whether_an_address_is_taken() {
    let world = World::new().await;
    let (new, known) = (world.post("/sign-up", "", &form(NEW, GOOD)).await, world.post("/sign-up", "", &form(ANNAS, GOOD)).await);
    assert_eq!((new.status, known.status), (known.status, new.status));
    assert_eq!(new.text().replace(NEW, "@"), known.text().replace(ANNAS, "@"));
    world.work().await;
    let again = async |email: &str| world.post("/sign-up/again", "", &format!("email={email}")).await.text().replace(email, "@");
    assert_eq!(again(NEW).await, again(ANNAS).await);
    world.work().await;
    let mails = world.outbox.take();
    let to_anna: Vec<_> = mails.iter().filter(|mail| mail.to_address == ANNAS).collect();
    assert_eq!(to_anna.len(), 1);
    assert!(to_anna[0].subject.contains("already") && !to_anna[0].text.contains("verify-email"));
    assert_eq!(world.post("/sign-in", "", &format!("email={ANNAS}&password={GOOD}")).await.status, 401, "nothing was changed");
    assert_eq!(mails.iter().filter(|mail| mail.to_address == NEW).count(), 2, "the link, and once more");
}

#[tokio::test]
async fn a_form_that_is_not_good_is_refused_with_a_reason() {
    let world = World::new().await;
    for (fields, why) in [
        (form(NEW, "password123"), "easy to guess"),
        (form(NEW, "noranew2026"), "easy to guess"),
        (form("no-address", GOOD), "no e-mail address"),
        (form(NEW, GOOD).replace("Nora+New", "+"), "your name"),
    ] {
        let refused = world.post("/sign-up", "", &fields).await;
        assert_eq!(refused.status, 422, "{why}");
        assert!(refused.text().contains(why) && !refused.text().contains("noranew2026"), "{why}");
    }
    assert!(world.work().await.is_empty());
}

#[tokio::test]
async fn a_new_password_ends_other_sessions() {
    let world = World::new().await;
    let (here, other) = (world.sign_in(ANNAS).await, world.sign_in(ANNAS).await);
    let change = async |present: &str, new: &str, again: &str| {
        world.post("/account/password", &here, &format!("present={present}&password={new}&again={again}")).await
    };
    for (present, new, again, why) in [
        ("wrong", GOOD, GOOD, "not your present password"),
        (plain().as_str(), GOOD, "another", "not the same"),
        (plain().as_str(), "password123", "password123", "easy to guess"),
    ] {
        let refused = change(present, new, again).await;
        assert_eq!(refused.status, 422, "{why}");
        assert!(refused.text().contains(why), "{why}");
    }
    let done = change(&plain(), GOOD, GOOD).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/account?done=password#password"));
    assert_eq!(world.get("/account", &here).await.status, 200);
    assert_eq!(world.get("/account", &other).await.header("location"), "/sign-in?next=/account");
    world.work().await;
    assert!(world.outbox.take()[0].subject.contains("was changed"));
}

#[tokio::test]
async fn sessions_are_shown_and_ended() {
    let world = World::new().await;
    let (here, other, brunos) = (world.sign_in(ANNAS).await, world.sign_in(ANNAS).await, world.sign_in(BRUNOS).await);
    let page = world.get("/account", &here).await.text();
    assert_eq!(page.matches("data-testid=\"session\"").count(), 2);
    assert_eq!(page.matches("This device").count(), 1);
    let id = page.split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(world.post("/account/sessions/end", &brunos, &format!("session={id}")).await.status, 404, "somebody else's");
    assert_eq!(world.get("/account", &other).await.status, 200);
    assert_eq!(world.post("/account/sessions/end", &here, &format!("session={id}")).await.status, 303);
    assert_eq!(world.get("/account", &other).await.status, 303);
    let third = world.sign_in(ANNAS).await;
    world.post("/account/sessions/end-others", &here, "").await;
    assert_eq!(
        (world.get("/account", &third).await.status.as_u16(), world.get("/account", &here).await.status.as_u16()),
        (303, 200)
    );
}

impl World {
    /// The secret of Anna's app, once two-factor sign-in is on, and her recovery codes.
    async fn turn_on(&self, cookie: &str) -> (Vec<u8>, Vec<String>) {
        assert_eq!(self.post("/account/two-factor/begin", cookie, "password=wrong").await.status, 422);
        let begun = self.post("/account/two-factor/begin", cookie, &format!("password={}", plain())).await;
        assert_eq!(begun.header("location"), "/account/two-factor");
        let sealed = self.store.two_factor(ANNA).await.unwrap().unwrap().sealed;
        let secret = self.parts.key.unseal(ANNA, &sealed).unwrap();
        let page = self.get("/account/two-factor", cookie).await.text();
        assert!(page.contains(&second_factor::spelled(&secret)) && page.contains("<svg class=\"qr\""));
        assert_eq!(self.post("/account/two-factor/enable", cookie, "code=000000").await.status, 422);
        let on = self.post("/account/two-factor/enable", cookie, &format!("code={}", self.code(&secret, 0))).await.text();
        let codes = on.split("<li class=\"code\">").skip(1).map(|rest| rest[..11].to_owned()).collect();
        (secret, codes)
    }

    /// The code that the app shows so many steps from now.
    fn code(&self, secret: &[u8], steps: u64) -> String {
        let at = self.now() + Duration::from_secs(30 * steps);
        let totp = totp_rs::Builder::new().with_secret(secret.to_vec()).build().unwrap();
        totp.generate(u64::try_from(at.micros()).unwrap() / 1_000_000).to_string()
    }
}

#[tokio::test]
async fn two_factor_sign_in_asks_for_a_code_that_counts_once() {
    let world = World::new().await;
    let cookie = world.sign_in(ANNAS).await;
    let (secret, codes) = world.turn_on(&cookie).await;
    assert_eq!(codes.len(), 10);
    world.post("/sign-out", &cookie, "").await;
    let password = async |next: &str| world.post("/sign-in", "", &format!("email={ANNAS}&password={}{next}", plain())).await;

    let first = password("&next=%2Forders").await;
    assert_eq!((first.status.as_u16(), first.header("location")), (303, "/sign-in/code?next=/orders"));
    let challenge = cookies(&first);
    assert!(challenge.starts_with("academy_challenge=") && !challenge.contains("academy_session"), "{challenge}");
    assert_eq!(world.get("/learning", &challenge).await.status, 303, "half signed in is not signed in");
    assert_eq!(world.get("/sign-in/code", "").await.header("location"), "/sign-in");
    assert_eq!(world.get("/sign-in/code", &challenge).await.status, 200);

    let send =
        async |challenge: &str, code: &str| world.post("/sign-in/code", challenge, &format!("code={code}&next=%2Forders")).await;
    let used = world.code(&secret, 0);
    assert_eq!(send(&challenge, &used).await.status, 401, "the code that turned it on");
    world.clock.advance(Duration::from_secs(30));
    let code = world.code(&secret, 0);
    let signed_in = send(&challenge, &code).await;
    assert_eq!((signed_in.status.as_u16(), signed_in.header("location")), (303, "/orders"));
    assert_eq!(world.get("/orders", &cookies(&signed_in)).await.status, 200);

    // Neither the challenge nor the code is good for a second time.
    world.clock.advance(Duration::from_secs(60));
    let next = world.code(&secret, 0);
    assert_eq!(send(&challenge, &next).await.status, 401, "a challenge begins one session");
    let second = cookies(&password("").await);
    assert_eq!(send(&second, &code).await.status, 401, "replayed");
    assert_eq!(send(&second, &codes[0].to_lowercase()).await.status, 303, "a recovery code");
    let third = cookies(&password("").await);
    assert_eq!(send(&third, &codes[0]).await.status, 401, "which works once");
    world.clock.advance(Duration::from_mins(11));
    assert_eq!(send(&third, &world.code(&secret, 0)).await.header("location"), "/sign-in", "it took too long");
}

#[tokio::test]
async fn a_reset_keeps_two_factor_and_ends_the_challenge() {
    let world = World::new().await;
    let cookie = world.sign_in(ANNAS).await;
    let (secret, codes) = world.turn_on(&cookie).await;
    let challenge = cookies(&world.post("/sign-in", "", &format!("email={ANNAS}&password={}", plain())).await);
    world.work().await;
    world.outbox.take();
    world.post("/forgot-password", "", &format!("email={ANNAS}")).await;
    world.work().await;
    let path = link(&world.outbox.take()[0]);
    let token = path.split_once("token=").unwrap().1;
    world.post("/reset-password", "", &format!("token={token}&password={GOOD}&again={GOOD}")).await;
    world.clock.advance(Duration::from_secs(60));
    let late = world.post("/sign-in/code", &challenge, &format!("code={}", world.code(&secret, 0))).await;
    assert_eq!(late.header("location"), "/sign-in", "the old password's challenge");
    let asked = world.post("/sign-in", "", &format!("email={ANNAS}&password={GOOD}")).await;
    assert!(asked.header("location").starts_with("/sign-in/code"), "still asked for");

    let inside = world.post("/sign-in/code", &cookies(&asked), &format!("code={}", world.code(&secret, 0))).await;
    let cookie = cookies(&inside);
    let off =
        async |code: &str| world.post("/account/two-factor/disable", &cookie, &format!("password={GOOD}&code={code}")).await.status;
    assert_eq!(off("000000").await, 422);
    assert_eq!(off(&codes[4]).await, 303);
    assert!(world.post("/sign-in", "", &format!("email={ANNAS}&password={GOOD}")).await.header("location") == "/learning");
}

#[tokio::test]
async fn guessing_codes_is_slowed_down() {
    let world = World::new().await;
    let cookie = world.sign_in(ANNAS).await;
    world.turn_on(&cookie).await;
    let challenge = cookies(&world.post("/sign-in", "", &format!("email={ANNAS}&password={}", plain())).await);
    let mut answers = Vec::new();
    for number in 0..12 {
        answers.push(world.post("/sign-in/code", &challenge, &format!("code={number:06}")).await.status.as_u16());
    }
    assert_eq!((answers[..10].iter().all(|status| *status == 401), answers[11]), (true, 429), "{answers:?}");
}

#[tokio::test]
async fn an_address_changes_with_both_and_not_with_one() {
    let world = World::new().await;
    let cookie = world.sign_in(ANNAS).await;
    let ask = async |email: &str, password: &str| {
        world.post("/account/email", &cookie, &format!("email={email}&password={password}")).await
    };
    assert_eq!(ask(NEW, "wrong").await.status, 422);
    assert_eq!(ask("nonsense", &plain()).await.status, 422);
    assert_eq!(ask(ANNAS, &plain()).await.status, 422);
    assert_eq!(ask(NEW, &plain()).await.header("location"), "/account?done=email#email");
    world.work().await;
    let mails = world.outbox.take();
    let to = |email: &str| path_of(&mails.iter().find(|mail| mail.to_address == email).unwrap().text, "/confirm-email");
    let ((old_path, old), (new_path, new)) = (to(ANNAS), to(NEW));
    assert!(world.get(&old_path, "").await.text().contains("May your address be changed?"));
    assert!(world.get(&new_path, "").await.text().contains("Is this mailbox yours?"));
    let say = async |token: &str, word: &str| world.post("/confirm-email", "", &format!("token={token}&say={word}")).await;
    assert!(say(&new, "yes").await.text().contains("has said yes"));
    assert!(world.get("/account", &cookie).await.text().contains("is under way"));
    assert!(say(&old, "yes").await.text().contains("is changed"));
    world.work().await;
    let mut told: Vec<_> = world.outbox.take().into_iter().map(|mail| mail.to_address).collect();
    told.sort();
    assert_eq!(told, [ANNAS, NEW], "both hear of it");
    assert_eq!(world.post("/sign-in", "", &format!("email={NEW}&password={}", plain())).await.status, 303);
    assert_eq!(world.post("/sign-in", "", &format!("email={ANNAS}&password={}", plain())).await.status, 401);

    // To an address that is taken: the same answer, and only the owner of this account hears of it.
    assert_eq!(ask(BRUNOS, &plain()).await.status, 303);
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!(mails.iter().map(|mail| mail.to_address.as_str()).collect::<Vec<_>>(), [NEW]);
    let (_, old) = path_of(&mails[0].text, "/confirm-email");
    assert!(say(&old, "no").await.text().contains("Nothing is changed"));
    assert_eq!(say(&old, "yes").await.status, 410);
}

#[tokio::test]
async fn ones_data_can_be_had_and_ended() {
    let world = World::new().await;
    let cookie = world.sign_in(ANNAS).await;
    assert_eq!(world.post("/account/export", &cookie, "password=wrong").await.status, 422);
    let file = world.post("/account/export", &cookie, &format!("password={}", plain())).await;
    assert!(file.header("content-disposition").contains("my-data.json"));
    assert_eq!(file.json()["account"][0]["email"], ANNAS);
    assert!(!file.text().contains("argon2") && !file.text().contains(BRUNOS));

    assert_eq!(world.post("/account/delete", &cookie, "password=wrong").await.status, 422);
    let gone = world.post("/account/delete", &cookie, &format!("password={}", plain())).await;
    assert_eq!(gone.header("location"), "/sign-in?leaving=yes");
    assert_eq!(world.get("/account", &cookie).await.status, 303);
    world.clock.advance(Duration::from_hours(13 * 24));
    world.work().await;
    let back = world.sign_in(ANNAS).await;
    world.work().await;
    let subjects: Vec<_> = world.outbox.take().into_iter().map(|mail| mail.subject).collect();
    assert!(subjects[0].contains("will be deleted") && subjects[1].contains("stays"), "{subjects:?}");
    world.clock.advance(Duration::from_hours(2 * 24));
    world.work().await;
    assert_eq!(world.get("/account", &back).await.status, 200, "the day has come, and nothing happens");
    world.post("/account/delete", &back, &format!("password={}", plain())).await;
    world.clock.advance(Duration::from_hours(14 * 24));
    world.work().await;
    assert_eq!(world.post("/sign-in", "", &format!("email={ANNAS}&password={}", plain())).await.status, 401);
    let verified = world.get("/verify/nl-7f3k-9qwd", "").await;
    assert_eq!(verified.status, 410);
    assert!(verified.text().contains("was erased") && !verified.text().contains("Keller"));
}

/// Makes Bruno an administrator and signs him in.
async fn administrator(world: &World) -> String {
    world.promote(BRUNOS, Role::Administrator).await;
    world.sign_in(BRUNOS).await
}

#[tokio::test]
async fn administrators_find_people_and_decide() {
    let world = World::new().await;
    let anna = world.sign_in(ANNAS).await;
    for path in ["/admin/people", "/admin/keys"] {
        assert_eq!(world.get(path, &anna).await.status, 404, "for others there is no such page");
        assert_eq!(world.get(path, "").await.status, 303);
    }
    let admin = administrator(&world).await;
    let list = world.get("/admin/people?q=anna", &admin).await.text();
    assert!(list.contains(ANNAS) && !list.contains(BRUNOS) && !list.contains("<i>"), "{list}");
    assert!(world.get(&format!("/admin/people?q={ANNAS}"), &admin).await.text().contains(ANNAS));
    assert!(world.get("/admin/people?q=anna%40", &admin).await.text().contains("Nobody is found"));
    let person = format!("/admin/people/{ANNA}");
    assert_eq!(world.post(&format!("{person}/role"), &admin, "role=instructor").await.status, 303);
    assert_eq!(world.post(&format!("{person}/role"), &admin, "role=king").await.status, 422);
    assert_eq!(world.post(&format!("{person}/lock"), &admin, "").await.status, 303);
    assert_eq!(world.get("/account", &anna).await.status, 303);
    let page = world.get(&person, &admin).await.text();
    assert!(page.contains("Bruno Costa locked the account.") && page.contains("from Learner to Instructor"), "{page}");
    let own = format!("/admin/people/{}", crate::testing::BRUNO);
    assert_eq!(world.post(&format!("{own}/lock"), &admin, "").await.status, 409);
    assert!(world.get(&own, &admin).await.text().contains("your own account"));
    world.post(&format!("{person}/unlock"), &admin, "").await;
    world.sign_in(ANNAS).await;
}

#[tokio::test]
async fn a_key_is_shown_once_and_opens_what_it_is_for() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    assert_eq!(world.post("/admin/keys", &admin, "name=Desk&days=30").await.status, 422, "nothing ticked");
    let make = async |scope: &str| {
        let page = world.post("/admin/keys", &admin, &format!("name=Desk&days=30&{scope}=on")).await.text();
        page.split("data-testid=\"key-secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    let (support, reports) = (make("support").await, make("reports").await);
    let listed = world.get("/admin/keys", &admin).await.text();
    assert!(!listed.contains(&support) && listed.contains(&support[..13]));
    let anna = world.sign_in(ANNAS).await;
    let identity = world.identity(&anna).await;
    let call = async |key: &str| {
        let request = axum::http::Request::get("/support/v1/identity").header("authorization", format!("Bearer {key}"));
        world.call(request.header("Porter-Identity", &identity).body(axum::body::Body::empty()).unwrap()).await.status.as_u16()
    };
    let open = call(crate::testing::SERVICE).await;
    assert_ne!(open, 401);
    assert_eq!((call(&support).await, call(&reports).await, call("porter_AAAAAAAAAAAAAAAAAAAAAQ").await), (open, 401, 401));
    let id = listed.split("name=\"id\" value=\"").map(|part| part.split('"').next().unwrap()).skip(1).map(str::to_owned);
    for id in id {
        assert_eq!(world.post("/admin/keys/revoke", &admin, &format!("id={id}")).await.status, 303);
    }
    assert_eq!(call(&support).await, 401);
}
