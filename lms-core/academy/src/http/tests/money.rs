//! Buying, webhooks, refunds, and a provider in trouble.

use axum::body::Body;
use axum::http::Request;
use porter_payments::{Amount, EventKind, ProviderError, ProviderEvent, SIGNATURE_HEADER, Secrets};
use uuid::Uuid;

use crate::domain::{OrderId, OrderStatus, Role};
use crate::store::{Seed, SeedCourse};
use crate::testing::{ANNA, ANNAS, Answer, BRUNOS, WEBHOOK_SECRET, World};

const SLUG: &str = "on-sale";

async fn shop() -> World {
    let world = World::new().await;
    let course = SeedCourse {
        id: crate::domain::CourseId(Uuid::from_u128(0x5a1e)),
        slug: SLUG.to_owned(),
        title: "Plants <b>at home</b>".to_owned(),
        summary: "Light & water.".to_owned(),
        signatory: "M".to_owned(),
        signatory_role: "H".to_owned(),
        price: crate::domain::Money { minor: 10_000, currency: "EUR".to_owned() },
        pass_percent: 70,
        starts_at: None,
        published: true,
    };
    world.store.seed(&Seed { courses: vec![course], ..Seed::default() }).await.unwrap();
    for coupon in crate::demo::coupons(world.now(), &porter_kernel::ids::RandomIds) {
        world.store.add_coupon(&coupon, world.now()).await.unwrap();
    }
    world
}

impl World {
    async fn buys(&self, cookie: &str, coupon: &str) -> String {
        let form = format!("key={}&coupon={coupon}", Uuid::from_u128(self.now().micros().unsigned_abs().into()));
        let first = self.post(&format!("/checkout/{SLUG}"), cookie, &form).await;
        let second = self.post(&format!("/checkout/{SLUG}"), cookie, &form).await;
        assert_eq!((first.status.as_u16(), second.status.as_u16()), (303, 303), "{}", first.text());
        let path = |answer: &Answer| answer.header("location").split('?').next().unwrap().to_owned();
        assert_eq!(path(&first), path(&second), "a double click");
        first.header("location").to_owned()
    }

    async fn hook(&self, body: &[u8], signature: &str) -> Answer {
        let request = Request::post("/payments/webhook").header(SIGNATURE_HEADER, signature).header("origin", "http://pay.example");
        self.call(request.body(Body::from(body.to_vec())).unwrap()).await
    }

    async fn tells(&self, event: &ProviderEvent) -> u16 {
        let body = serde_json::to_vec(event).unwrap();
        let signature = Secrets::parse(WEBHOOK_SECRET).unwrap().sign(&body, self.now());
        self.hook(&body, &signature).await.status.as_u16()
    }

    async fn order_id(&self, number: &str) -> OrderId {
        self.store.order(None, number).await.unwrap().unwrap().facts.id
    }
}

fn event(kind: EventKind, order: OrderId, minor: i64) -> ProviderEvent {
    ProviderEvent {
        id: format!("{kind:?}-{order}"),
        kind,
        order: order.0,
        charge: format!("ch-{order}"),
        amount: Amount { minor, currency: "EUR".to_owned() },
        method: "Visa ending 4242".to_owned(),
        refund: None,
        attempt: 0,
        reason: None,
    }
}

