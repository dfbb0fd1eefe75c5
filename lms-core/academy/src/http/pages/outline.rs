//! A course's lessons by module, for every page that shows them.

use crate::domain::catalogue::{CourseOutline, LessonCard, ModuleId};

/// A module with its lessons; the lessons of no module have none.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) id: Option<ModuleId>,
    pub(super) title: Option<&'a str>,
    pub(super) lessons: Vec<&'a LessonCard>,
}

/// The modules in their order, the lessons of no module first. `all`: also what is not published, and modules without lessons.
pub(super) fn parts(outline: &CourseOutline, all: bool) -> Vec<Part<'_>> {
    let of = |module: Option<ModuleId>| {
        outline.lessons.iter().filter(move |lesson| lesson.module == module && (all || lesson.published))
    };
    let loose = Part { id: None, title: None, lessons: of(None).collect() };
    let modules = outline.modules.iter().map(|module| Part {
        id: Some(module.id),
        title: Some(module.title.as_str()),
        lessons: of(Some(module.id)).collect(),
    });
    std::iter::once(loose).chain(modules).filter(|part| !part.lessons.is_empty() || (all && part.id.is_some())).collect()
}

/// The published lessons in the order in which they are shown.
pub(super) fn lessons(outline: &CourseOutline) -> Vec<&LessonCard> {
    parts(outline, false).into_iter().flat_map(|part| part.lessons).collect()
}
