//! Client and sandbox over a real socket, and what a provider's trouble does.
#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use porter_kernel::clock::{Clock as _, ManualClock};
use porter_kernel::ids::RandomIds;
use porter_payments::sandbox::{Behaviour, Deliveries, Mood, Sandbox, SandboxParts};
use porter_payments::{
    Amount, CheckoutRequest, EventKind, Guard, Guarded, HttpProvider, PaymentProvider, ProviderError, ProviderEvent, RefundRequest,
    SIGNATURE_HEADER, Secrets,
};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

const KEY: &str = "a key for the sandbox";
const SECRET: &str = "a secret of more than sixteen bytes";

struct World {
    sandbox: Arc<Sandbox>,
    provider: Arc<HttpProvider>,
    browser: reqwest::Client,
    events: UnboundedReceiver<ProviderEvent>,
    clock: ManualClock,
}

/// A sandbox, and an academy that refuses each webhook once before it takes it.
async fn world() -> World {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let clock = ManualClock::default();
    let (sender, events) = unbounded_channel();
    let (secrets, now) = (Secrets::parse(SECRET).unwrap(), clock.now());
    let refusals = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let hook = move |headers: HeaderMap, body: Bytes| {
        let (sender, secrets, refusals) = (sender.clone(), secrets.clone(), Arc::clone(&refusals));
        async move {
            let header = headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok());
            if secrets.verify(header, &body, now).is_err() {
                return StatusCode::UNAUTHORIZED;
            }
            if refusals.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
                return StatusCode::SERVICE_UNAVAILABLE;
            }
            sender.send(serde_json::from_slice(&body).unwrap()).unwrap();
            StatusCode::OK
        }
    };
    let hooks = serve(Router::new().route("/hook", post(hook))).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let sandbox = Sandbox::new(SandboxParts {
        clock: Arc::new(clock.clone()),
        ids: Arc::new(RandomIds),
        key: KEY.to_owned(),
        secrets: Secrets::parse(SECRET).unwrap(),
        webhook_url: format!("{hooks}/hook"),
        public_url: base.clone(),
        file: None,
    })
    .unwrap();
    let routes = sandbox.router();
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    World { sandbox, provider: Arc::new(HttpProvider::new(&base, KEY).unwrap()), browser, events, clock }
}

async fn serve(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    base
}

fn request(key: u128) -> CheckoutRequest {
    CheckoutRequest {
        key: Uuid::from_u128(key),
        reference: "NL-700001".to_owned(),
        description: "Data <b>analysis</b>".to_owned(),
        amount: Amount { minor: 4_900, currency: "EUR".to_owned() },
        return_url: "http://academy.example/orders/NL-700001".to_owned(),
    }
}

impl World {
    async fn chooses(&self, page: &str, choice: &str) {
        let answer =
            self.browser.post(page).header("content-type", "application/x-www-form-urlencoded").body(format!("choice={choice}"));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()["location"], "http://academy.example/orders/NL-700001");
    }
}

#[tokio::test]
async fn conformance_a_payment_is_made_told_and_given_back() {
    let mut world = world().await;
    let page = world.provider.checkout(&request(1)).await.unwrap();
    assert_eq!(world.provider.checkout(&request(1)).await.unwrap(), page, "the same key is the same checkout");
    let other = CheckoutRequest { amount: Amount { minor: 1, currency: "EUR".to_owned() }, ..request(1) };
    assert!(matches!(world.provider.checkout(&other).await, Err(ProviderError::Never(_))));
    let html = world.browser.get(&page).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("€49.00") && html.contains("no money moves") && !html.contains("<b>analysis"), "{html}");

    world.chooses(&page, "decline").await;
    assert_eq!(world.events.recv().await.unwrap().kind, EventKind::ChargeDeclined, "sent again after a refusal");
    world.chooses(&page, "hold").await;
    let held = world.events.recv().await.unwrap();
    assert_eq!(held.kind, EventKind::ChargeAuthorised);
    world.chooses(&page, "pay").await;
    world.chooses(&page, "pay").await;
    let paid = world.events.recv().await.unwrap();
    assert_eq!((paid.kind, &paid.charge), (EventKind::ChargeCaptured, &held.charge));
    assert_eq!((paid.order, paid.amount.minor), (Uuid::from_u128(1), 4_900));

    let refund = RefundRequest {
        key: Uuid::from_u128(2),
        order: paid.order,
        refund: Uuid::from_u128(3),
        attempt: 1,
        amount: paid.amount.clone(),
    };
    world.provider.refund(&refund).await.unwrap();
    world.provider.refund(&refund).await.unwrap();
    let back = world.events.recv().await.unwrap();
    assert_eq!((back.kind, back.refund, back.attempt), (EventKind::RefundSettled, Some(Uuid::from_u128(3)), 1));
    let all = world.provider.events(paid.order).await.unwrap();
    assert_eq!(all.len(), 4, "{all:?}");
    assert!(all.contains(&back) && all.contains(&paid));
    assert_eq!(world.provider.events(Uuid::from_u128(9)).await.unwrap(), []);
    let unpaid = RefundRequest { order: Uuid::from_u128(9), ..refund };
    assert!(matches!(world.provider.refund(&unpaid).await, Err(ProviderError::Never(_))));
}

