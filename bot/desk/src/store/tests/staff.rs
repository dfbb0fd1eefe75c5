use super::*;
use crate::{domain::StaffMember, store::DeskError};

async fn staff_are_found_by_address_in_any_case(desk: Desk) {
    assert_eq!(desk.store.staff_count().await.unwrap(), 0);
    let new = NewStaff {
        id: StaffId(desk.uuid()),
        email: "Mina@Academy.example".to_owned(),
        name: "Mina".to_owned(),
        role: Role::Admin,
        password_hash: "$argon2id$1".to_owned(),
    };
    let member = desk.store.create_staff(&new, desk.tick()).await.unwrap();
    assert_eq!(
        member,
        StaffMember { id: new.id, email: "mina@academy.example".to_owned(), name: "Mina".to_owned(), role: Role::Admin }
    );
    for email in ["mina@academy.example", "MINA@ACADEMY.EXAMPLE"] {
        let found = desk.store.staff_by_email(email).await.unwrap().unwrap();
        assert_eq!((&found.member, found.password_hash.as_str()), (&member, "$argon2id$1"));
        assert!(!format!("{found:?}").contains("argon2id"));
    }
    assert!(desk.store.staff_by_email("mina").await.unwrap().is_none());
    assert!(desk.store.staff_by_email("mi\0na").await.unwrap().is_none());

    let twin = NewStaff { id: StaffId(desk.uuid()), email: "mina@academy.EXAMPLE".to_owned(), ..new.clone() };
    let refused = desk.store.create_staff(&twin, desk.tick()).await;
    assert!(matches!(refused, Err(DeskError::EmailTaken)));
    let same_id = NewStaff { email: "other@academy.example".to_owned(), ..new };
    let refused = desk.store.create_staff(&same_id, desk.tick()).await;
    assert!(matches!(refused, Err(DeskError::Db(_))), "not blamed on the address");
    assert_eq!(desk.store.staff_count().await.unwrap(), 1);
}

async fn a_session_lives_until_its_end(desk: Desk) {
    let mina = desk.agent("Mina").await;
    let (short, long) = (desk.token().hash(), desk.token().hash());
    let unknown = desk.token().hash();
    let now = desk.tick();
    desk.store.create_session(&short, mina, now, now + LEASE).await.unwrap();
    desk.store.create_session(&long, mina, now, now + 3 * LEASE).await.unwrap();

    let by = async |token, now| desk.store.staff_by_session(token, now).await.unwrap().map(|found| found.id);
    assert_eq!(by(&short, now).await, Some(mina));
    assert_eq!(by(&short, now + LEASE).await, None);
    assert_eq!(by(&long, now + LEASE).await, Some(mina));
    assert_eq!(by(&unknown, now).await, None);

    assert_eq!(desk.store.delete_expired(now + LEASE).await.unwrap(), 1);
    assert_eq!(by(&short, now).await, None);
    assert_eq!(desk.store.delete_expired(now + LEASE).await.unwrap(), 0);
}

async fn signing_out_ends_one_session(desk: Desk) {
    let mina = desk.agent("Mina").await;
    let (here, there) = (desk.token().hash(), desk.token().hash());
    let now = desk.tick();
    for token in [&here, &there] {
        desk.store.create_session(token, mina, now, now + LEASE).await.unwrap();
    }
    desk.store.delete_session(&here).await.unwrap();
    desk.store.delete_session(&here).await.unwrap();
    assert_eq!(desk.store.staff_by_session(&here, now).await.unwrap(), None);
    assert!(desk.store.staff_by_session(&there, now).await.unwrap().is_some());
}

async fn nobody_gets_no_session(desk: Desk) {
    let now = desk.tick();
    let nobody = StaffId(desk.uuid());
    let refused = desk.store.create_session(&desk.token().hash(), nobody, now, now + LEASE).await;
    assert!(matches!(refused, Err(DeskError::NoStaff)));
}

porter_testkit::both_engines!(
    Desk::open;
    staff_are_found_by_address_in_any_case,
    a_session_lives_until_its_end,
    signing_out_ends_one_session,
    nobody_gets_no_session,
);
