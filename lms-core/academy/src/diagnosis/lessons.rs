//! What a learner has done in a course, counted.

use porter_kernel::clock::Timestamp;

use super::finding::{Finding, LEARNING, Mood, Reason};
use super::words::{count, date, percent, quoted, title};
use crate::domain::{CourseFacts, LessonFacts, LessonKind};
use crate::policy::Policy;

/// The lessons of a course in their order.
#[derive(Debug)]
pub(super) struct Lessons<'a> {
    course: &'a CourseFacts,
    all: Vec<&'a LessonFacts>,
}

impl<'a> Lessons<'a> {
    pub(super) fn of(course: &'a CourseFacts) -> Self {
        let mut all: Vec<&LessonFacts> = course.lessons.iter().collect();
        all.sort_by_key(|lesson| lesson.position);
        Self { course, all }
    }

    pub(super) fn total(&self) -> usize {
        self.all.len()
    }

    pub(super) fn done(&self) -> usize {
        self.all.iter().filter(|lesson| lesson.completed_at.is_some()).count()
    }

    /// How much is done, in whole percent rounded down; 0 for a course without lessons.
    pub(super) fn share(&self) -> i64 {
        let share = self.done().saturating_mul(100).checked_div(self.total()).unwrap_or(0);
        i64::try_from(share).unwrap_or(100)
    }

    /// The first that is not finished.
    pub(super) fn next(&self) -> Option<&'a LessonFacts> {
        self.open().next()
    }

    /// Those that are not finished.
    pub(super) fn open(&self) -> impl Iterator<Item = &'a LessonFacts> {
        self.all.iter().copied().filter(|lesson| lesson.completed_at.is_none())
    }

    pub(super) fn last_activity(&self) -> Option<Timestamp> {
        self.all.iter().filter_map(|lesson| lesson.updated_at.max(lesson.completed_at)).max()
    }

    /// Quizzes that were taken and whose best result is not enough.
    pub(super) fn below_pass(&self) -> impl Iterator<Item = &'a LessonFacts> {
        let needed = self.course.pass_percent;
        self.all
            .iter()
            .copied()
            .filter(move |lesson| lesson.is_below(needed) && (lesson.attempts > 0 || lesson.completed_at.is_some()))
    }

    /// `Quiz 3`, counted among the quizzes, or `Lesson 4`.
    pub(super) fn number(&self, lesson: &LessonFacts) -> String {
        if lesson.kind == LessonKind::Quiz {
            let quizzes = self.all.iter().filter(|other| other.kind == LessonKind::Quiz);
            let place = quizzes.take_while(|other| other.id != lesson.id).count();
            return format!("Quiz {}", place.saturating_add(1));
        }
        format!("Lesson {}", lesson.position)
    }

    /// `Quiz 3 “Reading charts”`.
    pub(super) fn name(&self, lesson: &LessonFacts) -> String {
        format!("{} {}", self.number(lesson), quoted(&lesson.title))
    }

    /// The counts as evidence.
    fn counted(&self, finding: Finding) -> Finding {
        let finding = finding.evidence("Lessons finished", format!("{} of {}", self.done(), self.total()));
        match self.last_activity() {
            Some(at) => finding.evidence("Last activity", date(at)),
            None => finding,
        }
    }
}

/// The course has no lessons.
pub(super) fn empty(course: &CourseFacts) -> Finding {
    let sentence = format!("{} has no lessons yet.", quoted(&course.title));
    Finding::new(title(&course.title), Reason::CourseEmpty, Mood::Problem, sentence)
        .evidence("Enrolled", date(course.enrolled_at))
        .remedy("A person has to look at this course.")
        .needs_person()
}

/// Nothing was done yet.
pub(super) fn not_started(course: &CourseFacts, lessons: &Lessons<'_>) -> Option<Finding> {
    if lessons.done() > 0 || lessons.last_activity().is_some() {
        return None;
    }
    let many = count(lessons.total(), "lesson", "lessons");
    let sentence = format!("You have not started {} yet: it has {many}, and none of them was opened.", quoted(&course.title));
    let finding = Finding::new(title(&course.title), Reason::NotStarted, Mood::Problem, sentence);
    Some(lessons.counted(finding).remedy_at("Begin with the first lesson.", LEARNING))
}

/// Lessons are left: how many, and which is next.
pub(super) fn missing(course: &CourseFacts, lessons: &Lessons<'_>, policy: &Policy) -> Option<Finding> {
    let next = lessons.next()?;
    let sentence = format!(
        "{} of {} of {} {} finished. The next one is {}{}.",
        lessons.done(),
        count(lessons.total(), "lesson", "lessons"),
        quoted(&course.title),
        if lessons.done() == 1 { "is" } else { "are" },
        lessons.name(next),
        state(next, policy),
    );
    let finding = Finding::new(title(&course.title), Reason::LessonsMissing, Mood::Problem, sentence);
    Some(lessons.counted(finding).evidence("Next", lessons.name(next)).remedy_at("Go on with it in My learning.", LEARNING))
}

fn state(lesson: &LessonFacts, policy: &Policy) -> String {
    match lesson.kind {
        LessonKind::Video if lesson.percent > 0 && lesson.percent < policy.watched_percent => format!(
            ", a video of which you have watched {}; it counts from {}",
            percent(lesson.percent),
            percent(policy.watched_percent)
        ),
        _ => String::new(),
    }
}

