//! An instructor works on a course.

use super::*;
use crate::domain::catalogue::*;

impl World {
    /// Title and module of each lesson, in their order.
    async fn order(&self) -> Vec<(String, Option<ModuleId>)> {
        let outline = self.store.outline("first", self.now()).await.unwrap().unwrap();
        outline.lessons.into_iter().map(|lesson| (lesson.title, lesson.module)).collect()
    }
}

fn titles(order: &[(String, Option<ModuleId>)]) -> Vec<&str> {
    order.iter().map(|(title, _)| title.as_str()).collect()
}

async fn what_is_said_about_a_course_can_be_changed(world: World) {
    let mut card = world.store.outline("first", world.now()).await.unwrap().unwrap().course;
    card.title = "New\0 title".to_owned();
    card.level = Level::Advanced;
    card.pass_percent = 80;
    card.starts_at = Some(world.now());
    world.store.change_course(&card).await.unwrap();
    let changed = world.store.outline("first", world.now()).await.unwrap().unwrap().course;
    assert_eq!((changed.level, changed.pass_percent, changed.starts_at), (Level::Advanced, 80, Some(world.now())));
    assert!(!changed.title.contains('\0'));
    card.id = CourseId(world.uuid());
    assert!(matches!(world.store.change_course(&card).await, Err(AcademyError::NotFound)));
}

async fn modules_and_lessons_are_added_and_moved(world: World) {
    let (one, two) = (ModuleId(world.uuid()), ModuleId(world.uuid()));
    world.store.add_module(FIRST, one, "One").await.unwrap();
    world.store.add_module(FIRST, two, "Two").await.unwrap();
    let (a, b, c) = (LessonId(world.uuid()), LessonId(world.uuid()), LessonId(world.uuid()));
    world.store.add_lesson(FIRST, two, c, "C", LessonKind::Text, 5).await.unwrap();
    world.store.add_lesson(FIRST, one, a, "A", LessonKind::Text, 5).await.unwrap();
    world.store.add_lesson(FIRST, one, b, "B", LessonKind::Video, 5).await.unwrap();
    assert_eq!(titles(&world.order().await), ["Lesson 1", "Lesson 2", "Lesson 3", "A", "B", "C"]);
    world.store.move_lesson(FIRST, b, Step::Up).await.unwrap();
    assert_eq!(titles(&world.order().await)[3..], ["B", "A", "C"]);
    world.store.move_lesson(FIRST, a, Step::Down).await.unwrap();
    let order = world.order().await;
    assert_eq!((titles(&order)[3..].to_vec(), order[4].1), (vec!["B", "A", "C"], Some(two)), "over the edge of its module");
    world.store.move_lesson(FIRST, c, Step::Down).await.unwrap();
    assert_eq!(titles(&world.order().await)[3..], ["B", "A", "C"], "at the end already");
    world.store.move_module(FIRST, two, Step::Up).await.unwrap();
    assert_eq!(titles(&world.order().await)[3..], ["A", "C", "B"], "a module takes its lessons along");
    world.store.move_module(FIRST, two, Step::Up).await.unwrap();
    world.store.rename_module(FIRST, one, "First").await.unwrap();
    let outline = world.store.outline("first", world.now()).await.unwrap().unwrap();
    assert_eq!(outline.modules, [Module { id: two, title: "Two".to_owned() }, Module { id: one, title: "First".to_owned() }]);
    let full = world.store.remove_module(FIRST, one).await;
    assert!(matches!(full, Err(AcademyError::Refused(Refusal::ModuleNotEmpty))), "{full:?}");
    world.store.move_lesson(FIRST, b, Step::Up).await.unwrap();
    world.store.remove_module(FIRST, one).await.unwrap();
    assert_eq!(world.store.courses(BRUNO).await.unwrap()[0].lessons.len(), 3, "new lessons are not published yet");
}

async fn another_courses_things_are_as_none(world: World) {
    let (module, now) = (ModuleId(world.uuid()), world.now());
    world.store.add_module(SECOND, module, "Elsewhere").await.unwrap();
    let theirs = lesson(SECOND, 1);
    let (text, ..) = world.store.lesson_text(SECOND, theirs).await.unwrap().unwrap();
    assert!(world.store.lesson_text(FIRST, theirs).await.unwrap().is_none());
    let outcomes = [
        world.store.rename_module(FIRST, module, "Mine").await,
        world.store.move_module(FIRST, module, Step::Up).await,
        world.store.remove_module(FIRST, module).await,
        world.store.add_lesson(FIRST, module, LessonId(world.uuid()), "Mine", LessonKind::Text, 1).await,
        world.store.change_lesson(FIRST, theirs, &text).await,
        world.store.publish_lesson(FIRST, theirs, false).await,
        world.store.move_lesson(FIRST, theirs, Step::Down).await,
        world.store.change_cohort(FIRST, CohortId(world.uuid()), &super::catalogue::dates(now, None), now).await,
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(AcademyError::NotFound)), "{outcome:?}");
    }
}

async fn a_lesson_is_rewritten_and_published(world: World) {
    let text = LessonText {
        title: "Anew".to_owned(),
        minutes: 12,
        body: "# A heading".to_owned(),
        media: Some("/media/a.webm".to_owned()),
        captions: None,
        opens_at: Some(world.now()),
    };
    world.store.change_lesson(FIRST, lesson(FIRST, 2), &text).await.unwrap();
    assert_eq!(world.store.lesson_text(FIRST, lesson(FIRST, 2)).await.unwrap(), Some((text.clone(), LessonKind::Video, true)));
    world.store.publish_lesson(FIRST, lesson(FIRST, 2), false).await.unwrap();
    assert_eq!(world.store.lesson_text(FIRST, lesson(FIRST, 2)).await.unwrap(), Some((text, LessonKind::Video, false)));
}

async fn learners_are_listed_page_by_page(world: World) {
    let (rows, all) = world.store.learners_of(FIRST, 2, 0).await.unwrap();
    assert_eq!((rows.len(), all), (2, 3));
    let (rest, _) = world.store.learners_of(FIRST, 2, 2).await.unwrap();
    let names: std::collections::BTreeSet<_> =
        rows.iter().chain(&rest).map(|row| (row.name.as_str(), row.lessons_completed)).collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), [("Anna Keller", 3), ("Bruno Costa", 3), ("Hanna Berg", 1)]);
    assert_eq!(rows[0].last_seen, Some(world.now()));
}

porter_testkit::both_engines!(World::open;
    what_is_said_about_a_course_can_be_changed,
    modules_and_lessons_are_added_and_moved,
    another_courses_things_are_as_none,
    a_lesson_is_rewritten_and_published,
    learners_are_listed_page_by_page,
);