#[tokio::test]
async fn a_course_is_bought_with_a_coupon_and_the_money_comes_back() {
    let world = shop().await;
    let cookie = world.sign_in(ANNAS).await;
    let page = world.get(&format!("/checkout/{SLUG}?coupon=welcome20"), &cookie).await.text();
    assert!(page.contains("-€20.00") && page.contains("€80.00") && !page.contains("<b>at home"), "{page}");
    let wrong = world.get(&format!("/checkout/{SLUG}?coupon=nope"), &cookie).await.text();
    assert!(wrong.contains("no coupon with this code") && wrong.contains("Order and pay €100.00"));
    assert_eq!(world.get("/checkout/nothing", &cookie).await.status, 404);
    assert_eq!(world.get(&format!("/checkout/{SLUG}"), "").await.status, 303, "who is not signed in does that first");

    let path = world.buys(&cookie, "WELCOME20").await;
    assert_eq!(path, "/orders/NL-700001?go=1");
    assert_eq!(world.provider.checkouts.lock().unwrap().len(), 1, "one checkout for a double click");
    let waiting = world.get("/orders/NL-700001", &cookie).await.text();
    assert!(waiting.contains("http://pay.example/NL-700001") && waiting.contains("We wait for the payment"), "{waiting}");
    assert_eq!(world.get("/orders/NL-700001", &world.sign_in(BRUNOS).await).await.status, 404, "somebody else's");

    let order = world.order_id("NL-700001").await;
    assert_eq!(world.tells(&event(EventKind::ChargeCaptured, order, 8_000)).await, 204);
    assert_eq!(world.tells(&event(EventKind::ChargeCaptured, order, 8_000)).await, 204, "again");
    let paid = world.get("/orders/NL-700001", &cookie).await.text();
    assert!(paid.contains("Paid") && paid.contains("/invoices/INV-2026-000001.pdf") && paid.contains("Ask for a refund"), "{paid}");
    let invoice = world.get("/invoices/INV-2026-000001.pdf", &cookie).await;
    assert!(invoice.status == 200 && invoice.body.starts_with(b"%PDF-"));
    assert_eq!(world.get("/invoices/INV-2026-000001.pdf", &world.sign_in(BRUNOS).await).await.status, 404);
    world.work().await;
    let mails = world.outbox.take();
    assert!(mails.iter().any(|mail| mail.subject.contains("is paid") && mail.attachments.len() == 1), "{mails:?}");

    let asked = world.post("/orders/NL-700001/refund", &cookie, &format!("key={}", Uuid::from_u128(5))).await;
    assert_eq!(asked.header("location"), "/orders/NL-700001?asked=1");
    let task = world.store.refunds_waiting().await.unwrap().into_iter().find(|task| task.account == ANNA).unwrap();
    world.store.decide_refund(task.id, &crate::store::MoneyDecision::Approve, world.now()).await.unwrap();
    world.work().await;
    assert_eq!(world.provider.refunds.lock().unwrap().len(), 1);
    let settled = ProviderEvent { refund: Some(task.id), attempt: 1, ..event(EventKind::RefundSettled, order, 8_000) };
    assert_eq!(world.tells(&settled).await, 204);
    world.work().await;
    let subjects: Vec<String> = world.outbox.take().into_iter().map(|mail| mail.subject).collect();
    assert!(
        subjects.iter().any(|subject| subject.contains("granted")) && subjects.iter().any(|subject| subject.contains("paid out")),
        "{subjects:?}"
    );
    assert!(world.get("/orders/NL-700001", &cookie).await.text().contains("CN-2026-000001"));
}

