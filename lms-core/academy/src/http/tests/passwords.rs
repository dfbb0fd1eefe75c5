//! A lost password, from the form to the new one.

use crate::testing::{ANNAS, BRUNOS, HANNAS, PASSWORD, World, link};

#[tokio::test]
async fn a_lost_password_is_replaced_by_mail() {
    let world = World::new().await;
    let (old, other) = (world.sign_in(ANNAS).await, world.sign_in(BRUNOS).await);
    let asked = world.post("/forgot-password", "", &format!("email={ANNAS}")).await;
    assert_eq!(asked.status, 200);
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!((mails.len(), mails[0].to_address.as_str()), (1, ANNAS));

    let path = link(&mails[0]);
    let page = world.get(&path, "").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(
        !page.header("content-security-policy").contains("desk.example") && !page.text().contains("desk.example"),
        "no guest on this page"
    );
    assert!(page.text().contains("a•••@learner.example") && !page.text().contains(ANNAS));

    let token = path.split_once("token=").unwrap().1;
    let set = async |password: &str, again: &str| {
        world.post("/reset-password", "", &format!("token={token}&password={password}&again={again}")).await
    };
    for (password, again, why) in [
        ("correct+lamp+staple", "another+lamp+staple", "not the same"),
        ("tin7", "tin7", "at least 10 characters"),
        ("password1234", "password1234", "easy to guess"),
        ("annakeller1", "annakeller1", "easy to guess"),
    ] {
        let refused = set(password, again).await;
        assert_eq!(refused.status, 422, "{password}");
        assert!(refused.text().contains(why) && !refused.text().contains(password), "{password}");
        assert_eq!(refused.header("referrer-policy"), "no-referrer");
    }
    assert_eq!(world.get("/learning", &old).await.status, 200, "nothing has changed yet");

    let done = set("copper+otter+vault+moon", "copper+otter+vault+moon").await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/sign-in?reset=done"));
    assert!(world.get("/sign-in?reset=done", "").await.text().contains("Your new password is set"));
    assert_eq!(world.get("/learning", &old).await.status, 303, "the other sessions have ended");
    assert_eq!(world.get("/learning", &other).await.status, 200, "of this account only");
    assert_eq!(world.post("/sign-in", "", &format!("email={ANNAS}&password={}", PASSWORD.replace(' ', "+"))).await.status, 401);
    assert_eq!(world.post("/sign-in", "", &format!("email={ANNAS}&password=copper+otter+vault+moon")).await.status, 303);

    let again = set("yellow+otter+vault+moon", "yellow+otter+vault+moon").await;
    assert_eq!(again.status, 410);
    assert_eq!(world.get(&path, "").await.status, 410);
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!((mails.len(), mails[0].subject.as_str()), (1, "Your password at Northlight Academy was changed"));
}

#[tokio::test]
async fn a_link_is_dead_after_its_time_and_after_a_newer_one() {
    let world = World::new().await;
    world.post("/forgot-password", "", &format!("email={ANNAS}")).await;
    world.work().await;
    let first = link(&world.outbox.take()[0]);
    world.post("/forgot-password", "", &format!("email={ANNAS}")).await;
    world.work().await;
    let second = link(&world.outbox.take()[0]);
    assert_eq!(world.get(&first, "").await.status, 410);
    assert_eq!(world.get(&second, "").await.status, 200);
    world.clock.advance(std::time::Duration::from_mins(30));
    let late = world.get(&second, "").await;
    assert_eq!(late.status, 410);
    let unknown = world.get("/reset-password?token=AAAAAAAAAAAAAAAAAAAAAQ", "").await;
    assert_eq!((unknown.status, unknown.text()), (late.status, late.text()), "all dead links are alike");
    for path in ["/reset-password", "/reset-password?token=", "/reset-password?token=a&token=b", "/reset-password?token=%00"] {
        assert_eq!(world.get(path, "").await.status, 410, "{path}");
    }
}

#[tokio::test]
async fn the_form_answers_every_address_with_the_same_bytes() {
    let world = World::new().await;
    let known = world.post("/forgot-password", "", &format!("email={ANNAS}")).await;
    for email in ["nobody%40learner.example", HANNAS, "no+address", "", "a%0D%0Ab%40c"] {
        let other = world.post("/forgot-password", "", &format!("email={email}")).await;
        assert_eq!((other.status, &other.body), (known.status, &known.body), "{email}");
        assert_eq!(other.headers, known.headers);
    }
    world.work().await;
    let to: Vec<String> = world.outbox.take().into_iter().map(|mail| mail.to_address).collect();
    assert_eq!(to, [ANNAS]);
}

#[tokio::test]
async fn a_mailbox_is_not_filled() {
    let world = World::new().await;
    for _ in 0..9 {
        assert_eq!(world.post("/forgot-password", "", &format!("email={ANNAS}")).await.status, 200);
        world.work().await;
    }
    assert_eq!(world.outbox.take().len(), 5);
    world.clock.advance(std::time::Duration::from_mins(61));
    assert_eq!(world.post("/forgot-password", "", &format!("email={ANNAS}")).await.status, 200);
    world.work().await;
    assert_eq!(world.outbox.take().len(), 1);
}
