//! Guessers are slowed down, and nobody is locked out by them.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;

use crate::testing::{ANNAS, Answer, BRUNOS, PASSWORD, World, link};

/// A form from this network.
async fn from(world: &World, network: u32, path: &str, cookie: &str, form: &str) -> Answer {
    // Behind the private networks, whose peers are taken for proxies.
    let address = SocketAddr::from((Ipv4Addr::from(0x2000_0000 + network), 1));
    let request = Request::post(path)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .extension(ConnectInfo(address));
    world.call(request.body(Body::from(form.to_owned())).unwrap()).await
}

fn guess(email: &str) -> String {
    format!("email={email}&password=guess")
}

fn right(email: &str) -> String {
    format!("email={email}&password={}", PASSWORD.replace(' ', "+"))
}

/// What a browser keeps of an answer.
fn jar(answer: &Answer) -> String {
    let all = answer.headers.get_all("set-cookie").into_iter().map(|value| value.to_str().unwrap().split(';').next().unwrap());
    all.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

/// The cookie that marks a device, without the session.
fn device(answer: &Answer) -> String {
    jar(answer).split("; ").find(|pair| pair.starts_with("academy_device=")).unwrap().to_owned()
}

#[tokio::test]
async fn a_thousand_wrong_guesses_from_elsewhere_do_not_keep_the_owner_out() {
    let world = World::new().await;
    let owner = device(&from(&world, 1, "/sign-in", "", &right(ANNAS)).await);
    let (mut looked_at, mut refused) = (0, 0);
    for number in 0..1_000 {
        let answer = from(&world, 1_000 + number, "/sign-in", "", &guess(ANNAS)).await;
        match answer.status.as_u16() {
            401 => looked_at += 1,
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!((looked_at, refused), (60, 940), "a guesser with a thousand networks");

    // The owner's own device, wherever it is by now.
    let signed_in = from(&world, 2, "/sign-in", &owner, &right(ANNAS)).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text());
    // A new device of the owner waits with the strangers, is told the way in, and goes it.
    let waits = from(&world, 3, "/sign-in", "", &right(ANNAS)).await;
    assert_eq!(waits.status, 429);
    assert!(waits.text().contains("link for a new password") && waits.text().contains("/forgot-password"));
    assert_eq!(from(&world, 3, "/forgot-password", "", &format!("email={ANNAS}")).await.status, 200);
    world.work().await;
    let path = link(&world.outbox.take()[0]);
    let token = path.split_once("token=").unwrap().1;
    let form = format!("token={token}&password=copper+otter+vault+moon&again=copper+otter+vault+moon");
    let reset = from(&world, 3, "/reset-password", "", &form).await;
    assert_eq!(reset.status, 303);
    let form = format!("email={ANNAS}&password=copper+otter+vault+moon");
    assert_eq!(from(&world, 3, "/sign-in", &device(&reset), &form).await.status, 303, "a link always lets one in");
    // Others have nothing to do with it.
    assert_eq!(from(&world, 4, "/sign-in", "", &right(BRUNOS)).await.status, 303);
}

#[tokio::test]
async fn a_guesser_with_many_networks_gets_no_more_than_120_guesses_an_hour() {
    let world = World::new().await;
    let mut looked_at = 0;
    for minute in 0..60 {
        for number in 0..4 {
            let answer = from(&world, 1_000 + minute * 10 + number, "/sign-in", "", &guess(ANNAS)).await;
            looked_at += i32::from(answer.status == 401);
        }
        world.clock.advance(Duration::from_mins(1));
    }
    assert!((100..=120).contains(&looked_at), "{looked_at}");
}

#[tokio::test]
async fn a_mark_of_another_account_or_a_forged_one_is_no_way_around() {
    let world = World::new().await;
    let brunos = device(&from(&world, 1, "/sign-in", "", &right(BRUNOS)).await);
    for number in 0..60 {
        from(&world, 1_000 + number, "/sign-in", "", &guess(ANNAS)).await;
    }
    let mut forged = brunos.clone();
    forged.insert(30, 'A');
    for cookie in [brunos.as_str(), forged.as_str(), "academy_device=", "academy_device=...."] {
        assert_eq!(from(&world, 2, "/sign-in", cookie, &guess(ANNAS)).await.status, 429, "{cookie}");
    }
    // A known device has an allowance, and no more.
    for _ in 0..10 {
        assert_eq!(from(&world, 3, "/sign-in", &brunos, &guess(BRUNOS)).await.status, 401);
    }
    assert_eq!(from(&world, 3, "/sign-in", &brunos, &guess(BRUNOS)).await.status, 429);
}

#[tokio::test]
async fn the_limit_holds_in_another_process_and_after_a_restart() {
    let mut world = World::new().await;
    for _ in 0..10 {
        assert_eq!(from(&world, 7, "/sign-in", "", &guess(ANNAS)).await.status, 401);
    }
    world.fresh_router();
    assert_eq!(from(&world, 7, "/sign-in", "", &guess(ANNAS)).await.status, 429);
    assert_eq!(from(&world, 8, "/sign-in", "", &right(ANNAS)).await.status, 303);
}

#[tokio::test]
async fn who_signs_in_rightly_uses_nothing_up() {
    let world = World::new().await;
    for number in 0..100 {
        assert_eq!(from(&world, 7, "/sign-in", "", &right(ANNAS)).await.status, 303, "{number}");
    }
}

/// Whoever floods a mailbox with links does not keep its owner from having one: the newest always works.
#[tokio::test]
async fn a_flood_of_links_leaves_a_link_that_works() {
    let world = World::new().await;
    let mut links = Vec::new();
    for minute in 0..90 {
        for number in 0..3 {
            let answer = from(&world, 1_000 + number, "/forgot-password", "", &format!("email={ANNAS}")).await;
            assert_eq!(answer.status, 200);
        }
        world.work().await;
        links.extend(world.outbox.take().iter().map(link));
        let newest = world.get(links.last().unwrap(), "").await;
        assert_eq!(newest.status, 200, "minute {minute}");
        world.clock.advance(Duration::from_mins(1));
    }
    assert!(links.len() <= 20, "{}", links.len());
}