/// A quiz was not passed: how far off, and how often it can still be taken.
pub(super) fn below_pass(course: &CourseFacts, lessons: &Lessons<'_>, policy: &Policy) -> Option<Finding> {
    let below: Vec<&LessonFacts> = lessons.below_pass().collect();
    let first = *below.first()?;
    let needed = percent(course.pass_percent);
    let mut sentence =
        format!("{} of {} is at {}, and {needed} is needed.", lessons.name(first), quoted(&course.title), percent(first.percent),);
    let more = below.len().saturating_sub(1);
    if more > 0 {
        sentence.push_str(&format!(" {} below it too.", count(more, "other quiz is", "other quizzes are")));
    }
    let mut finding = Finding::new(title(&course.title), Reason::QuizBelowPass, Mood::Problem, sentence);
    for quiz in below.iter().take(4) {
        let result = format!("{} ({})", percent(quiz.percent), times(quiz.attempts));
        finding = finding.evidence(&lessons.number(quiz), result);
    }
    let finding = finding.evidence("Needed", needed);
    let left = policy.quiz_attempts.saturating_sub(first.attempts);
    Some(if left > 0 {
        let attempts = if left == 1 { "1 attempt is".to_owned() } else { format!("{left} attempts are") };
        finding.remedy_at(format!("Take the quiz again: {attempts} left, and your best result counts."), LEARNING)
    } else {
        finding.remedy(format!(
            "All {} attempts are used. If a technical fault used up one of them, a person can check it.",
            policy.quiz_attempts
        ))
    })
}

fn times(attempts: i64) -> String {
    match attempts {
        1 => "best of 1 attempt".to_owned(),
        many => format!("best of {many} attempts"),
    }
}

/// A video was not watched far enough.
pub(super) fn not_watched(course: &CourseFacts, lessons: &Lessons<'_>, policy: &Policy) -> Option<Finding> {
    let short = |lesson: &&LessonFacts| lesson.kind == LessonKind::Video && (1..policy.watched_percent).contains(&lesson.percent);
    let videos: Vec<&LessonFacts> = lessons.open().filter(short).collect();
    let first = *videos.first()?;
    let needed = percent(policy.watched_percent);
    let sentence = format!(
        "{} of {} is a video of which you have watched {}. It counts as finished from {needed}, and parts that were skipped are not watched.",
        lessons.name(first),
        quoted(&course.title),
        percent(first.percent),
    );
    let mut finding = Finding::new(title(&course.title), Reason::VideoNotWatched, Mood::Problem, sentence);
    for video in videos.iter().take(4) {
        finding = finding.evidence(&lessons.number(video), format!("watched {}", percent(video.percent)));
    }
    Some(finding.evidence("Needed", needed).remedy_at("Play the parts that you skipped.", LEARNING))
}

/// A record that contradicts itself.
pub(super) fn not_counted(course: &CourseFacts, lessons: &Lessons<'_>, policy: &Policy) -> Option<Finding> {
    let enough = |lesson: &&LessonFacts| match lesson.kind {
        LessonKind::Text => lesson.percent >= 100,
        LessonKind::Video => lesson.percent >= policy.watched_percent,
        LessonKind::Quiz => lesson.attempts > 0,
    };
    let lesson = lessons.open().find(enough)?;
    let what = match lesson.kind {
        LessonKind::Text => "was read to its end".to_owned(),
        LessonKind::Video => {
            format!("was watched to {}, and {} is enough", percent(lesson.percent), percent(policy.watched_percent))
        }
        LessonKind::Quiz => format!("was submitted, with {} as its best result", percent(lesson.percent)),
    };
    let sentence = format!(
        "{} of {} {what}, but it is not marked as finished. The record contradicts itself, which is our mistake.",
        lessons.name(lesson),
        quoted(&course.title),
    );
    let finding = Finding::new(title(&course.title), Reason::NotCounted, Mood::Problem, sentence);
    Some(lessons.counted(finding).remedy("A person has to correct the record.").needs_person())
}

/// Everything counts, and something is left to do.
pub(super) fn all_counted(course: &CourseFacts, lessons: &Lessons<'_>) -> Finding {
    let next = lessons.next().map(|next| format!(" The next one is {}.", lessons.name(next))).unwrap_or_default();
    let sentence = format!(
        "{} of {} of {} {} finished, and what you have finished is counted.{next}",
        lessons.done(),
        count(lessons.total(), "lesson", "lessons"),
        quoted(&course.title),
        if lessons.done() == 1 { "is" } else { "are" },
    );
    let finding = Finding::new(title(&course.title), Reason::ProgressCounted, Mood::Good, sentence);
    lessons.counted(finding).remedy_at("Go on in My learning.", LEARNING)
}

/// Nothing is left.
pub(super) fn complete(course: &CourseFacts, lessons: &Lessons<'_>) -> Finding {
    let last = course.lessons.iter().filter_map(|lesson| lesson.completed_at).max();
    let on = last.map(|at| format!(", the last one on {}", date(at))).unwrap_or_default();
    let many = count(lessons.total(), "lesson", "lessons");
    let sentence = format!("{} is complete: you have finished all of its {many}{on}.", quoted(&course.title));
    let finding = Finding::new(title(&course.title), Reason::CourseComplete, Mood::Good, sentence);
    lessons.counted(finding).remedy_at("Look at it in My learning.", LEARNING)
}