#[tokio::test]
async fn webhooks_come_twice_or_in_another_order_or_not_at_all_when_told_so() {
    let mut world = world().await;
    let page = world.provider.checkout(&request(1)).await.unwrap();
    world.sandbox.behave(Behaviour { deliveries: Deliveries::Lost, ..Behaviour::default() });
    world.chooses(&page, "hold").await;
    world.sandbox.behave(Behaviour { deliveries: Deliveries::Reversed, ..Behaviour::default() });
    world.chooses(&page, "pay").await;
    assert_eq!(world.events.recv().await.unwrap().kind, EventKind::ChargeCaptured);
    assert_eq!(world.events.recv().await.unwrap().kind, EventKind::ChargeAuthorised);
    let page = world.provider.checkout(&request(2)).await.unwrap();
    world.sandbox.behave(Behaviour { deliveries: Deliveries::Twice, ..Behaviour::default() });
    world.chooses(&page, "pay").await;
    assert_eq!(world.events.recv().await.unwrap(), world.events.recv().await.unwrap());
}

#[tokio::test]
async fn a_provider_in_trouble_is_left_alone_for_a_while() {
    let world = world().await;
    let guard = Guard { at_once: 2, timeout: Duration::from_millis(50), threshold: 2, pause: Duration::from_secs(10) };
    let guarded =
        Arc::new(Guarded::new(Arc::clone(&world.provider) as Arc<dyn PaymentProvider>, Arc::new(world.clock.clone()), guard));
    let mood = |mood| world.sandbox.behave(Behaviour { mood, ..Behaviour::default() });
    mood(Mood::Refuse);
    for _ in 0..3 {
        assert!(matches!(guarded.checkout(&request(1)).await, Err(ProviderError::Never(_))), "a refusal is an answer");
    }
    mood(Mood::Babble);
    assert!(matches!(guarded.checkout(&request(1)).await, Err(ProviderError::Later(_))));
    mood(Mood::Hang);
    let (first, second) = (request(1), request(2));
    let (a, b) = tokio::join!(guarded.checkout(&first), guarded.checkout(&second));
    assert!(matches!((a, b), (Err(ProviderError::Later(_)), Err(ProviderError::Later(_)))));
    mood(Mood::Fine);
    assert!(matches!(guarded.checkout(&request(1)).await, Err(ProviderError::Unavailable(_))), "nobody asks");
    world.clock.advance(Duration::from_secs(10));
    assert!(guarded.checkout(&request(1)).await.is_ok(), "the trial works");
    assert!(guarded.checkout(&request(2)).await.is_ok());
}

#[tokio::test]
async fn nobody_waits_in_line_and_nobody_without_the_key_is_let_in() {
    let world = world().await;
    let guard = Guard { at_once: 1, timeout: Duration::from_secs(60), threshold: 5, pause: Duration::from_secs(10) };
    let guarded =
        Arc::new(Guarded::new(Arc::clone(&world.provider) as Arc<dyn PaymentProvider>, Arc::new(world.clock.clone()), guard));
    world.sandbox.behave(Behaviour { mood: Mood::Hang, ..Behaviour::default() });
    let hanging = tokio::spawn({
        let guarded = Arc::clone(&guarded);
        async move { guarded.checkout(&request(1)).await }
    });
    tokio::task::yield_now().await;
    let refused = guarded.checkout(&request(2)).await;
    assert!(matches!(refused, Err(ProviderError::Unavailable(_))), "{refused:?}");
    hanging.abort();

    let base = format!("{:?}", world.provider);
    let base = base.split('"').nth(1).unwrap().to_owned();
    let stranger = HttpProvider::new(&base, "another key").unwrap();
    assert!(matches!(stranger.events(Uuid::from_u128(1)).await, Err(ProviderError::Later(_))));
    assert!(HttpProvider::new("ftp://x", KEY).is_err());
    let closed = HttpProvider::new("http://127.0.0.1:1", KEY).unwrap();
    assert!(matches!(closed.events(Uuid::from_u128(1)).await, Err(ProviderError::Later(_))));
}