#[tokio::test]
async fn a_webhook_is_taken_only_with_its_signature() {
    let world = shop().await;
    let cookie = world.sign_in(ANNAS).await;
    world.buys(&cookie, "").await;
    let order = world.order_id("NL-700001").await;
    let body = serde_json::to_vec(&event(EventKind::ChargeCaptured, order, 10_000)).unwrap();
    let forged = Secrets::parse("another secret of some length").unwrap().sign(&body, world.now());
    for signature in ["", "t=1,v1=00", forged.as_str()] {
        assert_eq!(world.hook(&body, signature).await.status, 401, "{signature}");
    }
    let secrets = Secrets::parse(WEBHOOK_SECRET).unwrap();
    assert_eq!(world.hook(b"[]", &secrets.sign(b"[]", world.now())).await.status, 422);
    let large = vec![b' '; 17_000];
    assert_eq!(world.hook(&large, &secrets.sign(&large, world.now())).await.status, 413);
    assert_eq!(world.store.order(None, "NL-700001").await.unwrap().unwrap().facts.status, OrderStatus::Open);
    assert_eq!(world.tells(&event(EventKind::ChargeCaptured, OrderId(Uuid::from_u128(4)), 1)).await, 204, "unknown, and kept");
    assert_eq!(world.store.stray_events().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_provider_in_trouble_leaves_learning_and_support_alone_and_keeps_the_order() {
    let world = shop().await;
    let cookie = world.sign_in(ANNAS).await;
    for (failure, words) in [
        (ProviderError::Later("it took too long".to_owned()), "does not answer at the moment"),
        (ProviderError::Unavailable("it has failed".to_owned()), "does not answer at the moment"),
        (ProviderError::Never("no".to_owned()), "refuses this payment"),
    ] {
        world.provider.fails(Some(failure));
        let path = world.buys(&cookie, "").await;
        let page = world.get(&path, &cookie).await.text();
        assert!(
            page.contains(words) && page.contains("Nothing was charged") && page.contains("data-testid=\"order-pay\""),
            "{page}"
        );
    }
    for path in ["/learning", "/certificates", "/orders"] {
        assert_eq!(world.get(path, &cookie).await.status, 200, "{path}");
    }
    let identity = world.identity(&cookie).await;
    let call = world.support("GET", "/diagnosis/charge").header("porter-identity", identity).body(Body::empty()).unwrap();
    assert_ne!(world.call(call).await.status, 503);
    world.provider.fails(None);
    let later = world.post("/orders/NL-700001/pay", &cookie, "").await;
    assert_eq!(later.header("location"), "/orders/NL-700001?go=1");
}

#[tokio::test]
async fn without_a_provider_the_checkout_says_so() {
    let mut world = shop().await;
    world.parts.payments = None;
    world.fresh_router();
    let cookie = world.sign_in(ANNAS).await;
    let page = world.get(&format!("/checkout/{SLUG}"), &cookie).await.text();
    assert!(page.contains("Payment is not set up") && !page.contains("checkout-buy"));
    assert_eq!(world.hook(b"{}", "").await.status, 404);
}

#[tokio::test]
async fn payments_are_for_administrators() {
    let world = shop().await;
    let now = world.now();
    let boss = crate::store::SeedAccount {
        id: crate::domain::AccountId(Uuid::from_u128(0xad)),
        email: "theo@northlight.example".to_owned(),
        name: "Theo".to_owned(),
        role: Role::Administrator,
        status: crate::domain::AccountStatus::Active,
        password_hash: porter_kernel::passwords::hash(crate::testing::PASSWORD.to_owned()).await.unwrap(),
        created_at: now,
    };
    world.store.seed(&Seed { accounts: vec![boss], ..Seed::default() }).await.unwrap();
    let learner = world.sign_in(ANNAS).await;
    assert_eq!(world.get("/admin/payments", &learner).await.status, 404);
    let cookie = world.sign_in("theo@northlight.example").await;
    let page = world.get("/admin/payments?order=nl-100001", &cookie).await.text();
    assert!(page.contains("WELCOME20") && page.contains("payments-found") && page.contains("refund-task"), "{page}");
    let task = world.store.refunds_waiting().await.unwrap().remove(0);
    let path = format!("/admin/payments/refunds/{}", task.id);
    assert_eq!(world.post(&path, &cookie, "decision=reject&reason=").await.status, 422);
    assert_eq!(world.post(&path, &learner, "decision=approve").await.status, 404);
    assert_eq!(world.post(&path, &cookie, "decision=reject&reason=Too+late").await.header("location"), "/admin/payments?note=done");
    assert_eq!(world.post(&path, &cookie, "decision=approve").await.header("location"), "/admin/payments?note=moved");
    let coupon = "code=new-26&percent=10&amount=&days=30&uses=&uses_each=1";
    assert_eq!(world.post("/admin/payments/coupons", &cookie, coupon).await.header("location"), "/admin/payments?note=done");
    assert_eq!(world.post("/admin/payments/coupons", &cookie, coupon).await.header("location"), "/admin/payments?note=taken");
    assert_eq!(
        world.post("/admin/payments/coupons", &cookie, "code=x&percent=10&amount=&days=&uses=&uses_each=").await.status,
        422
    );
}
