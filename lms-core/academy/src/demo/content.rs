//! What the demo academy's courses say: folders of the binary, one a course, with a `course.toml` and a file a lesson.
//!
//! `course.toml` has the facts, and for each module its lessons with kind, title, minutes and `file`; the texts lie beside it: `FILE.md` (a text, or
//! a video's notes), `FILE.quiz.toml`, `FILE.assignment.toml`. A file that is not there is a lesson whose text is still to be written.

use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::domain::LessonKind;
use crate::domain::catalogue::{Admission, Level};

#[derive(RustEmbed)]
#[folder = "content/"]
struct Content;

/// A course's folder, read.
#[derive(Debug)]
pub struct CourseFolder {
    /// The folder's name.
    pub slug: String,
    pub course: CourseFile,
}

/// `course.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourseFile {
    pub title: String,
    pub summary: String,
    /// Markdown.
    pub description: String,
    pub level: Level,
    pub language: String,
    pub signatory: String,
    pub signatory_role: String,
    /// The address of who teaches it.
    pub instructor: String,
    /// In cents.
    pub price: i64,
    pub kind: Admission,
    /// Folders of the courses that come first.
    pub prerequisites: Vec<String>,
    /// From the making of the academy on; without it, at once.
    pub starts_in_days: Option<u64>,
    #[serde(default)]
    pub cohort: Vec<CohortFile>,
    pub module: Vec<ModuleFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CohortFile {
    pub name: String,
    pub starts_in_days: u64,
    pub weeks: u64,
    pub seats: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleFile {
    pub title: String,
    pub lesson: Vec<LessonFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonFile {
    /// `assignment` is a text, off which an assignment hangs.
    pub kind: FileKind,
    pub title: String,
    pub minutes: i64,
    /// Without an ending.
    pub file: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    Text,
    Video,
    Quiz,
    Assignment,
}

impl FileKind {
    /// What the lesson is in the academy.
    #[must_use]
    pub fn lesson(self) -> LessonKind {
        match self {
            Self::Text | Self::Assignment => LessonKind::Text,
            Self::Video => LessonKind::Video,
            Self::Quiz => LessonKind::Quiz,
        }
    }
}

impl CourseFolder {
    /// The text of a lesson's file with this ending, such as `md` or `quiz.toml`, when there is one.
    #[must_use]
    pub fn text(&self, lesson: &LessonFile, ending: &str) -> Option<String> {
        read(&format!("{}/{}.{ending}", self.slug, lesson.file))
    }
}

fn read(path: &str) -> Option<String> {
    String::from_utf8(Content::get(path)?.data.into_owned()).ok()
}

/// Every course, by its folder's name. A folder that cannot be read is left out; a test sees to it that there is none.
#[must_use]
pub fn courses() -> Vec<CourseFolder> {
    let mut slugs: Vec<String> = Content::iter().filter_map(|path| path.strip_suffix("/course.toml").map(str::to_owned)).collect();
    slugs.sort();
    slugs.into_iter().filter_map(|slug| folder(&slug).ok()).collect()
}

fn folder(slug: &str) -> Result<CourseFolder, String> {
    let text = read(&format!("{slug}/course.toml")).ok_or("there is no course.toml")?;
    let course = toml::from_str(&text).map_err(|error| error.to_string())?;
    Ok(CourseFolder { slug: slug.to_owned(), course })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_folder_can_be_read_and_every_file_belongs_to_a_lesson() {
        let mut known = BTreeSet::new();
        let slugs: BTreeSet<String> = Content::iter().map(|path| path.split('/').next().unwrap().to_owned()).collect();
        for slug in &slugs {
            let folder = folder(slug).unwrap_or_else(|error| panic!("{slug}: {error}"));
            assert!(folder.course.prerequisites.iter().all(|needed| slugs.contains(needed) && needed != slug), "{slug}");
            assert_eq!(folder.course.kind == Admission::Free, folder.course.price == 0, "{slug}");
            known.insert(format!("{slug}/course.toml"));
            for lesson in folder.course.module.iter().flat_map(|module| &module.lesson) {
                for ending in ["md", "quiz.toml", "assignment.toml"] {
                    known.insert(format!("{slug}/{}.{ending}", lesson.file));
                }
            }
        }
        let strays: Vec<_> = Content::iter().filter(|path| !known.contains(path.as_ref())).collect();
        assert!(strays.is_empty(), "{strays:?}");
        assert_eq!(courses().len(), slugs.len());
    }
}
