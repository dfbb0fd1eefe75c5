//! The questions of the demo courses: the files `content/<course>/NN-name.quiz.toml`, part of the binary.

use porter_kernel::clock::Timestamp;
use rust_embed::RustEmbed;

use crate::domain::LessonKind;
use crate::domain::quiz::{FileError, Quiz, parse};
use crate::store::{Seed, SeedLesson, SeedQuiz};

#[derive(RustEmbed)]
#[folder = "content/"]
struct Content;

const ENDING: &str = ".quiz.toml";

/// The quizzes of all lessons of the seed that have a file: one with the lesson's title, or else its place.
pub(super) fn of(seed: &Seed, at: Timestamp) -> Vec<SeedQuiz> {
    let files: Vec<String> = Content::iter().filter(|path| path.ends_with(ENDING)).map(Into::into).collect();
    let quiz = |lesson: &SeedLesson| {
        let course = seed.courses.iter().find(|course| course.id == lesson.course)?;
        let path = file_of(&files, &course.slug, lesson)?;
        match read(path)? {
            Ok(quiz) => Some(SeedQuiz { lesson: lesson.id, quiz, at }),
            Err(error) => {
                tracing::error!(path, %error, "a quiz of the demo cannot be read");
                None
            }
        }
    };
    seed.lessons.iter().filter(|lesson| lesson.kind == LessonKind::Quiz).filter_map(quiz).collect()
}

fn file_of<'a>(files: &'a [String], slug: &str, lesson: &SeedLesson) -> Option<&'a str> {
    let named = format!("-{}{ENDING}", slugified(&lesson.title));
    let placed = format!("{:02}-", lesson.position);
    let mut own = files.iter().filter_map(|path| Some((path, path.strip_prefix(slug)?.strip_prefix('/')?)));
    let by_title = own.clone().find(|(_, name)| name.ends_with(&named));
    by_title.or_else(|| own.find(|(_, name)| name.starts_with(&placed))).map(|(path, _)| path.as_str())
}

fn read(path: &str) -> Option<Result<Quiz, FileError>> {
    let file = Content::get(path)?;
    Some(parse(&String::from_utf8_lossy(&file.data)))
}

/// `From question to conclusion` is `from-question-to-conclusion`.
fn slugified(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use porter_kernel::clock::{Clock as _, ManualClock};
    use porter_kernel::ids::SequentialIds;

    use super::*;

    #[test]
    fn every_file_is_a_good_quiz_and_belongs_to_a_lesson() {
        let seed = crate::demo::academy(ManualClock::default().now(), &SequentialIds::default(), "$argon2id$demo");
        let files: Vec<String> = Content::iter().filter(|path| path.ends_with(ENDING)).map(Into::into).collect();
        for path in &files {
            read(path).unwrap().unwrap_or_else(|error| panic!("{path}:\n{error}"));
        }
        let data = seed.courses.iter().find(|course| course.slug == "data-analysis-from-zero").unwrap();
        let quizzes: Vec<_> =
            seed.lessons.iter().filter(|lesson| lesson.course == data.id && lesson.kind == LessonKind::Quiz).collect();
        assert_eq!(quizzes.len(), 4);
        for lesson in quizzes {
            let quiz = &seed.quizzes.iter().find(|quiz| quiz.lesson == lesson.id).unwrap().quiz;
            assert!((8..=10).contains(&quiz.questions.len()), "{}", lesson.title);
            let kinds: BTreeSet<&str> = quiz.questions.iter().map(|question| question.kind.word()).collect();
            assert_eq!(kinds.len(), 5, "{}: {kinds:?}", lesson.title);
            assert!(quiz.questions.iter().all(|question| question.explanation.is_some()), "{}", lesson.title);
        }
        assert_eq!(seed.quizzes.len(), files.len(), "a file without a lesson");
    }
}
