use std::collections::BTreeSet;

use super::super::privacy::{Erase, Export, PERSONAL};
use super::*;
use crate::domain::event::Event;

/// A new table about people must be listed, and said of whether its person gets it and what forgetting them does to it.
#[test]
fn every_table_about_people_is_listed() {
    porter_testkit::run(async {
        let (_folder, sqlite) = porter_testkit::sqlite().await;
        let postgres = porter_testkit::postgres_db().await;
        sqlite.migrate("academy", &academy::SQLITE).await.unwrap();
        postgres.migrate("academy", &academy::POSTGRES).await.unwrap();
        let (schema, _) = porter_testkit::schema::read(&sqlite, &postgres).await;
        let listed: BTreeSet<&str> = PERSONAL.iter().map(|personal| personal.table).collect();
        let mut about: BTreeSet<&str> = BTreeSet::from(["account"]);
        loop {
            let before = about.len();
            for (name, table) in &schema {
                let points = table.foreign_keys.iter().any(|key| about.contains(key.table.as_str()));
                if points || table.columns.contains_key("account_id") {
                    about.insert(name);
                }
            }
            if about.len() == before {
                break;
            }
        }
        let missing: Vec<_> = about.difference(&listed).collect();
        assert!(
            missing.is_empty(),
            "say in store/privacy.rs whether a person gets these and what forgetting does to them: {missing:?}"
        );
        let unknown: Vec<_> = listed.iter().filter(|name| !schema.contains_key(**name)).collect();
        assert!(unknown.is_empty(), "there are no such tables: {unknown:?}");
    });
}

async fn an_export_has_everything_and_no_secret(world: World) {
    world.link(ANNA).await;
    world.signed_in(ANNA).await;
    let export = world.store.export(ANNA).await.unwrap();
    for personal in PERSONAL {
        assert_eq!(export.get(personal.table).is_some(), personal.export == Export::Yes, "{}", personal.table);
    }
    assert_eq!(export["account"][0]["email"], "anna@learner.example");
    assert_eq!(export["account"][0]["id"], ANNA.to_string());
    assert_eq!(export["account"][0]["created_at"], ManualClock::default().now().to_string());
    assert_eq!(export["certificate"][0]["code"], "NL-7F3K-9QWD");
    assert_eq!(export["enrolment"].as_array().unwrap().len(), 2);
    assert_eq!(export["mail"][0]["letter"]["kind"], "password_reset", "JSON is JSON on both engines");
    assert_eq!(export["session"].as_array().unwrap().len(), 1);
    let text = export.to_string();
    assert!(!text.contains("hash") && !text.contains(OLD_HASH) && !text.contains("bruno"), "{text}");
    assert_eq!(world.store.export(AccountId(world.uuid())).await.unwrap()["account"], serde_json::json!([]));
}

impl World {
    async fn due_erasure(&self, account: AccountId) -> Job {
        let due = self.store.ask_to_be_erased(account, self.uuid(), self.tick()).await.unwrap();
        assert_eq!(due, self.now() + GRACE);
        assert!(self.take_of(jobs::accounts::ERASE_ACCOUNT).await.is_empty(), "not before it is due");
        self.clock.set(due);
        self.take_of(jobs::accounts::ERASE_ACCOUNT).await.remove(0)
    }
}

async fn who_asks_is_forgotten_and_orders_stay(world: World) {
    world
        .execute(
            "INSERT INTO orders (id, number, account_id, course_id, total_minor, currency, status, created_at) \
             SELECT a.id, 'NL-1', a.id, c.id, 100, 'EUR', 'paid', a.created_at FROM account a, course c WHERE a.email = 'anna@learner.example' AND c.slug = 'first'",
        )
        .await;
    let session = world.signed_in(ANNA).await;
    let job = world.due_erasure(ANNA).await;
    assert!(world.store.session(&session.hash(), world.now()).await.unwrap().is_none(), "signed out at once");
    assert!(world.store.erase(&job, ANNA, world.now()).await.unwrap());
    let gone = world.store.account(ANNA).await.unwrap().unwrap();
    assert_eq!((gone.status, gone.name.as_str()), (AccountStatus::Erased, "Erased account"));
    assert!(!gone.email.contains("anna") && !gone.email.contains('@'), "{}", gone.email);
    assert!(world.store.account_by_email("anna@learner.example").await.unwrap().is_none());
    assert_eq!(world.store.orders(ANNA, Freshness::Fresh).await.unwrap().len(), 1, "what the law makes one keep");
    let left = world.store.export(ANNA).await.unwrap();
    for personal in PERSONAL.iter().filter(|personal| personal.erase == Erase::Delete && personal.export == Export::Yes) {
        assert_eq!(left[personal.table], serde_json::json!([]), "{}", personal.table);
    }
    assert!(world.store.certificate_by_code("NL-7F3K-9QWD").await.unwrap().is_none());
    assert_eq!(world.store.erased_certificate("NL-7F3K-9QWD").await.unwrap(), Some(world.now()));
    assert_eq!(world.store.erased_certificate("NL-0000-0000").await.unwrap(), None);
    let events: Vec<Event> = world.store.events_after(0, 10).await.unwrap().into_iter().map(|event| event.event).collect();
    assert_eq!(events.last(), Some(&Event::AccountDeleted { account: ANNA }));
    // Others are as they were, and the address is free.
    assert_eq!(world.store.courses(BRUNO, Freshness::Fresh).await.unwrap().len(), 1);
    assert!(world.store.people("", None, 10).await.unwrap().iter().all(|account| account.id != ANNA));
}

async fn signing_in_keeps_the_account(world: World) {
    world.store.ask_to_be_erased(ANNA, world.uuid(), world.tick()).await.unwrap();
    let checked = world.store.credentials(ANNA).await.unwrap().unwrap();
    let (now, id) = (world.tick(), world.uuid());
    assert!(world.store.sign_in(id, &world.token().hash(), &checked, now, now + Duration::from_secs(60)).await.unwrap());
    world.clock.advance(GRACE);
    let job = world.take_of(jobs::accounts::ERASE_ACCOUNT).await.remove(0);
    assert!(!world.store.erase(&job, ANNA, world.now()).await.unwrap());
    assert_eq!(world.store.account(ANNA).await.unwrap().unwrap().status, AccountStatus::Active);
    let letters: i64 = world.rows("mail").await;
    assert_eq!(letters, 2, "one that tells of it, one that it is cancelled");

    // Asked again later: that is another wish.
    let job = world.due_erasure(ANNA).await;
    assert!(world.store.erase(&job, ANNA, world.now()).await.unwrap());
}

porter_testkit::both_engines!(
    World::open;
    an_export_has_everything_and_no_secret,
    who_asks_is_forgotten_and_orders_stay,
    signing_in_keeps_the_account,
);
