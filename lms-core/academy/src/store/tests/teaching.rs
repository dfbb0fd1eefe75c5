//! Who teaches what.

use super::*;

async fn a_course_is_taught_by_whom_it_was_given_to(world: World) {
    assert!(!world.store.teaches(BRUNO, FIRST).await.unwrap());
    assert_eq!(world.store.courses_taught(BRUNO).await.unwrap(), []);
    for course in [SECOND, FIRST, FIRST] {
        world.store.let_teach(BRUNO, course).await.unwrap();
    }
    assert!(world.store.teaches(BRUNO, FIRST).await.unwrap());
    assert!(!world.store.teaches(ANNA, FIRST).await.unwrap(), "nobody else does");
    let taught = world.store.courses_taught(BRUNO).await.unwrap();
    assert_eq!(taught.len(), 2);
    assert!(taught.is_sorted_by_key(|(_, _, title)| title.clone()), "{taught:?}");
    assert_eq!(taught.iter().filter(|(course, ..)| *course == FIRST).count(), 1);
}

async fn a_course_or_an_account_that_is_not_there_cannot_be_given(world: World) {
    assert!(world.store.let_teach(BRUNO, CourseId(world.uuid())).await.is_err());
    assert!(world.store.let_teach(AccountId(world.uuid()), FIRST).await.is_err());
}

porter_testkit::both_engines!(World::open; a_course_is_taught_by_whom_it_was_given_to, a_course_or_an_account_that_is_not_there_cannot_be_given);
